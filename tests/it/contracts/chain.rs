//! The chains that the contracts are tested on: an EVM in this process, or an anvil of the test's own.

use std::{fmt, time::Duration};

use alloy::primitives::{Address, Bytes, Log, U256};
use serde::Deserialize;
use serde_json::{Value, json};
use taskstorm::{
    chain::{
        anvil::{Anvil, Config},
        embedded::{Evm, Message, Outcome, Status},
        rpc::Http,
    },
    hardfork::Hardfork,
};
use tokio::runtime::{Builder, Runtime};

use crate::support::anvil;

/// Gas of a transaction or a call on anvil, as much as the embedded EVM gives.
const GAS: &str = "0xf42400";

/// Which chain a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Embedded,
    Anvil,
}

/// A chain that takes transactions from any account, without fees, and whose clock the test sets.
#[derive(Debug)]
pub(super) enum Chain {
    Embedded(Box<Evm>),
    Anvil(Box<Node>),
}

impl Chain {
    /// An empty chain.
    pub(super) fn new(kind: Kind, hardfork: Hardfork) -> Self {
        match kind {
            Kind::Embedded => Self::Embedded(Box::new(Evm::new(hardfork, 31_337))),
            Kind::Anvil => Self::Anvil(Box::new(Node::start(hardfork))),
        }
    }

    /// Executes a transaction in the current block, or in a block of its own with the same timestamp.
    pub(super) fn transact(&mut self, message: Message) -> Outcome {
        match self {
            Self::Embedded(evm) => evm.transact(message).expect("a valid transaction"),
            Self::Anvil(node) => node.transact(&message),
        }
    }

    /// Executes a call and forgets what it changed. On anvil it must succeed.
    pub(super) fn call(&mut self, message: Message) -> Outcome {
        match self {
            Self::Embedded(evm) => evm.call(message).expect("a valid call"),
            Self::Anvil(node) => node.call(&message),
        }
    }

    /// In wei.
    pub(super) fn balance(&self, account: Address) -> U256 {
        match self {
            Self::Embedded(evm) => evm.balance(account),
            Self::Anvil(node) => node.ask("eth_getBalance", json!([account, "latest"])),
        }
    }

    /// Gives the account this balance in wei.
    pub(super) fn set_balance(&mut self, account: Address, balance: U256) {
        match self {
            Self::Embedded(evm) => evm.set_balance(account, balance),
            Self::Anvil(node) => node.ask("anvil_setBalance", json!([account, balance])),
        }
    }

    /// In seconds.
    pub(super) fn timestamp(&self) -> u64 {
        match self {
            Self::Embedded(evm) => evm.timestamp(),
            Self::Anvil(node) => node.timestamp,
        }
    }

    /// Sets the number (embedded only; anvil counts its own blocks) and the timestamp of the blocks that follow. Anvil's
    /// time never goes back.
    pub(super) fn set_block(&mut self, number: u64, timestamp: u64) {
        match self {
            Self::Embedded(evm) => evm.set_block(number, timestamp),
            Self::Anvil(node) => node.timestamp = timestamp,
        }
    }
}

/// An anvil that mines a block for each transaction.
pub(super) struct Node {
    http: Http,
    /// Of the next blocks, in seconds.
    timestamp: u64,
    /// Ends when dropped, before the runtime that watches over it.
    _anvil: Anvil,
    runtime: Runtime,
}

/// What a receipt says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    status: U256,
    gas_used: U256,
    contract_address: Option<Address>,
    logs: Vec<Log>,
}

/// What anvil recorded of a call.
#[derive(Debug, Deserialize)]
struct Trace {
    error: Option<String>,
    result: Option<TraceResult>,
}

#[derive(Debug, Deserialize)]
struct TraceResult {
    /// Return or revert data of a call.
    output: Option<Bytes>,
    /// The code that a creation stored.
    code: Option<Bytes>,
}

impl Node {
    fn start(hardfork: Hardfork) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let config = Config {
            // Blocks come when the test asks for them. They are large and without a base fee, so nobody needs a balance.
            block_time: Duration::from_secs(86_400),
            gas_limit: 1_000_000_000,
            base_fee: Some(0),
            hardfork: hardfork.to_string(),
            ..Config::default()
        };
        let anvil = runtime.block_on(anvil::start(&config));
        let node = Self {
            http: Http::new(&anvil.http_url()).expect("a client"),
            timestamp: 0,
            _anvil: anvil,
            runtime,
        };
        node.ask::<Value>("anvil_autoImpersonateAccount", json!([true]));
        node
    }

    fn ask<T: serde::de::DeserializeOwned>(&self, method: &'static str, params: Value) -> T {
        let answer = self.runtime.block_on(self.http.call(method, params));
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    fn transact(&self, message: &Message) -> Outcome {
        let hash: Value = self.ask("eth_sendTransaction", json!([request(message)]));
        self.ask::<Value>("evm_setNextBlockTimestamp", json!([self.timestamp]));
        self.ask::<Value>("evm_mine", json!([]));
        let receipt: Receipt = self.ask("eth_getTransactionReceipt", json!([hash]));
        let traces: Vec<Trace> = self.ask("trace_transaction", json!([hash]));
        // The first is the transaction itself, those that follow are calls within it.
        let trace = traces.into_iter().next().expect("a trace");
        let status = match trace.error.as_deref() {
            None => Status::Success,
            Some("Reverted") => Status::Reverted,
            Some(_) => Status::Halted,
        };
        assert_eq!(status == Status::Success, receipt.status == U256::ONE);
        let output = trace.result.and_then(|result| result.output.or(result.code));
        Outcome {
            status,
            gas_used: receipt.gas_used.to(),
            output: output.unwrap_or_default(),
            logs: receipt.logs,
            created: receipt.contract_address,
            breakdown: None,
        }
    }

    fn call(&self, message: &Message) -> Outcome {
        Outcome {
            status: Status::Success,
            gas_used: 0,
            output: self.ask("eth_call", json!([request(message), "latest"])),
            logs: vec![],
            created: None,
            breakdown: None,
        }
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Node").finish_non_exhaustive()
    }
}

fn request(message: &Message) -> Value {
    let mut request = json!({
        "from": message.from,
        "value": message.value,
        "input": message.data,
        "gas": GAS,
        "gasPrice": "0x0",
    });
    if let Some(to) = message.to {
        request["to"] = json!(to);
    }
    request
}

//! Transactions as a chain is asked for them; blocks, receipts and logs as it reports them.

use alloy::primitives::{Address, B256, Bytes, U256};
use serde::Deserialize;

use crate::{gas::GasBreakdown, time::Micros};

/// How many of the latest blocks may still be replaced by others: what they held is remembered, so that it can be undone.
pub const REORG_DEPTH: u64 = 64;

/// A transaction's content: everything but account, nonce and fees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The contract; `None` creates one.
    pub to: Option<Address>,
    /// Wei sent along.
    pub value: U256,
    /// Calldata, or init code.
    pub input: Bytes,
    /// The most gas that it may use.
    pub gas_limit: u64,
}

impl Invocation {
    /// Gas that each byte more than before may use: calldata, and what it takes to keep it as code.
    const GAS_PER_BYTE: u64 = 320;
    /// Gas that longer calldata may use at least.
    const GAS_OF_LONGER: u64 = 200_000;
    /// The most gas that a transaction may have from the Osaka hardfork on (EIP-7825).
    const MOST_GAS: u64 = 1 << 24;

    /// The same with other calldata, and with room for it if that is longer.
    #[must_use]
    pub fn with_input(self, input: Bytes) -> Self {
        let gas_limit = match input.len().checked_sub(self.input.len()) {
            None | Some(0) => self.gas_limit,
            Some(more) => {
                let more = Self::GAS_OF_LONGER + more as u64 * Self::GAS_PER_BYTE;
                self.gas_limit
                    .saturating_add(more)
                    .min(self.gas_limit.max(Self::MOST_GAS))
            }
        };
        Self {
            input,
            gas_limit,
            ..self
        }
    }
}

/// A block and what its transactions did.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its number.
    pub number: u64,
    /// Its timestamp in seconds since the Unix epoch.
    pub timestamp: u64,
    /// When the run learned that it exists.
    pub seen: Micros,
    /// Gas that its transactions used.
    pub gas_used: u64,
    /// Gas that it could have held.
    pub gas_limit: u64,
    /// Base fee in wei per gas.
    pub base_fee: u64,
    /// Its transactions' receipts, in their order.
    pub receipts: Vec<Receipt>,
}

/// What the logs of a block tell of it, before the gas of its transactions is known.
#[derive(Clone, Debug)]
pub struct BlockLogs<L = Log> {
    /// Its number.
    pub number: u64,
    /// Its timestamp in seconds since the Unix epoch.
    pub timestamp: u64,
    /// When the run learned that it exists.
    pub seen: Micros,
    /// The hash and the logs of each transaction that wrote any, in their order. These succeeded: what fails leaves none.
    pub transactions: Vec<(B256, Vec<L>)>,
}

/// Which events of which contract are worth hearing of before the rest of their block.
#[derive(Clone, Debug)]
pub struct LogPriority {
    /// The contract.
    pub contract: Address,
    /// Topics of the events that are answered without any delay.
    pub immediate: Vec<B256>,
    /// Topics of the events that are answered after a delay of somebody's own, which may be short.
    pub next: Vec<B256>,
    /// Whether some transactions are about what they return: no log counts before the receipts of its block are read.
    pub returns: bool,
}

/// What a transaction in a block did.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The transaction's hash.
    pub hash: B256,
    /// Whether it succeeded.
    pub success: bool,
    /// Gas that it used.
    pub gas_used: u64,
    /// Where that went; only an embedded chain that meters can tell.
    pub breakdown: Option<Box<GasBreakdown>>,
    /// What it returned, or its error if it failed. `None` where the node does not tell; of one that succeeded it is asked only
    /// where [`LogPriority::returns`].
    pub output: Option<Bytes>,
    /// Its logs, in their order.
    pub logs: Vec<Log>,
}

/// Something of a block and its place among the block's logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// How many logs of the block come before it.
    pub index: u64,
    /// What.
    pub what: T,
}

/// A log entry.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Log {
    /// How many logs of the block come before it.
    #[serde(rename = "logIndex", with = "alloy::serde::quantity")]
    pub index: u64,
    /// The contract that wrote it.
    pub address: Address,
    /// Its topics; the first is the event's.
    pub topics: Vec<B256>,
    /// Its data.
    pub data: Bytes,
}

impl Log {
    /// What an EVM wrote, with so many logs of its block before it.
    #[must_use]
    pub fn of_evm(index: u64, log: alloy::primitives::Log) -> Self {
        let (topics, data) = log.data.split();
        Self {
            index,
            address: log.address,
            topics,
            data,
        }
    }
}

//! Traces: the transactions of a run or a sequence, as a chain has them.

use alloy::primitives::{Address, Bytes, U256};
use serde::{Deserialize, Serialize};

use crate::protocol::{Invocation, Move};

/// A transaction of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedTransaction {
    /// The block's number, from 1 after the deployment; never less than that of the transaction before.
    pub block: u64,
    /// The block's timestamp, in seconds since the Unix epoch.
    pub timestamp: u64,
    /// The sender.
    pub from: Address,
    /// The contract; `None` creates one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Address>,
    /// Wei sent along.
    #[serde(default, skip_serializing_if = "U256::is_zero")]
    pub value: U256,
    /// Calldata, or init code.
    pub input: Bytes,
    /// The reason why the contracts must refuse it whatever happened before, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refuse: Option<String>,
    /// What kind of move it was: `valid`, `repeated`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// What its calldata does not say of it, in the protocol's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl TracedTransaction {
    /// A move as the transaction of this block.
    #[must_use]
    pub fn of(block: u64, sent: &Move) -> Self {
        Self {
            block,
            timestamp: sent.timestamp,
            from: sent.from,
            to: sent.invocation.to,
            value: sent.invocation.value,
            input: sent.invocation.input.clone(),
            refuse: sent.refuse.map(str::to_owned),
            kind: sent.kind.to_owned(),
            note: sent.note.clone(),
        }
    }

    /// Its content.
    #[must_use]
    pub fn invocation(&self) -> Invocation {
        Invocation {
            to: self.to,
            value: self.value,
            input: self.input.clone(),
            gas_limit: 0,
        }
    }
}

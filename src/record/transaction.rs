//! The record of a transaction.

use alloy::primitives::{Address, B256, U256};

use crate::{
    gas::GasBreakdown,
    protocol::{ActorId, Function, Misdeed, Phase, TaskKey, TaskPhase, TxOutcome},
    time::Micros,
};

/// One transaction, from the moment its actor meant to send it to its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TxRecord {
    /// Its place in the order in which transactions were asked for, from 0.
    pub id: u64,
    /// Who asked for it.
    pub actor: ActorId,
    /// The sending account.
    pub from: Address,
    /// Its nonce; `None` if the run ended before it had one.
    pub nonce: Option<u64>,
    /// Its hash; `None` if it was never signed.
    pub hash: Option<B256>,
    /// The function that it calls.
    pub function: Function,
    /// The phase that it counts under.
    pub phase: Phase,
    /// Wei that it transfers; 0 of one that was read from a file.
    pub value: U256,
    /// The session that it is about; for `create`, the one that it opened.
    pub session: Option<u64>,
    /// The task that it is about; for `submitTask`, the one that it queued.
    pub task: Option<TaskKey>,
    /// When its actor's plan or behaviour meant to send it.
    pub intended: Micros,
    /// When it was first handed to the node.
    pub sent: Option<Micros>,
    /// When the node first answered with its hash.
    pub accepted: Option<Micros>,
    /// When the block that holds it was seen.
    pub included: Option<Micros>,
    /// That block's number.
    pub block_number: Option<u64>,
    /// That block's timestamp in seconds since the Unix epoch.
    pub block_timestamp: Option<u64>,
    /// Gas that it used.
    pub gas_used: Option<u64>,
    /// Where that went, if the chain tells.
    pub gas_breakdown: Option<Box<GasBreakdown>>,
    /// Wei per gas that it paid.
    pub effective_gas_price: Option<u64>,
    /// The number of times that it was handed to the node; more than 1 if it was sent again.
    pub attempts: u32,
    /// The behaviour that it follows and what it was owed, of a dishonest one.
    pub misdeed: Option<Misdeed>,
    /// The phase of its task when it came into a block, of a dishonest one.
    pub task_phase: Option<TaskPhase>,
    /// The outcome of it.
    pub outcome: TxOutcome,
}

impl TxRecord {
    /// Response time in microseconds: included − intended.
    #[must_use]
    pub fn response_us(&self) -> Option<u64> {
        self.included.map(|included| included.since(self.intended))
    }

    /// Service time in microseconds: included − sent.
    #[must_use]
    pub fn service_us(&self) -> Option<u64> {
        Some(self.included?.since(self.sent?))
    }

    /// Lateness of the generator, in microseconds: sent − intended.
    #[must_use]
    pub fn lateness_us(&self) -> Option<u64> {
        self.sent.map(|sent| sent.since(self.intended))
    }
}

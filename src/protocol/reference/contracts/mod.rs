//! The reference contracts: the one place that knows their ABIs, selectors and topics.
//!
//! [`Contracts`] turns [`Call`](super::Call)s into calldata and logs into [`Event`](super::Event)s; [`Deployment`]
//! says how the contracts come to a chain.

mod beside;
mod bindings;
mod build;
mod compatibility;
mod decode;
mod decode_call;
mod deployment;
mod dishonest;
mod encode;
mod existing;
mod forbidden;
mod gas;
mod renumbering;

use std::sync::Arc;

use alloy::primitives::{Address, B256, keccak256, map::HashMap};
use serde::{Deserialize, Serialize};

pub use bindings::ARTIFACTS;
pub use build::{BuildError, ContractBuild, ContractNames};
pub use deployment::Deployment;
pub use existing::ExistingContracts;
pub use forbidden::Forbidden;
pub(crate) use gas::gas_limit;

use self::renumbering::Renumbering;
use crate::protocol::Invocation;

/// Where the reference contracts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// `NodePool`
    pub node_pool: Address,
    /// `SessionV2`
    pub session: Address,
    /// `SessionQueueV2`
    pub session_queue: Address,
}

/// The windows of a deployment, in seconds of block time, 1 to 65,534.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WindowSeconds {
    /// From a task's assignment.
    pub ack: u64,
    /// From the end of its ack phase.
    pub precommit: u64,
    /// From the end of its precommit phase.
    pub commit: u64,
}

/// The deployed contracts as the rest of a run sees them.
#[derive(Clone, Debug)]
pub struct Contracts {
    addresses: Addresses,
    /// The most miners that a task of the run is assigned to; gas limits allow for that many.
    redundancy: u64,
    /// The most miners that a session of the run has.
    nodes: u64,
    /// Gas limits in per cent of what the reference contracts need.
    gas_limit_percent: u64,
    /// Whether somebody acts on the end of a task.
    awaits_ends: bool,
    /// The first session that is of this run: those below were there before.
    first_session: u64,
    /// Sessions that a reorg gave other ids.
    renumbering: Renumbering,
    /// The run's miners by their node ids.
    miners: Arc<HashMap<B256, Address>>,
}

impl Contracts {
    /// The contracts at `addresses`, for tasks of at most `redundancy` miners each, and sessions of as many unless
    /// [`Contracts::with_nodes`] says otherwise.
    #[must_use]
    pub fn new(addresses: Addresses, redundancy: u64) -> Self {
        Self {
            addresses,
            redundancy,
            nodes: redundancy,
            gas_limit_percent: 100,
            awaits_ends: false,
            first_session: 0,
            renumbering: Renumbering::default(),
            miners: Arc::default(),
        }
    }

    /// The same contracts, for sessions of at most `nodes` miners each: closing one lets go of them all.
    #[must_use]
    pub fn with_nodes(self, nodes: u64) -> Self {
        Self { nodes, ..self }
    }

    /// The same contracts, in a run with these miners: calldata has only the hash of an account that is released.
    #[must_use]
    pub fn knowing(self, miners: impl IntoIterator<Item = Address>) -> Self {
        let by_node = miners.into_iter().map(|miner| (keccak256(miner), miner));
        Self {
            miners: Arc::new(by_node.collect()),
            ..self
        }
    }

    /// The same contracts, whose calls may use this share of the gas that calls of the reference contracts need at most.
    #[must_use]
    pub(super) fn with_gas_limits(self, gas_limit_percent: u64) -> Self {
        Self {
            gas_limit_percent,
            ..self
        }
    }

    /// Gas limits in per cent of what the reference contracts need.
    #[must_use]
    pub const fn gas_limit_percent(&self) -> u64 {
        self.gas_limit_percent
    }

    /// The same contracts, in a run in which somebody acts on the end of a task, or nobody.
    #[must_use]
    pub(super) fn answering_ends(self, awaits_ends: bool) -> Self {
        Self { awaits_ends, ..self }
    }

    /// Where they are.
    #[must_use]
    pub const fn addresses(&self) -> &Addresses {
        &self.addresses
    }
}

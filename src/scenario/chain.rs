//! The chain that a run drives, and the windows of the contracts deployed on it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alloy::primitives::U256;

use super::{BlockOrder, DelayDistribution, Distribution};
use crate::{hardfork::Hardfork, mempool::BelowBaseFee, state_dump::StateDump};

/// The chain that a run drives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainSpec {
    /// What executes the transactions.
    pub kind: ChainKind,
    /// Time between blocks, [`ChainSpec::MIN_BLOCK_TIME`] to [`ChainSpec::MAX_BLOCK_TIME`]. Default 1 s.
    pub block_time: Duration,
    /// Gas that a block can hold. Default 36,000,000.
    pub gas_limit: u64,
    /// The rules that transactions are executed and priced by.
    pub hardfork: Hardfork,
    /// Base fee of the first block in wei per gas, at most [`ChainSpec::MAX_BASE_FEE`]; those of the others follow from
    /// how full the blocks before them are (EIP-1559). Default 1 gwei.
    pub base_fee: u64,
    /// What the mempool does with transactions whose max fee is below the base fee. Default: refuses them.
    /// [`ChainKind::Anvil`] knows nothing else.
    pub below_base_fee: BelowBaseFee,
    /// How blocks order pending transactions. Default by fees. [`ChainKind::Anvil`] knows [`BlockOrder::Fees`] and
    /// [`BlockOrder::Fifo`] only.
    pub order: BlockOrder,
    /// From an actor's decision to send a transaction to the chain's having it; each transaction draws its own. Default
    /// 0. [`ChainKind::Embedded`] only: to a node it takes what it takes.
    pub submission_delay: DelayDistribution,
    /// What a funder gives each account for gas, in wei, on an endpoint that is named on the command line; `None` for what the
    /// account is expected to spend.
    pub allowance: Option<U256>,
    /// The endpoint whose chain anvil forks: an address without secrets, or `$` and the environment variable that holds one.
    pub fork: Option<String>,
    /// The state that the chain starts from.
    pub state: Option<StateFile>,
}

/// A state that a chain starts from.
#[derive(Clone, Debug)]
pub struct StateFile {
    /// The file.
    pub path: PathBuf,
    /// What a resolved scenario calls it.
    pub name: Arc<str>,
    /// What is in it.
    pub dump: Arc<StateDump>,
}

impl PartialEq for StateFile {
    /// By what is in it: a resolved scenario has a copy of the file.
    fn eq(&self, other: &Self) -> bool {
        self.dump == other.dump
    }
}

impl Eq for StateFile {}

impl ChainSpec {
    /// Shortest time between blocks: mining an empty block takes a node some milliseconds, and a faster interval
    /// would measure the node's timer.
    pub const MIN_BLOCK_TIME: Duration = Duration::from_millis(50);
    /// Longest time between blocks: longer ones outlast the default deadline of a transaction and the phases' windows.
    pub const MAX_BLOCK_TIME: Duration = Duration::from_secs(60);
    /// Smallest gas limit. Deploying the contracts takes several million gas in one transaction, and creating a
    /// session grows with the miners that it draws; blocks smaller than this can hold neither.
    pub const MIN_GAS_LIMIT: u64 = 10_000_000;
    /// Largest gas limit: 2⁶³ − 1, the largest integer that every TOML reader must take.
    pub const MAX_GAS_LIMIT: u64 = i64::MAX as u64;
    /// Highest base fee of the first block in wei per gas, a million gwei: the most that the transactions which deploy
    /// the contracts offer.
    pub const MAX_BASE_FEE: u64 = 1_000_000_000_000_000;
    /// Largest allowance in wei: a billion ether.
    pub const MAX_ALLOWANCE: u128 = 1_000_000_000_000_000_000_000_000_000;

    /// Whether the chain starts from a state that is there, and not empty.
    #[must_use]
    pub const fn starts_from_state(&self) -> bool {
        self.fork.is_some() || self.state.is_some()
    }
}

impl Default for ChainSpec {
    fn default() -> Self {
        Self {
            kind: ChainKind::Anvil,
            block_time: Duration::from_secs(1),
            gas_limit: 36_000_000,
            hardfork: Hardfork::default(),
            base_fee: 1_000_000_000,
            below_base_fee: BelowBaseFee::default(),
            order: BlockOrder::default(),
            submission_delay: Distribution::Constant(Duration::ZERO),
            allowance: None,
            fork: None,
            state: None,
        }
    }
}

named! {
    /// What executes the transactions.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum ChainKind {
        /// A local anvil node, in wall-clock time.
        #[default]
        Anvil = "anvil",
        /// An EVM inside this process, in virtual time.
        Embedded = "embedded",
    }
}

/// How long each phase of a task may last, in whole seconds from 1 to [`Windows::MAX`]: block timestamps count no finer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// From assignment to the last ack. Default 30 s.
    pub ack: Duration,
    /// From there to the last precommit. Default 120 s.
    pub precommit: Duration,
    /// From there to the last commit. Default 60 s.
    pub commit: Duration,
}

impl Windows {
    /// Longest window, 65,534 s: the contracts count it in sixteen bits.
    pub const MAX: Duration = Duration::from_secs(65_534);

    /// The longest that a task can stay open: all windows, one after the other.
    #[must_use]
    pub fn total(self) -> Duration {
        self.ack + self.precommit + self.commit
    }
}

impl Default for Windows {
    fn default() -> Self {
        Self {
            ack: Duration::from_secs(30),
            precommit: Duration::from_secs(120),
            commit: Duration::from_secs(60),
        }
    }
}

//! The scenario as a whole.

use std::time::Duration;

use alloy::primitives::U256;

use super::{
    ChainSpec, DataFile, Measure, MinerGroup, OracleSpec, OwnerGroup, ProfileRun, Windows, path::KeyPath,
};
use crate::{fees::Eip1559Fees, metric::Threshold, protocol::ContractBuild};

/// Everything that decides a run, resolved: defaults filled in, units applied, checks passed.
///
/// The same scenario, seed included, gives the same plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Names the run's folder: 1 to 64 letters, digits, `-`, `_` and `.`, the first a letter or a digit.
    pub name: String,
    /// What it shows, for people.
    pub description: String,
    /// What every key and every random choice of a run is derived from; at most [`Scenario::MAX_SEED`].
    pub seed: u64,
    /// The chain that the run drives.
    pub chain: ChainSpec,
    /// The profile of the protocol that the run drives; `None` for the reference protocol. With one there are no owners,
    /// miners and oracles, and windows, price and contracts have no meaning.
    pub profile: Option<ProfileRun>,
    /// The build of the contracts that the run deploys.
    pub contracts: ContractBuild,
    /// How long each phase of a task may last.
    pub windows: Windows,
    /// Wei that each miner that commits is paid per task, at most [`Scenario::MAX_PRICE`]; 0 needs no deposit.
    pub price: U256,
    /// Who submits tasks; at least one group, unless there is a profile.
    pub owners: Vec<OwnerGroup>,
    /// Who works on tasks; at least one group, unless there is a profile.
    pub miners: Vec<MinerGroup>,
    /// Who closes what is overdue.
    pub oracle: OracleSpec,
    /// Which part of the load the main figures are of.
    pub measure: Measure,
    /// When the run stops waiting.
    pub limits: Limits,
    /// Conditions that the result must meet.
    pub thresholds: Vec<Threshold>,
    /// The data files that it was read with, in the order of their names. [`Scenario::to_toml`] refers to them.
    pub data: Vec<DataFile>,
}

impl Scenario {
    /// The largest seed, 2⁶³ − 1: the largest integer that every TOML reader must take.
    pub const MAX_SEED: u64 = i64::MAX as u64;
    /// Highest price, 2⁹⁶ − 1 wei: the contracts count it in 96 bits.
    pub const MAX_PRICE: u128 = (1 << 96) - 1;
    /// Wei that every account starts with: a billion ether.
    pub const BALANCE: u128 = 1_000_000_000_000_000_000_000_000_000;
    /// The most that a transaction may offer to pay, in wei per gas: ten million gwei. At that price the largest
    /// transaction, which creates a session of 65,535 miners, takes about an eighth of the half of [`Scenario::BALANCE`] that
    /// is not for deposits.
    pub const MAX_FEE: u64 = 10_000_000_000_000_000;
    /// Most owners, miners and oracles together. Each holds a key, an account and its own state.
    pub const MAX_ACTORS: u64 = 1_000_000;
    /// Most sessions of all owners together.
    pub const MAX_SESSIONS: u64 = 1_000_000;
    /// Most tasks of all owners together. The plan holds every arrival of an open load in memory.
    pub const MAX_TASKS: u64 = 10_000_000;

    /// Tasks that all groups together are expected to submit, as [`super::SubmittingGroup::expected_tasks`] has them; `None`
    /// if that depends on how fast tasks go, since a closed load ends by its duration alone.
    #[must_use]
    pub fn expected_tasks(&self) -> Option<u64> {
        let groups = self.submitting();
        let tasks = groups
            .iter()
            .map(|group| group.expected_tasks(self.chain.block_time));
        tasks
            .into_iter()
            .try_fold(0, |sum: u64, tasks| Some(sum.saturating_add(tasks?)))
    }

    /// The fees of every group, with its key path.
    pub(super) fn fees(&self) -> Vec<(KeyPath, Eip1559Fees)> {
        if let Some(run) = &self.profile {
            let fees = run.groups.iter().map(|group| group.fees);
            return run.paths().into_iter().zip(fees).collect();
        }
        let groups = |key, fees: Vec<Eip1559Fees>| {
            let (path, len) = (KeyPath::root().key(key), fees.len());
            fees.into_iter()
                .enumerate()
                .map(move |(index, fees)| (path.group(index, len), fees))
        };
        let owners = groups("owners", self.owners.iter().map(|group| group.fees).collect());
        let miners = groups("miners", self.miners.iter().map(|group| group.fees).collect());
        let oracle = (KeyPath::root().key("oracle"), self.oracle.fees);
        owners.chain(miners).chain([oracle]).collect()
    }

    /// Miners of all groups.
    #[must_use]
    pub fn miner_count(&self) -> u64 {
        self.miners.iter().map(|group| u64::from(group.count)).sum()
    }

    /// Whether the miners of a group enter the pool: not if owners have them as dedicated nodes.
    #[must_use]
    pub fn is_pooled(&self, miners: &MinerGroup) -> bool {
        let names = self.owners.iter().filter_map(|group| group.dedicated.as_ref());
        !names.into_iter().any(|dedicated| dedicated.group == miners.name)
    }

    /// Miners that the pool has when the first sessions are opened.
    #[must_use]
    pub fn pool_at_setup(&self) -> u64 {
        self.miners
            .iter()
            .filter(|group| group.join_after.is_none() && self.is_pooled(group))
            .map(|group| u64::from(group.count))
            .sum()
    }

    /// Whether some of its actors misbehave.
    #[must_use]
    pub fn has_behaviours(&self) -> bool {
        let roles = self.profile.iter().flat_map(|run| &run.groups);
        let owners = self.owners.iter().map(|group| &group.behaviour);
        let mut behaviours = owners
            .chain(self.miners.iter().map(|group| &group.behaviour))
            .chain([&self.oracle.behaviour])
            .chain(roles.map(|group| &group.behaviour));
        behaviours.any(|behaviour| !behaviour.is_empty())
    }

    /// Whether money goes into sessions.
    #[must_use]
    pub fn has_deposits(&self) -> bool {
        let funded = |group: &OwnerGroup| group.deposit.is_some() || group.manage.top_up.is_some();
        !self.price.is_zero() || self.owners.iter().any(funded)
    }
}

/// When the run stops waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A transaction not seen in a block by then is looked for, sent again, and at last counted as lost. Default 60 s.
    pub transaction_deadline: Duration,
    /// How long after the last submission the run waits for open tasks. Default: the windows' sum and 30 s, of a profile
    /// [`Limits::PROFILE_DRAIN`].
    pub drain: Duration,
    /// How long a node may fail to give a usable answer before the run ends. Default 30 s.
    pub node_timeout: Duration,
}

impl Limits {
    /// Longest limit: a week, some days more than all windows can last.
    pub const MAX: Duration = Duration::from_secs(7 * 24 * 60 * 60);
    /// The default of [`Limits::transaction_deadline`].
    pub const TRANSACTION_DEADLINE: Duration = Duration::from_secs(60);

    /// The default of [`Limits::drain`] where a profile has the phases of a task last as long as they like: two minutes.
    pub const PROFILE_DRAIN: Duration = Duration::from_mins(2);

    /// The default of [`Limits::node_timeout`].
    pub const NODE_TIMEOUT: Duration = Duration::from_secs(30);

    /// The default of [`Limits::drain`]: by then every phase of the last task is overdue and an oracle has closed it.
    #[must_use]
    pub fn default_drain(windows: Windows) -> Duration {
        windows.total() + Duration::from_secs(30)
    }
}

//! Settings of a devnet.

use std::time::Duration;

use alloy::primitives::U256;

use crate::{
    chain::anvil::{self, Search},
    fees::Eip1559Fees,
    protocol::ContractBuild,
    run::{DeploymentFile, Node, RunError},
    scenario::{
        ChainSpec, Distribution, Limits, Measure, MinerGroup, OracleSpec, ProfileRun, Scenario, Windows,
        units::{ByteSize, Count},
    },
};

/// Gas that a block holds. The network that the contracts are made for is a rollup whose blocks hold more than anyone
/// fills, and miners' transactions must find room whatever clients send.
const GAS_LIMIT: u64 = 1_000_000_000;
/// Past blocks at which clients may still make calls.
const PAST_STATES: u32 = 1_000;
/// Tasks that a miner works on at once: clients try things out, and should not wait for one another.
const CONCURRENCY: u32 = 16;
/// Bytes of a result.
const RESULT_SIZE: u64 = 32;

/// What a devnet is asked to be.
#[derive(Clone, Debug)]
pub struct DevnetSettings {
    /// The search for anvil.
    pub search: Search,
    /// The build of the contracts that it deploys.
    pub contracts: ContractBuild,
    /// The port that anvil listens on; a free one if `None`.
    pub port: Option<u16>,
    /// Time between blocks.
    pub block_time: Duration,
    /// What the simulated accounts, and so the contracts' addresses, are derived from.
    pub seed: u64,
    /// Simulated miners.
    pub miners: u32,
    /// Simulated oracles; without one, clients have to end tasks themselves.
    pub oracles: u32,
    /// From a task's assignment to a miner's ack.
    pub ack_delay: Duration,
    /// From the ack to the result.
    pub work_time: Duration,
    /// From the end of the precommit phase to the reveal.
    pub commit_delay: Duration,
    /// A scenario that runs a profile, whose actors it simulates instead of all that: those who submit tasks are outside.
    pub profile: Option<Scenario>,
    /// Where the profile's contracts are in the state that the scenario's chain starts from; `None` to deploy them.
    pub deployment: Option<DeploymentFile>,
}

impl DevnetSettings {
    /// The scenario of a devnet: miners and oracles, and no owners, for those are outside.
    pub(super) fn scenario(&self) -> Scenario {
        if let Some(scenario) = &self.profile {
            return without_submissions(scenario.clone());
        }
        let windows = Windows::default();
        let miners = MinerGroup {
            name: "devnet".to_owned(),
            count: self.miners,
            ack_delay: Distribution::Constant(self.ack_delay),
            work_time: Distribution::Constant(self.work_time),
            commit_delay: Distribution::Constant(self.commit_delay),
            result_size: Distribution::Constant(ByteSize(RESULT_SIZE)),
            concurrency: Distribution::Constant(Count(CONCURRENCY)),
            join_after: None,
            churn: None,
            behaviour: Vec::new(),
            fees: Eip1559Fees::default(),
        };
        Scenario {
            name: "devnet".to_owned(),
            description: "miners and oracles for clients outside".to_owned(),
            seed: self.seed,
            chain: ChainSpec {
                block_time: self.block_time,
                gas_limit: GAS_LIMIT,
                ..ChainSpec::default()
            },
            profile: None,
            contracts: self.contracts.clone(),
            windows,
            price: U256::ZERO,
            owners: Vec::new(),
            miners: vec![miners],
            oracle: OracleSpec {
                count: self.oracles,
                ..OracleSpec::default()
            },
            measure: Measure::default(),
            limits: Limits {
                transaction_deadline: Limits::TRANSACTION_DEADLINE,
                node_timeout: Limits::NODE_TIMEOUT,
                drain: Limits::default_drain(windows),
            },
            thresholds: Vec::new(),
            data: Vec::new(),
        }
    }

    /// The profile whose actors it simulates.
    fn run(&self) -> Option<&ProfileRun> {
        self.profile.as_ref()?.profile.as_ref()
    }

    /// The artifacts of the contracts, by their names.
    #[must_use]
    pub fn artifacts(&self) -> Vec<(String, String)> {
        match self.run() {
            Some(run) => run.definition.artifacts(),
            None => {
                let artifacts = self.contracts.artifacts().into_iter();
                artifacts
                    .map(|(name, artifact)| (name.to_owned(), artifact))
                    .collect()
            }
        }
    }

    /// The source of the contracts, and their digest.
    #[must_use]
    pub fn source(&self) -> String {
        match self.run() {
            Some(run) => format!("{} {}", run.source(), run.definition.digest()),
            None => format!("{} {}", self.contracts.source(), self.contracts.digest()),
        }
    }

    /// Who is simulated, and how many.
    #[must_use]
    pub fn simulated(&self) -> String {
        let Some(run) = self.run() else {
            return format!("miners {}, oracles {}", self.miners, self.oracles);
        };
        let groups = run.groups.iter();
        let groups = groups.map(|group| format!("{} {}", group.name, group.count));
        groups.collect::<Vec<_>>().join(", ")
    }

    /// How anvil is started: as for a run, but with states to look back at.
    ///
    /// # Errors
    /// [`RunError::Fork`] if the chain to fork is in an environment variable that is not set.
    pub(super) fn anvil(&self, scenario: &Scenario) -> Result<anvil::Config, RunError> {
        Ok(anvil::Config {
            past_states: PAST_STATES,
            ..Node::config(self.port, &scenario.chain)?
        })
    }
}

/// The scenario without anybody who submits tasks by its load. Its actors are there, and follow their other rules.
fn without_submissions(mut scenario: Scenario) -> Scenario {
    let groups = scenario.profile.iter_mut().flat_map(|run| &mut run.groups);
    groups.for_each(|group| group.submissions = None);
    scenario
}

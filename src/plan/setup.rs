//! The set-up of a run as its plan has it.

use super::Plan;
use crate::{
    protocol::{ReferenceSetup, WindowSeconds},
    scenario::{OwnerGroup, Scenario},
};

impl Plan {
    /// What a run of this plan, which is that of `scenario`, is set to, with the gas limits of the reference contracts.
    #[must_use]
    pub fn setup<'a>(&'a self, scenario: &'a Scenario) -> ReferenceSetup<'a> {
        let sessions = self.owners.iter().flat_map(|owner| &owner.sessions);
        let redundancy = sessions.map(|session| session.spec.redundancy).max();
        let nodes = scenario.owners.iter().map(|group| group.max_nodes).max();
        ReferenceSetup {
            contracts: &scenario.contracts,
            gas_limit_percent: 100,
            deployer: self.deployer.address,
            windows: WindowSeconds {
                ack: scenario.windows.ack.as_secs(),
                precommit: scenario.windows.precommit.as_secs(),
                commit: scenario.windows.commit.as_secs(),
            },
            price: scenario.price,
            // Without owners the tasks are others', who choose as they like.
            redundancy: redundancy.unwrap_or(OwnerGroup::MAX_REDUNDANCY.into()),
            nodes: nodes.unwrap_or_default().into(),
            has_deposits: scenario.has_deposits(),
            owners: &self.owners,
            miners: &self.miners,
            oracles: &self.oracles,
            max_in_flight: &self.max_in_flight,
            existing: None,
        }
    }
}

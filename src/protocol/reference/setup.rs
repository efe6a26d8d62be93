//! The set-up of a run: how the contracts are deployed, who takes part, and what is checked.

use std::collections::BTreeSet;

use alloy::primitives::{Address, U256};

use super::{
    ContractBuild, Contracts, Deployment, ExistingContracts, LoadPlan, Miner, MinerPlan, Oracle, OraclePlan,
    Owner, OwnerPlan, Reference, Rules, WindowSeconds,
};
use crate::protocol::{
    Actor, ActorId, Checks, Deployed, DeploymentStep, Directory, Invariant, Invocation, Population, Reached,
    Role, State,
};

/// What a run of the reference protocol is set to.
#[derive(Clone, Copy, Debug)]
pub struct ReferenceSetup<'a> {
    /// The contracts.
    pub contracts: &'a ContractBuild,
    /// Gas limits of calls in per cent of what the reference contracts need at most.
    pub gas_limit_percent: u64,
    /// Who deploys the contracts.
    pub deployer: Address,
    /// Their windows.
    pub windows: WindowSeconds,
    /// Wei that each miner that commits is paid per task.
    pub price: U256,
    /// The most miners that a task is assigned to.
    pub redundancy: u64,
    /// The most miners of a session.
    pub nodes: u64,
    /// Whether money goes into sessions.
    pub has_deposits: bool,
    /// Owners, group after group.
    pub owners: &'a [OwnerPlan],
    /// Miners, group after group.
    pub miners: &'a [MinerPlan],
    /// Oracles.
    pub oracles: &'a [OraclePlan],
    /// Tasks of each group of owners that may be in flight at once; `None` for no limit.
    pub max_in_flight: &'a [Option<u32>],
    /// The contracts, if they are deployed already.
    pub existing: Option<&'a ExistingContracts>,
}

/// The invariants that every run holds its events against.
const ALWAYS: [Invariant; 9] = [
    Invariant::ORDER,
    Invariant::BINDING,
    Invariant::HIDING,
    Invariant::RESERVATION,
    Invariant::IDENTITY,
    Invariant::EVENTS,
    Invariant::AUTHORITY,
    Invariant::ASSIGNMENT,
    Invariant::WINDOWS,
];
/// Those that need all that the chain says at the end.
const AUDITED: [Invariant; 5] = [
    Invariant::FINALITY,
    Invariant::AGREEMENT,
    Invariant::PAYMENT,
    Invariant::SOLVENCY,
    Invariant::STATE,
];

impl ReferenceSetup<'_> {
    /// The deployment of the contracts by their deployer, whose next nonce is `first_nonce`.
    pub(super) fn deployment(&self, first_nonce: u64) -> Deployed<Reference> {
        let oracles: Vec<Address> = self.oracle_accounts().collect();
        let Deployment { steps, addresses, .. } = Deployment::new(
            self.contracts,
            self.deployer,
            first_nonce,
            self.windows,
            self.price,
            &oracles,
        );
        let contracts = Contracts::new(addresses, self.redundancy)
            .with_nodes(self.nodes)
            .with_gas_limits(self.gas_limit_percent)
            .answering_ends(self.awaits_ends())
            .knowing(self.miners.iter().map(|miner| miner.key.address));
        let Some(existing) = self.existing else {
            return Deployed {
                steps: named(steps),
                contracts,
            };
        };
        let contracts = contracts.existing(existing);
        let unnamed = oracles
            .iter()
            .zip(&existing.oracles)
            .filter(|(_, named)| !**named);
        Deployed {
            steps: named(
                unnamed
                    .map(|(oracle, _)| contracts.name_oracle(*oracle))
                    .collect(),
            ),
            contracts,
        }
    }

    fn oracle_accounts(&self) -> impl Iterator<Item = Address> {
        self.oracles.iter().map(|oracle| oracle.key.address)
    }

    /// Whether somebody submits a task because another ended.
    fn awaits_ends(&self) -> bool {
        let mut loads = self.owners.iter().map(|owner| &owner.load);
        loads.any(|load| matches!(load, LoadPlan::Closed { .. }))
    }

    /// The actors, each with its own random streams.
    pub(super) fn population(&self) -> Population<Reference> {
        let owners = self.owners.iter().cloned().map(Owner::new);
        let miners = self.miners.iter().cloned().map(Miner::new);
        let oracles = self.oracles.iter().map(|plan| Oracle::new(plan, self.windows));
        let accounts = [
            (
                Role::OWNER,
                self.owners.iter().map(|plan| plan.key.address).collect(),
            ),
            (
                Role::MINER,
                self.miners.iter().map(|plan| plan.key.address).collect(),
            ),
            (Role::ORACLE, self.oracle_accounts().collect::<Vec<_>>()),
        ];
        Population {
            actors: vec![
                owners.map(boxed).collect(),
                miners.map(boxed).collect(),
                oracles.map(boxed).collect(),
            ],
            directory: Directory::of(accounts.into_iter().flat_map(|(role, accounts)| {
                let actors = (0..).map(move |index| ActorId { role, index });
                actors.zip(accounts)
            })),
            stages: self.stages(),
            groups: self.owners.iter().map(|owner| owner.group).collect(),
            max_in_flight: self.max_in_flight.to_vec(),
        }
    }

    /// Miners register first; then owners whose sessions reserve their miners open them, while nobody shares those; then the
    /// others.
    fn stages(&self) -> Vec<Vec<ActorId>> {
        let (role, index) = (Role::MINER, 0..self.miners.len() as u32);
        let miners = index.map(|index| ActorId { role, index }).collect();
        let owners = (0..).zip(self.owners).map(|(index, owner)| {
            let role = Role::OWNER;
            (ActorId { role, index }, reserves(owner))
        });
        let (reserving, others): (Vec<_>, Vec<_>) = owners.partition(|(_, reserves)| *reserves);
        let [reserving, others] =
            [reserving, others].map(|owners| owners.into_iter().map(|(owner, _)| owner).collect::<Vec<_>>());
        if reserving.is_empty() {
            vec![miners, others]
        } else {
            vec![miners, reserving, others]
        }
    }

    /// The state of a chain on which nothing happened.
    pub(super) fn state(&self, checks: Checks) -> State {
        if self.existing.is_some() {
            return State::shared();
        }
        match checks {
            Checks::Events => State::default(),
            Checks::Transactions { in_order } => State::checked_by(Rules {
                windows: self.windows,
                price: self.price,
                deployer: self.deployer,
                oracles: self.oracle_accounts().collect(),
                in_order,
            }),
        }
    }

    /// The invariants that a run was held against.
    pub(super) fn checked(&self, reached: Reached) -> BTreeSet<Invariant> {
        let mut checked = BTreeSet::new();
        if reached.set_up {
            checked.extend(ALWAYS);
        }
        if reached.audited {
            checked.extend(AUDITED);
            if self.has_deposits {
                checked.insert(Invariant::CONSERVATION);
            }
            // An audited run ended all its tasks.
            if !self.oracles.is_empty() {
                checked.insert(Invariant::LIVENESS);
            }
            // On a node the order of all transactions in a block is not known.
            if reached.in_order {
                checked.insert(Invariant::REFUSALS);
            }
        }
        if self.existing.is_some() {
            checked.retain(|invariant| State::CHECKED_IF_SHARED.contains(invariant));
        }
        checked
    }
}

/// Whether an owner's sessions have miners to themselves that others draw from the same pool.
fn reserves(owner: &OwnerPlan) -> bool {
    owner.sessions.iter().any(|session| session.spec.reserve)
}

fn boxed(actor: impl Actor<Reference> + 'static) -> Box<dyn Actor<Reference>> {
    Box::new(actor)
}

/// The steps of a deployment by their numbers.
fn named(steps: Vec<Invocation>) -> Vec<DeploymentStep> {
    let count = steps.len();
    let named = |(number, step)| {
        let name = format!("step {number} of {count} of the contracts' deployment");
        DeploymentStep::known(name, step)
    };
    (1_usize..).zip(steps).map(named).collect()
}

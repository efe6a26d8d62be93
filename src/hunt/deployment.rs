//! The deployment of a scenario's contracts as somebody else can make it: contracts by the names of their artifacts.

use std::collections::BTreeMap;

use alloy::primitives::{Address, Bytes, U256};

use super::{CHAIN_ID, HuntError, World};
use crate::{
    plan::Plan,
    protocol::{
        DeployedContracts, Protocol, Reference,
        profile::{Origin, interpreter::Profile},
    },
    scenario::Scenario,
};

/// A deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentPlan {
    /// Who deploys, from its nonce 0 on.
    pub deployer: Address,
    /// The transactions, in order.
    pub steps: Vec<DeploymentStep>,
    /// The contracts by their names.
    pub contracts: BTreeMap<String, Address>,
}

/// A transaction of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeploymentStep {
    /// Creates a contract.
    Create {
        /// Its artifact: `NodePool.sol:NodePool`.
        artifact: String,
        /// The constructor's arguments, encoded.
        arguments: Bytes,
        /// Wei sent along.
        value: U256,
        /// Where it will be.
        address: Address,
    },
    /// Calls one.
    Call {
        /// The contract.
        to: Address,
        /// Wei sent along.
        value: U256,
        /// Calldata.
        input: Bytes,
    },
}

impl DeploymentPlan {
    /// The deployment of a scenario's contracts; `None` if some cannot be created by their names alone, since they are linked
    /// with libraries.
    ///
    /// # Errors
    /// If they cannot be deployed at all.
    pub fn of(scenario: &Scenario) -> Result<Option<Self>, HuntError> {
        let plan = Plan::of(scenario);
        let deployer = plan.deployer.address;
        // The name and the creation code's length of each contract, in order.
        match plan.profile_setup(scenario, CHAIN_ID) {
            Some(setup) => {
                let world =
                    World::<Profile>::deploy(&setup, deployer, scenario).map_err(HuntError::Deployment)?;
                let created =
                    setup
                        .definition
                        .contracts
                        .iter()
                        .filter_map(|contract| match &contract.origin {
                            Origin::Deployed { code, .. } => {
                                let linked = code.link(&BTreeMap::new()).ok();
                                Some((contract.qualified.clone(), linked.map(|code| code.len())))
                            }
                            Origin::At(_) | Origin::Created { .. } => None,
                        });
                Ok(Self::of_world(deployer, &world, created))
            }
            None => {
                let setup = plan.setup(scenario);
                let world =
                    World::<Reference>::deploy(&setup, deployer, scenario).map_err(HuntError::Deployment)?;
                let created = scenario.contracts.contracts().map(|(_, contract)| {
                    let linked = contract.link(&BTreeMap::new()).ok();
                    (contract.qualified_name(), linked.map(|code| code.len()))
                });
                Ok(Self::of_world(deployer, &world, created))
            }
        }
    }

    fn of_world<P: Protocol>(
        deployer: Address,
        world: &World<P>,
        created: impl Iterator<Item = (String, Option<usize>)>,
    ) -> Option<Self> {
        let mut created = created;
        let mut steps = Vec::new();
        for (nonce, step) in (0..).zip(&world.deployment) {
            steps.push(match step.to {
                Some(to) => DeploymentStep::Call {
                    to,
                    value: step.value,
                    input: step.input.clone(),
                },
                None => {
                    let (qualified, length) = created.next()?;
                    DeploymentStep::Create {
                        artifact: artifact(&qualified),
                        arguments: step.input.slice(length?.min(step.input.len())..),
                        value: step.value,
                        address: deployer.create(nonce),
                    }
                }
            });
        }
        Some(Self {
            deployer,
            steps,
            contracts: world.contracts.by_name(),
        })
    }
}

/// `src/pool/NodePool.sol:NodePool` as forge looks for it wherever its source is: `NodePool.sol:NodePool`.
fn artifact(qualified: &str) -> String {
    match qualified.rsplit_once(':') {
        Some((source, name)) => {
            let file = source.rsplit('/').next().unwrap_or(source);
            format!("{file}:{name}")
        }
        None => qualified.to_owned(),
    }
}

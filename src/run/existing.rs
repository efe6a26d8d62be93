//! Contracts that are deployed already, which a run takes part in.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use alloy::primitives::{Address, Bytes};
use serde_json::json;

use super::{DeploymentFile, RunError};
use crate::{
    chain::rpc::{Endpoint, Request, RpcError, masked},
    plan::{Key, Plan},
    protocol::{Addresses, ExistingContracts},
    record::SettingOverride,
    scenario::{Scenario, Windows, units::format_amount, units::format_duration},
};

/// The reason why contracts that a file names cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ExistingError {
    /// The file names other contracts.
    #[error("{} names no contract {name}; it names {}", path.display(), names.join(", "))]
    Unnamed {
        /// The file.
        path: PathBuf,
        /// The contract that a run needs.
        name: &'static str,
        /// Those that it names.
        names: Vec<String>,
    },
    /// The file is of another chain.
    #[error("{} is of chain {file}, and the chain at {} is {chain}", path.display(), masked(url))]
    OtherChain {
        /// The file.
        path: PathBuf,
        /// The chain's id in the file.
        file: u64,
        /// The address of the node.
        url: String,
        /// The chain's id there.
        chain: u64,
    },
    /// There is no code at some of the addresses.
    #[error("the chain at {} has no code at {}, where {} has contracts", masked(url), list(addresses), path.display())]
    NoCode {
        /// The file.
        path: PathBuf,
        /// The address of the node.
        url: String,
        /// The addresses.
        addresses: Vec<Address>,
    },
    /// They are not the contracts that a run can drive.
    #[error("the contracts of {} do not answer as the reference contracts do: {cause}", path.display())]
    Others {
        /// The file.
        path: PathBuf,
        /// What they answered.
        cause: String,
    },
    /// Miners of the run took part before.
    #[error(
        "{count} of the run's miners are registered at the contracts of {} already: a run with this seed was there before",
        path.display()
    )]
    Registered {
        /// The file.
        path: PathBuf,
        /// How many.
        count: usize,
    },
    /// Nobody of the run may name its oracles.
    #[error(
        "the contracts of {} do not know the oracle {oracle} of this run, and only their owner {owner} can name it",
        path.display()
    )]
    Oracle {
        /// The file.
        path: PathBuf,
        /// The oracle.
        oracle: Address,
        /// The contracts' owner.
        owner: Address,
    },
}

/// Contracts that are there already.
#[derive(Clone, Debug)]
pub(super) struct Existing {
    path: PathBuf,
    pub(super) contracts: ExistingContracts,
    /// The contracts' owner, if it is the funder and not the deployer of the plan.
    pub(super) owner: Option<Key>,
}

impl Existing {
    /// The contracts of `file` on the chain at `endpoint`, for a run of `plan` whose accounts `funder` pays.
    pub(super) async fn find(
        endpoint: &Endpoint,
        file: &DeploymentFile,
        plan: &Plan,
        funder: Option<&Key>,
    ) -> Result<Self, RunError> {
        let path = file.path.clone();
        let url = endpoint.http.url().to_owned();
        if let Some(id) = file.chain_id.filter(|id| *id != endpoint.chain_id) {
            return Err(ExistingError::OtherChain {
                path,
                file: id,
                url,
                chain: endpoint.chain_id,
            }
            .into());
        }
        let addresses = Addresses::named(&file.contracts).map_err(|name| ExistingError::Unnamed {
            path: path.clone(),
            name,
            names: file.contracts.keys().cloned().collect(),
        })?;
        let all = [addresses.node_pool, addresses.session, addresses.session_queue];
        let empty = endpoint.without_code(&all).await?;
        if !empty.is_empty() {
            return Err(ExistingError::NoCode {
                path,
                url,
                addresses: empty,
            }
            .into());
        }
        let oracles: Vec<Address> = plan.oracles.iter().map(|oracle| oracle.key.address).collect();
        let miners: Vec<Address> = plan.miners.iter().map(|miner| miner.key.address).collect();
        let questions = ExistingContracts::questions(&addresses, &oracles, &miners);
        let others = |cause| ExistingError::Others {
            path: path.clone(),
            cause,
        };
        let answers = ask(endpoint, &questions).await?.map_err(others)?;
        let contracts = ExistingContracts::of(addresses, &answers, oracles.len()).map_err(others)?;
        let registered = contracts
            .registered
            .iter()
            .filter(|registered| **registered)
            .count();
        if registered > 0 {
            return Err(ExistingError::Registered {
                path,
                count: registered,
            }
            .into());
        }
        let owner = funder.filter(|funder| funder.address == contracts.owner).cloned();
        let may_name = owner.is_some() || contracts.owner == plan.deployer.address;
        let unnamed = oracles.iter().zip(&contracts.oracles).find(|(_, named)| !**named);
        if let Some((oracle, _)) = unnamed.filter(|_| !may_name) {
            return Err(ExistingError::Oracle {
                path,
                oracle: *oracle,
                owner: contracts.owner,
            }
            .into());
        }
        if contracts.pool > 0 {
            tracing::warn!(
                "{} miners of others are in the pool of {}: sessions may draw them, and wait for them",
                contracts.pool,
                path.display()
            );
        }
        Ok(Self {
            path,
            contracts,
            owner,
        })
    }

    /// Says what the contracts have other than the scenario asks.
    pub(super) fn report(&self, scenario: &Scenario) {
        for SettingOverride {
            setting,
            scenario,
            endpoint,
        } in self.overrides(scenario)
        {
            let (found, file) = (endpoint.unwrap_or_default(), self.path.display());
            tracing::warn!("{setting} is {found} in the contracts of {file}, not {scenario}");
        }
    }

    /// The scenario with the windows and the price that the contracts have.
    pub(super) fn applied_to(&self, scenario: &Scenario) -> Scenario {
        let windows = self.contracts.windows;
        let [ack, precommit, commit] =
            [windows.ack, windows.precommit, windows.commit].map(Duration::from_secs);
        Scenario {
            windows: Windows {
                ack,
                precommit,
                commit,
            },
            price: self.contracts.price,
            ..scenario.clone()
        }
    }

    /// What the contracts have other than the scenario asks.
    pub(super) fn overrides(&self, scenario: &Scenario) -> Vec<SettingOverride> {
        let applied = self.applied_to(scenario);
        let settings = |scenario: &Scenario| {
            let Windows {
                ack,
                precommit,
                commit,
            } = scenario.windows;
            BTreeMap::from([
                ("price", format_amount(scenario.price)),
                ("windows.ack", format_duration(ack)),
                ("windows.precommit", format_duration(precommit)),
                ("windows.commit", format_duration(commit)),
            ])
        };
        let both = settings(scenario).into_iter().zip(settings(&applied));
        both.filter(|((_, asked), (_, found))| asked != found)
            .map(|((setting, asked), (_, found))| SettingOverride {
                setting: setting.to_owned(),
                scenario: asked,
                endpoint: Some(found),
            })
            .collect()
    }
}

/// Makes calls at the latest block; the first refusal in words if there is one.
async fn ask(
    endpoint: &Endpoint,
    questions: &[(Address, Bytes)],
) -> Result<Result<Vec<Bytes>, String>, RpcError> {
    let mut answers = Vec::with_capacity(questions.len());
    for some in questions.chunks(100) {
        let requests = some
            .iter()
            .map(|(to, input)| {
                Request::new(
                    "eth_call",
                    (json!({ "to": to, "input": input, "data": input }), "latest"),
                )
            })
            .collect::<Result<Vec<_>, _>>()?;
        answers.extend(endpoint.http.read_batch::<Bytes>(&requests).await?);
    }
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>();
    Ok(answers.map_err(|refusal| refusal.to_string()))
}

fn list(addresses: &[Address]) -> String {
    let addresses: Vec<String> = addresses.iter().map(Address::to_string).collect();
    addresses.join(", ")
}

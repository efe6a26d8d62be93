//! The reference contracts where they are deployed already: what they are set to, and who takes part in them.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use alloy::primitives::{Address, Bytes};
use serde_json::json;

use super::{DeploymentFile, ExistingError, RunError, check_chain, check_code};
use crate::{
    chain::rpc::{Endpoint, Request, RpcError},
    plan::{Key, Plan},
    protocol::{Addresses, ExistingContracts},
    record::SettingOverride,
    scenario::{Scenario, Windows, units::format_amount, units::format_duration},
};

/// Contracts that are there already.
#[derive(Clone, Debug)]
pub(in crate::run) struct Existing {
    path: PathBuf,
    pub(in crate::run) contracts: ExistingContracts,
    /// The contracts' owner, if it is the funder and not the deployer of the plan.
    pub(in crate::run) owner: Option<Key>,
}

impl Existing {
    /// The contracts of `file` on the chain at `endpoint`, for a run of `plan` whose accounts `funder` pays.
    pub(in crate::run) async fn find(
        endpoint: &Endpoint,
        file: &DeploymentFile,
        plan: &Plan,
        funder: Option<&Key>,
    ) -> Result<Self, RunError> {
        check_chain(endpoint, file)?;
        let path = file.path.clone();
        let addresses = Addresses::named(&file.contracts).map_err(|name| ExistingError::Unnamed {
            path: path.clone(),
            name: name.to_owned(),
            names: file.contracts.keys().cloned().collect(),
        })?;
        let all = [addresses.node_pool, addresses.session, addresses.session_queue];
        check_code(endpoint, file, &all).await?;
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
    pub(in crate::run) fn report(&self, scenario: &Scenario) {
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
    pub(in crate::run) fn applied_to(&self, scenario: &Scenario) -> Scenario {
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
    pub(in crate::run) fn overrides(&self, scenario: &Scenario) -> Vec<SettingOverride> {
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

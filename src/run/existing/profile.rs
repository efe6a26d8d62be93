//! A profile's contracts where they are deployed already.

use std::{collections::BTreeMap, sync::Arc};

use alloy::primitives::Address;

use super::{DeploymentFile, ExistingError, RunError, check_chain, check_code};
use crate::{
    chain::rpc::Endpoint,
    protocol::profile::{ContractDefinition, Definition, Origin},
    scenario::Scenario,
};

/// The scenario, which runs a profile, with the profile's contracts where `file` has them on the chain at `endpoint`. The
/// reference protocol's is as it was.
///
/// # Errors
/// [`ExistingError`] if the file lacks one of them or is of another chain, or if there is no code; or that the node failed.
pub(crate) async fn on_chain(
    scenario: &Scenario,
    endpoint: &Endpoint,
    file: &DeploymentFile,
) -> Result<Scenario, RunError> {
    let mut scenario = scenario.clone();
    if let Some(run) = &mut scenario.profile {
        check_chain(endpoint, file)?;
        let addresses = addresses(&run.definition, file)?;
        let all: Vec<Address> = addresses.values().copied().collect();
        check_code(endpoint, file, &all).await?;
        let definition = Arc::make_mut(&mut run.definition);
        // A library that is called alone by the others has no place in the file, nor need of one.
        for contract in &mut definition.contracts {
            let address = addresses.get(&contract.name).copied().unwrap_or_default();
            if matches!(contract.origin, Origin::Deployed { .. }) {
                contract.origin = Origin::At(address);
            }
        }
    }
    Ok(scenario)
}

/// Where the file has the contracts that the profile would deploy, by the profile's names for them.
fn addresses(
    profile: &Definition,
    file: &DeploymentFile,
) -> Result<BTreeMap<String, Address>, ExistingError> {
    let deployed = |contract: &&ContractDefinition| matches!(contract.origin, Origin::Deployed { .. });
    let mut by_artifact: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut addresses = BTreeMap::new();
    for contract in profile.contracts.iter().filter(deployed) {
        let artifact = contract.qualified.rsplit(':').next().unwrap_or_default();
        let alike = |(name, _): &(&String, &Address)| name.eq_ignore_ascii_case(&contract.name);
        let address = match file.contracts.get(&contract.name) {
            Some(address) => Some(address),
            None => match file.contracts.get_key_value(artifact) {
                Some((artifact, address)) => {
                    let same = by_artifact.entry(artifact).or_default();
                    same.push(contract.name.clone());
                    Some(address)
                }
                None => file.contracts.iter().find(alike).map(|(_, address)| address),
            },
        };
        match address {
            Some(address) => drop(addresses.insert(contract.name.clone(), *address)),
            None if profile.is_linked(contract) => {}
            None => {
                let name = match contract.name == artifact {
                    true => contract.name.clone(),
                    false => format!("{} (or {artifact})", contract.name),
                };
                return Err(ExistingError::Unnamed {
                    path: file.path.clone(),
                    name,
                    names: file.contracts.keys().cloned().collect(),
                });
            }
        }
    }
    match by_artifact.into_iter().find(|(_, contracts)| contracts.len() > 1) {
        None => Ok(addresses),
        Some((name, contracts)) => Err(ExistingError::Ambiguous {
            path: file.path.clone(),
            name: name.to_owned(),
            contracts,
        }),
    }
}

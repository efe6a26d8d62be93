//! The deployment of a profile's contracts.

use std::{collections::BTreeMap, sync::Arc};

use alloy::primitives::{Address, Bytes, U256};

use super::{
    super::{
        definition::{ContractDefinition, Origin},
        expression::{Answers, Expression, Value, encode},
        plan::ProfileSetup,
    },
    ProfileContracts, World,
    no_draws::NoDraws,
    protocol::Profile,
    view::View,
};
use crate::protocol::{Deployed, Invocation};

/// Gas that creating a contract may use besides its code: the transaction, and what its constructor does.
const CREATE_GAS: u64 = 3_000_000;
/// Gas per byte of init code: 16 of calldata, 200 for keeping it as code, and the few that reading it takes.
const CODE_BYTE_GAS: u64 = 220;
/// The most gas that a transaction may have from the Osaka hardfork on (EIP-7825).
const MOST_GAS: u64 = 1 << 24;

impl ProfileSetup<'_> {
    /// The deployment of the contracts by their deployer, whose next nonce is `first_nonce`.
    ///
    /// # Errors
    /// If a constructor's argument or a parameter has no value.
    pub(super) fn deployment(&self, first_nonce: u64) -> Result<Deployed<Profile>, String> {
        let world = World::new(self, first_nonce)?;
        let libraries: BTreeMap<String, Address> = world
            .definition
            .contracts
            .iter()
            .zip(&world.addresses)
            .map(|(contract, address)| (contract.qualified.clone(), *address))
            .collect();
        let mut steps = Vec::new();
        for contract in &world.definition.contracts {
            steps.extend(create(&world, contract, &libraries)?);
        }
        Ok(Deployed {
            steps,
            contracts: ProfileContracts::new(Arc::new(world)),
        })
    }
}

/// The transaction that creates a contract; `None` for one that is there.
fn create(
    world: &World,
    contract: &ContractDefinition,
    libraries: &BTreeMap<String, Address>,
) -> Result<Option<Invocation>, String> {
    let Origin::Deployed {
        code,
        arguments,
        value,
    } = &contract.origin
    else {
        return Ok(None);
    };
    let failed = |reason: String| format!("contract {}: {reason}", contract.name);
    let code = code.link(libraries).map_err(|missing| {
        let names: Vec<String> = missing.iter().map(ToString::to_string).collect();
        failed(format!("not linked: {}", names.join(", ")))
    })?;
    let evaluate = |expression: &Expression| -> Result<Value, String> {
        let value = expression.evaluate(&View::of(world), &mut NoDraws::default(), &Answers::new());
        value.map_err(|error| failed(error.to_string()))
    };
    let mut values = Vec::with_capacity(arguments.len());
    for argument in arguments {
        values.push((evaluate(argument)?, argument.ty().clone()));
    }
    let encoded = encode(&values).ok_or_else(|| failed("an argument is not of its type".to_owned()))?;
    let input: Bytes = [code.as_ref(), encoded.as_ref()].concat().into();
    let value = value.as_deref().map(evaluate).transpose()?;
    Ok(Some(Invocation {
        to: None,
        value: value.and_then(|value| value.as_word()).unwrap_or(U256::ZERO),
        gas_limit: (CREATE_GAS + CODE_BYTE_GAS * input.len() as u64).min(MOST_GAS),
        input,
    }))
}

//! Gas limits for changed contracts: what calls of the reference contracts need at most, or more if a sample needs more.

use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::{RunError, in_process::simulate_with_limits};
use crate::{
    protocol::{
        Function, REFERENCE,
        profile::{ContractDefinition, Origin},
    },
    record::{Progress, Record, Recorder},
    scenario::Scenario,
};

/// Limits that are tried, in per cent of what the reference contracts need.
const TRIED: [u64; 9] = [100, 150, 200, 300, 400, 600, 800, 1_200, 1_600];
/// The share of a limit, in per cent, that must do for the sample: the whole may need somewhat more.
const SAMPLE_SHARE: u64 = 97;
/// Limits where no owner takes part, so that there is nothing to try: clients' calls set their own.
const WITHOUT_OWNERS: u64 = 400;

/// Gas limits of calls. A limit changes nothing about what a call costs, so that nothing but a lack of gas tells one from another.
#[derive(Clone, Debug)]
pub(super) enum GasLimits {
    /// In per cent of what calls of the reference contracts need at most.
    OfReference(u64),
    /// Of each function of a profile, by its place in the schema; `None` where it is not known.
    OfFunctions(Vec<Option<u64>>),
}

impl GasLimits {
    /// Gas limits for the contracts of `scenario`: for the reference contracts what they need, for others what a sample of the
    /// scenario needs, and more.
    ///
    /// # Errors
    /// If the contracts cannot be deployed.
    pub(super) fn of(scenario: &Scenario) -> Result<Self, RunError> {
        match scenario.profile {
            Some(_) => profile_gas_limits(scenario).map(Self::OfFunctions),
            None => of_reference(scenario).map(Self::OfReference),
        }
    }

    /// Per cent of what the reference contracts need.
    pub(super) const fn percent(&self) -> u64 {
        match self {
            Self::OfReference(percent) => *percent,
            Self::OfFunctions(_) => TRIED[0],
        }
    }

    /// Those of a profile's functions.
    pub(super) fn of_functions(&self) -> &[Option<u64>] {
        match self {
            Self::OfReference(_) => &[],
            Self::OfFunctions(limits) => limits,
        }
    }
}

/// What a call of which nothing is known may use in a sample.
const AMPLE: u64 = 15_000_000;
/// A limit in per cent of the most that a call of the function used in the sample. What is refunded counts as used while the
/// call lasts, up to a fifth (EIP-3529), and others may need somewhat more.
const MARGIN: u64 = 160;

/// The limits of a profile's functions, by their places in the schema: what their calls use in a sample of the scenario, and more.
/// A profile whose contracts are not the run's own cannot be sampled: `None` for each then.
///
/// # Errors
/// If the contracts cannot be deployed.
pub(crate) fn profile_gas_limits(scenario: &Scenario) -> Result<Vec<Option<u64>>, RunError> {
    let Some(run) = &scenario.profile else {
        return Ok(Vec::new());
    };
    let functions = run.definition.schema.functions.len();
    let deployed = |contract: &ContractDefinition| matches!(contract.origin, Origin::Deployed { .. });
    if !run.definition.contracts.iter().all(deployed) {
        return Ok(vec![None; functions]);
    }
    let sample = scenario.sample_of_profile();
    let most = Arc::new(Mutex::new(vec![0_u64; functions]));
    let heard = Arc::clone(&most);
    let recorder = Recorder::new(run.definition.schema).heard_by(move |record| {
        if let Record::Transaction(transaction) = record
            && let Some(gas) = transaction.gas_used
        {
            let mut most = heard.lock().unwrap_or_else(PoisonError::into_inner);
            let place = transaction.function.index();
            most[place] = most[place].max(gas);
        }
    });
    let ample = GasLimits::OfFunctions(vec![Some(AMPLE); functions]);
    simulate_with_limits(
        &sample,
        recorder,
        &CancellationToken::new(),
        |_: &Progress| {},
        &ample,
    )?;
    let most = most.lock().unwrap_or_else(PoisonError::into_inner);
    let limit = |gas: &u64| (*gas > 0).then(|| (*gas * MARGIN / 100).min(AMPLE));
    Ok(most.iter().map(limit).collect())
}

/// Gas limits for the contracts of `scenario`, in per cent of what the reference contracts need: 100 for these, and for others
/// the least of some steps with which a sample of the scenario runs as it does with the highest. A limit changes nothing
/// about what a call costs, so that nothing but a lack of gas tells one step from another.
///
/// # Errors
/// If the contracts cannot be deployed.
fn of_reference(scenario: &Scenario) -> Result<u64, RunError> {
    if scenario.contracts.is_reference() {
        return Ok(TRIED[0]);
    }
    let mut percent = if scenario.owners.is_empty() {
        WITHOUT_OWNERS
    } else {
        TRIED[0]
    };
    for (index, group) in scenario.owners.iter().enumerate() {
        let sample = scenario.sample(index, group.redundancy.largest());
        let [.., most] = TRIED;
        let ample = calls(&sample, most)?;
        for tried in TRIED {
            if tried < percent {
                continue;
            }
            percent = tried;
            if calls(&sample, tried * SAMPLE_SHARE / 100)? == ample {
                break;
            }
        }
    }
    Ok(percent)
}

/// Calls and gas of each function with these limits.
fn calls(sample: &Scenario, percent: u64) -> Result<Vec<(Function, u64, u64)>, RunError> {
    let never = CancellationToken::new();
    let ran = simulate_with_limits(
        sample,
        Recorder::new(REFERENCE),
        &never,
        |_: &Progress| {},
        &GasLimits::OfReference(percent),
    )?;
    let functions = ran.result.functions.into_iter();
    Ok(functions
        .map(|(function, of)| (function, of.transactions.total, of.gas_total))
        .collect())
}

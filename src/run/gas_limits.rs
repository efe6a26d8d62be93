//! Gas limits for changed contracts: what calls of the reference contracts need at most, or more if a sample needs more.

use tokio_util::sync::CancellationToken;

use super::{RunError, in_process::simulate_with_limits, profile_sample::ProfileSample};
use crate::{
    protocol::{Function, REFERENCE},
    record::{Progress, Recorder},
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
    /// Those of a profile's functions.
    OfProfile(ProfileSample),
}

impl GasLimits {
    /// Gas limits for the contracts of `scenario`: for the reference contracts what they need, for others what a sample of the
    /// scenario needs, and more.
    ///
    /// # Errors
    /// If the contracts cannot be deployed.
    pub(super) fn of(scenario: &Scenario) -> Result<Self, RunError> {
        match scenario.profile {
            Some(_) => ProfileSample::of(scenario).map(Self::OfProfile),
            None => of_reference(scenario).map(Self::OfReference),
        }
    }

    /// Per cent of what the reference contracts need.
    pub(super) const fn percent(&self) -> u64 {
        match self {
            Self::OfReference(percent) => *percent,
            Self::OfProfile(_) => TRIED[0],
        }
    }

    /// The sample of a profile's run.
    pub(super) const fn sample(&self) -> Option<&ProfileSample> {
        match self {
            Self::OfReference(_) => None,
            Self::OfProfile(sample) => Some(sample),
        }
    }

    /// Those of a profile's functions.
    pub(super) fn of_functions(&self) -> &[Option<u64>] {
        match self {
            Self::OfReference(_) => &[],
            Self::OfProfile(sample) => &sample.gas_limits,
        }
    }
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
        &mut |_: &Progress| {},
        &GasLimits::OfReference(percent),
    )?;
    let functions = ran.result.functions.into_iter();
    Ok(functions
        .map(|(function, of)| (function, of.transactions.total, of.gas_total))
        .collect())
}

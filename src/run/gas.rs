//! Runs a scenario with opcode metering, for its gas profile.

use std::sync::{Arc, Mutex, PoisonError};

use alloy::primitives::{B256, keccak256};
use tokio_util::sync::CancellationToken;

use super::{RunError, in_process::simulate_metered};
use crate::{
    driver::RunObserver,
    record::{GasProfile, GasProfiler, Record, Recorder, RunResult},
    scenario::Scenario,
};

/// What a run used, and on what.
#[derive(Debug)]
pub struct GasRun {
    /// The run's result, the same as without the profile.
    pub result: RunResult,
    /// Its gas per phase and function, by groups.
    pub profile: GasProfile,
    /// A digest of the scenario as it was run, without its description and contracts.
    pub scenario_digest: B256,
}

/// Runs `scenario` in virtual time, whatever chain it names, and sorts the gas of all its transactions. Its thresholds
/// are left out: they neither stop the run nor are they judged.
///
/// # Errors
/// As [`simulate`](super::simulate).
pub fn measure_gas(
    scenario: &Scenario,
    stop: &CancellationToken,
    observer: impl RunObserver,
) -> Result<GasRun, RunError> {
    let scenario = Scenario {
        thresholds: Vec::new(),
        ..scenario.clone()
    };
    let profiler = Arc::new(Mutex::new(GasProfiler::default()));
    let heard = Arc::clone(&profiler);
    let recorder = Recorder::new(scenario.schema()).heard_by(move |record| {
        if let Record::Transaction(transaction) = record {
            lock(&heard).record(transaction);
        }
    });
    let ran = simulate_metered(&scenario, recorder, stop, observer)?;
    let profile = std::mem::take(&mut *lock(&profiler)).finish();
    Ok(GasRun {
        result: ran.result,
        profile,
        scenario_digest: digest(&scenario),
    })
}

fn digest(scenario: &Scenario) -> B256 {
    let mut undescribed = Scenario {
        description: Default::default(),
        contracts: Default::default(),
        ..scenario.clone()
    };
    // Where a profile lies differs from machine to machine.
    if let Some(run) = &mut undescribed.profile {
        run.file = run.file.file_name().unwrap_or_default().into();
        if run.definition.replaced.is_some() {
            Arc::make_mut(&mut run.definition).replaced = None;
        }
    }
    keccak256(undescribed.to_toml())
}

fn lock(profiler: &Mutex<GasProfiler>) -> std::sync::MutexGuard<'_, GasProfiler> {
    profiler.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Runs a scenario with opcode metering, for its gas profile.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use alloy::primitives::{B256, keccak256};
use tokio_util::sync::CancellationToken;

use super::{RunError, in_process::simulate_metered};
use crate::{
    driver::RunObserver,
    record::{GasProfile, GasProfiler, Record, Recorder, RunResult, TxRecord},
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
    mut observer: impl RunObserver,
) -> Result<GasRun, RunError> {
    let scenario = Scenario {
        thresholds: Vec::new(),
        ..scenario.clone()
    };
    let heard = Arc::new(Mutex::new(Metered::default()));
    let hears = Arc::clone(&heard);
    let may_be_undone = !scenario.faults.is_empty();
    let recorder = Recorder::new(scenario.schema()).heard_by(move |record| {
        if let Record::Transaction(transaction) = record {
            let metered = &mut *lock(&hears);
            match may_be_undone {
                true => drop(metered.latest.insert(transaction.id, transaction.clone())),
                false => metered.profiler.record(transaction),
            }
        }
    });
    let ran = simulate_metered(&scenario, recorder, stop, &mut observer)?;
    let Metered { mut profiler, latest } = std::mem::take(&mut *lock(&heard));
    for transaction in latest.values() {
        profiler.record(transaction);
    }
    Ok(GasRun {
        result: ran.result,
        profile: profiler.finish(),
        scenario_digest: digest(&scenario),
    })
}

/// What is known of the gas of transactions.
#[derive(Default)]
struct Metered {
    profiler: GasProfiler,
    /// The latest records of transactions that a reorg may take out of their blocks, by number.
    latest: BTreeMap<u64, TxRecord>,
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

fn lock(metered: &Mutex<Metered>) -> std::sync::MutexGuard<'_, Metered> {
    metered.lock().unwrap_or_else(PoisonError::into_inner)
}

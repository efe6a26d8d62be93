//! A sample of a profile's run, simulated to learn what its calls need: gas, and what accounts transfer.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use alloy::primitives::{Address, U256};
use tokio_util::sync::CancellationToken;

use super::{RunError, gas_limits::GasLimits, in_process::simulate_with_limits};
use crate::{
    protocol::Function,
    record::{Progress, Record, Recorder, RunResult, TxRecord},
    scenario::Scenario,
};

/// What a call of which nothing is known may use in a sample.
const AMPLE: u64 = 15_000_000;
/// A limit in per cent of the most that a call of the function used in the sample. What is refunded counts as used while the
/// call lasts, up to a fifth (EIP-3529), and others may need somewhat more.
const MARGIN: u64 = 160;

/// The part of a limit, as a fraction's denominator, up to which it is bisected.
const PRECISION: u64 = 20;
/// The part of a bisected limit, as a fraction's denominator, that is added to it: other calls may ask for somewhat more.
const ASKED_MARGIN: u64 = 10;

/// What a sample tells of a profile's run.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProfileSample {
    /// The gas limit of each function, by its place in the schema: what its calls used, and more. `None` where it is not known.
    pub(crate) gas_limits: Vec<Option<u64>>,
    /// What the transactions of each account transferred; those alone that transferred something.
    pub(super) transferred: BTreeMap<Address, Transferred>,
    /// Tasks in it.
    pub(super) tasks: u64,
}

/// What transactions of an account transferred, in wei.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Transferred {
    /// In set-up.
    pub(super) set_up: U256,
    /// Afterwards.
    pub(super) load: U256,
    /// The most that one of the load did.
    pub(super) largest: U256,
}

/// What is noted while the sample runs.
#[derive(Debug)]
struct Notes {
    gas: Vec<u64>,
    transferred: BTreeMap<Address, Transferred>,
}

impl ProfileSample {
    /// The sample of a scenario that runs a profile. A profile whose contracts are not the run's own cannot be sampled: nothing
    /// is known then.
    ///
    /// # Errors
    /// If the contracts cannot be deployed.
    pub(crate) fn of(scenario: &Scenario) -> Result<Self, RunError> {
        let Some(run) = &scenario.profile else {
            return Ok(Self::default());
        };
        let functions = run.definition.schema.functions.len();
        if run.definition.contract_there().is_some() {
            return Ok(Self {
                gas_limits: vec![None; functions],
                ..Self::default()
            });
        }
        let sample = &scenario.sample_of_profile();
        let notes = Arc::new(Mutex::new(Notes {
            gas: vec![0; functions],
            transferred: BTreeMap::new(),
        }));
        let heard = Arc::clone(&notes);
        let recorder = Recorder::new(run.definition.schema).heard_by(move |record| {
            if let Record::Transaction(transaction) = record {
                heard
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .add(transaction);
            }
        });
        let ample = GasLimits::OfProfile(Self {
            gas_limits: vec![Some(AMPLE); functions],
            ..Self::default()
        });
        let ran = simulate_with_limits(
            sample,
            recorder,
            &CancellationToken::new(),
            &mut |_: &Progress| {},
            &ample,
        )?;
        let notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
        let limit = |gas: &u64| (*gas > 0).then(|| (*gas * MARGIN / 100).min(AMPLE));
        let found = notes.gas.iter().map(limit).collect();
        Ok(Self {
            gas_limits: sufficient(sample, &Outcomes::of(&ran.result), found)?,
            transferred: notes.transferred.clone(),
            tasks: ran.result.tasks.submitted,
        })
    }
}

/// What became of a sample's transactions and tasks, which gas limits change only if they are too low.
#[derive(Debug, PartialEq, Eq)]
struct Outcomes {
    /// Transactions of each function, and those of them that reverted.
    functions: Vec<(Function, u64, u64)>,
    /// Tasks that ended.
    ended: u64,
}

impl Outcomes {
    fn of(result: &RunResult) -> Self {
        let functions = result.functions.iter().map(|(function, of)| {
            let counts = &of.transactions;
            (*function, counts.total, counts.reverted + counts.outrun)
        });
        Self {
            functions: functions.collect(),
            ended: result.tasks.ended,
        }
    }

    /// Those of a sample with these gas limits.
    fn with(sample: &Scenario, gas_limits: Vec<Option<u64>>) -> Result<Self, RunError> {
        let limits = GasLimits::OfProfile(ProfileSample {
            gas_limits,
            ..ProfileSample::default()
        });
        let ran = simulate_with_limits(
            sample,
            Recorder::new(sample.schema()),
            &CancellationToken::new(),
            &mut |_: &Progress| {},
            &limits,
        )?;
        Ok(Self::of(&ran.result))
    }
}

/// The gas limits that were found, those of them raised with which the sample does not come to the same as with ample ones: a
/// contract may ask for gas that it does not use. Each of these is bisected, as a node's `eth_estimateGas` does.
fn sufficient(
    sample: &Scenario,
    ample: &Outcomes,
    mut found: Vec<Option<u64>>,
) -> Result<Vec<Option<u64>>, RunError> {
    if Outcomes::with(sample, found.clone())? == *ample {
        return Ok(found);
    }
    for place in 0..found.len() {
        let Some(used) = found[place] else { continue };
        let does = |limit: u64| -> Result<bool, RunError> {
            let mut limits = vec![Some(AMPLE); found.len()];
            limits[place] = Some(limit);
            Ok(Outcomes::with(sample, limits)? == *ample)
        };
        if does(used)? {
            continue;
        }
        let (mut low, mut high) = (used, AMPLE);
        while high > low + low / PRECISION {
            let middle = low.saturating_mul(high).isqrt();
            match does(middle)? {
                true => high = middle,
                false => low = middle,
            }
        }
        found[place] = Some((high + high / ASKED_MARGIN).min(AMPLE));
    }
    Ok(found)
}

impl Notes {
    fn add(&mut self, transaction: &TxRecord) {
        if let Some(gas) = transaction.gas_used {
            let most = &mut self.gas[transaction.function.index()];
            *most = (*most).max(gas);
        }
        if transaction.value.is_zero() {
            return;
        }
        let of_account = self.transferred.entry(transaction.from).or_default();
        if transaction.phase.is_setup() {
            of_account.set_up += transaction.value;
        } else {
            of_account.load += transaction.value;
            of_account.largest = of_account.largest.max(transaction.value);
        }
    }
}

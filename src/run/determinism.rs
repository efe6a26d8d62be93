//! Whether a scenario runs the same twice, and where it does not.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
};

use tokio_util::sync::CancellationToken;

use super::{RunError, simulate};
use crate::{
    driver::Audience,
    record::{Progress, Record, Recorder},
    scenario::Scenario,
};

/// What came of running a scenario twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Determinism {
    /// Both runs recorded the same and drew the same.
    Same {
        /// Records of each run.
        records: u64,
        /// The digest of all of them, in their order.
        digest: u64,
    },
    /// The runs recorded different things from this record on.
    RecordsDiffer {
        /// The first that differs, counted from 0.
        at: u64,
        /// What the first run recorded there; `None` if it had ended.
        first: Option<String>,
        /// What the second run recorded there; `None` if it had ended.
        second: Option<String>,
    },
    /// The runs recorded the same, but their random streams stand elsewhere: something was drawn in vain.
    DrawsDiffer,
    /// A run was stopped before its end.
    Stopped,
}

/// Runs `scenario` in virtual time twice and compares a running digest of every record, and where every random stream
/// stands at the end. Where the runs part, a third is made to show what the first recorded there.
///
/// # Errors
/// As [`simulate`].
pub fn check_determinism(scenario: &Scenario, stop: &CancellationToken) -> Result<Determinism, RunError> {
    let (first, first_draws) = digests(scenario, stop)?;
    let (second, second_draws) = digests(scenario, stop)?;
    if stop.is_cancelled() {
        return Ok(Determinism::Stopped);
    }
    if first == second {
        return Ok(match first.last() {
            _ if first_draws != second_draws => Determinism::DrawsDiffer,
            last => Determinism::Same {
                records: first.len() as u64,
                digest: last.copied().unwrap_or_default(),
            },
        });
    }
    let at = first
        .iter()
        .zip(&second)
        .take_while(|(first, second)| first == second)
        .count();
    Ok(Determinism::RecordsDiffer {
        at: at as u64,
        first: record(scenario, stop, at, first.get(at))?,
        second: record(scenario, stop, at, second.get(at))?,
    })
}

/// The digest of all records up to each, and of the random streams at the end.
fn digests(scenario: &Scenario, stop: &CancellationToken) -> Result<(Vec<u64>, u64), RunError> {
    let digests = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&digests);
    let mut hasher = DefaultHasher::new();
    let listener = move |record: &Record| {
        record.hash(&mut hasher);
        heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(hasher.finish());
    };
    let draws = simulate(scenario, Recorder::new().heard_by(listener), stop, unseen())?.draws;
    let digests = std::mem::take(&mut *digests.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((digests, draws))
}

/// The record at place `at` of a run whose digest there is `expected`; a run that does not come out the same again is
/// given up after ten tries, and what it recorded last is returned.
fn record(
    scenario: &Scenario,
    stop: &CancellationToken,
    at: usize,
    expected: Option<&u64>,
) -> Result<Option<String>, RunError> {
    const TRIES: usize = 10;
    let Some(expected) = expected else { return Ok(None) };
    let mut shown = None;
    for _ in 0..TRIES {
        let found = Arc::new(Mutex::new(None));
        let heard = Arc::clone(&found);
        let (mut hasher, mut place) = (DefaultHasher::new(), 0);
        let listener = move |record: &Record| {
            record.hash(&mut hasher);
            if place == at {
                let found = Some((hasher.finish(), format!("{record:?}")));
                *heard.lock().unwrap_or_else(PoisonError::into_inner) = found;
            }
            place += 1;
        };
        simulate(scenario, Recorder::new().heard_by(listener), stop, unseen())?;
        let found = found.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((digest, text)) = found else { continue };
        shown = Some(text);
        if digest == *expected {
            break;
        }
    }
    Ok(shown)
}

fn unseen() -> impl Audience {
    |_: &Progress| {}
}

//! Determinism check: runs a scenario twice and locates the first difference.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
};

use tokio_util::sync::CancellationToken;

use super::{RunError, simulate};
use crate::{
    protocol::ProtocolSchema,
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
        /// What the second run recorded there; `None` if it had ended.
        second: Option<String>,
    },
    /// The runs recorded the same, but their random streams stand elsewhere: something was drawn in vain.
    DrawsDiffer,
    /// A run was stopped before its end.
    Stopped,
}

/// Runs `scenario` in virtual time twice and compares a running digest of every record, and where every random stream
/// stands at the end. The second run keeps the first record that differs.
///
/// # Errors
/// As [`simulate`].
pub fn check_determinism(scenario: &Scenario, stop: &CancellationToken) -> Result<Determinism, RunError> {
    let mut run = |recorder| simulate(scenario, recorder, stop, |_: &Progress| {}).map(|ran| ran.draws);
    let verdict = compare(scenario.schema(), &mut run)?;
    Ok(if stop.is_cancelled() {
        Determinism::Stopped
    } else {
        verdict
    })
}

/// Compares two of the runs that `run` makes with a recorder; it returns where their random streams stood.
fn compare<E>(
    schema: &'static ProtocolSchema,
    run: &mut impl FnMut(Recorder) -> Result<u64, E>,
) -> Result<Determinism, E> {
    let first = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&first);
    let first_draws = run(digested(schema, move |digest, _| lock(&heard).push(digest)))?;
    let first = std::mem::take(&mut *lock(&first));
    let records = first.len();
    let digest = first.last().copied().unwrap_or_default();
    let second = Arc::new(Mutex::new(Second::default()));
    let heard = Arc::clone(&second);
    let second_draws = run(digested(schema, move |digest, record| {
        let mut second = lock(&heard);
        if second.other.is_none() && first.get(second.records) != Some(&digest) {
            second.other = Some(format!("{record:?}"));
        } else if second.other.is_none() {
            second.records += 1;
        }
    }))?;
    let Second { records: same, other } = std::mem::take(&mut *lock(&second));
    Ok(if other.is_some() || same < records {
        Determinism::RecordsDiffer {
            at: same as u64,
            second: other,
        }
    } else if first_draws == second_draws {
        Determinism::Same {
            records: records as u64,
            digest,
        }
    } else {
        Determinism::DrawsDiffer
    })
}

/// What the second run recorded.
#[derive(Default)]
struct Second {
    /// Records that are those of the first run.
    records: usize,
    /// The one after them, if there was one.
    other: Option<String>,
}

/// A recorder that tells every record with the digest of all up to it.
fn digested(
    schema: &'static ProtocolSchema,
    mut hear: impl FnMut(u64, &Record) + Send + 'static,
) -> Recorder {
    let mut hasher = DefaultHasher::new();
    Recorder::new(schema).heard_by(move |record| {
        record.hash(&mut hasher);
        hear(hasher.finish(), record);
    })
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::{protocol::REFERENCE, record::BlockRecord, time::Micros};

    /// Runs that record blocks of these numbers and leave their streams there, over and over.
    fn verdict(runs: &[(&[u64], u64)]) -> Determinism {
        let mut runs = runs.iter().cycle();
        let mut run = |mut recorder: Recorder| {
            let (blocks, draws) = runs.next().expect("they go round");
            for number in *blocks {
                recorder.record(&Record::Block(block(*number)));
            }
            Ok::<_, Infallible>(*draws)
        };
        compare(REFERENCE, &mut run).expect("they do not fail")
    }

    fn block(number: u64) -> BlockRecord {
        let (timestamp, seen) = (number, Micros(number));
        BlockRecord {
            number,
            timestamp,
            seen,
            gas_used: 0,
            gas_limit: 1,
            base_fee: 1,
            transactions: 0,
        }
    }

    #[test]
    fn runs_that_are_the_same_are_told_apart_from_others_only() {
        let same = verdict(&[(&[1, 2, 3], 7)]);
        assert!(matches!(same, Determinism::Same { records: 3, .. }), "{same:?}");
        assert_ne!(same, verdict(&[(&[1, 2, 4], 7)]));
        assert!(matches!(
            verdict(&[(&[], 7)]),
            Determinism::Same { records: 0, .. }
        ));
    }

    #[test]
    fn the_first_record_that_differs_is_named() {
        let text = |number| Some(format!("{:?}", Record::Block(block(number))));
        let differ = |second| Determinism::RecordsDiffer { at: 1, second };
        assert_eq!(verdict(&[(&[1, 2, 3], 7), (&[1, 5, 3], 7)]), differ(text(5)));
        assert_eq!(verdict(&[(&[1], 7), (&[1, 5], 7)]), differ(text(5)));
        assert_eq!(verdict(&[(&[1, 2], 7), (&[1], 7)]), differ(None));
    }

    #[test]
    fn draws_that_leave_no_record_are_noticed() {
        assert_eq!(verdict(&[(&[1, 2], 7), (&[1, 2], 8)]), Determinism::DrawsDiffer);
    }
}

//! Running totals of dishonest calls.

use std::collections::BTreeMap;

use super::{MisbehaviourResult, TxOutcome, TxRecord};
use crate::protocol::{Behaviour, Function, Owed, TaskPhase};

/// What became of dishonest calls, by behaviour, function and phase of the task.
#[derive(Clone, Debug, Default)]
pub(super) struct MisbehaviourTally(BTreeMap<(Behaviour, Function, Option<TaskPhase>), [u64; 4]>);

impl MisbehaviourTally {
    pub(super) fn record(&mut self, transaction: &TxRecord) {
        let Some(misdeed) = transaction.misdeed else {
            return;
        };
        let key = (misdeed.behaviour, transaction.function, transaction.task_phase);
        let [accepted, wrongly_accepted, refused, lost] = self.0.entry(key).or_default();
        match transaction.outcome {
            TxOutcome::Included => {
                *accepted += 1;
                *wrongly_accepted += u64::from(misdeed.owed == Owed::MustBeRefused);
            }
            _ if transaction.outcome.is_revert() => *refused += 1,
            _ => *lost += 1,
        }
    }

    pub(super) fn finish(self) -> Vec<MisbehaviourResult> {
        let rows = self.0.into_iter();
        rows.map(|(key, counts)| {
            let ((behaviour, function, task_phase), [accepted, wrongly_accepted, refused, lost]) =
                (key, counts);
            MisbehaviourResult {
                behaviour,
                function,
                task_phase,
                accepted,
                wrongly_accepted,
                refused,
                lost,
            }
        })
        .collect()
    }
}

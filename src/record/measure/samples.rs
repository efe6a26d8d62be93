//! Samples of transactions and tasks whose measurement window is not known yet.

use super::super::{TaskOutcome, TaskRecord, TaskSpan, TxRecord};
use crate::{protocol::Phase, time::Micros};

/// No moment, or no duration.
const NONE: u64 = u64::MAX;

/// A transaction's times, in 32 bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::record) struct TxSample {
    pub(in crate::record) intended: Micros,
    sent: u64,
    included: u64,
    pub(in crate::record) phase: Phase,
}

impl TxSample {
    pub(in crate::record) fn of(transaction: &TxRecord) -> Self {
        let moment = |moment: Option<Micros>| moment.map_or(NONE, |moment| moment.0);
        Self {
            intended: transaction.intended,
            sent: moment(transaction.sent),
            included: moment(transaction.included),
            phase: transaction.phase,
        }
    }

    fn sent(self) -> Option<Micros> {
        (self.sent != NONE).then_some(Micros(self.sent))
    }

    /// When the block that holds it was seen.
    pub(in crate::record) fn included(self) -> Option<Micros> {
        (self.included != NONE).then_some(Micros(self.included))
    }

    pub(in crate::record) fn response_us(self) -> Option<u64> {
        Some(self.included()?.since(self.intended))
    }

    pub(in crate::record) fn service_us(self) -> Option<u64> {
        Some(self.included()?.since(self.sent()?))
    }

    pub(in crate::record) fn lateness_us(self) -> Option<u64> {
        Some(self.sent()?.since(self.intended))
    }
}

/// A task's times, in 72 bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::record) struct TaskSample {
    pub(in crate::record) intended: Micros,
    pub(in crate::record) id: u64,
    ended: u64,
    spans: [u64; TaskSpan::ALL.len()],
    /// Whether it ended with a result.
    pub(in crate::record) succeeded: bool,
    /// Whether it was never submitted.
    pub(in crate::record) dropped: bool,
}

impl TaskSample {
    pub(in crate::record) fn of(task: &TaskRecord) -> Self {
        Self {
            intended: task.intended,
            id: task.id,
            ended: task.ended.map_or(NONE, |ended| ended.0),
            spans: TaskSpan::ALL.map(|which| task.span_us(which).unwrap_or(NONE)),
            succeeded: task.outcome == TaskOutcome::Ended,
            dropped: task.outcome == TaskOutcome::Dropped,
        }
    }

    /// When its end was seen.
    pub(in crate::record) fn ended(self) -> Option<Micros> {
        (self.ended != NONE).then_some(Micros(self.ended))
    }

    pub(in crate::record) fn span_us(self, span: TaskSpan) -> Option<u64> {
        Some(self.spans[span as usize]).filter(|duration| *duration != NONE)
    }
}

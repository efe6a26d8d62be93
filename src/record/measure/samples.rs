//! Samples of transactions and tasks whose measurement window is not known yet.

use super::super::{TaskOutcome, TaskRecord, TxRecord};
use crate::{
    protocol::{Phase, ProtocolSchema},
    time::Micros,
};

/// No moment, or no duration.
const NONE: u64 = u64::MAX;

/// A transaction's times, in 48 bytes.
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

/// A task's times, in 96 bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::record) struct TaskSample {
    pub(in crate::record) intended: Micros,
    pub(in crate::record) id: u64,
    ended: u64,
    spans: [u64; ProtocolSchema::MOST_SPANS],
    /// Whether it ended with a result.
    pub(in crate::record) succeeded: bool,
    /// Whether it was never submitted.
    pub(in crate::record) dropped: bool,
}

impl TaskSample {
    pub(in crate::record) fn of(task: &TaskRecord, protocol: &ProtocolSchema) -> Self {
        let mut spans = [NONE; ProtocolSchema::MOST_SPANS];
        for (duration, span) in spans.iter_mut().zip(protocol.spans) {
            *duration = task.span_us(*span).unwrap_or(NONE);
        }
        Self {
            intended: task.intended,
            id: task.id,
            ended: task.ended.map_or(NONE, |ended| ended.0),
            spans,
            succeeded: task.outcome == TaskOutcome::Ended,
            dropped: task.outcome == TaskOutcome::Dropped,
        }
    }

    /// When its end was seen.
    pub(in crate::record) fn ended(self) -> Option<Micros> {
        (self.ended != NONE).then_some(Micros(self.ended))
    }

    /// How long each span took, in the schema's order; `None` if the task did not reach both ends.
    pub(in crate::record) fn spans(self) -> impl Iterator<Item = Option<u64>> {
        let known = |duration: u64| (duration != NONE).then_some(duration);
        self.spans.into_iter().map(known)
    }
}

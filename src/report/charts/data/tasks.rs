//! Chart data of tasks.

use std::{cmp::Reverse, collections::BTreeSet};

use hdrhistogram::Histogram;

use super::{
    Bins,
    bins::Occupancy,
    times::{binned, record},
};
use crate::{
    protocol::{ProtocolSchema, TaskKey, TaskPhase},
    record::{TaskOutcome, TaskRecord},
    run_folder::ReadError,
    time::Micros,
};

/// Slowest tasks that are kept.
const SLOWEST: usize = 20;

/// Tasks over time, and the slowest of them.
#[derive(Debug)]
pub(crate) struct Tasks {
    /// How many stood at each open phase of tasks in each bin, on average.
    pub(crate) in_flight: Vec<Vec<f64>>,
    /// Tasks whose end was seen in each bin.
    pub(crate) ended: Vec<u64>,
    /// The duration of each span of tasks, in µs, of the tasks that arrived in each bin.
    pub(crate) spans: Vec<Vec<Histogram<u64>>>,
    /// The slowest, slowest first.
    pub(crate) slowest: Vec<SlowTask>,
    /// Tasks that were never queued: they stood nowhere.
    pub(crate) never_queued: u64,
}

/// A task and how long it stood where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SlowTask {
    pub(crate) key: Option<TaskKey>,
    /// From its intended submission to its end, or to the run's end, in µs.
    pub(crate) total_us: u64,
    /// When it was at which stage, in µs since its intended submission.
    pub(crate) stages: Vec<(TaskPhase, u64, u64)>,
    /// Whether it ended.
    pub(crate) ended: bool,
}

impl Tasks {
    /// Counts rows of a run that was over at `end`.
    pub(super) fn of(
        rows: impl Iterator<Item = Result<TaskRecord, ReadError>>,
        protocol: &ProtocolSchema,
        bins: Bins,
        end: Micros,
    ) -> Result<Self, ReadError> {
        let mut in_flight: Vec<_> = protocol.open_phases().map(|_| Occupancy::new(bins)).collect();
        let mut ended = vec![0; bins.count()];
        let mut spans: Vec<_> = protocol.spans.iter().map(|_| binned(bins)).collect();
        let mut never_queued = 0;
        // Ordered by time taken; of equal ones the earlier is kept.
        let mut slowest: BTreeSet<(u64, Reverse<u64>)> = BTreeSet::new();
        let mut kept = Vec::new();
        for row in rows {
            let row = row?;
            if row.opened.is_none() && matches!(row.outcome, TaskOutcome::Failed(_)) {
                never_queued += 1;
                continue;
            }
            for (span, times) in protocol.spans.iter().zip(&mut spans) {
                if let Some(time) = row.span_us(*span) {
                    record(&mut times[bins.at(row.intended)], time);
                }
            }
            if let Some(moment) = row.ended {
                ended[bins.up_to(moment)] += 1;
            }
            let stages = stages(&row, protocol, end);
            for (stage, from, to) in &stages {
                in_flight[stage.index()].add(*from, *to);
            }
            let total = row.ended.unwrap_or(end).since(row.intended);
            let rank = (total, Reverse(row.id));
            if slowest.len() == SLOWEST && slowest.first().is_some_and(|least| *least > rank) {
                continue;
            }
            slowest.insert(rank);
            kept.push((rank, slow(&row, total, &stages)));
            if slowest.len() > SLOWEST {
                slowest.pop_first();
            }
            if kept.len() > 2 * SLOWEST {
                kept.retain(|(rank, _)| slowest.contains(rank));
            }
        }
        kept.retain(|(rank, _)| slowest.contains(rank));
        kept.sort_by_key(|(rank, _)| Reverse(*rank));
        Ok(Self {
            in_flight: in_flight.into_iter().map(|stage| stage.means()).collect(),
            ended,
            spans,
            slowest: kept.into_iter().map(|(_, task)| task).collect(),
            never_queued,
        })
    }
}

/// When a task was at which stage. One that did not end stands where it is until the run's end.
fn stages(task: &TaskRecord, protocol: &ProtocolSchema, end: Micros) -> Vec<(TaskPhase, Micros, Micros)> {
    let over = task.ended.unwrap_or(end).max(task.intended);
    let mut stages: Vec<(TaskPhase, Micros, Micros)> = Vec::new();
    for stage in protocol.open_phases() {
        let Some(start) = task.phase_start(stage) else {
            continue;
        };
        if let Some((_, _, until)) = stages.last_mut() {
            *until = start;
        }
        stages.push((stage, start, over));
    }
    stages
}

fn slow(task: &TaskRecord, total_us: u64, stages: &[(TaskPhase, Micros, Micros)]) -> SlowTask {
    let since = |moment: &Micros| moment.since(task.intended);
    SlowTask {
        key: task.key,
        total_us,
        stages: stages
            .iter()
            .map(|(stage, from, to)| (*stage, since(from), since(to)))
            .collect(),
        ended: task.ended.is_some(),
    }
}

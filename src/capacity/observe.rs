//! Observations of a step besides its result.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{
    protocol::ProtocolSchema,
    record::{BlockRecord, Distribution, Record, Recorder, TaskOutcome},
    time::Micros,
};

/// Hears of a run's records.
#[derive(Clone, Debug, Default)]
pub(super) struct Observer(Arc<Mutex<StepObservations>>);

/// Observations of a run.
#[derive(Debug, Default)]
pub(super) struct StepObservations {
    /// When each task that the chain knew of was meant to be submitted, and when it was over.
    pub(super) tasks: Vec<(Micros, Option<Micros>)>,
    pub(super) blocks: Vec<BlockRecord>,
    /// From sending a transaction of the load to the node's answer, in µs.
    pub(super) acceptance: Distribution,
    /// Whose work was done, and when.
    works: Vec<(u32, Micros)>,
}

impl Observer {
    /// A recorder that it hears the records of.
    pub(super) fn recorder(&self, protocol: &'static ProtocolSchema) -> Recorder {
        let seen = Arc::clone(&self.0);
        Recorder::new(protocol).heard_by(move |record: &Record| {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.add(protocol, record);
        })
    }

    /// All that it saw.
    pub(super) fn into_observations(self) -> StepObservations {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl StepObservations {
    fn add(&mut self, protocol: &ProtocolSchema, record: &Record) {
        match record {
            // One that never was queued is no task in flight, and counts as failed.
            Record::Task(task) if task.opened.is_some() || task.outcome == TaskOutcome::Unfinished => {
                self.tasks.push((task.intended, task.ended));
            }
            Record::Transaction(tx) if !tx.phase.is_setup() => {
                if let (Some(sent), Some(accepted)) = (tx.sent, tx.accepted) {
                    self.acceptance.record(accepted.since(sent));
                }
                // A worker means to say that its work is done at the moment at which it is.
                if protocol.work_ends == Some((tx.actor.role, tx.function)) {
                    self.works.push((tx.actor.index, tx.intended));
                }
            }
            Record::Block(block) => self.blocks.push(*block),
            Record::Task(_) | Record::Transaction(_) | Record::Violation(_) => {}
        }
    }

    /// Tasks in flight on average, from one moment to a later one.
    pub(super) fn in_flight_mean(&self, from: Micros, to: Micros) -> f64 {
        let within = |(intended, ended): &(Micros, Option<Micros>)| {
            let begin = from.max(*intended);
            let end = ended.map_or(to, |ended| ended.min(to));
            end.since(begin)
        };
        let time: u64 = self.tasks.iter().map(within).sum();
        time as f64 / to.since(from).max(1) as f64
    }

    /// Most tasks in flight at a moment.
    pub(super) fn in_flight_max(&self) -> u64 {
        let begun = self.tasks.iter().map(|(intended, _)| (*intended, 1_i64));
        let over = self.tasks.iter().filter_map(|(_, ended)| Some(((*ended)?, -1)));
        let mut changes: Vec<_> = begun.chain(over).collect();
        // What is over at a moment makes room for what begins then.
        changes.sort_unstable();
        let (mut now, mut most) = (0, 0);
        for (_, change) in changes {
            now += change;
            most = most.max(now);
        }
        u64::try_from(most).unwrap_or_default()
    }

    /// Tasks that arrived, from one moment to a later one.
    pub(super) fn arrived(&self, from: Micros, to: Micros) -> usize {
        let arrived = self.tasks.iter().map(|(intended, _)| *intended);
        arrived.filter(|intended| (from..to).contains(intended)).count()
    }

    /// Tasks that were over, from one moment to a later one.
    pub(super) fn ended(&self, from: Micros, to: Micros) -> usize {
        let ended = self.tasks.iter().filter_map(|(_, ended)| *ended);
        ended.filter(|ended| (from..to).contains(ended)).count()
    }

    /// The works that each of `miners` miners did, from one moment to a later one; `None` for those that never worked.
    pub(super) fn works(&self, miners: usize, from: Micros, to: Micros) -> Vec<Option<u64>> {
        let mut works = vec![None; miners];
        for (miner, done) in &self.works {
            if let Some(works) = works.get_mut(*miner as usize) {
                *works.get_or_insert(0) += u64::from((from..to).contains(done));
            }
        }
        works
    }
}

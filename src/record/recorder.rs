//! [`Recorder`]: turns a stream of records into files, histograms and a result.

use std::fmt;

use super::{
    Histograms, Journal, JournalError, Record, RunFacts, RunResult, Snapshot,
    measure::WindowSpec,
    totals::{Failure, Totals},
    undo::{UndoLog, Undone},
};
use crate::{
    protocol::{ProtocolSchema, Violation},
    time::Micros,
};

/// Run time between two flushes of the journal, in µs.
const FLUSH_EVERY_US: u64 = 1_000_000;

/// Takes a run's records one by one. Memory does not grow with their number, unless [`Recorder::measuring`] must wait for the
/// end of the run.
#[derive(Debug)]
pub struct Recorder {
    journal: Option<Journal>,
    flushed: Micros,
    /// On the heap, as is the next: they are large, and recorders are handed on.
    totals: Box<Totals>,
    /// What can be undone; `None` where nothing ever is.
    undo: Option<Box<UndoLog>>,
    /// Tasks that the run asked for, dropped ones included, counted when each was.
    offered: Option<u64>,
    listeners: Vec<Listener>,
}

/// Somebody who hears of every record.
struct Listener(Box<dyn FnMut(Heard<'_>) + Send>);

/// What a listener hears.
#[derive(Clone, Copy, Debug)]
pub enum Heard<'a> {
    /// A record, before it is taken.
    Record(&'a Record),
    /// Some of the records before were undone: a reorg.
    Undone,
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

impl Recorder {
    /// A recorder of a run of a protocol, which writes no files.
    #[must_use]
    pub fn new(protocol: &'static ProtocolSchema) -> Self {
        Self {
            journal: None,
            flushed: Micros::ZERO,
            totals: Box::new(Totals::of(protocol)),
            undo: None,
            offered: None,
            listeners: Vec::new(),
        }
    }

    /// The same recorder, which streams rows to a journal as well.
    #[must_use]
    pub fn with_journal(self, mut journal: Journal) -> Self {
        journal.begin(self.protocol());
        Self {
            journal: Some(journal),
            ..self
        }
    }

    /// The schema of the protocol that is driven.
    #[must_use]
    pub const fn protocol(&self) -> &'static ProtocolSchema {
        self.totals.protocol()
    }

    /// The same recorder, with one more who hears of every record before it is taken.
    #[must_use]
    pub fn heard_by(self, mut listener: impl FnMut(&Record) + Send + 'static) -> Self {
        self.followed_by(move |heard| {
            if let Heard::Record(record) = heard {
                listener(record);
            }
        })
    }

    /// As [`Recorder::heard_by`], for one who must know that records can be undone.
    #[must_use]
    pub fn followed_by(mut self, listener: impl FnMut(Heard<'_>) + Send + 'static) -> Self {
        self.listeners.push(Listener(Box::new(listener)));
        self
    }

    /// The same recorder, whose main figures are of this window of the load alone. If the window is known only when the run is
    /// over, every transaction is remembered until then in 48 bytes, and every task in 96.
    #[must_use]
    pub fn measuring(mut self, spec: WindowSpec) -> Self {
        self.totals.measure(spec);
        self
    }

    /// The same recorder, which remembers the time of every task, in 24 bytes, for what its result says of faults.
    #[must_use]
    pub fn with_faults(mut self) -> Self {
        self.totals.task_times = Some(Vec::new());
        self
    }

    /// From here on the records of blocks can be undone, until they are settled.
    pub fn undo_blocks(&mut self) {
        self.undo = Some(Box::new(UndoLog::new(Totals::clone(&self.totals))));
    }

    /// The load begins at this moment. What is recorded before it is known belongs to no window until the end.
    pub fn load_begins(&mut self, at: Micros) {
        self.totals.windowed.load_begins(at);
        if let Some(undo) = &mut self.undo {
            undo.load_begins(at);
        }
    }

    /// The run asked for so many tasks in all, dropped ones included. Where this is said, the result holds the outcomes of
    /// tasks against it.
    pub const fn offered(&mut self, tasks: u64) {
        self.offered = Some(tasks);
    }

    /// Takes a record that no block can undo. It never fails: a journal that cannot be written is asked for with
    /// [`Recorder::journal_error`], and recording in memory goes on.
    pub fn record(&mut self, record: &Record) {
        self.take(None, record);
    }

    /// Takes a record of what a block did.
    pub fn record_in(&mut self, block: u64, record: &Record) {
        if let Some(undo) = &mut self.undo
            && undo.is_new(block)
        {
            undo.begin(block, self.journal.as_mut().map(Journal::position));
        }
        self.take(Some(block), record);
    }

    fn take(&mut self, block: Option<u64>, record: &Record) {
        for Listener(hear) in &mut self.listeners {
            hear(Heard::Record(record));
        }
        self.enter(record);
        if let Some(undo) = &mut self.undo {
            undo.push(block, record.clone());
        }
        if let Some(moment) = record.moment() {
            self.tick(moment);
        }
    }

    /// Writes a record's row and counts it.
    fn enter(&mut self, record: &Record) {
        if let Some(journal) = &mut self.journal {
            match record {
                Record::Transaction(transaction) => {
                    let window = self.totals.windowed.name_of_transaction(transaction);
                    journal.transaction(transaction, window);
                }
                Record::Task(task) => journal.task(
                    task,
                    self.totals.protocol(),
                    self.totals.windowed.name_of(task.intended),
                ),
                Record::Block(block) => journal.block(block),
                Record::Violation(_) => {}
            }
        }
        self.totals.record(record);
    }

    /// Blocks up to this one stay the chain's: what was recorded of them cannot be undone any more.
    pub fn settle(&mut self, block: u64) {
        if let Some(undo) = &mut self.undo {
            undo.settle(block);
        }
    }

    /// Undoes the records of all blocks from this one on, in files and figures, and returns them.
    pub fn undo_from(&mut self, block: u64) -> Vec<Record> {
        let Some(undo) = &mut self.undo else {
            return Vec::new();
        };
        let Some(Undone { position, gone, kept }) = undo.undo_from(block) else {
            return Vec::new();
        };
        *self.totals = undo.totals();
        if let (Some(journal), Some(position)) = (&mut self.journal, position) {
            journal.cut(position);
        }
        for record in kept {
            self.enter(&record);
            if let Some(undo) = &mut self.undo {
                undo.push(None, record);
            }
        }
        for Listener(hear) in &mut self.listeners {
            hear(Heard::Undone);
        }
        gone
    }

    /// Notes that the run has come to this moment, and flushes the journal if the last time was a second of run time
    /// ago. Records do that as well; call it when there may be none for a while.
    pub fn tick(&mut self, now: Micros) {
        self.totals.recent.advance(now);
        if now.since(self.flushed) >= FLUSH_EVERY_US {
            self.flushed = now;
            self.flush();
        }
    }

    /// Hands all rows so far to the system.
    pub fn flush(&mut self) {
        if let Some(journal) = &mut self.journal {
            journal.flush();
        }
    }

    /// The first error in writing the journal, if one happened.
    #[must_use]
    pub fn journal_error(&self) -> Option<&JournalError> {
        self.journal.as_ref().and_then(Journal::error)
    }

    /// The first 100 violations of an invariant.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.totals.violations
    }

    /// The reason why transactions failed so far, the most frequent first.
    #[must_use]
    pub fn failures(&self) -> Vec<Failure> {
        self.totals.failures()
    }

    /// What was recorded so far. Takes microseconds: meant for a display, not for every record.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.totals.snapshot()
    }

    /// Flushes and closes the journal and gives the run's result with its latency histograms.
    #[must_use]
    pub fn finish(mut self, facts: RunFacts) -> (RunResult, Histograms) {
        self.flush();
        let journal_error = self.journal_error().map(JournalError::to_string);
        self.totals.finish(facts, journal_error, self.offered)
    }
}

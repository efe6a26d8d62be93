//! Undo log of the recorder, for blocks that are no longer the chain's.

use std::collections::VecDeque;

use super::{Record, journal::Position, totals::Totals};
use crate::time::Micros;

/// The totals before the records that can still be undone, and these records.
#[derive(Debug)]
pub(super) struct UndoLog {
    settled: Totals,
    entries: VecDeque<Entry>,
    /// The latest block that began.
    latest: Option<u64>,
}

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all entries are records")]
enum Entry {
    /// A block's records begin, where the journal's files were so long.
    Block(u64, Option<Position>),
    /// A record, and the block that it is of.
    Record(Option<u64>, Record),
}

/// What was undone.
#[derive(Debug)]
pub(super) struct Undone {
    /// Where the journal's files are to be cut.
    pub(super) position: Option<Position>,
    /// Records of the blocks that are gone.
    pub(super) gone: Vec<Record>,
    /// Records beyond the cut that are of no block: they are to be taken again.
    pub(super) kept: Vec<Record>,
}

impl UndoLog {
    /// Nothing to undo yet, after records that come to `settled`.
    pub(super) const fn new(settled: Totals) -> Self {
        Self {
            settled,
            entries: VecDeque::new(),
            latest: None,
        }
    }

    pub(super) fn load_begins(&mut self, at: Micros) {
        self.settled.windowed.load_begins(at);
    }

    /// Whether this block has no records yet.
    pub(super) fn is_new(&self, block: u64) -> bool {
        self.latest.is_none_or(|latest| block > latest)
    }

    /// A block's records begin.
    pub(super) fn begin(&mut self, block: u64, position: Option<Position>) {
        self.latest = Some(block);
        self.entries.push_back(Entry::Block(block, position));
    }

    pub(super) fn push(&mut self, block: Option<u64>, record: Record) {
        self.entries.push_back(Entry::Record(block, record));
    }

    /// Blocks up to this one stay as they are.
    pub(super) fn settle(&mut self, block: u64) {
        while let Some(entry) = self.entries.front() {
            match entry {
                Entry::Block(number, _) | Entry::Record(Some(number), _) if *number > block => return,
                Entry::Block(..) => {}
                Entry::Record(_, record) => self.settled.record(record),
            }
            self.entries.pop_front();
        }
    }

    /// Takes back all blocks from this one on; `None` if there are none.
    pub(super) fn undo_from(&mut self, block: u64) -> Option<Undone> {
        let is_first = |entry: &Entry| matches!(entry, Entry::Block(number, _) if *number >= block);
        let cut = self.entries.iter().position(is_first)?;
        let mut undone = Undone {
            position: None,
            gone: Vec::new(),
            kept: Vec::new(),
        };
        for entry in self.entries.split_off(cut) {
            match entry {
                Entry::Block(_, position) => undone.position = undone.position.or(position),
                Entry::Record(None, record) => undone.kept.push(record),
                Entry::Record(Some(_), record) => undone.gone.push(record),
            }
        }
        let blocks = self.entries.iter().rev().filter_map(|entry| match entry {
            Entry::Block(number, _) => Some(*number),
            Entry::Record(..) => None,
        });
        self.latest = blocks.max().or(block.checked_sub(1));
        Some(undone)
    }

    /// What the records that are left come to.
    pub(super) fn totals(&self) -> Totals {
        let mut totals = self.settled.clone();
        for entry in &self.entries {
            if let Entry::Record(_, record) = entry {
                totals.record(record);
            }
        }
        totals
    }
}

//! Checks that the tables of a run hold the rows that its summary counts.

use std::{collections::BTreeSet, fmt, path::Path};

use super::{
    ReadError, Rows,
    records::named,
    rows::{BadCell, Cells, CsvRow},
};
use crate::{
    protocol::ProtocolSchema,
    record::{BLOCKS_CSV, RunResult, TASKS_CSV, TRANSACTIONS_CSV},
};

/// A table that does not hold the rows that the run's summary counts: it was cut, extended or put together anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The table's file name.
    pub file: &'static str,
    /// Whole rows in the table.
    pub rows: u64,
    /// Rows that the summary counts.
    pub counted: u64,
    /// Rows that repeat the id of an earlier row.
    pub repeated: u64,
    /// Whether the last row ends in its middle.
    pub cut: bool,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file, rows, counted, ..
        } = self;
        write!(f, "{file} holds {rows} rows, and summary.json counts {counted}")?;
        if self.repeated > 0 {
            write!(f, "; {} rows repeat an earlier one", self.repeated)?;
        }
        if self.cut {
            f.write_str("; the last row ends in its middle")?;
        }
        Ok(())
    }
}

/// The damage of the tables in `folder`, whose summary is `result`. A table that is not there is none: transactions may
/// have been left out, and earlier versions wrote no blocks. Nor is one that could not be written to its end, which the
/// summary's `journal_error` tells.
pub(super) fn damage(folder: &Path, result: &RunResult) -> Result<Vec<Damage>, ReadError> {
    if result.journal_error.is_some() {
        return Ok(Vec::new());
    }
    let tasks = result.tasks.submitted.saturating_add(result.tasks.dropped);
    let checked = [
        check(
            folder,
            TRANSACTIONS_CSV,
            result.protocol,
            result.transactions.total,
            Ids::default(),
            Ids::insert,
        )?,
        check(
            folder,
            TASKS_CSV,
            result.protocol,
            tasks,
            Ids::default(),
            Ids::insert,
        )?,
        check(
            folder,
            BLOCKS_CSV,
            result.protocol,
            result.blocks.count,
            BTreeSet::new(),
            BTreeSet::<BlockKey>::insert,
        )?,
    ];
    Ok(checked.into_iter().flatten().collect())
}

/// Checks one table. `insert` adds a row's key to those `seen` and tells whether it is new.
fn check<K: CsvRow, S>(
    folder: &Path,
    file: &'static str,
    protocol: &'static ProtocolSchema,
    counted: u64,
    mut seen: S,
    insert: fn(&mut S, K) -> bool,
) -> Result<Option<Damage>, ReadError> {
    let path = folder.join(file);
    if !path.is_file() {
        return Ok(None);
    }
    let mut damage = Damage {
        file,
        rows: 0,
        counted,
        repeated: 0,
        // A file without even a header was cut as well.
        cut: true,
    };
    if let Some(mut keys) = Rows::<K>::open(&path, protocol)? {
        for key in &mut keys {
            damage.repeated += u64::from(!insert(&mut seen, key?));
            damage.rows += 1;
        }
        damage.cut = keys.was_cut();
    }
    let is_whole = damage.rows == counted && damage.repeated == 0 && !damage.cut;
    Ok((!is_whole).then_some(damage))
}

/// The id of a transaction or a task, which no other row of its table has.
struct Id(u64);

impl CsvRow for Id {
    fn columns(_: &ProtocolSchema) -> Vec<String> {
        named(&["id"])
    }

    fn take(cells: &mut Cells<'_>) -> Result<Self, BadCell> {
        cells.number().map(Self)
    }
}

/// A block's number and when it was seen. A number occurs twice after a reorganisation of the chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct BlockKey(u64, u64);

impl CsvRow for BlockKey {
    fn columns(_: &ProtocolSchema) -> Vec<String> {
        named(&["number", "seen_us"])
    }

    fn take(cells: &mut Cells<'_>) -> Result<Self, BadCell> {
        Ok(Self(cells.number()?, cells.number()?))
    }
}

/// Ids that were seen. A run numbers from 0 without gaps, so that a bit for each is enough.
#[derive(Default)]
struct Ids {
    bits: Vec<u64>,
    /// Ids beyond [`Ids::DENSE`].
    others: BTreeSet<u64>,
}

impl Ids {
    /// Ids below this have a bit each: 128 MB at most.
    const DENSE: u64 = 1 << 30;

    /// Adds an id; whether it is new.
    fn insert(&mut self, Id(id): Id) -> bool {
        if id >= Self::DENSE {
            return self.others.insert(id);
        }
        let (word, bit) = ((id / 64) as usize, 1_u64 << (id % 64));
        if word >= self.bits.len() {
            self.bits.resize(word + 1, 0);
        }
        let is_new = self.bits[word] & bit == 0;
        self.bits[word] |= bit;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::{Id, Ids};

    #[test]
    fn an_id_is_new_once() {
        let mut ids = Ids::default();
        for id in [0, 63, 64, Ids::DENSE - 1, Ids::DENSE, u64::MAX] {
            assert!(ids.insert(Id(id)), "{id}");
            assert!(!ids.insert(Id(id)), "{id}");
        }
    }
}

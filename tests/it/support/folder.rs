//! A run's files, read back.

use std::{collections::HashMap, path::Path};

use taskstorm::{record::RunResult, run_folder::summary};

/// What the files of a run say.
pub(crate) struct Folder {
    pub(crate) result: RunResult,
    pub(crate) transactions: Vec<ParsedRow>,
    pub(crate) tasks: Vec<ParsedRow>,
}

/// A row of a CSV file, by column.
#[derive(Debug)]
pub(crate) struct ParsedRow(HashMap<String, String>);

impl Folder {
    /// Reads a run's files and holds them against each other.
    pub(crate) fn read(out: &Path) -> Self {
        let result = summary(out).unwrap_or_else(|error| panic!("{error}"));
        let folder = Self {
            result: result.expect("summary.json"),
            transactions: rows(&out.join("transactions.csv")),
            tasks: rows(&out.join("tasks.csv")),
        };
        assert_eq!(folder.result.check_consistency(), Ok(()));
        if folder.result.journal_error.is_none() {
            folder.rows_add_up();
        }
        folder.moments_are_in_order();
        folder
    }

    fn rows_add_up(&self) {
        let (transactions, tasks) = (&self.result.transactions, &self.result.tasks);
        assert_eq!(self.transactions.len() as u64, transactions.total);
        assert_eq!(self.tasks.len() as u64, tasks.offered());
        for (outcome, count) in [
            ("included", transactions.included),
            ("reverted", transactions.reverted),
            ("refused", transactions.refused),
            ("lost", transactions.lost),
        ] {
            assert_eq!(outcomes(&self.transactions, outcome), count, "{outcome}");
        }
        for (outcome, count) in [
            ("ended", tasks.ended),
            ("failed", tasks.failed),
            ("unfinished", tasks.unfinished),
            ("dropped", tasks.dropped),
        ] {
            assert_eq!(outcomes(&self.tasks, outcome), count, "{outcome}");
        }
    }

    fn moments_are_in_order(&self) {
        for row in &self.transactions {
            row.ascending(&["intended_us", "sent_us", "accepted_us"]);
            row.ascending(&["intended_us", "sent_us", "included_us"]);
        }
        if self.result.protocol.names.is_some() {
            return;
        }
        for row in &self.tasks {
            row.ascending(&[
                "intended_us",
                "queued_us",
                "assigned_us",
                "first_ack_us",
                "last_ack_us",
            ]);
            row.ascending(&[
                "assigned_us",
                "precommit_ended_us",
                "first_commit_us",
                "last_commit_us",
            ]);
            row.ascending(&["precommit_ended_us", "commit_ended_us", "ended_us"]);
        }
    }

    /// Rows of transactions that call this function.
    pub(crate) fn calls<'a>(&'a self, function: &'a str) -> impl Iterator<Item = &'a ParsedRow> {
        self.transactions
            .iter()
            .filter(move |row| row.text("function") == function)
    }
}

impl ParsedRow {
    pub(crate) fn text(&self, column: &str) -> &str {
        self.0.get(column).unwrap_or_else(|| panic!("no column {column}"))
    }

    /// The number in a column; `None` if it is empty.
    pub(crate) fn number(&self, column: &str) -> Option<u64> {
        let text = self.text(column);
        (!text.is_empty()).then(|| text.parse().unwrap_or_else(|_| panic!("{column}: {text}")))
    }

    /// The moment in µs that a column must hold.
    pub(crate) fn us(&self, column: &str) -> u64 {
        self.number(column)
            .unwrap_or_else(|| panic!("no {column} in {self:?}"))
    }

    fn ascending(&self, columns: &[&str]) {
        let moments: Vec<u64> = columns.iter().filter_map(|column| self.number(column)).collect();
        assert!(moments.is_sorted(), "{columns:?} of {self:?}");
    }
}

fn outcomes(rows: &[ParsedRow], outcome: &str) -> u64 {
    rows.iter().filter(|row| row.text("outcome") == outcome).count() as u64
}

fn rows(path: &Path) -> Vec<ParsedRow> {
    let mut reader =
        csv::Reader::from_path(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rows = reader.deserialize().map_while(Result::ok);
    rows.map(ParsedRow).collect()
}

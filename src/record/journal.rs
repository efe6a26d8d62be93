//! The files that grow while a run goes on: a row per transaction, per task and per block.

use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
};

use alloy::hex;
use serde::Serialize;
use thiserror::Error;

use super::{
    BlockRecord, TaskRecord, TxRecord,
    rows::{BlockRow, MisdeedRow, TaskRow, TransactionRow, task_columns},
};
use crate::protocol::ProtocolSchema;

/// The file with a row per transaction.
pub const TRANSACTIONS_CSV: &str = "transactions.csv";
/// The file with a row per task.
pub const TASKS_CSV: &str = "tasks.csv";
/// The file with a row per block.
pub const BLOCKS_CSV: &str = "blocks.csv";

/// Bytes of rows that are collected before they are written.
const BUFFER: usize = 64 * 1024;

/// A file could not be written to; what it holds ends early.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("cannot write {file}: {cause}")]
pub struct JournalError {
    /// The file, as the run's folder names it.
    pub file: String,
    /// The error of the system.
    pub cause: String,
}

/// Where rows are written to.
pub trait Output: Write + Send + Sync + 'static {
    /// Takes back all that was written after the first `length` bytes.
    ///
    /// # Errors
    /// If the system does not do it, or if it cannot be done.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

impl Output for File {
    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.seek(SeekFrom::Start(length)).map(|_| ())
    }
}

impl Output for io::Sink {
    fn cut(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }
}

/// How long a journal's files are: transactions, tasks, blocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position([u64; 3]);

/// Streams `transactions.csv`, `tasks.csv` and `blocks.csv`: a run that is killed has lost no more than the rows since the last
/// [`Journal::flush`], and every row that is there is whole but perhaps the last.
///
/// The first error ends the file that it happened on and is kept; the other files go on.
#[derive(Debug)]
pub struct Journal {
    transactions: Option<CsvFile>,
    tasks: CsvFile,
    blocks: Option<CsvFile>,
    /// Whether rows of transactions tell misdeeds.
    tells_misdeeds: bool,
    error: Option<JournalError>,
}

impl Journal {
    /// A journal on these writers, for a recorder, which begins the rows of tasks. They need no buffers of their own.
    #[must_use]
    pub fn new(transactions: impl Output, tasks: impl Output) -> Self {
        Self::of_run(transactions, tasks, false)
    }

    /// The same, of a run in which actors misbehave or not: if they do, transactions have a behaviour, what they were owed, and
    /// the phase of their task.
    #[must_use]
    pub fn of_run(transactions: impl Output, tasks: impl Output, tells_misdeeds: bool) -> Self {
        let mut journal = Self {
            tells_misdeeds,
            ..Self::of_tasks(tasks)
        };
        let mut file = CsvFile::new(TRANSACTIONS_CSV, transactions);
        let header = if tells_misdeeds {
            file.write_header((TransactionRow::default(), MisdeedRow::default()))
        } else {
            file.write_header(TransactionRow::default())
        };
        journal.transactions = Some(file);
        journal.keep(header);
        journal
    }

    /// A journal of tasks alone, which are a tenth of the rows or less.
    #[must_use]
    pub fn of_tasks(tasks: impl Output) -> Self {
        Self {
            transactions: None,
            tasks: CsvFile::new(TASKS_CSV, tasks),
            blocks: None,
            tells_misdeeds: false,
            error: None,
        }
    }

    /// Begins the rows of tasks of a protocol with their header row.
    pub(super) fn begin(&mut self, protocol: &ProtocolSchema) {
        let header = self
            .tasks
            .attempt(|writer| writer.write_record(task_columns(protocol)));
        self.keep(header);
    }

    /// The same journal, with a row per block on this writer as well.
    #[must_use]
    pub fn with_blocks(mut self, blocks: impl Output) -> Self {
        let mut file = CsvFile::new(BLOCKS_CSV, blocks);
        let header = file.write_header(BlockRow::default());
        self.blocks = Some(file);
        self.keep(header);
        self
    }

    /// Adds the row of a transaction of this measurement window.
    pub fn transaction(&mut self, transaction: &TxRecord, part: &str) {
        let Some(file) = &mut self.transactions else {
            return;
        };
        let (mut from, mut hash) = (hex::Buffer::<20, true>::new(), hex::Buffer::<32, true>::new());
        let from = from.format(&transaction.from.0);
        let hash = transaction.hash.as_ref().map(|bytes| &*hash.format(&bytes.0));
        let row = TransactionRow::new(transaction, part, from, hash);
        let written = if self.tells_misdeeds {
            file.write((row, MisdeedRow::from(transaction)))
        } else {
            file.write(row)
        };
        self.keep(written);
    }

    /// Adds the row of a task of this measurement window.
    pub fn task(&mut self, task: &TaskRecord, protocol: &ProtocolSchema, part: &str) {
        let written = self.tasks.write(TaskRow::new(task, protocol, part));
        self.keep(written);
    }

    /// Adds a block's row.
    pub fn block(&mut self, block: &BlockRecord) {
        let Some(file) = &mut self.blocks else {
            return;
        };
        let written = file.write(BlockRow::from(block));
        self.keep(written);
    }

    /// Hands all rows so far to the system. Dropping a journal does the same.
    pub fn flush(&mut self) {
        let flushed = self.files().map(|file| file.map_or(Ok(()), CsvFile::flush));
        flushed.into_iter().for_each(|flushed| self.keep(flushed));
    }

    /// The files: transactions, tasks, blocks.
    fn files(&mut self) -> [Option<&mut CsvFile>; 3] {
        let (transactions, blocks) = (self.transactions.as_mut(), self.blocks.as_mut());
        [transactions, Some(&mut self.tasks), blocks]
    }

    /// How long the files are now.
    pub(super) fn position(&mut self) -> Position {
        self.flush();
        let length = |file: Option<&mut CsvFile>| Some(file?.writer.as_ref()?.get_ref().length);
        Position(self.files().map(|file| length(file).unwrap_or_default()))
    }

    /// Cuts the files to the length that they had at a moment before.
    pub(super) fn cut(&mut self, Position(lengths): Position) {
        let files = self.files().into_iter().zip(lengths);
        let cut: Vec<_> = files
            .map(|(file, length)| file.map_or(Ok(()), |file| file.cut(length)))
            .collect();
        cut.into_iter().for_each(|cut| self.keep(cut));
    }

    /// The first error, if one happened.
    #[must_use]
    pub const fn error(&self) -> Option<&JournalError> {
        self.error.as_ref()
    }

    fn keep(&mut self, written: Result<(), JournalError>) {
        if let (None, Err(error)) = (&self.error, written) {
            self.error = Some(error);
        }
    }
}

/// A CSV file that is written until its first error.
#[derive(Debug)]
struct CsvFile {
    name: &'static str,
    writer: Option<csv::Writer<Sink>>,
}

/// An output of any kind, and how much was written to it.
struct Sink {
    output: Box<dyn Output>,
    length: u64,
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sink")
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.output.write(bytes)?;
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

impl CsvFile {
    fn new(name: &'static str, output: impl Output) -> Self {
        let sink = Sink {
            output: Box::new(output),
            length: 0,
        };
        Self {
            name,
            writer: Some(Self::writer(sink)),
        }
    }

    fn writer(sink: Sink) -> csv::Writer<Sink> {
        csv::WriterBuilder::new()
            .has_headers(false)
            .buffer_capacity(BUFFER)
            .from_writer(sink)
    }

    /// Cuts the file to so many bytes.
    fn cut(&mut self, length: u64) -> Result<(), JournalError> {
        let Some(writer) = self.writer.take() else {
            return Ok(());
        };
        let cut = writer
            .into_inner()
            .map_err(|error| error.into_error())
            .and_then(|mut sink| {
                sink.output.cut(length)?;
                sink.length = length;
                Ok(sink)
            });
        match cut {
            Ok(sink) => {
                self.writer = Some(Self::writer(sink));
                Ok(())
            }
            Err(error) => Err(self.error(&error)),
        }
    }

    fn error(&self, cause: &impl ToString) -> JournalError {
        JournalError {
            file: self.name.to_owned(),
            cause: cause.to_string(),
        }
    }

    /// Writes the names of a row's fields.
    fn write_header(&mut self, row: impl Serialize) -> Result<(), JournalError> {
        let mut scratch = csv::Writer::from_writer(Vec::new());
        let serialized = scratch.serialize(row).map_err(io::Error::other);
        let rows = scratch.into_inner().unwrap_or_default();
        self.attempt(|writer| {
            serialized?;
            let header = csv::Reader::from_reader(rows.as_slice()).headers()?.clone();
            writer.write_record(&header)
        })
    }

    fn write(&mut self, row: impl Serialize) -> Result<(), JournalError> {
        self.attempt(|writer| writer.serialize(row))
    }

    fn flush(&mut self) -> Result<(), JournalError> {
        self.attempt(|writer| Ok(writer.flush()?))
    }

    fn attempt(
        &mut self,
        action: impl FnOnce(&mut csv::Writer<Sink>) -> csv::Result<()>,
    ) -> Result<(), JournalError> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        action(writer).map_err(|error| {
            self.writer = None;
            match error.into_kind() {
                csv::ErrorKind::Io(error) => self.error(&error),
                other => self.error(&format!("{other:?}")),
            }
        })
    }
}

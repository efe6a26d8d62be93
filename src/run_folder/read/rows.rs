//! The rows of a CSV file, one at a time and typed, in the memory of one row.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    marker::PhantomData,
    path::{Path, PathBuf},
};

use csv::{ByteRecord, Reader, ReaderBuilder};

use super::ReadError;
use crate::{input::open_regular, protocol::ProtocolSchema, time::Micros};

/// Bytes that are read at once.
const BUFFER: usize = 1 << 18;

/// Something that a run writes a row of. Its cells are taken by their places: serde, which finds each by its name in every
/// row, takes about twice as long.
pub trait CsvRow: Sized {
    /// The columns that it is read from. A file may have them in any order, and others.
    fn columns(protocol: &ProtocolSchema) -> Vec<String>;

    /// Columns that a file need not have: their cells come after the others, and are empty where it has none.
    fn optional_columns() -> &'static [&'static str] {
        &[]
    }

    /// Takes the cells of a row, in the order of [`CsvRow::columns`].
    ///
    /// # Errors
    /// The first cell that holds something else than it should.
    fn take(cells: &mut Cells<'_>) -> Result<Self, BadCell>;
}

/// A cell that holds something else than its column does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadCell {
    /// Its place in [`CsvRow::columns`].
    column: usize,
    /// What it should hold.
    expected: &'static str,
}

/// The rows of a file in their order, without the last one if that was never written to its end: the rows of a run that
/// was killed stop in the middle of one.
#[derive(Debug)]
pub struct Rows<T> {
    path: PathBuf,
    /// The protocol of the run.
    protocol: &'static ProtocolSchema,
    reader: Reader<File>,
    record: ByteRecord,
    /// Where each of [`CsvRow::columns`] is in the file.
    places: Vec<usize>,
    width: usize,
    length: u64,
    ends_whole: bool,
    cut: bool,
    over: bool,
    of: PhantomData<fn() -> T>,
}

impl<T: CsvRow> Rows<T> {
    /// The rows of the file at `path`; `None` if there is no such file, or if it has not even a header.
    pub(super) fn open(path: &Path, protocol: &'static ProtocolSchema) -> Result<Option<Self>, ReadError> {
        let io = |cause| ReadError::Io {
            path: path.to_owned(),
            cause,
        };
        let mut file = match open_regular(path, u64::MAX).map_err(std::io::Error::from) {
            Ok(file) => file.into_inner(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io(error)),
        };
        let length = file.metadata().map_err(io)?.len();
        let ends_whole = ends_with_line_feed(&mut file, length).map_err(io)?;
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(file);
        let header = reader
            .byte_headers()
            .map_err(|error| broken(path, error))?
            .clone();
        if header.is_empty() || (reader.position().byte() >= length && !ends_whole) {
            return Ok(None);
        }
        let place = |column: &String| {
            let found = header.iter().position(|name| name == column.as_bytes());
            found.ok_or_else(|| ReadError::Column {
                path: path.to_owned(),
                column: column.clone(),
            })
        };
        let mut places = T::columns(protocol)
            .iter()
            .map(place)
            .collect::<Result<Vec<_>, _>>()?;
        places.extend(T::optional_columns().iter().map(|column| {
            let found = header.iter().position(|name| name == column.as_bytes());
            found.unwrap_or(usize::MAX)
        }));
        Ok(Some(Self {
            path: path.to_owned(),
            protocol,
            reader,
            record: ByteRecord::new(),
            places,
            width: header.len(),
            length,
            ends_whole,
            cut: false,
            over: false,
            of: PhantomData,
        }))
    }

    /// Whether the last row was left out because it was never written to its end. Known when all rows were read.
    #[must_use]
    pub const fn was_cut(&self) -> bool {
        self.cut
    }

    fn read(&mut self) -> Result<Option<T>, ReadError> {
        let more = self
            .reader
            .read_byte_record(&mut self.record)
            .map_err(|error| broken(&self.path, error))?;
        if !more {
            return Ok(None);
        }
        if !self.ends_whole && self.reader.position().byte() >= self.length {
            self.cut = true;
            return Ok(None);
        }
        if self.record.len() != self.width {
            return Err(ReadError::CsvRow {
                path: self.path.clone(),
                line: self.line(),
                found: self.record.len(),
                expected: self.width,
            });
        }
        let mut cells = Cells {
            protocol: self.protocol,
            record: &self.record,
            places: &self.places,
            next: 0,
        };
        T::take(&mut cells).map(Some).map_err(|bad| self.cell(bad))
    }

    fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    fn cell(&self, bad: BadCell) -> ReadError {
        let bytes = self
            .places
            .get(bad.column)
            .and_then(|place| self.record.get(*place));
        ReadError::Cell {
            path: self.path.clone(),
            line: self.line(),
            column: T::columns(self.protocol)
                .into_iter()
                .chain(T::optional_columns().iter().map(ToString::to_string))
                .nth(bad.column)
                .unwrap_or_default(),
            found: String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned(),
            expected: bad.expected,
        }
    }
}

impl<T: CsvRow> Iterator for Rows<T> {
    type Item = Result<T, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let read = self.read();
        self.over = !matches!(read, Ok(Some(_)));
        read.transpose()
    }
}

fn ends_with_line_feed(file: &mut File, length: u64) -> std::io::Result<bool> {
    if length == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    file.rewind()?;
    Ok(last == *b"\n")
}

fn broken(path: &Path, error: csv::Error) -> ReadError {
    ReadError::Io {
        path: path.to_owned(),
        cause: error.into(),
    }
}

/// The cells of a row, taken one after the other in the order of [`CsvRow::columns`].
#[derive(Debug)]
pub struct Cells<'a> {
    /// The protocol of the run.
    pub(super) protocol: &'static ProtocolSchema,
    record: &'a ByteRecord,
    places: &'a [usize],
    next: usize,
}

impl<'a> Cells<'a> {
    /// The next cell's bytes.
    fn bytes(&mut self) -> &'a [u8] {
        let place = self.places.get(self.next);
        self.next += 1;
        place
            .and_then(|place| self.record.get(*place))
            .unwrap_or_default()
    }

    /// That the cell taken last holds something else.
    pub(super) const fn bad(&self, expected: &'static str) -> BadCell {
        BadCell {
            column: self.next.saturating_sub(1),
            expected,
        }
    }

    /// A whole number, or `None` of an empty cell.
    pub(super) fn maybe_number(&mut self) -> Result<Option<u64>, BadCell> {
        match self.bytes() {
            [] => Ok(None),
            bytes => number(bytes).map(Some).ok_or_else(|| self.bad("a whole number")),
        }
    }

    /// A whole number.
    pub(super) fn number(&mut self) -> Result<u64, BadCell> {
        number(self.bytes()).ok_or_else(|| self.bad("a whole number"))
    }

    /// A whole number below 2³².
    pub(super) fn small(&mut self) -> Result<u32, BadCell> {
        let number = self.number()?;
        u32::try_from(number).map_err(|_| self.bad("a whole number below 4294967296"))
    }

    /// A moment in µs since the run started.
    pub(super) fn moment(&mut self) -> Result<Micros, BadCell> {
        self.number().map(Micros)
    }

    /// A moment in µs since the run started, or `None` of an empty cell.
    pub(super) fn maybe_moment(&mut self) -> Result<Option<Micros>, BadCell> {
        Ok(self.maybe_number()?.map(Micros))
    }

    /// `N` bytes in hexadecimal after `0x`, or `None` of an empty cell.
    pub(super) fn maybe_hex<const N: usize>(
        &mut self,
        expected: &'static str,
    ) -> Result<Option<[u8; N]>, BadCell> {
        match self.bytes() {
            [] => Ok(None),
            digits => alloy::hex::decode_to_array(digits)
                .map(Some)
                .map_err(|_| self.bad(expected)),
        }
    }

    /// One of `all`, told by their names.
    pub(super) fn one_of<V: Copy>(
        &mut self,
        all: &[V],
        name: impl Fn(V) -> &'static str,
        expected: &'static str,
    ) -> Result<V, BadCell> {
        let bytes = self.bytes();
        let found = all.iter().find(|value| name(**value).as_bytes() == bytes);
        found.copied().ok_or_else(|| self.bad(expected))
    }

    /// One of `all` by its name; `None` of an empty cell.
    pub(super) fn maybe_one_of<V: Copy>(
        &mut self,
        all: &[V],
        name: impl Fn(V) -> &'static str,
        expected: &'static str,
    ) -> Result<Option<V>, BadCell> {
        let bytes = self.bytes();
        if bytes.is_empty() {
            return Ok(None);
        }
        let found = all.iter().find(|value| name(**value).as_bytes() == bytes);
        found.copied().map(Some).ok_or_else(|| self.bad(expected))
    }

    /// Any text.
    pub(super) fn text(&mut self) -> std::borrow::Cow<'a, str> {
        String::from_utf8_lossy(self.bytes())
    }
}

/// The number that these digits write; `None` if they are none, or it does not fit.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit < 10).then_some(())?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn digits_are_numbers_up_to_the_largest() {
        for (text, expected) in [
            ("0", Some(0)),
            ("007", Some(7)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("-1", None),
            ("1.5", None),
            ("", None),
        ] {
            assert_eq!(number(text.as_bytes()), expected, "{text:?}");
        }
    }
}

//! Records of a CSV file with the lines that they begin on.

use std::{
    io::{BufRead, BufReader, Read},
    ops::Range,
    str,
};

use csv_core::{ReadRecordResult, Reader};

use super::Fault;

/// Most bytes of a record: a quote that is never closed does not read the rest of the file into memory.
const MAX_RECORD: usize = 1 << 20;
/// Most cells of a record.
const MAX_CELLS: usize = 1 << 16;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A CSV file being read record by record. Blank lines, and lines that begin with `#`, are skipped and counted.
///
/// Stands on `csv_core` rather than `csv`, whose positions are where the record before ended: before skipped lines and
/// between the two characters of a line's end.
pub(super) struct Records<R> {
    file: BufReader<R>,
    core: Reader,
    /// The line of the next byte, from 1.
    line: u64,
    /// Whether nothing was read yet.
    at_start: bool,
    /// Whether the last byte was a carriage return: a line feed now ends the same line.
    after_return: bool,
    record: Record,
}

/// A record: its cells without the white space around them.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// Its bytes, up to the last end of a cell.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    len: usize,
    line: u64,
}

impl Record {
    /// The line that it begins on, from 1.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// How many cells it has.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// A cell; an empty one where there is none.
    pub(super) fn cell(&self, index: usize) -> &str {
        let cell = self.span(index).and_then(|span| self.bytes.get(span));
        cell.and_then(|cell| str::from_utf8(cell).ok())
            .unwrap_or_default()
            .trim()
    }

    /// All cells.
    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len).map(|index| self.cell(index))
    }

    fn span(&self, index: usize) -> Option<Range<usize>> {
        let ends = self.ends.get(..self.len)?;
        let start = index
            .checked_sub(1)
            .map_or(Some(0), |before| ends.get(before).copied());
        Some(start?..*ends.get(index)?)
    }

    fn is_utf8(&self) -> bool {
        (0..self.len)
            .filter_map(|index| self.bytes.get(self.span(index)?))
            .all(|cell| str::from_utf8(cell).is_ok())
    }
}

impl<R: Read> Records<R> {
    /// Reads from the beginning of a file.
    pub(super) fn new(file: R) -> Self {
        Self {
            file: BufReader::with_capacity(1 << 16, file),
            core: Reader::new(),
            line: 1,
            at_start: true,
            after_return: false,
            record: Record {
                bytes: vec![0; 256],
                ends: vec![0; 16],
                ..Record::default()
            },
        }
    }

    /// The next record; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Result<&Record, Fault>> {
        match self.read() {
            Ok(true) => Some(Ok(&self.record)),
            Ok(false) => None,
            Err(fault) => Some(Err(fault)),
        }
    }

    /// Whether there was one more.
    fn read(&mut self) -> Result<bool, Fault> {
        self.skip()?;
        let (mut bytes, mut cells) = (0, 0);
        self.record.line = self.line;
        loop {
            let Record { bytes: out, ends, .. } = &mut self.record;
            let input = self
                .file
                .fill_buf()
                .map_err(|error| unreadable(self.line, &error))?;
            let (result, read, wrote, ended) =
                self.core
                    .read_record(input, &mut out[bytes..], &mut ends[cells..]);
            let lines = lines(&input[..read], &mut self.after_return);
            self.line += lines;
            self.file.consume(read);
            (bytes, cells) = (bytes + wrote, cells + ended);
            let grow = |len: usize| len.saturating_mul(2);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if out.len() < MAX_RECORD => out.resize(grow(out.len()), 0),
                ReadRecordResult::OutputEndsFull if ends.len() < MAX_CELLS => {
                    ends.resize(grow(ends.len()), 0)
                }
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(Fault {
                        line: Some(self.record.line),
                        what: format!("the row has more than {MAX_RECORD} bytes or {MAX_CELLS} cells"),
                        help: "is it CSV, and is every quote closed?".into(),
                    });
                }
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(false),
            }
        }
        self.record.len = cells;
        if self.record.is_utf8() {
            return Ok(true);
        }
        Err(Fault {
            line: Some(self.record.line),
            what: "is not UTF-8 text".into(),
            help: "save it as CSV in UTF-8".into(),
        })
    }

    /// Skips blank lines and comments, and a byte order mark at the start.
    fn skip(&mut self) -> Result<(), Fault> {
        if std::mem::take(&mut self.at_start) {
            let input = self
                .file
                .fill_buf()
                .map_err(|error| unreadable(self.line, &error))?;
            let mark = if input.starts_with(BYTE_ORDER_MARK) { 3 } else { 0 };
            self.file.consume(mark);
        }
        let mut in_comment = false;
        loop {
            let input = self
                .file
                .fill_buf()
                .map_err(|error| unreadable(self.line, &error))?;
            let mut read = 0;
            for byte in input {
                match byte {
                    b'\r' | b'\n' => in_comment = false,
                    b'#' => in_comment = true,
                    _ => {}
                }
                if !in_comment && !matches!(byte, b'\r' | b'\n') {
                    break;
                }
                read += 1;
            }
            let (done, lines) = (
                read < input.len() || input.is_empty(),
                lines(&input[..read], &mut self.after_return),
            );
            self.line += lines;
            self.file.consume(read);
            if done {
                return Ok(());
            }
        }
    }
}

/// How many lines end in `bytes`: at a line feed, a carriage return, or both in this order.
fn lines(bytes: &[u8], after_return: &mut bool) -> u64 {
    let mut lines = 0;
    for byte in bytes {
        lines += u64::from(match byte {
            b'\n' => !*after_return,
            byte => *byte == b'\r',
        });
        *after_return = *byte == b'\r';
    }
    lines
}

fn unreadable(line: u64, error: &std::io::Error) -> Fault {
    Fault {
        line: Some(line),
        what: format!("cannot be read: {error}"),
        help: "check the disk that it is on".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of every record and its first cell.
    fn read(text: &[u8]) -> Vec<(u64, String)> {
        let mut records = Records::new(text);
        let mut all = Vec::new();
        while let Some(record) = records.next() {
            let record = record.unwrap();
            all.push((record.line(), record.cell(0).to_owned()));
        }
        all
    }

    #[test]
    fn records_begin_on_the_lines_that_an_editor_shows() {
        for (text, expected) in [
            ("a\n0\nx\n", &[(1, "a"), (2, "0"), (3, "x")][..]),
            ("a\r\n0\r\nx\r\n", &[(1, "a"), (2, "0"), (3, "x")]),
            ("a\r0\rx", &[(1, "a"), (2, "0"), (3, "x")]),
            ("a\n\n0\n\nx", &[(1, "a"), (3, "0"), (5, "x")]),
            ("a\r\n\r\n0\r\n\r\nx", &[(1, "a"), (3, "0"), (5, "x")]),
            ("# one\n\n# two, \"\na\n# three\r\n0", &[(4, "a"), (6, "0")]),
            ("\u{feff}a\n0", &[(1, "a"), (2, "0")]),
            ("\u{feff}# note\na", &[(2, "a")]),
            ("a\n\"0\n1\"\nx", &[(1, "a"), (2, "0\n1"), (4, "x")]),
            ("a\n ä \n漢字", &[(1, "a"), (2, "ä"), (3, "漢字")]),
            ("", &[]),
            ("\n#\n", &[]),
        ] {
            let expected: Vec<_> = expected
                .iter()
                .map(|(line, cell)| (*line, (*cell).to_owned()))
                .collect();
            assert_eq!(read(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_text_or_has_no_end_is_refused_where_it_is() {
        let endless = format!("a\n\"{}", "x\n".repeat(MAX_RECORD));
        let wide = format!("a\n{}", ",".repeat(2 * MAX_CELLS));
        for (text, line) in [
            (&b"a\n\n\xff"[..], 3),
            (b"a,b\n\xc3,\xa9", 2),
            (endless.as_bytes(), 2),
            (wide.as_bytes(), 2),
        ] {
            let mut records = Records::new(text);
            assert!(records.next().unwrap().is_ok());
            assert_eq!(records.next().unwrap().unwrap_err().line, Some(line));
        }
    }
}

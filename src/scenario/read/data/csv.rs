//! CSV files with a header whose columns say their unit.

use std::{io::Read, ops::RangeInclusive};

use csv::{Error, ErrorKind, ReaderBuilder, StringRecord, Trim};

use super::Fault;
use crate::scenario::{read::distribution::ReadQuantity, suggest};

/// A file being read row by row.
pub(super) struct Rows<R> {
    reader: csv::Reader<R>,
    header: StringRecord,
    row: StringRecord,
}

/// A column of quantities, and what its cells are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Column {
    place: usize,
    /// Whole units per 1 in a cell; `None` where each cell has its own unit.
    scale: Option<u64>,
}

impl<R: Read> Rows<R> {
    /// Begins to read: the first line names the columns. Lines that begin with `#` are comments.
    pub(super) fn new(file: R) -> Result<Self, Fault> {
        let mut reader = ReaderBuilder::new()
            .comment(Some(b'#'))
            .trim(Trim::All)
            .from_reader(file);
        let header = reader.headers().map_err(fault)?.clone();
        Ok(Self {
            reader,
            header,
            row: StringRecord::new(),
        })
    }

    /// The next row; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Result<Row<'_>, Fault>> {
        match self.reader.read_record(&mut self.row) {
            Ok(true) => Some(Ok(Row {
                cells: &self.row,
                header: &self.header,
            })),
            Ok(false) => None,
            Err(error) => Some(Err(fault(error))),
        }
    }

    /// The column of this name.
    pub(super) fn plain(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// The column of quantities called `name`, alone or with a unit: `value`, `value_ms`.
    pub(super) fn column<T: ReadQuantity>(&self, name: &str) -> Result<Option<Column>, Fault> {
        let columns = self.header.iter().enumerate().filter_map(|(place, column)| {
            let unit = column.strip_prefix(name)?;
            let scale = match unit {
                "" => None,
                _ => Some(scale::<T>(unit.strip_prefix('_')?)?),
            };
            Some(Column { place, scale })
        });
        let columns: Vec<_> = columns.collect();
        match columns[..] {
            [] => Ok(None),
            [column] => Ok(Some(column)),
            [one, other, ..] => Err(self.of_header(
                format!(
                    "the columns `{}` and `{}` say the same",
                    &self.header[one.place], &self.header[other.place]
                ),
                "leave one of them",
            )),
        }
    }

    /// The column of exactly this name; its unit is how the name ends.
    pub(super) fn chosen<T: ReadQuantity>(&self, name: &str) -> Result<Column, Fault> {
        let Some(place) = self.plain(name) else {
            let header: Vec<_> = self.header.iter().collect();
            let help = suggest::nearest(name, &header).map_or_else(
                || "`column` is one that the first line names".to_owned(),
                |meant| format!("did you mean \"{meant}\"?"),
            );
            return Err(self.of_header(format!("there is no column `{name}`"), help));
        };
        let unit = name.rsplit_once('_').and_then(|(_, unit)| scale::<T>(unit));
        Ok(Column { place, scale: unit })
    }

    /// What is said where no column is `wanted`, which `help` explains.
    pub(super) fn no_column(&self, wanted: &str, help: &str) -> Fault {
        let header: Vec<_> = self.header.iter().filter(|name| !name.is_empty()).collect();
        if header.is_empty() {
            return Fault::whole("is empty", "its first line names its columns, the rows follow");
        }
        let help = format!("{help}; here it says {}", suggest::list(&header));
        self.of_header(format!("there is no column {wanted}"), help)
    }

    /// A fault of the line that names the columns.
    pub(super) fn of_header(&self, what: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault {
            line: self.header.position().map(csv::Position::line),
            what: what.into(),
            help: help.into(),
        }
    }
}

/// How columns of a quantity are named.
pub(super) fn naming<T: ReadQuantity>() -> String {
    if T::COLUMN_UNITS.is_empty() {
        return "the first line names the columns".to_owned();
    }
    let units: Vec<_> = T::COLUMN_UNITS
        .iter()
        .map(|(unit, _)| format!("`_{unit}`"))
        .collect();
    format!(
        "the first line names the columns, and a name ends in its unit, {}, unless every cell has its own",
        units.join(" or ")
    )
}

/// Whole units per one of `unit`, if columns can be in it.
fn scale<T: ReadQuantity>(unit: &str) -> Option<u64> {
    T::COLUMN_UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .map(|(_, scale)| *scale)
}

/// A row.
pub(super) struct Row<'a> {
    cells: &'a StringRecord,
    header: &'a StringRecord,
}

impl Row<'_> {
    /// The quantity in a column, in whole units, within `range`: rounded to the nearest where it is finer.
    pub(super) fn quantity<T: ReadQuantity>(
        &self,
        column: Column,
        range: RangeInclusive<T>,
    ) -> Result<u64, Fault> {
        let text = self.cell(column.place);
        let name = &self.header[column.place];
        let units = match column.scale {
            None => T::written(text),
            Some(scale) => scaled(text, scale),
        };
        let units = units.map_err(|fault| {
            let example = T::EXAMPLE[0].trim_matches('"');
            let help = match column.scale {
                None if T::COLUMN_UNITS.is_empty() => format!("a cell of `{name}` is like {example}"),
                None => {
                    format!(
                        "a cell of `{name}` is like {example}; in a column `{}` it is a number",
                        T::column(name)
                    )
                }
                Some(_) => {
                    format!("a cell of `{name}` is a number without a unit: the column's name says it")
                }
            };
            self.fault(format!("`{name}` {fault}{}", shown(text)), help)
        })?;
        let (least, most) = (range.start(), range.end());
        if units > most.units() {
            return Err(self.fault(
                format!("`{name}` is larger than {}{}", most.text(), shown(text)),
                format!("leave the row out, or write {} at most", most.text()),
            ));
        }
        if units < least.units() {
            return Err(self.fault(
                format!("`{name}` is smaller than {}{}", least.text(), shown(text)),
                format!("leave the row out, or write {} at least", least.text()),
            ));
        }
        Ok(units)
    }

    /// The whole number in a column.
    pub(super) fn whole(&self, column: usize) -> Result<u64, Fault> {
        let (text, name) = (self.cell(column), &self.header[column]);
        text.parse().map_err(|_| {
            self.fault(
                format!("`{name}` is no whole number{}", shown(text)),
                "it counts from 0, without a sign or a unit",
            )
        })
    }

    /// The index in a column; `None` in an empty cell.
    pub(super) fn index(&self, column: usize) -> Result<Option<u32>, Fault> {
        let (text, name) = (self.cell(column), &self.header[column]);
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| {
            self.fault(
                format!("`{name}` is no index{}", shown(text)),
                "indices count from 0 within the group",
            )
        })
    }

    /// The quantity in a column as [`Row::quantity`]; `None` in an empty cell.
    pub(super) fn optional<T: ReadQuantity>(
        &self,
        column: Column,
        range: RangeInclusive<T>,
    ) -> Result<Option<u64>, Fault> {
        if self.cell(column.place).is_empty() {
            return Ok(None);
        }
        self.quantity(column, range).map(Some)
    }

    /// A fault of this row.
    pub(super) fn fault(&self, what: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault {
            line: self.cells.position().map(csv::Position::line),
            what: what.into(),
            help: help.into(),
        }
    }

    fn cell(&self, column: usize) -> &str {
        // Every row has as many cells as the header.
        self.cells.get(column).unwrap_or_default()
    }
}

/// A number of a unit that holds `scale` whole ones, in whole ones.
fn scaled(text: &str, scale: u64) -> Result<u64, String> {
    if let Ok(whole) = text.parse::<u64>() {
        return whole.checked_mul(scale).ok_or_else(|| "is too large".into());
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok((number * scale as f64).round() as u64),
        Ok(number) if number < 0.0 => Err("is negative".into()),
        _ if text.is_empty() => Err("is empty".into()),
        _ => Err("is no number".into()),
    }
}

/// A cell as messages show it after what is wrong with it; nothing of an empty one.
fn shown(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let start: String = text.chars().take(40).collect();
    let rest = if start.len() < text.len() { "…" } else { "" };
    format!(": \"{start}{rest}\"")
}

/// What the reader of CSV says.
fn fault(error: Error) -> Fault {
    let line = error.position().map(csv::Position::line);
    let (what, help) = match error.kind() {
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => (
            format!("the row has {len} of {expected_len} cells"),
            "every row has a cell for every column, if only an empty one".to_owned(),
        ),
        ErrorKind::Utf8 { .. } => ("is not UTF-8 text".into(), "save it as CSV in UTF-8".into()),
        ErrorKind::Io(reason) => (
            format!("cannot be read: {reason}"),
            "check the disk that it is on".into(),
        ),
        _ => (error.to_string(), "save it as CSV with a header".into()),
    };
    Fault { line, what, help }
}

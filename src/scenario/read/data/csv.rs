//! CSV files with a header whose columns say their unit.

use std::{borrow::Cow, io::Read, ops::RangeInclusive};

use super::{
    Fault,
    records::{Record, Records},
};
use crate::scenario::{
    read::distribution::ReadQuantity,
    suggest::{self, shortened},
};

/// A file being read row by row.
pub(super) struct Rows<R> {
    records: Records<R>,
    header: Record,
    quoted: bool,
}

/// Most names of columns that a message repeats.
const MOST_NAMES: usize = 12;

/// A column of quantities, and what its cells are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Column {
    place: usize,
    /// Whole units per 1 in a cell; `None` where each cell has its own unit.
    scale: Option<u64>,
}

impl<R: Read> Rows<R> {
    /// Begins to read: the first line names the columns. Lines that begin with `#` are comments. What is in the file is
    /// quoted in messages if `quoted`.
    pub(super) fn new(file: R, quoted: bool) -> Result<Self, Fault> {
        let mut records = Records::new(file);
        let header = records.next().transpose()?.cloned().unwrap_or_default();
        Ok(Self {
            records,
            header,
            quoted,
        })
    }

    /// The next row; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Result<DataRow<'_>, Fault>> {
        let (header, quoted) = (&self.header, self.quoted);
        Some(self.records.next()?.and_then(|cells| {
            let (is, should) = (cells.len(), header.len());
            if is == should {
                return Ok(DataRow {
                    cells,
                    header,
                    quoted,
                });
            }
            Err(Fault {
                line: Some(cells.line()),
                what: format!("the row has {is} of {should} cells"),
                help: "every row has a cell for every column, if only an empty one".into(),
            })
        }))
    }

    /// The column of this name.
    pub(super) fn plain(&self, name: &str) -> Option<usize> {
        self.header.cells().position(|column| column == name)
    }

    /// The column of quantities called `name`, alone or with a unit: `value`, `value_ms`.
    pub(super) fn column<T: ReadQuantity>(&self, name: &str) -> Result<Option<Column>, Fault> {
        let columns = self.header.cells().enumerate().filter_map(|(place, column)| {
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
                    self.header.cell(one.place),
                    self.header.cell(other.place)
                ),
                "leave one of them",
            )),
        }
    }

    /// The column of exactly this name; its unit is how the name ends.
    pub(super) fn chosen<T: ReadQuantity>(&self, name: &str) -> Result<Column, Fault> {
        let Some(place) = self.plain(name) else {
            let header: Vec<_> = self.header.cells().filter(|_| self.quoted).collect();
            let help = suggest::meant(name, &header)
                .unwrap_or_else(|| "`column` is one that the first line names".to_owned());
            return Err(self.of_header(format!("missing column `{name}`"), help));
        };
        let unit = name.rsplit_once('_').and_then(|(_, unit)| scale::<T>(unit));
        Ok(Column { place, scale: unit })
    }

    /// What is said where no column is `wanted`, which `help` explains.
    pub(super) fn no_column(&self, wanted: &str, help: &str) -> Fault {
        let header = self.header.cells().filter(|name| !name.is_empty());
        let header: Vec<_> = header.take(MOST_NAMES).map(shortened).collect();
        if header.is_empty() {
            return Fault::whole("is empty", "its first line names its columns, the rows follow");
        }
        let header: Vec<_> = header.iter().map(Cow::as_ref).collect();
        let help = match self.quoted {
            true => format!("{help}; here it says {}", suggest::list(&header)),
            false => help.to_owned(),
        };
        self.of_header(format!("missing column {wanted}"), help)
    }

    /// A fault of the line that names the columns.
    pub(super) fn of_header(&self, what: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault {
            line: Some(self.header.line()),
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

impl Column {
    /// Whether each cell has a unit of its own.
    pub(super) const fn has_units_in_cells(self) -> bool {
        self.scale.is_none()
    }
}

/// A row.
pub(super) struct DataRow<'a> {
    cells: &'a Record,
    header: &'a Record,
    quoted: bool,
}

impl DataRow<'_> {
    /// The quantity in a column, in whole units, within `range`: rounded to the nearest where it is finer.
    pub(super) fn quantity<T: ReadQuantity>(
        &self,
        column: Column,
        range: RangeInclusive<T>,
    ) -> Result<u64, Fault> {
        let text = self.cell(column.place);
        let name = self.header.cell(column.place);
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
            self.fault(format!("`{name}` {fault}{}", self.shown(text)), help)
        })?;
        let (least, most) = (range.start(), range.end());
        if units > most.units() {
            return Err(self.fault(
                format!("`{name}` is larger than {}{}", most.text(), self.shown(text)),
                format!("leave the row out, or write {} at most", most.text()),
            ));
        }
        if units < least.units() {
            return Err(self.fault(
                format!("`{name}` is smaller than {}{}", least.text(), self.shown(text)),
                format!("leave the row out, or write {} at least", least.text()),
            ));
        }
        Ok(units)
    }

    /// The whole number in a column.
    pub(super) fn whole(&self, column: usize) -> Result<u64, Fault> {
        let (text, name) = (self.cell(column), self.header.cell(column));
        text.parse().map_err(|_| {
            self.fault(
                format!("`{name}` is not a whole number{}", self.shown(text)),
                "it counts from 0, without a sign or a unit",
            )
        })
    }

    /// The index in a column; `None` in an empty cell.
    pub(super) fn index(&self, column: usize) -> Result<Option<u32>, Fault> {
        let (text, name) = (self.cell(column), self.header.cell(column));
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| {
            self.fault(
                format!("`{name}` is not an index{}", self.shown(text)),
                "indices count from 0 within the group",
            )
        })
    }

    /// The quantity in a column as [`DataRow::quantity`]; `None` in an empty cell.
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
            line: Some(self.cells.line()),
            what: what.into(),
            help: help.into(),
        }
    }

    /// The line that it begins on.
    pub(super) fn line(&self) -> u64 {
        self.cells.line()
    }

    /// The text in a column.
    pub(super) fn text(&self, column: Column) -> &str {
        self.cell(column.place)
    }

    /// The name of a column.
    pub(super) fn name(&self, column: Column) -> &str {
        self.header.cell(column.place)
    }

    fn cell(&self, column: usize) -> &str {
        self.cells.cell(column)
    }

    /// A cell as messages show it after what is wrong with it; nothing of an empty one.
    pub(super) fn shown(&self, text: &str) -> String {
        if text.is_empty() || !self.quoted {
            return String::new();
        }
        let start: String = text.chars().take(40).collect();
        let rest = if start.len() < text.len() { "…" } else { "" };
        format!(": \"{start}{rest}\"")
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

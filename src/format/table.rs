//! The table builder: names at the left and numbers at the right, as text for the terminal, as Markdown, and as the data
//! that the web page's template takes.

use comfy_table::{Attribute, Cell as TerminalCell, CellAlignment, Color, LineStyle, TableStyle};
use serde::Serialize;

use super::{
    Style,
    human::{self, NOTHING},
};
use crate::text;

/// Columns and rows of cells.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Debug, Serialize)]
struct Column {
    name: String,
    /// Whether it holds numbers, which stand at the right.
    number: bool,
}

/// What stands in a row and a column.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Cell {
    text: String,
    /// What it is sorted by, if that is a number; of a number never measured nothing.
    value: Option<f64>,
    tone: Tone,
    /// Whether it is code.
    code: bool,
}

/// How what is said is to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// All is well.
    Good,
    /// Something is to be known.
    Warn,
    /// Something is wrong.
    Bad,
}

impl Table {
    /// Adds columns of names and words.
    pub(crate) fn texts(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with(names, false)
    }

    /// Adds columns of numbers.
    pub(crate) fn numbers(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with(names, true)
    }

    fn with(mut self, names: impl IntoIterator<Item = impl Into<String>>, number: bool) -> Self {
        self.columns.extend(names.into_iter().map(|name| Column {
            name: name.into(),
            number,
        }));
        self
    }

    /// Adds rows, with a cell per column each.
    pub(crate) fn rows<R>(mut self, rows: impl IntoIterator<Item = R>) -> Self
    where
        R: IntoIterator<Item: Into<Cell>>,
    {
        self.extend(rows);
        self
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl Into<Cell>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Whether it has no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines for a terminal, without a line feed behind the last.
    pub(crate) fn terminal(&self, style: Style) -> String {
        self.spaced(2, style)
    }

    /// The same with so many spaces between columns.
    pub(crate) fn spaced(&self, gap: u16, style: Style) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
        let names = self.columns.iter();
        table.set_header(names.map(|column| TerminalCell::new(&column.name).add_attribute(Attribute::Dim)));
        table.add_rows(self.rows.iter().map(|row| row.iter().map(Cell::terminal)));
        let columns = table.column_iter_mut().zip(&self.columns).enumerate();
        for (index, (column, Column { number, .. })) in columns {
            column.set_padding((if index == 0 { 0 } else { gap }, 0));
            if *number {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        match style {
            Style::Plain => table.force_no_tty(),
            Style::Coloured => table.enforce_styling(),
        };
        table.trim_fmt()
    }

    /// The table as GitHub and GitLab show it, with an empty line behind it; nothing without rows.
    pub(crate) fn markdown(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        let line = |cells: &mut dyn Iterator<Item = String>| -> String {
            let cells = cells.map(|cell| {
                if cell.is_empty() {
                    " |".to_owned()
                } else {
                    format!(" {cell} |")
                }
            });
            format!("|{}\n", cells.collect::<String>())
        };
        let marks = self.columns.iter();
        let marks: String = marks
            .map(|column| if column.number { "--:|" } else { "---|" })
            .collect();
        let names = line(&mut self.columns.iter().map(|column| column.name.clone()));
        let rows = self.rows.iter();
        let rows: String = rows
            .map(|row| line(&mut row.iter().map(Cell::markdown)))
            .collect();
        format!("{names}|{marks}\n{rows}\n")
    }
}

impl<R: IntoIterator<Item: Into<Cell>>> Extend<R> for Table {
    fn extend<I: IntoIterator<Item = R>>(&mut self, rows: I) {
        rows.into_iter().for_each(|row| self.row(row));
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Cell {
    /// Words, or a number that no table is sorted by.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        text.into().into()
    }

    /// Text in a fixed-width font.
    pub(crate) fn code(text: impl Into<String>) -> Self {
        Self {
            code: true,
            ..Self::text(text)
        }
    }

    /// A number as it is written, and what it is.
    pub(crate) fn number(text: impl Into<String>, value: f64) -> Self {
        Self {
            value: Some(value),
            ..Self::text(text)
        }
    }

    /// A count.
    pub(crate) fn count(count: u64) -> Self {
        Self::number(human::count(count), count as f64)
    }

    /// A count of what had better not be.
    pub(crate) fn failed(count: u64) -> Self {
        let tone = if count > 0 { Tone::Bad } else { Tone::Plain };
        Self::count(count).toned(tone)
    }

    /// A time in µs.
    pub(crate) fn time_us(us: u64) -> Self {
        Self::number(human::time_us(us), us as f64)
    }

    /// The share of `all` that `part` is.
    pub(crate) fn share(part: u64, all: u64) -> Self {
        if all == 0 {
            return Self::nothing();
        }
        let share = part as f64 / all as f64;
        Self::number(format!("{:.1} %", share * 100.0), share)
    }

    /// What was never measured.
    pub(crate) fn nothing() -> Self {
        Self::text(NOTHING)
    }

    /// What `write` makes of a number that may never have been measured.
    pub(crate) fn maybe<T>(value: Option<T>, write: impl FnOnce(T) -> Self) -> Self {
        value.map_or_else(Self::nothing, write)
    }

    /// The same, to be taken in another way.
    pub(crate) fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// The same, sorted by this number.
    pub(crate) fn sorted_by(self, value: Option<f64>) -> Self {
        Self { value, ..self }
    }

    /// The text, in a field of so many characters.
    pub(crate) fn at_least(mut self, width: usize) -> Self {
        self.text = format!("{:>width$}", self.text);
        self
    }

    fn terminal(&self) -> TerminalCell {
        let cell = TerminalCell::new(&self.text);
        match self.tone {
            Tone::Bad => cell.fg(Color::Red),
            Tone::Plain | Tone::Good | Tone::Warn => cell,
        }
    }

    fn markdown(&self) -> String {
        if self.code {
            let text = text::line(&self.text).replace('`', "'").replace('|', "\\|");
            return format!("`{text}`");
        }
        let text = markdown_escaped(&self.text);
        if self.tone == Tone::Bad && self.value.is_none() {
            format!("**{text}**")
        } else {
            text
        }
    }
}

/// Text from elsewhere that starts no table, tag, link or emphasis of its own.
pub(crate) fn markdown_escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text::line(text).chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '@' => safe.extend(['\\', c]),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            c => safe.push(c),
        }
    }
    safe
}

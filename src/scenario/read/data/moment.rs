//! Reads arrival times: times since the beginning, or dates.

use std::time::Duration;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::{
    Fault,
    csv::{Column, DataRow},
};
use crate::scenario::{Quantity, units::format_duration, units::parse_duration};

/// Numbers of at least so many µs are Unix time: 10⁹ s, a date of 2001 or later. As times since the beginning they would be
/// more than 31 years.
const UNIX_TIME: u64 = 1_000_000_000_000_000;

/// The moments of a trace, read one by one.
#[derive(Debug)]
pub(super) struct Moments {
    column: Column,
    /// Whether they are dates, and the line that says so first; `None` before the first.
    dates: Option<(bool, u64)>,
    /// The least.
    first: u64,
    /// The largest, and its line.
    last: (u64, u64),
}

impl Moments {
    /// Moments of this column.
    pub(super) const fn new(column: Column) -> Self {
        Self {
            column,
            dates: None,
            first: u64::MAX,
            last: (0, 0),
        }
    }

    /// The moment of a row in µs, to be counted from [`Moments::begin`].
    pub(super) fn read(&mut self, row: &DataRow<'_>) -> Result<u64, Fault> {
        let text = row.text(self.column);
        let is_date = self.column.has_units_in_cells() && looks_like_date(text);
        let at = if is_date {
            date(text).ok_or_else(|| self.no_date(row))?
        } else {
            row.quantity(self.column, Duration::ZERO..=Duration::MAX)?
        };
        match self.dates {
            Some((dates, line)) if dates != is_date => return Err(self.mixed(row, is_date, line)),
            Some(_) => {}
            None => self.dates = Some((is_date, row.line())),
        }
        self.first = self.first.min(at);
        if at >= self.last.0 {
            self.last = (at, row.line());
        }
        Ok(at)
    }

    /// The moment at which the load begins: of dates the earliest, otherwise 0.
    ///
    /// # Errors
    /// If the last moment is later after it than `longest`.
    pub(super) fn begin(self, longest: Duration) -> Result<u64, Fault> {
        let Some((dates, _)) = self.dates else {
            return Ok(0);
        };
        let begin = if dates || self.first >= UNIX_TIME {
            self.first
        } else {
            0
        };
        let (last, line) = self.last;
        if last - begin <= longest.units() {
            return Ok(begin);
        }
        let longest = format_duration(longest);
        let (what, help) = if begin > 0 {
            (
                format!("is due more than {longest} after the earliest row, the longest that a run waits"),
                "split the trace, or replay it faster: trace = { file = \"…\", speed = 10.0 }",
            )
        } else {
            (
                format!("is due after {longest}, the longest that a run waits"),
                "times count from the beginning of the load; dates, also as Unix time, from the earliest if all rows have them",
            )
        };
        Err(Fault {
            line: Some(line),
            what,
            help: help.into(),
        })
    }

    fn no_date(&self, row: &DataRow<'_>) -> Fault {
        let name = row.name(self.column);
        row.fault(
            format!("`{name}` is not a date{}", row.shown(row.text(self.column))),
            format!(
                "a cell of `{name}` is a date like 2026-01-31T12:00:00.5Z, or a time since the beginning like 80ms"
            ),
        )
    }

    fn mixed(&self, row: &DataRow<'_>, is_date: bool, line: u64) -> Fault {
        let name = row.name(self.column);
        let (here, there) = if is_date {
            ("a date", "a time since the beginning")
        } else {
            ("a time since the beginning", "a date")
        };
        row.fault(
            format!("`{name}` is {here}, and in line {line} {there}"),
            "write all of them in one of the two ways",
        )
    }
}

/// Whether a cell is meant to be a date rather than a duration.
fn looks_like_date(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
        && text.contains(['-', ':', 'T'])
        && parse_duration(text).is_err()
}

/// A date as ISO 8601 and RFC 3339 write it, in whole µs since the earliest date that there is: rounded to the nearest, and
/// in UTC unless it says an offset.
fn date(text: &str) -> Option<u64> {
    let timestamp = text.parse::<Timestamp>().ok().or_else(|| {
        // A time zone in brackets without an offset would be left unheard.
        let local = text.parse::<DateTime>().ok().filter(|_| !text.contains('['))?;
        TimeZone::UTC.to_timestamp(local).ok()
    })?;
    let nanos = timestamp.as_nanosecond() - Timestamp::MIN.as_nanosecond();
    u64::try_from((nanos + 500) / 1_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_to_the_microsecond() {
        let begin = date("2030-01-02T03:04:05Z").unwrap();
        for (text, after) in [
            ("2030-01-02 03:04:05", 0),
            ("2030-01-02T03:04:05.1234560", 123_456),
            ("2030-01-02 03:04:05.123456500Z", 123_457),
            ("2030-01-02T04:04:06+01:00", 1_000_000),
            ("20300102T030406Z", 1_000_000),
            ("2030-01-03", 20 * 3_600_000_000 + 55 * 60_000_000 + 55_000_000),
        ] {
            assert!(looks_like_date(text), "{text}");
            assert_eq!(date(text).unwrap() - begin, after, "{text}");
        }
        for text in [
            "2030-13-02",
            "2030-01-02T03:04:05[Europe/Paris]",
            "12:30",
            "2030-01-02T25:00",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
        for text in ["5s", "-5s", "1900000000", "20300102", ""] {
            assert!(!looks_like_date(text), "{text}");
        }
    }
}

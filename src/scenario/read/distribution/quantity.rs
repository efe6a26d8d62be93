//! Quantities that can be read.

use std::time::Duration;

use crate::scenario::{
    Quantity,
    read::value::Value,
    units::{ByteSize, Count, parse_duration},
};

/// A quantity that can be read.
pub(in crate::scenario) trait ReadQuantity: Quantity + Ord {
    /// The smallest amount that is not nothing.
    const UNIT: Self;
    /// Nothing.
    const ZERO: Self;
    /// The least that a value or an observation may be.
    const LEAST: Self;
    /// The most that a parameter or an observation may be.
    const MOST: Self;
    /// Two amounts, ascending, as a scenario writes them.
    const EXAMPLE: [&'static str; 2];
    /// What the name of a data file's column may end in, and how many whole units that holds; the whole unit first.
    /// Nothing where cells are only counts.
    const COLUMN_UNITS: &'static [(&'static str, u64)];

    /// Reads one that is at least `least`.
    fn read(value: Value<'_>, least: Self) -> Option<Self>;

    /// Whole units of one that is written with its unit; any size.
    fn written(text: &str) -> Result<u64, String>;

    /// What the names of columns of whole units end in.
    fn column_unit() -> &'static str {
        Self::COLUMN_UNITS.first().map_or("", |(unit, _)| unit)
    }

    /// The name of a column of whole units.
    fn column(name: &str) -> String {
        match Self::column_unit() {
            "" => name.to_owned(),
            unit => format!("{name}_{unit}"),
        }
    }
}

impl ReadQuantity for Duration {
    const UNIT: Self = Self::from_micros(1);
    const ZERO: Self = Self::ZERO;
    const LEAST: Self = Self::ZERO;
    const MOST: Self = Self::from_secs(24 * 60 * 60);
    const EXAMPLE: [&'static str; 2] = [r#""80ms""#, r#""300ms""#];
    const COLUMN_UNITS: &'static [(&'static str, u64)] = &[("us", 1), ("ms", 1_000), ("s", 1_000_000)];

    fn read(value: Value<'_>, least: Self) -> Option<Self> {
        value.duration(least..=Self::MOST)
    }

    fn written(text: &str) -> Result<u64, String> {
        parse_duration(text).map(Quantity::units)
    }
}

impl ReadQuantity for ByteSize {
    const UNIT: Self = Self(1);
    const ZERO: Self = Self(0);
    const LEAST: Self = Self(0);
    const MOST: Self = Self::MAX;
    const EXAMPLE: [&'static str; 2] = [r#""64 B""#, r#""1 KiB""#];
    const COLUMN_UNITS: &'static [(&'static str, u64)] = &[("bytes", 1)];

    fn read(value: Value<'_>, least: Self) -> Option<Self> {
        let must = format!("a size from {least} to {}", Self::MAX);
        let help = "write it with its unit: \"64 B\", \"1 KiB\", or as a number of bytes";
        let fits = |size: Self| {
            if size < least {
                return Err(format!("is smaller than {least}"));
            }
            if size > Self::MAX {
                Err(format!("is larger than {}", Self::MAX))
            } else {
                Ok(size)
            }
        };
        match value.get().as_integer() {
            Some(integer) => match u64::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(bytes) => match fits(Self(bytes)) {
                    Ok(size) => Some(size),
                    Err(fault) => value.refuse(&must, fault, help),
                },
                Err(_) => value.refuse(&must, "is no number of bytes", help),
            },
            None => value.parsed(&must, help, |text| Self::parse(text).and_then(fits)),
        }
    }

    fn written(text: &str) -> Result<u64, String> {
        // As in a scenario, a number alone is one of bytes.
        text.parse().or_else(|_| Self::parse(text).map(Quantity::units))
    }
}

impl<const MOST: u32> ReadQuantity for Count<MOST> {
    const UNIT: Self = Self::ONE;
    const ZERO: Self = Self(0);
    const LEAST: Self = Self::ONE;
    const MOST: Self = Self::MAX;
    const EXAMPLE: [&'static str; 2] = ["2", "8"];
    const COLUMN_UNITS: &'static [(&'static str, u64)] = &[];

    fn read(value: Value<'_>, least: Self) -> Option<Self> {
        value.count(least.0..=MOST).map(Self)
    }

    fn written(text: &str) -> Result<u64, String> {
        text.parse().map_err(|_| "is no whole number".into())
    }
}

//! Reading distributions: one value, or a table with one key that names the shape.

use std::time::Duration;

use toml::de::DeValue;

use super::{table::Table, value::Value};
use crate::scenario::{
    Distribution,
    problem::Problem,
    suggest::{self, list},
    units::ByteSize,
};

/// Longest delay that a parameter may give.
const MAX_DELAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The shapes by name.
const SHAPES: [&str; 4] = ["uniform", "exponential", "normal", "lognormal"];

/// A quantity that can be read.
pub(super) trait ReadQuantity: Copy + Ord {
    /// The smallest amount that is not nothing.
    const UNIT: Self;
    /// Nothing.
    const ZERO: Self;
    /// Two amounts, ascending, as a file writes them.
    const EXAMPLE: [&'static str; 2];

    /// Reads one that is at least `least`.
    fn read(value: Value<'_>, least: Self) -> Option<Self>;
}

impl ReadQuantity for Duration {
    const UNIT: Self = Self::from_micros(1);
    const ZERO: Self = Self::ZERO;
    const EXAMPLE: [&'static str; 2] = ["80ms", "300ms"];

    fn read(value: Value<'_>, least: Self) -> Option<Self> {
        value.duration(least..=MAX_DELAY)
    }
}

impl ReadQuantity for ByteSize {
    const UNIT: Self = Self(1);
    const ZERO: Self = Self(0);
    const EXAMPLE: [&'static str; 2] = ["64 B", "1 KiB"];

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
}

/// Reads a constant or a distribution.
pub(super) fn read<T: ReadQuantity>(value: Value<'_>) -> Option<Distribution<T>> {
    let DeValue::Table(entries) = value.get() else {
        return T::read(value, T::ZERO).map(Distribution::Constant);
    };
    let mut keys = entries.keys().map(|key| key.get_ref().as_ref());
    let (Some(shape), None) = (keys.next(), keys.next()) else {
        return value.refuse(
            "one distribution",
            format!("has {} keys", entries.len()),
            help::<T>(""),
        );
    };
    let shape = shape.to_owned();
    let table = Table::new(Some(entries), value.path().clone(), value.report());
    let least = if shape == "exponential" || shape == "lognormal" {
        T::UNIT
    } else {
        T::ZERO
    };
    match shape.as_str() {
        "uniform" => table.optional("uniform", uniform),
        "exponential" => table
            .optional("exponential", |mean| T::read(mean, least))
            .map(|mean| Distribution::Exponential { mean }),
        "normal" => {
            let [mean, stddev] = pair(table.table("normal"), ["mean", "stddev"], T::EXAMPLE, least)?;
            Some(Distribution::Normal { mean, stddev })
        }
        "lognormal" => {
            let parameters = table.table("lognormal");
            let path = parameters.path().clone();
            let [median, p95] = pair(parameters, ["median", "p95"], T::EXAMPLE, least)?;
            if p95 >= median {
                return Some(Distribution::LogNormal { median, p95 });
            }
            let problem = Problem::new(
                format!("`{path}`: the 95th percentile lies below the median"),
                help::<T>("lognormal"),
            )
            .at(path.key("p95"), "is smaller than the median")
            .at(path.key("median"), "the median");
            value.report().broken(path, problem);
            None
        }
        other => {
            let help = suggest::nearest(other, &SHAPES).map_or_else(
                || format!("the distributions are {}, and a single value", list(&SHAPES)),
                |meant| format!("did you mean {}?", example::<T>(meant)),
            );
            let problem = Problem::new(
                format!("`{}`: there is no distribution `{other}`", value.path()),
                help,
            )
            .at_key(value.path().key(other), "unknown distribution");
            value.report().broken(value.path().clone(), problem);
            None
        }
    }
}

/// An array of the smallest and the largest value.
fn uniform<T: ReadQuantity>(value: Value<'_>) -> Option<Distribution<T>> {
    const MUST: &str = "an array of the smallest and the largest value";
    let bounds = match value.get().as_array() {
        Some(bounds) if bounds.len() == 2 => bounds,
        Some(bounds) => {
            return value.refuse(MUST, format!("has {} values", bounds.len()), help::<T>("uniform"));
        }
        None => return value.refuse(MUST, "is no array", help::<T>("uniform")),
    };
    let bound = |index: usize| {
        bounds.get(index).and_then(|bound| {
            T::read(
                Value::new(bound, value.path().index(index), value.report()),
                T::ZERO,
            )
        })
    };
    let (low, high) = (bound(0), bound(1));
    let (low, high) = (low?, high?);
    if low <= high {
        return Some(Distribution::Uniform { low, high });
    }
    value.refuse(MUST, "begins with the larger one", help::<T>("uniform"))
}

/// A table of two parameters, both at least `least`.
fn pair<T: ReadQuantity>(
    table: Table<'_>,
    names: [&'static str; 2],
    examples: [&'static str; 2],
    least: T,
) -> Option<[T; 2]> {
    let read = |place: usize| {
        table.required(
            names[place],
            format!("{} = \"{}\"", names[place], examples[place]),
            |value| T::read(value, least),
        )
    };
    let (first, second) = (read(0), read(1));
    table.finish();
    Some([first?, second?])
}

/// What a distribution of this shape looks like; `uniform` for an unknown one.
fn help<T: ReadQuantity>(shape: &str) -> String {
    format!("for example {}", example::<T>(shape))
}

fn example<T: ReadQuantity>(shape: &str) -> String {
    let [small, large] = T::EXAMPLE;
    match shape {
        "exponential" => format!("{{ exponential = \"{large}\" }} (the mean)"),
        "normal" => format!("{{ normal = {{ mean = \"{large}\", stddev = \"{small}\" }} }}"),
        "lognormal" => format!("{{ lognormal = {{ median = \"{small}\", p95 = \"{large}\" }} }}"),
        _ => format!("{{ uniform = [\"{small}\", \"{large}\"] }}"),
    }
}

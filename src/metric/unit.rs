//! Units of metrics, and the notation of bounds.

use std::time::Duration;

use crate::units::{Rate, format_duration, parse_amount, parse_duration};

/// The unit of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Time, in µs; a bound is written with its unit: `2s`, `5ms`.
    Time,
    /// Gas.
    Gas,
    /// A number of things.
    Count,
    /// A share, 0 to 1; a bound may be written in per cent: `99.9%`.
    Ratio,
    /// Things per second; a bound may be written as a rate: `100/s`.
    PerSecond,
    /// Wei per gas; a bound may be written as an amount: `10 gwei`.
    WeiPerGas,
}

impl Unit {
    /// The unit in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "µs",
            Self::Gas => "gas",
            Self::Count => "count",
            Self::Ratio => "0 to 1",
            Self::PerSecond => "per second",
            Self::WeiPerGas => "wei per gas",
        }
    }

    /// How a bound is written.
    pub(super) const fn example(self) -> &'static str {
        match self {
            Self::Time => "write a time with its unit: 500ms, 2s, 1m 30s",
            Self::Gas => "write a number of gas: 60000",
            Self::Count => "write a number: 100",
            Self::Ratio => "write a share from 0 to 1, or in per cent: 0.999 or 99.9%",
            Self::PerSecond => "write a number, or a rate: 100 or 100/s",
            Self::WeiPerGas => "write a number of wei, or an amount: 10 gwei",
        }
    }

    /// Reads a bound, in the unit's own size.
    ///
    /// # Errors
    /// What is wrong with it; it completes "it …".
    pub(crate) fn parse(self, text: &str) -> Result<f64, String> {
        match self {
            Self::Time => Ok(parse_duration(text)?.as_micros() as f64),
            Self::Gas | Self::Count => number(text),
            Self::Ratio => {
                let share = match text.strip_suffix('%') {
                    Some(percent) => scaled(percent.trim_end(), -2)?,
                    None => number(text)?,
                };
                match text.strip_suffix('%') {
                    _ if share <= 1.0 => Ok(share),
                    None if (2.0..=100.0).contains(&share) => {
                        Err(format!("is a ratio above 1; did you mean {share} %?"))
                    }
                    _ => Err("is a ratio above 1".to_owned()),
                }
            }
            Self::PerSecond if text.contains('/') => {
                let per_second = Rate::parse(text)?.per_second_of_time();
                per_second.ok_or_else(|| "counts blocks, whose number is not known".to_owned())
            }
            Self::PerSecond => number(text),
            Self::WeiPerGas => match number(text) {
                Ok(wei) => Ok(wei),
                // At most 128 bits, of which an f64 keeps the first 53.
                Err(_) => parse_amount(text).map(|wei| u128::try_from(wei).unwrap_or(u128::MAX) as f64),
            },
        }
    }

    /// A value as a threshold writes it, so that it reads back the same: a time to the µs.
    #[must_use]
    pub fn written(self, value: f64) -> String {
        match self {
            Self::Time => format_duration(Duration::from_micros(value.max(0.0).round() as u64)),
            Self::PerSecond => format!("{value}/s"),
            Self::Gas | Self::Count | Self::Ratio | Self::WeiPerGas => value.to_string(),
        }
    }
}

/// A decimal number that is not negative; digits may be grouped: `60_000`.
fn number(text: &str) -> Result<f64, String> {
    scaled(text, 0)
}

/// The same times ten to the `power`, and no further from it than the nearest `f64`: 99.9 % is 0.999.
fn scaled(text: &str, power: i8) -> Result<f64, String> {
    let digits = text.replace('_', "");
    let plain = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    format!("{digits}e{power}")
        .parse()
        .ok()
        .filter(|_| plain)
        .ok_or_else(|| "is not a number".to_owned())
}

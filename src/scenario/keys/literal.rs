//! Values as a scenario file writes them.

use std::{fmt::Display, time::Duration};

use alloy::primitives::U256;

use crate::scenario::units::{format_amount, format_duration, format_gas_price};

/// A number, a boolean, or what writes itself as TOML.
pub(super) fn bare(value: impl Display) -> Option<String> {
    Some(value.to_string())
}

/// A string.
pub(super) fn quoted(text: impl Display) -> Option<String> {
    Some(toml::Value::String(text.to_string()).to_string())
}

/// A key, in quotes if it must be.
pub(super) fn key(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.is_empty() && name.chars().all(plain) {
        return name.to_owned();
    }
    toml::Value::String(name.to_owned()).to_string()
}

pub(super) fn duration(time: Duration) -> Option<String> {
    quoted(format_duration(time))
}

/// An amount of ether, of so many wei.
pub(super) fn amount(wei: U256) -> Option<String> {
    quoted(format_amount(wei))
}

/// A price of gas, in wei.
pub(super) fn gas_price(wei: u64) -> Option<String> {
    quoted(format_gas_price(wei))
}

/// An array of values.
pub(super) fn array(values: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let values: Vec<_> = values.into_iter().flatten().collect();
    Some(format!("[{}]", values.join(", ")))
}

//! Amounts of ether: `"0.5 ether"`, `"10 gwei"`, `"100 wei"`, or an integer of wei.

use alloy::primitives::U256;

/// Units by name and decimal places of a wei, largest first.
const UNITS: [(&str, u32); 3] = [("ether", 18), ("gwei", 9), ("wei", 0)];

/// Reads an amount with a unit, as wei.
///
/// # Errors
/// What is wrong with it.
pub fn parse_amount(text: &str) -> Result<U256, String> {
    let (number, unit) = super::split_unit(text);
    let places = UNITS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit))
        .map(|(_, places)| *places)
        .ok_or_else(|| super::unknown_unit(unit))?;
    super::parse_decimal(number, places)
        .map(U256::from)
        .ok_or_else(|| "is not a whole number of wei below 2^128".into())
}

/// Writes wei in the largest unit that needs at most three decimals. Exact below 2^128.
#[must_use]
pub fn format_amount(wei: U256) -> String {
    let Ok(value) = u128::try_from(wei) else {
        return format!("{wei} wei");
    };
    for (name, places) in UNITS {
        if value != 0 && (places == 0 || value % 10u128.pow(places - 3) == 0) {
            return format!("{} {name}", super::format_decimal(value, places));
        }
    }
    "0 wei".into()
}

/// Writes wei per gas in gwei where three decimals do, otherwise in wei.
#[must_use]
pub fn format_gas_price(wei: u64) -> String {
    match wei {
        0 => "0 wei".into(),
        _ if wei.is_multiple_of(1_000_000) => format!("{} gwei", super::format_decimal(wei.into(), 9)),
        _ => format!("{wei} wei"),
    }
}

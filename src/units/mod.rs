//! Numbers that carry a unit: how a scenario file writes them, and how they are written back.

mod amount;
mod count;
mod duration;
mod parameter;
mod rate;
mod size;

pub use amount::{format_amount, format_gas_price, parse_amount};
pub use count::Count;
pub use duration::{format_duration, parse_duration};
pub use parameter::Parameter;
pub use rate::{Period, Rate};
pub use size::ByteSize;

/// Splits `"1.5 KiB"` into its number and its unit; either may be empty.
fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text
        .find(|c: char| !matches!(c, '0'..='9' | '.' | '_'))
        .unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

/// What is wrong with a unit that is none.
fn unknown_unit(unit: &str) -> String {
    if unit.is_empty() {
        "has no unit".into()
    } else {
        "has an unknown unit".into()
    }
}

/// Reads a decimal number as a whole multiple of 10^-`places`: `"1.5"` with 3 places is 1500.
///
/// `None` if it is no decimal number, has more places, or is too large.
fn parse_decimal(text: &str, places: u32) -> Option<u128> {
    let text = text.replace('_', "");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let fraction_places = u32::try_from(fraction.trim_end_matches('0').len()).ok()?;
    if !digits(whole) || !digits(fraction) || fraction_places > places {
        return None;
    }
    let kept = &fraction[..fraction_places as usize];
    let scaled = whole
        .parse::<u128>()
        .ok()?
        .checked_mul(10u128.checked_pow(places)?)?;
    let rest = if kept.is_empty() {
        0
    } else {
        kept.parse::<u128>().ok()?
    };
    scaled.checked_add(rest * 10u128.pow(places - fraction_places))
}

/// Writes a whole multiple of 10^-`places` as the shortest decimal number: 1500 with 3 places is `"1.5"`.
fn format_decimal(value: u128, places: u32) -> String {
    let scale = 10u128.pow(places);
    let (whole, rest) = (value / scale, value % scale);
    if rest == 0 {
        return whole.to_string();
    }
    let fraction = format!("{rest:0width$}", width = places as usize);
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

/// `1,000,000`
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

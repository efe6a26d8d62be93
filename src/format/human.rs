//! Formats numbers and texts for people.

use crate::{
    metric::{Threshold, Unit},
    record::ThresholdVerdict,
    text,
    units::{format_gas_price, grouped},
};

/// What stands where nothing was measured.
pub(crate) const NOTHING: &str = "–";

/// A count with thousands separators: `1,234,567`.
pub(crate) fn count(count: u64) -> String {
    grouped(count)
}

/// A time in µs with three significant digits and the unit that suits it: `870 µs`, `12.3 ms`, `1.23 s`, `2.50 h`.
pub(crate) fn time_us(us: u64) -> String {
    if us < 1000 {
        return format!("{us} µs");
    }
    // Seconds serve up to two minutes and minutes up to two hours: nobody reads 1.02 min.
    let (size, name) = match us {
        0..999_500 => (1e3, "ms"),
        999_500..120_000_000 => (1e6, "s"),
        120_000_000..7_200_000_000 => (60e6, "min"),
        _ => (3600e6, "h"),
    };
    format!("{} {name}", three_digits(us as f64 / size))
}

/// A rate: `0.000833`, `0.25`, `12.3`, `1,234`. Three significant digits, never cutting whole ones.
pub(crate) fn rate(rate: f64) -> String {
    if rate >= 0.0995 || rate <= 0.0 {
        return three_digits(rate);
    }
    let text = significant(rate);
    text.trim_end_matches('0').to_owned()
}

/// A number below 1 with three significant digits, at most 15 decimals.
pub(crate) fn significant(number: f64) -> String {
    let decimals = (2.0 - number.log10().floor()).clamp(2.0, 15.0) as usize;
    format!("{number:.decimals$}")
}

/// A metric's value with its unit: `1.23 s`, `34,929 gas`, `99.95 %`, `21.4/s`.
#[must_use]
pub fn value(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Time => time_us(value.max(0.0).round() as u64),
        Unit::Gas => format!("{} gas", decimal(value)),
        Unit::Count => decimal(value),
        Unit::Ratio => {
            let percent = format!("{:.3}", value * 100.0);
            let percent = percent.trim_end_matches('0').trim_end_matches('.');
            format!("{percent} %")
        }
        Unit::PerSecond => format!("{}/s", rate(value)),
        Unit::WeiPerGas => format_gas_price(value.max(0.0).round() as u64),
    }
}

/// What a threshold's metric was, with its unit.
#[must_use]
pub fn measured(verdict: &ThresholdVerdict) -> String {
    let metric = Threshold::parse(&verdict.expression).map(|threshold| threshold.metric);
    match (verdict.measured, metric) {
        (None, _) => "never measured".to_owned(),
        (Some(measured), Ok(metric)) => value(metric.unit(), measured),
        (Some(measured), Err(_)) => measured.to_string(),
    }
}

/// A number with thousands separators, and decimals where it has some.
fn decimal(number: f64) -> String {
    let number = (number.max(0.0) * 1e3).round() / 1e3;
    let whole = count(number.trunc() as u64);
    let decimals = format!("{:.3}", number.fract());
    match decimals.trim_start_matches('0').trim_end_matches('0') {
        "." => whole,
        decimals => format!("{whole}{decimals}"),
    }
}

/// At least three significant digits, never cutting whole ones.
fn three_digits(number: f64) -> String {
    if number < 9.995 {
        format!("{number:.2}")
    } else if number < 99.95 {
        format!("{number:.1}")
    } else {
        count(number.round() as u64)
    }
}

/// A count and what it counts: `1 task`, `2 tasks`.
pub(crate) fn counted(number: u64, singular: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {singular}{plural}", count(number))
}

/// Text from outside on one line of at most `width` characters, made safe by [`crate::text::line`].
pub(crate) fn one_line(text: &str, width: usize) -> String {
    let text = text::line(text.trim());
    let mut characters = text.chars();
    let mut line: String = characters.by_ref().take(width).collect();
    if characters.next().is_some() {
        line.pop();
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_separators() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (123_456, "123,456"),
            (10_000_000, "10,000,000"),
        ] {
            assert_eq!(count(number), text);
        }
    }

    #[test]
    fn times_have_three_digits_and_a_fitting_unit() {
        for (us, text) in [
            (0, "0 µs"),
            (999, "999 µs"),
            (1000, "1.00 ms"),
            (9_996, "10.0 ms"),
            (12_345, "12.3 ms"),
            (999_400, "999 ms"),
            (999_500, "1.00 s"),
            (61_000_000, "61.0 s"),
            (150_000_000, "2.50 min"),
            (9_000_000_000, "2.50 h"),
            (3_600_000_000_000, "1,000 h"),
        ] {
            assert_eq!(time_us(us), text);
        }
    }

    #[test]
    fn small_rates_keep_their_digits() {
        for (per_s, text) in [
            (0.0, "0.00"),
            (3.0 / 3600.0, "0.000833"),
            (0.01, "0.01"),
            (0.0996, "0.10"),
            (0.25, "0.25"),
            (1234.4, "1,234"),
        ] {
            assert_eq!(rate(per_s), text);
        }
    }

    #[test]
    fn foreign_text_cannot_break_the_line() {
        assert_eq!(one_line("a\u{1b}[2J\nb", 80), "a␛[2J b");
        assert_eq!(one_line("0123456789", 5), "0123…");
        assert_eq!(one_line("01234", 5), "01234");
    }
}

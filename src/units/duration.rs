//! Durations: `"300ms"`, `"1.5 s"`, `"2m 30s"`; whole microseconds.

use std::time::Duration;

/// Longest duration that a scenario may hold: 365 days.
const MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Reads a duration with a unit.
///
/// # Errors
/// What is wrong with it, if it has no unit, is finer than a microsecond, or is longer than 365 days.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let compact = text.trim();
    if compact.is_empty() {
        return Err("is empty".into());
    }
    if compact.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Err("has no unit".into());
    }
    let duration = humantime::parse_duration(compact).map_err(|_| "is not a duration".to_owned())?;
    if duration.subsec_nanos() % 1_000 != 0 {
        return Err("is finer than a microsecond".into());
    }
    if duration > MAX {
        return Err("is longer than 365 days".into());
    }
    Ok(duration)
}

/// Writes a duration in one unit where a short decimal can, so that [`parse_duration`] reads the same one back.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    let micros = duration.as_micros();
    match micros {
        0 => "0s".into(),
        _ if micros.is_multiple_of(3_600_000_000) => format!("{}h", micros / 3_600_000_000),
        _ if micros.is_multiple_of(60_000_000) => format!("{}m", micros / 60_000_000),
        1_000_000.. => format!("{}s", super::format_decimal(micros, 6)),
        1_000.. => format!("{}ms", super::format_decimal(micros, 3)),
        _ => format!("{micros}us"),
    }
}

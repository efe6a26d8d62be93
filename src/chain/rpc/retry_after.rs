//! The HTTP header `Retry-After`.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};

/// The longest wait that is granted to a node.
const LONGEST: Duration = Duration::from_secs(30);

/// How long a node asks to be left alone: a number of seconds, or an HTTP date (RFC 9110, section 10.2.3). At most 30 s;
/// `None` if it is neither.
pub(super) fn retry_after(value: &str) -> Option<Duration> {
    let value = value.trim();
    let wait = match value.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok()?,
        Err(_) => {
            let at = DateTimeParser::new().parse_timestamp(value).ok()?;
            at.duration_since(Timestamp::now()).try_into().unwrap_or_default()
        }
    };
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_understood_and_bounded() {
        for (value, wait) in [
            ("1", Some(1.0)),
            (" 0.5 ", Some(0.5)),
            ("86400", Some(30.0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0.0)),
            ("Tue, 31 Dec 2999 23:59:59 GMT", Some(30.0)),
            ("-1", None),
            ("NaN", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(
                retry_after(value).map(|wait| wait.as_secs_f64()),
                wait,
                "{value:?}"
            );
        }
    }
}

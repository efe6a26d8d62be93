//! Rates: `"50/s"`, `"600/min"`, `"0.5/s"`.

use std::fmt;

use crate::time::Micros;

/// Events per period, exact to a millionth of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Millionths of an event per period; more than 0.
    millionths: u64,
    /// The period.
    period: Period,
}

/// What a rate's events are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// `/s`
    Second,
    /// `/min`
    Minute,
    /// `/h`
    Hour,
}

impl Period {
    /// Its length in microseconds.
    #[must_use]
    pub const fn micros(self) -> u64 {
        match self {
            Self::Second => 1_000_000,
            Self::Minute => 60_000_000,
            Self::Hour => 3_600_000_000,
        }
    }

    /// Its name as files write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "min",
            Self::Hour => "h",
        }
    }
}

impl Rate {
    /// Highest rate: 1,000,000 events per second, one per microsecond.
    pub const MAX_PER_SECOND: u64 = 1_000_000;

    /// `events` per `period`; `None` if that is nothing or above [`Rate::MAX_PER_SECOND`].
    #[must_use]
    pub fn new(events: u64, period: Period) -> Option<Self> {
        Self::from_millionths(u128::from(events) * 1_000_000, period).ok()
    }

    fn from_millionths(millionths: u128, period: Period) -> Result<Self, String> {
        if millionths == 0 {
            return Err("is no load".into());
        }
        if millionths > u128::from(period.micros()) * u128::from(Self::MAX_PER_SECOND) {
            return Err("is above 1,000,000 per second".into());
        }
        let millionths = u64::try_from(millionths).map_err(|_| "is too large")?;
        Ok(Self { millionths, period })
    }

    /// Reads a rate with its period: `/s`, `/min` or `/h`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (number, period) = text.split_once('/').ok_or("has no period")?;
        let period = match period.trim() {
            "s" | "sec" | "second" => Period::Second,
            "m" | "min" | "minute" => Period::Minute,
            "h" | "hour" => Period::Hour,
            _ => return Err("has an unknown period".into()),
        };
        let millionths = super::parse_decimal(number.trim(), 6).ok_or("is not a rate")?;
        Self::from_millionths(millionths, period)
    }

    /// Events per second.
    #[must_use]
    pub fn per_second(self) -> f64 {
        self.millionths as f64 / self.period.micros() as f64
    }

    /// When event `k`, from 0, is due: `k` / rate, rounded down to the microsecond. Errors do not add up.
    #[must_use]
    pub fn due(self, k: u64) -> Micros {
        let micros =
            u128::from(k) * u128::from(self.period.micros()) * 1_000_000 / u128::from(self.millionths);
        Micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}",
            super::format_decimal(self.millionths.into(), 6),
            self.period.name()
        )
    }
}

//! Rates: `"50/s"`, `"600/min"`, `"0.5/s"`, `"12/block"`.

use std::{fmt, time::Duration};

use crate::time::Micros;

/// Events per period, exact to a millionth of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Millionths of an event per period.
    millionths: u64,
    /// The period.
    period: Period,
}

named! {
    /// What a rate's events are counted in.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Period {
        /// `/s`
        Second = "s",
        /// `/min`
        Minute = "min",
        /// `/h`
        Hour = "h",
        /// `/block`: the time from one block to the next.
        Block = "block",
    }
}

impl Period {
    /// Its length in microseconds, with blocks of this length.
    #[must_use]
    pub const fn micros(self, block_time: Duration) -> u64 {
        match self {
            Self::Second => 1_000_000,
            Self::Minute => 60_000_000,
            Self::Hour => 3_600_000_000,
            // A scenario's block time is at most a minute.
            Self::Block => block_time.as_micros() as u64,
        }
    }
}

impl Rate {
    /// Highest rate: 1,000,000 events per second, one per microsecond; or as many per block.
    pub const MAX_PER_SECOND: u64 = 1_000_000;
    /// Nothing.
    pub const ZERO: Self = Self {
        millionths: 0,
        period: Period::Second,
    };

    /// `events` per `period`; `None` if that is nothing or above [`Rate::MAX_PER_SECOND`].
    #[must_use]
    pub fn new(events: u64, period: Period) -> Option<Self> {
        Self::from_millionths(u128::from(events) * 1_000_000, period).ok()
    }

    fn from_millionths(millionths: u128, period: Period) -> Result<Self, String> {
        if millionths == 0 {
            return Err("is no load".into());
        }
        if millionths > Self::most(period) {
            return Err(match period {
                Period::Block => "is above 1,000,000 per block".into(),
                _ => "is above 1,000,000 per second".into(),
            });
        }
        let millionths = u64::try_from(millionths).map_err(|_| "is too large")?;
        Ok(Self { millionths, period })
    }

    /// Most millionths per period.
    fn most(period: Period) -> u128 {
        // One second where a block stands for it.
        let micros = period.micros(Duration::from_secs(1));
        u128::from(micros) * u128::from(Self::MAX_PER_SECOND)
    }

    /// Reads a rate with its period: `/s`, `/min`, `/h` or `/block`; more than 0.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (millionths, period) = Self::split(text)?;
        Self::from_millionths(millionths, period)
    }

    /// As [`Rate::parse`], but 0 will do.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse_from_zero(text: &str) -> Result<Self, String> {
        match Self::split(text)? {
            (0, period) => Ok(Self {
                millionths: 0,
                period,
            }),
            (millionths, period) => Self::from_millionths(millionths, period),
        }
    }

    fn split(text: &str) -> Result<(u128, Period), String> {
        let (number, period) = text.split_once('/').ok_or("has no period")?;
        let period = match period.trim() {
            "s" | "sec" | "second" => Period::Second,
            "m" | "min" | "minute" => Period::Minute,
            "h" | "hour" => Period::Hour,
            "block" => Period::Block,
            _ => return Err("has an unknown period".into()),
        };
        let millionths = super::parse_decimal(number.trim(), 6).ok_or("is not a rate")?;
        Ok((millionths, period))
    }

    /// Whether it is 0.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.millionths == 0
    }

    /// `factor` times as many events per period, to a millionth. 0 stays 0; `None` if another rate would become 0, or
    /// be above [`Rate::MAX_PER_SECOND`].
    #[must_use]
    pub fn scaled(self, factor: f64) -> Option<Self> {
        if self.is_zero() {
            return Some(self);
        }
        // What is no number, or negative, becomes 0.
        let millionths = (self.millionths as f64 * factor).round() as u128;
        Self::from_millionths(millionths, self.period).ok()
    }

    /// Events per second, with blocks of this length.
    #[must_use]
    pub fn per_second(self, block_time: Duration) -> f64 {
        self.millionths as f64 / self.period.micros(block_time) as f64
    }

    /// Events per second; `None` if it counts blocks.
    #[must_use]
    pub fn per_second_of_time(self) -> Option<f64> {
        (self.period != Period::Block).then(|| self.per_second(Duration::ZERO))
    }

    /// Events per microsecond, with blocks of this length.
    #[must_use]
    pub fn per_micro(self, block_time: Duration) -> f64 {
        self.millionths as f64 / (self.period.micros(block_time) as f64 * 1e6)
    }

    /// When event `k`, from 0, is due: `k` / rate, rounded down to the microsecond, with blocks of this length. Errors do
    /// not add up. Never, if the rate is 0.
    #[must_use]
    pub fn due(self, k: u64, block_time: Duration) -> Micros {
        let micros = u128::from(k) * u128::from(self.period.micros(block_time)) * 1_000_000;
        let micros = micros.checked_div(u128::from(self.millionths));
        Micros(
            micros
                .and_then(|micros| u64::try_from(micros).ok())
                .unwrap_or(u64::MAX),
        )
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}",
            super::format_decimal(self.millionths.into(), 6),
            self.period
        )
    }
}

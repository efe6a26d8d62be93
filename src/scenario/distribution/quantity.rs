//! What a distribution can be of.

use std::time::Duration;

use crate::scenario::units::{ByteSize, format_duration};

/// A quantity that a [`super::Distribution`] can be of: counted in whole units (microseconds, bytes).
pub trait Quantity: Copy {
    /// What a sample is given as.
    type Sample;

    /// The largest sample in whole units: larger draws count as this one.
    const LARGEST: u64;

    /// Whole units.
    fn units(self) -> u64;

    /// The quantity of so many whole units.
    fn of(units: u64) -> Self;

    /// The sample of so many units; those beyond [`Quantity::LARGEST`] are cut to it.
    fn sample(units: u64) -> Self::Sample;

    /// As a scenario file writes it, without quotes.
    fn text(self) -> String;
}

impl Quantity for Duration {
    type Sample = Self;

    /// 365 days: no run lasts as long, and moments never overflow.
    const LARGEST: u64 = 365 * 24 * 60 * 60 * 1_000_000;

    fn units(self) -> u64 {
        u64::try_from(self.as_micros()).unwrap_or(u64::MAX)
    }

    fn of(units: u64) -> Self {
        Self::from_micros(units)
    }

    fn sample(units: u64) -> Self {
        Self::from_micros(units.min(Self::LARGEST))
    }

    fn text(self) -> String {
        format_duration(self)
    }
}

impl Quantity for ByteSize {
    type Sample = usize;

    const LARGEST: u64 = Self::MAX.0;

    fn units(self) -> u64 {
        self.0
    }

    fn of(units: u64) -> Self {
        Self(units)
    }

    fn sample(units: u64) -> usize {
        // At most sixteen bits: fits any usize.
        units.min(Self::LARGEST) as usize
    }

    fn text(self) -> String {
        self.to_string()
    }
}

//! Quantities that a distribution can have.

use std::time::Duration;

use crate::units::{ByteSize, Count, format_duration};

/// A quantity that a [`super::Distribution`] can be of: counted in whole units (microseconds, bytes, or
/// what there are so many of).
pub trait Quantity: Copy {
    /// What a sample is given as.
    type Sample;

    /// The smallest sample in whole units: smaller draws count as this one.
    const SMALLEST: u64 = 0;

    /// The largest sample in whole units: larger draws count as this one.
    const LARGEST: u64;

    /// Whether there are so few units in a sample that rounding to them shows in means and tails.
    const COARSE: bool = false;

    /// Whole units.
    fn units(self) -> u64;

    /// The quantity of so many whole units.
    fn of(units: u64) -> Self;

    /// The sample of so many units; those below [`Quantity::SMALLEST`] and above [`Quantity::LARGEST`] are cut to them.
    fn sample(units: u64) -> Self::Sample;

    /// As a scenario file writes it, without quotes.
    fn text(self) -> String;

    /// As a scenario file writes it.
    fn literal(self) -> String {
        format!(r#""{}""#, self.text())
    }
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

impl<const MOST: u32> Quantity for Count<MOST> {
    type Sample = u32;

    const SMALLEST: u64 = 1;

    const LARGEST: u64 = MOST as u64;

    const COARSE: bool = true;

    fn units(self) -> u64 {
        self.0.into()
    }

    fn of(units: u64) -> Self {
        Self(u32::try_from(units).unwrap_or(u32::MAX))
    }

    fn sample(units: u64) -> u32 {
        Self::of(units.max(Self::SMALLEST).min(Self::LARGEST)).0
    }

    fn text(self) -> String {
        self.to_string()
    }

    fn literal(self) -> String {
        self.text()
    }
}

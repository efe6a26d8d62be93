//! One measured quantity: a histogram for its percentiles, and exact values for the rest.

use hdrhistogram::Histogram;

use super::Stats;

/// Significant digits of every histogram.
const PRECISION: u8 = 3;
/// The largest value that other HdrHistogram implementations, whose values are signed, can hold.
const LARGEST: u64 = i64::MAX as u64;

/// Values of one quantity. Percentiles come from an HdrHistogram of 3 significant digits that grows as it must;
/// count, minimum, maximum, sum, mean and standard deviation are exact.
#[derive(Clone, Debug)]
pub struct Distribution {
    histogram: Histogram<u64>,
    min: u64,
    max: u64,
    sum: u128,
    /// Welford's running mean and sum of squared differences from it.
    mean: f64,
    squares: f64,
}

impl Default for Distribution {
    fn default() -> Self {
        Self {
            histogram: Histogram::new(PRECISION).expect("3 digits are within what HdrHistogram can do"),
            min: u64::MAX,
            max: 0,
            sum: 0,
            mean: 0.0,
            squares: 0.0,
        }
    }
}

impl Distribution {
    /// Adds a value.
    pub fn record(&mut self, value: u64) {
        self.histogram
            .record(value.min(LARGEST))
            .expect("an auto-resizing histogram holds every positive 63-bit value");
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.sum += u128::from(value);
        let difference = value as f64 - self.mean;
        self.mean += difference / self.histogram.len() as f64;
        self.squares += difference * (value as f64 - self.mean);
    }

    /// The number of values that were added.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// The sum of all values.
    #[must_use]
    pub const fn sum(&self) -> u128 {
        self.sum
    }

    /// The smallest value that at least the share `quantile` (0 to 1) of all values does not exceed, within the
    /// histogram's precision and never outside the smallest and largest value; `None` without values.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Option<u64> {
        (self.count() > 0).then(|| {
            self.histogram
                .value_at_quantile(quantile)
                .clamp(self.min, self.max)
        })
    }

    /// The statistics of all values; `None` without values.
    #[must_use]
    pub fn stats(&self) -> Option<Stats> {
        self.stats_with(|quantile| self.quantile(quantile))
    }

    /// The same with percentiles from elsewhere.
    pub(super) fn stats_with(&self, quantile: impl Fn(f64) -> Option<u64>) -> Option<Stats> {
        let count = self.count();
        Some(Stats {
            count,
            min: self.min,
            mean: rounded(self.sum as f64 / count as f64),
            p50: quantile(0.5)?,
            p90: quantile(0.9)?,
            p95: quantile(0.95)?,
            p99: quantile(0.99)?,
            p99_9: quantile(0.999)?,
            max: self.max,
            stddev: rounded((self.squares / count as f64).sqrt()),
        })
    }

    /// The histogram alone.
    #[must_use]
    pub fn into_histogram(self) -> Histogram<u64> {
        self.histogram
    }
}

/// A number with three decimals: what a microsecond's average can mean, and short enough to read back unchanged.
pub(super) fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}

/// A rate with three decimals; below 0.1, where these are fewer than three digits, with six significant digits:
/// three events an hour are 0.000833333 per second.
pub(super) fn rounded_to_digits(number: f64) -> f64 {
    const DIGITS: f64 = 6.0;
    let size = number.abs();
    if size >= 0.1 || size == 0.0 {
        return rounded(number);
    }
    let decimals = DIGITS - 1.0 - size.log10().floor();
    // A larger power of ten is not finite.
    if decimals > 300.0 {
        return number;
    }
    let scale = 10_f64.powi(decimals as i32);
    (number * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_rates_keep_their_digits() {
        for (number, expected) in [
            (0.0, 0.0),
            (3.0 / 3600.0, 0.000_833_333),
            (0.012_345_678, 0.012_345_7),
            (0.099_999_99, 0.1),
            (0.866_025, 0.866),
            (6_804.123_4, 6_804.123),
            (1e-310, 1e-310),
        ] {
            assert_eq!(rounded_to_digits(number), expected);
        }
    }

    #[test]
    fn nothing_measured_has_no_statistics() {
        let distribution = Distribution::default();
        assert_eq!((distribution.stats(), distribution.quantile(0.5)), (None, None));
    }

    #[test]
    fn a_constant_is_reported_to_the_unit() {
        let mut distribution = Distribution::default();
        for _ in 0..1000 {
            distribution.record(123_457);
        }
        let stats = distribution.stats().unwrap();
        assert_eq!(
            (stats.min, stats.p50, stats.p99_9, stats.max),
            (123_457, 123_457, 123_457, 123_457)
        );
        assert_eq!((stats.mean, stats.stddev), (123_457.0, 0.0));
    }

    #[test]
    fn the_spread_is_that_of_all_values() {
        let mut distribution = Distribution::default();
        for value in [2, 4, 4, 4, 5, 5, 7, 9] {
            distribution.record(value);
        }
        let stats = distribution.stats().unwrap();
        assert_eq!((stats.mean, stats.stddev, stats.p50), (5.0, 2.0, 4));
    }

    #[test]
    fn the_extremes_are_held() {
        let mut distribution = Distribution::default();
        distribution.record(0);
        distribution.record(u64::MAX);
        let stats = distribution.stats().unwrap();
        assert_eq!((stats.min, stats.max, stats.count), (0, u64::MAX, 2));
        assert_eq!(distribution.sum(), u128::from(u64::MAX));
    }
}

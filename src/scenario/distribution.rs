//! Distributions of delays and sizes.

use std::{fmt, time::Duration};

use rand::{Rng, RngExt};
use rand_distr::{Exp1, StandardNormal};

use super::units::{ByteSize, format_duration};

/// A delay, in whole microseconds.
pub type DelayDistribution = Distribution<Duration>;

/// A size, in whole bytes, at most [`ByteSize::MAX`].
pub type SizeDistribution = Distribution<ByteSize>;

/// A random quantity, parameterised in the quantity's own unit. Samples are rounded to the nearest whole unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution<T> {
    /// Always the same.
    Constant(T),
    /// Every whole unit from `low` to `high`, both included, is equally likely.
    Uniform {
        /// The smallest.
        low: T,
        /// The largest, at least `low`.
        high: T,
    },
    /// Density exp(−x / mean) / mean.
    Exponential {
        /// The mean, more than 0.
        mean: T,
    },
    /// Normal with density ∝ exp(−(x − mean)² / 2 stddev²), conditioned on x ≥ 0.
    Normal {
        /// The mean before truncation.
        mean: T,
        /// The standard deviation before truncation.
        stddev: T,
    },
    /// exp(μ + σ Z) with Z standard normal, μ = ln median, σ = ln(p95 / median) / 1.6449.
    LogNormal {
        /// Half of all samples lie below it; more than 0.
        median: T,
        /// 95 % of all samples lie below it; at least `median`.
        p95: T,
    },
}

/// The 95th percentile of the standard normal distribution.
const Z95: f64 = 1.644_853_626_951_472_2;

/// A quantity that a [`Distribution`] can be of: counted in whole units (microseconds, bytes).
pub trait Quantity: Copy {
    /// What a sample is given as.
    type Sample;

    /// Whole units.
    fn units(self) -> u64;

    /// The sample of so many units; those beyond the quantity's largest are cut to it.
    fn sample(units: u64) -> Self::Sample;

    /// As a scenario file writes it, without quotes.
    fn text(self) -> String;
}

impl Quantity for Duration {
    type Sample = Self;

    fn units(self) -> u64 {
        u64::try_from(self.as_micros()).unwrap_or(u64::MAX)
    }

    fn sample(units: u64) -> Self {
        Self::from_micros(units)
    }

    fn text(self) -> String {
        format_duration(self)
    }
}

impl Quantity for ByteSize {
    type Sample = usize;

    fn units(self) -> u64 {
        self.0
    }

    fn sample(units: u64) -> usize {
        // At most sixteen bits: fits any usize.
        units.min(Self::MAX.0) as usize
    }

    fn text(self) -> String {
        self.to_string()
    }
}

impl<T: Quantity> Distribution<T> {
    /// Draws one sample. A constant draws nothing from `rng`.
    pub fn sample(&self, rng: &mut impl Rng) -> T::Sample {
        let units = match *self {
            Self::Constant(value) => value.units(),
            Self::Uniform { low, high } => {
                let (low, high) = (low.units(), high.units());
                rng.random_range(low.min(high)..=low.max(high))
            }
            Self::Exponential { mean } => round(mean.units() as f64 * rng.sample::<f64, _>(Exp1)),
            Self::Normal { mean, stddev } => {
                let (mean, stddev) = (mean.units() as f64, stddev.units() as f64);
                // The mean is not negative, so at least every other draw is kept.
                loop {
                    let value = mean + stddev * rng.sample::<f64, _>(StandardNormal);
                    if value >= 0.0 {
                        break round(value);
                    }
                }
            }
            Self::LogNormal { median, p95 } => {
                let z: f64 = rng.sample(StandardNormal);
                round(median.units() as f64 * (sigma(median, p95) * z).exp())
            }
        };
        T::sample(units)
    }

    /// The expected value, rounded to the nearest whole unit; of what is cut at the quantity's largest, the uncut one.
    #[must_use]
    pub fn mean(&self) -> T::Sample {
        let units = match *self {
            Self::Constant(value) => value.units(),
            Self::Uniform { low, high } => round(f64::midpoint(low.units() as f64, high.units() as f64)),
            Self::Exponential { mean } => mean.units(),
            Self::Normal { mean, stddev } => {
                let (mean, stddev) = (mean.units() as f64, stddev.units() as f64);
                if stddev == 0.0 {
                    round(mean)
                } else {
                    round(mean + stddev * hazard(mean / stddev))
                }
            }
            Self::LogNormal { median, p95 } => {
                round(median.units() as f64 * (sigma(median, p95).powi(2) / 2.0).exp())
            }
        };
        T::sample(units)
    }

    /// The probability of a sample above `limit`.
    #[must_use]
    pub fn exceeds(&self, limit: T) -> f64 {
        let x = limit.units() as f64;
        match *self {
            Self::Constant(value) => f64::from(u8::from(value.units() > limit.units())),
            Self::Uniform { low, high } => {
                let (low, high) = (low.units() as f64, high.units() as f64);
                ((high - x) / (high - low + 1.0)).clamp(0.0, 1.0)
            }
            Self::Exponential { mean } => (-x / mean.units() as f64).exp(),
            Self::Normal { mean, stddev } => {
                let (mean, stddev) = (mean.units() as f64, stddev.units() as f64);
                if stddev == 0.0 {
                    return f64::from(u8::from(mean > x));
                }
                upper_tail((x - mean) / stddev) / upper_tail(-mean / stddev)
            }
            Self::LogNormal { median, p95 } => {
                let sigma = sigma(median, p95);
                let distance = (x / median.units() as f64).ln();
                if sigma == 0.0 {
                    f64::from(u8::from(distance < 0.0))
                } else {
                    upper_tail(distance / sigma)
                }
            }
        }
    }
}

/// σ of the log-normal distribution with this median and 95th percentile.
fn sigma<T: Quantity>(median: T, p95: T) -> f64 {
    (p95.units() as f64 / median.units() as f64).ln() / Z95
}

/// To the nearest whole unit; 0 for what is no number, the largest `u64` for what is larger.
fn round(units: f64) -> u64 {
    units.round() as u64
}

/// φ(x) / Φ(x) of the standard normal distribution: by how many standard deviations truncation at 0 raises the mean of
/// a normal whose mean lies x standard deviations above 0.
fn hazard(x: f64) -> f64 {
    density(x) / upper_tail(-x)
}

/// φ(x), the density of the standard normal distribution.
fn density(x: f64) -> f64 {
    (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt()
}

/// 1 − Φ(x) of the standard normal distribution after Abramowitz and Stegun, 26.2.17; absolute error below 7.5e-8.
fn upper_tail(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 5] = [
        0.319_381_530,
        -0.356_563_782,
        1.781_477_937,
        -1.821_255_978,
        1.330_274_429,
    ];
    if x < 0.0 {
        return 1.0 - upper_tail(-x);
    }
    let t = 1.0 / (1.0 + 0.231_641_9 * x);
    density(x)
        * COEFFICIENTS
            .iter()
            .rev()
            .fold(0.0, |sum, coefficient| (sum + coefficient) * t)
}

impl<T: Quantity> fmt::Display for Distribution<T> {
    /// As a scenario file writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => write!(f, r#""{}""#, value.text()),
            Self::Uniform { low, high } => {
                write!(f, r#"{{ uniform = ["{}", "{}"] }}"#, low.text(), high.text())
            }
            Self::Exponential { mean } => write!(f, r#"{{ exponential = "{}" }}"#, mean.text()),
            Self::Normal { mean, stddev } => {
                write!(
                    f,
                    r#"{{ normal = {{ mean = "{}", stddev = "{}" }} }}"#,
                    mean.text(),
                    stddev.text()
                )
            }
            Self::LogNormal { median, p95 } => {
                write!(
                    f,
                    r#"{{ lognormal = {{ median = "{}", p95 = "{}" }} }}"#,
                    median.text(),
                    p95.text()
                )
            }
        }
    }
}

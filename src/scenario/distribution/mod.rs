//! Distributions of delays, sizes and counts.

mod empirical;
mod quantity;
mod theory;

use std::{fmt, time::Duration};

use rand::{Rng, RngExt, distr::Distribution as _};
use rand_distr::{Exp1, Gamma, Pareto, StandardNormal, Weibull};

pub(in crate::scenario) use self::empirical::Observed;
pub use self::{
    empirical::{Bin, Empirical},
    quantity::Quantity,
};
use super::{
    keys::Shape,
    units::{ByteSize, Parameter},
};

/// A delay, in whole microseconds, at most 365 days.
pub type DelayDistribution = Distribution<Duration>;

/// A size, in whole bytes, at most [`ByteSize::MAX`].
pub type SizeDistribution = Distribution<ByteSize>;

/// A random quantity, parameterised in the quantity's own unit. Samples are rounded to the nearest whole unit, and those
/// below [`Quantity::SMALLEST`] or above [`Quantity::LARGEST`] count as these.
///
/// Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// exp(μ + σ Z) with Z standard normal and μ = ln median.
    LogNormal {
        /// Half of all samples lie below it; more than 0.
        median: T,
        /// What σ is known by.
        spread: Spread<T>,
    },
    /// Density ∝ x^(shape − 1) exp(−x shape / mean): the scale is mean / shape. Shape 1 is exponential; a whole shape *k*
    /// is the sum of *k* exponential steps (Erlang).
    Gamma {
        /// The shape, more than 0; the squared coefficient of variation is 1 / shape.
        shape: Parameter,
        /// The mean, more than 0.
        mean: T,
    },
    /// P(X > x) = exp(−(x / scale)^shape). Shape 1 is exponential; below 1 the tail is heavier, above 1 lighter.
    Weibull {
        /// The shape, more than 0.
        shape: Parameter,
        /// 63.2 % of all samples lie below it; more than 0.
        scale: T,
    },
    /// P(X > x) = (scale / x)^shape for x ≥ scale (Pareto of the first kind). The mean is scale · shape / (shape − 1),
    /// and infinite for a shape up to 1.
    Pareto {
        /// The smallest value, more than 0.
        scale: T,
        /// The shape, more than 0: the smaller, the heavier the tail.
        shape: Parameter,
    },
    /// What was observed.
    Empirical(Empirical<T>),
    /// As another, but what would be larger than `max` is `max`, as if a timeout cut it.
    Capped {
        /// The other.
        of: Box<Self>,
        /// The largest.
        max: T,
    },
}

/// What the σ of a log-normal distribution is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread<T> {
    /// 95 % of all samples lie below it; at least the median: σ = ln(p95 / median) / 1.6449.
    P95(T),
    /// σ itself, the standard deviation of the logarithm.
    Sigma(Parameter),
}

/// The 95th percentile of the standard normal distribution.
const Z95: f64 = 1.644_853_626_951_472_2;

impl<T: Quantity> Spread<T> {
    /// σ of the log-normal distribution with this median.
    fn sigma(self, median: T) -> f64 {
        match self {
            Self::P95(p95) => (p95.units() as f64 / median.units() as f64).ln() / Z95,
            Self::Sigma(sigma) => sigma.value(),
        }
    }
}

impl<T: Quantity> Distribution<T> {
    /// Draws one sample. A constant draws nothing from `rng`.
    pub fn sample(&self, rng: &mut impl Rng) -> T::Sample {
        T::sample(self.draw(rng))
    }

    /// Draws one in whole units. A distribution with a parameter that must not be 0 and is gives 0.
    fn draw(&self, rng: &mut impl Rng) -> u64 {
        match self {
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
            Self::LogNormal { median, spread } => {
                let z: f64 = rng.sample(StandardNormal);
                round(median.units() as f64 * (spread.sigma(*median) * z).exp())
            }
            Self::Gamma { shape, mean } => {
                let shape = shape.value();
                Gamma::new(shape, mean.units() as f64 / shape).map_or(0, |gamma| round(gamma.sample(rng)))
            }
            Self::Weibull { shape, scale } => Weibull::new(scale.units() as f64, shape.value())
                .map_or(0, |weibull| round(weibull.sample(rng))),
            Self::Pareto { scale, shape } => {
                Pareto::new(scale.units() as f64, shape.value()).map_or(0, |pareto| round(pareto.sample(rng)))
            }
            Self::Empirical(empirical) => empirical.sample(rng),
            Self::Capped { of, max } => of.draw(rng).min(max.units()),
        }
    }

    /// The expected value, rounded to the nearest whole unit: of what is drawn, so one that [`Distribution::Capped`] or
    /// [`Quantity::LARGEST`] cuts has a mean even where the uncut one has none.
    #[must_use]
    pub fn mean(&self) -> T::Sample {
        T::sample(round(self.expected()))
    }

    /// The expected value in whole units, as [`Distribution::mean`], but not rounded.
    #[must_use]
    pub fn expected(&self) -> f64 {
        theory::mean(self, T::LARGEST)
    }

    /// The largest that can be drawn.
    #[must_use]
    pub fn largest(&self) -> T::Sample {
        T::sample(self.bound().unwrap_or(T::LARGEST))
    }

    /// Whether it has a largest value of its own. What has none is cut at [`Quantity::LARGEST`].
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        self.bound().is_some()
    }

    /// Its own largest value in whole units.
    fn bound(&self) -> Option<u64> {
        match self {
            Self::Constant(value) => Some(value.units()),
            Self::Uniform { low, high } => Some(low.units().max(high.units())),
            Self::Empirical(empirical) => Some(empirical.largest()),
            Self::Capped { of, max } => {
                let max = max.units();
                Some(of.bound().map_or(max, |bound| bound.min(max)))
            }
            Self::Normal { mean, stddev } => (stddev.units() == 0).then(|| mean.units()),
            Self::LogNormal { median, spread } => (spread.sigma(*median) == 0.0).then(|| median.units()),
            Self::Exponential { .. } | Self::Gamma { .. } | Self::Weibull { .. } | Self::Pareto { .. } => {
                None
            }
        }
    }

    /// The probability of a sample above `limit`.
    #[must_use]
    pub fn exceeds(&self, limit: T) -> f64 {
        if limit.units() >= T::LARGEST {
            return 0.0;
        }
        if limit.units() < T::SMALLEST {
            return 1.0;
        }
        theory::exceeds(self, limit.units())
    }

    /// Whether the mean would be finite if nothing cut the largest samples.
    #[must_use]
    pub fn has_finite_mean(&self) -> bool {
        !matches!(self, Self::Pareto { shape, .. } if shape.value() <= 1.0)
    }
}

/// To the nearest whole unit; 0 for what is no number, the largest `u64` for what is larger.
fn round(units: f64) -> u64 {
    units.round() as u64
}

impl<T: Quantity> fmt::Display for Distribution<T> {
    /// As a scenario file writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => f.write_str(&value.literal()),
            Self::Uniform { low, high } => {
                write!(f, "{{ uniform = [{}, {}] }}", low.literal(), high.literal())
            }
            Self::Exponential { mean } => write!(f, "{{ exponential = {} }}", mean.literal()),
            Self::Empirical(empirical) => write!(f, "{{ empirical = {empirical} }}"),
            Self::Capped { of, max } => of.write_parameters(f, Some(*max)),
            _ => self.write_parameters(f, None),
        }
    }
}

impl<T: Quantity> Distribution<T> {
    /// The table of a distribution with named parameters.
    fn write_parameters(&self, f: &mut fmt::Formatter<'_>, max: Option<T>) -> fmt::Result {
        let quantity = |value: T| Some(value.literal());
        let number = |value: Parameter| Some(value.to_string());
        let (shape, mut values) = match *self {
            Self::Exponential { mean } => (Shape::EXPONENTIAL, vec![quantity(mean)]),
            Self::Normal { mean, stddev } => (Shape::NORMAL, vec![quantity(mean), quantity(stddev)]),
            Self::LogNormal { median, spread } => {
                let (p95, sigma) = match spread {
                    Spread::P95(p95) => (quantity(p95), None),
                    Spread::Sigma(sigma) => (None, number(sigma)),
                };
                (Shape::LOG_NORMAL, vec![quantity(median), p95, sigma])
            }
            Self::Gamma { shape, mean } => (Shape::GAMMA, vec![number(shape), quantity(mean)]),
            Self::Weibull { shape, scale } => (Shape::WEIBULL, vec![number(shape), quantity(scale)]),
            Self::Pareto { scale, shape } => (Shape::PARETO, vec![quantity(scale), number(shape)]),
            // A cap on what has a largest value already: a file has no such thing, nor need for it.
            Self::Constant(_) | Self::Uniform { .. } | Self::Empirical(_) | Self::Capped { .. } => {
                return write!(f, "{self}");
            }
        };
        values.push(max.and_then(quantity));
        f.write_str(&shape.text(values))
    }
}

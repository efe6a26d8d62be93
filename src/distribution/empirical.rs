//! Empirical distributions: observed values, drawn again.

use std::{io, marker::PhantomData, sync::Arc};

use rand::{Rng, RngExt};

use super::{Quantity, theory::mean_of_range};

/// A distribution of what was observed: single values, drawn with replacement, or a histogram.
///
/// Cheap to clone: the observations are shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Empirical<T> {
    pub(crate) observed: Arc<Observed>,
    /// What a resolved scenario calls the data file that it is from.
    pub(crate) file: Option<Arc<str>>,
    quantity: PhantomData<T>,
}

/// A bin of a histogram: every whole unit from `low` up to but not including `high` is equally likely. A bin whose
/// `high` is its `low` holds that one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bin<T> {
    /// The smallest value in it.
    pub low: T,
    /// The first value above it, at least `low`.
    pub high: T,
    /// How many observations fell into it.
    pub count: u64,
}

/// Observations in whole units; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Observed {
    /// Each is equally likely.
    Values(Vec<u64>),
    /// Each bin is as likely as its share of all counts.
    Histogram {
        /// The bins.
        bins: Vec<Bin<u64>>,
        /// For each bin, the counts of all bins up to and including it; strictly rising.
        ends: Vec<u64>,
    },
}

impl Observed {
    /// Single values; `None` if there are none.
    pub(crate) fn values(values: Vec<u64>) -> Option<Self> {
        (!values.is_empty()).then_some(Self::Values(values))
    }

    /// A histogram; `None` if nothing was counted, a bin ends before it begins, or the counts exceed 64 bits. Bins that
    /// count nothing are left out.
    pub(crate) fn histogram(bins: Vec<Bin<u64>>) -> Option<Self> {
        let bins: Vec<_> = bins.into_iter().filter(|bin| bin.count > 0).collect();
        let mut total = 0_u64;
        let mut ends = Vec::with_capacity(bins.len());
        for bin in &bins {
            total = total.checked_add(bin.count)?;
            ends.push(total);
        }
        let whole = total > 0 && bins.iter().all(|bin| bin.low <= bin.high);
        whole.then_some(Self::Histogram { bins, ends })
    }

    fn sample(&self, rng: &mut impl Rng) -> u64 {
        match self {
            Self::Values(values) => values[rng.random_range(0..values.len())],
            Self::Histogram { bins, ends } => {
                let place = rng.random_range(0..ends.last().copied().unwrap_or(1));
                let Bin { low, high, .. } = bins[ends.partition_point(|end| *end <= place)];
                if low == high {
                    low
                } else {
                    rng.random_range(low..high)
                }
            }
        }
    }

    /// The mean, of what lies below `least` or above `most` counted as that.
    fn mean(&self, least: u64, most: u64) -> f64 {
        match self {
            Self::Values(values) => {
                let cut = |value: &u64| u128::from((*value).min(most).max(least));
                let sum: u128 = values.iter().map(cut).sum();
                sum as f64 / values.len() as f64
            }
            Self::Histogram { bins, ends } => {
                let total = ends.last().copied().unwrap_or(1) as f64;
                let mean = |bin: &Bin<u64>| mean_of_range(bin.low, bin.last(), least, most);
                bins.iter().map(|bin| mean(bin) * bin.count as f64).sum::<f64>() / total
            }
        }
    }

    fn largest(&self) -> u64 {
        let largest = match self {
            Self::Values(values) => values.iter().copied().max(),
            Self::Histogram { bins, .. } => bins.iter().map(Bin::last).max(),
        };
        largest.unwrap_or_default()
    }

    fn exceeds(&self, limit: u64) -> f64 {
        match self {
            Self::Values(values) => {
                values.iter().filter(|value| **value > limit).count() as f64 / values.len() as f64
            }
            Self::Histogram { bins, ends } => {
                let total = ends.last().copied().unwrap_or(1) as f64;
                let above = |bin: &Bin<u64>| {
                    let (low, last) = (bin.low as f64, bin.last() as f64);
                    ((last - limit as f64) / (last - low + 1.0)).clamp(0.0, 1.0)
                };
                bins.iter().map(|bin| above(bin) * bin.count as f64).sum::<f64>() / total
            }
        }
    }

    /// As a CSV file whose columns say this unit; none of what is only counted.
    pub(crate) fn write_csv(&self, unit: &str, out: &mut dyn io::Write) -> io::Result<()> {
        let unit = if unit.is_empty() {
            String::new()
        } else {
            format!("_{unit}")
        };
        match self {
            Self::Values(values) => {
                writeln!(out, "value{unit}")?;
                values.iter().try_for_each(|value| writeln!(out, "{value}"))
            }
            Self::Histogram { bins, .. } => {
                writeln!(out, "low{unit},high{unit},count")?;
                bins.iter()
                    .try_for_each(|bin| writeln!(out, "{},{},{}", bin.low, bin.high, bin.count))
            }
        }
    }
}

impl Bin<u64> {
    /// The largest value in it.
    fn last(&self) -> u64 {
        self.high.saturating_sub(1).max(self.low)
    }
}

impl<T: Quantity> Empirical<T> {
    /// Each of `samples` is equally likely; `None` if there are none.
    #[must_use]
    pub fn of_samples(samples: &[T]) -> Option<Self> {
        Observed::values(samples.iter().map(|sample| sample.units()).collect()).map(Self::inline)
    }

    /// Each of `bins` is as likely as its share of all counts; `None` if nothing was counted, a bin ends before it
    /// begins, or the counts exceed 64 bits. Bins may overlap and come in any order.
    #[must_use]
    pub fn of_histogram(bins: &[Bin<T>]) -> Option<Self> {
        let units = |bin: &Bin<T>| Bin {
            low: bin.low.units(),
            high: bin.high.units(),
            count: bin.count,
        };
        Observed::histogram(bins.iter().map(units).collect()).map(Self::inline)
    }

    fn inline(observed: Observed) -> Self {
        Self {
            observed: Arc::new(observed),
            file: None,
            quantity: PhantomData,
        }
    }

    /// What a data file holds that a resolved scenario calls `file`.
    pub(crate) fn of_file(observed: Arc<Observed>, file: Arc<str>) -> Self {
        Self {
            observed,
            file: Some(file),
            quantity: PhantomData,
        }
    }

    /// Draws one in whole units.
    pub(super) fn sample(&self, rng: &mut impl Rng) -> u64 {
        self.observed.sample(rng)
    }

    /// The mean in whole units, of what lies below `least` or above `most` counted as that.
    pub(super) fn mean(&self, least: u64, most: u64) -> f64 {
        self.observed.mean(least, most)
    }

    /// The largest in whole units.
    pub(super) fn largest(&self) -> u64 {
        self.observed.largest()
    }

    /// The share above `limit` whole units.
    pub(super) fn exceeds(&self, limit: u64) -> f64 {
        self.observed.exceeds(limit)
    }
}

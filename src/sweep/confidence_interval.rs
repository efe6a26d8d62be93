//! Mean over seeds, with an interval that holds for what was measured.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// A mean over runs that differ in their seeds alone.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MeanInterval {
    /// Runs that measured it.
    pub runs: usize,
    /// Their mean.
    pub mean: f64,
    /// Half the width of the 95 % confidence interval of the mean: t(0.975, n − 1) · s / √n, with s the sample standard
    /// deviation (Student 1908). It holds as far as the values of single runs are normally distributed. `None` of one
    /// run, of runs that all measured the same, and of percentiles, which are not normally distributed.
    pub half_width: Option<f64>,
    /// The lower end of the 95 % interval; `None` where so many runs tell none.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// Whether all of several runs measured the same: their spread is below what the measurement resolves, such as a block
    /// time, and is not known.
    pub alike: bool,
}

/// The distribution of a number over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// About normal: a mean, a count, a rate.
    Normal,
    /// Unknown, and skewed: a percentile, the largest or smallest value.
    Unknown,
}

impl MeanInterval {
    /// Runs whose range covers the median over all seeds with a probability of at least 95 %, whatever the distribution:
    /// 1 − 2 · 0.5ⁿ.
    pub const LEAST_RUNS: usize = 6;

    /// The estimate from these values; `None` of none.
    #[must_use]
    pub fn of(values: &[f64], distribution: Distribution) -> Option<Self> {
        let first = values.first()?;
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let alike = values.len() > 1 && values.iter().all(|value| value == first);
        let half_width = match distribution {
            Distribution::Normal if !alike => half_width(values, mean),
            Distribution::Normal | Distribution::Unknown => None,
        };
        let ends = match distribution {
            Distribution::Unknown if values.len() >= Self::LEAST_RUNS => {
                let low = values.iter().copied().reduce(f64::min);
                low.zip(values.iter().copied().reduce(f64::max))
            }
            Distribution::Normal | Distribution::Unknown => half_width.map(|half| (mean - half, mean + half)),
        };
        Some(Self {
            runs: values.len(),
            mean,
            half_width,
            low: ends.map(|(low, _)| low),
            high: ends.map(|(_, high)| high),
            alike,
        })
    }
}

/// With one value there are no degrees of freedom, and no such distribution.
fn half_width(values: &[f64], mean: f64) -> Option<f64> {
    let n = values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let student = StudentsT::new(0.0, 1.0, n - 1.0).ok()?;
    Some(student.inverse_cdf(0.975) * (squares / (n - 1.0) / n).sqrt())
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::LogNormal;

    use super::{Distribution, MeanInterval};

    #[test]
    fn the_interval_of_a_mean_is_students() {
        let of = |values: &[f64]| MeanInterval::of(values, Distribution::Normal).unwrap();
        // t(0.975, 2) = 4.302653, s = 2, √3: 4.96828.
        let three = of(&[2.0, 4.0, 6.0]);
        assert_eq!((three.runs, three.mean), (3, 4.0));
        assert!((three.half_width.unwrap() - 4.968_276).abs() < 1e-4, "{three:?}");
        assert_eq!((of(&[7.0]).half_width, of(&[7.0]).alike), (None, false));
        assert_eq!(MeanInterval::of(&[], Distribution::Normal), None);
    }

    /// Equal values say nothing of the spread: it is not 0.
    #[test]
    fn runs_that_measured_the_same_have_no_interval_of_a_mean() {
        let alike = MeanInterval::of(&[7.0; 5], Distribution::Normal).unwrap();
        assert_eq!((alike.half_width, alike.low, alike.alike), (None, None, true));
    }

    #[test]
    fn five_runs_tell_no_interval_of_a_percentile_and_six_tell_their_range() {
        let of = |values: &[f64]| MeanInterval::of(values, Distribution::Unknown).unwrap();
        let five = of(&[1.0, 2.0, 3.0, 4.0, 9.0]);
        assert_eq!((five.low, five.high, five.half_width), (None, None, None));
        let six = of(&[5.0, 1.0, 2.0, 3.0, 4.0, 9.0]);
        assert_eq!((six.low, six.high, six.half_width), (Some(1.0), Some(9.0), None));
    }

    /// Values that are skewed and rounded to blocks, as percentiles over seeds are: the range covers their median.
    #[test]
    fn the_range_covers_the_median_of_skewed_and_rounded_values() {
        let mut draws = ChaCha8Rng::seed_from_u64(1);
        let skewed = LogNormal::new(1.0, 0.6).unwrap();
        for step in [0.01, 1.0, 4.0] {
            let mut draw = || (draws.sample::<f64, _>(skewed) / step).ceil() * step;
            let median = (1.0_f64.exp() / step).ceil() * step;
            let covered = (0..2_000).filter(|_| {
                let values: Vec<f64> = (0..MeanInterval::LEAST_RUNS).map(|_| draw()).collect();
                let interval = MeanInterval::of(&values, Distribution::Unknown).unwrap();
                interval.low.unwrap() <= median && median <= interval.high.unwrap()
            });
            let covered = covered.count();
            assert!(covered >= 1_900, "{covered} of 2000 at steps of {step}");
        }
    }
}

//! Confidence intervals of a difference.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use super::{
    CompareSettings,
    batches::Batches,
    bootstrap::{Estimate, Estimator, estimate, estimate_paired},
};

/// The tail at which resamples say most: neither few of them lie beyond it, nor is it far from the tail that is asked for.
const MODERATE: f64 = 0.025;

/// The interval of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// From here.
    pub low: f64,
    /// To here.
    pub high: f64,
}

impl Interval {
    /// The same, of a quantity that is never less than 0 and was `base`: it cannot shrink by more.
    pub(super) fn not_below(self, base: f64) -> Self {
        Self {
            low: self.low.max(-base),
            high: self.high.max(-base),
        }
    }

    /// The same, no narrower than what Student's t makes of these variances of `base` and `new`, each with its degrees of
    /// freedom, around the difference `value`; wrong with a probability of at most `alpha`.
    pub(super) fn at_least(self, value: f64, base: (f64, f64), new: (f64, f64), alpha: f64) -> Self {
        let half = student(1.0 - alpha / 2.0, welch(base, new)) * (base.0 + new.0).sqrt();
        Self {
            low: self.low.min(value - half),
            high: self.high.max(value + half),
        }
    }

    /// The same, by so much wider to either side.
    pub(super) fn widened(self, by: f64) -> Self {
        Self {
            low: self.low - by,
            high: self.high + by,
        }
    }

    /// The same over `by`, which is positive.
    pub(super) fn over(self, by: f64) -> Self {
        Self {
            low: self.low / by,
            high: self.high / by,
        }
    }
}

/// The intervals of `new` − `base` by these estimators, each wrong with a probability of at most `alpha`. Batches of the two may
/// be `paired`.
pub(super) fn differences(
    [base, new]: [&Batches; 2],
    paired: bool,
    estimators: &[Estimator],
    alpha: f64,
    settings: &CompareSettings,
) -> Vec<Interval> {
    let (resamples, seed) = (settings.resamples, settings.seed);
    if paired {
        let estimates = estimate_paired([base, new], estimators, resamples, seed);
        return estimates
            .iter()
            .map(|estimate| paired_difference(estimate, alpha))
            .collect();
    }
    let [old, now] =
        [(base, 0), (new, 1)].map(|(batches, stream)| estimate(batches, estimators, resamples, seed, stream));
    let pairs = old.iter().zip(&now);
    pairs.map(|(old, now)| difference(old, now, alpha)).collect()
}

/// The interval of `new` − `base` that is wrong with a probability of at most `alpha`.
fn difference(base: &Estimate, new: &Estimate, alpha: f64) -> Interval {
    let pairs = base.replicates.iter().zip(&new.replicates);
    let deviations = pairs.map(|(old, now)| new.stretched(*now) - base.stretched(*old));
    interval(
        new.value - base.value,
        deviations.collect(),
        freedom(base, new),
        alpha,
    )
}

/// The interval of a difference that was estimated from pairs; wrong with a probability of at most `alpha`.
fn paired_difference(estimate: &Estimate, alpha: f64) -> Interval {
    let deviations = estimate
        .replicates
        .iter()
        .map(|replicate| estimate.stretched(*replicate));
    interval(estimate.value, deviations.collect(), estimate.freedom, alpha)
}

/// Resamples' deviations from the value give the interval's shape, Student's t the width that few batches need. Far tails
/// rest on few resamples, near ones say nothing of jumps that are rare: so both are taken, and the wider counts.
fn interval(value: f64, mut deviations: Vec<f64>, freedom: f64, alpha: f64) -> Interval {
    deviations.sort_by(f64::total_cmp);
    let t = student(1.0 - alpha / 2.0, freedom);
    let mut interval = Interval {
        low: value,
        high: value,
    };
    let tail = (alpha / 2.0).min(MODERATE);
    for tail in [tail, MODERATE] {
        let place = (tail * deviations.len() as f64) as usize;
        let from_end = deviations.len().saturating_sub(place + 1);
        let (Some(low), Some(high)) = (deviations.get(place), deviations.get(from_end)) else {
            continue;
        };
        let wider = t / normal(1.0 - tail);
        interval.low = interval.low.min(value + low * wider);
        interval.high = interval.high.max(value + high * wider);
    }
    interval
}

/// Degrees of freedom of the difference.
fn freedom(base: &Estimate, new: &Estimate) -> f64 {
    welch((base.variance, base.freedom), (new.variance, new.freedom))
}

/// Degrees of freedom of the difference of two estimates, each with its variance and its degrees of freedom
/// (Welch–Satterthwaite).
fn welch((base, of_base): (f64, f64), (new, of_new): (f64, f64)) -> f64 {
    let parts = base.powi(2) / of_base + new.powi(2) / of_new;
    if parts > 0.0 {
        (base + new).powi(2) / parts
    } else {
        of_base.min(of_new)
    }
}

fn student(probability: f64, freedom: f64) -> f64 {
    match StudentsT::new(0.0, 1.0, freedom) {
        Ok(student) => student.inverse_cdf(probability),
        // Never: the degrees of freedom are at least 1.
        Err(_) => normal(probability),
    }
}

fn normal(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability)
}

//! Margins by which conditions are kept, over runs with different seeds.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::trend;
use crate::{
    metric::{Operator, Threshold},
    record::ThresholdVerdict,
};

/// A condition is decided wrongly at a rate with this probability.
const ERROR: f64 = 0.0125;
/// The margin of what is kept or not, and nothing between.
const WHOLE: f64 = 1.0;

/// By how much the measured value lies on the right side of the bound, in the condition's unit; less than 0 if it lies on
/// the wrong side. A condition that needs more load is no matter of a rate that is too high.
pub(super) fn of(verdict: &ThresholdVerdict) -> f64 {
    let sign = if verdict.held || trend::lacks_load(verdict) {
        1.0
    } else {
        -1.0
    };
    let (Ok(hold), Some(measured)) = (Threshold::parse(&verdict.expression), verdict.measured) else {
        return sign * WHOLE;
    };
    let distance = (measured - hold.bound).abs();
    match hold.operator {
        _ if trend::needs_load(&hold) => sign * WHOLE,
        Operator::Equal | Operator::Unequal => sign * WHOLE,
        Operator::Less | Operator::AtMost | Operator::Greater | Operator::AtLeast => {
            sign * distance.max(f64::MIN_POSITIVE)
        }
    }
}

/// The mean of some margins; 0 of none.
pub(super) fn mean(margins: &[f64]) -> f64 {
    margins.iter().sum::<f64>() / margins.len().max(1) as f64
}

/// Whether the mean of margins, each of a run with a seed of its own, differs from 0 by more than chance (Student's t). One
/// run never tells.
pub(super) fn is_significant(margins: &[f64]) -> bool {
    if margins.len() < 2 {
        return false;
    }
    let n = margins.len() as f64;
    let mean = mean(margins);
    let squares: f64 = margins.iter().map(|margin| (margin - mean).powi(2)).sum();
    let error = (squares / (n - 1.0) / n).sqrt();
    StudentsT::new(0.0, 1.0, n - 1.0)
        .is_ok_and(|student| mean.abs() > student.inverse_cdf(1.0 - ERROR) * error)
}

#[cfg(test)]
mod tests {
    use super::{is_significant, of};
    use crate::record::ThresholdVerdict;

    #[test]
    fn a_margin_is_the_distance_to_the_bound() {
        for (expression, measured, held, expected) in [
            ("task.total.p99 < 10s", Some(4e6), true, 6e6),
            ("task.total.p99 < 10s", Some(12e6), false, -2e6),
            ("tasks.ended.ratio >= 0.5", Some(0.25), false, -0.25),
            ("tasks.failed.count == 0", Some(7.0), false, -1.0),
            ("rate.tasks > 10", Some(5.0), false, 1.0),
            ("task.total.p99 < 10s", None, false, -1.0),
        ] {
            let expression = expression.to_owned();
            let verdict = ThresholdVerdict {
                expression,
                measured,
                held,
            };
            assert!((of(&verdict) - expected).abs() < 1e-9, "{verdict:?}");
        }
    }

    #[test]
    fn values_decide_that_are_farther_from_the_bound_than_from_each_other() {
        assert!(!is_significant(&[5.0]));
        assert!(is_significant(&[5.0, 5.0]));
        assert!(!is_significant(&[5.0, 1.0]));
        assert!(is_significant(&[-5.0, -5.1]));
        // t(0.9875, 3) = 4.18.
        assert!(!is_significant(&[1.0, 2.0, 3.0, -1.0]));
        assert!(is_significant(&[10.0, 12.0, 9.0, 11.0]));
    }
}

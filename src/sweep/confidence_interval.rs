//! Mean over seeds, with its confidence interval.

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
    /// run, which says nothing of the spread.
    pub half_width: Option<f64>,
}

impl MeanInterval {
    /// The estimate from these values; `None` of none.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        // With one value there are no degrees of freedom, and no such distribution.
        let student = StudentsT::new(0.0, 1.0, n - 1.0).ok();
        let half_width = student.map(|t| t.inverse_cdf(0.975) * (squares / (n - 1.0) / n).sqrt());
        Some(Self {
            runs: values.len(),
            mean,
            half_width,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::MeanInterval;

    #[test]
    fn the_interval_is_students() {
        let of = |values: &[f64]| MeanInterval::of(values).unwrap();
        // t(0.975, 2) = 4.302653, s = 2, √3: 4.96828.
        let three = of(&[2.0, 4.0, 6.0]);
        assert_eq!((three.runs, three.mean), (3, 4.0));
        assert!((three.half_width.unwrap() - 4.968_276).abs() < 1e-4, "{three:?}");
        assert_eq!(of(&[7.0, 7.0]).half_width, Some(0.0));
        assert_eq!(of(&[7.0]).half_width, None);
        assert_eq!(MeanInterval::of(&[]), None);
    }
}

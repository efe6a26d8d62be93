//! Distributions as a scenario file writes them.

use std::fmt;

use super::distribution::Shape;
use crate::{
    distribution::{Distribution, Quantity, Spread},
    units::Parameter,
};

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
            Self::Capped { of, max } => write_parameters(of, f, Some(*max)),
            _ => write_parameters(self, f, None),
        }
    }
}

/// The table of a distribution with named parameters.
fn write_parameters<T: Quantity>(
    distribution: &Distribution<T>,
    f: &mut fmt::Formatter<'_>,
    max: Option<T>,
) -> fmt::Result {
    let quantity = |value: T| Some(value.literal());
    let number = |value: Parameter| Some(value.to_string());
    let (shape, mut values) = match *distribution {
        Distribution::Exponential { mean } => (Shape::EXPONENTIAL, vec![quantity(mean)]),
        Distribution::Normal { mean, stddev } => (Shape::NORMAL, vec![quantity(mean), quantity(stddev)]),
        Distribution::LogNormal { median, spread } => {
            let (p95, sigma) = match spread {
                Spread::P95(p95) => (quantity(p95), None),
                Spread::Sigma(sigma) => (None, number(sigma)),
            };
            (Shape::LOG_NORMAL, vec![quantity(median), p95, sigma])
        }
        Distribution::Gamma { shape, mean } => (Shape::GAMMA, vec![number(shape), quantity(mean)]),
        Distribution::Weibull { shape, scale } => (Shape::WEIBULL, vec![number(shape), quantity(scale)]),
        Distribution::Pareto { scale, shape } => (Shape::PARETO, vec![quantity(scale), number(shape)]),
        // A cap on what has a largest value already: a file has no such thing, nor need for it.
        Distribution::Constant(_)
        | Distribution::Uniform { .. }
        | Distribution::Empirical(_)
        | Distribution::Capped { .. } => {
            return write!(f, "{distribution}");
        }
    };
    values.push(max.and_then(quantity));
    f.write_str(&shape.text(values))
}

//! Means and tails.

use statrs::function::{
    erf::erfc,
    gamma::{gamma, gamma_lr},
};

use super::{Distribution, Quantity};

/// The expected value of what is drawn, in whole units, where draws above `most` count as that.
pub(super) fn mean<T: Quantity>(distribution: &Distribution<T>, most: u64) -> f64 {
    match distribution {
        Distribution::Constant(value) => value.units().min(most).max(T::SMALLEST) as f64,
        Distribution::Uniform { low, high } => {
            let (low, high) = (low.units(), high.units());
            mean_of_range(low.min(high), low.max(high), T::SMALLEST, most)
        }
        Distribution::Empirical(empirical) => empirical.mean(T::SMALLEST, most),
        Distribution::Capped { of, max } => mean(of, most.min(max.units())),
        _ if T::COARSE => mean_of_rounded(distribution, T::SMALLEST, most),
        _ => capped_mean(distribution, most as f64),
    }
}

/// The mean of the whole numbers from `low` to `high`, of which those below `least` count as that, and those above `most`
/// as that.
pub(super) fn mean_of_range(low: u64, high: u64, least: u64, most: u64) -> f64 {
    let most = most.max(least);
    let mean = |low: u64, high: u64| f64::midpoint(low as f64, high as f64);
    if least <= low && high <= most {
        return mean(low, high);
    }
    let (from, to) = (low.clamp(least, most), high.clamp(least, most));
    // Each end stands for all that is cut to it; those between stand for themselves.
    let numbers = (high - low) as f64 + 1.0;
    let below = (from - low.min(from)) as f64;
    let above = (high.max(to) - to) as f64;
    let within = numbers - below - above;
    (below * from as f64 + within * mean(from, to) + above * to as f64) / numbers
}

/// So many values are summed one by one.
const SUMMED: u64 = 4096;
/// What is less likely adds nothing to a mean.
const NEGLIGIBLE: f64 = 1e-15;

/// The mean of a continuous X that is rounded to whole numbers, of which those below `least` count as that, and those
/// above `most` as that: `least` + Σ P(X ≥ k − ½) over all k above `least` up to `most`.
fn mean_of_rounded<T: Quantity>(distribution: &Distribution<T>, least: u64, most: u64) -> f64 {
    let mut mean = least as f64;
    for k in least + 1..=most.min(SUMMED) {
        let reached = tail(distribution, k as f64 - 0.5);
        if reached < NEGLIGIBLE {
            return mean;
        }
        mean += reached;
    }
    if most > SUMMED {
        // Beyond, the sum is the integral: E[min(X, c)] is that of the tail from 0 to c.
        mean += capped_mean(distribution, most as f64) - capped_mean(distribution, SUMMED as f64);
    }
    mean
}

/// E[min(X, cap)] of a continuous X, in whole units; 0 of one that is not.
fn capped_mean<T: Quantity>(distribution: &Distribution<T>, cap: f64) -> f64 {
    // What the part above the cap adds, for a continuous X.
    let above = |cap: f64| cap * tail(distribution, cap);
    match distribution {
        Distribution::Exponential { mean } => {
            let mean = mean.units() as f64;
            -mean * (-cap / mean).exp_m1()
        }
        Distribution::Normal { mean, stddev } => {
            let (mean, stddev) = (mean.units() as f64, stddev.units() as f64);
            if stddev == 0.0 {
                return mean.min(cap);
            }
            // E[X; 0 ≤ X ≤ cap] of the untruncated normal, over P(X ≥ 0).
            let (low, high) = (-mean / stddev, (cap - mean) / stddev);
            let mass = upper_tail(low) - upper_tail(high);
            (mean * mass + stddev * (density(low) - density(high))) / upper_tail(low) + above(cap)
        }
        Distribution::LogNormal { median, spread } => {
            let (sigma, median) = (spread.sigma(*median), median.units() as f64);
            if sigma == 0.0 {
                return median.min(cap);
            }
            let distance = (cap / median).ln();
            median * (sigma * sigma / 2.0).exp() * upper_tail(sigma - distance / sigma) + above(cap)
        }
        Distribution::Gamma { shape, mean } => {
            let (shape, mean) = (shape.value(), mean.units() as f64);
            if mean == 0.0 {
                return 0.0;
            }
            mean * lower_gamma(shape + 1.0, cap * shape / mean) + above(cap)
        }
        Distribution::Weibull { shape, scale } => {
            let (shape, scale) = (shape.value(), scale.units() as f64);
            if scale == 0.0 {
                return 0.0;
            }
            let order = 1.0 + 1.0 / shape;
            scale * gamma(order) * lower_gamma(order, (cap / scale).powf(shape)) + above(cap)
        }
        Distribution::Pareto { scale, shape } => {
            let (shape, scale) = (shape.value(), scale.units() as f64);
            if scale == 0.0 || cap <= scale {
                return scale.min(cap);
            }
            // scale + ∫ (scale / x)^shape dx from scale to cap.
            if shape == 1.0 {
                scale + scale * (cap / scale).ln()
            } else {
                scale - scale * ((1.0 - shape) * (cap / scale).ln()).exp_m1() / (shape - 1.0)
            }
        }
        Distribution::Constant(_)
        | Distribution::Uniform { .. }
        | Distribution::Empirical(_)
        | Distribution::Capped { .. } => 0.0,
    }
}

/// P(X > limit), of X before it is rounded, or after it where that shows.
pub(super) fn exceeds<T: Quantity>(distribution: &Distribution<T>, limit: u64) -> f64 {
    match distribution {
        Distribution::Constant(value) => f64::from(u8::from(value.units() > limit)),
        Distribution::Uniform { low, high } => {
            let (low, high) = (low.units() as f64, high.units() as f64);
            ((high - limit as f64) / (high - low + 1.0)).clamp(0.0, 1.0)
        }
        Distribution::Empirical(empirical) => empirical.exceeds(limit),
        Distribution::Capped { max, .. } if max.units() <= limit => 0.0,
        Distribution::Capped { of, .. } => exceeds(of, limit),
        _ => tail(distribution, limit as f64 + if T::COARSE { 0.5 } else { 0.0 }),
    }
}

/// P(X > x) of a continuous distribution; 0 of one that is not.
fn tail<T: Quantity>(distribution: &Distribution<T>, x: f64) -> f64 {
    match distribution {
        Distribution::Exponential { mean } => (-x / mean.units() as f64).exp(),
        Distribution::Normal { mean, stddev } => {
            let (mean, stddev) = (mean.units() as f64, stddev.units() as f64);
            if stddev == 0.0 {
                return f64::from(u8::from(mean > x));
            }
            upper_tail((x - mean) / stddev) / upper_tail(-mean / stddev)
        }
        Distribution::LogNormal { median, spread } => {
            let sigma = spread.sigma(*median);
            let distance = (x / median.units() as f64).ln();
            if sigma == 0.0 {
                f64::from(u8::from(distance < 0.0))
            } else {
                upper_tail(distance / sigma)
            }
        }
        Distribution::Gamma { shape, mean } if mean.units() > 0 => {
            1.0 - lower_gamma(shape.value(), x * shape.value() / mean.units() as f64)
        }
        Distribution::Weibull { shape, scale } if scale.units() > 0 => {
            (-(x / scale.units() as f64).powf(shape.value())).exp()
        }
        Distribution::Pareto { scale, shape } if scale.units() > 0 => {
            (scale.units() as f64 / x).min(1.0).powf(shape.value())
        }
        _ => 0.0,
    }
}

/// φ(x), the density of the standard normal distribution.
fn density(x: f64) -> f64 {
    (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt()
}

/// 1 − Φ(x) of the standard normal distribution.
fn upper_tail(x: f64) -> f64 {
    erfc(x / std::f64::consts::SQRT_2) / 2.0
}

/// P(a, x), the regularised lower incomplete gamma function, for a > 0.
fn lower_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x > FAR * (1.0 + a) {
        // Beyond what the expansion takes, and 1 to the last bit.
        1.0
    } else {
        gamma_lr(a, x)
    }
}

/// Γ(a, x) / Γ(a) is below 2⁻¹⁰⁰ for x above so many times 1 + a.
const FAR: f64 = 100.0;

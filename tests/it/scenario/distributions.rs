//! Distributions against their theory, at fixed seeds.
//!
//! The theory comes from `statrs`, the samples from `rand_distr`: neither knows the other.

use std::{collections::BTreeMap, time::Duration};

use rand::{Rng, rngs::ChaCha8Rng};
use statrs::distribution::{
    ChiSquared, ContinuousCDF, Exp, Gamma, LogNormal, Normal, Pareto, Uniform, Weibull,
};
use taskstorm::{
    plan::stream,
    scenario::{
        Bin, DelayDistribution, Distribution, Empirical, Quantity, SizeDistribution, Spread,
        units::{ByteSize, Parameter},
    },
};

const SAMPLES: usize = 50_000;
/// Of a sample of the claimed distribution, √n times the Kolmogorov–Smirnov distance exceeds this with probability 0.001.
const KOLMOGOROV: f64 = 1.949_5;

/// P(X ≤ x).
type Cdf = Box<dyn Fn(f64) -> f64>;

/// A distribution of whole units, and what the theory says of it before rounding.
struct Case<T> {
    name: &'static str,
    distribution: Distribution<T>,
    cdf: Cdf,
}

fn parameter(number: f64) -> Parameter {
    Parameter::from_millionths((number * 1e6).round() as u64)
}

fn of<D: ContinuousCDF<f64, f64> + 'static>(distribution: Result<D, impl std::fmt::Debug>) -> Cdf {
    let distribution = distribution.unwrap();
    Box::new(move |x| distribution.cdf(x))
}

/// Every distribution of a quantity whose typical size is `unit` whole units.
fn cases<T: Quantity + 'static>(unit: u64) -> Vec<Case<T>> {
    let u = unit as f64;
    let all: Vec<(&str, Distribution<T>, Cdf)> = vec![
        (
            "uniform",
            Distribution::Uniform {
                low: T::of(unit),
                high: T::of(unit * 3),
            },
            // Every whole number in [low, high], as rounding gives it.
            of(Uniform::new(u - 0.5, u * 3.0 + 0.5)),
        ),
        (
            "exponential",
            Distribution::Exponential { mean: T::of(unit) },
            of(Exp::new(1.0 / u)),
        ),
        (
            "normal",
            Distribution::Normal {
                mean: T::of(unit * 5),
                stddev: T::of(unit),
            },
            of(Normal::new(u * 5.0, u)),
        ),
        ("normal, truncated at 0", half_cut(unit), {
            let normal = Normal::new(u, u * 2.0).unwrap();
            let below = normal.cdf(0.0);
            Box::new(move |x| ((normal.cdf(x) - below) / (1.0 - below)).max(0.0))
        }),
        (
            "lognormal by p95",
            Distribution::LogNormal {
                median: T::of(unit),
                spread: Spread::P95(T::of(unit * 4)),
            },
            of(LogNormal::new(u.ln(), 4_f64.ln() / 1.644_853_626_951)),
        ),
        (
            "lognormal by sigma",
            Distribution::LogNormal {
                median: T::of(unit),
                spread: Spread::Sigma(parameter(0.8)),
            },
            of(LogNormal::new(u.ln(), 0.8)),
        ),
        ("gamma below 1", gamma(0.5, unit), of(Gamma::new(0.5, 0.5 / u))),
        ("gamma above 1", gamma(2.5, unit), of(Gamma::new(2.5, 2.5 / u))),
        ("weibull below 1", weibull(0.7, unit), of(Weibull::new(0.7, u))),
        ("weibull above 1", weibull(3.2, unit), of(Weibull::new(3.2, u))),
        ("pareto", pareto(3.0, unit), of(Pareto::new(u, 3.0))),
        (
            "pareto, heavy, capped",
            Distribution::Capped {
                of: Box::new(pareto(0.9, unit)),
                max: T::of(unit * 20),
            },
            capped(of(Pareto::new(u, 0.9)), u * 20.0),
        ),
        (
            "gamma, capped",
            Distribution::Capped {
                of: Box::new(gamma(2.5, unit)),
                max: T::of(unit * 2),
            },
            capped(of(Gamma::new(2.5, 2.5 / u)), u * 2.0),
        ),
        (
            "exponential, capped",
            Distribution::Capped {
                of: Box::new(Distribution::Exponential { mean: T::of(unit) }),
                max: T::of(unit * 2),
            },
            capped(of(Exp::new(1.0 / u)), u * 2.0),
        ),
        (
            "normal, truncated, capped",
            Distribution::Capped {
                of: Box::new(half_cut(unit)),
                max: T::of(unit * 2),
            },
            {
                let normal = Normal::new(u, u * 2.0).unwrap();
                let below = normal.cdf(0.0);
                capped(
                    Box::new(move |x| ((normal.cdf(x) - below) / (1.0 - below)).max(0.0)),
                    u * 2.0,
                )
            },
        ),
        (
            "weibull, capped",
            Distribution::Capped {
                of: Box::new(weibull(0.7, unit)),
                max: T::of(unit * 2),
            },
            capped(of(Weibull::new(0.7, u)), u * 2.0),
        ),
        (
            "lognormal, capped",
            Distribution::Capped {
                of: Box::new(Distribution::LogNormal {
                    median: T::of(unit),
                    spread: Spread::Sigma(parameter(0.8)),
                }),
                max: T::of(unit * 2),
            },
            capped(of(LogNormal::new(u.ln(), 0.8)), u * 2.0),
        ),
    ];
    all.into_iter()
        .map(|(name, distribution, cdf)| Case {
            name,
            distribution,
            cdf: capped(cdf, T::LARGEST as f64),
        })
        .collect()
}

/// Normal with a good part below 0.
fn half_cut<T: Quantity>(unit: u64) -> Distribution<T> {
    Distribution::Normal {
        mean: T::of(unit),
        stddev: T::of(unit * 2),
    }
}

fn gamma<T: Quantity>(shape: f64, mean: u64) -> Distribution<T> {
    Distribution::Gamma {
        shape: parameter(shape),
        mean: T::of(mean),
    }
}

fn weibull<T: Quantity>(shape: f64, scale: u64) -> Distribution<T> {
    Distribution::Weibull {
        shape: parameter(shape),
        scale: T::of(scale),
    }
}

fn pareto<T: Quantity>(shape: f64, scale: u64) -> Distribution<T> {
    Distribution::Pareto {
        shape: parameter(shape),
        scale: T::of(scale),
    }
}

/// What is above `max` is `max`.
fn capped(cdf: Cdf, max: f64) -> Cdf {
    Box::new(move |x| if x >= max { 1.0 } else { cdf(x) })
}

/// Sorted samples in whole units.
fn sorted<T: Quantity>(
    distribution: &Distribution<T>,
    units: fn(T::Sample) -> u64,
    rng: &mut ChaCha8Rng,
) -> Vec<u64> {
    let mut samples: Vec<_> = (0..SAMPLES).map(|_| units(distribution.sample(rng))).collect();
    samples.sort_unstable();
    samples
}

/// √n times the largest distance between the share of samples up to k and P(X ≤ k + ½): what rounds to at most k.
fn distance(sorted: &[u64], cdf: &Cdf) -> f64 {
    let n = sorted.len() as f64;
    let jumps = (0..sorted.len()).filter(|place| sorted.get(place + 1) != Some(&sorted[*place]));
    let distances = jumps.map(|place| ((place + 1) as f64 / n - cdf(sorted[place] as f64 + 0.5)).abs());
    distances.fold(0.0, f64::max) * n.sqrt()
}

/// Whether χ² of counts against what was expected of them lies below its 99.9th percentile.
pub(super) fn fits(observed: &[(u64, f64)]) -> bool {
    let chi_squared: f64 = observed
        .iter()
        .map(|(seen, expected)| (*seen as f64 - expected).powi(2) / expected)
        .sum();
    chi_squared
        < ChiSquared::new((observed.len() - 1) as f64)
            .unwrap()
            .inverse_cdf(0.999)
}

/// Counts of samples against the theory, in bins between the samples' own quantiles of another seed: each expects many.
fn binned(sorted: &[u64], edges: &[u64], cdf: &Cdf) -> Vec<(u64, f64)> {
    let n = sorted.len() as f64;
    let up_to = |edge: u64| {
        (
            sorted.partition_point(|sample| *sample <= edge) as u64,
            cdf(edge as f64 + 0.5),
        )
    };
    let mut bounds: Vec<_> = edges.iter().map(|edge| up_to(*edge)).collect();
    bounds.push((sorted.len() as u64, 1.0));
    let mut below = (0, 0.0);
    let mut bins = Vec::new();
    for bound in bounds {
        bins.push((bound.0 - below.0, (bound.1 - below.1) * n));
        below = bound;
    }
    // Between equal edges, and above a cap, there is nothing.
    bins.retain(|(_, expected)| *expected > 5.0);
    bins
}

fn check<T: Quantity + 'static>(unit: u64, units: fn(T::Sample) -> u64) {
    for (
        index,
        Case {
            name,
            distribution,
            cdf,
        },
    ) in (0..).zip(cases::<T>(unit))
    {
        let samples = sorted(&distribution, units, &mut stream(1, name, index));
        let ks = distance(&samples, &cdf);
        assert!(ks < KOLMOGOROV, "{name}: √n D = {ks}");

        let others = sorted(&distribution, units, &mut stream(2, name, index));
        let edges: Vec<_> = (1..50).map(|k| others[SAMPLES * k / 50]).collect();
        let bins = binned(&samples, &edges, &cdf);
        assert!(bins.len() > 10, "{name}: {} bins", bins.len());
        assert!(fits(&bins), "{name}: {bins:?}");

        // Within five standard errors, and what rounding does to them.
        let n = SAMPLES as f64;
        let average = samples.iter().map(|sample| *sample as f64).sum::<f64>() / n;
        let variance = samples
            .iter()
            .map(|sample| (*sample as f64 - average).powi(2))
            .sum::<f64>()
            / n;
        let mean = units(distribution.mean()) as f64;
        assert!(
            (average - mean).abs() < 5.0 * (variance / n).sqrt() + 0.5,
            "{name}: averages {average}, claims {mean}"
        );
        for place in [SAMPLES / 10, SAMPLES / 2, SAMPLES * 9 / 10, SAMPLES * 99 / 100] {
            let limit = samples[place];
            let above = samples.partition_point(|sample| *sample <= limit);
            let share = 1.0 - above as f64 / n;
            let claimed = distribution.exceeds(T::of(limit));
            // A whole unit holds some of the probability.
            let slack = 5.0 * (share * (1.0 - share) / n).sqrt() + 3.0 / unit as f64;
            assert!(
                (share - claimed).abs() <= slack,
                "{name}: {share} exceed {limit}, claims {claimed}"
            );
        }
        assert_eq!(distribution.exceeds(T::of(T::LARGEST)), 0.0, "{name}");
    }
}

#[test]
fn delays_are_distributed_as_the_theory_says() {
    check::<Duration>(100_000, |delay| delay.as_micros() as u64);
}

#[test]
fn sizes_are_distributed_as_the_theory_says_but_for_rounding_and_the_largest() {
    check::<ByteSize>(900, |size| size as u64);
}

#[test]
fn the_tests_would_notice_other_parameters() {
    // Three percent more, or another shape: each is far beyond what chance does.
    for (distribution, cdf) in [
        (Distribution::Exponential { mean: ms(103) }, of(Exp::new(1e-5))),
        (gamma(2.5, 100_000), of(Gamma::new(2.6, 2.6e-5))),
        (weibull(0.7, 100_000), of(Weibull::new(0.72, 1e5))),
        (pareto(3.0, 100_000), of(Pareto::new(1e5, 3.1))),
    ] {
        let samples = sorted(
            &distribution,
            |delay| delay.as_micros() as u64,
            &mut stream(1, "test", 0),
        );
        let ks = distance(&samples, &cdf);
        assert!(ks > KOLMOGOROV, "{distribution}: {ks}");
    }
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn means_are_those_of_the_formulas() {
    let infinite: DelayDistribution = pareto(1.0, 1_000_000);
    let largest = Duration::LARGEST as f64 / 1e6;
    let cases: [(DelayDistribution, f64); 7] = [
        // In seconds.
        (gamma(0.3, 4_000_000), 4.0),
        // λ Γ(1 + 1 / k)
        (weibull(0.5, 1_000_000), 2.0),
        (weibull(2.0, 1_000_000), 0.886_227),
        // s α / (α − 1)
        (pareto(3.0, 1_000_000), 1.5),
        // m exp(σ² / 2)
        (
            Distribution::LogNormal {
                median: ms(1_000),
                spread: Spread::Sigma(parameter(1.0)),
            },
            1.648_721,
        ),
        // A mean that only the cut makes finite: s (1 + ln(max / s)).
        (infinite.clone(), 1.0 + largest.ln()),
        (
            Distribution::Capped {
                of: Box::new(infinite),
                max: ms(100_000),
            },
            1.0 + 100_f64.ln(),
        ),
    ];
    for (distribution, mean) in cases {
        let claimed = distribution.mean().as_secs_f64();
        assert!((claimed - mean).abs() < 1e-6, "{distribution}: {claimed}");
    }
    assert!(pareto::<Duration>(1.1, 1).has_finite_mean() && !pareto::<Duration>(1.0, 1).has_finite_mean());
}

#[test]
fn a_uniform_size_takes_each_value_equally_often() {
    let distribution: SizeDistribution = Distribution::Uniform {
        low: ByteSize(3),
        high: ByteSize(7),
    };
    let counts = counts(&distribution);
    let bins: Vec<_> = counts
        .values()
        .map(|count| (*count, SAMPLES as f64 / 5.0))
        .collect();
    assert!(counts.keys().copied().eq(3..=7) && fits(&bins), "{counts:?}");
    assert_eq!(distribution.mean(), 5);
}

/// How often each size is drawn.
fn counts(distribution: &SizeDistribution) -> BTreeMap<usize, u64> {
    let mut rng = stream(2, "test", 0);
    let mut counts = BTreeMap::new();
    for _ in 0..SAMPLES {
        *counts.entry(distribution.sample(&mut rng)).or_default() += 1;
    }
    counts
}

#[test]
fn observations_are_drawn_as_often_as_they_were_made() {
    let observed = [7, 7, 7, 12, 90].map(ByteSize);
    let distribution = Distribution::Empirical(Empirical::of_samples(&observed).unwrap());
    let n = SAMPLES as f64;
    let seen = counts(&distribution);
    assert!(seen.keys().eq(&[7, 12, 90]), "{seen:?}");
    assert!(fits(&[
        (seen[&7], 0.6 * n),
        (seen[&12], 0.2 * n),
        (seen[&90], 0.2 * n)
    ]));
    // 123 / 5
    assert_eq!(distribution.mean(), 25);
    assert_eq!(distribution.exceeds(ByteSize(12)), 0.2);
    assert!(Empirical::<ByteSize>::of_samples(&[]).is_none());
}

#[test]
fn a_histogram_is_uniform_within_its_bins() {
    let bin = |low, high, count| Bin {
        low: ByteSize(low),
        high: ByteSize(high),
        count,
    };
    // Half of all on four sizes, a quarter on two, a quarter on one.
    let bins = [bin(0, 4, 10), bin(50, 50, 0), bin(10, 12, 5), bin(7, 7, 5)];
    let distribution = Distribution::Empirical(Empirical::of_histogram(&bins).unwrap());
    let expected = [(0, 8), (1, 8), (2, 8), (3, 8), (7, 4), (10, 8), (11, 8)];
    let seen = counts(&distribution);
    let bins: Vec<_> = expected
        .iter()
        .map(|(size, part)| (seen[size], SAMPLES as f64 / f64::from(*part)))
        .collect();
    assert!(seen.len() == 7 && fits(&bins), "{seen:?}");
    // 0.5 × 1.5 + 0.25 × 10.5 + 0.25 × 7 = 5.1
    assert_eq!(distribution.mean(), 5);
    assert_eq!(distribution.exceeds(ByteSize(2)), 0.5 / 4.0 + 0.5);
    assert_eq!(distribution.exceeds(ByteSize(11)), 0.0);
    for refused in [
        vec![],
        vec![bin(1, 2, 0)],
        vec![bin(2, 1, 1)],
        vec![bin(0, 1, u64::MAX); 2],
    ] {
        assert!(Empirical::of_histogram(&refused).is_none(), "{refused:?}");
    }
}

#[test]
fn sizes_are_cut_at_their_largest_and_so_is_their_mean() {
    let distribution: SizeDistribution = pareto(0.5, 60_000);
    let seen = counts(&distribution);
    assert!(seen.keys().all(|size| (60_000..=65_535).contains(size)));
    // 2 √(s max) − s
    assert_eq!(distribution.mean(), 65_413);
}

#[test]
fn a_constant_takes_nothing_from_the_stream() {
    let (mut used, mut fresh) = (stream(4, "test", 0), stream(4, "test", 0));
    let distribution: DelayDistribution = Distribution::Constant(ms(1));
    assert_eq!(distribution.sample(&mut used), ms(1));
    assert_eq!(used.next_u64(), fresh.next_u64());
}

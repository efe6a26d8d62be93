//! Distributions against their theory, at a fixed seed.

use std::time::Duration;

use rand::Rng;
use taskstorm::{
    plan::stream,
    scenario::{DelayDistribution, Distribution, SizeDistribution, units::ByteSize},
};

const SAMPLES: usize = 100_000;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Sorted samples in microseconds.
fn sorted(distribution: &DelayDistribution) -> Vec<f64> {
    let mut rng = stream(1, "test", 0);
    let mut samples: Vec<_> = (0..SAMPLES)
        .map(|_| distribution.sample(&mut rng).as_micros() as f64)
        .collect();
    samples.sort_by(f64::total_cmp);
    samples
}

fn near(seen: f64, expected: f64, tolerance: f64) -> bool {
    (seen - expected).abs() <= expected * tolerance
}

#[test]
fn means_medians_and_tails_are_those_of_the_theory() {
    let cases: [(&str, DelayDistribution, f64, f64, f64); 6] = [
        // name, distribution, mean, median, 95th percentile, in microseconds
        ("constant", Distribution::Constant(ms(300)), 300e3, 300e3, 300e3),
        (
            "uniform",
            Distribution::Uniform {
                low: ms(10),
                high: ms(110),
            },
            60e3,
            60e3,
            105e3,
        ),
        (
            "exponential",
            Distribution::Exponential { mean: ms(100) },
            100e3,
            69_315.0,
            299_573.0,
        ),
        (
            "normal",
            Distribution::Normal {
                mean: ms(100),
                stddev: ms(20),
            },
            100e3,
            100e3,
            132_897.0,
        ),
        // Half of a normal: mean σ √(2/π), median σ Φ⁻¹(0.75), p95 σ Φ⁻¹(0.975).
        (
            "truncated",
            Distribution::Normal {
                mean: ms(0),
                stddev: ms(100),
            },
            79_788.0,
            67_449.0,
            195_996.0,
        ),
        (
            "lognormal",
            Distribution::LogNormal {
                median: ms(80),
                p95: ms(300),
            },
            110_486.0,
            80e3,
            300e3,
        ),
    ];
    for (name, distribution, mean, median, p95) in cases {
        let samples = sorted(&distribution);
        let average = samples.iter().sum::<f64>() / SAMPLES as f64;
        assert!(near(average, mean, 0.01), "{name}: mean {average}");
        assert!(
            near(samples[SAMPLES / 2], median, 0.015),
            "{name}: median {}",
            samples[SAMPLES / 2]
        );
        assert!(
            near(samples[SAMPLES * 95 / 100], p95, 0.015),
            "{name}: p95 {}",
            samples[SAMPLES * 95 / 100]
        );
        let claimed = distribution.mean().as_micros() as f64;
        assert!(near(claimed, mean, 1e-4), "{name}: mean() {claimed}");
        let share = samples.iter().filter(|sample| **sample > 120e3).count() as f64 / SAMPLES as f64;
        assert!(
            (distribution.exceeds(ms(120)) - share).abs() < 0.005,
            "{name}: exceeds {share}"
        );
    }
}

#[test]
fn a_uniform_size_takes_each_value_equally_often() {
    let distribution: SizeDistribution = Distribution::Uniform {
        low: ByteSize(3),
        high: ByteSize(7),
    };
    let mut rng = stream(2, "test", 0);
    let mut counts = [0_u32; 10];
    for _ in 0..50_000 {
        counts[distribution.sample(&mut rng)] += 1;
    }
    // χ² with 4 degrees of freedom lies below 18.5 with probability 0.999.
    let chi_squared: f64 = counts[3..=7]
        .iter()
        .map(|count| (f64::from(*count) - 1e4).powi(2) / 1e4)
        .sum();
    assert!(chi_squared < 18.5, "{counts:?}");
    assert_eq!(counts[3..=7].iter().sum::<u32>(), 50_000);
    assert_eq!(distribution.mean(), 5);
}

#[test]
fn sizes_are_cut_at_their_largest() {
    let distribution: SizeDistribution = Distribution::LogNormal {
        median: ByteSize(64),
        p95: ByteSize::MAX,
    };
    let mut rng = stream(3, "test", 0);
    assert!((0..10_000).all(|_| distribution.sample(&mut rng) <= 65_535));
}

#[test]
fn a_constant_takes_nothing_from_the_stream() {
    let (mut used, mut fresh) = (stream(4, "test", 0), stream(4, "test", 0));
    let distribution: DelayDistribution = Distribution::Constant(ms(1));
    assert_eq!(distribution.sample(&mut used), ms(1));
    assert_eq!(used.next_u64(), fresh.next_u64());
}

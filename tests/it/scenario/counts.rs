//! Counts that are drawn: how files write them, what is said of wrong ones, and what plans make of them.

use std::{collections::BTreeMap, fs};

use alloy::primitives::U256;
use statrs::distribution::{ContinuousCDF, Exp, Gamma, LogNormal, Normal, Pareto, Weibull};
use taskstorm::{
    plan::{LoadPlan, MinerPlan, OwnerPlan, Plan, stream},
    scenario::{
        Bin, Distribution, Empirical, Loaded, OwnerGroup, RedundancyDistribution, Scenario, Spread,
        units::{Count, Parameter},
    },
};
use tempfile::TempDir;

use super::{
    distributions::fits,
    refusals::{refusal, render, warnings},
};

const SAMPLES: u32 = 50_000;

fn parameter(number: f64) -> Parameter {
    Parameter::from_millionths((number * 1e6).round() as u64)
}

/// A distribution of counts, and P(X ≤ x) of what is rounded to them.
type Case<const MOST: u32> = (Distribution<Count<MOST>>, Box<dyn Fn(f64) -> f64>);

fn of<D: ContinuousCDF<f64, f64> + 'static>(distribution: D) -> Box<dyn Fn(f64) -> f64> {
    Box::new(move |x| distribution.cdf(x))
}

/// Every shape that rounding and the cuts at both ends change, and that is given by its theory.
fn cases<const MOST: u32>() -> Vec<Case<MOST>> {
    let lognormal = Distribution::LogNormal {
        median: Count(4),
        spread: Spread::P95(Count(16)),
    };
    let pareto = Distribution::Pareto {
        scale: Count(1),
        shape: parameter(1.2),
    };
    let half = Normal::new(2.0, 3.0).unwrap();
    let below = half.cdf(0.0);
    vec![
        (
            Distribution::Exponential { mean: Count(2) },
            of(Exp::new(0.5).unwrap()),
        ),
        (
            Distribution::Normal {
                mean: Count(2),
                stddev: Count(3),
            },
            Box::new(move |x| (half.cdf(x) - below) / (1.0 - below)),
        ),
        (
            lognormal,
            of(LogNormal::new(4_f64.ln(), 4_f64.ln() / 1.644_853_626_951).unwrap()),
        ),
        (
            Distribution::Gamma {
                shape: parameter(0.5),
                mean: Count(3),
            },
            of(Gamma::new(0.5, 0.5 / 3.0).unwrap()),
        ),
        (
            Distribution::Weibull {
                shape: parameter(0.7),
                scale: Count(3),
            },
            of(Weibull::new(0.7, 3.0).unwrap()),
        ),
        (pareto.clone(), of(Pareto::new(1.0, 1.2).unwrap())),
        (
            Distribution::Capped {
                of: Box::new(pareto),
                max: Count(9),
            },
            of(Pareto::new(1.0, 1.2).unwrap()),
        ),
    ]
}

/// The probability of each count from 1 to `most`: 0 counts as 1, what is larger as `most`.
fn probabilities(cdf: &dyn Fn(f64) -> f64, most: u32) -> Vec<f64> {
    let up_to = |count: u32| match count {
        0 => 0.0,
        _ if count == most => 1.0,
        _ => cdf(f64::from(count) + 0.5),
    };
    (1..=most).map(|count| up_to(count) - up_to(count - 1)).collect()
}

fn mean(probabilities: &[f64]) -> f64 {
    let counts = (1_u32..).zip(probabilities);
    counts.map(|(count, share)| f64::from(count) * share).sum()
}

#[test]
fn counts_are_drawn_as_often_as_the_theory_says() {
    for (distribution, cdf) in cases::<{ OwnerGroup::MAX_REDUNDANCY }>() {
        let probabilities = probabilities(&cdf, distribution.largest());
        let mut draws = stream(1, &distribution.to_string(), 0);
        let mut seen: BTreeMap<u32, u64> = BTreeMap::new();
        for _ in 0..SAMPLES {
            *seen.entry(distribution.sample(&mut draws)).or_default() += 1;
        }
        assert!(
            seen.keys()
                .all(|count| (1..=distribution.largest()).contains(count))
        );
        // Each bin expects more than ten; the last one has all that is rarer.
        let mut bins = vec![(0, 0.0)];
        let mut left = f64::from(SAMPLES);
        for (count, share) in (1_u32..).zip(&probabilities) {
            let full = bins.last().is_some_and(|(_, expected)| *expected > 10.0);
            if full && left > 10.0 {
                bins.push((0, 0.0));
            }
            if let Some((drawn, expected)) = bins.last_mut() {
                *drawn += seen.get(&count).copied().unwrap_or_default();
                *expected += share * f64::from(SAMPLES);
            }
            left -= share * f64::from(SAMPLES);
        }
        assert!(bins.len() > 5 && fits(&bins), "{distribution}: {bins:?}");
        // If each count were one more, it would be noticed.
        let (drawn, expected): (Vec<_>, Vec<_>) = bins.into_iter().unzip();
        let shifted = [&[0], &drawn[..drawn.len() - 1]].concat();
        let shifted: Vec<_> = shifted.into_iter().zip(expected).collect();
        assert!(!fits(&shifted), "{distribution}");
    }
}

#[test]
fn means_and_tails_are_of_what_is_drawn() {
    fn check<const MOST: u32>() {
        for (distribution, cdf) in cases::<MOST>() {
            let probabilities = probabilities(&cdf, distribution.largest());
            let (claimed, mean) = (distribution.expected(), mean(&probabilities));
            assert!(
                (claimed / mean - 1.0).abs() < 1e-7,
                "{distribution} up to {MOST}: {claimed}, {mean} in theory"
            );
            assert_eq!(distribution.mean(), mean.round() as u32);
            let above: f64 = probabilities[3..].iter().sum();
            assert!(
                (distribution.exceeds(Count(3)) - above).abs() < 1e-9,
                "{distribution}"
            );
            assert_eq!(distribution.exceeds(Count(0)), 1.0, "{distribution}");
        }
    }
    check::<{ OwnerGroup::MAX_REDUNDANCY }>();
    check::<1_000_000>();
    check::<5>();

    // What has a name in no file: 0 counts as 1, and 300 as 255.
    type Redundancy = RedundancyDistribution;
    let uniform = |low, high| Redundancy::Uniform {
        low: Count(low),
        high: Count(high),
    };
    assert_eq!(uniform(1, 5).expected(), 3.0);
    assert_eq!(uniform(0, 3).expected(), 1.75);
    assert_eq!(
        (uniform(254, 257).expected(), uniform(254, 257).largest()),
        (254.75, 255)
    );
    let samples = Empirical::of_samples(&[0, 1, 300].map(Count)).unwrap();
    assert_eq!(Redundancy::Empirical(samples).expected(), 257.0 / 3.0);
    let bins = [(0, 3), (254, 257)].map(|(low, high)| Bin {
        low: Count(low),
        high: Count(high),
        count: 1,
    });
    let bins = Redundancy::Empirical(Empirical::of_histogram(&bins).unwrap());
    // (1 + 1 + 2) / 3 and (254 + 255 + 255) / 3
    assert!((bins.expected() - f64::midpoint(4.0 / 3.0, 764.0 / 3.0)).abs() < 1e-9);
    assert_eq!(bins.largest(), 255);
}

#[test]
fn what_has_a_largest_value_of_its_own() {
    let read = |redundancy: &str| {
        let text = format!(
            "name = \"t\"\n[miners]\ncount = 300\n[owners]\ncount = 1\ntasks = 1\nredundancy = {redundancy}"
        );
        Scenario::from_toml("t", &text).unwrap().owners.remove(0)
    };
    for (redundancy, largest, bounded) in [
        ("3", 3, true),
        ("{ uniform = [1, 5] }", 5, true),
        ("{ exponential = 2 }", 255, false),
        ("{ exponential = { mean = 2, max = 7 } }", 7, true),
        ("{ normal = { mean = 4, stddev = 2 } }", 255, false),
        ("{ normal = { mean = 4, stddev = 0 } }", 4, true),
        ("{ lognormal = { median = 4, p95 = 4 } }", 4, true),
        ("{ lognormal = { median = 4, p95 = 16 } }", 255, false),
        ("{ lognormal = { median = 4, p95 = 16, max = 20 } }", 20, true),
        ("{ empirical = [1, 1, 3] }", 3, true),
        (
            "{ empirical = { histogram = [{ low = 1, high = 8, count = 2 }] } }",
            7,
            true,
        ),
    ] {
        let group = read(redundancy);
        assert_eq!(
            (group.redundancy.largest(), group.redundancy.is_bounded()),
            (largest, bounded),
            "{redundancy}"
        );
        assert_eq!(
            (group.min_nodes, group.max_nodes),
            (largest, largest),
            "{redundancy}"
        );
        assert_eq!(group.redundancy.to_string(), redundancy);
    }
}

#[test]
fn refusals() {
    let redundancy = "redundancy = 3";
    let count = "count = 60";
    let load = "{ constant = \"50/s\" }";
    for (name, from, to) in [
        (
            "uniform_above_the_largest",
            redundancy,
            "redundancy = { uniform = [1, 256] }",
        ),
        (
            "uniform_from_nothing",
            redundancy,
            "redundancy = { uniform = [0, 3] }",
        ),
        (
            "max_above_the_largest",
            redundancy,
            "redundancy = { exponential = { mean = 2, max = 300 } }",
        ),
        (
            "observed_above_the_largest",
            redundancy,
            "redundancy = { empirical = [1, 256, 3] }",
        ),
        (
            "drawn_above_min_nodes",
            redundancy,
            "redundancy = { uniform = [1, 5] }",
        ),
        (
            "without_an_end_above_min_nodes",
            redundancy,
            "redundancy = { lognormal = { median = 2, p95 = 4 } }",
        ),
        (
            "without_an_end_above_the_pool",
            "min_nodes = 3\nmax_nodes = 5\nredundancy = 3",
            "redundancy = { lognormal = { median = 2, p95 = 4 } }",
        ),
        (
            "concurrency_with_decimals",
            count,
            "count = 60\nconcurrency = { uniform = [1.5, 3] }",
        ),
        (
            "concurrency_with_a_unit",
            count,
            "count = 60\nconcurrency = { lognormal = { median = \"4 tasks\", p95 = 16 } }",
        ),
        (
            "concurrency_beyond_all_tasks",
            count,
            "count = 60\nconcurrency = { uniform = [1, 1_000_001] }",
        ),
        (
            "unknown_shape",
            count,
            "count = 60\nconcurrency = { log_normal = { median = 4, p95 = 16 } }",
        ),
        (
            "parameter_missing",
            count,
            "count = 60\nconcurrency = { lognormal = { median = 4 } }",
        ),
        (
            "in_flight_of_nothing",
            load,
            "{ back_to_back = { in_flight = { empirical = [] } } }",
        ),
        (
            "cap_of_drawn_in_flight",
            load,
            "{ back_to_back = { in_flight = { uniform = [1, 4] } } }\nmax_in_flight = 9",
        ),
    ] {
        insta::assert_snapshot!(name, refusal(from, to));
    }
}

#[test]
fn doubts() {
    for (name, from, to) in [
        (
            "drawn_short_deposit",
            "redundancy = 3",
            "redundancy = { uniform = [1, 3] }\ndeposit = \"1 gwei\"",
        ),
        (
            "endless_concurrency",
            "count = 60",
            "count = 60\nconcurrency = { pareto = { scale = 2, shape = 0.9 } }",
        ),
        (
            "endless_in_flight",
            "{ constant = \"50/s\" }",
            "{ back_to_back = { in_flight = { pareto = { scale = 2, shape = 1.0 } } } }",
        ),
    ] {
        insta::assert_snapshot!(name, warnings(from, to));
    }
}

/// A scenario whose concurrency is what the file `counts.csv` says, beside that file.
fn beside(counts: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let text = "name = \"t\"\nowners = { count = 1, tasks = 1, redundancy = { empirical = \"counts.csv\" } }\n\
                miners = { count = 9, concurrency = { empirical = { file = \"counts.csv\", column = \"places\" } } }";
    fs::write(folder.path().join("s.toml"), text).unwrap();
    fs::write(folder.path().join("counts.csv"), counts).unwrap();
    folder
}

#[test]
fn observed_counts_are_columns_without_a_unit() {
    let folder = beside("value,count,places\n1,3,4\n5,1,90\n");
    let scenario = Scenario::load(folder.path().join("s.toml")).unwrap();
    let (owners, miners) = (&scenario.owners[0], &scenario.miners[0]);
    assert_eq!((owners.redundancy.expected(), owners.min_nodes), (2.0, 5));
    assert_eq!(
        (miners.concurrency.expected(), miners.concurrency.largest()),
        (47.0, 90)
    );

    let copy = TempDir::new().unwrap();
    fs::create_dir(copy.path().join("inputs")).unwrap();
    fs::write(copy.path().join("s.toml"), scenario.to_toml()).unwrap();
    let written = scenario.data.iter().map(|file| {
        let mut text = Vec::new();
        file.write(&mut text).unwrap();
        fs::write(copy.path().join(file.name()), &text).unwrap();
        (file.name(), String::from_utf8(text).unwrap())
    });
    let written: Vec<_> = written.collect();
    assert_eq!(
        written,
        [
            ("inputs/miners-1.concurrency.csv", "value\n4\n90\n".to_owned()),
            (
                "inputs/owners-1.redundancy.csv",
                "low,high,count\n1,1,3\n5,5,1\n".to_owned()
            ),
        ]
    );
    assert_eq!(Scenario::load(copy.path().join("s.toml")).unwrap(), scenario);
}

#[test]
fn data_files_that_hold_no_counts() {
    for (name, counts) in [
        ("observed_nothing", "value,places\n1,0\n"),
        ("observed_decimals", "value,places\n1.5,1\n"),
        ("observed_too_many", "value,places\n256,1\n"),
        ("observed_with_a_unit", "value_us,places\n2,1\n"),
    ] {
        let folder = beside(counts);
        let error = Loaded::from_file(folder.path().join("s.toml")).unwrap_err();
        let said = super::refusals::render_within(400, &error);
        let folder = format!("{}/", folder.path().display());
        insta::assert_snapshot!(name, said.replace(&folder, ""));
    }
}

/// A group of three owners with four sessions each, and six miners.
fn planned(seed: u64, counts: [&str; 3]) -> Plan {
    planned_for(seed, counts, [3, 4, 6])
}

/// A group of so many owners with so many sessions each, and so many miners.
fn planned_for(seed: u64, counts: [&str; 3], [owners, sessions, miners]: [u32; 3]) -> Plan {
    let [redundancy, in_flight, concurrency] = counts;
    let text = format!(
        "name = \"t\"\nseed = {seed}\nprice = \"3 wei\"\n[owners]\ncount = {owners}\nsessions = {sessions}\n\
         tasks = {{ per_session = 5 }}\nredundancy = {redundancy}\n\
         load = {{ back_to_back = {{ in_flight = {in_flight} }} }}\n[miners]\ncount = {miners}\nconcurrency = {concurrency}\n"
    );
    match Loaded::from_toml("t", &text) {
        Ok(loaded) => Plan::of(&loaded.scenario),
        Err(error) => panic!("{}", render(&error)),
    }
}

const DRAWN: [&str; 3] = [
    "{ uniform = [1, 5] }",
    "{ lognormal = { median = 4, p95 = 16 } }",
    "{ gamma = { shape = 2.0, mean = 6 } }",
];

/// Redundancy and tasks in flight of every session, and the concurrency of every miner.
fn counts(plan: &Plan) -> [Vec<u64>; 3] {
    let redundancy = |owner: &OwnerPlan| {
        let sessions = owner.sessions.iter();
        sessions
            .map(|session| session.spec.redundancy)
            .collect::<Vec<_>>()
    };
    let in_flight = |owner: &OwnerPlan| match &owner.load {
        LoadPlan::Closed { in_flight, .. } => in_flight.iter().copied().map(u64::from).collect::<Vec<_>>(),
        LoadPlan::Open(_) => panic!("a closed load"),
    };
    [
        plan.owners.iter().flat_map(redundancy).collect(),
        plan.owners.iter().flat_map(in_flight).collect(),
        plan.miners.iter().map(|miner| miner.concurrency.into()).collect(),
    ]
}

#[test]
fn sessions_and_miners_of_a_group_differ_and_are_the_same_for_the_same_seed() {
    let plan = planned(1, DRAWN);
    assert_eq!(plan, planned(1, DRAWN));
    let drawn = counts(&plan);
    assert_eq!(drawn.each_ref().map(Vec::len), [12, 12, 6]);
    for counts in &drawn {
        assert!(counts.iter().any(|count| *count != counts[0]), "{counts:?}");
    }
    assert!(drawn[0].iter().all(|redundancy| (1..=5).contains(redundancy)));
    let others = counts(&planned(2, DRAWN));
    for (counts, others) in drawn.iter().zip(&others) {
        assert_ne!(counts, others);
    }
    // Each session is deposited what its own tasks cost, and may have as many miners as any of them needs.
    for session in plan.owners.iter().flat_map(|owner| &owner.sessions) {
        assert_eq!(session.deposit, U256::from(5 * 3 * session.spec.redundancy));
        assert_eq!(session.spec.min_nodes, 5);
    }
}

#[test]
fn a_count_that_is_drawn_changes_nothing_else() {
    let plain = planned(1, ["2", "3", "4"]);
    assert_eq!(counts(&plain), [vec![2; 12], vec![3; 12], vec![4; 6]]);
    let [redundancy, in_flight, concurrency] = counts(&planned(1, DRAWN));
    assert_eq!(counts(&planned(1, [DRAWN[0], "3", "4"]))[0], redundancy);
    assert_eq!(counts(&planned(1, ["2", DRAWN[1], "4"]))[1], in_flight);
    assert_eq!(counts(&planned(1, ["2", "3", DRAWN[2]]))[2], concurrency);
    let drawn = planned(1, DRAWN);
    for (one, other) in plain.owners.iter().zip(&drawn.owners) {
        assert_eq!(
            (&one.key, one.stream, one.network),
            (&other.key, other.stream, other.network)
        );
    }
    for (one, other) in plain.miners.iter().zip(&drawn.miners) {
        let other = MinerPlan {
            concurrency: 4,
            ..other.clone()
        };
        assert_eq!(*one, other);
    }
}

#[test]
fn more_of_them_leave_what_the_others_drew() {
    let few = counts(&planned_for(1, DRAWN, [1, 4, 6]));
    let more_owners = counts(&planned_for(1, DRAWN, [3, 4, 6]));
    let more_sessions = counts(&planned_for(1, DRAWN, [1, 9, 6]));
    let more_miners = counts(&planned_for(1, DRAWN, [1, 4, 20]));
    for (place, drawn) in few.iter().enumerate() {
        for more in [&more_owners, &more_sessions, &more_miners] {
            assert_eq!(more[place][..drawn.len()], drawn[..]);
        }
    }
}

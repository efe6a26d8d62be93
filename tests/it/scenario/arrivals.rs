//! Arrival times of tasks: exact where loads are even, and by the theory where they are random.

use std::time::Duration;

use taskstorm::{
    plan::{LoadPlan, Plan, group_arrivals},
    scenario::{Load, Scenario},
    time::Micros,
};

use crate::support::scenario::read;

const SECOND: Duration = Duration::from_secs(1);

fn scenario(seed: u64, load: &str) -> Scenario {
    let text = format!(
        "name = \"t\"\nseed = {seed}\n[chain]\nblock_time = \"2s\"\n[owners]\ncount = 3\nsessions = 2\n{load}\n[miners]\ncount = 4"
    );
    read(&text)
}

/// Seconds at which the tasks of the only group arrive.
fn arrivals(seed: u64, load: &str) -> Vec<f64> {
    let scenario = scenario(seed, load);
    let times = group_arrivals(&scenario, scenario.owners[0].submitting()).expect("an open load");
    assert!(times.is_sorted());
    times.into_iter().map(|at| at.0 as f64 / 1e6).collect()
}

fn gaps(times: &[f64]) -> Vec<f64> {
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Holds samples against a distribution function by the test of Kolmogorov and Smirnov: one in a thousand sets of samples
/// that follow it has a larger distance.
#[track_caller]
fn follows(mut samples: Vec<f64>, cdf: impl Fn(f64) -> f64) {
    samples.sort_by(f64::total_cmp);
    let n = samples.len() as f64;
    let distance = samples
        .iter()
        .enumerate()
        .map(|(i, x)| {
            (cdf(*x) - i as f64 / n)
                .abs()
                .max((cdf(*x) - (i + 1) as f64 / n).abs())
        })
        .fold(0.0, f64::max);
    assert!(distance * n.sqrt() < 1.95, "{distance} of {n} samples");
}

fn exponential(rate: f64) -> impl Fn(f64) -> f64 {
    move |x| 1.0 - (-rate * x).exp()
}

/// Holds counts against what is expected of independent Poisson variables by a χ² test: one in a thousand sets of such
/// counts has a larger or as small a sum (Wilson and Hilferty's approximation).
#[track_caller]
fn counts_follow(counts: &[f64], expected: &[f64]) {
    let chi_squared: f64 = counts
        .iter()
        .zip(expected)
        .map(|(n, e)| (n - e).powi(2) / e)
        .sum();
    let k = counts.len() as f64;
    let z = ((chi_squared / k).cbrt() - (1.0 - 2.0 / (9.0 * k))) / (2.0 / (9.0 * k)).sqrt();
    assert!(z.abs() < 3.29, "χ² {chi_squared} of {k} counts");
}

/// How many of `times` lie in each of `bins` stretches of a second from 0.
fn per_second(times: &[f64], bins: usize) -> Vec<f64> {
    let mut counts = vec![0.0; bins];
    for at in times {
        counts[*at as usize] += 1.0;
    }
    counts
}

#[test]
fn a_poisson_load_has_exponential_gaps_and_poisson_counts() {
    for seed in 1..=3 {
        let times = arrivals(seed, "load = { poisson = \"30/s\" }\ntasks = 20_000");
        assert_eq!(times.len(), 20_000);
        follows(gaps(&times), exponential(30.0));
        let times = arrivals(seed, "load = { poisson = \"30/s\" }\nduration = \"500s\"");
        counts_follow(&per_second(&times, 500), &[30.0; 500]);
        // Times are to the microsecond, so few tasks share one.
        assert!(gaps(&times).iter().filter(|gap| **gap == 0.0).count() < 5);
    }
}

#[test]
fn ramps_integrate_to_the_expected_counts() {
    const RAMP: &str = "load = { stages = [{ for = \"30s\", to = \"200/s\" }, { for = \"1m\", to = \"200/s\" }, { for = \"0s\", to = \"50/s\" }, { for = \"10s\", to = \"0/s\" }]";
    // 200/s reached in 30 s: 10/3 t² tasks after t; 3,000 of the ramp, 12,000 of the plateau, 250 of the way down.
    let times = arrivals(1, &format!("{RAMP} }}"));
    assert_eq!(times.len(), 15_250);
    for (k, at) in times.iter().enumerate() {
        let k = k as f64;
        let expected = match k {
            ..3_000.0 => (k * 0.3).sqrt(),
            ..15_000.0 => 30.0 + (k - 3_000.0) / 200.0,
            // 50 t − 2.5 t² = k − 15,000
            _ => 90.0 + 10.0 - (100.0 - (k - 15_000.0) / 2.5).sqrt(),
        };
        assert!(
            (at - expected).abs() <= 0.51e-6,
            "task {k} at {at}, not {expected}"
        );
    }
    let expected = |second: usize| match second {
        0..30 => (second as f64 + 0.5) * 20.0 / 3.0,
        30..90 => 200.0,
        _ => 50.0 - 5.0 * (second as f64 - 90.0 + 0.5),
    };
    let expected: Vec<f64> = (0..100).map(expected).collect();
    assert!((expected.iter().sum::<f64>() - 15_250.0).abs() < 1e-9);
    for seed in 1..=3 {
        let times = arrivals(seed, &format!("{RAMP}, arrivals = \"poisson\" }}"));
        assert!((times.len() as f64 - 15_250.0).abs() < 4.0 * 15_250_f64.sqrt());
        counts_follow(&per_second(&times, 100), &expected);
        // Measured by the integral of the rate, a Poisson process of any rate is one of rate 1.
        let integral = |t: f64| match t {
            ..30.0 => t * t / 0.3,
            ..90.0 => 3_000.0 + (t - 30.0) * 200.0,
            _ => 15_000.0 + 50.0 * (t - 90.0) - 2.5 * (t - 90.0).powi(2),
        };
        let changed: Vec<f64> = times.into_iter().map(integral).collect();
        follows(gaps(&changed), exponential(1.0));
    }
}

#[test]
fn no_task_arrives_while_the_rate_is_nothing() {
    let stages = "load = { stages = [{ for = \"10s\", to = \"0/s\" }, { for = \"0s\", to = \"2/s\" }, { for = \"2s\", to = \"2/s\" }] }";
    assert_eq!(arrivals(1, stages), [10.0, 10.5, 11.0, 11.5]);
}

#[test]
fn bursts_are_on_and_off() {
    let load = "load = { bursts = { rate = \"4/s\", on = \"1s\", off = \"9s\" } }\nduration = \"21s\"";
    assert_eq!(
        arrivals(1, load),
        [
            0.0, 0.25, 0.5, 0.75, 10.0, 10.25, 10.5, 10.75, 20.0, 20.25, 20.5, 20.75
        ]
    );
    // Between bursts a task every 4 s: the seventh is due when 1 s of burst and 8 s of the rest are over.
    let load =
        "load = { bursts = { rate = \"4/s\", idle = \"0.25/s\", on = \"1s\", off = \"9s\" } }\ntasks = 8";
    assert_eq!(arrivals(1, load), [0.0, 0.25, 0.5, 0.75, 1.0, 5.0, 9.0, 10.1875]);
    for seed in 1..=3 {
        let load = "load = { bursts = { rate = \"60/s\", idle = \"20/s\", on = \"2s\", off = \"3s\", arrivals = \"poisson\" } }\nduration = \"300s\"";
        let expected: Vec<f64> = (0..300).map(|s| if s % 5 < 2 { 60.0 } else { 20.0 }).collect();
        counts_follow(&per_second(&arrivals(seed, load), 300), &expected);
    }
}

#[test]
fn a_modulated_process_that_is_off_in_one_state_has_hyperexponential_gaps() {
    // An interrupted Poisson process is a renewal process (Kuczura, "The interrupted Poisson process as an overflow
    // process", 1973): on for 2 s in the mean at 10/s, off for 5 s.
    let (rate, leave, enter) = (10.0_f64, 1.0 / 2.0, 1.0 / 5.0);
    let sum: f64 = rate + leave + enter;
    let root = (sum * sum - 4.0 * rate * enter).sqrt();
    let (fast, slow) = ((sum + root) / 2.0, (sum - root) / 2.0);
    let share = (rate - slow) / (fast - slow);
    let cdf = |x: f64| share * exponential(fast)(x) + (1.0 - share) * exponential(slow)(x);
    for seed in 1..=3 {
        let load =
            "load = { mmpp = { rates = [\"10/s\", \"0/s\"], sojourns = [\"2s\", \"5s\"] } }\ntasks = 20_000";
        follows(gaps(&arrivals(seed, load)), cdf);
    }
}

#[test]
fn a_modulated_process_begins_as_it_goes_on() {
    // Over many seeds the first second has the mean rate: 10/s for 30 of 35 s, 200/s for 5.
    let load = "load = { mmpp = { rates = [\"10/s\", \"200/s\"], sojourns = [\"30s\", \"5s\"] } }\nduration = \"1s\"";
    let counts: Vec<f64> = (0..2_000).map(|seed| arrivals(seed, load).len() as f64).collect();
    let mean = counts.iter().sum::<f64>() / 2_000.0;
    // Of a second the standard deviation is near that of the states, 66.
    assert!(
        (mean - 1_300.0 / 35.0).abs() < 4.0 * 66.0 / 2_000_f64.sqrt(),
        "{mean}"
    );
}

#[test]
fn rates_per_block_follow_the_block_time() {
    let per_block = arrivals(1, "load = { constant = \"5/block\" }\ntasks = 12");
    assert_eq!(
        per_block,
        arrivals(1, "load = { constant = \"2.5/s\" }\ntasks = 12")
    );
    let per_block = arrivals(1, "load = { poisson = \"12/block\" }\ntasks = 100");
    assert_eq!(
        per_block,
        arrivals(1, "load = { poisson = \"6/s\" }\ntasks = 100")
    );
}

#[test]
fn a_load_ends_by_its_tasks_or_its_time_whichever_comes_first() {
    for (ends, count, last) in [
        ("tasks = 7\nduration = \"1s\"", 7, 0.6),
        ("tasks = 70\nduration = \"1s\"", 10, 0.9),
        ("duration = \"1.01s\"", 11, 1.0),
        ("tasks = { per_session = 1 }\nduration = \"1h\"", 6, 0.5),
        ("tasks = 2\nstart = \"10s\"", 2, 10.1),
        ("duration = \"1s\"\nstart = \"10s\"", 10, 10.9),
    ] {
        let load = format!("load = {{ constant = \"10/s\" }}\n{ends}");
        let times = arrivals(1, &load);
        assert_eq!((times.len(), times.last()), (count, Some(&last)), "{ends}");
        let scenario = scenario(1, &load);
        assert_eq!(scenario.expected_tasks(), Some(count as u64), "{ends}");
        let plan = Plan::of(&scenario);
        assert_eq!(plan.tasks, Some(count as u64), "{ends}");
        let dealt: u64 = plan
            .owners
            .iter()
            .flat_map(|owner| &owner.sessions)
            .filter_map(|s| s.tasks)
            .sum();
        assert_eq!(dealt, count as u64, "{ends}");
    }
    let stages = "load = { from = \"10/s\", stages = [{ for = \"1s\", to = \"10/s\" }] }";
    assert_eq!(arrivals(1, &format!("{stages}\ntasks = 4")).len(), 4);
    assert_eq!(arrivals(1, &format!("{stages}\nduration = \"0.5s\"")).len(), 5);
}

#[test]
fn when_a_load_is_planned_to_end() {
    let end = |load: &str| Plan::of(&scenario(1, load)).load_end;
    let seconds = |seconds: f64| Some(Micros((seconds * 1e6) as u64));
    for (load, expected) in [
        ("load = { constant = \"10/s\" }\ntasks = 11", seconds(1.0)),
        (
            "load = { constant = \"10/s\" }\nduration = \"3s\"\nstart = \"4s\"",
            seconds(7.0),
        ),
        (
            "load = { constant = \"10/s\" }\ntasks = 11\nduration = \"3s\"",
            seconds(1.0),
        ),
        (
            "load = \"back_to_back\"\ntasks = 11\nduration = \"3s\"",
            seconds(3.0),
        ),
        ("load = \"back_to_back\"\nduration = \"3s\"", seconds(3.0)),
        ("load = \"back_to_back\"\ntasks = 11", None),
    ] {
        assert_eq!(end(load), expected, "{load}");
    }
}

#[test]
fn random_arrivals_are_those_of_seed_and_group_alone() {
    let load = "load = { poisson = \"30/s\" }\ntasks = 50";
    assert_ne!(arrivals(1, load), arrivals(2, load));
    let base = scenario(1, load);
    let mut other = base.clone();
    other.miners[0].count += 1;
    other.owners[0].count += 1;
    let times = |scenario: &Scenario| group_arrivals(scenario, scenario.owners[0].submitting());
    assert_eq!(times(&other), times(&base));
    other.owners[0].name = "renamed".to_owned();
    assert_ne!(times(&other), times(&base));
    // Every owner gets its turn, whatever the number of them.
    let plan = Plan::of(&base);
    let mut dealt: Vec<Micros> = Vec::new();
    for owner in &plan.owners {
        let LoadPlan::Open(arrivals) = &owner.load else {
            panic!("an open load")
        };
        assert!(arrivals.len() >= 16);
        dealt.extend(arrivals.iter().map(|arrival| arrival.at));
    }
    dealt.sort_unstable();
    assert_eq!(Some(dealt), times(&base));
}

#[test]
fn mean_rates_and_expected_tasks() {
    let of = |load: &str| scenario(1, load).owners.remove(0).submissions.load;
    let close = |measured: f64, expected: f64| assert!((measured - expected).abs() < 1e-9, "{measured}");
    let constant = of("load = { constant = \"90/min\" }\ntasks = 1");
    close(constant.offered_rate(SECOND).unwrap(), 1.5);
    let bursts =
        of("load = { bursts = { rate = \"9/s\", idle = \"1/s\", on = \"1s\", off = \"3s\" } }\ntasks = 1");
    close(bursts.offered_rate(SECOND).unwrap(), 3.0);
    close(bursts.expected(Duration::from_secs(6), SECOND).unwrap(), 22.0);
    let mmpp = of("load = { mmpp = { rates = [\"0/s\", \"8/s\"], sojourns = [\"3s\", \"1s\"] } }\ntasks = 1");
    close(mmpp.offered_rate(SECOND).unwrap(), 2.0);
    let stages = of("load = { stages = [{ for = \"4s\", to = \"8/s\" }, { for = \"4s\", to = \"8/s\" }] }");
    close(stages.offered_rate(SECOND).unwrap(), 6.0);
    close(stages.expected(Duration::from_secs(2), SECOND).unwrap(), 4.0);
    for load in [constant, bursts, mmpp, stages] {
        let doubled = load.scaled(2.0).unwrap();
        close(
            doubled.offered_rate(SECOND).unwrap(),
            2.0 * load.offered_rate(SECOND).unwrap(),
        );
        assert_eq!(load.scaled(1e9), None);
        assert_eq!(load.scaled(f64::NAN), None);
    }
    assert_eq!(Load::default().scaled(2.0), None);
    assert_eq!(Load::default().offered_rate(SECOND), None);
}

#[test]
fn a_scaled_load_uses_the_same_draws() {
    let base = scenario(1, "load = { poisson = \"30/s\" }\ntasks = 500");
    let mut doubled = base.clone();
    doubled.owners[0].submissions.load = base.owners[0].submissions.load.scaled(2.0).unwrap();
    let times = |scenario: &Scenario| group_arrivals(scenario, scenario.owners[0].submitting()).unwrap();
    for (slow, fast) in times(&base).into_iter().zip(times(&doubled)) {
        assert!(slow.0.abs_diff(2 * fast.0) <= 2, "{slow:?} {fast:?}");
    }
}

/// Seconds at which the first owner submits.
fn of_first_owner(load: &str) -> Vec<f64> {
    let plan = Plan::of(&scenario(7, load));
    let LoadPlan::Open(arrivals) = &plan.owners[0].load else {
        panic!("a closed load");
    };
    arrivals.iter().map(|arrival| arrival.at.0 as f64 / 1e6).collect()
}

/// In turn, an owner of three has every third arrival of two sessions; drawn at random, a Poisson process of its own.
#[test]
fn owners_that_are_drawn_are_independent_users() {
    let load = "duration = \"2000s\"\nload = { poisson = \"6/s\" }";
    let random = format!("{load}\nassignment = \"random\"");
    let spread = |times: &[f64]| {
        let gaps = gaps(times);
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let squares: f64 = gaps.iter().map(|gap| (gap - mean).powi(2)).sum();
        (squares / gaps.len() as f64).sqrt() / mean
    };
    // Erlang-3 distances.
    assert!((spread(&of_first_owner(load)) - 1.0 / 3.0_f64.sqrt()).abs() < 0.03);
    follows(gaps(&of_first_owner(&random)), exponential(2.0));
    // The arrivals of the group are the same, and each goes to one owner.
    assert_eq!(arrivals(7, load), arrivals(7, &random));
    let plan = Plan::of(&scenario(7, &random));
    let mut all: Vec<f64> = Vec::new();
    for owner in &plan.owners {
        let LoadPlan::Open(of_owner) = &owner.load else {
            panic!("a closed load");
        };
        let by_session: u64 = owner.sessions.iter().filter_map(|session| session.tasks).sum();
        assert_eq!(by_session, of_owner.len() as u64);
        all.extend(of_owner.iter().map(|arrival| arrival.at.0 as f64 / 1e6));
    }
    all.sort_by(f64::total_cmp);
    assert_eq!(all, arrivals(7, &random));
}

#[test]
fn what_says_itself_whose_tasks_are_whose_is_not_assigned_at_random() {
    for load in [
        "tasks = 6",
        "tasks = { per_session = 2 }\nload = { poisson = \"6/s\" }",
    ] {
        let text = format!(
            "name = \"t\"\n[owners]\ncount = 3\nassignment = \"random\"\n{load}\n[miners]\ncount = 4"
        );
        let error = Scenario::from_toml("t.toml", &text).expect_err("no scenario");
        let error = format!("{error:?}");
        assert!(error.contains("tasks are not assigned at random here"), "{error}");
    }
}

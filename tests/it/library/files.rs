//! Descriptions and plans of every file of the library.

use std::{fs, time::Duration};

use taskstorm::{
    plan::{LoadPlan, Plan},
    protocol::{Phase, REFERENCE},
    record::{Progress, Recorder},
    run::simulate,
    scenario::{ChainKind, Distribution, Load, Loaded, Scenario, units::Count},
    time::Micros,
};
use tokio_util::sync::CancellationToken;

use super::{all, name};
use crate::support::node::root;

/// Doubts that a scenario is there to raise: part of their message.
const MEANT: [(&str, &str); 7] = [
    ("late-miners", "outlasts the ack window"),
    ("late-miners", "outlasts the precommit window"),
    ("late-miners", "outlasts the commit window"),
    ("late-miners", "outlasts the ack window"),
    ("late-miners", "outlasts the precommit window"),
    ("late-miners", "outlasts the commit window"),
    ("slow-inference", "outlasts the precommit window"),
];

fn scenario(name: &str) -> Scenario {
    let path = root().join(format!("scenarios/{name}.toml"));
    Scenario::load(path).unwrap_or_else(|error| panic!("{error:?}"))
}

#[test]
fn every_file_says_what_it_asks_and_what_to_look_for() {
    for path in all() {
        let text = fs::read_to_string(&path).expect("a file");
        let name = name(&path);
        assert!(text.starts_with("# Question: "), "{name}");
        assert!(text.contains("\n# Look for: "), "{name}");
        let scenario = scenario(name);
        assert_eq!(scenario.name, name);
        assert!(!scenario.description.is_empty(), "{name}");
    }
}

#[test]
fn the_guide_lists_every_file() {
    let guide = fs::read_to_string(root().join("scenarios/README.md")).expect("the guide");
    for path in all() {
        let row = format!("| [{0}]({0}.toml) |", name(&path));
        assert!(guide.contains(&row), "no row begins with {row}");
    }
}

/// Gas and counts do not depend on the chain, unlike the times beside them.
#[test]
fn the_readme_shows_the_gas_of_quickstart() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    let stop = CancellationToken::new();
    let run = simulate(
        &scenario("quickstart"),
        Recorder::new(REFERENCE),
        &stop,
        |_: &Progress| {},
    );
    let phases = run.expect("a run").result.phases;
    for phase in [Phase::SETUP].into_iter().chain(REFERENCE.lifecycle()) {
        let gas = phases[&phase].gas_used.expect("transactions");
        let row = readme
            .lines()
            .find(|line| line.starts_with(&format!("{} ", phase.name())));
        let cells: Vec<_> = row
            .expect("a row")
            .split_whitespace()
            .map(|cell| cell.replace(',', ""))
            .collect();
        let [count, mean, max] = [1, cells.len() - 3, cells.len() - 2].map(|place| cells[place].as_str());
        let expected = [gas.count, gas.mean.round() as u64, gas.max].map(|number| number.to_string());
        assert_eq!(
            [count, mean, max],
            expected.each_ref().map(String::as_str),
            "{}",
            phase.name()
        );
    }
}

#[test]
fn only_meant_doubts_are_raised() {
    for path in all() {
        let name = name(&path);
        let loaded = Loaded::from_file(&path).unwrap_or_else(|error| panic!("{error:?}"));
        let meant: Vec<_> = MEANT.iter().filter(|(of, _)| *of == name).collect();
        let raised: Vec<_> = loaded.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(raised.len(), meant.len(), "{name}: {raised:?}");
        for (warning, (_, part)) in raised.iter().zip(meant) {
            assert!(warning.contains(part), "{name}: {warning}");
        }
    }
}

#[test]
fn every_file_can_be_planned_and_written_out() {
    for path in all() {
        let name = name(&path);
        let scenario = scenario(name);
        let plan = Plan::of(&scenario);
        // A closed load that ends by time alone has as many as it comes to.
        let endless = scenario
            .owners
            .iter()
            .any(|group| group.submissions.load.is_closed() && group.submissions.tasks.is_none());
        assert_eq!(plan.tasks.is_none(), endless, "{name}");
        let sessions = plan.owners.iter().flat_map(|owner| &owner.sessions);
        let shared_out: Option<u64> = sessions.map(|session| session.tasks).sum();
        assert_eq!(shared_out, plan.tasks, "{name}");
        if scenario.data.is_empty() {
            let again = Scenario::from_toml("resolved", &scenario.to_toml());
            assert_eq!(again.unwrap_or_else(|error| panic!("{error:?}")), scenario);
        }
    }
}

/// Nobody is to wait long for an example. What is larger is a benchmark, and says so in the guide.
#[test]
fn loads_on_a_real_chain_last_two_minutes_at_most() {
    for path in all() {
        let scenario = scenario(name(&path));
        let real = scenario.chain.kind == ChainKind::Anvil;
        let end = Plan::of(&scenario).load_end;
        if let Some(end) = end.filter(|_| real) {
            assert!(end <= Micros(120_000_000), "{}: {end:?}", path.display());
        }
    }
}

/// Variance over mean of the arrivals per second: 1 for a Poisson process, more for bursts.
fn dispersion(scenario: &Scenario) -> f64 {
    let length = scenario.owners[0].submissions.longest().expect("it ends by time");
    let mut bins = vec![0.0_f64; length.as_secs() as usize];
    for owner in Plan::of(scenario).owners {
        let LoadPlan::Open(arrivals) = owner.load else {
            panic!("an open load")
        };
        for arrival in arrivals {
            bins[(arrival.at.0 / 1_000_000) as usize] += 1.0;
        }
    }
    let mean = bins.iter().sum::<f64>() / bins.len() as f64;
    bins.iter().map(|bin| (bin - mean).powi(2)).sum::<f64>() / bins.len() as f64 / mean
}

#[test]
fn bursts_are_bursty_and_as_many_in_the_mean_as_the_steady_load() {
    let (steady, bursts, random) = (
        scenario("steady-poisson"),
        scenario("bursts"),
        scenario("random-bursts"),
    );
    let expected = |scenario: &Scenario| {
        let group = &scenario.owners[0];
        let seconds = group
            .submissions
            .longest()
            .expect("it ends by time")
            .as_secs_f64();
        group.expected_tasks(Duration::from_secs(1)).expect("open") as f64 / seconds
    };
    for scenario in [&steady, &bursts, &random] {
        assert!((expected(scenario) - 20.0).abs() < 0.01, "{}", scenario.name);
    }
    // Everything but the load is the same.
    for burst in [&bursts, &random] {
        assert_eq!((&burst.chain, &burst.miners), (&steady.chain, &steady.miners));
    }
    let [steady, bursts, random] = [&steady, &bursts, &random].map(dispersion);
    assert!((0.6..1.6).contains(&steady), "{steady}");
    assert!(bursts > 20.0, "{bursts}");
    assert!(random > 5.0, "{random}");
}

#[test]
fn scenarios_of_redundancy_differ_in_nothing_else() {
    let base = scenario("redundancy-3");
    for redundancy in [1, 7] {
        let mut other = scenario(&format!("redundancy-{redundancy}"));
        assert_eq!(
            other.owners[0].redundancy,
            Distribution::Constant(Count(redundancy))
        );
        other.owners[0].redundancy = base.owners[0].redundancy.clone();
        other.name.clone_from(&base.name);
        other.description.clone_from(&base.description);
        assert_eq!(other, base);
    }
}

#[test]
fn the_trace_is_ten_times_as_fast_as_it_was_recorded() {
    let scenario = scenario("trace-replay");
    let trace = fs::read_to_string(root().join("scenarios/trace-replay.csv")).expect("the trace");
    let rows = trace.lines().filter(|line| !line.starts_with('#')).skip(1);
    let mut recorded: Vec<u64> = rows
        .map(|row| {
            row.split(',')
                .next()
                .expect("a moment")
                .parse::<u64>()
                .expect("ms")
        })
        .map(|ms| ms * 100)
        .collect();
    recorded.sort_unstable();
    assert!(matches!(scenario.owners[0].submissions.load, Load::Trace(_)));
    let owners = Plan::of(&scenario).owners;
    let mut planned: Vec<u64> = owners
        .into_iter()
        .flat_map(|owner| match owner.load {
            LoadPlan::Open(arrivals) => arrivals,
            LoadPlan::Closed { .. } => Vec::new(),
        })
        .map(|arrival| arrival.at.0)
        .collect();
    planned.sort_unstable();
    assert_eq!(planned, recorded);
}

//! The trial: what is planted is found and named, and nothing is where nothing was planted. `cargo bench --bench compare` does
//! the same on a larger scale, and on anvil.

use taskstorm::{
    compare::{CompareSettings, Verdict},
    run::parallel_map_seeds,
};

use super::support::{Runs, settings, with};

/// Twelve pairs of runs that differ in their seeds alone. At a confidence of 95 % one of them may give an alarm.
#[test]
fn identical_runs_give_no_more_false_alarms_than_the_confidence_allows() {
    let runs = Runs::new();
    let seeds: Vec<u64> = (1..=24).collect();
    runs.run("same", &seeds, &[]);
    let compared = parallel_map_seeds(&(1..=12).collect::<Vec<u64>>(), |pair| {
        let [base, new] = [2 * pair - 1, 2 * pair].map(|seed| format!("same/seed-{seed}"));
        let comparison = runs.compare(&base, &new, &settings());
        let mut found: Vec<_> = with(&comparison, Verdict::Worse)
            .into_iter()
            .map(str::to_owned)
            .collect();
        found.extend(with(&comparison, Verdict::Better).into_iter().map(str::to_owned));
        assert!(comparison.verdicts.same > 0, "{:?}", comparison.verdicts);
        found
    });
    let alarms: Vec<_> = compared.iter().filter(|found| !found.is_empty()).collect();
    assert!(alarms.len() <= 1, "{alarms:#?}");
}

/// Ten scenarios that differ in arrivals, work, blocks and the number of actors, with three pairs of each: no two runs are the
/// same, and what they are of is. `cargo bench --bench compare` does it with 21 pairs of each.
#[test]
fn identical_runs_of_ten_scenarios_give_no_more_false_alarms_than_the_confidence_allows() {
    let runs = Runs::new();
    let scenarios: [&[&str]; 10] = [
        &[],
        &["owners.load={ constant = \"8/s\" }"],
        &["owners.load={ back_to_back = { in_flight = 3 } }"],
        &["chain.block_time=1s"],
        &["miners.work_time=700ms"],
        &["miners.work_time={ exponential = \"1s\" }"],
        &[
            "miners.work_time={ lognormal = { median = \"1s\", p95 = \"4s\" } }",
            "miners.concurrency=3",
        ],
        &["owners.count=1"],
        &["owners.redundancy=1", "owners.min_nodes=1"],
        &["owners.load={ bursts = { rate = \"20/s\", on = \"2s\", off = \"4s\", arrivals = \"poisson\" } }"],
    ];
    let mut alarms = Vec::new();
    for (place, scenario) in scenarios.iter().enumerate() {
        let set: Vec<&str> = scenario.iter().copied().chain(["owners.tasks=80"]).collect();
        let name = format!("scenario-{place}");
        runs.run(&name, &[1, 2, 3], &set);
        let pairs = [(1, 2), (1, 3), (2, 3)];
        for (base, new) in pairs {
            let [base, new] = [base, new].map(|seed| format!("{name}/seed-{seed}"));
            let settings = CompareSettings {
                resamples: 300,
                ..settings()
            };
            let comparison = runs.compare(&base, &new, &settings);
            for verdict in [Verdict::Worse, Verdict::Better] {
                let found = with(&comparison, verdict)
                    .into_iter()
                    .map(|metric| format!("{base} {new} {metric}"));
                alarms.extend(found);
            }
        }
    }
    // 5 % of 30 pairs.
    assert!(alarms.len() <= 2, "{alarms:#?}");
}

/// The same twice is the same, to the last metric.
#[test]
fn the_same_seed_on_both_sides_changes_nothing() {
    let runs = Runs::new();
    runs.run("base", &[5], &[]);
    runs.run("new", &[5], &[]);
    let comparison = runs.compare("base", "new", &settings());
    let counts = comparison.verdicts;
    assert_eq!(
        (counts.worse, counts.better, counts.not_enough_data),
        (0, 0, 0),
        "{:?}",
        with(&comparison, Verdict::NotEnoughData)
    );
    assert!(comparison.gas.iter().all(|gas| gas.exact));
    assert!(comparison.notes.is_empty(), "{:?}", comparison.notes);
}

#[test]
fn a_phase_that_is_a_fifth_slower_is_found_and_named() {
    let runs = Runs::new();
    runs.run("base", &[1], &[]);
    runs.run(
        "new",
        &[2],
        &["miners.work_time={ uniform = [\"1.8s\", \"3s\"] }"],
    );
    let settings = CompareSettings {
        force: true,
        rules: vec!["latency.p90 > 10%".parse().unwrap(), "gas > 1%".parse().unwrap()],
        ..settings()
    };
    let comparison = runs.compare("base", "new", &settings);
    let worse = with(&comparison, Verdict::Worse);
    for metric in ["task.precommit.p50", "task.precommit.p90"] {
        assert!(worse.contains(&metric), "{worse:?}");
    }
    let caused = ["task.precommit", "task.total", "phase.precommit.delay"];
    let elsewhere = worse
        .iter()
        .find(|metric| !caused.iter().any(|name| metric.starts_with(name)));
    assert_eq!(elsewhere, None, "{worse:?}");
    assert_eq!(with(&comparison, Verdict::Better), [""; 0]);
    let outcomes: Vec<_> = comparison.rules.iter().map(|rule| &rule.findings).collect();
    assert!(
        outcomes[0]
            .iter()
            .any(|why| why.starts_with("task.precommit.p90 grew"))
            && outcomes[1].is_empty(),
        "{outcomes:?}"
    );
    assert!(comparison.has_regressed());
    assert!(
        comparison.incomparable[0].contains("miners.work_time"),
        "{:?}",
        comparison.incomparable
    );
}

#[test]
fn a_function_that_costs_2_percent_more_is_found_and_named() {
    let runs = Runs::new();
    runs.run("base", &[1], &[]);
    // Once with the same seed, where gas is exact, and once with another.
    runs.run("new", &[1, 2], &[]);
    for (seed, exact) in [(1, true), (2, false)] {
        let new = format!("new/seed-{seed}");
        runs.plant_gas(&new, "ack", 1.02);
        let settings = CompareSettings {
            rules: vec!["gas > 1%".parse().unwrap(), "gas.commit > 1%".parse().unwrap()],
            ..settings()
        };
        let comparison = runs.compare("base", &new, &settings);
        assert_eq!(
            with(&comparison, Verdict::Worse),
            ["phase.ack.gas", "function.ack.gas"]
        );
        let ack = comparison
            .gas
            .iter()
            .find(|gas| gas.quantity == "function.ack.gas");
        let ack = ack.expect("ack");
        assert_eq!(ack.exact, exact);
        let grew = ack
            .statistic("mean")
            .and_then(|mean| mean.change_ratio)
            .expect("a mean");
        assert!((grew - 0.02).abs() < 0.002, "{grew}");
        let failed: Vec<_> = comparison
            .rules
            .iter()
            .map(|rule| rule.findings.as_slice())
            .collect();
        assert!(
            failed[0].len() == 1
                && failed[0][0].starts_with("function.ack.gas.mean grew")
                && failed[1].is_empty(),
            "{failed:?}"
        );
    }
}

/// Several runs of a side are resampled among each other, and tell more than one.
#[test]
fn more_runs_tell_more() {
    let runs = Runs::new();
    runs.run("base", &[1, 2, 3, 4], &[]);
    runs.run("new", &[5, 6, 7, 8], &[]);
    let many = runs.compare("base", "new", &settings());
    let one = runs.compare("base/seed-1", "new/seed-5", &settings());
    assert_eq!((many.base.len(), many.new.len()), (4, 4));
    assert_eq!((many.verdicts.worse, many.verdicts.better), (0, 0));
    assert!(
        many.verdicts.not_enough_data < one.verdicts.not_enough_data,
        "{:?} {:?}",
        many.verdicts,
        one.verdicts
    );
}

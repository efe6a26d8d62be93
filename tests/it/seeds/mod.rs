//! Many seeds of one scenario, and the check that a seed decides everything.

use std::fs;

use taskstorm::{record::RunResult, run_folder::Aggregate};

use crate::support::{
    place::{Place, assert_same, files},
    scenario::{self, SMOKE},
    taskstorm::{Ended, Taskstorm},
};

fn place() -> Place {
    Place::with("smoke.toml", SMOKE)
}

fn run(place: &Place, arguments: &[&str]) -> Taskstorm {
    place.taskstorm(["run", "smoke.toml", "--quiet"]).args(arguments)
}

fn simulate(place: &Place, out: &str, arguments: &[&str]) -> Ended {
    run(place, &["--chain", "embedded", "--out", out])
        .args(arguments)
        .end()
}

#[test]
fn runs_of_many_seeds_are_the_runs_of_each_and_come_out_the_same_in_any_order() {
    let place = place();
    let files = |name: &str| files(&place.path(name));
    simulate(&place, "all", &["--seeds", "3..6"]);
    simulate(&place, "again", &["--seeds", "6,4,3,5"]);
    assert_same(&files("all"), &files("again"));

    for seed in 3..=6 {
        let (one, of_all) = (format!("one-{seed}"), format!("all/seed-{seed}"));
        simulate(&place, &one, &["--seed", &seed.to_string(), "--no-charts"]);
        // Only a single run is given a page.
        fs::remove_file(place.path(&one).join("report.html")).expect("a page");
        assert_same(&files(&one), &files(&of_all));
        assert!(place.path(of_all).join("host.json").exists());
    }
    assert_ne!(files("one-3"), files("one-4"));
}

#[test]
fn the_aggregate_is_what_the_summaries_add_up_to() {
    let place = place();
    let seeds = ["--seeds", "1,2,3", "--json", "--no-transactions"];
    let printed = simulate(&place, "all", &seeds).stdout;
    assert_eq!(printed, place.read("all/summary.json"));
    let aggregate: Aggregate = serde_json::from_str(&printed).unwrap();

    let results: Vec<RunResult> = [1, 2, 3]
        .map(|seed| {
            assert!(!place.has(&format!("all/seed-{seed}/transactions.csv")));
            let summary = place.read(&format!("all/seed-{seed}/summary.json"));
            serde_json::from_str(&summary).unwrap()
        })
        .into();
    assert!(aggregate.complete);
    assert_eq!(
        aggregate.runs.iter().map(|run| run.seed).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    let p99 = |result: &RunResult| {
        result.phases[&taskstorm::protocol::Phase::ACK]
            .response_us
            .unwrap()
            .p99 as f64
    };
    let spread = aggregate.metrics["phases.ack.response_us.p99"];
    let mean = results.iter().map(p99).sum::<f64>() / 3.0;
    assert_eq!((spread.runs, spread.mean), (3, mean));
    assert_eq!(spread.max, results.iter().map(p99).fold(0.0, f64::max));
    assert_eq!(aggregate.metrics["tasks.ended"].stddev, 0.0);
    assert!(!aggregate.metrics.contains_key("scenario.seed"));
}

#[test]
fn a_scenario_that_runs_the_same_twice_is_said_to() {
    run(&place(), &["--chain", "embedded", "--check-determinism"])
        .stdout_has("deterministic")
        .stdout_has("records, digest")
        .end();
}

#[test]
fn a_scenario_is_checked_for_the_chain_that_it_is_run_on() {
    let random = scenario::with(SMOKE, "chain.order = \"random\"");
    for (chain, code) in [("anvil", 2), ("embedded", 0)] {
        let run = Taskstorm::run(&random).args(["--quiet", "--chain", chain]);
        run.code(code).end();
    }
}

#[test]
fn what_needs_virtual_time_is_refused_on_a_node() {
    for flag in [&["--seeds", "1..2"][..], &["--check-determinism"]] {
        run(&place(), flag)
            .code(2)
            .stderr_has("virtual time")
            .stderr_has("--chain embedded")
            .end();
    }
}

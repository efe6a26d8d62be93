//! Whole runs: what they break, their transactions as a trace, and their replay files.

use taskstorm::{
    hunt::{Evidence, Look, Participants, ReplayFile, Traced, replay_in, run_case, traced_case},
    scenario::{Loaded, Override, Scenario},
};
use tokio_util::sync::CancellationToken;

use super::support::{SCENARIO, abi, with_a_silent_ack};
use crate::support::place::Place;

/// The scenario with contracts with a fault.
fn faulty(place: &Place) -> Scenario {
    place.write("scenario.toml", SCENARIO);
    with_a_silent_ack(place, "faulty.json");
    let artifacts = toml::Value::String(place.path("faulty.json").display().to_string());
    let artifacts = Override::flag("--artifacts", "contracts.artifacts", &artifacts.to_string());
    let loaded = Loaded::with_overrides(place.path("scenario.toml"), &[artifacts]);
    loaded.expect("a scenario").scenario
}

#[test]
fn a_run_breaks_what_its_transactions_break() {
    let place = Place::new();
    let (scenario, stop) = (faulty(&place), CancellationToken::new());
    let broken = run_case(scenario.clone(), &stop)
        .broken
        .expect("something broken");
    assert_eq!(broken.rule, "I10", "{broken:?}");

    let (participants, trace) = traced_case(&scenario, &stop).expect("a trace");
    let replayed = replay_in(&scenario, &participants, &trace, Look::Transactions, None).expect("a chain");
    let (of_trace, _) = replayed.broken.expect("something broken");
    assert_eq!(of_trace.rule, broken.rule);
    assert!(replayed.made < trace.len(), "it is broken before the end");
}

#[test]
fn a_whole_run_is_replayed_from_its_file() {
    let place = Place::new();
    let (scenario, stop) = (faulty(&place), CancellationToken::new());
    let played = run_case(scenario, &stop);
    let broken = played.broken.expect("something broken");
    let file = ReplayFile::of(&Traced {
        scenario: &played.scenario,
        variant: None,
        seed: 3,
        run: 63,
        participants: &Participants::default(),
        trace: &[],
        broken: Some((&broken, &Evidence::Run)),
    });
    file.write(&place.path("run.toml"), "A run.").expect("a file");
    place
        .taskstorm(["replay", "run.toml"])
        .code(5)
        .stdout_has("Still broken after the run.")
        .end();
    let right = abi().display().to_string();
    place
        .taskstorm(["replay", "run.toml", "--artifacts", &right])
        .stdout_has("Fixed: nothing is broken after the run.")
        .end();
}

//! Results of runs with dishonest actors: counts, outcomes, files.

use taskstorm::record::TxOutcome;

use super::MARKETPLACE;
use crate::support::{
    place::{assert_same, files},
    scenario::with,
    taskstorm::Taskstorm,
};

const DUPLICATES: &str =
    "[[miners]]\nname = \"others\"\nbehaviour = { kind = \"duplicate\", probability = 1 }";

#[test]
fn a_refused_call_is_no_failure() {
    let scenario = with(MARKETPLACE, DUPLICATES);
    let loaded = taskstorm::scenario::Loaded::from_toml("scenario.toml", &scenario).unwrap();
    let ran = super::run(&loaded.scenario);
    let misdeeds = ran.transactions.iter().filter(|tx| tx.misdeed.is_some());
    let refused = misdeeds
        .filter(|tx| matches!(tx.outcome, TxOutcome::Repelled(_)))
        .count() as u64;
    assert!(refused > 20, "{refused} refused");
    let result = &ran.result;
    assert_eq!(result.transactions.repelled, refused);
    assert_eq!(result.transactions.failed(), 0);
    assert!(
        result
            .phases
            .values()
            .all(|phase| phase.failures.iter().next().is_none())
    );
    assert_eq!(result.tasks.failed, 0);
    let accepted: u64 = result.misbehaviour.iter().map(|of| of.accepted).sum();
    assert_eq!(accepted, 0, "{:?}", result.misbehaviour);
}

#[test]
fn the_same_seed_misbehaves_alike() {
    let changes = "[[miners]]\nname = \"others\"\nbehaviour = [\"lazy\", \"mangle\", \"stranger\", \"copycat\", \"late\"]";
    let scenario = with(MARKETPLACE, changes);
    let (first, second) = (
        Taskstorm::simulate(&scenario).end(),
        Taskstorm::simulate(&scenario).end(),
    );
    assert_same(&files(&first.out()), &files(&second.out()));
}

#[test]
fn an_honest_actor_draws_as_it_did() {
    // Who never misbehaves is honest: what differs are the files that tell misdeeds, and the scenario.
    let never = "[[miners]]\nname = \"others\"\nbehaviour = { kind = \"lazy\", probability = 0 }";
    let honest = Taskstorm::simulate(MARKETPLACE).end();
    let wrapped = Taskstorm::simulate(&with(MARKETPLACE, never)).end();
    for file in ["tasks.csv", "blocks.csv", "phases.csv"] {
        let (honest, wrapped) = (files(&honest.out()), files(&wrapped.out()));
        assert_eq!(honest[file], wrapped[file], "{file}");
    }
}

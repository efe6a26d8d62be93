//! Contracts that lack a check: the dishonest call that it was for is accepted, and found by name.

use taskstorm::protocol::Invariant;

use super::MARKETPLACE;
use crate::{
    artifacts::support::argument,
    support::{scenario::with, taskstorm::Taskstorm},
};

/// The marketplace on changed contracts, in which a group of miners misbehaves.
fn on(contracts: &str, behaviour: &str) -> String {
    let changes = format!(
        "[contracts]\nartifacts = '{}'\n[[miners]]\nname = \"honest\"\nack_delay = \"3s\"\n[[miners]]\nname = \"others\"\nbehaviour = {behaviour}",
        argument(contracts)
    );
    with(MARKETPLACE, &changes)
}

#[test]
fn a_call_that_must_be_refused_and_is_accepted_ends_with_exit_code_5() {
    let scenario = on("again.json", "{ kind = \"duplicate\", probability = 1 }");
    let ended = Taskstorm::simulate(&scenario).code(5).end();
    let violations = ended.folder().result.invariants.violations;
    let found = violations
        .iter()
        .find(|violation| violation.invariant == Invariant::MISBEHAVIOUR)
        .unwrap_or_else(|| panic!("{violations:?}"));
    assert!(found.task.is_some(), "{found}");
    for part in ["ack of miner ", "duplicate", "was accepted, must be refused"] {
        assert!(found.detail.contains(part), "{found}");
    }
}

/// What is not certain when it is sent is judged by the model.
#[test]
fn dishonest_calls_find_what_checks_are_missing() {
    let table = [
        ("broken.json", "\"equivocate\"", Invariant::BINDING),
        ("unguarded.json", "\"edges\"", Invariant::AUTHORITY),
    ];
    for (contracts, behaviour, broken) in table {
        let ended = Taskstorm::simulate(&on(contracts, behaviour)).code(5).end();
        let result = ended.folder().result;
        assert!(
            result.invariants.violated_by_invariant.contains_key(&broken),
            "{contracts}: {:?}",
            result.invariants
        );
    }
}

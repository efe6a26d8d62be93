//! Chains that start from a state or a fork.

use super::stage::{LIMIT, says};
use crate::{
    faults::{
        restart::Kept,
        stage::{SMALL, TASKS},
    },
    support::{place::Place, taskstorm::Taskstorm},
};

/// A scenario with more in its `[chain]`.
fn with(lines: &str) -> String {
    SMALL.replace("[chain]\n", &format!("[chain]\n{lines}\n"))
}

#[test]
fn a_run_starts_from_a_dump_or_a_fork_of_a_chain_that_others_used() {
    let place = Place::new();
    let path = place.path("state.json");
    let kept = Kept::start(&path);
    let first = Taskstorm::run_on(&kept.url, SMALL).start().end_within(LIMIT);
    let contracts = first.success().result.chain.contracts;
    let file = serde_json::to_string(&contracts).expect("JSON");

    // The contracts of the first run are there: what is missing is that their owner names this run's oracle.
    let fork = with(&format!("fork = \"{}\"", kept.url));
    let there = |scenario: &str| {
        Taskstorm::run(scenario)
            .file("at.json", &file)
            .args(["--seed", "4"])
    };
    let on = |scenario: &str| there(scenario).args(["--deployment", "at.json"]);
    says(on(&fork).code(2), "do not know the oracle");
    let ended = there(&fork).start().end_within(LIMIT);
    assert_eq!(ended.success().result.tasks.ended, TASKS);

    kept.stop();
    let dump = std::fs::read_to_string(&path).expect("a dump");
    let state = with("state = \"state.json\"");
    says(
        on(&state).file("state.json", &dump).code(2),
        "do not know the oracle",
    );
    for arguments in [&[][..], &["--chain", "embedded"]] {
        let run = there(&state).file("state.json", &dump).args(arguments);
        let ended = run.start().end_within(LIMIT);
        assert_eq!(ended.success().result.tasks.ended, TASKS, "{arguments:?}");
        // The folder holds all that it takes to run it again.
        assert_eq!(ended.place().read("out/inputs/chain.state.json"), dump);
    }
    // The accounts of the first run have nonces that a simulation does not expect.
    let same = Taskstorm::simulate(&state).file("state.json", &dump);
    says(same.code(2), "choose another --seed");
}

#[test]
fn forks_and_states_that_cannot_be_are_refused() {
    let check = |scenario: &str| {
        let place = Place::with("scenario.toml", scenario);
        place.write("empty.json", "{}");
        place.taskstorm(["check", "scenario.toml"]).code(2)
    };
    for (lines, words) in [
        (
            "kind = \"embedded\"\nfork = \"http://127.0.0.1:1\"",
            "cannot fork",
        ),
        ("fork = \"https://host/v3/0123456789\"", "more than a host"),
        ("fork = \"ftp://host\"", "is none"),
        ("fork = \"$\"", "names no variable"),
        ("state = \"missing.json\"", "no state of anvil's"),
        ("state = \"empty.json\"", "no state of anvil's"),
    ] {
        says(check(&with(lines)), words);
    }
    let unset = Taskstorm::run(&with("fork = \"$TASKSTORM_NO_SUCH_URL\""));
    says(unset.code(2), "TASKSTORM_NO_SUCH_URL");
}

//! Operations that are signed off the chain, and a contract whose constructor needs a step of set-up.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use serde_json::json;
use taskstorm::{
    record::{Progress, Record, Recorder, RunResult, TaskRecord},
    run::{RunError, simulate},
    scenario::Scenario,
};
use tokio_util::sync::CancellationToken;

use super::here;
use crate::{
    faults::stage::{LIMIT, Stage},
    nodes::stage::{KEY, funded_by, plain},
    support::taskstorm::Taskstorm,
};

const RELAY: &str = include_str!("relay.toml");

const SCENARIO: &str = r#"
name = "relay"
protocol = "relay.toml"
seed = 3

[chain]
kind = "embedded"
block_time = "1s"

[limits]
drain = "20s"

[[user]]
count = 4
tasks = 40
load = { constant = "8/s" }

[[bundler]]
count = 1

[[finisher]]
count = 1
"#;

/// The relay's profile and scenario with their artifacts in a folder, the profile with every `from` replaced by its `to`.
fn folder(changes: &[(&str, &str)], scenario: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let artifacts = folder.path().join("relay");
    fs::create_dir(&artifacts).unwrap();
    for name in ["Registry.json", "Relay.json"] {
        fs::copy(here().join("relay").join(name), artifacts.join(name)).unwrap();
    }
    let mut text = RELAY.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    fs::write(folder.path().join("relay.toml"), text).unwrap();
    fs::write(folder.path().join("scenario.toml"), scenario).unwrap();
    folder
}

fn try_run(changes: &[(&str, &str)], scenario: &str) -> Result<(RunResult, Vec<TaskRecord>), RunError> {
    let folder = folder(changes, scenario);
    let scenario = Scenario::load(folder.path().join("scenario.toml"));
    let scenario = scenario.unwrap_or_else(|error| panic!("{error:?}"));
    let tasks = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&tasks);
    let recorder = Recorder::new(scenario.schema()).heard_by(move |record| {
        if let Record::Task(task) = record {
            heard.lock().unwrap().push(task.clone());
        }
    });
    let never = CancellationToken::new();
    let result = simulate(&scenario, recorder, &never, |_: &Progress| {})?.result;
    result.check_consistency().unwrap();
    let tasks = std::mem::take(&mut *tasks.lock().unwrap());
    Ok((result, tasks))
}

fn run(changes: &[(&str, &str)], scenario: &str) -> (RunResult, Vec<TaskRecord>) {
    try_run(changes, scenario).unwrap()
}

/// Why the contracts could not be deployed.
fn refused(changes: &[(&str, &str)]) -> String {
    try_run(changes, SCENARIO).unwrap_err().to_string()
}

#[test]
fn a_task_is_open_from_the_moment_at_which_it_is_signed() {
    let (result, tasks) = run(&[], SCENARIO);
    assert_eq!(result.tasks.ended_as["finished"], 40, "{:?}", result.tasks);
    assert_eq!(result.transactions.failed(), 0);
    assert_eq!(tasks.len(), 40);
    for task in &tasks {
        assert_eq!(task.opened, Some(task.intended));
        assert!(task.steps.iter().flatten().all(|step| *step >= task.intended));
    }
    // One call carries out five, and each is finished by itself: nothing was sent to submit them.
    assert_eq!(result.transactions.total, 8 + 40);
}

#[test]
fn a_closed_load_signs_the_next_task_once_one_is_over() {
    let closed = SCENARIO.replace("load = { constant = \"8/s\" }", "");
    let (result, _) = run(&[], &closed);
    assert_eq!(result.tasks.ended_as["finished"], 40, "{:?}", result.tasks);
}

#[test]
fn a_key_that_is_signed_twice_is_refused() {
    let same = [(
        "opens = { hash = \"mine.hash\" }",
        "opens = { hash = \"bytes32(uint256(1))\" }",
    )];
    let (result, _) = run(&same, SCENARIO);
    let reasons: Vec<&String> = result.tasks.failed_by_reason.keys().collect();
    assert!(
        reasons
            .iter()
            .any(|reason| reason.contains("sign was signed, and its key")),
        "{reasons:?}"
    );
}

#[test]
fn a_constructor_that_reverts_is_named_with_its_line_and_reason() {
    let line = RELAY
        .lines()
        .position(|line| line == "[contracts.relay]")
        .unwrap()
        + 1;
    let place = format!("relay.toml:{line}) failed: ");
    let without_step = refused(&[("before = \"relay\"\n", "")]);
    assert!(
        without_step.contains("the constructor of `relay` ("),
        "{without_step}"
    );
    assert!(
        without_step.contains(&format!("{place}Missing {{ name: \"bank\" }}")),
        "{without_step}"
    );

    let other_bank = refused(&[("'registry.addressOf(\"bank\")'", "\"registry\"")]);
    assert!(
        other_bank.contains(&format!("{place}another bank")),
        "{other_bank}"
    );
}

#[test]
fn a_step_before_a_contract_that_reverts_is_named() {
    let out_of_gas = refused(&[("before = \"relay\"\n", "before = \"relay\"\ngas = 30000\n")]);
    assert!(out_of_gas.contains("the step of set-up set ("), "{out_of_gas}");
    assert!(out_of_gas.contains("out of gas"), "{out_of_gas}");

    let constructor = refused(&[("contract = \"Relay\"\n", "contract = \"Relay\"\ngas = 400000\n")]);
    assert!(
        constructor.contains("it used all 400000 that it may"),
        "{constructor}"
    );
}

#[test]
fn gas_that_a_contract_asks_for_is_found_out() {
    // It costs some 30,000 and asks for 400,000.
    let (result, _) = run(&[], SCENARIO);
    let finish = result
        .functions
        .iter()
        .find(|(function, _)| function.name() == "finish");
    let (_, finish) = finish.expect("it is called");
    assert_eq!(
        (finish.transactions.included, finish.transactions.total),
        (40, 40)
    );

    let tight = [(
        "call = \"relay.finish(hash)\"",
        "call = \"relay.finish(hash)\"\ngas = 100000",
    )];
    let (result, _) = run(&tight, SCENARIO);
    assert_eq!(result.transactions.reverted, 40, "{:?}", result.transactions);
}

#[test]
fn a_node_runs_them_as_well() {
    let folder = folder(&[], SCENARIO);
    let profile = folder.path().join("relay.toml").display().to_string();
    let scenario = SCENARIO.replace("relay.toml", &profile).replace(
        "kind = \"embedded\"\nblock_time = \"1s\"",
        "block_time = \"200ms\"",
    );
    let stage = plain();
    let ended = funded_by(KEY, stage.taskstorm(&scenario))
        .start()
        .end_within(LIMIT);
    let result = ended.success().result;
    assert_eq!(result.tasks.ended_as["finished"], 40, "{}", ended.stdout);
}

#[test]
fn a_node_tells_why_a_constructor_reverts() {
    let folder = folder(&[("before = \"relay\"\n", "")], SCENARIO);
    let profile = folder.path().join("relay.toml").display().to_string();
    let scenario = SCENARIO.replace("relay.toml", &profile).replace(
        "kind = \"embedded\"\nblock_time = \"1s\"",
        "block_time = \"200ms\"",
    );
    Stage::new()
        .taskstorm(&scenario)
        .code(2)
        .stderr_has("`relay`")
        .stderr_has("Missing")
        .end();
}

const THERE: (&str, &str) = (
    "[contracts.relay]",
    "[contracts.there]\nartifact = \"relay\"\ncontract = \"Registry\"\n\
     address = \"0x00000000000000000000000000000000000000AA\"\n\n[contracts.relay]",
);

#[test]
fn a_contract_that_is_not_there_is_said_before_anything_runs() {
    let embedded = refused(&[THERE]);
    assert!(embedded.contains("the contract `there` ("), "{embedded}");
    assert!(embedded.contains("this chain has no code"), "{embedded}");

    let folder = folder(&[THERE], SCENARIO);
    let scenario = folder.path().join("scenario.toml").display().to_string();
    Taskstorm::new(["check", &scenario])
        .code(2)
        .stderr_has("embedded chain has no code")
        .stderr_has("[contracts.there]")
        .end();
    Taskstorm::new(["run", &scenario, "--chain", "anvil", "--out", "out"])
        .code(2)
        .stderr_has("no code")
        .end();
}

#[test]
fn a_broken_invariant_is_one_row_with_the_values_of_its_sides() {
    let few = (
        "[[event]]\nname = \"Handled\"",
        "[[invariant]]\nname = \"few\"\ncheck = \"relay != registry && count() < 3 + sum(task.finished)\"\n\n\
         [[event]]\nname = \"Handled\"",
    );
    let folder = folder(&[few], SCENARIO);
    let scenario = folder.path().join("scenario.toml").display().to_string();
    let ended = Taskstorm::new(["run", &scenario, "--no-charts", "--out", "out"])
        .code(5)
        .end();
    let words: Vec<&str> = ended.stdout.split_whitespace().collect();
    let row = words.join(" ");
    assert_eq!(row.matches("few,").count(), 1, "{}", ended.stdout);
    let values = [
        " times, first: after block ",
        ": count() is ",
        ", 3 + sum(task.finished) is 3",
    ];
    assert!(values.iter().all(|part| row.contains(part)), "{row}");
}

#[test]
fn flags_of_check_are_held_for_profiles_or_refused() {
    let folder = folder(&[], SCENARIO);
    let profile = folder.path().join("relay.toml").display().to_string();
    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    let artifact = fs::read_to_string(here().join("relay/Relay.json")).unwrap();
    fs::write(
        other.join("Relay.json"),
        artifact.replace("\"finish\"", "\"complete\""),
    )
    .unwrap();
    Taskstorm::new(["check", &profile]).end();
    let other = other.display().to_string();
    Taskstorm::new(["check", &profile, "--artifacts", &other])
        .code(2)
        .stderr_has("the ABI differs from what the profile uses")
        .stderr_has("finish")
        .end();
    let same = folder.path().join("relay").display().to_string();
    Taskstorm::new(["check", &profile, "--artifacts", &same]).end();
    Taskstorm::new(["check", &profile, "--seed", "2"])
        .code(2)
        .stderr_has("--seed is about scenarios")
        .end();
}

#[test]
fn what_was_hardly_meant_is_said() {
    let never = "[[transition]]\nphase = \"bundle\"\n";
    for (change, words) in [
        (
            (
                "[[event]]\nname = \"Handled\"",
                format!(
                    "{never}block = \"block.timestamp\"\nenters = \"finish\"\n\n[[event]]\nname = \"Handled\""
                ),
            ),
            "`block` takes a block's number",
        ),
        (
            (
                "[[event]]\nname = \"Handled\"",
                format!(
                    "{never}time = \"task.nonce + 60\"\nenters = \"finish\"\n\n[[event]]\nname = \"Handled\""
                ),
            ),
            "long ago: `time` takes seconds since 1970",
        ),
        (
            (
                "hash = \"relay.hashOf((sender,",
                "hash = \"relay.hashOf((deployer,".to_owned(),
            ),
            "no event was about any of the 40 tasks",
        ),
    ] {
        let (from, to) = change;
        let folder = folder(&[(from, &to)], SCENARIO);
        let scenario = folder.path().join("scenario.toml").display().to_string();
        Taskstorm::new(["run", &scenario, "--no-charts", "--out", "out"])
            .any_code()
            .stderr_has(words)
            .end();
    }
}

#[test]
fn a_reorg_takes_no_signature_back() {
    let folder = folder(&[], SCENARIO);
    let profile = folder.path().join("relay.toml").display().to_string();
    let scenario = SCENARIO.replace("relay.toml", &profile).replace(
        "kind = \"embedded\"\nblock_time = \"1s\"",
        "block_time = \"200ms\"",
    );
    let stage = Stage::new();
    let run = stage.taskstorm(&scenario).start();
    run.reaches_its_middle();
    stage.ask("anvil_reorg", json!([3, []]));
    let ended = run.end_within(LIMIT);
    let result = ended.success().result;
    assert_eq!(result.tasks.ended_as["finished"], 40, "{}", ended.stdout);
    assert_eq!(result.transactions.included, 48, "{}", ended.stdout);
    assert!(result.node.expect("a node").reorgs > 0, "{}", ended.stdout);
}

//! Ids that no event tells with the task's key: of a deposit, which its call returns, and of its dispute, which the court numbers.

use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, Mutex},
};

use taskstorm::{
    record::{Progress, Record, Recorder, RunResult},
    run::simulate,
    scenario::Scenario,
};
use tokio_util::sync::CancellationToken;

use super::here;
use crate::{
    faults::stage::{LIMIT, Stage},
    nodes::stage::{KEY, funded_by, plain},
};

const ESCROW: &str = include_str!("escrow.toml");

/// Several deposits in each block.
const SCENARIO: &str = r#"
name = "escrow"
protocol = "escrow.toml"
seed = 7

[chain]
kind = "embedded"

[[owner]]
count = 4
tasks = 40
load = { constant = "8/s" }

[[judge]]
count = 2
"#;

/// The escrow's profile and scenario with their artifacts in a folder, the profile with every `from` replaced by its `to`.
fn folder(changes: &[(&str, &str)], scenario: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let artifacts = folder.path().join("escrow");
    fs::create_dir(&artifacts).unwrap();
    for name in ["Court.json", "Escrow.json"] {
        fs::copy(here().join("escrow").join(name), artifacts.join(name)).unwrap();
    }
    let mut text = ESCROW.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    fs::write(folder.path().join("escrow.toml"), text).unwrap();
    fs::write(folder.path().join("scenario.toml"), scenario).unwrap();
    folder
}

/// The run, and how the deposit with each key ended.
fn run(changes: &[(&str, &str)]) -> (RunResult, BTreeMap<u64, &'static str>) {
    run_with(changes, SCENARIO)
}

fn run_with(changes: &[(&str, &str)], scenario: &str) -> (RunResult, BTreeMap<u64, &'static str>) {
    let folder = folder(changes, scenario);
    let scenario = Scenario::load(folder.path().join("scenario.toml"));
    let scenario = scenario.unwrap_or_else(|error| panic!("{error:?}"));
    let ends = Arc::new(Mutex::new(BTreeMap::new()));
    let heard = Arc::clone(&ends);
    let recorder = Recorder::new(scenario.schema()).heard_by(move |record| {
        if let Record::Task(task) = record
            && let (Some(key), Some(ended_as)) = (task.key, task.ended_as)
        {
            heard.lock().unwrap().insert(key.task, ended_as);
        }
    });
    let never = CancellationToken::new();
    let result = simulate(&scenario, recorder, &never, |_: &Progress| {})
        .unwrap()
        .result;
    result.check_consistency().unwrap();
    let ends = std::mem::take(&mut *ends.lock().unwrap());
    (result, ends)
}

/// The court rules for odd deposits: whoever takes one for another has another end.
fn is_right(result: &RunResult, ends: &BTreeMap<u64, &'static str>) {
    assert_eq!(result.tasks.ended, 40, "{:?}", result.tasks);
    assert_eq!(result.transactions.failed(), 0);
    for (place, (id, ended_as)) in (0..).zip(ends) {
        let right = if id % 2 == 1 { "won" } else { "lost" };
        assert_eq!((*id, *ended_as), (place, right));
    }
}

const BY_EVENT: &str = "[[event]]\nname = \"DisputeCreation\"\nfind = \"call\"\nset = { dispute = \"event._disputeID\" }\nenters = \"judge\"\n";
const CONTEST: &str = "call = \"escrow.contest(id)\"\n";

#[test]
fn an_event_finds_its_task_by_a_field_and_by_its_call() {
    let (result, ends) = run(&[]);
    is_right(&result, &ends);
    let counted = &result.protocol.counts;
    assert!(counted.contains(&"dispute_creation"), "{counted:?}");
}

#[test]
fn a_call_sets_fields_from_what_it_returns_and_from_reads() {
    for set in [
        "result.disputeID",
        "result[0]",
        "escrow.disputeOf(id)",
        "uint256(keccak256(abi.encode(mine.unused))) > 0 ? result[0] : 0",
    ] {
        let set = format!(
            "{CONTEST}let = {{ unused = \"random(bytes32)\" }}\nset = {{ dispute = \"{set}\" }}\nenters = \"judge\"\n"
        );
        // The ruling needs the field, which a read has only after the block: no judge is faster.
        let (result, ends) = run(&[(BY_EVENT, ""), (CONTEST, &set)]);
        is_right(&result, &ends);
    }
}

#[test]
fn a_field_is_drawn_for_each_task() {
    let dice = [
        ("fields = { dispute", "fields = { dice = \"uint256\", dispute"),
        (
            "opens = { id = \"result\" }",
            "opens = { id = \"result\" }\nset = { dice = \"random(1, 100)\" }",
        ),
        ("id % 2", "task.dice > 50 ? 1 : 0"),
    ];
    let (result, ends) = run(&dice);
    let won = result.tasks.ended_as["won"];
    assert!((8..=32).contains(&won), "{won} of 40");
    assert_eq!(run(&dice).1, ends, "the same seed");
}

/// The key of a deposit is the place of its owner, and another call of the owner ends it.
const OF_OWNERS: [(&str, &str); 2] = [
    ("opens = { id = \"result\" }", "opens = { id = \"index\" }"),
    (
        "after = \"1s\"\ncall = \"escrow.contest(id)\"\n",
        "call = \"escrow.create(text(3))\"\ncloses = \"won\"\n",
    ),
];

#[test]
fn a_key_comes_again_when_its_task_is_over() {
    let one_by_one = SCENARIO.replace("load = { constant = \"8/s\" }", "");
    let (result, _) = run_with(&OF_OWNERS, &one_by_one);
    assert_eq!(result.tasks.ended_as, BTreeMap::from([("won".to_owned(), 40)]));

    // Two of an owner in each block: the second has the key of the first.
    let (result, _) = run(&OF_OWNERS);
    let tasks = &result.tasks;
    assert!(tasks.ended > 0 && tasks.failed > 0, "{tasks:?}");
    assert_eq!(tasks.ended + tasks.failed, 40, "{tasks:?}");
    let reasons: Vec<&String> = tasks.failed_by_reason.keys().collect();
    let [reason] = reasons.as_slice() else {
        panic!("{reasons:?}");
    };
    assert!(reason.contains("is that of a task that is open"), "{reason}");
}

#[test]
fn a_rule_is_followed_only_while_its_task_is_in_a_phase() {
    let late = [(
        "[[on]]\nentered = \"judge\"",
        "[[on]]\nentered = \"contest\"\nrole = \"owner\"\nwho = \"opener\"\nafter = \"30s\"\nwhile = \"contest\"\n\
         call = \"escrow.create(text(3))\"\nphase = \"contest\"\n\n[[on]]\nentered = \"judge\"",
    )];
    let (result, ends) = run(&late);
    is_right(&result, &ends);
    assert_eq!(result.transactions.total, 120);
}

#[test]
fn reasons_with_arguments_are_one() {
    // The judge rules twice, and another than the owner contests.
    let wrong = [(
        "[[on]]\nentered = \"judge\"",
        "[[on]]\nevent = \"Ruling\"\nname = \"again\"\nrole = \"judge\"\nwho = { pick = 1 }\ncall = \"court.giveRuling(task.dispute, 1)\"\n\
         phase = \"judge\"\n\n[[on]]\nentered = \"contest\"\nname = \"foreign\"\nrole = \"judge\"\nwho = { pick = 1 }\n\
         call = \"escrow.contest(id)\"\nphase = \"contest\"\n\n[[on]]\nentered = \"judge\"",
    )];
    let (result, _) = run(&wrong);
    let failures = |phase: &str| {
        let of = result.phases.iter().find(|(known, _)| known.name() == phase);
        of.expect("it has transactions").1.failures.clone()
    };
    let one = |name: &str| BTreeMap::from([(name.to_owned(), 40)]);
    let judge = failures("judge");
    assert_eq!(judge.reverted, one("ruled already: …"));
    assert_eq!(judge.examples["ruled already: …"], "ruled already: 000");
    let contest = failures("contest");
    assert_eq!(contest.reverted, one("NotYours"));
    assert!(contest.examples["NotYours"].starts_with("NotYours { id: 0, owner: 0x"));
}

#[test]
fn a_node_tells_what_calls_return_by_its_traces() {
    let folder = folder(&[], SCENARIO);
    let profile = folder.path().join("escrow.toml").display().to_string();
    let scenario = SCENARIO
        .replace("escrow.toml", &profile)
        .replace("kind = \"embedded\"", "block_time = \"200ms\"");
    let ended = Stage::new().taskstorm(&scenario).start().end_within(LIMIT);
    let result = ended.success().result;
    assert_eq!(result.tasks.ended_as["won"], 20, "{}", ended.stdout);
    assert_eq!(result.tasks.ended_as["lost"], 20);
}

#[test]
fn a_node_has_several_tasks_of_a_block_that_no_event_opens() {
    let silent = [
        ("opens = { id = \"result\" }", "opens = { id = \"unique()\" }"),
        (
            "included = \"create\"\nafter = \"1s\"\ncall = \"escrow.contest(id)\"\n",
            "entered = \"contest\"\nrole = \"owner\"\nwho = \"opener\"\ncall = \"escrow.create(text(3))\"\ncloses = \"won\"\n",
        ),
    ];
    let folder = folder(&silent, SCENARIO);
    let profile = folder.path().join("escrow.toml").display().to_string();
    let scenario = SCENARIO
        .replace("escrow.toml", &profile)
        .replace("kind = \"embedded\"", "block_time = \"500ms\"")
        .replace("8/s", "20/s");
    let ended = Stage::new().taskstorm(&scenario).start().end_within(LIMIT);
    let result = ended.success().result;
    assert_eq!(result.tasks.ended_as["won"], 40, "{}", ended.stdout);
}

#[test]
fn a_node_that_does_not_tell_what_calls_return_is_refused() {
    let folder = folder(&[], SCENARIO);
    let profile = folder.path().join("escrow.toml").display().to_string();
    let scenario = SCENARIO
        .replace("escrow.toml", &profile)
        .replace("kind = \"embedded\"", "block_time = \"200ms\"");
    let stage = plain();
    funded_by(KEY, stage.taskstorm(&scenario))
        .code(2)
        .stderr_has("what a call returns")
        .stderr_has("debug_traceTransaction")
        .end();
}

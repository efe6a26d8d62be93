//! Rules of profiles as actors follow them, on the embedded chain: the market with a change each.

use std::{
    collections::BTreeMap,
    fs,
    sync::{Arc, Mutex},
};

use taskstorm::{
    record::{Progress, Record, Recorder, RunResult, StopReason},
    run::simulate,
    scenario::Scenario,
};
use tokio_util::sync::CancellationToken;

use super::{changed, load};

/// What a run came to.
struct Ran {
    result: RunResult,
    /// Calls that were included, by function.
    calls: BTreeMap<&'static str, u64>,
}

const SCENARIO: &str = r#"
name = "market"
protocol = "my.toml"
seed = 7

[chain]
kind = "embedded"

[[asker]]
count = 4
tasks = 40
load = { constant = "4/s" }

[[answerer]]
count = 6
"#;

/// Runs the market with these changes and rules on 40 questions.
fn run(changes: &[(&str, &str)], rules: &str) -> Ran {
    run_with(changes, rules, SCENARIO)
}

fn run_with(changes: &[(&str, &str)], rules: &str, scenario: &str) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path(), &(changed(changes) + rules)).unwrap_or_else(|error| panic!("{error:?}"));
    let file = folder.path().join("scenario.toml");
    fs::write(&file, scenario).unwrap();
    let scenario = Scenario::load(&file).unwrap_or_else(|error| panic!("{error:?}"));
    let calls = Arc::new(Mutex::new(BTreeMap::new()));
    let heard = Arc::clone(&calls);
    let recorder = Recorder::new(scenario.schema()).heard_by(move |record| {
        if let Record::Transaction(transaction) = record
            && transaction.outcome.reason().is_none()
        {
            *heard
                .lock()
                .unwrap()
                .entry(transaction.function.name())
                .or_default() += 1;
        }
    });
    let never = CancellationToken::new();
    let result = simulate(&scenario, recorder, &never, |_: &Progress| {})
        .unwrap()
        .result;
    result.check_consistency().unwrap();
    let calls = std::mem::take(&mut *calls.lock().unwrap());
    Ran { result, calls }
}

#[test]
fn every_question_is_answered_and_claimed() {
    let Ran { result, calls } = run(&[], "");
    assert_eq!((result.tasks.submitted, result.tasks.ended), (40, 40));
    assert_eq!(
        result.tasks.ended_as,
        BTreeMap::from([("claimed".to_owned(), 40)])
    );
    // Two are picked for each; the second meets a bond that the first raised.
    assert_eq!(calls["answer"] + result.transactions.outrun, 80);
    assert_eq!((calls["ask"], calls["claim"]), (40, 40));
    assert_eq!(result.transactions.failed(), 0);
    // One step of the deployer's for each answerer, and one of each.
    assert_eq!(calls["join"], 12);
    assert!(result.invariants.violations.is_empty() && result.complete);
}

#[test]
fn a_rule_is_followed_with_its_probability() {
    let Ran { calls, result } = run(&[("after = \"think\"", "chance = 0.25\nafter = \"think\"")], "");
    let answers = calls["answer"] + result.transactions.outrun;
    // Of 80; three standard deviations are 11.6.
    assert!((8..=32).contains(&answers), "{answers}");
    assert!(result.tasks.ended_as["expired"] > 0, "some have no answer");
    assert_eq!(result.tasks.ended + result.tasks.failed, 40);
}

#[test]
fn tasks_are_gathered_for_one_call() {
    let gathers = "\n[[on]]\nname = \"gather\"\nevent = \"Asked\"\nrole = \"deployer\"\nbatch = { size = 8, wait = \"1h\" }\n\
                   call = \"market.join(list(question).length == 8 ? sender : address(0))\"\nphase = \"answer\"\n";
    let Ran { calls, result } = run(&[], gathers);
    assert_eq!(calls["join:answer"], 5, "{calls:?}");
    assert!(result.complete);
}

#[test]
fn a_call_leads_to_another() {
    let rules = "\n[[on]]\nincluded = \"claim\"\ncall = \"market.join(sender)\"\nphase = \"claim\"\n";
    assert_eq!(run(&[], rules).calls["join:claim"], 40);

    // Nobody may claim before the time: each fails once, and tries again in time.
    let early = [(
        "entered = \"claim\"\nrole = \"asker\"",
        "event = \"Asked\"\nrole = \"asker\"",
    )];
    let again = "\n[[on]]\nfailed = \"claim\"\nafter = \"1m\"\ncall = \"market.claim(question)\"\nphase = \"claim\"\n";
    let Ran { result, calls } = run(&early, again);
    assert_eq!(result.transactions.reverted, 40);
    assert_eq!((calls["claim"], result.tasks.ended), (40, 40));
}

#[test]
fn a_call_without_an_event_moves_and_ends_its_task() {
    // The events say nothing of how a question goes on: the calls do.
    let silent = [
        (
            "[[event]]\nname = \"market.Claimed\"\nkey = { question = \"event.id\" }\ncloses = \"claimed\"\n",
            "",
        ),
        ("[[event]]\nname = \"Expired\"\ncloses = \"expired\"\n", ""),
        (
            "outcomes = { claimed = \"ended\", expired = \"failed\" }",
            "outcomes = { claimed = \"ended\" }",
        ),
        (
            "call = \"market.claim(question)\"",
            "call = \"market.claim(question)\"\ncloses = \"claimed\"",
        ),
    ];
    let Ran { result, calls } = run(&silent, "");
    assert_eq!(
        result.tasks.ended_as,
        BTreeMap::from([("claimed".to_owned(), 40)])
    );
    assert_eq!((calls["claim"], result.complete), (40, true));
}

#[test]
fn what_goes_on_beside_tasks_ends_with_them() {
    let rules = "\n[[on]]\nevery = \"5s\"\nrole = \"deployer\"\ncall = \"market.join(sender)\"\n";
    let Ran { result, calls } = run(&[], rules);
    let beside = result.duration_us.0 / 5_000_000;
    let joined = calls["join:beside"];
    assert!((beside - 3..=beside).contains(&joined), "{joined} of {beside}");
    assert!(result.complete);
}

#[test]
fn a_closed_load_goes_on_when_a_task_ends() {
    let closed = SCENARIO.replace(
        "load = { constant = \"4/s\" }",
        "load = { back_to_back = { in_flight = 2, think_time = \"1s\" } }",
    );
    let Ran { result, .. } = run_with(&[], "", &closed);
    assert_eq!(result.tasks.ended, 40);
    // Four askers with two questions each take five rounds, each longer than the half minute until it is final.
    assert!(result.duration_us.0 > 5 * 30_000_000);
}

/// Every asker asks the same again and again.
const SAME: [(&str, &str); 1] = [(
    "market.ask(bytes(text(payload)), unique())",
    "market.ask('same', 1)",
)];

#[test]
fn a_key_is_that_of_another_task_once_its_task_is_over() {
    let closed = SCENARIO.replace(
        "load = { constant = \"4/s\" }",
        "load = { back_to_back = { in_flight = 1 } }",
    );
    let Ran { result, calls } = run_with(&SAME, "", &closed);
    assert_eq!((result.tasks.submitted, result.tasks.ended), (40, 40));
    assert_eq!((calls["ask"], calls["claim"]), (40, 40));
    // Answers to each: actors remember nothing of the task that had the key before.
    assert!(calls["answer"] >= 40, "{calls:?}");
}

#[test]
fn a_task_with_the_key_of_one_that_is_not_over_has_failed() {
    let Ran { result, .. } = run(&SAME, "");
    assert_eq!(result.tasks.submitted, 40);
    let reason = "ask was included, and its key … is that of a task that is open";
    assert_eq!(result.tasks.failed_by_reason[reason], 36, "{:?}", result.tasks);
    assert!(result.complete);
}

#[test]
fn a_submission_whose_key_is_taken_changes_nothing_of_the_task_that_has_it() {
    let paid = [
        (
            "value = \"bond\"\n",
            "let = { paid = \"random(1, 1000000)\" }\nvalue = \"mine.paid\"\n",
        ),
        ("fields = {", "fields = { paid = \"uint256\","),
        (
            "opens = true\nset = {",
            "opens = true\nset = { paid = \"event.bond\",",
        ),
        (
            "who = \"opener\"\n",
            "who = \"opener\"\nwhen = \"mine.paid == task.paid\"\n",
        ),
    ];
    let changes = [&SAME[..], &paid[..]].concat();
    // Who would remember what it paid last did not claim.
    let Ran { result, calls } = run(&changes, "");
    assert_eq!(result.tasks.unfinished, 0, "{:?}", result.tasks);
    assert_eq!(calls["claim"], 4);
}

#[test]
fn a_task_whose_call_has_no_value_has_failed() {
    let division = [("value = \"bond\"", "value = \"bond / (payload - payload)\"")];
    let Ran { result, calls } = run(&division, "");
    assert_eq!((result.tasks.submitted, result.tasks.failed), (40, 40));
    let reasons: Vec<(&String, &u64)> = result.tasks.failed_by_reason.iter().collect();
    let [(reason, 40)] = reasons.as_slice() else {
        panic!("{reasons:?}");
    };
    assert!(reason.starts_with("the rule ask (my.toml:"), "{reason}");
    assert!(
        reason.ends_with(") could not be followed: division by zero"),
        "{reason}"
    );
    assert!(!calls.contains_key("ask"));
}

#[test]
fn a_closed_load_whose_tasks_come_to_nothing_ends() {
    // However many there are, and whether they end by number or by time.
    for (left, most) in [("tasks = 20_000", 20_000), ("duration = \"2s\"", 2_000 * 4)] {
        let closed = SCENARIO.replace("tasks = 40\nload = { constant = \"4/s\" }", left);
        let division = [("value = \"bond\"", "value = \"bond / (payload - payload)\"")];
        let Ran { result, .. } = run_with(&division, "", &closed);
        assert!(
            (most / 2..=most + 4).contains(&result.tasks.failed),
            "{left}: {:?}",
            result.tasks
        );
        assert!(result.complete);
    }
    // A call that brings no task onto the chain.
    let closed = SCENARIO.replace("load = { constant = \"4/s\" }", "");
    let nothing = [(
        "call = \"market.ask(bytes(text(payload)), unique())\"\nvalue = \"bond\"",
        "call = \"market.join(sender)\"",
    )];
    let Ran { result, .. } = run_with(&nothing, "", &closed);
    assert_eq!(
        (result.tasks.failed, result.complete),
        (40, true),
        "{:?}",
        result.tasks
    );
}

#[test]
fn an_invariant_whose_reads_need_others_is_looked_at_while_the_run_goes_on() {
    // It holds again once no question is open, when the run is over.
    let nested = [(
        "check = \"balance(market) >= sum(task.bond)\"",
        "check = \"market.bondOf(bytes32(uint256(market.tickets()))) == 0 && count() == 0\"",
    )];
    let Ran { result, .. } = run(&nested, "");
    assert!(result.invariants.violated > 0);
}

#[test]
fn set_up_that_fails_ends_the_run() {
    let fails = [(
        "call = \"market.join(account)\"",
        "call = \"market.claim(bytes32(0))\"",
    )];
    let late = [(
        "call = \"market.join(account)\"",
        "call = \"market.join(accounts.answerer[99])\"",
    )];
    // The claim of no question is refused by its arithmetic: there is no answerer, and so it expires; the second has no 100th.
    let Ran { result, .. } = run(&late, "");
    assert_eq!(result.stop_reason, StopReason::Failed);
    let message = result.stop_message.unwrap();
    assert!(message.contains("index 99 is out of range"), "{message}");
    assert_eq!(result.tasks.submitted, 0);
    assert!(run(&fails, "").result.complete);
}

#[test]
fn an_invariant_that_does_not_hold_is_a_violation() {
    let more = [(
        "check = \"balance(market) >= sum(task.bond)\"",
        "check = \"balance(market) >= sum(task.bond) + 1\"",
    )];
    let Ran { result, .. } = run(&more, "");
    let violation = result
        .invariants
        .violations
        .first()
        .expect("the market holds nothing beside the bonds");
    assert_eq!(violation.invariant.name(), "solvent");
    assert!(
        violation.detail.contains("The market holds the bonds."),
        "{violation}"
    );
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let [one, other] = [0, 1].map(|_| run(&[], "").result);
    assert_eq!(one.phases, other.phases);
    assert_eq!(one.task_phases, other.task_phases);
}

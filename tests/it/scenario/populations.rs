//! Owners that manage their sessions, dedicated nodes, and miners that come and go: what is refused, what is doubted,
//! and what the plan makes of them.

use std::collections::BTreeSet;

use taskstorm::{
    plan::{Choice, Duty, Plan},
    scenario::{Departure, Mode, Reopening, units::Rate},
};

use super::refusals::{refusal, warnings};
use crate::support::scenario::read;

/// Where the good scenario has its tasks, its load and its miners.
const REST: &str = "tasks = 300\nload = { constant = \"50/s\" }\n\n[miners]";

/// What to put there: more of the owners, and a group of miners beside the pool.
fn with_nodes(owners: &str, count: u32) -> String {
    format!("tasks = 300\n{owners}\n[[miners]]\nname = \"gpu\"\ncount = {count}\n[[miners]]\nname = \"pool\"")
}

#[test]
fn refusals() {
    let cases = [
        (
            "manage_key",
            "tasks = 300",
            "tasks = 300\nmanage = { updates = \"1/min\" }".to_owned(),
        ),
        (
            "manage_rate_without_period",
            "tasks = 300",
            "tasks = 300\nmanage = { update = \"2\" }".to_owned(),
        ),
        (
            "top_up_of_nothing",
            "tasks = 300",
            "tasks = 300\nmanage = { top_up = { rate = \"1/s\", amount = 0 } }".to_owned(),
        ),
        (
            "withdrawal_without_amount",
            "tasks = 300",
            "tasks = 300\nmanage = { withdraw = { rate = \"1/s\" } }".to_owned(),
        ),
        (
            "reopen_as_number",
            "tasks = 300",
            "tasks = 300\nmanage = { reopen = 5 }".to_owned(),
        ),
        (
            "reopen_after_no_tasks",
            "tasks = 300",
            "tasks = 300\nmanage = { reopen = { every_tasks = 0 } }".to_owned(),
        ),
        (
            "exchange_of_no_nodes",
            "tasks = 300",
            "tasks = 300\nmanage = { dedicated = \"1/min\" }".to_owned(),
        ),
        (
            "dedicated_from_nobody",
            REST,
            with_nodes(
                "mode = \"hybrid\"\ndedicated = { group = \"gpus\", nodes = 2 }",
                40,
            ),
        ),
        (
            "dedicated_in_ephemeral_mode",
            REST,
            with_nodes("dedicated = { group = \"gpu\", nodes = 2 }", 40),
        ),
        (
            "dedicated_above_max_nodes",
            REST,
            with_nodes(
                "mode = \"hybrid\"\ndedicated = { group = \"gpu\", nodes = 6 }",
                120,
            ),
        ),
        (
            "dedicated_below_min_nodes",
            REST,
            with_nodes(
                "mode = \"dedicated\"\ndedicated = { group = \"gpu\", nodes = 2 }",
                40,
            ),
        ),
        (
            "too_few_dedicated_nodes",
            REST,
            with_nodes(
                "mode = \"dedicated\"\ndedicated = { group = \"gpu\", nodes = 3 }",
                40,
            ),
        ),
        (
            "all_miners_are_dedicated",
            "tasks = 300",
            "tasks = 300\nmode = \"hybrid\"\ndedicated = { group = \"miners\", nodes = 2 }".to_owned(),
        ),
        (
            "all_miners_join_later",
            "count = 60",
            "count = 60\njoin_after = \"10s\"".to_owned(),
        ),
        (
            "churn_without_lifetime",
            "count = 60",
            "count = 60\nchurn = { kind = \"leave\" }".to_owned(),
        ),
        (
            "unknown_departure",
            "count = 60",
            "count = 60\nchurn = { kind = \"crahs\", lifetime = \"1m\" }".to_owned(),
        ),
        (
            "reserving_sessions_that_reopen",
            "tasks = 300",
            "tasks = 300\nreserve = true\nmanage = { reopen = \"1/min\" }".to_owned(),
        ),
    ];
    for (name, from, to) in cases {
        insta::assert_snapshot!(name, refusal(from, &to));
    }
}

#[test]
fn doubts() {
    let cases = [
        (
            "unused_nodes",
            REST,
            with_nodes(
                "mode = \"hybrid\"\ndedicated = { group = \"gpu\", nodes = 2 }",
                50,
            ),
        ),
        (
            "nobody_draws_them",
            "[miners]",
            "[[miners]]\nname = \"late\"\ncount = 5\njoin_after = \"1m\"\n[[miners]]".to_owned(),
        ),
    ];
    for (name, from, to) in cases {
        insta::assert_snapshot!(name, warnings(from, &to));
    }
}

const FULL: &str = r#"
name = "full"
[[owners]]
name = "managed"
count = 4
tasks = 8
[owners.manage]
update = "2/m"
top_up = { rate = "0.1/s", amount = "1 gwei" }
reopen = "3/h"
[[owners]]
name = "own"
count = 2
sessions = 2
mode = "dedicated"
tasks = 8
min_nodes = 2
dedicated = { group = "gpu", nodes = 2 }
manage = { dedicated = "1/m" }
[[miners]]
name = "pool"
count = 3
churn = { kind = "crash", lifetime = { exponential = "10m" }, away = "1m" }
[[miners]]
name = "gpu"
count = 11
"#;

#[test]
fn every_word_comes_to_the_scenario_and_the_plan() {
    let scenario = read(FULL);
    let manage = &scenario.owners[0].manage;
    assert_eq!(manage.update, Rate::parse("2/min").ok());
    assert_eq!(manage.reopen, Rate::parse("3/h").ok().map(Reopening::Rate));
    assert_eq!(scenario.owners[1].mode, Mode::Dedicated);
    assert_eq!(scenario.pool_at_setup(), 3);

    let plan = Plan::of(&scenario);
    let managed = plan.owners[0].manage.as_ref().expect("it manages");
    // Four owners share the group's rates: each updates every two minutes, and so on.
    let gaps: Vec<_> = managed
        .duties
        .iter()
        .map(|(duty, gap)| (*duty, gap.mean().as_secs()))
        .collect();
    assert_eq!(
        gaps,
        [(Duty::Update, 120), (Duty::TopUp, 40), (Duty::Reopen, 4800)]
    );

    let own = &plan.owners[4..];
    let of_sessions: Vec<_> = own
        .iter()
        .flat_map(|owner| &owner.sessions)
        .flat_map(|s| &s.dedicated)
        .collect();
    let spare: Vec<usize> = own
        .iter()
        .map(|owner| owner.manage.as_ref().map_or(0, |m| m.spare_nodes.len()))
        .collect();
    assert_eq!((of_sessions.len(), &spare[..]), (8, &[2, 1][..]));
    assert_eq!(
        of_sessions.iter().collect::<BTreeSet<_>>().len(),
        8,
        "a node is one session's alone"
    );

    assert!(plan.miners[..3].iter().all(|miner| miner.presence.pooled));
    assert!(plan.miners[3..].iter().all(|miner| !miner.presence.pooled));
    let churn = plan.miners[0].presence.churn.as_ref().expect("it churns");
    assert_eq!(churn.kind, Departure::Crash);
}

#[test]
fn managing_changes_nothing_else_of_the_plan() {
    let (before, after) = FULL.split_once("[owners.manage]").expect("it manages");
    let (_, rest) = after.split_once("[[owners]]").expect("another group");
    let (with, without) = (read(FULL), read(&format!("{before}[[owners]]{rest}")));
    let (with, without) = (Plan::of(&with), Plan::of(&without));
    assert!(with.owners[0].manage.is_some() && without.owners[0].manage.is_none());
    for (mut one, other) in with.owners.into_iter().zip(without.owners) {
        one.manage.clone_from(&other.manage);
        assert_eq!(one, other);
    }
    assert_eq!(with.miners, without.miners);
}

/// Every kind of choice has a stream of its own.
#[test]
fn duties_draw_from_streams_of_their_own() {
    let mut choices: Vec<u64> = Duty::ALL.iter().map(|duty| duty.choice() as u64).collect();
    choices.extend(
        [Choice::Content, Choice::Join, Choice::Lifetime, Choice::Absence].map(|choice| choice as u64),
    );
    assert_eq!(choices.iter().collect::<BTreeSet<_>>().len(), choices.len());
}

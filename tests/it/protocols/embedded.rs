//! Every profile on the embedded chain: every task is accounted for, and the calls and outcomes are those of the snapshot.

use std::{collections::BTreeMap, fmt::Write};

use super::{names, run};
use crate::support::folder::Folder;

/// How tasks ended and what became of the calls of each function.
fn told(folder: &Folder) -> String {
    let mut told = String::new();
    let mut outcomes: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for task in &folder.tasks {
        *outcomes
            .entry((task.text("outcome"), task.text("reason")))
            .or_default() += 1;
    }
    for ((outcome, reason), count) in outcomes {
        writeln!(told, "{count:>5} tasks {outcome} {reason}").expect("a line");
    }
    let mut calls: BTreeMap<[&str; 3], u64> = BTreeMap::new();
    for call in &folder.transactions {
        let key = ["phase", "function", "outcome"].map(|column| call.text(column));
        *calls.entry(key).or_default() += 1;
    }
    for ([phase, function, outcome], count) in calls {
        writeln!(told, "{count:>5} {phase}: {function} {outcome}").expect("a line");
    }
    told
}

#[test]
fn every_task_ends_as_it_is_meant_to() {
    for name in names() {
        let folder = run(&name).args(["--chain", "embedded"]).stderr("").end().folder();
        let result = &folder.result;
        let (tasks, transactions) = (&result.tasks, &result.transactions);
        assert_eq!(tasks.submitted, tasks.ended + tasks.failed, "{name}: {tasks:?}");
        assert_eq!(
            (transactions.reverted, transactions.refused, transactions.lost),
            (0, 0, 0),
            "{name}: {transactions:?}"
        );
        insta::assert_snapshot!(name, told(&folder));
    }
}

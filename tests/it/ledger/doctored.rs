//! Each invariant is reported when a history breaks it, and no other is.

use taskstorm::protocol::{Invariant, TaskPhase};

use super::history::{
    Entry, acked, assigned, commit_ended, committed, created, deactivated, dedicated, ended, enter, miner,
    precommit_ended, precommitted, queued, released, result, revealed, task, whole,
};

/// The invariants that a history breaks, each time that it does.
fn broken(history: &[Entry]) -> Vec<Invariant> {
    let (_, violations) = enter(history);
    violations.iter().map(|violation| violation.invariant).collect()
}

/// A correct history of one task of two miners, with what follows in place of what comes from `from` on.
fn after(from: usize, rest: Vec<Entry>) -> Vec<Entry> {
    let (a, b) = (miner(1), miner(2));
    let mut history = vec![created(0, &[a, b], false)];
    history.extend(whole(task(0, 0), 0, &[a, b]));
    history.truncate(from);
    history.extend(rest);
    history
}

/// How many entries of [`after`]'s history have been when a step has been taken.
const ASSIGNED: usize = 3;
const ACKED: usize = 5;
const PRECOMMITTED: usize = 7;
const PRECOMMIT_ENDED: usize = 9;
const COMMITTED: usize = 11;
const COMMIT_ENDED: usize = 13;
const ENDED: usize = 14;
const ALL: usize = 15;

#[test]
fn a_correct_history_breaks_none() {
    let (ledger, violations) = enter(&after(ALL, vec![Entry::Count(0, 1)]));
    assert_eq!(violations, []);
    assert_eq!(ledger.in_phase(TaskPhase::ENDED), 1);
    let state = ledger.task(task(0, 0)).expect("it is kept until it is closed");
    let moments = state.moments;
    let ms = |moment: Option<taskstorm::time::Micros>| moment.map(|moment| moment.0 / 1000);
    assert_eq!(
        [
            moments.assigned,
            moments.first_ack,
            moments.last_ack,
            moments.precommit_ended
        ]
        .map(ms),
        [2, 3, 4, 8].map(Some)
    );
    assert_eq!(
        [
            moments.first_commit,
            moments.last_commit,
            moments.commit_ended,
            moments.ended
        ]
        .map(ms),
        [9, 10, 12, 13].map(Some)
    );
}

#[test]
fn a_history_cut_short_anywhere_breaks_none() {
    for length in 0..=ALL {
        assert_eq!(broken(&after(length, Vec::new())), [], "after {length} entries");
    }
}

/// A table of histories, a row for each: what is wrong with it, the invariant that it breaks or NONE, and the history.
macro_rules! histories {
    ($($what:literal => $invariant:ident: $history:expr;)*) => {
        vec![$(($what, histories!(@ $invariant), $history)),*]
    };
    (@ NONE) => { None };
    (@ $invariant:ident) => { Some(Invariant::$invariant) };
}

#[test]
fn every_doctored_history_breaks_its_invariant() {
    let (key, a, b, stranger) = (task(0, 0), miner(1), miner(2), miner(3));
    let all = |more: Vec<Entry>| after(ALL, more);
    let cases: Vec<(&str, Option<Invariant>, Vec<Entry>)> = histories! {
        "a miner acks twice" => ORDER: after(ACKED, vec![acked(key, a)]);
        "a stranger acks" => ORDER: after(ASSIGNED, vec![acked(key, stranger)]);
        "a miner precommits without an ack" => ORDER: after(ASSIGNED, vec![precommitted(key, a)]);
        "a miner precommits twice" => ORDER: after(PRECOMMITTED, vec![precommitted(key, a)]);
        "a miner commits twice" => ORDER: after(COMMITTED, vec![committed(key, a)]);
        "a miner is assigned twice" => ORDER: after(2, vec![assigned(key, &[a, b, a])]);
        "a miner reveals something else" => BINDING:
            after(PRECOMMIT_ENDED, vec![revealed(key, a, "another's")]);
        "a miner reveals what another was bound to" => BINDING:
            after(PRECOMMIT_ENDED, vec![revealed(key, a, &result(b))]);
        "a miner reveals early" => HIDING: after(PRECOMMITTED, vec![committed(key, a)]);
        "a task ends twice" => FINALITY: after(ENDED, vec![ended(key, &[a, b])]);
        "an ack comes after the end" => FINALITY: after(ENDED, vec![acked(key, a)]);
        "a phase ends after the end" => FINALITY: after(ENDED, vec![precommit_ended(key)]);
        "the end names a miner that did not commit" => FINALITY:
            after(PRECOMMIT_ENDED, vec![committed(key, a), commit_ended(key), ended(key, &[a, b])]);
        "the end leaves out a miner" => FINALITY: after(COMMIT_ENDED, vec![ended(key, &[a])]);
        "a result is missing" => FINALITY: after(ENDED, vec![Entry::Results(key, vec![(a, result(a))])]);
        "a result is not what was revealed" => AGREEMENT:
            after(ENDED, vec![Entry::Results(key, vec![(a, result(b)), (b, result(b))])]);
        "a result is another miner's" => AGREEMENT:
            after(ENDED, vec![Entry::Results(key, vec![(a, result(a)), (stranger, result(b))])]);
        "the chain counts other tasks" => AGREEMENT: all(vec![Entry::Count(0, 2)]);
        "a task id is left out" => IDENTITY: all(vec![queued(task(0, 2), 1)]);
        "a task id comes again" => IDENTITY: all(vec![queued(task(0, 0), 1)]);
        "a global id is left out" => IDENTITY: all(vec![queued(task(0, 1), 2)]);
        "a global id comes again" => IDENTITY: all(vec![queued(task(0, 1), 0)]);
        "two sessions reserve one miner" => RESERVATION:
            vec![created(0, &[a, b], true), created(1, &[b], true)];
        "two sessions share one miner" => NONE: vec![created(0, &[a, b], false), created(1, &[b], false)];
        "a miner is reserved again when it was let go" => NONE:
            vec![created(0, &[a, b], true), released(0, b), created(1, &[b], true)];
        "a session lets go of another's miner" => RESERVATION:
            vec![created(0, &[a], true), created(1, &[b], true), released(1, a)];
        "a session closes and lets go of its miners" => NONE:
            vec![created(0, &[a, b], true), released(0, b), released(0, a), deactivated(0)];
        "a session closes and keeps a miner" => RESERVATION:
            vec![created(0, &[a, b], true), released(0, b), deactivated(0)];
        "a reserved miner is dedicated to another session" => RESERVATION:
            vec![created(0, &[a], true), created(1, &[], false), dedicated(1, a)];
        "a dedicated miner goes from one session to another" => NONE:
            vec![
                created(0, &[], false), created(1, &[], false),
                dedicated(0, a), released(0, a), dedicated(1, a),
            ];
        "the chain has a miner in two sessions, one of which reserves it" => RESERVATION:
            vec![
                created(0, &[a], true), created(1, &[b], false),
                Entry::Nodes(0, vec![a], vec![], true), Entry::Nodes(1, vec![], vec![b, a], true),
            ];
        "the chain has a miner in two sessions that share it" => NONE:
            vec![
                created(0, &[a], false), created(1, &[a], false),
                Entry::Nodes(0, vec![], vec![a], true), Entry::Nodes(1, vec![], vec![a], true),
            ];
        "the chain has a miner in a session that is closed" => RESERVATION:
            vec![created(0, &[a], false), deactivated(0), Entry::Nodes(0, vec![], vec![a], false)];
        "the chain has a session closed that no event closed" => AGREEMENT:
            vec![created(0, &[a], true), Entry::Nodes(0, vec![], vec![], false)];
    };
    for (what, expected, history) in cases {
        assert_eq!(broken(&history), Vec::from_iter(expected), "{what}");
    }
}

#[test]
fn a_violation_names_its_task_and_its_miner() {
    let (_, violations) = enter(&after(ACKED, vec![acked(task(0, 0), miner(1))]));
    insta::assert_snapshot!(violations[0], @"I1: task 0 of session 0: miner 0x0000000000000000000000000000000000000001 went from Acked to Acked");
}

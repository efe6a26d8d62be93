//! The oracle's table. Windows: ack 10 s, precommit 20 s, commit 5 s; the task is assigned at chain time 100.

use taskstorm::{
    protocol::{Call, Event, Input, Oracle, Timer, WindowSeconds},
    record::TxOutcome,
};

use super::stage::{KEY, event, miners, outcome, plan, reverted, timer, told};

const WINDOWS: WindowSeconds = WindowSeconds {
    ack: 10,
    precommit: 20,
    commit: 5,
};
const CHECK: Timer = Timer::Check;

/// An oracle that watches a task of two miners.
fn watching() -> Oracle {
    let mut oracle = Oracle::new(&plan("tasks = 1", "").oracles[0], WINDOWS);
    assert_eq!(told(&mut oracle, 0, Input::Begin), ["wake for check at 1000"]);
    let assigned = Event::TaskAssigned {
        key: KEY,
        miners: miners(2),
    };
    assert!(event(&mut oracle, 0, &assigned, 100).is_empty());
    oracle
}

fn ack(oracle: &mut Oracle, number: usize, chain: u64) {
    let miner = miners(2)[number];
    assert!(event(oracle, 0, &Event::TaskAcked { key: KEY, miner }, chain).is_empty());
}

fn precommit(oracle: &mut Oracle, number: usize) {
    let miner = miners(2)[number];
    assert!(event(oracle, 0, &Event::TaskPrecommitted { key: KEY, miner }, 0).is_empty());
}

/// What it sends at a look at the deadlines at this chain time.
fn check(oracle: &mut Oracle, chain: u64) -> Vec<String> {
    assert!(told(oracle, 1000, Input::ChainTime(chain)).is_empty());
    let mut actions = timer(oracle, 1000, CHECK);
    assert_eq!(actions.pop().as_deref(), Some("wake for check at 2000"));
    actions
}

#[test]
fn it_ends_a_task_whose_commit_phase_ended() {
    let mut oracle = watching();
    assert_eq!(
        event(&mut oracle, 50, &Event::TaskCommitEnded { key: KEY }, 103),
        ["end at 50"]
    );
    // Under way: not sent again.
    assert!(check(&mut oracle, 500).is_empty());
    event(
        &mut oracle,
        60,
        &Event::TaskEnded {
            key: KEY,
            miners: miners(2),
        },
        104,
    );
    assert!(check(&mut oracle, 1000).is_empty());
}

#[test]
fn a_phase_is_closed_after_its_deadline_and_not_at_it() {
    type Prepare = fn(&mut Oracle);
    let cases: [(&str, Prepare, u64, &str); 6] = [
        ("nobody acks", |_| (), 110, "end by force at 1000"),
        ("one acks", |oracle| ack(oracle, 0, 105), 110, "endAck at 1000"),
        (
            "all ack at 105, nobody precommits",
            |oracle| [0, 1].into_iter().for_each(|miner| ack(oracle, miner, 105)),
            125,
            "end by force at 1000",
        ),
        (
            "all ack at 105, one precommits",
            |oracle| {
                [0, 1].into_iter().for_each(|miner| ack(oracle, miner, 105));
                precommit(oracle, 0);
            },
            125,
            "endPrecommit at 1000",
        ),
        (
            "one acks and precommits, and the ack phase is closed at 112",
            |oracle| {
                ack(oracle, 0, 105);
                precommit(oracle, 0);
                assert_eq!(check(oracle, 111), ["endAck at 1000"]);
                told(oracle, 0, Input::ChainTime(112));
                outcome(oracle, 0, &Call::EndAck(KEY), &TxOutcome::Included);
            },
            132,
            "endPrecommit at 1000",
        ),
        (
            "the precommit phase ends at 107, nobody commits",
            |oracle| drop(event(oracle, 0, &Event::TaskPrecommitEnded { key: KEY }, 107)),
            112,
            "endCommit at 1000",
        ),
    ];
    for (what, prepare, deadline, closing) in cases {
        let mut oracle = watching();
        prepare(&mut oracle);
        assert!(check(&mut oracle, deadline).is_empty(), "{what}");
        assert_eq!(check(&mut oracle, deadline + 1), [closing], "{what}");
        assert!(
            check(&mut oracle, deadline + 2).is_empty(),
            "{what}: it is under way"
        );
    }
}

#[test]
fn a_closing_that_failed_is_tried_again() {
    let mut oracle = watching();
    ack(&mut oracle, 0, 105);
    assert_eq!(check(&mut oracle, 111), ["endAck at 1000"]);
    outcome(
        &mut oracle,
        0,
        &Call::EndAck(KEY),
        &TxOutcome::Lost("dropped".to_owned()),
    );
    assert_eq!(check(&mut oracle, 112), ["endAck at 1000"]);
}

#[test]
fn an_end_of_the_commit_phase_that_is_told_early_is_answered_once() {
    let mut oracle = watching();
    let commit_ended = Event::TaskCommitEnded { key: KEY };
    assert_eq!(event(&mut oracle, 50, &commit_ended, 103), ["end at 50"]);
    // The block is told: what led there, and the end of the commit phase itself.
    ack(&mut oracle, 0, 103);
    ack(&mut oracle, 1, 103);
    precommit(&mut oracle, 0);
    precommit(&mut oracle, 1);
    for told_again in [Event::TaskPrecommitEnded { key: KEY }, commit_ended] {
        assert!(event(&mut oracle, 50, &told_again, 103).is_empty());
    }
    assert!(check(&mut oracle, 500).is_empty());
}

#[test]
fn a_closing_that_lost_its_race_does_not_repeat_the_one_that_follows() {
    let mut oracle = watching();
    event(&mut oracle, 0, &Event::TaskPrecommitEnded { key: KEY }, 107);
    assert_eq!(check(&mut oracle, 113), ["endCommit at 1000"]);
    // The last miner's commit came first in the same block: the end is under way when the closing's revert is told.
    assert_eq!(
        event(&mut oracle, 1100, &Event::TaskCommitEnded { key: KEY }, 114),
        ["end at 1100"]
    );
    outcome(&mut oracle, 1100, &Call::EndCommit(KEY), &reverted());
    assert!(check(&mut oracle, 115).is_empty());
}

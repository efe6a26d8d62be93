//! The miner's table.

use taskstorm::{
    protocol::{Action, Actor, Call, Event, Input, Miner, Reference, State, TaskKey, Timer, commit_hash},
    record::TxOutcome,
    time::Micros,
};

use super::stage::{KEY, event, miners, ms, outcome, plan, reverted, timer, told};

const DELAYS: &str = "ack_delay = \"10ms\"\nwork_time = \"300ms\"\ncommit_delay = \"20ms\"";

fn miner(behaviour: &str) -> Miner {
    let plan = plan("tasks = 1", behaviour);
    Miner::new(plan.miners[0].clone())
}

fn assigned(key: TaskKey) -> Event {
    Event::TaskAssigned {
        key,
        miners: miners(1),
    }
}

fn precommit(key: TaskKey) -> Call {
    Call::precommit(key, miners(1)[0], "")
}

#[test]
fn a_task_from_assignment_to_reveal() {
    let mut miner = miner(DELAYS);
    assert_eq!(told(&mut miner, 0, Input::SetUp), ["register at 0"]);
    assert_eq!(event(&mut miner, 100, &assigned(KEY), 0), ["wake for ack at 110"]);
    assert_eq!(timer(&mut miner, 110, Timer::Ack(KEY)), ["ack at 110"]);
    assert_eq!(
        outcome(&mut miner, 1000, &Call::Ack(KEY), &TxOutcome::Included),
        ["wake for work done at 1300"]
    );
    assert_eq!(
        timer(&mut miner, 1300, Timer::WorkDone(KEY)),
        ["precommit at 1300"]
    );
    assert!(outcome(&mut miner, 2000, &precommit(KEY), &TxOutcome::Included).is_empty());
    let ended = Event::TaskPrecommitEnded { key: KEY };
    assert_eq!(event(&mut miner, 2000, &ended, 0), ["wake for commit at 2020"]);
    assert_eq!(timer(&mut miner, 2020, Timer::Commit(KEY)), ["commit at 2020"]);
    // Once is enough.
    assert!(timer(&mut miner, 2020, Timer::Commit(KEY)).is_empty());
}

#[test]
fn the_reveal_hashes_to_the_precommit() {
    let plan = plan("tasks = 1", "result_size = \"48 B\"");
    let (mut miner, address) = (Miner::new(plan.miners[0].clone()), plan.miners[0].key.address);
    let mut step = |at: Micros, input: Input<'_, Reference>| {
        let mut actions = Vec::new();
        miner.step(at, input, &State::default(), &mut actions);
        actions
    };
    step(ms(0), Input::Event(&assigned(KEY), 0));
    step(ms(1), Input::Outcome(&Call::Ack(KEY), &TxOutcome::Included, &[]));
    let bound = step(ms(2), Input::Timer(Timer::WorkDone(KEY)));
    step(ms(3), Input::Outcome(&precommit(KEY), &TxOutcome::Included, &[]));
    step(ms(4), Input::Event(&Event::TaskPrecommitEnded { key: KEY }, 0));
    let revealed = step(ms(5), Input::Timer(Timer::Commit(KEY)));
    let (
        [
            Action::Send {
                call: Call::Precommit { hash, .. },
                ..
            },
        ],
        [
            Action::Send {
                call: Call::Commit { data, .. },
                ..
            },
        ],
    ) = (&bound[..], &revealed[..])
    else {
        panic!("{bound:?} {revealed:?}")
    };
    assert_eq!(data.len(), 48);
    assert_eq!(*hash, commit_hash(KEY, address, data));
}

#[test]
fn what_takes_it_out_of_a_task() {
    let lost = TxOutcome::Lost("dropped".to_owned());
    for failure in [reverted(), lost, TxOutcome::Refused("no funds".to_owned())] {
        let mut after_ack = miner(DELAYS);
        event(&mut after_ack, 0, &assigned(KEY), 0);
        assert!(outcome(&mut after_ack, 50, &Call::Ack(KEY), &failure).is_empty());
        let ended = Event::TaskPrecommitEnded { key: KEY };
        assert!(event(&mut after_ack, 500, &ended, 0).is_empty(), "{failure:?}");

        let mut after_precommit = miner(DELAYS);
        event(&mut after_precommit, 0, &assigned(KEY), 0);
        outcome(&mut after_precommit, 50, &Call::Ack(KEY), &TxOutcome::Included);
        timer(&mut after_precommit, 350, Timer::WorkDone(KEY));
        outcome(&mut after_precommit, 400, &precommit(KEY), &failure);
        let ended = Event::TaskPrecommitEnded { key: KEY };
        assert!(
            event(&mut after_precommit, 500, &ended, 0).is_empty(),
            "{failure:?}"
        );
    }
    // The phase ended, or the task, before it had its turn: it is silent from then on.
    for end in [
        Event::TaskPrecommitEnded { key: KEY },
        Event::TaskEnded {
            key: KEY,
            miners: Vec::new(),
        },
    ] {
        let mut slow_to_ack = miner(DELAYS);
        event(&mut slow_to_ack, 0, &assigned(KEY), 0);
        event(&mut slow_to_ack, 5, &end, 0);
        assert!(timer(&mut slow_to_ack, 10, Timer::Ack(KEY)).is_empty(), "{end:?}");

        let mut slow_to_work = miner(DELAYS);
        event(&mut slow_to_work, 0, &assigned(KEY), 0);
        outcome(&mut slow_to_work, 50, &Call::Ack(KEY), &TxOutcome::Included);
        event(&mut slow_to_work, 60, &end, 0);
        assert!(
            timer(&mut slow_to_work, 350, Timer::WorkDone(KEY)).is_empty(),
            "{end:?}"
        );
    }
}

#[test]
fn a_busy_miner_takes_the_next_task_when_it_has_done_one() {
    let mut miner = miner(&format!("{DELAYS}\nconcurrency = 1"));
    let key = |task| TaskKey { session: 0, task };
    for task in 0..3 {
        event(&mut miner, 0, &assigned(key(task)), 0);
    }
    let acked = |miner: &mut Miner, task| outcome(miner, 100, &Call::Ack(key(task)), &TxOutcome::Included);
    assert_eq!(acked(&mut miner, 0), ["wake for work done at 400"]);
    assert!(acked(&mut miner, 1).is_empty());
    assert!(acked(&mut miner, 2).is_empty());
    // The second task closes while it waits: the third is next.
    event(&mut miner, 200, &Event::TaskPrecommitEnded { key: key(1) }, 0);
    assert_eq!(
        timer(&mut miner, 400, Timer::WorkDone(key(0))),
        ["precommit at 400", "wake for work done at 700"]
    );
    assert_eq!(
        timer(&mut miner, 700, Timer::WorkDone(key(2))),
        ["precommit at 700"]
    );
}

#[test]
fn a_task_that_closed_meanwhile_took_its_time_all_the_same() {
    let mut miner = miner(&format!("{DELAYS}\nconcurrency = 1"));
    let key = |task| TaskKey { session: 0, task };
    for task in 0..2 {
        event(&mut miner, 0, &assigned(key(task)), 0);
        outcome(&mut miner, 100, &Call::Ack(key(task)), &TxOutcome::Included);
    }
    event(
        &mut miner,
        200,
        &Event::TaskEnded {
            key: key(0),
            miners: Vec::new(),
        },
        0,
    );
    assert_eq!(
        timer(&mut miner, 400, Timer::WorkDone(key(0))),
        ["wake for work done at 700"]
    );
}

//! The edges of every window: an action is accepted up to its deadline, what needs the window to be over from the
//! second after it.

use alloy::primitives::U256;

use super::{
    bindings::SessionQueueV2::{self as Queue},
    world::{ACK, COMMIT, Id, PRECOMMIT, START, World, account, result_hash},
};

const ASSIGNED: u8 = 1;
const ACKED: u8 = 2;
const PRECOMMITTED: u8 = 3;
const COMMITTED: u8 = 4;
const ENDED: u8 = 5;

/// A task of two miners, submitted at `START`.
fn two_miners() -> (World, Id, Vec<alloy::primitives::Address>) {
    let mut world = World::new();
    let (session, miners) = world.session_of(2);
    let task = world.submit(session, "work");
    (world, (session, task), miners)
}

fn closed((session, task): Id, deadline: u64) -> Queue::WindowClosed {
    Queue::WindowClosed {
        sessionId: session,
        taskId: task,
        deadline: U256::from(deadline),
    }
}

fn open((session, task): Id, deadline: u64) -> Queue::WindowOpen {
    Queue::WindowOpen {
        sessionId: session,
        taskId: task,
        deadline: U256::from(deadline),
    }
}

fn deadlines(world: &mut World, (session, task): Id) -> (u64, u64) {
    let found = world.view_queue(Queue::getDeadlinesCall {
        sessionId: session,
        taskId: task,
    });
    (found.phase.to(), found.last.to())
}

#[test]
fn ack_is_accepted_at_its_deadline_and_refused_after() {
    let (mut world, id, miners) = two_miners();
    let deadline = START + ACK;
    world.at(deadline);
    world.end_ack(id).refused(open(id, deadline));
    world.ack(id, miners[0]).ok();
    world.at(deadline + 1);
    world.ack(id, miners[1]).refused(closed(id, deadline));
    world.end_ack(id).ok();
    assert_eq!(world.status(id), ACKED);
    assert_eq!(
        deadlines(&mut world, id),
        (deadline + PRECOMMIT, deadline + PRECOMMIT),
        "counted from the deadline, not from the close"
    );
}

#[test]
fn precommit_is_accepted_at_its_deadline_and_refused_after() {
    let (mut world, id, miners) = two_miners();
    world.ack(id, miners[0]).ok();
    world.advance(7);
    world.ack(id, miners[1]).ok();
    let deadline = START + 7 + PRECOMMIT;
    assert_eq!(deadlines(&mut world, id), (deadline, deadline));
    world.at(deadline);
    world.end_precommit(id).refused(open(id, deadline));
    world.precommit(id, miners[0], "a").ok();
    assert_eq!(deadlines(&mut world, id), (deadline, deadline + COMMIT));
    world.at(deadline + 1);
    world.precommit(id, miners[1], "b").refused(closed(id, deadline));
    world.end_precommit(id).ok();
    assert_eq!(world.status(id), PRECOMMITTED);
}

#[test]
fn commit_is_accepted_at_its_deadline_and_refused_after() {
    let (mut world, id, miners) = two_miners();
    for &miner in &miners {
        world.ack(id, miner).ok();
    }
    world.advance(11);
    for &miner in &miners {
        world.precommit(id, miner, "result").ok();
    }
    let deadline = START + 11 + COMMIT;
    assert_eq!(deadlines(&mut world, id), (deadline, deadline));
    world.at(deadline);
    world.end_commit(id).refused(open(id, deadline));
    world.commit(id, miners[0], "result").ok();
    world.at(deadline + 1);
    world
        .commit(id, miners[1], "result")
        .refused(closed(id, deadline));
    world.end_commit(id).ok();
    assert_eq!(world.status(id), COMMITTED);
    assert_eq!(deadlines(&mut world, id), (0, 0));
    world.end(id).ok();
    assert_eq!(world.results(id).miners, [miners[0]]);
}

/// From each phase: the steps that lead to it, and the last deadline as an offset from the start.
#[test]
fn an_oracle_may_force_the_end_just_after_the_last_deadline_of_any_phase() {
    type Steps = fn(&mut World, Id, &[alloy::primitives::Address]);
    let table: [(&str, u8, u64, Steps); 6] = [
        ("no ack: nothing can follow", ASSIGNED, ACK, |_, _, _| {}),
        (
            "one ack: both later phases can follow",
            ASSIGNED,
            ACK + PRECOMMIT + COMMIT,
            |world, id, miners| {
                world.ack(id, miners[0]).ok();
            },
        ),
        (
            "all acks, no precommit: nothing can follow",
            ACKED,
            PRECOMMIT,
            |world, id, miners| {
                miners.iter().for_each(|&miner| drop(world.ack(id, miner).ok()));
            },
        ),
        (
            "one precommit: the commit phase can follow",
            ACKED,
            PRECOMMIT + COMMIT,
            |world, id, miners| {
                miners.iter().for_each(|&miner| drop(world.ack(id, miner).ok()));
                world.precommit(id, miners[0], "r").ok();
            },
        ),
        (
            "an early precommit counts like a late one",
            ASSIGNED,
            ACK + PRECOMMIT + COMMIT,
            |world, id, miners| {
                world.ack(id, miners[0]).ok();
                world.precommit(id, miners[0], "r").ok();
            },
        ),
        ("all precommits", PRECOMMITTED, COMMIT, |world, id, miners| {
            miners.iter().for_each(|&miner| drop(world.ack(id, miner).ok()));
            miners
                .iter()
                .for_each(|&miner| drop(world.precommit(id, miner, "r").ok()));
        }),
    ];
    for (name, status, offset, steps) in table {
        let (mut world, id, miners) = two_miners();
        steps(&mut world, id, &miners);
        assert_eq!(world.status(id), status, "{name}");
        assert_eq!(deadlines(&mut world, id).1, START + offset, "{name}");
        world.at(START + offset);
        world.force_end(id).refused(open(id, START + offset));
        world.at(START + offset + 1);
        world.force_end(id).ok();
        assert_eq!(world.status(id), ENDED, "{name}");
        assert!(world.results(id).miners.is_empty(), "{name}");
    }
}

#[test]
fn an_oracle_may_force_the_end_at_once_when_the_commit_phase_is_over() {
    let (mut world, id, miners) = two_miners();
    miners.iter().for_each(|&miner| drop(world.ack(id, miner).ok()));
    miners
        .iter()
        .for_each(|&miner| drop(world.precommit(id, miner, "r").ok()));
    miners
        .iter()
        .for_each(|&miner| drop(world.commit(id, miner, "r").ok()));
    world.force_end(id).ok();
    assert_eq!(world.results(id).miners, miners);
}

#[test]
fn a_task_without_acks_ends_empty_and_anyone_can_do_it() {
    let (mut world, id, _) = two_miners();
    world.advance(ACK + 1);
    let outcome = world.end_ack(id).ok();
    assert_eq!(outcome.logs.len(), 2, "the precommit and the commit phase end");
    assert_eq!(world.status(id), COMMITTED);
    world.end(id).ok();
    assert_eq!(world.status(id), ENDED);
}

#[test]
fn a_task_without_precommits_ends_empty_and_anyone_can_do_it() {
    let (mut world, id, miners) = two_miners();
    miners.iter().for_each(|&miner| drop(world.ack(id, miner).ok()));
    world.advance(PRECOMMIT + 1);
    world.end_precommit(id).ok();
    assert_eq!(world.status(id), COMMITTED);
    world.end(id).ok();
    assert!(world.results(id).miners.is_empty());
}

#[test]
fn a_miner_that_acked_need_not_wait_for_the_others() {
    let (mut world, id, miners) = two_miners();
    world.ack(id, miners[0]).ok();
    world.precommit(id, miners[0], "early").ok();
    assert_eq!(world.status(id), ASSIGNED);
    world.advance(ACK + 1);
    // Dropping the silent miner leaves nobody to wait for: both phases end in this transaction.
    let outcome = world.end_ack(id).ok();
    let all = super::world::event::<Queue::TaskAllPrecommitted>(&outcome);
    assert_eq!(all.miners, [miners[0]]);
    assert_eq!(world.status(id), PRECOMMITTED);
    world.commit(id, miners[0], "early").ok();
    world.end(id).ok();
    assert_eq!(world.results(id).results, ["early"]);
}

#[test]
fn new_windows_reach_only_new_tasks() {
    let (mut world, old, miners) = two_miners();
    let windows = Queue::setWindowsCall {
        ackWindow: U256::from(1),
        precommitWindow: U256::from(2),
        commitWindow: U256::from(3),
    };
    world.queue(world.deployer, windows).ok();
    let task = world.submit(old.0, "new");
    let new = (old.0, task);
    assert_eq!(deadlines(&mut world, new), (START + 1, START + 1));
    assert_eq!(deadlines(&mut world, old), (START + ACK, START + ACK));
    for id in [old, new] {
        miners.iter().for_each(|&miner| drop(world.ack(id, miner).ok()));
    }
    assert_eq!(deadlines(&mut world, new).0, START + 2);
    assert_eq!(deadlines(&mut world, old).0, START + PRECOMMIT);
    for id in [old, new] {
        miners
            .iter()
            .for_each(|&miner| drop(world.precommit(id, miner, "r").ok()));
    }
    assert_eq!(deadlines(&mut world, new).0, START + 3);
    assert_eq!(deadlines(&mut world, old).0, START + COMMIT);
}

#[test]
fn the_contract_hashes_results_as_the_protocol_says() {
    let mut world = World::new();
    let id = (U256::from(3), U256::from(5));
    let call = Queue::getResultHashCall {
        sessionId: id.0,
        taskId: id.1,
        miner: account("miner"),
        data: "result".into(),
    };
    assert_eq!(
        world.view_queue(call),
        result_hash(id, account("miner"), "result")
    );
}

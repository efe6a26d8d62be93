//! The binding of a precommit: a hash that leaves one of its parts out, or has it of another, reveals nothing. Also
//! the numbers of tasks: global ids over both ways of submitting.

use alloy::{
    primitives::{Address, B256, U256, keccak256},
    sol_types::{SolError, SolValue},
};

use super::queue;
use crate::contracts::{
    bindings::{SessionQueueV2 as Queue, SessionV2 as Session},
    world::{Id, Shape, World, account, event, result_hash},
};

/// Hashes that say less than `result_hash`, by what they leave out or take from elsewhere.
fn weak_hashes((session, task): Id, miner: Address, data: &str) -> Vec<(&'static str, B256)> {
    let content = keccak256(data);
    let one = U256::ONE;
    vec![
        ("only the result", content),
        ("the result itself", keccak256(content)),
        (
            "without the miner",
            keccak256((session, task, content).abi_encode()),
        ),
        (
            "without the task",
            keccak256((session, miner, content).abi_encode()),
        ),
        (
            "without the session",
            keccak256((task, miner, content).abi_encode()),
        ),
        (
            "without the result",
            keccak256((session, task, miner).abi_encode()),
        ),
        (
            "a miner of zero",
            result_hash((session, task), Address::ZERO, data),
        ),
        (
            "another miner",
            result_hash((session, task), account("other"), data),
        ),
        ("a task of zero", result_hash((session, U256::ZERO), miner, data)),
        ("another task", result_hash((session, task + one), miner, data)),
        ("a session of zero", result_hash((U256::ZERO, task), miner, data)),
        ("another session", result_hash((session + one, task), miner, data)),
        ("another result", result_hash((session, task), miner, "")),
        (
            "packed",
            keccak256((session, task, miner, content).abi_encode_packed()),
        ),
    ]
}

/// A task whose session, task and global ids are 1, 2 and 4: none is zero, and no two agree.
fn later_task(world: &mut World) -> (Id, Vec<Address>) {
    let (first, miners) = world.session_of(2);
    let second = world.create(Shape::ephemeral(2));
    for session in [first, first, second, second] {
        world.submit(session, "before");
    }
    let id = (second, world.submit(second, "work"));
    assert_eq!(id, (U256::ONE, U256::from(2)));
    assert_eq!(world.task(id).gid, U256::from(4));
    (id, miners)
}

#[test]
fn a_hash_that_binds_less_reveals_nothing() {
    let mut accepted = Vec::new();
    let count = weak_hashes((U256::ZERO, U256::ZERO), Address::ZERO, "").len();
    for index in 0..count {
        let mut world = World::new();
        let (id, miners) = later_task(&mut world);
        let miner = miners[0];
        let (name, hash) = weak_hashes(id, miner, "result")[index];
        miners.iter().for_each(|&miner| drop(world.ack(id, miner).ok()));
        world.precommit_hash(id, miner, hash).ok();
        world.precommit(id, miners[1], "result").ok();
        let commit = queue(Queue::commitCall {
            sessionId: id.0,
            taskId: id.1,
            data: "result".into(),
        });
        let error = Queue::HashMismatch {
            sessionId: id.0,
            taskId: id.1,
            miner,
            precommitted: hash,
            revealed: result_hash(id, miner, "result"),
        };
        assert_ne!(error.precommitted, error.revealed, "{name}");
        if commit.send(&mut world, miner).outcome.output.as_ref() != error.abi_encode() {
            accepted.push(name);
        }
    }
    assert!(accepted.is_empty(), "accepted: {accepted:?}");
}

#[test]
fn global_ids_count_tasks_of_every_session_and_both_ways_of_submitting() {
    let mut world = World::new();
    let (first, _) = world.session_of(1);
    let second = world.create(Shape::ephemeral(1));
    let mut expected = [0_u64; 2];
    for (global_id, (session, through_session)) in [
        (first, true),
        (first, false),
        (second, true),
        (second, true),
        (first, false),
        (first, true),
        (second, false),
    ]
    .into_iter()
    .enumerate()
    {
        let owner = world.owner;
        let outcome = if through_session {
            let call = Session::submitCall {
                sessionId: session,
                taskData: "work".into(),
            };
            world.session(owner, call).ok()
        } else {
            let call = Queue::submitTaskCall {
                sessionId: session,
                taskData: "work".into(),
            };
            world.queue(owner, call).ok()
        };
        let place = usize::from(session == second);
        let task = U256::from(expected[place]);
        expected[place] += 1;
        let queued: Queue::TaskQueued = event(&outcome);
        assert_eq!(
            (queued.sessionId, queued.taskId, queued.globalId),
            (session, task, U256::from(global_id))
        );
        assert_eq!(world.task((session, task)).gid, U256::from(global_id));
        let count = world.view_queue(Queue::getGlobalTaskCountCall {});
        assert_eq!(count, U256::from(global_id + 1));
    }
}

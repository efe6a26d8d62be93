//! Every action on a task, tried in every status.

use alloy::primitives::{Address, B256, U256};

use super::{Attempt, queue};
use crate::contracts::{
    bindings::SessionQueueV2 as Queue,
    world::{Id, World, account},
};

const STATUSES: [u8; 5] = [1, 2, 3, 4, 5];

/// A task of two miners in `status`, late enough that every deadline of it has passed.
fn task_in(status: u8) -> (World, Id, Vec<Address>) {
    let mut world = World::new();
    let (session, miners) = world.session_of(2);
    let id = (session, world.submit(session, "work"));
    if status >= 2 {
        miners.iter().for_each(|&miner| drop(world.ack(id, miner).ok()));
    }
    if status >= 3 {
        miners
            .iter()
            .for_each(|&miner| drop(world.precommit(id, miner, "r").ok()));
    }
    if status >= 4 {
        miners
            .iter()
            .for_each(|&miner| drop(world.commit(id, miner, "r").ok()));
    }
    if status >= 5 {
        world.end(id).ok();
    }
    assert_eq!(world.status(id), status);
    (world, id, miners)
}

/// An action with the statuses in which it is not refused for its phase.
fn actions((session, task): Id) -> Vec<(Attempt, &'static [u8])> {
    let end = |force| {
        queue(Queue::endCall {
            sessionId: session,
            taskId: task,
            forceEnd: force,
        })
    };
    vec![
        (
            queue(Queue::ackCall {
                sessionId: session,
                taskId: task,
            }),
            &[1],
        ),
        (
            queue(Queue::precommitCall {
                sessionId: session,
                taskId: task,
                hash: B256::repeat_byte(1),
                data: String::new(),
            }),
            &[1, 2],
        ),
        (
            queue(Queue::commitCall {
                sessionId: session,
                taskId: task,
                data: "r".into(),
            }),
            &[3],
        ),
        (
            queue(Queue::endAckCall {
                sessionId: session,
                taskId: task,
            }),
            &[1],
        ),
        (
            queue(Queue::endPrecommitCall {
                sessionId: session,
                taskId: task,
            }),
            &[2],
        ),
        (
            queue(Queue::endCommitCall {
                sessionId: session,
                taskId: task,
            }),
            &[3],
        ),
        (end(false), &[4]),
        (end(true), &[1, 2, 3, 4]),
    ]
}

#[test]
fn every_action_is_refused_in_every_other_phase() {
    for status in STATUSES {
        let count = actions((U256::ZERO, U256::ZERO)).len();
        for index in 0..count {
            let (mut world, id, miners) = task_in(status);
            let (attempt, phases) = actions(id).swap_remove(index);
            if phases.contains(&status) {
                continue;
            }
            let forces = attempt.data.last() == Some(&1) && attempt.function.starts_with("end(");
            let from = if forces { world.oracle } else { miners[0] };
            let error = Queue::WrongPhase {
                sessionId: id.0,
                taskId: id.1,
                status,
            };
            attempt.refused(&mut world, from, &error);
        }
    }
}

#[test]
fn only_assigned_miners_act_in_each_phase() {
    for (status, function) in [(1, "ack"), (2, "precommit"), (3, "commit")] {
        let (mut world, id, _) = task_in(status);
        let stranger = account("stranger");
        let error = Queue::NotAssigned {
            sessionId: id.0,
            taskId: id.1,
            miner: stranger,
        };
        let found = actions(id)
            .into_iter()
            .find(|(attempt, _)| attempt.function.starts_with(&format!("{function}(")));
        let (attempt, _) = found.expect("an action of that name");
        attempt.refused(&mut world, stranger, &error);
        let state = queue(Queue::getTaskResultStateCall {
            sessionId: id.0,
            taskId: id.1,
            miner: stranger,
        });
        state.refused(&mut world, stranger, &error);
    }
}

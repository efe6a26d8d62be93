//! Events of the task queue.

use alloy::{
    primitives::{Address, U256},
    sol_types::SolEvent,
};
use taskstorm::chain::embedded::Outcome;

use super::{Case, Expected, GLOBAL_ID, ID, expected, session_of};
use crate::contracts::{
    bindings::SessionQueueV2 as Queue,
    world::{Contract, World, account},
};

fn queue<E: SolEvent>(outcome: Outcome, event: E) -> Expected {
    expected(Contract::SessionQueueV2, outcome, event)
}

/// A session of two miners and its second task.
fn working(world: &mut World) -> Vec<Address> {
    let miners = session_of(world, 2);
    assert_eq!(world.submit(ID.0, "work"), ID.1);
    miners
}

/// The outcomes of the last ack, precommit and commit, and of the end.
fn completed(world: &mut World) -> (Vec<Address>, [Outcome; 4]) {
    let miners = working(world);
    world.ack(ID, miners[0]).ok();
    let ack = world.ack(ID, miners[1]).ok();
    world.precommit(ID, miners[0], "r").ok();
    let precommit = world.precommit(ID, miners[1], "r").ok();
    world.commit(ID, miners[0], "r").ok();
    let commit = world.commit(ID, miners[1], "r").ok();
    let end = world.end(ID).ok();
    (miners, [ack, precommit, commit, end])
}

pub(super) const CASES: &[Case] = &[
    |world| {
        let (from, to) = (world.deployer, account("new owner"));
        let outcome = world
            .queue(from, Queue::transferOwnershipCall { newOwner: to })
            .ok();
        queue(
            outcome,
            Queue::OwnershipTransferred {
                previousOwner: from,
                newOwner: to,
            },
        )
    },
    |world| {
        let call = Queue::setOracleCall {
            account: world.oracle,
            isOracle: false,
        };
        let outcome = world.queue(world.deployer, call).ok();
        assert!(!world.view_queue(Queue::isOracleNodeCall {
            account: world.oracle
        }));
        queue(
            outcome,
            Queue::OracleChanged {
                account: world.oracle,
                isOracle: false,
            },
        )
    },
    |world| {
        let [ack, precommit, commit] = [1, 2, 65_534].map(U256::from);
        let call = Queue::setWindowsCall {
            ackWindow: ack,
            precommitWindow: precommit,
            commitWindow: commit,
        };
        let outcome = world.queue(world.deployer, call).ok();
        let found = world.view_queue(Queue::getWindowsCall {});
        assert_eq!(
            [found.ackWindow, found.precommitWindow, found.commitWindow],
            [ack, precommit, commit]
        );
        let event = Queue::WindowsChanged {
            ackWindow: ack,
            precommitWindow: precommit,
            commitWindow: commit,
        };
        queue(outcome, event)
    },
    |world| {
        let price = U256::from(5);
        let outcome = world.queue(world.deployer, Queue::setPriceCall { price }).ok();
        assert_eq!(world.view_queue(Queue::getPriceCall {}), price);
        queue(outcome, Queue::PriceChanged { price })
    },
    |world| {
        session_of(world, 1);
        let call = Queue::submitTaskCall {
            sessionId: ID.0,
            taskData: "work".into(),
        };
        let outcome = world.queue(world.owner, call).ok();
        let event = Queue::TaskQueued {
            sessionId: ID.0,
            taskId: ID.1,
            globalId: GLOBAL_ID,
            taskData: "work".into(),
        };
        queue(outcome, event)
    },
    |world| {
        let miners = session_of(world, 2);
        let call = Queue::submitTaskCall {
            sessionId: ID.0,
            taskData: "work".into(),
        };
        let outcome = world.queue(world.owner, call).ok();
        queue(
            outcome,
            Queue::TaskAssigned {
                sessionId: ID.0,
                taskId: ID.1,
                miners,
            },
        )
    },
    |world| {
        let (miners, [outcome, ..]) = completed(world);
        queue(
            outcome,
            Queue::TaskAcked {
                sessionId: ID.0,
                taskId: ID.1,
                miner: miners[1],
            },
        )
    },
    |world| {
        let (miners, [_, outcome, ..]) = completed(world);
        queue(
            outcome,
            Queue::TaskPrecommitted {
                sessionId: ID.0,
                taskId: ID.1,
                miner: miners[1],
            },
        )
    },
    |world| {
        let (miners, [_, outcome, ..]) = completed(world);
        queue(
            outcome,
            Queue::TaskAllPrecommitted {
                sessionId: ID.0,
                taskId: ID.1,
                miners,
            },
        )
    },
    |world| {
        let (_, [_, outcome, ..]) = completed(world);
        queue(
            outcome,
            Queue::TaskPrecommitEnded {
                sessionId: ID.0,
                taskId: ID.1,
            },
        )
    },
    |world| {
        let (miners, [_, _, outcome, _]) = completed(world);
        queue(
            outcome,
            Queue::TaskCommitted {
                sessionId: ID.0,
                taskId: ID.1,
                miner: miners[1],
            },
        )
    },
    |world| {
        let (miners, [_, _, outcome, _]) = completed(world);
        queue(
            outcome,
            Queue::TaskAllCommitted {
                sessionId: ID.0,
                taskId: ID.1,
                miners,
            },
        )
    },
    |world| {
        let (_, [_, _, outcome, _]) = completed(world);
        queue(
            outcome,
            Queue::TaskCommitEnded {
                sessionId: ID.0,
                taskId: ID.1,
            },
        )
    },
    |world| {
        let (miners, [.., outcome]) = completed(world);
        queue(
            outcome,
            Queue::TaskEnded {
                sessionId: ID.0,
                taskId: ID.1,
                miners,
            },
        )
    },
];

//! Errors of the task queue.

use alloy::primitives::{Address, B256, U256};

use super::{Case, refusal};
use crate::contracts::{
    bindings::{NodePool as Pool, SessionQueueV2 as Queue, SessionV2 as Session},
    world::{
        ACK, Contract, Id, MARK, PRECOMMIT, START, Sent, Shape, World, account, miner, node_id, not_utf8,
        result_hash,
    },
};

/// The task that `working` prepares.
const SESSION: U256 = U256::ZERO;
const TASK: U256 = U256::ZERO;
const ID: Id = (SESSION, TASK);

/// A task of two miners.
fn working(world: &mut World) -> Vec<Address> {
    let (session, miners) = world.session_of(2);
    let task = world.submit(session, "work");
    assert_eq!((session, task), ID);
    miners
}

/// The same, with everyone's precommit in.
fn precommitted(world: &mut World) -> Vec<Address> {
    let miners = working(world);
    miners.iter().for_each(|&miner| drop(world.ack(ID, miner).ok()));
    miners
        .iter()
        .for_each(|&miner| drop(world.precommit(ID, miner, "result").ok()));
    miners
}

pub(super) const CASES: &[Case] = &[
    |world| {
        let stranger = account("stranger");
        let sent = world.queue(stranger, Queue::setPriceCall { price: U256::ONE });
        refusal(sent, Queue::OwnableUnauthorizedAccount { account: stranger })
    },
    |world| {
        let sent = world.queue(
            world.deployer,
            Queue::transferOwnershipCall {
                newOwner: Address::ZERO,
            },
        );
        refusal(sent, Queue::OwnableInvalidOwner { owner: Address::ZERO })
    },
    |world| {
        let sent = world.ack(ID, account("miner"));
        refusal(
            sent,
            Queue::TaskNotFound {
                sessionId: SESSION,
                taskId: TASK,
            },
        )
    },
    |world| {
        let miners = working(world);
        let sent = world.commit(ID, miners[0], "early");
        refusal(
            sent,
            Queue::WrongPhase {
                sessionId: SESSION,
                taskId: TASK,
                status: 1,
            },
        )
    },
    |world| {
        let miners = precommitted(world);
        let sent = world.ack(ID, miners[0]);
        refusal(
            sent,
            Queue::WrongPhase {
                sessionId: SESSION,
                taskId: TASK,
                status: 3,
            },
        )
    },
    |world| {
        let miners = precommitted(world);
        let sent = world.precommit(ID, miners[0], "again");
        refusal(
            sent,
            Queue::WrongPhase {
                sessionId: SESSION,
                taskId: TASK,
                status: 3,
            },
        )
    },
    |world| {
        let miners = precommitted(world);
        miners
            .iter()
            .for_each(|&miner| drop(world.commit(ID, miner, "result").ok()));
        world.end(ID).ok();
        let sent = world.end(ID);
        refusal(
            sent,
            Queue::WrongPhase {
                sessionId: SESSION,
                taskId: TASK,
                status: 5,
            },
        )
    },
    |world| {
        working(world);
        world.advance(10_000);
        world.force_end(ID).ok();
        let sent = world.force_end(ID);
        refusal(
            sent,
            Queue::WrongPhase {
                sessionId: SESSION,
                taskId: TASK,
                status: 5,
            },
        )
    },
    |world| {
        let miners = working(world);
        world.advance(ACK + 1);
        let sent = world.ack(ID, miners[0]);
        let deadline = U256::from(START + ACK);
        refusal(
            sent,
            Queue::WindowClosed {
                sessionId: SESSION,
                taskId: TASK,
                deadline,
            },
        )
    },
    |world| {
        working(world);
        let sent = world.end_ack(ID);
        let deadline = U256::from(START + ACK);
        refusal(
            sent,
            Queue::WindowOpen {
                sessionId: SESSION,
                taskId: TASK,
                deadline,
            },
        )
    },
    |world| {
        working(world);
        let miner = account("somebody else");
        let sent = world.ack(ID, miner);
        refusal(
            sent,
            Queue::NotAssigned {
                sessionId: SESSION,
                taskId: TASK,
                miner,
            },
        )
    },
    |world| {
        let miner = working(world)[0];
        let sent = world.precommit(ID, miner, "result");
        refusal(
            sent,
            Queue::NotAcked {
                sessionId: SESSION,
                taskId: TASK,
                miner,
            },
        )
    },
    |world| {
        let miners = working(world);
        miners.iter().for_each(|&miner| drop(world.ack(ID, miner).ok()));
        world.precommit(ID, miners[0], "result").ok();
        world.advance(PRECOMMIT + 1);
        world.end_precommit(ID).ok();
        let sent = world.commit(ID, miners[1], "result");
        refusal(
            sent,
            Queue::NotPrecommitted {
                sessionId: SESSION,
                taskId: TASK,
                miner: miners[1],
            },
        )
    },
    |world| {
        let miner = working(world)[1];
        world.ack(ID, miner).ok();
        let sent = world.ack(ID, miner);
        refusal(
            sent,
            Queue::AlreadyAcked {
                sessionId: SESSION,
                taskId: TASK,
                miner,
            },
        )
    },
    |world| {
        let miner = working(world)[1];
        world.ack(ID, miner).ok();
        world.precommit(ID, miner, "result").ok();
        let sent = world.precommit(ID, miner, "another");
        refusal(
            sent,
            Queue::AlreadyPrecommitted {
                sessionId: SESSION,
                taskId: TASK,
                miner,
            },
        )
    },
    |world| {
        let miner = precommitted(world)[1];
        world.commit(ID, miner, "result").ok();
        let sent = world.commit(ID, miner, "result");
        refusal(
            sent,
            Queue::AlreadyCommitted {
                sessionId: SESSION,
                taskId: TASK,
                miner,
            },
        )
    },
    |world| {
        let miner = working(world)[0];
        world.ack(ID, miner).ok();
        let sent = world.precommit_hash(ID, miner, B256::ZERO);
        refusal(
            sent,
            Queue::EmptyHash {
                sessionId: SESSION,
                taskId: TASK,
                miner,
            },
        )
    },
    |world| {
        let miner = precommitted(world)[0];
        let sent = world.commit(ID, miner, "another");
        let error = Queue::HashMismatch {
            sessionId: SESSION,
            taskId: TASK,
            miner,
            precommitted: result_hash(ID, miner, "result"),
            revealed: result_hash(ID, miner, "another"),
        };
        refusal(sent, error)
    },
    |world| {
        let (session, _) = world.session_of(1);
        let task_data = "x".repeat(65_536);
        let sent = world.queue(
            world.owner,
            Queue::submitTaskCall {
                sessionId: session,
                taskData: task_data,
            },
        );
        refusal(
            sent,
            Queue::DataTooLong {
                length: U256::from(65_536),
                limit: U256::from(65_535),
            },
        )
    },
    |world| {
        // 150 assignments leave no gas to store the rest.
        let (session, _) = world.session_of(150);
        let call = Queue::submitTaskCall {
            sessionId: session,
            taskData: "x".repeat(65_535),
        };
        let sent = world.queue(world.owner, call);
        refusal(
            sent,
            Queue::DataNotStored {
                length: U256::from(65_535),
            },
        )
    },
    |world| {
        let miner = precommitted(world)[0];
        let sent = world.commit(ID, miner, &"x".repeat(65_536));
        refusal(
            sent,
            Queue::DataTooLong {
                length: U256::from(65_536),
                limit: U256::from(65_535),
            },
        )
    },
    |world| {
        let miner = working(world)[0];
        world.ack(ID, miner).ok();
        let (hash, data) = (B256::repeat_byte(1), "x".repeat(65_536));
        let sent = world.queue(
            miner,
            Queue::precommitCall {
                sessionId: SESSION,
                taskId: TASK,
                hash,
                data,
            },
        );
        refusal(
            sent,
            Queue::DataTooLong {
                length: U256::from(65_536),
                limit: U256::from(65_535),
            },
        )
    },
    |world| {
        working(world);
        world.advance(1_000);
        let call = Queue::endCall {
            sessionId: SESSION,
            taskId: TASK,
            forceEnd: true,
        };
        let sent = world.queue(world.owner, call);
        refusal(sent, Queue::NotOracle { caller: world.owner })
    },
    |world| {
        let call = Queue::enqueueTaskCall {
            sessionId: SESSION,
            submitter: world.owner,
            taskData: "".into(),
        };
        let sent = world.queue(world.owner, call);
        refusal(sent, Queue::OnlySession { caller: world.owner })
    },
    |world| {
        let sent = set_windows(world, [0, 1, 1]);
        refusal(
            sent,
            Queue::InvalidWindow {
                window: U256::ZERO,
                limit: U256::from(65_534),
            },
        )
    },
    |world| {
        let sent = set_windows(world, [1, 65_534, 65_535]);
        refusal(
            sent,
            Queue::InvalidWindow {
                window: U256::from(65_535),
                limit: U256::from(65_534),
            },
        )
    },
    |world| {
        let price = U256::from(1) << 96;
        let sent = world.queue(world.deployer, Queue::setPriceCall { price });
        refusal(
            sent,
            Queue::PriceTooHigh {
                price,
                limit: price - U256::ONE,
            },
        )
    },
    |world| {
        let sent = submit(world, world.owner);
        refusal(sent, Queue::SessionNotFound { sessionId: SESSION })
    },
    |world| {
        world.session_of(1);
        let stranger = account("stranger");
        let sent = submit(world, stranger);
        refusal(
            sent,
            Queue::NotSessionOwner {
                sessionId: SESSION,
                caller: stranger,
            },
        )
    },
    |world| {
        world.session_of(1);
        world
            .session(world.owner, Session::deactivateSessionCall { sessionId: SESSION })
            .ok();
        let sent = submit(world, world.owner);
        refusal(sent, Queue::SessionInactive { sessionId: SESSION })
    },
    |world| {
        world.create(Shape {
            mode: 2,
            ..Shape::ephemeral(1)
        });
        let sent = submit(world, world.owner);
        refusal(
            sent,
            Queue::TooFewNodes {
                available: U256::ZERO,
                required: U256::ONE,
            },
        )
    },
    |world| {
        world.register(2);
        world.create(Shape {
            min: 1,
            reserve: true,
            ..Shape::ephemeral(2)
        });
        let release = Session::releaseByNodeIdCall {
            nodeId: node_id(miner(0)),
        };
        world.session(world.owner, release).ok();
        // Else the session would draw it again.
        world.pool(miner(0), Pool::unregisterCall {}).ok();
        let sent = submit(world, world.owner);
        refusal(
            sent,
            Queue::InvalidRedundancy {
                redundant: U256::from(2),
                limit: U256::ONE,
            },
        )
    },
    |world| {
        world.session_of(1);
        world
            .queue(world.deployer, Queue::setPriceCall { price: U256::from(7) })
            .ok();
        world.deposit(world.owner, SESSION, 6).ok();
        let sent = submit(world, world.owner);
        let (available, required) = (U256::from(6), U256::from(7));
        refusal(
            sent,
            Queue::InsufficientDeposit {
                sessionId: SESSION,
                available,
                required,
            },
        )
    },
    |world| {
        working(world);
        let data = not_utf8(&Queue::submitTaskCall {
            sessionId: SESSION,
            taskData: format!("{}{MARK}", "x".repeat(40)),
        });
        let sent = world.send(world.owner, Contract::SessionQueueV2, 0, data);
        refusal(
            sent,
            Queue::InvalidUtf8 {
                place: U256::from(40),
            },
        )
    },
];

fn submit(world: &mut World, from: Address) -> Sent {
    world.queue(
        from,
        Queue::submitTaskCall {
            sessionId: SESSION,
            taskData: "work".into(),
        },
    )
}

fn set_windows(world: &mut World, windows: [u64; 3]) -> Sent {
    let [ack, precommit, commit] = windows.map(U256::from);
    let call = Queue::setWindowsCall {
        ackWindow: ack,
        precommitWindow: precommit,
        commitWindow: commit,
    };
    world.queue(world.deployer, call)
}

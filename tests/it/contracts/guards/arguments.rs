//! Arguments out of range, in each function that takes them.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::{SolCall, SolConstructor, SolError};
use taskstorm::chain::embedded::{Message, Status};

use super::{Attempt, number, queue, session};
use crate::contracts::{
    bindings::{SessionQueueV2 as Queue, SessionV2 as Session},
    world::{Shape, World, account},
};

const ID: U256 = U256::ZERO;

/// `create` and `updateSession` with the same limits.
fn limits(min: u64, max: u64, redundant: u64) -> [Attempt; 2] {
    let shape = Shape {
        min,
        max,
        redundant,
        mode: 0,
        reserve: false,
    };
    let update = Session::updateSessionCall {
        sessionId: ID,
        name: "n".into(),
        metadata: "m".into(),
        minNumOfNodes: number(min),
        maxNumOfNodes: number(max),
        redundant: number(redundant),
    };
    [session(shape.call()), session(update)]
}

#[test]
fn limits_of_sessions_are_checked_at_creation_and_update() {
    let mut world = World::new();
    world.session_of(2);
    let owner = world.owner;
    for (min, max) in [(0, 0), (0, 2), (3, 2), (1, 256), (u64::MAX, u64::MAX)] {
        let error = Session::InvalidNodeBounds {
            minNumOfNodes: number(min),
            maxNumOfNodes: number(max),
        };
        for attempt in limits(min, max, 1) {
            attempt.refused(&mut world, owner, &error);
        }
    }
    for (redundant, max, limit) in [(0, 2, 2), (3, 2, 2), (256, 2, 2)] {
        let error = Session::InvalidRedundancy {
            redundant: number(redundant),
            limit: number(limit),
        };
        for attempt in limits(1, max, redundant) {
            attempt.refused(&mut world, owner, &error);
        }
    }
    // The pool has two miners.
    for (attempt, error) in limits(3, 3, 1).into_iter().map(|attempt| {
        let error = Session::TooFewNodes {
            available: number(2),
            required: number(3),
        };
        (attempt, error)
    }) {
        attempt.refused(&mut world, owner, &error);
    }
    for attempt in limits(1, 3, 3) {
        let error = Session::InvalidRedundancy {
            redundant: number(3),
            limit: number(2),
        };
        attempt.refused(&mut world, owner, &error);
    }
}

#[test]
fn texts_are_limited_in_every_function_of_the_queue() {
    let mut world = World::new();
    let (id, miners) = world.session_of(1);
    let task = (id, world.submit(id, "work"));
    world.ack(task, miners[0]).ok();
    let long = "x".repeat(65_536);
    let error = Queue::DataTooLong {
        length: number(65_536),
        limit: number(65_535),
    };
    let owner = world.owner;
    let submits = [
        queue(Queue::submitTaskCall {
            sessionId: id,
            taskData: long.clone(),
        }),
        session(Session::submitCall {
            sessionId: id,
            taskData: long.clone(),
        }),
    ];
    for attempt in submits {
        attempt.refused(&mut world, owner, &error);
    }
    let precommit = queue(Queue::precommitCall {
        sessionId: task.0,
        taskId: task.1,
        hash: B256::repeat_byte(1),
        data: long.clone(),
    });
    precommit.refused(&mut world, miners[0], &error);
    world.precommit(task, miners[0], &long).ok();
    let commit = queue(Queue::commitCall {
        sessionId: task.0,
        taskId: task.1,
        data: long,
    });
    commit.refused(&mut world, miners[0], &error);
}

/// The settings of a queue as constructor arguments and as calls.
#[test]
fn windows_and_price_are_checked_at_deployment_and_change() {
    let mut world = World::new();
    for place in 0..3 {
        for window in [0, 65_535] {
            let mut windows = [number(1); 3];
            windows[place] = number(window);
            let [ack, precommit, commit] = windows;
            let error = Queue::InvalidWindow {
                window: number(window),
                limit: number(65_534),
            };
            let deployer = world.deployer;
            let change = queue(Queue::setWindowsCall {
                ackWindow: ack,
                precommitWindow: precommit,
                commitWindow: commit,
            });
            change.refused(&mut world, deployer, &error);
            deployment_refused(&mut world, windows, U256::ZERO, error);
        }
    }
    let price = U256::from(1) << 96;
    let error = Queue::PriceTooHigh {
        price,
        limit: price - U256::ONE,
    };
    let deployer = world.deployer;
    queue(Queue::setPriceCall { price }).refused(&mut world, deployer, &error);
    deployment_refused(&mut world, [number(1); 3], price, error);
}

#[track_caller]
fn deployment_refused(world: &mut World, windows: [U256; 3], price: U256, error: impl SolError) {
    let [ack, precommit, commit] = windows;
    let arguments = Queue::constructorCall {
        session_: world.session,
        ackWindow: ack,
        precommitWindow: precommit,
        commitWindow: commit,
        price,
    };
    let data = [Queue::BYTECODE.as_ref(), &arguments.abi_encode()].concat();
    let message = Message {
        from: world.deployer,
        data: data.into(),
        ..Message::default()
    };
    let outcome = world.chain.transact(message);
    assert_eq!(outcome.status, Status::Reverted);
    assert_eq!(outcome.output.as_ref(), error.abi_encode());
}

#[test]
fn routers_are_looked_up_by_update_and_removal() {
    let mut world = World::new();
    world.session_of(1);
    let router = account("router");
    let error = Session::RouterNotFound {
        sessionId: ID,
        router,
    };
    let owner = world.owner;
    let update = Session::updateRouterCall {
        sessionId: ID,
        routerAddress: router,
        routerInfo: "http://router".into(),
    };
    session(update).refused(&mut world, owner, &error);
    let remove = Session::removeRouterCall {
        sessionId: ID,
        routerAddress: router,
    };
    session(remove).refused(&mut world, owner, &error);
}

#[test]
fn no_contract_can_be_owned_by_nobody_or_wired_twice() {
    let mut world = World::new();
    let deployer = world.deployer;
    let error = Session::OwnableInvalidOwner { owner: Address::ZERO };
    let call = Session::transferOwnershipCall {
        newOwner: Address::ZERO,
    };
    let data = call.abi_encode();
    for contract in [
        crate::contracts::world::Contract::NodePool,
        crate::contracts::world::Contract::SessionV2,
        crate::contracts::world::Contract::SessionQueueV2,
    ] {
        let attempt = Attempt {
            function: Session::transferOwnershipCall::SIGNATURE,
            contract,
            data: data.clone(),
        };
        attempt.refused(&mut world, deployer, &error);
    }
}

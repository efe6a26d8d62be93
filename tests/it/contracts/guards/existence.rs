//! Sessions and tasks that do not exist, and sessions that are over.

use alloy::primitives::U256;

use super::{Attempt, number, queue, session};
use crate::contracts::{
    bindings::{SessionQueueV2 as Queue, SessionV2 as Session},
    world::{Shape, World, account, miner},
};

/// Every function of `SessionV2` and the queue that takes a session and no task, but for views.
fn changes(id: U256) -> Vec<Attempt> {
    let mut attempts = while_active(id);
    let (router, info) = (account("router"), String::from("http://router"));
    attempts.extend([
        session(Session::removeDedicatedNodeCall {
            sessionId: id,
            nodeAddress: account("node"),
        }),
        session(Session::withdrawFromSessionCall {
            sessionId: id,
            amount: number(1),
        }),
        session(Session::updateRouterCall {
            sessionId: id,
            routerAddress: router,
            routerInfo: info,
        }),
        session(Session::removeRouterCall {
            sessionId: id,
            routerAddress: router,
        }),
        session(Session::resetAllRoutersCall { sessionId: id }),
    ]);
    attempts
}

/// What only an active session takes.
fn while_active(id: U256) -> Vec<Attempt> {
    vec![
        session(Session::updateSessionCall {
            sessionId: id,
            name: "n".into(),
            metadata: "m".into(),
            minNumOfNodes: number(1),
            maxNumOfNodes: number(1),
            redundant: number(1),
        }),
        session(Session::deactivateSessionCall { sessionId: id }),
        session(Session::depositToSessionCall { sessionId: id }),
        session(Session::submitCall {
            sessionId: id,
            taskData: "work".into(),
        }),
        queue(Queue::submitTaskCall {
            sessionId: id,
            taskData: "work".into(),
        }),
        session(Session::addDedicatedNodeCall {
            sessionId: id,
            nodeAddress: account("node"),
        }),
        session(Session::addRouterCall {
            sessionId: id,
            routerAddress: account("router"),
            routerInfo: "http://router".into(),
        }),
    ]
}

fn session_views(id: U256) -> Vec<Attempt> {
    vec![
        session(Session::getSessionCall { sessionId: id }),
        session(Session::getSessionMinersCall { sessionId: id }),
        session(Session::getSessionBalanceCall { sessionId: id }),
        session(Session::getTaskCountCall { sessionId: id }),
        queue(Queue::getTaskCountBySessionIdCall { sessionId: id }),
        queue(Queue::getTasksBySessionIdCall { sessionId: id }),
    ]
}

/// Every function that takes a task.
fn task_calls(session_id: U256, task: U256) -> Vec<Attempt> {
    macro_rules! of_task {
        ($($call:ident),*) => {
            vec![$(queue(Queue::$call { sessionId: session_id, taskId: task })),*]
        };
    }
    let mut attempts = of_task![
        ackCall,
        endAckCall,
        endPrecommitCall,
        endCommitCall,
        getTaskCall,
        getTaskStatusCall,
        getDeadlinesCall,
        getTaskResultsCall,
        getTaskResultHashesCall,
        getAllTaskResultAckedTimestampsCall,
        getAllTaskResultPrecommitTimestampsCall,
        getAllTaskResultCommitTimestampsCall
    ];
    attempts.extend([
        queue(Queue::precommitCall {
            sessionId: session_id,
            taskId: task,
            hash: [1; 32].into(),
            data: String::new(),
        }),
        queue(Queue::commitCall {
            sessionId: session_id,
            taskId: task,
            data: "result".into(),
        }),
        queue(Queue::getTaskResultStateCall {
            sessionId: session_id,
            taskId: task,
            miner: miner(0),
        }),
    ]);
    attempts.extend([false, true].map(|force| {
        queue(Queue::endCall {
            sessionId: session_id,
            taskId: task,
            forceEnd: force,
        })
    }));
    attempts
}

#[test]
fn a_session_that_does_not_exist_is_refused_everywhere() {
    let mut world = World::new();
    world.session_of(1);
    let id = number(7);
    for attempt in [changes(id), session_views(id)].concat() {
        let owner = world.owner;
        attempt.refused(&mut world, owner, &Session::SessionNotFound { sessionId: id });
    }
}

#[test]
fn a_deactivated_session_takes_nothing_new() {
    let mut world = World::new();
    let (id, _) = world.session_of(1);
    world.deposit(world.owner, id, 1).ok();
    world
        .session(world.owner, Session::deactivateSessionCall { sessionId: id })
        .ok();
    let owner = world.owner;
    for attempt in while_active(id) {
        attempt.refused(&mut world, owner, &Session::SessionInactive { sessionId: id });
    }
    for attempt in session_views(id) {
        attempt.send(&mut world, owner).ok();
    }
    let withdraw = Session::withdrawFromSessionCall {
        sessionId: id,
        amount: number(1),
    };
    world.session(owner, withdraw).ok();
}

#[test]
fn a_task_that_does_not_exist_is_refused_everywhere() {
    let mut world = World::new();
    let (id, _) = world.session_of(1);
    world.submit(id, "work");
    for (session_id, task) in [(id, number(1)), (number(1), U256::ZERO)] {
        let error = Queue::TaskNotFound {
            sessionId: session_id,
            taskId: task,
        };
        for attempt in task_calls(session_id, task) {
            // An oracle, so that a forced end reaches the task's check.
            let oracle = world.oracle;
            attempt.refused(&mut world, oracle, &error);
        }
    }
}

/// A task without miners to spare is refused by both ways of submitting, for want of the minimum and of the redundancy.
#[test]
fn a_session_with_too_few_nodes_takes_no_task() {
    let mut world = World::new();
    let shape = Shape {
        min: 2,
        max: 3,
        redundant: 1,
        mode: 2,
        reserve: false,
    };
    let id = world.create(shape);
    let submits = while_active(id)
        .into_iter()
        .filter(|attempt| attempt.function.starts_with("submit"))
        .collect::<Vec<_>>();
    assert_eq!(submits.len(), 2);
    for available in 0..2 {
        for attempt in &submits {
            let error = Session::TooFewNodes {
                available: number(available),
                required: number(2),
            };
            let owner = world.owner;
            attempt.refused(&mut world, owner, &error);
        }
        world.dedicate(id, account(&format!("node {available}")));
    }
    for attempt in &submits {
        let owner = world.owner;
        attempt.send(&mut world, owner).ok();
    }
}

//! Events of the session contract, its payments and its routers.

use alloy::{
    primitives::{Address, U256},
    sol_types::SolEvent,
};
use taskstorm::chain::embedded::Outcome;

use super::{Case, Expected, ID, expected, session_of};
use crate::contracts::{
    bindings::{SessionQueueV2 as Queue, SessionV2 as Session},
    world::{Contract, Shape, World, account, miner, node_id},
};

fn session<E: SolEvent>(outcome: Outcome, event: E) -> Expected {
    expected(Contract::SessionV2, outcome, event)
}

fn dedicated(world: &mut World) -> Address {
    world.create(Shape {
        mode: 2,
        ..Shape::ephemeral(1)
    });
    world.allow_dedication(account("node"));
    account("node")
}

fn add_router(world: &mut World) -> Outcome {
    let (router, info) = (account("router"), "http://router".into());
    let call = Session::addRouterCall {
        sessionId: ID.0,
        routerAddress: router,
        routerInfo: info,
    };
    world.session(world.owner, call).ok()
}

pub(super) const CASES: &[Case] = &[
    |world| {
        let (from, to) = (world.deployer, account("new owner"));
        let outcome = world
            .session(from, Session::transferOwnershipCall { newOwner: to })
            .ok();
        session(
            outcome,
            Session::OwnershipTransferred {
                previousOwner: from,
                newOwner: to,
            },
        )
    },
    |world| {
        world.register(1);
        let outcome = world.session(world.owner, Shape::ephemeral(1).call()).ok();
        let found = world.view_session(Session::getSessionCall { sessionId: ID.0 });
        let (owner, miners) = (world.owner, vec![miner(0)]);
        session(
            outcome,
            Session::SessionCreated {
                sessionId: ID.0,
                sid: found.sid,
                owner,
                miners,
            },
        )
    },
    |world| {
        session_of(world, 2);
        let [min, max, redundant] = [1, 4, 2].map(U256::from);
        let call = Session::updateSessionCall {
            sessionId: ID.0,
            name: "new".into(),
            metadata: "".into(),
            minNumOfNodes: min,
            maxNumOfNodes: max,
            redundant,
        };
        let outcome = world.session(world.owner, call).ok();
        let event = Session::SessionUpdated {
            sessionId: ID.0,
            updater: world.owner,
            minNumOfNodes: min,
            maxNumOfNodes: max,
            redundant,
        };
        session(outcome, event)
    },
    |world| {
        session_of(world, 2);
        let outcome = world
            .session(world.owner, Session::deactivateSessionCall { sessionId: ID.0 })
            .ok();
        session(
            outcome,
            Session::SessionDeactivated {
                sessionId: ID.0,
                deactivator: world.owner,
            },
        )
    },
    |world| {
        session_of(world, 2);
        let call = Session::submitCall {
            sessionId: ID.0,
            taskData: "work".into(),
        };
        let outcome = world.session(world.owner, call).ok();
        session(
            outcome,
            Session::TaskSubmitted {
                sessionId: ID.0,
                taskData: "work".into(),
            },
        )
    },
    |world| {
        let miners = session_of(world, 2);
        let call = Session::submitCall {
            sessionId: ID.0,
            taskData: "work".into(),
        };
        let outcome = world.session(world.owner, call).ok();
        let node_ids = miners.into_iter().map(node_id).collect();
        session(
            outcome,
            Session::TaskAssigned {
                sessionId: ID.0,
                taskId: ID.1,
                nodeIds: node_ids,
            },
        )
    },
    |world| {
        world.register(1);
        world.create(Shape {
            reserve: true,
            ..Shape::ephemeral(1)
        });
        let node = node_id(miner(0));
        let outcome = world
            .session(world.owner, Session::releaseByNodeIdCall { nodeId: node })
            .ok();
        session(
            outcome,
            Session::NodeReleased {
                nodeId: node,
                sessionId: ID.0,
            },
        )
    },
    |world| {
        session_of(world, 1);
        let outcome = add_router(world);
        let (router, info) = (account("router"), "http://router".into());
        session(
            outcome,
            Session::RouterAdded {
                routerAddress: router,
                routerInfo: info,
            },
        )
    },
    |world| {
        session_of(world, 1);
        add_router(world);
        let (router, info) = (account("router"), String::from("http://elsewhere"));
        let call = Session::updateRouterCall {
            sessionId: ID.0,
            routerAddress: router,
            routerInfo: info.clone(),
        };
        let outcome = world.session(world.owner, call).ok();
        let found = world.view_session(Session::getSessionCall { sessionId: ID.0 });
        assert_eq!(
            (found.routerAddresses, found.routerMetadatas),
            (vec![router], vec![info.clone()])
        );
        session(
            outcome,
            Session::RouterUpdated {
                routerAddress: router,
                routerInfo: info,
            },
        )
    },
    |world| {
        session_of(world, 1);
        add_router(world);
        let router = account("router");
        let call = Session::removeRouterCall {
            sessionId: ID.0,
            routerAddress: router,
        };
        let outcome = world.session(world.owner, call).ok();
        session(
            outcome,
            Session::RouterRemoved {
                routerAddress: router,
            },
        )
    },
    |world| {
        session_of(world, 1);
        add_router(world);
        let outcome = world
            .session(world.owner, Session::resetAllRoutersCall { sessionId: ID.0 })
            .ok();
        let found = world.view_session(Session::getSessionCall { sessionId: ID.0 });
        assert!(found.routerAddresses.is_empty() && found.routerMetadatas.is_empty());
        session(outcome, Session::AllRoutersRemoved { sessionId: ID.0 })
    },
    |world| {
        let node = dedicated(world);
        let call = Session::addDedicatedNodeCall {
            sessionId: ID.0,
            nodeAddress: node,
        };
        let outcome = world.session(world.owner, call).ok();
        session(outcome, Session::DedicatedNodeAdded { nodeAddress: node })
    },
    |world| {
        let node = dedicated(world);
        let call = Session::addDedicatedNodeCall {
            sessionId: ID.0,
            nodeAddress: node,
        };
        world.session(world.owner, call).ok();
        let call = Session::removeDedicatedNodeCall {
            sessionId: ID.0,
            nodeAddress: node,
        };
        let outcome = world.session(world.owner, call).ok();
        session(outcome, Session::DedicatedNodeRemoved { nodeAddress: node })
    },
    |world| {
        session_of(world, 1);
        let outcome = world.deposit(world.owner, ID.0, 9).ok();
        let from = world.owner;
        session(
            outcome,
            Session::DepositToSession {
                sessionId: ID.0,
                from,
                amount: U256::from(9),
            },
        )
    },
    |world| {
        session_of(world, 1);
        world.deposit(world.owner, ID.0, 9).ok();
        let (to, amount) = (world.owner, U256::from(4));
        let outcome = world
            .session(
                to,
                Session::withdrawFromSessionCall {
                    sessionId: ID.0,
                    amount,
                },
            )
            .ok();
        session(
            outcome,
            Session::WithdrawFromSession {
                sessionId: ID.0,
                to,
                amount,
            },
        )
    },
    |world| {
        let amount = U256::from(7);
        let miners = session_of(world, 1);
        world
            .queue(world.deployer, Queue::setPriceCall { price: amount })
            .ok();
        world.deposit(world.owner, ID.0, 7).ok();
        world.submit(ID.0, "work");
        world.complete(ID, &miners, "result");
        let outcome = world.session(miners[0], Session::withdrawEarningsCall {}).ok();
        session(
            outcome,
            Session::EarningsWithdrawn {
                miner: miners[0],
                amount,
            },
        )
    },
];

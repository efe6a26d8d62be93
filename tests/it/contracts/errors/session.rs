//! Errors of the session contract, its payments and its routers.

use alloy::{
    primitives::{Address, U256},
    sol_types::SolCall,
};

use super::{Case, refusal};
use crate::contracts::{
    bindings::SessionV2 as Session,
    double::Double,
    world::{Contract, MARK, Shape, World, account, miner, node_id, not_utf8},
};

const SESSION: U256 = U256::ZERO;

/// A session of two miners that works on every task with one.
const SMALL: Shape = Shape {
    min: 1,
    max: 2,
    redundant: 1,
    mode: 0,
    reserve: false,
};

fn small(world: &mut World) {
    world.register(2);
    assert_eq!(world.create(SMALL), SESSION);
}

fn dedicated(world: &mut World) {
    assert_eq!(world.create(Shape { mode: 2, ..SMALL }), SESSION);
}

fn update(min: u64, max: u64, redundant: u64) -> Session::updateSessionCall {
    Session::updateSessionCall {
        sessionId: SESSION,
        name: "n".into(),
        metadata: "m".into(),
        minNumOfNodes: U256::from(min),
        maxNumOfNodes: U256::from(max),
        redundant: U256::from(redundant),
    }
}

fn add_dedicated(node: Address) -> Session::addDedicatedNodeCall {
    Session::addDedicatedNodeCall {
        sessionId: SESSION,
        nodeAddress: node,
    }
}

pub(super) const CASES: &[Case] = &[
    |world| {
        let stranger = account("stranger");
        let sent = world.session(stranger, Session::setSessionQueueCall { queue: stranger });
        refusal(sent, Session::OwnableUnauthorizedAccount { account: stranger })
    },
    |world| {
        let sent = world.session(
            world.deployer,
            Session::transferOwnershipCall {
                newOwner: Address::ZERO,
            },
        );
        refusal(sent, Session::OwnableInvalidOwner { owner: Address::ZERO })
    },
    |world| {
        let sent = world.session(world.owner, Session::getSessionCall { sessionId: SESSION });
        refusal(sent, Session::SessionNotFound { sessionId: SESSION })
    },
    |world| {
        small(world);
        let stranger = account("stranger");
        let sent = world.session(stranger, update(1, 2, 1));
        refusal(
            sent,
            Session::NotSessionOwner {
                sessionId: SESSION,
                caller: stranger,
            },
        )
    },
    |world| {
        small(world);
        let stranger = account("stranger");
        let call = Session::submitCall {
            sessionId: SESSION,
            taskData: "".into(),
        };
        let sent = world.session(stranger, call);
        refusal(
            sent,
            Session::NotSessionOwner {
                sessionId: SESSION,
                caller: stranger,
            },
        )
    },
    |world| {
        small(world);
        world
            .session(world.owner, Session::deactivateSessionCall { sessionId: SESSION })
            .ok();
        let sent = world.session(world.owner, Session::deactivateSessionCall { sessionId: SESSION });
        refusal(sent, Session::SessionInactive { sessionId: SESSION })
    },
    |world| {
        let call = Session::takeTaskCall {
            sessionId: SESSION,
            submitter: world.owner,
            price: U256::ZERO,
        };
        let sent = world.session(world.owner, call);
        refusal(sent, Session::OnlyQueue { caller: world.owner })
    },
    |world| {
        let sent = world.session(
            world.deployer,
            Session::setSessionQueueCall {
                queue: world.deployer,
            },
        );
        refusal(sent, Session::SessionQueueAlreadySet { queue: world.queue })
    },
    |world| {
        let sent = world.session(world.owner, Shape { mode: 3, ..SMALL }.call());
        refusal(sent, Session::InvalidMode { mode: U256::from(3) })
    },
    |world| {
        let sent = world.session(world.owner, Shape { min: 3, ..SMALL }.call());
        refusal(sent, bounds(3, 2))
    },
    |world| {
        let sent = world.session(world.owner, Shape { min: 0, ..SMALL }.call());
        refusal(sent, bounds(0, 2))
    },
    |world| {
        let sent = world.session(world.owner, Shape { max: 256, ..SMALL }.call());
        refusal(sent, bounds(1, 256))
    },
    |world| {
        dedicated(world);
        world.dedicate(SESSION, miner(0));
        world.dedicate(SESSION, miner(1));
        let sent = world.session(world.owner, update(1, 1, 1));
        refusal(sent, bounds(1, 1))
    },
    |world| {
        let sent = world.session(
            world.owner,
            Shape {
                redundant: 3,
                ..SMALL
            }
            .call(),
        );
        refusal(sent, redundancy(3, 2))
    },
    |world| {
        let sent = world.session(
            world.owner,
            Shape {
                redundant: 0,
                ..SMALL
            }
            .call(),
        );
        refusal(sent, redundancy(0, 2))
    },
    |world| {
        let sent = world.session(
            world.owner,
            Shape {
                redundant: 256,
                max: 255,
                ..SMALL
            }
            .call(),
        );
        refusal(sent, redundancy(256, 255))
    },
    |world| {
        // Allowed by the new maximum, but the pool has no third miner.
        small(world);
        let sent = world.session(world.owner, update(1, 4, 3));
        refusal(sent, redundancy(3, 2))
    },
    |world| {
        let call = Session::createCall {
            numOfValidatorNodes: U256::from(3),
            ..SMALL.call()
        };
        let sent = world.session(world.owner, call);
        refusal(
            sent,
            Session::InvalidValidatorCount {
                numOfValidatorNodes: U256::from(3),
                limit: U256::from(2),
            },
        )
    },
    |world| {
        world.register(2);
        let sent = world.session(world.owner, Shape::ephemeral(3).call());
        refusal(
            sent,
            Session::TooFewNodes {
                available: U256::from(2),
                required: U256::from(3),
            },
        )
    },
    |world| {
        dedicated(world);
        world.dedicate(SESSION, miner(0));
        world.dedicate(SESSION, miner(1));
        world.allow_dedication(miner(2));
        let sent = world.session(world.owner, add_dedicated(miner(2)));
        refusal(
            sent,
            Session::TooManyNodes {
                sessionId: SESSION,
                maxNumOfNodes: U256::from(2),
            },
        )
    },
    |world| {
        small(world);
        let sent = world.session(world.owner, add_dedicated(account("node")));
        refusal(
            sent,
            Session::WrongMode {
                sessionId: SESSION,
                mode: U256::ZERO,
            },
        )
    },
    |world| {
        dedicated(world);
        let sent = world.session(world.owner, add_dedicated(Address::ZERO));
        refusal(sent, Session::InvalidNode { node: Address::ZERO })
    },
    |world| {
        dedicated(world);
        let node = account("node");
        let sent = world.session(
            world.owner,
            Session::removeDedicatedNodeCall {
                sessionId: SESSION,
                nodeAddress: node,
            },
        );
        refusal(
            sent,
            Session::NotDedicatedNode {
                sessionId: SESSION,
                node,
            },
        )
    },
    |world| {
        small(world);
        let node = node_id(miner(0));
        let sent = world.session(world.owner, Session::releaseByNodeIdCall { nodeId: node });
        refusal(sent, Session::NodeNotReserved { nodeId: node })
    },
    |world| {
        world.register(2);
        world.create(Shape {
            reserve: true,
            ..SMALL
        });
        let node = node_id(miner(0));
        let stranger = account("stranger");
        let sent = world.session(stranger, Session::releaseByNodeIdCall { nodeId: node });
        refusal(
            sent,
            Session::NotReleasable {
                nodeId: node,
                caller: stranger,
            },
        )
    },
    |world| {
        small(world);
        add_router(world).ok();
        let sent = add_router(world);
        refusal(
            sent,
            Session::RouterExists {
                sessionId: SESSION,
                router: account("router"),
            },
        )
    },
    |world| {
        small(world);
        let router = account("router");
        let sent = world.session(
            world.owner,
            Session::removeRouterCall {
                sessionId: SESSION,
                routerAddress: router,
            },
        );
        refusal(
            sent,
            Session::RouterNotFound {
                sessionId: SESSION,
                router,
            },
        )
    },
    |world| {
        small(world);
        let call = Session::withdrawFromSessionCall {
            sessionId: SESSION,
            amount: U256::from(6),
        };
        world.deposit(world.owner, SESSION, 5).ok();
        let sent = world.session(world.owner, call);
        refusal(sent, insufficient(5, 6))
    },
    |world| {
        small(world);
        let sent = world.deposit(world.owner, SESSION, 0);
        refusal(sent, Session::ZeroAmount {})
    },
    |world| {
        world.register(1);
        world.create(Shape {
            reserve: true,
            ..Shape::ephemeral(1)
        });
        let id = world.create(Shape { mode: 2, ..SMALL });
        world.allow_dedication(miner(0));
        let call = Session::addDedicatedNodeCall {
            sessionId: id,
            nodeAddress: miner(0),
        };
        let sent = world.session(world.owner, call);
        refusal(
            sent,
            Session::MinerHeld {
                miner: miner(0),
                sessionId: SESSION,
            },
        )
    },
    |world| {
        small(world);
        let id = world.create(Shape { mode: 2, ..SMALL });
        world.allow_dedication(miner(0));
        let call = Session::addDedicatedNodeCall {
            sessionId: id,
            nodeAddress: miner(0),
        };
        let sent = world.session(world.owner, call);
        refusal(
            sent,
            Session::MinerShared {
                miner: miner(0),
                sessions: U256::ONE,
            },
        )
    },
    |world| {
        let sent = world.session(miner(0), Session::withdrawEarningsCall {});
        refusal(sent, Session::NothingToWithdraw { miner: miner(0) })
    },
    |world| {
        world.register(2);
        let receiver = Double::deploy(world);
        receiver.forward(world, SMALL.call()).ok();
        world.deposit(world.owner, SESSION, 5).ok();
        receiver.refuse(world);
        let amount = U256::from(5);
        let sent = receiver.forward(
            world,
            Session::withdrawFromSessionCall {
                sessionId: SESSION,
                amount,
            },
        );
        refusal(
            sent,
            Session::TransferFailed {
                to: receiver.address,
                amount,
            },
        )
    },
    |world| {
        dedicated(world);
        let node = account("node");
        let sent = world.session(world.owner, add_dedicated(node));
        refusal(
            sent,
            Session::DedicationNotAllowed {
                node,
                sessionOwner: world.owner,
            },
        )
    },
    |world| {
        world.register(2);
        let data = not_utf8(&Session::createCall {
            metadata: MARK.into(),
            ..SMALL.call()
        });
        let sent = world.send(world.owner, Contract::SessionV2, 0, data);
        refusal(sent, Session::InvalidUtf8 { place: U256::ZERO })
    },
    |world| {
        small(world);
        for index in 0..32 {
            world
                .session(world.owner, router(account(&format!("router {index}")), 1024))
                .ok();
        }
        let sent = world.session(world.owner, router(account("router"), 1));
        refusal(
            sent,
            Session::TooManyRouters {
                sessionId: SESSION,
                limit: U256::from(32),
            },
        )
    },
    |world| {
        small(world);
        let sent = world.session(world.owner, router(account("router"), 1025));
        refusal(
            sent,
            Session::RouterInfoTooLong {
                length: U256::from(1025),
                limit: U256::from(1024),
            },
        )
    },
];

fn bounds(min: u64, max: u64) -> Session::InvalidNodeBounds {
    Session::InvalidNodeBounds {
        minNumOfNodes: U256::from(min),
        maxNumOfNodes: U256::from(max),
    }
}

fn redundancy(redundant: u64, limit: u64) -> Session::InvalidRedundancy {
    Session::InvalidRedundancy {
        redundant: U256::from(redundant),
        limit: U256::from(limit),
    }
}

fn insufficient(available: u64, required: u64) -> Session::InsufficientDeposit {
    Session::InsufficientDeposit {
        sessionId: SESSION,
        available: U256::from(available),
        required: U256::from(required),
    }
}

fn add_router(world: &mut World) -> crate::contracts::world::Sent {
    let call = Session::addRouterCall {
        sessionId: SESSION,
        routerAddress: account("router"),
        routerInfo: "http://router".into(),
    };
    world.send(world.owner, Contract::SessionV2, 0, call.abi_encode())
}

fn router(router: Address, info: usize) -> Session::addRouterCall {
    Session::addRouterCall {
        sessionId: SESSION,
        routerAddress: router,
        routerInfo: "x".repeat(info),
    }
}

//! Errors of the node pool.

use alloy::primitives::{Address, U256};

use super::{Case, refusal};
use crate::contracts::{
    bindings::NodePool as Pool,
    world::{Shape, account, miner},
};

pub(super) const CASES: &[Case] = &[
    |world| {
        let stranger = account("stranger");
        let sent = world.pool(stranger, Pool::transferOwnershipCall { newOwner: stranger });
        refusal(sent, Pool::OwnableUnauthorizedAccount { account: stranger })
    },
    |world| {
        let sent = world.pool(
            world.deployer,
            Pool::transferOwnershipCall {
                newOwner: Address::ZERO,
            },
        );
        refusal(sent, Pool::OwnableInvalidOwner { owner: Address::ZERO })
    },
    |world| {
        let sent = world.pool(
            world.deployer,
            Pool::setSessionCall {
                session_: world.deployer,
            },
        );
        refusal(
            sent,
            Pool::SessionAlreadySet {
                session: world.session,
            },
        )
    },
    |world| {
        let call = Pool::drawCall {
            sessionId: U256::ZERO,
            required: U256::ZERO,
            count: U256::ONE,
            reserve: false,
            held: vec![],
        };
        let sent = world.pool(world.deployer, call);
        refusal(
            sent,
            Pool::OnlySession {
                caller: world.deployer,
            },
        )
    },
    |world| {
        world.register(1);
        let sent = world.pool(miner(0), Pool::registerCall {});
        refusal(sent, Pool::AlreadyRegistered { miner: miner(0) })
    },
    |world| {
        let sent = world.pool(miner(0), Pool::unregisterCall {});
        refusal(sent, Pool::NotRegistered { miner: miner(0) })
    },
    |world| {
        world.register(1);
        world.create(Shape {
            reserve: true,
            ..Shape::ephemeral(1)
        });
        let sent = world.pool(miner(0), Pool::unregisterCall {});
        refusal(
            sent,
            Pool::MinerHeld {
                miner: miner(0),
                sessionId: U256::ZERO,
            },
        )
    },
    |world| {
        // The session contract checks nothing here itself, so standing in for it reaches the pool's own check.
        world.stand_in_for_session();
        world.register(1);
        let call = Pool::drawCall {
            sessionId: U256::ZERO,
            required: U256::ZERO,
            count: U256::ONE,
            reserve: false,
            held: vec![],
        };
        world.pool(world.deployer, call).ok();
        world.allow_dedication(miner(0));
        let sent = world.pool(
            world.deployer,
            Pool::holdCall {
                sessionId: U256::ONE,
                sessionOwner: world.owner,
                node: miner(0),
            },
        );
        refusal(
            sent,
            Pool::MinerShared {
                miner: miner(0),
                sessions: U256::ONE,
            },
        )
    },
    |world| {
        world.stand_in_for_session();
        let call = Pool::holdCall {
            sessionId: U256::ZERO,
            sessionOwner: world.owner,
            node: miner(0),
        };
        let sent = world.pool(world.deployer, call);
        refusal(
            sent,
            Pool::DedicationNotAllowed {
                node: miner(0),
                sessionOwner: world.owner,
            },
        )
    },
];

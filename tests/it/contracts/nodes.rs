//! Miners of a session: modes, drawing, reservation, release, and invariant I5 under random use.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::{Address, U256};
use proptest::prelude::*;
use taskstorm::chain::embedded::Status;

use super::{
    bindings::{NodePool as Pool, SessionV2 as Session},
    world::{Shape, World, account, event, miner, node_id},
};

fn miners(world: &mut World, session: U256) -> Vec<Address> {
    world.view_session(Session::getSessionMinersCall { sessionId: session })
}

fn assigned(world: &mut World, session: U256) -> Vec<Address> {
    let task = world.submit(session, "work");
    world.task((session, task)).assignedMiners
}

fn counts(world: &mut World) -> [u64; 3] {
    let found = world.view(super::world::Contract::NodePool, Pool::getCountsCall {});
    [found.idle, found.shared, found.held].map(|count| count.to())
}

#[test]
fn the_snippets_of_the_sdk_reference_work() {
    let mut world = World::new();
    world.register(5);
    let session = world.create(Shape {
        min: 1,
        max: 3,
        redundant: 1,
        mode: 0,
        reserve: false,
    });
    assert_eq!(miners(&mut world, session).len(), 3);
    let [min, max, redundant] = [2, 4, 2].map(U256::from);
    let call = Session::updateSessionCall {
        sessionId: session,
        name: "Updated Name".into(),
        metadata: "Updated Metadata".into(),
        minNumOfNodes: min,
        maxNumOfNodes: max,
        redundant,
    };
    world.session(world.owner, call).ok();
    let found = world.view_session(Session::getSessionsCall { account: world.owner });
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].name.as_str(), found[0].metadata.as_str()),
        ("Updated Name", "Updated Metadata")
    );
    assert_eq!(
        (found[0].minNumOfNodes, found[0].maxNumOfNodes, found[0].redundant),
        (min, max, redundant)
    );
    assert_eq!(found[0].ephemeralNodes.len(), 4, "the new maximum is drawn");
    assert_eq!(assigned(&mut world, session).len(), 2);
}

#[test]
fn tasks_rotate_through_the_sessions_miners() {
    let mut world = World::new();
    world.register(5);
    let session = world.create(Shape {
        min: 5,
        max: 5,
        redundant: 2,
        mode: 0,
        reserve: false,
    });
    let mut work = BTreeMap::<_, u32>::new();
    for _ in 0..10 {
        let assigned = assigned(&mut world, session);
        assert_ne!(assigned[0], assigned[1], "no miner twice");
        assigned
            .into_iter()
            .for_each(|miner| *work.entry(miner).or_default() += 1);
    }
    assert_eq!(work.len(), 5);
    assert!(work.values().all(|&tasks| tasks == 4), "{work:?}");
}

#[test]
fn sessions_share_miners_evenly() {
    let mut world = World::new();
    world.register(10);
    let mut shares = BTreeMap::<_, u32>::new();
    for _ in 0..20 {
        let session = world.create(Shape::ephemeral(3));
        let drawn = miners(&mut world, session);
        assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), 3, "no miner twice");
        drawn
            .into_iter()
            .for_each(|miner| *shares.entry(miner).or_default() += 1);
    }
    assert!(
        shares.len() == 10 && shares.values().all(|count| (5..=7).contains(count)),
        "{shares:?}"
    );
}

#[test]
fn a_dedicated_session_uses_its_own_nodes_only() {
    let mut world = World::new();
    world.register(3);
    let session = world.create(Shape {
        min: 2,
        max: 3,
        redundant: 2,
        mode: 2,
        reserve: true,
    });
    assert!(miners(&mut world, session).is_empty());
    let nodes = [account("outside the pool"), miner(0)];
    nodes.into_iter().for_each(|node| world.dedicate(session, node));
    assert_eq!(miners(&mut world, session), nodes);
    assert_eq!(assigned(&mut world, session), nodes);
    assert_eq!(counts(&mut world), [2, 0, 1]);

    // No other session gets a dedicated node, whether drawn or asked for by name.
    let other = world.create(Shape {
        min: 1,
        max: 3,
        redundant: 1,
        mode: 0,
        reserve: false,
    });
    assert_eq!(miners(&mut world, other).len(), 2);
    let third = world.create(Shape {
        min: 1,
        max: 1,
        redundant: 1,
        mode: 2,
        reserve: false,
    });
    for node in nodes {
        let call = Session::addDedicatedNodeCall {
            sessionId: third,
            nodeAddress: node,
        };
        world.session(world.owner, call).refused(Pool::MinerHeld {
            miner: node,
            sessionId: session,
        });
    }
}

#[test]
fn a_hybrid_session_prefers_its_dedicated_nodes() {
    let mut world = World::new();
    world.register(3);
    let session = world.create(Shape {
        min: 1,
        max: 3,
        redundant: 2,
        mode: 1,
        reserve: false,
    });
    assert_eq!(miners(&mut world, session).len(), 3, "filled up from the pool");
    let [first, second, third] = ["first", "second", "third"].map(account);
    world.dedicate(session, first);
    let found = world.view_session(Session::getSessionCall { sessionId: session });
    assert_eq!(
        (found.dedicatedNodes.len(), found.ephemeralNodes.len()),
        (1, 2),
        "an ephemeral one made room"
    );
    let tasks: [_; 2] = std::array::from_fn(|_| assigned(&mut world, session));
    assert!(tasks.iter().all(|miners| miners[0] == first));
    assert_ne!(tasks[0][1], tasks[1][1], "the pool's miners take turns");
    world.dedicate(session, second);
    world.dedicate(session, third);
    let mut work = BTreeSet::new();
    for _ in 0..3 {
        work.extend(assigned(&mut world, session));
    }
    assert_eq!(work, BTreeSet::from([first, second, third]));
}

#[test]
fn reserved_miners_are_out_of_the_pool_until_released() {
    let mut world = World::new();
    world.register(4);
    let reserving = Shape {
        reserve: true,
        ..Shape::ephemeral(3)
    };
    let session = world.create(reserving);
    let held = miners(&mut world, session);
    let few = Session::TooFewNodes {
        available: U256::from(1),
        required: U256::from(3),
    };
    world.session(world.owner, reserving.call()).refused(few);
    let few = Session::TooFewNodes {
        available: U256::from(1),
        required: U256::from(2),
    };
    world
        .session(world.owner, Shape::ephemeral(2).call())
        .refused(few);

    // The owner lets one go, another goes by itself, the rest is released with the session.
    let release = |node| Session::releaseByNodeIdCall {
        nodeId: node_id(node),
    };
    world.session(world.owner, release(held[0])).ok();
    world.session(held[1], release(held[1])).ok();
    assert_eq!(miners(&mut world, session), [held[2]]);
    assert_eq!(counts(&mut world), [3, 0, 1]);
    let outcome = world
        .session(world.owner, Session::deactivateSessionCall { sessionId: session })
        .ok();
    assert_eq!(event::<Session::NodeReleased>(&outcome).nodeId, node_id(held[2]));
    assert_eq!(counts(&mut world), [4, 0, 0]);
    assert!(miners(&mut world, session).is_empty());
}

#[test]
fn an_update_replaces_released_miners_and_drops_surplus_ones() {
    let mut world = World::new();
    world.register(8);
    let session = world.create(Shape {
        reserve: true,
        ..Shape::ephemeral(3)
    });
    let update = |world: &mut World, max: u64| {
        let call = Session::updateSessionCall {
            sessionId: session,
            name: "".into(),
            metadata: "".into(),
            minNumOfNodes: U256::from(1),
            maxNumOfNodes: U256::from(max),
            redundant: U256::from(1),
        };
        world.session(world.owner, call).ok();
    };
    let held = miners(&mut world, session);
    world
        .session(
            world.owner,
            Session::releaseByNodeIdCall {
                nodeId: node_id(held[0]),
            },
        )
        .ok();
    update(&mut world, 3);
    assert_eq!(miners(&mut world, session).len(), 3);
    update(&mut world, 1);
    assert_eq!(miners(&mut world, session).len(), 1);
    assert_eq!(counts(&mut world), [7, 0, 1]);
}

#[test]
fn a_shared_miner_that_unregisters_is_not_drawn_again() {
    let mut world = World::new();
    world.register(2);
    let session = world.create(Shape::ephemeral(2));
    world.pool(miner(0), Pool::unregisterCall {}).ok();
    let other = world.create(Shape::ephemeral(1));
    assert_eq!(miners(&mut world, other), [miner(1)]);
    // It comes back as what it still is: shared.
    world.pool(miner(0), Pool::registerCall {}).ok();
    assert_eq!(counts(&mut world), [0, 2, 0]);
    for session in [session, other] {
        world
            .session(world.owner, Session::deactivateSessionCall { sessionId: session })
            .ok();
    }
    assert_eq!(counts(&mut world), [2, 0, 0]);
}

/// Something that an owner or a miner does to the pool; refusals are fine, broken invariants are not.
#[derive(Clone, Debug)]
enum Act {
    Register(usize),
    Unregister(usize),
    Create { max: u64, mode: u64, reserve: bool },
    Dedicate { session: u64, node: usize },
    Undedicate { session: u64, node: usize },
    Release(usize),
    Update { session: u64, max: u64 },
    Deactivate(u64),
}

fn act() -> impl Strategy<Value = Act> {
    let node = 0..12_usize;
    let session = 0..8_u64;
    prop_oneof![
        4 => node.clone().prop_map(Act::Register),
        1 => node.clone().prop_map(Act::Unregister),
        3 => (1..5_u64, 0..3_u64, any::<bool>())
            .prop_map(|(max, mode, reserve)| Act::Create { max, mode, reserve }),
        2 => (session.clone(), node.clone()).prop_map(|(session, node)| Act::Dedicate { session, node }),
        1 => (session.clone(), node.clone()).prop_map(|(session, node)| Act::Undedicate { session, node }),
        2 => node.prop_map(Act::Release),
        2 => (session.clone(), 1..6_u64).prop_map(|(session, max)| Act::Update { session, max }),
        1 => session.prop_map(Act::Deactivate),
    ]
}

fn perform(world: &mut World, act: &Act) {
    let owner = world.owner;
    let sent = match *act {
        Act::Register(node) => world.pool(miner(node), Pool::registerCall {}),
        Act::Unregister(node) => world.pool(miner(node), Pool::unregisterCall {}),
        Act::Create { max, mode, reserve } => world.session(
            owner,
            Shape {
                min: 1,
                max,
                redundant: 1,
                mode,
                reserve,
            }
            .call(),
        ),
        Act::Dedicate { session, node } => {
            let (session, node) = (U256::from(session), miner(node));
            world.allow_dedication(node);
            world.session(
                owner,
                Session::addDedicatedNodeCall {
                    sessionId: session,
                    nodeAddress: node,
                },
            )
        }
        Act::Undedicate { session, node } => {
            let (session, node) = (U256::from(session), miner(node));
            world.session(
                owner,
                Session::removeDedicatedNodeCall {
                    sessionId: session,
                    nodeAddress: node,
                },
            )
        }
        Act::Release(node) => world.session(
            owner,
            Session::releaseByNodeIdCall {
                nodeId: node_id(miner(node)),
            },
        ),
        Act::Update { session, max } => world.session(
            owner,
            Session::updateSessionCall {
                sessionId: U256::from(session),
                name: "".into(),
                metadata: "".into(),
                minNumOfNodes: U256::from(1),
                maxNumOfNodes: U256::from(max),
                redundant: U256::from(1),
            },
        ),
        Act::Deactivate(session) => world.session(
            owner,
            Session::deactivateSessionCall {
                sessionId: U256::from(session),
            },
        ),
    };
    assert_ne!(sent.outcome.status, Status::Halted, "{act:?}");
    let panic = [0x4e, 0x48, 0x7b, 0x71];
    assert!(!sent.outcome.output.starts_with(&panic), "{act:?} panics");
}

/// I5, and the pool's books: its counts are what the sessions' own lists add up to.
fn check_pool(world: &mut World) {
    let (mut exclusive, mut shares) = (BTreeMap::new(), BTreeMap::<Address, u64>::new());
    let sessions = world.view_session(Session::getSessionsCall { account: world.owner });
    for session in &sessions {
        let all: Vec<_> = session
            .ephemeralNodes
            .iter()
            .chain(&session.dedicatedNodes)
            .copied()
            .collect();
        let distinct: BTreeSet<_> = all.iter().collect();
        assert_eq!(
            distinct.len(),
            all.len(),
            "session {} has a miner twice",
            session.id
        );
        assert!(U256::from(all.len()) <= session.maxNumOfNodes);
        assert!(
            session.state == 0 || all.is_empty(),
            "a deactivated session keeps miners"
        );
        let reserved = if session.reserveEphemeralNodes {
            &session.ephemeralNodes[..]
        } else {
            &[]
        };
        for node in reserved.iter().chain(&session.dedicatedNodes) {
            assert!(
                exclusive.insert(*node, session.id).is_none(),
                "{node} is reserved twice"
            );
        }
        if !session.reserveEphemeralNodes {
            session
                .ephemeralNodes
                .iter()
                .for_each(|node| *shares.entry(*node).or_default() += 1);
        }
    }
    let [mut idle, mut shared, mut held] = [0; 3];
    for node in (0..12).map(miner) {
        let pool = super::world::Contract::NodePool;
        let holder = world.view(
            pool,
            Pool::getHolderCall {
                nodeId: node_id(node),
            },
        );
        assert_eq!(
            holder.isHeld.then_some(holder.sessionId),
            exclusive.get(&node).copied()
        );
        let share = shares.get(&node).copied().unwrap_or_default();
        assert_eq!(
            world.view(pool, Pool::getSharesCall { miner: node }),
            U256::from(share)
        );
        assert!(
            !holder.isHeld || share == 0,
            "{node} is reserved, but not to one session alone"
        );
        if world.view(pool, Pool::isRegisteredCall { miner: node }) {
            *(if holder.isHeld {
                &mut held
            } else if share > 0 {
                &mut shared
            } else {
                &mut idle
            }) += 1;
        }
    }
    assert_eq!(counts(world), [idle, shared, held]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_reserved_miner_belongs_to_one_session(acts in prop::collection::vec(act(), 1..60)) {
        let mut world = World::new();
        for act in &acts {
            perform(&mut world, act);
            check_pool(&mut world);
        }
    }
}

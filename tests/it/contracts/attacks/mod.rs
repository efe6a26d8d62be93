//! Attacks on the contracts, each as its attacker would try it, on the embedded EVM and on anvil.

/// Tests each attack on both chains.
macro_rules! attacks {
    ($($name:ident),+ $(,)?) => {
        mod embedded {
            $(#[test]
            fn $name() {
                super::$name(super::Kind::Embedded);
            })+
        }

        mod anvil {
            $(#[test]
            fn $name() {
                super::$name(super::Kind::Anvil);
            })+
        }
    };
}

mod texts;

use std::collections::BTreeSet;

use alloy::primitives::{Address, U256};
use taskstorm::chain::embedded::Status;

use super::{
    bindings::{NodePool as Pool, SessionQueueV2 as Queue, SessionV2 as Session},
    chain::Kind,
    world::{ACK, COMMIT, Id, PRECOMMIT, START, Shape, World, account, event, miner, node_id, result_hash},
};

attacks! {
    a_salted_result_cannot_be_guessed_from_its_hash,
    one_session_cannot_take_the_whole_pool,
    the_largest_session_is_created_and_closed_in_one_transaction_each,
    newcomers_wait_behind_all_idle_miners,
    newcomers_do_not_take_every_seat_of_a_pool_at_work,
    closing_and_creating_again_draws_other_miners,
    a_reserved_miner_that_leaves_is_replaced_at_the_next_task,
    nobody_becomes_a_dedicated_node_without_its_consent,
    a_miner_needs_nobody_to_be_paid,
    late_closes_move_no_deadline,
    long_lists_can_be_read_in_pages,
}

const ETHER_PRICE: u128 = 1_000;
/// What a transaction may use at most since osaka (EIP-7825); a block of anvil holds more.
const TRANSACTION_GAS: u64 = 1 << 24;

fn miners(world: &mut World, session: U256) -> Vec<Address> {
    world.view_session(Session::getSessionMinersCall { sessionId: session })
}

fn deactivate(world: &mut World, session: U256) -> u64 {
    world
        .session(world.owner, Session::deactivateSessionCall { sessionId: session })
        .ok()
        .gas_used
}

fn task_of(kind: Kind, miners: usize, price: u128) -> (World, Id, Vec<Address>) {
    let mut world = World::on_chain(kind, price);
    let (session, miners) = world.session_of(miners);
    if price > 0 {
        world.deposit(world.owner, session, price * 10).ok();
    }
    let id = (session, world.submit(session, "yes or no?"));
    (world, id, miners)
}

/// Whoever sees a precommit tries the hashes of all results that it thinks of.
fn a_salted_result_cannot_be_guessed_from_its_hash(kind: Kind) {
    let guesses = ["yes", "no", "salt:yes", "salt:no"];
    let found = |world: &mut World, (session, task): Id, victim: Address| {
        let call = Queue::getTaskResultHashesCall {
            sessionId: session,
            taskId: task,
        };
        let hash = world.view_queue(call).hashes[0];
        guesses
            .into_iter()
            .find(|guess| result_hash((session, task), victim, guess) == hash)
    };
    let (mut world, id, miners) = task_of(kind, 2, 0);
    miners.iter().for_each(|&miner| drop(world.ack(id, miner).ok()));
    world.precommit(id, miners[0], "yes").ok();
    assert_eq!(
        found(&mut world, id, miners[0]),
        Some("yes"),
        "no salt, no secret"
    );

    let (mut world, id, miners) = task_of(kind, 2, 0);
    miners.iter().for_each(|&miner| drop(world.ack(id, miner).ok()));
    let salted = taskstorm::protocol::salted("yes", [7; 16]);
    world.precommit(id, miners[0], &salted).ok();
    assert_eq!(found(&mut world, id, miners[0]), None);
    world.precommit(id, miners[1], "no").ok();
    world.commit(id, miners[0], &salted).ok();
    assert_eq!(world.results(id).results, [salted.as_str()], "read as committed");
    assert_eq!(taskstorm::protocol::unsalted(&salted), "yes");
}

fn one_session_cannot_take_the_whole_pool(kind: Kind) {
    let mut world = World::on_chain(kind, 0);
    world.register(60);
    let greedy = |max, reserve| Shape {
        min: 1,
        max,
        redundant: 1,
        mode: 0,
        reserve,
    };
    let attempt = world.session(world.owner, greedy(65_535, true).call());
    attempt.refused(Session::InvalidNodeBounds {
        minNumOfNodes: U256::ONE,
        maxNumOfNodes: U256::from(65_535),
    });
    let first = world.create(greedy(255, true));
    assert_eq!(miners(&mut world, first).len(), 30, "half of the pool stays free");
    // With half of it reserved, a session gets what it cannot do without and no more.
    let second = world.create(greedy(255, true));
    assert_eq!(miners(&mut world, second).len(), 1);
    let other = world.create(Shape::ephemeral(29));
    assert_eq!(miners(&mut world, other).len(), 29);
}

fn the_largest_session_is_created_and_closed_in_one_transaction_each(kind: Kind) {
    for reserve in [false, true] {
        let mut world = World::on_chain(kind, 0);
        world.register(600);
        let shape = Shape {
            reserve,
            redundant: 1,
            ..Shape::ephemeral(255)
        };
        let create = world.session(world.owner, shape.call()).ok();
        assert!(create.gas_used < TRANSACTION_GAS, "create: {}", create.gas_used);
        let close = deactivate(&mut world, U256::ZERO);
        assert!(close < TRANSACTION_GAS, "close: {close}");
    }
}

fn newcomers_wait_behind_all_idle_miners(kind: Kind) {
    let mut world = World::on_chain(kind, 0);
    let honest: BTreeSet<_> = world.register(12).into_iter().collect();
    let newcomers = ["x", "y", "z"].map(account);
    for newcomer in newcomers {
        world.pool(newcomer, Pool::registerCall {}).ok();
    }
    for _ in 0..4 {
        let session = world.create(Shape {
            reserve: true,
            ..Shape::ephemeral(3)
        });
        let drawn = miners(&mut world, session);
        assert!(drawn.iter().all(|miner| honest.contains(miner)), "{drawn:?}");
    }
    let last = world.create(Shape::ephemeral(3));
    assert_eq!(miners(&mut world, last), newcomers);
}

/// Idle newcomers among miners at work get their share of the seats, not all of them.
fn newcomers_do_not_take_every_seat_of_a_pool_at_work(kind: Kind) {
    let mut world = World::on_chain(kind, 0);
    world.register(30);
    world.create(Shape::ephemeral(30));
    let newcomers = ["x", "y", "z"].map(account);
    for newcomer in newcomers {
        world.pool(newcomer, Pool::registerCall {}).ok();
    }
    let session = world.create(Shape::ephemeral(3));
    let drawn = miners(&mut world, session);
    let seats = drawn.iter().filter(|miner| newcomers.contains(miner)).count();
    assert_eq!(seats, 1, "{drawn:?}");
}

fn closing_and_creating_again_draws_other_miners(kind: Kind) {
    for reserve in [false, true] {
        let mut world = World::on_chain(kind, 0);
        world.register(12);
        let mut seen = BTreeSet::new();
        for _ in 0..4 {
            let session = world.create(Shape {
                reserve,
                ..Shape::ephemeral(3)
            });
            let drawn = miners(&mut world, session);
            assert!(drawn.iter().all(|&miner| seen.insert(miner)), "{drawn:?} again");
            deactivate(&mut world, session);
        }
    }
}

fn a_reserved_miner_that_leaves_is_replaced_at_the_next_task(kind: Kind) {
    let mut world = World::on_chain(kind, 0);
    world.register(4);
    let session = world.create(Shape {
        reserve: true,
        ..Shape::ephemeral(3)
    });
    let held = miners(&mut world, session);
    let release = Session::releaseByNodeIdCall {
        nodeId: node_id(held[1]),
    };
    world.session(held[1], release).ok();
    let task = world.submit(session, "work");
    let assigned = world.task((session, task)).assignedMiners;
    assert_eq!(assigned.len(), 3);
    assert!(!assigned.contains(&held[1]), "the one that waited is drawn first");
}

fn nobody_becomes_a_dedicated_node_without_its_consent(kind: Kind) {
    let mut world = World::on_chain(kind, 0);
    world.register(1);
    let shape = Shape {
        mode: 2,
        ..Shape::ephemeral(1)
    };
    let session = world.create(shape);
    let add = |node| Session::addDedicatedNodeCall {
        sessionId: session,
        nodeAddress: node,
    };
    let outsider = account("somebody who knows nothing");
    for node in [miner(0), outsider] {
        let error = Session::DedicationNotAllowed {
            node,
            sessionOwner: world.owner,
        };
        world.session(world.owner, add(node)).refused(error);
    }
    // Consent to one owner is none to another, and can be taken back.
    for allowed in [account("another owner"), world.owner, Address::ZERO] {
        let call = Pool::allowDedicationCall {
            sessionOwner: allowed,
        };
        world.pool(outsider, call).ok();
        if allowed != world.owner {
            let error = Session::DedicationNotAllowed {
                node: outsider,
                sessionOwner: world.owner,
            };
            world.session(world.owner, add(outsider)).refused(error);
        }
    }
}

/// Nobody closes the phases: a miner that precommitted in time commits all the same, and the forced end pays it.
fn a_miner_needs_nobody_to_be_paid(kind: Kind) {
    for acks in [1, 2] {
        let (mut world, id, miners) = task_of(kind, 2, ETHER_PRICE);
        for &miner in &miners[..acks] {
            world.ack(id, miner).ok();
        }
        world.precommit(id, miners[0], "r").ok();
        let begins = if acks == 1 { ACK } else { PRECOMMIT };
        world.at(START + begins);
        let early = world.commit(id, miners[0], "r").outcome;
        assert_eq!(early.status, Status::Reverted, "the phase before is open");
        world.at(START + begins + 1);
        let outcome = world.commit(id, miners[0], "r").ok();
        event::<Queue::TaskPrecommitEnded>(&outcome);
        world.at(START + ACK + PRECOMMIT + COMMIT + 1);
        world.force_end(id).ok();
        let earned = world.view_session(Session::getEarningsCall { miner: miners[0] });
        assert_eq!(earned, U256::from(ETHER_PRICE));
        assert_eq!(world.results(id).results, ["r"]);
    }
}

/// Phases are closed at the last second, each time: the last deadline stays where it was.
fn late_closes_move_no_deadline(kind: Kind) {
    let (mut world, id, miners) = task_of(kind, 3, 0);
    world.ack(id, miners[0]).ok();
    world.ack(id, miners[1]).ok();
    let last = START + ACK + PRECOMMIT + COMMIT;
    let deadline = |world: &mut World| -> u64 {
        let call = Queue::getDeadlinesCall {
            sessionId: id.0,
            taskId: id.1,
        };
        world.view_queue(call).last.to()
    };
    assert_eq!(deadline(&mut world), last);
    world.precommit(id, miners[0], "r").ok();
    world.at(START + ACK + PRECOMMIT - 1);
    world.end_ack(id).ok();
    assert_eq!(deadline(&mut world), last);
    world.at(last - 1);
    let too_late = Queue::WindowClosed {
        sessionId: id.0,
        taskId: id.1,
        deadline: U256::from(START + ACK + PRECOMMIT),
    };
    world.precommit(id, miners[1], "r").refused(too_late);
    world.end_precommit(id).ok();
    assert_eq!(deadline(&mut world), last);
    world.commit(id, miners[0], "r").ok();
    assert_eq!(world.status(id), 4);
}

fn long_lists_can_be_read_in_pages(kind: Kind) {
    let mut world = World::on_chain(kind, 0);
    let (session, _) = world.session_of(1);
    world.create(Shape::ephemeral(1));
    for index in 0..5 {
        world.submit(session, &index.to_string());
    }
    for (start, limit, expected) in [
        (0, 2, &["0", "1"][..]),
        (3, 9, &["3", "4"]),
        (4, 0, &[]),
        (5, 1, &[]),
        (u64::MAX, u64::MAX, &[]),
    ] {
        let call = Queue::getTasksBySessionIdPagedCall {
            sessionId: session,
            start: U256::from(start),
            limit: U256::from(limit),
        };
        let tasks = world.view_queue(call);
        let data: Vec<_> = tasks.iter().map(|task| task.data.as_str()).collect();
        assert_eq!(data, expected);
    }
    for (start, limit, expected) in [(0, 1, 1), (1, 5, 1), (0, 5, 2), (2, 1, 0)] {
        let call = Session::getSessionsPagedCall {
            account: world.owner,
            start: U256::from(start),
            limit: U256::from(limit),
        };
        assert_eq!(world.view_session(call).len(), expected);
    }
}

//! Money: prices, payouts, refunds, and receivers that try to be paid twice.

use alloy::primitives::{Address, U256};

use super::{
    bindings::{SessionQueueV2 as Queue, SessionV2 as Session},
    double::Double,
    world::{ACK, COMMIT, Contract, ETHER, PRECOMMIT, Shape, World, account},
};

const PRICE: u128 = 1_000_000_000_000_007;

fn priced() -> World {
    World::with([ACK, PRECOMMIT, COMMIT], PRICE)
}

fn balance(world: &mut World, session: U256) -> (u128, u128) {
    let found = world.view_session(Session::getSessionBalanceCall { sessionId: session });
    (found.available.to(), found.reserved.to())
}

fn earnings(world: &mut World, miner: Address) -> u128 {
    world.view_session(Session::getEarningsCall { miner }).to()
}

#[test]
fn miners_that_committed_are_paid_and_the_rest_returns() {
    let mut world = priced();
    let (session, miners) = world.session_of(3);
    world.deposit(account("owner"), session, 10 * PRICE).ok();
    let id = (session, world.submit(session, "work"));
    assert_eq!(balance(&mut world, session), (7 * PRICE, 3 * PRICE));

    for &miner in &miners {
        world.ack(id, miner).ok();
    }
    world.precommit(id, miners[0], "r").ok();
    world.precommit(id, miners[1], "r").ok();
    world.advance(PRECOMMIT + 1);
    world.end_precommit(id).ok();
    world.commit(id, miners[1], "r").ok();
    world.advance(COMMIT + 1);
    world.end_commit(id).ok();
    world.end(id).ok();

    assert_eq!(balance(&mut world, session), (9 * PRICE, 0));
    assert_eq!(
        miners
            .iter()
            .map(|&miner| earnings(&mut world, miner))
            .collect::<Vec<_>>(),
        [0, PRICE, 0]
    );
    world.session(miners[1], Session::withdrawEarningsCall {}).ok();
    assert_eq!(world.chain.balance(miners[1]), U256::from(PRICE));
    assert_eq!(world.chain.balance(world.session), U256::from(9 * PRICE));
}

#[test]
fn a_task_that_nobody_took_on_costs_nothing() {
    let mut world = priced();
    let (session, _) = world.session_of(3);
    world.deposit(world.owner, session, 3 * PRICE).ok();
    let id = (session, world.submit(session, "work"));
    world.advance(ACK + 1);
    let outcome = world.force_end(id).ok();
    assert!(
        super::world::event::<Queue::TaskEnded>(&outcome)
            .miners
            .is_empty()
    );
    assert_eq!(balance(&mut world, session), (3 * PRICE, 0));
}

#[test]
fn a_new_price_reaches_only_new_tasks() {
    let mut world = priced();
    let (session, miners) = world.session_of(1);
    world.deposit(world.owner, session, 4 * PRICE).ok();
    let old = (session, world.submit(session, "old price"));
    world
        .queue(
            world.deployer,
            Queue::setPriceCall {
                price: U256::from(2 * PRICE),
            },
        )
        .ok();
    let new = (session, world.submit(session, "new price"));
    world
        .queue(world.deployer, Queue::setPriceCall { price: U256::ZERO })
        .ok();
    let free = (session, world.submit(session, "free"));
    assert_eq!(balance(&mut world, session), (PRICE, 3 * PRICE));
    world.complete(free, &miners, "r");
    assert_eq!(earnings(&mut world, miners[0]), 0);
    world.complete(old, &miners, "r");
    assert_eq!(earnings(&mut world, miners[0]), PRICE);
    world.complete(new, &miners, "r");
    assert_eq!(earnings(&mut world, miners[0]), 3 * PRICE);
    assert_eq!(balance(&mut world, session), (PRICE, 0));
}

#[test]
fn a_deactivated_session_finishes_its_tasks_and_pays_out_what_is_left() {
    let mut world = priced();
    let (session, miners) = world.session_of(2);
    world.deposit(world.owner, session, 5 * PRICE).ok();
    let id = (session, world.submit(session, "work"));
    world
        .session(world.owner, Session::deactivateSessionCall { sessionId: session })
        .ok();
    let call = Session::withdrawFromSessionCall {
        sessionId: session,
        amount: U256::from(3 * PRICE),
    };
    world.session(world.owner, call).ok();
    world
        .deposit(world.owner, session, 1)
        .refused(Session::SessionInactive { sessionId: session });
    let submit = Queue::submitTaskCall {
        sessionId: session,
        taskData: "late".into(),
    };
    world
        .queue(world.owner, submit)
        .refused(Session::SessionInactive { sessionId: session });

    world.complete(id, &miners, "r");
    let results = world.results(id);
    assert_eq!((results.miners, results.results), (miners, vec!["r".into(); 2]));
    assert_eq!(balance(&mut world, session), (0, 0));
}

#[test]
fn anyone_may_deposit_but_only_the_owner_withdraws() {
    let mut world = World::new();
    let (session, _) = world.session_of(1);
    let donor = account("donor");
    world.chain.set_balance(donor, U256::from(ETHER));
    world.deposit(donor, session, ETHER).ok();
    let call = Session::withdrawFromSessionCall {
        sessionId: session,
        amount: U256::from(1),
    };
    world.session(donor, call).refused(Session::NotSessionOwner {
        sessionId: session,
        caller: donor,
    });
}

#[test]
fn an_owner_that_calls_back_is_not_paid_twice() {
    let mut world = World::new();
    world.register(1);
    let thief = Double::deploy(&mut world);
    thief.forward(&mut world, Shape::ephemeral(1).call()).ok();
    let session = U256::ZERO;
    let victim = world.create(Shape::ephemeral(1));
    world.deposit(world.owner, session, 10).ok();
    world.deposit(world.owner, victim, 100).ok();

    let withdraw = Session::withdrawFromSessionCall {
        sessionId: session,
        amount: U256::from(10),
    };
    thief.call_back(&mut world, withdraw.clone());
    thief.forward(&mut world, withdraw).ok();
    assert!(!thief.callback_succeeded(&mut world));
    assert_eq!(thief.payments(&mut world), 1);
    assert_eq!(world.chain.balance(thief.address), U256::from(10));
    assert_eq!(world.chain.balance(world.session), U256::from(100));
}

#[test]
fn a_miner_that_calls_back_is_not_paid_twice() {
    let mut world = priced();
    let thief = Double::deploy(&mut world);
    let register = super::bindings::NodePool::registerCall {};
    thief.forward_to(&mut world, Contract::NodePool, register).ok();
    let session = world.create(Shape::ephemeral(1));
    world.deposit(world.owner, session, 2 * PRICE).ok();
    let id = (session, world.submit(session, "work"));
    let (session_id, task_id) = id;
    let hash = super::world::result_hash(id, thief.address, "r");
    let queue = Contract::SessionQueueV2;
    let ack = Queue::ackCall {
        sessionId: session_id,
        taskId: task_id,
    };
    thief.forward_to(&mut world, queue, ack).ok();
    let precommit = Queue::precommitCall {
        sessionId: session_id,
        taskId: task_id,
        hash,
        data: String::new(),
    };
    thief.forward_to(&mut world, queue, precommit).ok();
    let commit = Queue::commitCall {
        sessionId: session_id,
        taskId: task_id,
        data: "r".into(),
    };
    thief.forward_to(&mut world, queue, commit).ok();
    world.end(id).ok();

    thief.call_back(&mut world, Session::withdrawEarningsCall {});
    thief.forward(&mut world, Session::withdrawEarningsCall {}).ok();
    assert!(!thief.callback_succeeded(&mut world));
    assert_eq!(world.chain.balance(thief.address), U256::from(PRICE));
    assert_eq!(world.chain.balance(world.session), U256::from(PRICE));
}

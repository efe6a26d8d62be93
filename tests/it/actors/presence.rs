//! A miner that comes and goes, as a table.

use taskstorm::{
    plan::Plan,
    protocol::{Call, Event, Input, Miner, Timer},
    record::TxOutcome,
    scenario::Loaded,
};

use super::stage::{KEY, event, miners, outcome, plan, reverted, timer, told};

fn miner(behaviour: &str) -> Miner {
    let plan = plan("tasks = 1", behaviour);
    Miner::new(plan.miners[0].clone())
}

/// A miner in the pool, when the load begins.
fn registered(churn: &str) -> (Miner, Vec<String>) {
    let mut miner = miner(&format!("{churn}\nack_delay = \"10ms\"\nwork_time = \"300ms\""));
    assert_eq!(told(&mut miner, 0, Input::SetUp), ["register at 0"]);
    assert!(outcome(&mut miner, 10, &Call::Register, &TxOutcome::Included).is_empty());
    let begun = told(&mut miner, 100, Input::Begin);
    (miner, begun)
}

const LEAVES: &str = "churn = { lifetime = \"5s\", away = \"2s\" }";
const CRASHES: &str = "churn = { kind = \"crash\", lifetime = \"5s\", away = \"2s\" }";

fn assigned() -> Event {
    Event::TaskAssigned {
        key: KEY,
        miners: miners(1),
    }
}

#[test]
fn it_leaves_the_pool_and_comes_back() {
    let (mut miner, begun) = registered(LEAVES);
    assert_eq!(begun, ["wake for leaving at 5100"]);
    assert_eq!(
        timer(&mut miner, 5100, Timer::Leave),
        ["wake for joining at 7100", "unregister at 5100"]
    );
    assert!(
        event(&mut miner, 5200, &assigned(), 0).is_empty(),
        "it takes nothing on"
    );
    assert!(outcome(&mut miner, 6000, &Call::Unregister, &TxOutcome::Included).is_empty());
    assert_eq!(
        timer(&mut miner, 7100, Timer::Join),
        ["register at 7100", "wake for leaving at 12100"]
    );
    assert_eq!(event(&mut miner, 7200, &assigned(), 0), ["wake for ack at 7210"]);
}

#[test]
fn it_finishes_what_it_acked_and_acks_nothing_more() {
    let (mut miner, _) = registered(LEAVES);
    event(&mut miner, 4000, &assigned(), 0);
    assert_eq!(timer(&mut miner, 4010, Timer::Ack(KEY)), ["ack at 4010"]);
    timer(&mut miner, 5100, Timer::Leave);
    assert_eq!(
        outcome(&mut miner, 5200, &Call::Ack(KEY), &TxOutcome::Included),
        ["wake for work done at 5500"]
    );
    assert_eq!(
        timer(&mut miner, 5500, Timer::WorkDone(KEY)),
        ["precommit at 5500"]
    );

    let (mut miner, _) = registered(LEAVES);
    event(&mut miner, 5095, &assigned(), 0);
    timer(&mut miner, 5100, Timer::Leave);
    assert!(timer(&mut miner, 5105, Timer::Ack(KEY)).is_empty());
}

#[test]
fn one_that_a_session_holds_asks_it_to_let_go_once() {
    let (mut miner, _) = registered(LEAVES);
    timer(&mut miner, 5100, Timer::Leave);
    assert_eq!(
        outcome(&mut miner, 6000, &Call::Unregister, &reverted()),
        ["releaseByNodeId at 6000", "unregister at 6000"]
    );
    assert!(outcome(&mut miner, 6500, &Call::Unregister, &reverted()).is_empty());
    // It never left the pool: there is nothing to enter.
    assert_eq!(
        timer(&mut miner, 7100, Timer::Join),
        ["wake for leaving at 12100"]
    );
}

#[test]
fn one_that_is_back_before_it_has_left_enters_again_afterwards() {
    let (mut miner, _) = registered(LEAVES);
    timer(&mut miner, 5100, Timer::Leave);
    assert_eq!(
        timer(&mut miner, 7100, Timer::Join),
        ["wake for leaving at 12100"]
    );
    assert_eq!(
        outcome(&mut miner, 7500, &Call::Unregister, &TxOutcome::Included),
        ["register at 7500"]
    );
}

#[test]
fn a_crash_forgets_everything_and_sends_nothing() {
    let (mut miner, _) = registered(CRASHES);
    event(&mut miner, 4000, &assigned(), 0);
    timer(&mut miner, 4010, Timer::Ack(KEY));
    outcome(&mut miner, 5000, &Call::Ack(KEY), &TxOutcome::Included);
    assert_eq!(
        timer(&mut miner, 5100, Timer::Leave),
        ["wake for joining at 7100"]
    );
    assert!(timer(&mut miner, 5300, Timer::WorkDone(KEY)).is_empty());
    assert!(event(&mut miner, 5400, &Event::TaskPrecommitEnded { key: KEY }, 0).is_empty());
    // It is still in the pool, and at work on the next task at once: nothing holds its place.
    assert_eq!(
        timer(&mut miner, 7100, Timer::Join),
        ["wake for leaving at 12100"]
    );
    event(&mut miner, 7200, &assigned(), 0);
    timer(&mut miner, 7210, Timer::Ack(KEY));
    assert_eq!(
        outcome(&mut miner, 8000, &Call::Ack(KEY), &TxOutcome::Included),
        ["wake for work done at 8300"]
    );
}

#[test]
fn one_that_joins_later_enters_the_pool_then() {
    let text = "name = \"late\"\nowners = { count = 1, tasks = 1 }\n[[miners]]\ncount = 1\njoin_after = \"3s\"\n\
                [[miners]]\nname = \"there\"\ncount = 1";
    let loaded = Loaded::from_toml("late", text).unwrap_or_else(|error| panic!("{error:?}"));
    let mut miner = Miner::new(Plan::of(&loaded.scenario).miners[0].clone());
    assert!(told(&mut miner, 0, Input::SetUp).is_empty());
    assert_eq!(told(&mut miner, 100, Input::Begin), ["wake for joining at 3100"]);
    assert!(event(&mut miner, 200, &assigned(), 0).is_empty());
    assert_eq!(timer(&mut miner, 3100, Timer::Join), ["register at 3100"]);
}

#[test]
fn nobody_goes_or_comes_when_the_load_is_over() {
    let (mut miner, _) = registered(LEAVES);
    assert!(told(&mut miner, 5000, Input::Close).is_empty());
    assert!(timer(&mut miner, 5100, Timer::Leave).is_empty());
}

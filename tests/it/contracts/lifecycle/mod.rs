//! Random interleavings of everything that owners, miners and oracles do, right and wrong, against a model of the
//! protocol written apart from the contracts. Every transaction must have exactly the outcome that the model
//! predicts, down to the error's arguments, and the state that readers see must be the model's.

use alloy::primitives::{Address, U256};
use proptest::prelude::*;
use taskstorm::chain::embedded::Status;

use self::{
    actions::{Action, action},
    model::Model,
};
use super::{
    bindings::{SessionQueueV2 as Queue, SessionV2 as Session},
    world::{Shape, World},
};

mod actions;
mod model;

const SESSIONS: u64 = 2;
const MINERS: usize = 4;

/// Two sessions that share four miners: one of redundancy 2 that rotates, one of redundancy 3 with three of them.
fn setting() -> (World, Model) {
    let mut world = World::new();
    world.register(MINERS);
    let mut model = Model::new(world.now());
    for (max, redundant) in [(4, 2), (3, 3)] {
        let id = world.create(Shape {
            min: 1,
            max,
            redundant,
            mode: 0,
            reserve: false,
        });
        let miners = world.view_session(Session::getSessionMinersCall { sessionId: id });
        model.add_session(miners, redundant as usize);
    }
    (world, model)
}

/// I2, I4, I6, I8: what readers see is what the model holds, which has them by construction.
fn check(world: &mut World, model: &Model) {
    let mut global_ids = Vec::new();
    for (number, session) in model.sessions.iter().enumerate() {
        let id = U256::from(number);
        let found = world.view_session(Session::getSessionBalanceCall { sessionId: id });
        let found: (u128, u128) = (found.available.to(), found.reserved.to());
        assert_eq!(found, (session.available, session.reserved));
        let tasks = world.view_queue(Queue::getTasksBySessionIdCall { sessionId: id });
        assert_eq!(tasks.len(), session.tasks.len());
        for (number, (found, task)) in tasks.iter().zip(&session.tasks).enumerate() {
            assert_eq!(found.id, U256::from(number), "task ids are dense");
            assert_eq!(found.gid, U256::from(task.global_id));
            assert_eq!(
                (found.status, found.ended),
                (task.status, task.status == model::ENDED)
            );
            assert_eq!(
                found.assignedMiners,
                task.miners.iter().map(|miner| miner.address).collect::<Vec<_>>()
            );
            assert_eq!(found.finishedAt, U256::from(task.ended_at));
            let results = world.results((id, found.id));
            let expected: (Vec<_>, Vec<_>) = task
                .results()
                .map(|(miner, text)| (miner, text.to_owned()))
                .unzip();
            assert_eq!((results.miners, results.results), expected);
            global_ids.push(task.global_id);
        }
    }
    global_ids.sort_unstable();
    assert!(
        global_ids.into_iter().eq(0..model.tasks_submitted),
        "global ids are unique and dense"
    );

    let miners: Vec<Address> = (0..MINERS).map(super::world::miner).collect();
    for &miner in &miners {
        let found: u128 = world.view_session(Session::getEarningsCall { miner }).to();
        assert_eq!(found, model.earnings(miner));
    }
    assert_eq!(
        world.chain.balance(world.session),
        U256::from(model.balance()),
        "every wei is accounted for"
    );
    assert_eq!(model.deposited, model.balance() + model.withdrawn);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_contracts_do_what_the_model_does(actions in prop::collection::vec(action(), 1..120)) {
        let (mut world, mut model) = setting();
        for action in &actions {
            run(&mut world, &mut model, action);
            check(&mut world, &model);
        }
        close_everything(&mut world, &mut model);
    }
}

fn run(world: &mut World, model: &mut Model, action: &Action) {
    if let Action::Wait(seconds) = *action {
        world.advance(seconds);
        model.now += seconds;
        return;
    }
    if let Action::Step {
        session,
        task,
        choice,
    } = *action
    {
        if let Some(step) = model.next_step(session, task, choice) {
            run(world, model, &step);
        }
        return;
    }
    let sent = action.send(world);
    let expected = model.apply(action);
    match expected {
        Ok(events) => {
            assert_eq!(
                sent.outcome.status,
                Status::Success,
                "{action:?}: {}",
                sent.outcome.output
            );
            let found: Vec<_> = sent.outcome.logs.iter().map(|log| log.topics()[0]).collect();
            assert_eq!(found, events, "{action:?}");
        }
        Err(error) => {
            assert_eq!(sent.outcome.status, Status::Reverted, "{action:?}");
            assert_eq!(sent.outcome.output.as_ref(), error, "{action:?}");
        }
    }
}

/// I7: whatever state the tasks are in, one oracle ends them all once their last deadlines have passed.
fn close_everything(world: &mut World, model: &mut Model) {
    run(world, model, &Action::Wait(1_000));
    for session in 0..SESSIONS {
        for task in 0..model.sessions[session as usize].tasks.len() as u64 {
            if model.sessions[session as usize].tasks[task as usize].status != model::ENDED {
                run(
                    world,
                    model,
                    &Action::End {
                        session,
                        task,
                        force: true,
                        by_oracle: true,
                    },
                );
            }
        }
    }
    check(world, model);
    assert!(model.sessions.iter().all(|session| session.reserved == 0));
}

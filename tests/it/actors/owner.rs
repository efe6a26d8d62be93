//! The owner's table.

use taskstorm::{
    plan::LoadPlan,
    protocol::{Action, Actor, Call, Event, Input, Owner, State, TaskKey, Timer},
    record::TxOutcome,
    time::Micros,
};

use super::stage::{event, miners, outcome, plan, reverted, timer, told};

/// An owner whose sessions have the ids 7, 8, …
fn with_sessions(behaviour: &str, sessions: u64) -> Owner {
    let mut plan = plan(behaviour, "");
    let owner_plan = plan.owners.remove(0);
    let creates: Vec<Call> = owner_plan
        .sessions
        .iter()
        .map(|session| Call::Create(session.spec.clone()))
        .collect();
    let mut owner = Owner::new(owner_plan);
    assert_eq!(told(&mut owner, 0, Input::SetUp).len() as u64, sessions);
    for (create, session) in creates.iter().zip(7..) {
        let created = Event::SessionCreated {
            session,
            owner: miners(9)[8],
            miners: miners(1),
        };
        told(
            &mut owner,
            10,
            Input::Outcome(create, &TxOutcome::Included, &[created]),
        );
    }
    owner
}

fn ended(session: u64, task: u64) -> Event {
    let key = TaskKey { session, task };
    Event::TaskEnded {
        key,
        miners: miners(1),
    }
}

#[test]
fn a_payload_is_as_large_as_its_arrival_says_or_else_as_is_drawn() {
    let mut plan = plan("tasks = 3\nload = { constant = \"1/s\" }\npayload_size = 50", "");
    let mut owner_plan = plan.owners.remove(0);
    let LoadPlan::Open(arrivals) = &mut owner_plan.load else {
        panic!("an open load")
    };
    for (arrival, payload) in arrivals.iter_mut().zip([Some(7), None, Some(0)]) {
        (arrival.at, arrival.payload) = (Micros::ZERO, payload);
    }
    let spec = owner_plan.sessions[0].spec.clone();
    let mut owner = Owner::new(owner_plan);
    let created = Event::SessionCreated {
        session: 7,
        owner: miners(9)[8],
        miners: miners(1),
    };
    let create = Call::Create(spec);
    told(
        &mut owner,
        0,
        Input::Outcome(&create, &TxOutcome::Included, &[created]),
    );
    let mut actions = Vec::new();
    owner.step(Micros::ZERO, Input::Begin, &State::default(), &mut actions);
    let sizes: Vec<_> = actions
        .iter()
        .filter_map(|action| match action {
            Action::Send {
                call: Call::Submit { data, .. },
                ..
            } => Some(data.len()),
            _ => None,
        })
        .collect();
    assert_eq!(sizes, [7, 50, 0]);
}

#[test]
fn it_opens_its_sessions_and_deposits_where_it_must() {
    let text = "tasks = 2\nsessions = 2\ndeposit = \"5 wei\"";
    let mut plan = plan(text, "");
    let spec = plan.owners[0].sessions[0].spec.clone();
    let mut owner = Owner::new(plan.owners.remove(0));
    assert_eq!(told(&mut owner, 0, Input::SetUp), ["create at 0", "create at 0"]);
    let created = Event::SessionCreated {
        session: 31,
        owner: miners(9)[8],
        miners: miners(1),
    };
    let input = Input::Outcome(
        &Call::Create(spec),
        &TxOutcome::Included,
        std::slice::from_ref(&created),
    );
    assert_eq!(told(&mut owner, 10, input), ["deposit 5 to 31 at 10"]);
}

#[test]
fn a_closed_load_keeps_so_many_in_flight_until_none_is_left() {
    let mut owner = with_sessions(
        "tasks = { per_session = 3 }\nsessions = 2\nload = { back_to_back = { in_flight = 2 } }",
        2,
    );
    assert_eq!(
        told(&mut owner, 100, Input::Begin),
        [
            "submitTask to 7 at 100",
            "submitTask to 7 at 100",
            "submitTask to 8 at 100",
            "submitTask to 8 at 100"
        ]
    );
    let read = "read TaskResults(TaskKey { session: 7, task: 0 })";
    assert_eq!(
        event(&mut owner, 200, &ended(7, 0), 0),
        [read, "submitTask to 7 at 200"]
    );
    let last = "read TaskResults(TaskKey { session: 7, task: 1 })";
    assert_eq!(event(&mut owner, 300, &ended(7, 1), 0), [last]);
    // One that never was queued makes room as well; one that was queued does so when it ends.
    let data = String::new();
    let submit = Call::Submit { session: 8, data };
    assert!(outcome(&mut owner, 400, &submit, &TxOutcome::Included).is_empty());
    assert_eq!(
        outcome(&mut owner, 400, &submit, &reverted()),
        ["submitTask to 8 at 400"]
    );
    assert!(outcome(&mut owner, 400, &submit, &reverted()).is_empty());
    // Its last words come with the end of its last task.
    assert!(event(&mut owner, 500, &ended(7, 2), 0).len() == 1);
    assert_eq!(outcome(&mut owner, 500, &submit, &reverted()), ["load over"]);
}

#[test]
fn an_open_load_keeps_its_plan_however_late_it_is_woken() {
    let mut owner = with_sessions("tasks = 5\nload = { constant = \"10/s\" }", 1);
    assert_eq!(
        told(&mut owner, 1000, Input::Begin),
        ["submitTask to 7 at 1000", "wake for arrival at 1100"]
    );
    assert_eq!(
        timer(&mut owner, 1350, Timer::Arrival),
        [
            "submitTask to 7 at 1100",
            "submitTask to 7 at 1200",
            "submitTask to 7 at 1300",
            "wake for arrival at 1400"
        ]
    );
    assert_eq!(
        timer(&mut owner, 1400, Timer::Arrival),
        ["submitTask to 7 at 1400", "load over"]
    );
    // What becomes of a task changes nothing about the next.
    assert_eq!(event(&mut owner, 1500, &ended(7, 0), 0).len(), 1);
}

#[test]
fn a_closed_load_thinks_between_two_tasks() {
    let mut owner = with_sessions("tasks = 2\nload = { back_to_back = { think_time = \"2s\" } }", 1);
    assert_eq!(told(&mut owner, 100, Input::Begin), ["submitTask to 7 at 100"]);
    assert_eq!(
        event(&mut owner, 700, &ended(7, 0), 0)[1..],
        ["wake for thinking at 2700"]
    );
    assert_eq!(
        timer(&mut owner, 2700, Timer::Think(0)),
        ["submitTask to 7 at 2700"]
    );
    // After the last task there is nothing to think about.
    assert_eq!(event(&mut owner, 3000, &ended(7, 1), 0)[1..], ["load over"]);
}

#[test]
fn a_closed_load_ends_by_time_and_may_begin_late() {
    let mut owner = with_sessions(
        "duration = \"10s\"\nstart = \"5s\"\nload = { back_to_back = { in_flight = 3, think_time = \"1s\" } }",
        1,
    );
    assert_eq!(told(&mut owner, 100, Input::Begin), ["wake for start at 5100"]);
    assert_eq!(timer(&mut owner, 5100, Timer::Start).len(), 3);
    assert_eq!(
        event(&mut owner, 6000, &ended(7, 0), 0)[1..],
        ["wake for thinking at 7000"]
    );
    assert_eq!(
        timer(&mut owner, 7000, Timer::Think(0)),
        ["submitTask to 7 at 7000"]
    );
    // The next would come at 15,100, when the load is over: nobody waits for that.
    assert!(event(&mut owner, 14_100, &ended(7, 1), 0).len() == 1);
    assert!(event(&mut owner, 15_000, &ended(7, 2), 0).len() == 1);
    assert_eq!(event(&mut owner, 20_000, &ended(7, 3), 0)[1..], ["load over"]);
}

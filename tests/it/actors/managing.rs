//! An owner that manages its sessions, as a table.

use taskstorm::{
    plan::{Duty, Plan},
    protocol::{Call, Event, Input, Owner, TaskKey, Timer},
    record::TxOutcome,
    scenario::Loaded,
};

use super::stage::{event, miners, outcome, reverted, tail, timer, told};

/// The plan of one owner of one session, which costs 20 wei a task.
fn plan(manage: &str) -> Plan {
    let text = format!(
        "name = \"tables\"\nprice = 10\n[owners]\ncount = 1\nredundancy = 2\ntasks = 9\nload = {{ constant = \"1/s\" }}\n\
         {manage}\n[[miners]]\ncount = 3\n[[miners]]\nname = \"gpu\"\ncount = 3\n"
    );
    let loaded = Loaded::from_toml("tables", &text).unwrap_or_else(|error| panic!("{error:?}"));
    Plan::of(&loaded.scenario)
}

fn created(session: u64) -> Event {
    Event::SessionCreated {
        session,
        owner: miners(9)[8],
        miners: miners(2),
    }
}

/// The outcome of the owner's `create`: this session.
fn opened(owner: &mut Owner, create: &Call, at: u64, session: u64) -> Vec<String> {
    let events = [created(session)];
    told(owner, at, Input::Outcome(create, &TxOutcome::Included, &events))
}

/// The owner of session 7, whose deposit of 180 wei is there, when the load begins; and its `create`.
fn owner(manage: &str) -> (Owner, Call, Plan) {
    let plan = plan(manage);
    let mut owner = Owner::new(plan.owners[0].clone());
    let create = Call::Create(plan.owners[0].sessions[0].spec.clone());
    told(&mut owner, 0, Input::SetUp);
    let first = opened(&mut owner, &create, 10, 7);
    assert_eq!(first[0], "deposit 180 to 7 at 10");
    let amount = plan.owners[0].sessions[0].deposit;
    outcome(
        &mut owner,
        20,
        &Call::Deposit { session: 7, amount },
        &TxOutcome::Included,
    );
    let begun = told(&mut owner, 100, Input::Begin);
    assert!(begun.contains(&"submitTask to 7 at 100".to_owned()), "{begun:?}");
    (owner, create, plan)
}

/// What a duty does when it is due, without the wait for the next time.
fn due(owner: &mut Owner, at: u64, duty: Duty) -> Vec<String> {
    let mut actions = timer(owner, at, Timer::Manage(duty));
    let wait = actions.pop().unwrap_or_default();
    assert!(wait.starts_with("wake for management at "), "{wait}");
    actions
}

fn ended(session: u64, task: u64) -> Event {
    let key = TaskKey { session, task };
    Event::TaskEnded {
        key,
        miners: miners(2),
    }
}

#[test]
fn money_and_terms() {
    let (mut owner, ..) = owner(
        "manage = { update = \"1/s\", top_up = { rate = \"1/s\", amount = 5 }, withdraw = { rate = \"1/s\", amount = 3 } }",
    );
    assert_eq!(
        due(&mut owner, 500, Duty::Update),
        ["update 7: revision 1 at 500"]
    );
    assert_eq!(
        due(&mut owner, 900, Duty::Update),
        ["update 7: revision 2 at 900"]
    );
    assert_eq!(due(&mut owner, 500, Duty::TopUp), ["deposit 5 to 7 at 500"]);
    assert_eq!(due(&mut owner, 500, Duty::Withdraw), ["withdraw 3 from 7 at 500"]);
    told(&mut owner, 1000, Input::Close);
    assert!(timer(&mut owner, 1100, Timer::Manage(Duty::Update)).is_empty());
}

#[test]
fn routers_go_round_and_start_over_when_one_failed() {
    let (mut owner, ..) = owner("manage = { routers = \"1/s\" }");
    let mut next = |at| due(&mut owner, at, Duty::Routers).remove(0);
    let round: Vec<String> = (1..=7).map(|at| next(at * 1000)).collect();
    let functions = [
        "addRouter",
        "updateRouter",
        "removeRouter",
        "addRouter",
        "updateRouter",
        "resetAllRouters",
        "addRouter",
    ];
    for (words, (function, at)) in round.iter().zip(functions.into_iter().zip(1..)) {
        assert_eq!(*words, format!("{function} of 7 at {}", at * 1000));
    }
    let change = taskstorm::protocol::RouterChange::Reset;
    outcome(
        &mut owner,
        8000,
        &Call::Router { session: 7, change },
        &reverted(),
    );
    assert_eq!(
        due(&mut owner, 8000, Duty::Routers),
        ["resetAllRouters of 7 at 8000"]
    );
    assert_eq!(due(&mut owner, 9000, Duty::Routers), ["addRouter of 7 at 9000"]);
}

#[test]
fn dedicated_nodes_take_turns() {
    let (mut owner, _, plan) = owner(
        "min_nodes = 2\nmode = \"dedicated\"\ndedicated = { group = \"gpu\", nodes = 2 }\nmanage = { dedicated = \"1/s\" }",
    );
    let [a, b, c] = [3, 4, 5].map(|index| plan.miners[index].key.address);
    let [one, two, three] = [a, b, c].map(tail);
    let turn = |out: &str, new: &str| {
        [
            format!("remove {out} from 7 at 500"),
            format!("add {new} to 7 at 500"),
        ]
    };
    assert_eq!(due(&mut owner, 500, Duty::Dedicated), turn(&one, &three));
    assert_eq!(due(&mut owner, 500, Duty::Dedicated), turn(&two, &one));
    // One that could not be added leaves a place free, which the next one takes.
    outcome(
        &mut owner,
        600,
        &Call::AddDedicatedNode { session: 7, node: a },
        &reverted(),
    );
    assert_eq!(
        due(&mut owner, 500, Duty::Dedicated),
        [format!("add {two} to 7 at 500")]
    );
}

#[test]
fn a_session_takes_the_place_of_another() {
    let (mut owner, create, _) = owner("manage = { reopen = \"1/s\" }");
    assert_eq!(due(&mut owner, 500, Duty::Reopen), ["create at 500"]);
    // Until it is there, tasks go to the old one, and another reopening waits.
    assert_eq!(
        timer(&mut owner, 1100, Timer::Arrival)[0],
        "submitTask to 7 at 1100"
    );
    assert!(due(&mut owner, 1200, Duty::Reopen).is_empty());
    // The old one keeps what its two open tasks may cost.
    assert_eq!(opened(&mut owner, &create, 1500, 8), ["deposit 140 to 8 at 1500"]);
    assert_eq!(
        timer(&mut owner, 2100, Timer::Arrival)[0],
        "submitTask to 8 at 2100"
    );
    // It closes when its last task is over, and what it has left goes back; then the one that waits begins.
    assert_eq!(event(&mut owner, 3000, &ended(7, 0), 0).len(), 1);
    let words = event(&mut owner, 3100, &ended(7, 1), 0);
    assert_eq!(
        words[..3],
        [
            "deactivate 7 at 3100",
            "withdraw 140 from 7 at 3100",
            "create at 3100"
        ]
    );
}

#[test]
fn a_session_whose_task_never_was_queued_closes_all_the_same() {
    let (mut owner, create, _) = owner("manage = { reopen = \"1/s\" }");
    due(&mut owner, 500, Duty::Reopen);
    opened(&mut owner, &create, 1000, 8);
    let submit = Call::Submit {
        session: 7,
        data: String::new(),
    };
    let words = outcome(&mut owner, 1100, &submit, &reverted());
    assert_eq!(words, ["deactivate 7 at 1100", "withdraw 180 from 7 at 1100"]);
}

#[test]
fn if_no_session_can_be_opened_the_old_one_goes_on() {
    let (mut owner, create, _) = owner("manage = { reopen = \"1/s\" }");
    due(&mut owner, 500, Duty::Reopen);
    assert!(outcome(&mut owner, 1000, &create, &reverted()).is_empty());
    assert_eq!(
        timer(&mut owner, 1100, Timer::Arrival)[0],
        "submitTask to 7 at 1100"
    );
    assert_eq!(due(&mut owner, 1200, Duty::Reopen), ["create at 1200"]);
}

#[test]
fn a_session_makes_room_after_so_many_tasks_and_keeps_its_nodes() {
    let (mut owner, create, plan) = owner(
        "min_nodes = 2\nmode = \"dedicated\"\ndedicated = { group = \"gpu\", nodes = 2 }\n\
         manage = { reopen = { every_tasks = 2 } }",
    );
    let words = timer(&mut owner, 1100, Timer::Arrival);
    assert_eq!(words[..2], ["submitTask to 7 at 1100", "create at 1100"]);
    let [one, two] = [3, 4].map(|index| tail(plan.miners[index].key.address));
    assert_eq!(
        opened(&mut owner, &create, 1500, 8),
        [
            "deposit 140 to 8 at 1500".to_owned(),
            format!("remove {one} from 7 at 1500"),
            format!("add {one} to 8 at 1500"),
            format!("remove {two} from 7 at 1500"),
            format!("add {two} to 8 at 1500"),
        ]
    );
}

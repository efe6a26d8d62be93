//! Common random numbers: who else takes part changes nobody's choices.

use taskstorm::{
    plan::{MinerPlan, OwnerPlan, Plan, StreamSeed},
    protocol::{Action, Actor, Call, Event, Input, Miner, Owner, Reference, State, TaskKey, Timer},
    record::TxOutcome,
    scenario::{DelayDistribution, Loaded},
    time::Micros,
};

const TASKS: u64 = 20;

const BASE: &str = r#"
name = "base"
seed = 9
[chain]
kind = "embedded"
[[owners]]
name = "closed"
count = 3
tasks = 60
load = { back_to_back = { in_flight = 2 } }
payload_size = { uniform = ["10 B", "90 B"] }
[[owners]]
name = "open"
count = 2
tasks = 60
load = { constant = "7/s" }
payload_size = { uniform = ["10 B", "90 B"] }
[[miners]]
name = "quick"
count = 4
ack_delay = { uniform = ["1ms", "90ms"] }
work_time = { lognormal = { median = "100ms", p95 = "400ms" } }
commit_delay = { exponential = "30ms" }
result_size = { uniform = ["1 B", "60 B"] }
concurrency = 50
[[miners]]
name = "slow"
count = 3
work_time = { uniform = ["1s", "2s"] }
concurrency = 50
[oracle]
count = 2
"#;

/// What else may be in the scenario, each as a change of the text above.
const CHANGES: [(&str, &str, &str); 6] = [
    (
        "a group of miners more, the first of all",
        "[[miners]]\nname = \"quick\"",
        "[[miners]]\nname = \"new\"\ncount = 5\n[[miners]]\nname = \"quick\"",
    ),
    (
        "more miners in a group",
        "count = 3\nwork_time",
        "count = 30\nwork_time",
    ),
    (
        "a group of owners more, the first of all",
        "[[owners]]\nname = \"closed\"",
        "[[owners]]\nname = \"new\"\ncount = 4\ntasks = 9\n[[owners]]\nname = \"closed\"",
    ),
    ("more oracles", "[oracle]\ncount = 2", "[oracle]\ncount = 5"),
    (
        "a slow way to the chain",
        "kind = \"embedded\"",
        "kind = \"embedded\"\nsubmission_delay = { uniform = [\"0ms\", \"3s\"] }",
    ),
    (
        "higher fees",
        "count = 2\ntasks",
        "tip = \"9 gwei\"\ncount = 2\ntasks",
    ),
];

fn plan(text: &str) -> (Loaded, Plan) {
    let loaded = Loaded::from_toml("base", text).unwrap_or_else(|error| panic!("{error:?}"));
    let plan = Plan::of(&loaded.scenario);
    (loaded, plan)
}

fn step(
    actor: &mut impl Actor<Reference>,
    at: u64,
    input: Input<'_, Reference>,
    actions: &mut Vec<Action<Reference>>,
) {
    actor.step(Micros(at), input, &State::default(), actions);
}

/// All that a miner does with many tasks whose blocks come at fixed moments.
fn played_miner(plan: &MinerPlan) -> Vec<Action<Reference>> {
    let (mut miner, mut actions) = (Miner::new(plan.clone()), Vec::new());
    let included = TxOutcome::Included;
    step(&mut miner, 0, Input::SetUp, &mut actions);
    for task in 0..TASKS {
        let (key, at) = (
            TaskKey {
                session: task % 3,
                task,
            },
            task * 10_000_000,
        );
        let assigned = Event::TaskAssigned {
            key,
            miners: vec![plan.key.address],
        };
        let precommit = Call::precommit(key, plan.key.address, "");
        let ended = Event::TaskPrecommitEnded { key };
        let inputs = [
            Input::Event(&assigned, 0),
            Input::Timer(Timer::Ack(key)),
            Input::Outcome(&Call::Ack(key), &included, &[]),
            Input::Timer(Timer::WorkDone(key)),
            Input::Outcome(&precommit, &included, &[]),
            Input::Event(&ended, 0),
            Input::Timer(Timer::Commit(key)),
        ];
        for (input, moment) in inputs.into_iter().zip((at..).step_by(1_000_000)) {
            step(&mut miner, moment, input, &mut actions);
        }
    }
    actions
}

/// All that an owner does, with a session of a fixed number and every task over at once.
fn played_owner(plan: &OwnerPlan) -> Vec<Action<Reference>> {
    let (mut owner, mut actions) = (Owner::new(plan.clone()), Vec::new());
    step(&mut owner, 0, Input::SetUp, &mut actions);
    let opened = [Event::SessionCreated {
        session: 3,
        owner: plan.key.address,
        miners: Vec::new(),
    }];
    let create = Call::Create(plan.sessions[0].spec.clone());
    step(
        &mut owner,
        1,
        Input::Outcome(&create, &TxOutcome::Included, &opened),
        &mut actions,
    );
    step(&mut owner, 2, Input::Begin, &mut actions);
    for task in 0..TASKS {
        let key = TaskKey { session: 3, task };
        let over = Event::TaskEnded {
            key,
            miners: Vec::new(),
        };
        let at = 1_000_000 * (task + 1);
        step(&mut owner, at, Input::Event(&over, 0), &mut actions);
        step(&mut owner, at, Input::Timer(Timer::Arrival), &mut actions);
    }
    actions
}

/// The first delays of an actor's transactions on their way to the chain.
fn ways(network: StreamSeed) -> Vec<u64> {
    let slow = DelayDistribution::Uniform {
        low: std::time::Duration::ZERO,
        high: std::time::Duration::from_secs(9),
    };
    let mut random = network.rng();
    (0..TASKS)
        .map(|_| slow.sample(&mut random).as_micros() as u64)
        .collect()
}

/// The members of a group, in order.
fn group<'a, T>(
    names: impl Iterator<Item = &'a str>,
    name: &str,
    actors: &'a [T],
    of: fn(&T) -> u32,
) -> Vec<&'a T> {
    let group = names
        .into_iter()
        .position(|other| other == name)
        .expect("a group") as u32;
    actors.iter().filter(|actor| of(actor) == group).collect()
}

#[test]
fn nobody_chooses_otherwise_because_of_others() {
    let (base, before) = plan(BASE);
    for (what, old, new) in CHANGES {
        let text = BASE.replacen(old, new, 1);
        assert_ne!(text, BASE, "{what}");
        let (changed, after) = plan(&text);

        for name in ["quick", "slow"] {
            let members = |loaded: &'_ Loaded, plan: &'_ Plan| -> Vec<MinerPlan> {
                let names = loaded.scenario.miners.iter().map(|group| group.name.as_str());
                group(names, name, &plan.miners, |miner| miner.group)
                    .into_iter()
                    .cloned()
                    .collect()
            };
            let (old, new) = (members(&base, &before), members(&changed, &after));
            assert!(new.len() >= old.len());
            for (old, new) in old.iter().zip(&new) {
                assert_eq!(old.key, new.key, "{what}");
                assert_eq!(ways(old.network), ways(new.network), "{what}");
                let played = played_miner(old);
                assert_eq!(played.len() as u64, 1 + 6 * TASKS);
                assert_eq!(played, played_miner(new), "{what}: a miner of {name}");
            }
        }
        for name in ["closed", "open"] {
            let members = |loaded: &'_ Loaded, plan: &'_ Plan| -> Vec<OwnerPlan> {
                let names = loaded.scenario.owners.iter().map(|group| group.name.as_str());
                group(names, name, &plan.owners, |owner| owner.group)
                    .into_iter()
                    .cloned()
                    .collect()
            };
            for (old, new) in members(&base, &before).iter().zip(&members(&changed, &after)) {
                assert_eq!((&old.key, &old.load), (&new.key, &new.load), "{what}");
                assert_eq!(ways(old.network), ways(new.network), "{what}");
                let played = played_owner(old);
                let submissions = played.iter().filter(|action| {
                    matches!(
                        action,
                        Action::Send {
                            call: Call::Submit { .. },
                            ..
                        }
                    )
                });
                assert!(submissions.count() >= 10, "{played:?}");
                assert_eq!(played, played_owner(new), "{what}: an owner of {name}");
            }
        }
    }
}

#[test]
fn another_seed_chooses_otherwise() {
    let (_, before) = plan(BASE);
    let (_, after) = plan(&BASE.replace("seed = 9", "seed = 10"));
    for (old, new) in before.miners.iter().zip(&after.miners) {
        assert_ne!(played_miner(old), played_miner(new));
    }
    for (old, new) in before.owners.iter().zip(&after.owners) {
        assert_ne!(played_owner(old), played_owner(new));
        assert_ne!(ways(old.network), ways(new.network));
    }
}

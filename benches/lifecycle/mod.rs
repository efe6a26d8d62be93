//! The lifecycle of all tasks of a plan as waves of calls: each wave is one phase of all tasks, and is made from the
//! events of those before it.

use alloy::primitives::{Address, keccak256};
use taskstorm::{
    plan::Plan,
    protocol::{ActorId, Call, Event, Role, TaskKey},
};

/// Waves that make sessions for the tasks.
pub(crate) const SETUP: [&str; 2] = ["register", "create"];
/// Waves that lead the tasks from their submission to their end.
pub(crate) const WAVES: [&str; 5] = ["submit", "ack", "precommit", "commit", "end"];

pub(crate) struct Lifecycle<'a> {
    plan: &'a Plan,
    tasks: Vec<(TaskKey, Vec<ActorId>)>,
}

impl<'a> Lifecycle<'a> {
    pub(crate) fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            tasks: Vec::new(),
        }
    }

    /// The calls of the wave of this name, given all events so far; they must be asked for in order.
    pub(crate) fn wave(&mut self, name: &str, events: &[Event]) -> Vec<(ActorId, Call)> {
        let plan = self.plan;
        if name == "ack" {
            self.tasks = assignments(plan, events);
        }
        match name {
            "register" => all(plan, Role::MINER, |_| vec![Call::Register]),
            "create" => all(plan, Role::OWNER, |owner| {
                let sessions = plan.owners[owner].sessions.iter();
                sessions.map(|s| Call::Create(s.spec.clone())).collect()
            }),
            "submit" => submissions(plan, events),
            "ack" => self.of_miners(|key, _| Call::Ack(key)),
            "precommit" => self.of_miners(|key, miner| {
                let address = plan.miners[miner.index as usize].key.address;
                Call::precommit(key, address, result(key, miner))
            }),
            "commit" => self.of_miners(|key, miner| Call::Commit {
                key,
                data: result(key, miner),
            }),
            _ => self.ends(),
        }
    }

    fn of_miners(&self, call: impl Fn(TaskKey, ActorId) -> Call) -> Vec<(ActorId, Call)> {
        self.tasks
            .iter()
            .flat_map(|(key, miners)| miners.iter().map(|miner| (*miner, call(*key, *miner))))
            .collect()
    }

    fn ends(&self) -> Vec<(ActorId, Call)> {
        let oracle = ActorId {
            role: Role::ORACLE,
            index: 0,
        };
        let end = |key| Call::End { key, force: false };
        self.tasks.iter().map(|(key, _)| (oracle, end(*key))).collect()
    }
}

/// The calls of everyone with a role.
fn all(plan: &Plan, role: Role, calls: impl Fn(usize) -> Vec<Call>) -> Vec<(ActorId, Call)> {
    let actors = plan
        .accounts()
        .map(|account| account.actor)
        .filter(|actor| actor.role == role);
    actors
        .flat_map(|actor| {
            calls(actor.index as usize)
                .into_iter()
                .map(move |call| (actor, call))
        })
        .collect()
}

fn submissions(plan: &Plan, events: &[Event]) -> Vec<(ActorId, Call)> {
    let mut calls = Vec::new();
    for event in events {
        if let Event::SessionCreated { session, owner, .. } = event {
            let owner = actor(plan, *owner);
            let planned = &plan.owners[owner.index as usize];
            let tasks = planned.sessions[0].tasks.unwrap_or(0);
            calls.extend((0..tasks).map(|task| {
                let data = text(&format!("{session}/{task}"), 32);
                let session = *session;
                (owner, Call::Submit { session, data })
            }));
        }
    }
    calls
}

fn assignments(plan: &Plan, events: &[Event]) -> Vec<(TaskKey, Vec<ActorId>)> {
    let assigned = events.iter().filter_map(|event| match event {
        Event::TaskAssigned { key, miners } => Some((*key, miners)),
        _ => None,
    });
    assigned
        .map(|(key, miners)| (key, miners.iter().map(|miner| actor(plan, *miner)).collect()))
        .collect()
}

fn result(key: TaskKey, miner: ActorId) -> String {
    text(&format!("{key} {miner}"), 32)
}

/// `size` characters that differ from seed to seed, as the run's payloads and results do.
fn text(seed: &str, size: usize) -> String {
    keccak256(seed).to_string().chars().skip(2).take(size).collect()
}

fn actor(plan: &Plan, address: Address) -> ActorId {
    let found = plan.accounts().find(|account| account.key.address == address);
    found
        .map(|account| account.actor)
        .expect("only the plan's accounts take part")
}

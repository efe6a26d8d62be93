//! The ceiling: the calls of the scenario's lifecycle, signed beforehand and pushed wave by wave with nothing else
//! going on.
//!
//! A wave is one phase of all tasks. It begins with its first request and ends with the block that leaves the node's
//! pool empty; what is read and signed between waves is not counted.

mod wave;

use std::{error::Error, fmt, time::Duration};

use alloy::primitives::{Address, Bytes, keccak256};
use serde::Deserialize;
use serde_json::json;
use taskstorm::{
    chain::{Log, rpc::Endpoint},
    driver::accounts,
    plan::Plan,
    protocol::{ActorId, Call, Contracts, Event, Role, TaskKey, commit_hash},
    run::{ChainChoice, Node, Scene},
    scenario::Scenario,
};

use self::wave::Pusher;

/// What the node took.
pub(crate) struct Ceiling {
    waves: Vec<(&'static str, usize, Duration)>,
}

impl Ceiling {
    /// Transactions per second over all waves.
    pub(crate) fn per_second(&self) -> f64 {
        let transactions: usize = self.waves.iter().map(|(_, count, _)| count).sum();
        let time: Duration = self.waves.iter().map(|(_, _, time)| *time).sum();
        transactions as f64 / time.as_secs_f64()
    }
}

impl fmt::Display for Ceiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count, time) in &self.waves {
            write!(f, "{name} {:.0}/s  ", *count as f64 / time.as_secs_f64())?;
        }
        Ok(())
    }
}

/// Pushes the scenario's lifecycle through a node of its own.
pub(crate) async fn measure(scenario: &Scenario, chain: &ChainChoice) -> Result<Ceiling, Box<dyn Error>> {
    let plan = Plan::of(scenario);
    let node = Node::open(chain, &scenario.chain).await?;
    let scene = Scene::set(&node.endpoint, scenario, &plan).await?;
    let contracts = scene.contracts.clone();
    let mut pusher = Pusher::new(&node.endpoint, scene);

    pusher
        .push(all(&plan, Role::Miner, |_| vec![Call::Register]))
        .await?;
    let create = |owner: usize| {
        plan.owners[owner]
            .sessions
            .iter()
            .map(|s| Call::Create(s.spec.clone()))
            .collect()
    };
    pusher.push(all(&plan, Role::Owner, create)).await?;

    let mut waves = Vec::new();
    let mut tasks: Vec<(TaskKey, Vec<ActorId>)> = Vec::new();
    for name in ["submit", "ack", "precommit", "commit", "end"] {
        let calls = match name {
            "submit" => submissions(&plan, &events(&node.endpoint, &contracts).await?),
            "ack" => {
                tasks = assignments(&plan, &events(&node.endpoint, &contracts).await?);
                of_miners(&tasks, |key, _| Call::Ack(key))
            }
            "precommit" => of_miners(&tasks, |key, miner| Call::Precommit {
                key,
                hash: commit_hash(
                    key,
                    plan.miners[miner.index as usize].key.address,
                    &result(key, miner),
                ),
            }),
            "commit" => of_miners(&tasks, |key, miner| Call::Commit {
                key,
                data: result(key, miner),
            }),
            _ => {
                let oracle = ActorId {
                    role: Role::Oracle,
                    index: 0,
                };
                tasks
                    .iter()
                    .map(|(key, _)| {
                        (
                            oracle,
                            Call::End {
                                key: *key,
                                force: false,
                            },
                        )
                    })
                    .collect()
            }
        };
        let count = calls.len();
        waves.push((name, count, pusher.push(calls).await?));
    }
    node.close(false).await;
    Ok(Ceiling { waves })
}

/// The calls of everyone with a role.
fn all(plan: &Plan, role: Role, calls: impl Fn(usize) -> Vec<Call>) -> Vec<(ActorId, Call)> {
    let actors = accounts(plan)
        .map(|(actor, _)| actor)
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
            let tasks = planned.sessions[0].tasks;
            calls.extend((0..tasks).map(|task| {
                let data = text(&format!("{session}/{task}"), 32);
                (
                    owner,
                    Call::Submit {
                        session: *session,
                        data,
                    },
                )
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

fn of_miners(
    tasks: &[(TaskKey, Vec<ActorId>)],
    call: impl Fn(TaskKey, ActorId) -> Call,
) -> Vec<(ActorId, Call)> {
    tasks
        .iter()
        .flat_map(|(key, miners)| miners.iter().map(|miner| (*miner, call(*key, *miner))))
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
    let found = accounts(plan).find(|(_, key)| key.address == address);
    found
        .map(|(actor, _)| actor)
        .expect("only the plan's accounts take part")
}

#[derive(Deserialize)]
struct RawLog {
    address: Address,
    topics: Vec<alloy::primitives::B256>,
    data: Bytes,
}

/// Every event that the contracts wrote so far.
async fn events(endpoint: &Endpoint, contracts: &Contracts) -> Result<Vec<Event>, Box<dyn Error>> {
    let addresses = [contracts.addresses().session, contracts.addresses().session_queue];
    let filter = json!({ "fromBlock": "0x0", "toBlock": "latest", "address": addresses });
    let logs: Vec<RawLog> = endpoint.http.call("eth_getLogs", [filter]).await?;
    let log = |raw: RawLog| Log {
        address: raw.address,
        topics: raw.topics,
        data: raw.data,
    };
    Ok(logs
        .into_iter()
        .filter_map(|raw| contracts.decode(&log(raw)))
        .collect())
}

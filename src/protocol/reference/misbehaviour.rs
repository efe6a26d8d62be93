//! Dishonest calls of the reference protocol, and those that its contracts must refuse whatever happens.

use alloy::{
    json_abi::{Function as FunctionAbi, JsonAbi},
    primitives::{Address, B256, U256},
};
use rand::{RngExt, distr::Alphanumeric, rngs::ChaCha8Rng};

use super::{ARTIFACTS, Call, Contracts, NewSession, Reference, RouterChange, State, Step, TaskState};
use crate::protocol::{Behaviour, DishonestCall, Invocation, TaskKey, TaskPhase, Temptation};

/// Bytes of a result that nobody worked for.
const RESULT: usize = 24;
/// The most bytes of a payload or a result.
const LARGEST: usize = 65_535;

impl Contracts {
    /// The ABI of the function that a transaction calls.
    pub(super) fn abi_of(&self, invocation: &Invocation) -> Option<FunctionAbi> {
        let selector = invocation.input.get(..4)?.try_into().ok()?;
        let addresses = self.addresses();
        let to = invocation.to?;
        let contract = [addresses.node_pool, addresses.session, addresses.session_queue]
            .iter()
            .position(|address| *address == to)?;
        let abis = abis();
        abis.get(contract)?.function_by_selector(selector).cloned()
    }
}

/// The ABIs of the contracts, in the order of [`ARTIFACTS`].
fn abis() -> &'static [JsonAbi] {
    static ABIS: std::sync::OnceLock<Vec<JsonAbi>> = std::sync::OnceLock::new();
    ABIS.get_or_init(|| {
        let abi = |(_, artifact): (&str, &str)| {
            let artifact: serde_json::Value = serde_json::from_str(artifact).unwrap_or_default();
            serde_json::from_value(artifact["abi"].clone()).unwrap_or_default()
        };
        ARTIFACTS.into_iter().map(abi).collect()
    })
}

/// The calls that a dishonest actor makes on account of a call.
pub(super) fn dishonest(
    contracts: &Contracts,
    tempting: &mut Temptation<'_, Reference>,
    random: &mut ChaCha8Rng,
) -> Option<Vec<DishonestCall<Reference>>> {
    let calls = match tempting.behaviour {
        Behaviour::Early => early(tempting.call),
        Behaviour::Replay => replay(tempting, random),
        Behaviour::Equivocate => equivocate(tempting.call, random),
        Behaviour::Skip => skip(tempting, random),
        Behaviour::Grief => grief(tempting, random),
        Behaviour::Drain => drain(tempting, random),
        Behaviour::Edges => closings(tempting.call),
        Behaviour::Racing => race(tempting.call),
        Behaviour::Registrar => vec![registry(tempting, random)],
        Behaviour::Collude => return collude(tempting, random),
        Behaviour::Crafted => return craft(contracts, tempting, random).map(|call| vec![call]),
        Behaviour::Reenter => {
            let wei = U256::from(random.random_range(2..=1_000_000_u64) * 2);
            return Some(vec![contracts.robbery(wei)]);
        }
        Behaviour::Doors => return other_door(contracts, tempting.call).map(|call| vec![call]),
        _ => Vec::new(),
    };
    let calls: Vec<_> = calls.into_iter().map(DishonestCall::of).collect();
    (!calls.is_empty()).then_some(calls)
}

/// What closes the phase that a call is a step of.
fn closings(call: &Call) -> Vec<Call> {
    match *call {
        Call::Ack(key) => vec![Call::EndAck(key), Call::End { key, force: true }],
        Call::Precommit { key, .. } => vec![Call::EndPrecommit(key)],
        Call::Commit { key, .. } => vec![Call::EndCommit(key)],
        _ => Vec::new(),
    }
}

/// The same call, of those that anybody may make.
fn race(call: &Call) -> Vec<Call> {
    match call {
        Call::EndAck(_) | Call::EndPrecommit(_) | Call::EndCommit(_) | Call::End { .. } => vec![call.clone()],
        _ => Vec::new(),
    }
}

/// Payloads and results of the largest size, of one byte more, and of none.
fn grief(tempting: &Temptation<'_, Reference>, random: &mut ChaCha8Rng) -> Vec<Call> {
    let sizes = [LARGEST, LARGEST, LARGEST + 1, 0];
    let data = "x".repeat(sizes[random.random_range(0..sizes.len())]);
    match tempting.call {
        Call::Submit { session, .. } => vec![Call::Submit {
            session: *session,
            data,
        }],
        Call::Precommit { key, .. } => vec![Call::precommit(*key, tempting.actor, data)],
        Call::Commit { key, .. } => vec![Call::Commit { key: *key, data }],
        _ => Vec::new(),
    }
}

/// An owner takes back what its task relies on, a miner leaves while it is held.
fn drain(tempting: &Temptation<'_, Reference>, random: &mut ChaCha8Rng) -> Vec<Call> {
    let node = tempting.actor;
    match tempting.call {
        Call::Submit { session, .. } => {
            let session = *session;
            let available = tempting.state.available(session).unwrap_or_default();
            let withdraw = |amount| Call::Withdraw { session, amount };
            let all = [
                withdraw(available),
                withdraw(available + U256::ONE),
                withdraw(U256::ONE),
                withdraw(U256::MAX),
                update(session, random),
                Call::Deactivate { session },
            ];
            vec![all[random.random_range(0..all.len())].clone()]
        }
        Call::Ack(_) | Call::Precommit { .. } => {
            let all = [Call::Unregister, Call::Release { node }, Call::Register];
            vec![all[random.random_range(0..all.len())].clone()]
        }
        _ => Vec::new(),
    }
}

/// A session's terms, changed.
fn update(session: u64, random: &mut ChaCha8Rng) -> Call {
    let (min_nodes, redundancy) = (random.random_range(1..=3), random.random_range(1..=3));
    Call::Update {
        session,
        terms: NewSession {
            name: "changed".to_owned(),
            min_nodes,
            max_nodes: random.random_range(1..=8),
            redundancy,
            mode: 0,
            reserve: false,
        },
        metadata: String::new(),
    }
}

/// Something with the pool, the nodes or the routers of a session.
fn registry(tempting: &Temptation<'_, Reference>, random: &mut ChaCha8Rng) -> Call {
    let session = tempting.call.session().unwrap_or(0);
    let owner = tempting.state.owner_of(session).unwrap_or(tempting.actor);
    let node = match random.random_bool(0.5) {
        true => tempting.actor,
        false => tempting.from,
    };
    let router = node;
    let info = || "router".to_owned();
    let route = |change| Call::Router { session, change };
    let all = [
        Call::Register,
        Call::Unregister,
        Call::AllowDedication { owner },
        Call::Release { node },
        Call::AddDedicatedNode { session, node },
        Call::RemoveDedicatedNode { session, node },
        update(session, random),
        route(RouterChange::Add { router, info: info() }),
        route(RouterChange::Update { router, info: info() }),
        route(RouterChange::Remove { router }),
        route(RouterChange::Reset),
    ];
    all[random.random_range(0..all.len())].clone()
}

/// What a coalition does about a task: all reveal one result, or none reveals.
fn collude(
    tempting: &Temptation<'_, Reference>,
    random: &mut ChaCha8Rng,
) -> Option<Vec<DishonestCall<Reference>>> {
    let withholds = random.random_bool(0.5);
    let result = text(random);
    let call = match tempting.call {
        Call::Precommit { .. } | Call::Commit { .. } if withholds => {
            // It binds itself all the same: others wait for what it does not reveal.
            let is_reveal = matches!(tempting.call, Call::Commit { .. });
            return is_reveal.then(Vec::new);
        }
        Call::Precommit { key, .. } => Call::precommit(*key, tempting.actor, result),
        Call::Commit { key, .. } => Call::Commit {
            key: *key,
            data: result,
        },
        _ => return None,
    };
    Some(vec![DishonestCall::of(call)])
}

/// What a note of [`craft`] begins with: the hash of another miner, or a crafted result.
const HASH: u8 = 0;
const RESULT_CRAFTED: u8 = 1;

/// A result that begins with the hash that another miner of the task is bound to, as it is or as text. The hash is read in the
/// mempool, or else in a block.
fn craft(
    contracts: &Contracts,
    tempting: &mut Temptation<'_, Reference>,
    random: &mut ChaCha8Rng,
) -> Option<DishonestCall<Reference>> {
    let is_own = tempting.from == tempting.actor;
    match (tempting.call, tempting.note.split_first()) {
        (Call::Precommit { hash, .. }, None) if !is_own => {
            *tempting.note = [&[HASH], &hash[..]].concat();
            None
        }
        (Call::Precommit { key, .. }, noted) if is_own => {
            let hash = match noted {
                Some((&HASH, hash)) => B256::try_from(hash).ok()?,
                _ => {
                    let task = tempting.state.ledger().task(*key)?;
                    let mut others = task.seats.iter().filter(|seat| seat.miner != tempting.actor);
                    others.find_map(|seat| seat.hash)?
                }
            };
            let result = match random.random_bool(0.5) {
                true => hash.to_vec(),
                false => hash.to_string().into_bytes(),
            };
            let precommit = Call::precommit(*key, tempting.actor, &result);
            *tempting.note = [&[RESULT_CRAFTED], &result[..]].concat();
            Some(DishonestCall::of(precommit))
        }
        (Call::Commit { key, .. }, Some((&RESULT_CRAFTED, result))) if is_own => {
            let call = Call::Commit {
                key: *key,
                data: String::from_utf8_lossy(result).into_owned(),
            };
            Some(DishonestCall {
                call,
                edited: Some(contracts.commit_bytes(*key, result)),
            })
        }
        _ => None,
    }
}

/// A submission by `SessionV2.submit`.
fn other_door(contracts: &Contracts, call: &Call) -> Option<DishonestCall<Reference>> {
    let Call::Submit { session, data } = call else {
        return None;
    };
    Some(DishonestCall {
        call: call.clone(),
        edited: Some(contracts.submit_to_session(*session, data)),
    })
}

/// Closes the phase that the call is a step of, reveals before it is over, or acks the next task before there is one.
fn early(call: &Call) -> Vec<Call> {
    match *call {
        Call::Ack(key) => {
            let next = TaskKey {
                task: key.task + 1,
                ..key
            };
            vec![Call::EndAck(key), Call::Ack(next)]
        }
        Call::Precommit { key, .. } => vec![Call::EndPrecommit(key), Call::End { key, force: true }],
        Call::Commit { key, .. } => vec![Call::EndCommit(key), Call::End { key, force: false }],
        Call::EndAck(key) => vec![Call::EndPrecommit(key)],
        Call::EndPrecommit(key) => vec![Call::EndCommit(key)],
        Call::EndCommit(key) => vec![Call::End { key, force: true }],
        _ => Vec::new(),
    }
}

/// The same call for another task: the one before, that of the next session, or one that is not there yet.
fn replay(tempting: &Temptation<'_, Reference>, random: &mut ChaCha8Rng) -> Vec<Call> {
    let Some(key) = tempting.call.task() else {
        return Vec::new();
    };
    let others = [
        key.task.checked_sub(1).map(|task| TaskKey { task, ..key }),
        Some(TaskKey {
            session: key.session + 1,
            ..key
        }),
        key.session
            .checked_sub(1)
            .map(|session| TaskKey { session, ..key }),
        Some(TaskKey {
            task: key.task + 1,
            ..key
        }),
    ];
    let others: Vec<TaskKey> = others.into_iter().flatten().collect();
    let other = others[random.random_range(0..others.len())];
    tempting.call.for_task(other).into_iter().collect()
}

/// Reveals something else than was precommitted, or binds itself to something else than it will reveal.
fn equivocate(call: &Call, random: &mut ChaCha8Rng) -> Vec<Call> {
    match *call {
        Call::Precommit { key, .. } if random.random_bool(0.5) => vec![Call::Commit {
            key,
            data: text(random),
        }],
        Call::Precommit { key, .. } => vec![Call::Precommit {
            key,
            hash: B256::from(random.random::<[u8; 32]>()),
            binds: None,
        }],
        Call::Commit { key, .. } => vec![Call::Commit {
            key,
            data: text(random),
        }],
        _ => Vec::new(),
    }
}

/// The call of the next phase.
fn skip(tempting: &Temptation<'_, Reference>, random: &mut ChaCha8Rng) -> Vec<Call> {
    match *tempting.call {
        Call::Ack(key) if random.random_bool(0.5) => {
            vec![Call::precommit(key, tempting.actor, text(random))]
        }
        Call::Ack(key) | Call::Precommit { key, .. } => vec![Call::Commit {
            key,
            data: text(random),
        }],
        Call::Commit { key, .. } | Call::EndPrecommit(key) => vec![Call::End { key, force: false }],
        Call::EndAck(key) => vec![Call::EndCommit(key)],
        _ => Vec::new(),
    }
}

fn text(random: &mut ChaCha8Rng) -> String {
    let letters = random.sample_iter(Alphanumeric).take(RESULT);
    letters.map(char::from).collect()
}

impl State {
    /// Whether the contracts must refuse a call of `from` now and for ever: what it rests on never changes.
    pub(super) fn must_refuse(&self, from: Address, call: &Call) -> bool {
        let owned_by_another = |session: u64| self.owner_of(session).is_some_and(|owner| owner != from);
        match call {
            Call::Submit { session, .. }
            | Call::Withdraw { session, .. }
            | Call::Deactivate { session }
            | Call::Update { session, .. }
            | Call::Router { session, .. }
            | Call::AddDedicatedNode { session, .. }
            | Call::RemoveDedicatedNode { session, .. } => owned_by_another(*session),
            Call::Ack(key) | Call::Precommit { key, .. } | Call::Commit { key, .. } => {
                let (task, step) = (self.ledger().task(*key), call.step());
                let task = task.filter(|task| task.moments.assigned.is_some());
                task.zip(step)
                    .is_some_and(|(task, (_, step))| step_is_over(task, from, step))
            }
            Call::EndAck(key) => self.is_beyond(*key, TaskPhase::ACK),
            Call::EndPrecommit(key) => self.is_beyond(*key, TaskPhase::PRECOMMIT),
            Call::EndCommit(key) => self.is_beyond(*key, TaskPhase::COMMIT),
            Call::End { key, .. } => self.is_beyond(*key, TaskPhase::END),
            _ => false,
        }
    }

    fn is_beyond(&self, key: TaskKey, phase: TaskPhase) -> bool {
        self.ledger().task(key).is_some_and(|task| task.phase > phase)
    }
}

/// Whether a miner has no part in a task, has taken the step, or the step's phase is over.
fn step_is_over(task: &TaskState, miner: Address, step: Step) -> bool {
    let phase = match step {
        Step::Assigned | Step::Acked => TaskPhase::ACK,
        Step::Precommitted => TaskPhase::PRECOMMIT,
        Step::Committed => TaskPhase::COMMIT,
    };
    let seat = task.seats.iter().find(|seat| seat.miner == miner);
    task.phase > phase || seat.is_none_or(|seat| seat.step >= step)
}

//! Dishonest calls of the reference protocol, and those that its contracts must refuse whatever happens.

use alloy::{
    json_abi::{Function as FunctionAbi, JsonAbi},
    primitives::{Address, B256},
};
use rand::{RngExt, distr::Alphanumeric, rngs::ChaCha8Rng};

use super::{ARTIFACTS, Call, Contracts, Reference, State, Step, TaskState};
use crate::protocol::{Behaviour, DishonestCall, Invocation, TaskKey, TaskPhase, Temptation};

/// Bytes of a result that nobody worked for.
const RESULT: usize = 24;

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
    tempting: &Temptation<'_, Reference>,
    random: &mut ChaCha8Rng,
) -> Vec<DishonestCall<Reference>> {
    let calls = match tempting.behaviour {
        Behaviour::Early => early(tempting.call),
        Behaviour::Replay => replay(tempting, random),
        Behaviour::Equivocate => equivocate(tempting.call, random),
        Behaviour::Skip => skip(tempting, random),
        _ => Vec::new(),
    };
    calls.into_iter().map(DishonestCall::of).collect()
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

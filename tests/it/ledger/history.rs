//! A task's history as the chain would tell it, and what a ledger makes of one.

use alloy::primitives::{Address, keccak256};
use taskstorm::{
    protocol::{Call, Event, Ledger, NewSession, TaskKey, Violation},
    time::Micros,
};

/// Something that reaches the ledger.
#[derive(Clone, Debug)]
pub(super) enum Entry {
    /// An event, with the call that caused it where the run knows that.
    Event(Event, Option<Call>),
    /// What was read of an ended task.
    Results(TaskKey, Vec<(Address, String)>),
    /// What was read of a session.
    Count(u64, u64),
    /// What was read of a session's miners: those to itself, those that it may share, and whether it takes tasks.
    Nodes(u64, Vec<Address>, Vec<Address>, bool),
}

pub(super) fn miner(number: u8) -> Address {
    Address::with_last_byte(number)
}

pub(super) const fn task(session: u64, task: u64) -> TaskKey {
    TaskKey { session, task }
}

/// What this miner reveals.
pub(super) fn result(miner: Address) -> String {
    format!("result of {miner}")
}

pub(super) fn event(event: Event) -> Entry {
    Entry::Event(event, None)
}

/// A session that takes its miners out of the pool, or shares them.
pub(super) fn created(session: u64, miners: &[Address], reserve: bool) -> Entry {
    let call = Call::Create(NewSession {
        name: String::new(),
        min_nodes: 1,
        max_nodes: 3,
        redundancy: 1,
        mode: 0,
        reserve,
    });
    let created = Event::SessionCreated {
        session,
        owner: miner(99),
        miners: miners.to_vec(),
    };
    Entry::Event(created, Some(call))
}

/// A session lets go of a miner.
pub(super) fn released(session: u64, miner: Address) -> Entry {
    let node = keccak256(miner);
    event(Event::NodeReleased { session, node })
}

pub(super) fn deactivated(session: u64) -> Entry {
    event(Event::SessionDeactivated { session })
}

/// A session has a miner to itself.
pub(super) fn dedicated(session: u64, node: Address) -> Entry {
    let call = Call::AddDedicatedNode { session, node };
    Entry::Event(Event::DedicatedNodeAdded { node }, Some(call))
}

pub(super) fn queued(key: TaskKey, global_id: u64) -> Entry {
    let data = keccak256("payload");
    event(Event::TaskQueued { key, global_id, data })
}

pub(super) fn assigned(key: TaskKey, miners: &[Address]) -> Entry {
    let miners = miners.to_vec();
    event(Event::TaskAssigned { key, miners })
}

pub(super) fn acked(key: TaskKey, miner: Address) -> Entry {
    Entry::Event(Event::TaskAcked { key, miner }, Some(Call::Ack(key)))
}

pub(super) fn precommitted(key: TaskKey, miner: Address) -> Entry {
    Entry::Event(
        Event::TaskPrecommitted { key, miner },
        Some(Call::precommit(key, miner, result(miner))),
    )
}

pub(super) fn revealed(key: TaskKey, miner: Address, data: &str) -> Entry {
    let data = data.to_owned();
    Entry::Event(
        Event::TaskCommitted { key, miner },
        Some(Call::Commit { key, data }),
    )
}

pub(super) fn committed(key: TaskKey, miner: Address) -> Entry {
    revealed(key, miner, &result(miner))
}

pub(super) fn precommit_ended(key: TaskKey) -> Entry {
    event(Event::TaskPrecommitEnded { key })
}

pub(super) fn commit_ended(key: TaskKey) -> Entry {
    event(Event::TaskCommitEnded { key })
}

pub(super) fn ended(key: TaskKey, miners: &[Address]) -> Entry {
    let miners = miners.to_vec();
    event(Event::TaskEnded { key, miners })
}

/// The whole correct history of a task of these miners, in a session that is there already.
pub(super) fn whole(key: TaskKey, global_id: u64, miners: &[Address]) -> Vec<Entry> {
    let mut history = vec![queued(key, global_id), assigned(key, miners)];
    history.extend(miners.iter().map(|miner| acked(key, *miner)));
    history.extend(miners.iter().map(|miner| precommitted(key, *miner)));
    history.extend([
        event(Event::TaskAllPrecommitted {
            key,
            miners: miners.to_vec(),
        }),
        precommit_ended(key),
    ]);
    history.extend(miners.iter().map(|miner| committed(key, *miner)));
    history.extend([
        event(Event::TaskAllCommitted {
            key,
            miners: miners.to_vec(),
        }),
        commit_ended(key),
        ended(key, miners),
    ]);
    let results = miners.iter().map(|miner| (*miner, result(*miner))).collect();
    history.push(Entry::Results(key, results));
    history
}

/// Enters a history, an entry every millisecond, and returns the ledger with the violations that it found.
pub(super) fn enter(history: &[Entry]) -> (Ledger, Vec<Violation>) {
    let mut ledger = Ledger::default();
    for (entry, at) in history.iter().zip(0..) {
        match entry {
            Entry::Event(event, call) => ledger.enter(Micros(at * 1000), event, call.as_ref(), None),
            Entry::Results(key, results) => {
                let read = results
                    .iter()
                    .map(|(miner, data)| (*miner, data.clone().into_bytes().into()));
                ledger.check_results(*key, &read.collect::<Vec<_>>());
            }
            Entry::Count(session, count) => ledger.check_count(*session, *count),
            Entry::Nodes(session, own, shared, active) => ledger.check_nodes(*session, own, shared, *active),
        }
    }
    let violations = ledger.take_violations();
    (ledger, violations)
}

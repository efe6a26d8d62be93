//! The events that a call must emit, and no others.

use alloy::primitives::{Address, keccak256};

use super::{Model, state::Task};
use crate::protocol::{Call, Event, NewSession, TaskKey};

impl Model {
    /// What is wrong with the `events` of an included `call` from `from`, in a block of this timestamp.
    pub(super) fn wrong_events(
        &self,
        from: Address,
        call: &Call,
        timestamp: u64,
        events: &[Event],
    ) -> Option<String> {
        match call {
            Call::Create(new) => self.wrong_creation(from, new, events),
            Call::Submit { session, data } => self.wrong_submission(*session, data, events),
            Call::Update { session, terms, .. } => {
                let updated = Event::SessionUpdated {
                    session: *session,
                    updater: from,
                    min_nodes: terms.min_nodes,
                    max_nodes: terms.max_nodes,
                    redundancy: terms.redundancy,
                };
                let released = self.leaving(*session, terms.max_nodes);
                wrong_after_releases(*session, &[], &updated, events)
                    .or_else(|| not_as_many(released?, events))
            }
            Call::AddDedicatedNode { session, node } => {
                let added = Event::DedicatedNodeAdded { node: *node };
                let terms = self
                    .sessions
                    .get(session)
                    .and_then(|session| session.terms.as_ref());
                let released =
                    terms.and_then(|terms| self.leaving(*session, terms.max_nodes.saturating_sub(1)));
                wrong_after_releases(*session, &[], &added, events).or_else(|| not_as_many(released?, events))
            }
            Call::Deactivate { session } => {
                let known = self.sessions.get(session);
                let dedicated = known.map_or(&[][..], |session| &session.dedicated);
                let over = Event::SessionDeactivated { session: *session };
                wrong_after_releases(*session, dedicated, &over, events).or_else(|| {
                    let members = known?.members()?;
                    let kept = members.iter().find(|miner| !releases(events, **miner))?;
                    Some(format!("no event releases miner {kept} of session {session}"))
                })
            }
            Call::RemoveDedicatedNode { session, node } => {
                let released = Event::NodeReleased {
                    session: *session,
                    node: keccak256(node),
                };
                differs(
                    &[vec![released, Event::DedicatedNodeRemoved { node: *node }]],
                    events,
                )
            }
            Call::Withdraw { session, amount } => {
                let withdrawn = Event::Withdrawn {
                    session: *session,
                    to: from,
                    amount: *amount,
                };
                // An owner that is a contract may withdraw more while it is paid.
                let is_more = |event: &Event| match event {
                    Event::Withdrawn { to, .. } => *to == from,
                    Event::EarningsWithdrawn { miner, .. } => *miner == from,
                    _ => false,
                };
                match events {
                    [first, more @ ..] if *first == withdrawn && more.iter().all(is_more) => None,
                    _ => differs(&[vec![withdrawn]], events),
                }
            }
            Call::Release { node } => match events {
                [Event::NodeReleased { node: released, .. }] if *released == keccak256(node) => None,
                [
                    Event::NodeReleased { node: released, .. },
                    Event::DedicatedNodeRemoved { node: removed },
                ] if *released == keccak256(node) && removed == node => None,
                _ => Some(format!("expected the release of {node}, found {events:?}")),
            },
            _ => differs(&self.alternatives(from, call, timestamp)?, events),
        }
    }

    /// How many miners leave a session that has no room for more than `most`; `None` where that is not known.
    fn leaving(&self, session: u64, most: u64) -> Option<u64> {
        let members = self.sessions.get(&session)?.members()?;
        Some((members.len() as u64).saturating_sub(most))
    }

    /// The events that a call emits whose events the model knows to the letter; several lists where it depends on what
    /// the model may not know. `None` if it knows nothing of its task.
    fn alternatives(&self, from: Address, call: &Call, timestamp: u64) -> Option<Vec<Vec<Event>>> {
        let task = match call.task() {
            Some(key) => Some(self.tasks.get(&key)?),
            None => None,
        };
        let only = |event: Event| Some(vec![vec![event]]);
        match (call, task) {
            (Call::Ack(key), _) => only(Event::TaskAcked {
                key: *key,
                miner: from,
            }),
            (Call::Precommit { key, .. }, Some(task)) => {
                Some(self.precommit_events(*key, task, from, timestamp))
            }
            (Call::Commit { key, .. }, Some(task)) => {
                Some(vec![self.commit_events(*key, task, from, timestamp)])
            }
            (Call::EndAck(key), Some(task)) => {
                // On a node this may be known only after what followed it.
                let unknown = !self.rules.in_order && task.precommit_over.is_some();
                let mut lists = vec![end_ack_events(*key, task)];
                if unknown {
                    lists.push(Vec::new());
                }
                Some(lists)
            }
            (Call::EndPrecommit(key), Some(task)) => {
                let mut events = vec![Event::TaskPrecommitEnded { key: *key }];
                if task.counts()[1] == 0 {
                    events.push(Event::TaskCommitEnded { key: *key });
                }
                Some(vec![events])
            }
            (Call::EndCommit(key), _) => only(Event::TaskCommitEnded { key: *key }),
            (Call::End { key, .. }, Some(task)) => only(Event::TaskEnded {
                key: *key,
                miners: task.committed(None),
            }),
            (Call::Deposit { session, amount }, _) => only(Event::Deposited {
                session: *session,
                from,
                amount: *amount,
            }),
            (Call::Router { session, change }, _) => only(Event::RoutersChanged {
                session: matches!(change, crate::protocol::RouterChange::Reset).then_some(*session),
                change: change.clone(),
            }),
            (Call::Register, _) => only(Event::MinerRegistered {
                miner: from,
                node: keccak256(from),
            }),
            (Call::Unregister, _) => only(Event::MinerUnregistered {
                miner: from,
                node: keccak256(from),
            }),
            (Call::AllowDedication { owner }, _) => only(Event::DedicationAllowed {
                node: from,
                owner: *owner,
            }),
            (Call::FillNonce, _) => Some(vec![Vec::new()]),
            _ => None,
        }
    }

    fn precommit_events(&self, key: TaskKey, task: &Task, miner: Address, timestamp: u64) -> Vec<Vec<Event>> {
        let alone = vec![Event::TaskPrecommitted { key, miner }];
        let miners = task.precommitted(Some(miner));
        let is_last = miners.len() == task.counts()[0];
        let last = [
            alone.clone(),
            vec![
                Event::TaskAllPrecommitted { key, miners },
                Event::TaskPrecommitEnded { key },
            ],
        ]
        .concat();
        let overdue = timestamp > task.ack_deadline();
        match (is_last, task.ack_over) {
            (true, Some(_)) => vec![last],
            // Somebody may have closed the ack phase, which no event tells.
            (true, None) if overdue && !self.rules.in_order => vec![alone, last],
            _ => vec![alone],
        }
    }

    /// What a commit emits: first the end of the phases that are overdue, if nobody closed them.
    fn commit_events(&self, key: TaskKey, task: &Task, miner: Address, timestamp: u64) -> Vec<Event> {
        let mut events = Vec::new();
        if task.precommit_over.is_none() {
            if task.all_acked_precommitted() && timestamp > task.ack_deadline() {
                let miners = task.precommitted(None);
                events.push(Event::TaskAllPrecommitted { key, miners });
            }
            events.push(Event::TaskPrecommitEnded { key });
        }
        events.push(Event::TaskCommitted { key, miner });
        let miners = task.committed(Some(miner));
        if miners.len() == task.counts()[1] {
            events.push(Event::TaskAllCommitted { key, miners });
            events.push(Event::TaskCommitEnded { key });
        }
        events
    }

    fn wrong_creation(&self, from: Address, new: &NewSession, events: &[Event]) -> Option<String> {
        let [
            Event::SessionCreated {
                session,
                owner,
                miners,
            },
        ] = events
        else {
            return Some(format!("expected SessionCreated, found {events:?}"));
        };
        let next = self.next_session.unwrap_or(*session);
        let count = miners.len() as u64;
        let least = if new.mode == 2 {
            0
        } else {
            new.min_nodes.max(new.redundancy)
        };
        let most = if new.mode == 2 { 0 } else { new.max_nodes };
        let drawn = self.draws(new.reserve, least, most, &[]);
        let (least, most) = drawn.map_or((least, most), |drawn| (drawn, drawn));
        if (*session, *owner) != (next, from) {
            Some(format!(
                "expected session {next} of {from}, found session {session} of {owner}"
            ))
        } else if !(least..=most).contains(&count) {
            Some(format!(
                "session {session} drew {count} miners, {least} to {most} expected"
            ))
        } else {
            let strange = miners
                .iter()
                .enumerate()
                .find(|(at, miner)| miners[..*at].contains(miner) || !self.registered.contains(*miner));
            let (_, miner) = strange?;
            Some(format!(
                "session {session} drew {miner}, which it has already or which is not registered"
            ))
        }
    }

    fn wrong_submission(&self, session: u64, data: &str, events: &[Event]) -> Option<String> {
        let (key, global_id) = (
            TaskKey {
                session,
                task: self.sessions.get(&session)?.tasks,
            },
            self.next_global,
        );
        let queued = Event::TaskQueued {
            key,
            global_id,
            data: keccak256(data),
        };
        match events {
            [
                first,
                Event::TaskAssigned {
                    key: assigned,
                    miners,
                },
                told @ ..,
            ] if *first == queued && *assigned == key => match told {
                [] => None,
                told => differs(&[told_via_session(key, data, miners)], told),
            },
            _ => Some(format!(
                "expected {queued:?} and its TaskAssigned, found {events:?}"
            )),
        }
    }
}

/// What the session contract tells of a task that was queued through it, after the queue's events.
fn told_via_session(key: TaskKey, data: &str, miners: &[Address]) -> Vec<Event> {
    let submitted = Event::SubmittedViaSession {
        session: key.session,
        data: keccak256(data),
    };
    let nodes = miners.iter().map(keccak256).collect();
    vec![submitted, Event::AssignedViaSession { key, nodes }]
}

/// What is wrong with the number of nodes that were released.
fn not_as_many(expected: u64, events: &[Event]) -> Option<String> {
    let is_release = |event: &&Event| matches!(event, Event::NodeReleased { .. });
    let found = events.iter().filter(is_release).count() as u64;
    (found != expected).then(|| format!("expected the release of {expected} nodes, found {found}"))
}

/// What the closing of an ack phase emits.
fn end_ack_events(key: TaskKey, task: &Task) -> Vec<Event> {
    let ended = Event::TaskPrecommitEnded { key };
    match task.counts() {
        [0, ..] => vec![ended, Event::TaskCommitEnded { key }],
        [acked, precommitted, _] if acked == precommitted => {
            let miners = task.precommitted(None);
            vec![Event::TaskAllPrecommitted { key, miners }, ended]
        }
        _ => Vec::new(),
    }
}

fn releases(events: &[Event], miner: Address) -> bool {
    let released = keccak256(miner);
    let is_release = |event: &Event| matches!(event, Event::NodeReleased { node, .. } if *node == released);
    events.iter().any(is_release)
}

/// What is wrong with the events of a call that releases nodes, `dedicated` ones among them, before its own event.
fn wrong_after_releases(
    session: u64,
    dedicated: &[Address],
    own: &Event,
    events: &[Event],
) -> Option<String> {
    let fault = || Some(format!("expected {own:?} after releases, found {events:?}"));
    let Some((last, before)) = events.split_last() else {
        return fault();
    };
    let known = |event: &Event| match event {
        Event::NodeReleased { session: of, .. } => *of == session,
        Event::DedicatedNodeRemoved { node } => dedicated.contains(node),
        _ => false,
    };
    let removed = before
        .iter()
        .filter(|event| matches!(event, Event::DedicatedNodeRemoved { .. }));
    if last != own || !before.iter().all(known) || removed.count() != dedicated.len() {
        return fault();
    }
    None
}

/// How the events found differ from every list of those expected.
fn differs(expected: &[Vec<Event>], found: &[Event]) -> Option<String> {
    if expected.iter().any(|events| events == found) {
        return None;
    }
    let expected = expected.first()?;
    Some(format!("expected the events {expected:?}, found {found:?}"))
}

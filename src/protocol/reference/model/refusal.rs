//! The calls that the contracts must refuse, and why.

use alloy::primitives::{Address, B256, U256};

use super::{
    Model,
    pool::Holding,
    state::{Session, Task},
};
use crate::protocol::{Call, Invariant, RouterChange, TaskKey, commit_hash};

/// The most bytes of a router's info.
pub(super) const MOST_INFO: usize = 1_024;
/// The most routers of a session.
const MOST_ROUTERS: usize = 32;

/// The reason why a call must be refused.
pub(super) type Refusal = (Invariant, String);

/// The most bytes of task data and of a result.
const MOST_TEXT: usize = 65_535;

/// What the model says of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CallVerdict {
    /// The contracts must take it.
    Accept,
    /// They must refuse it.
    Refuse(Refusal),
    /// It depends on what no event tells.
    Unknown,
}

pub(super) fn refuse(invariant: Invariant, why: impl Into<String>) -> CallVerdict {
    CallVerdict::Refuse((invariant, why.into()))
}

impl Model {
    /// Whether the contracts must take `call` from `from` in a block of this timestamp.
    pub(super) fn verdict(&self, from: Address, call: &Call, timestamp: u64) -> CallVerdict {
        match call {
            Call::Submit { data, .. } | Call::Commit { data, .. } if data.len() > MOST_TEXT => refuse(
                Invariant::STATE,
                format!("the text has {} bytes, {MOST_TEXT} are allowed", data.len()),
            ),
            Call::Ack(key) => self.on_task(*key, |task| self.ack(task, from, timestamp)),
            Call::Precommit { key, hash, .. } => {
                self.on_task(*key, |task| self.precommit(task, from, *hash, timestamp))
            }
            Call::Commit { key, data } => {
                self.on_task(*key, |task| self.commit(*key, task, from, data, timestamp))
            }
            Call::EndAck(key) => self.on_task(*key, |task| {
                let open = task.ack_over.is_none() && task.precommit_over.is_none() && !task.commit_over;
                self.close(task, open, "ack", timestamp)
            }),
            Call::EndPrecommit(key) => self.on_task(*key, |task| {
                let open = task.ack_over.is_some() && task.precommit_over.is_none() && !task.commit_over;
                self.close(task, open, "precommit", timestamp)
            }),
            Call::EndCommit(key) => self.on_task(*key, |task| {
                let open = task.precommit_over.is_some() && !task.commit_over;
                self.close(task, open, "commit", timestamp)
            }),
            Call::End { key, force } => self.on_task(*key, |task| self.end(task, from, *force, timestamp)),
            Call::Submit { session, .. } => self.owned(*session, from, true, |session| self.submit(session)),
            Call::Deposit { session, amount } => self.known(*session, |session| match session.active {
                false => refuse(Invariant::AUTHORITY, "the session is deactivated"),
                true if amount.is_zero() => refuse(Invariant::PAYMENT, "it pays nothing"),
                true => CallVerdict::Accept,
            }),
            Call::Withdraw { session, amount } => {
                self.owned(*session, from, false, |session| withdraw(session, *amount))
            }
            Call::Deactivate { session } => self.owned(*session, from, true, |_| CallVerdict::Accept),
            Call::Update { session, terms, .. } => {
                self.owned(*session, from, true, |session| self.update(session, terms))
            }
            Call::Router { session, change } => {
                let must_be_active = matches!(change, RouterChange::Add { .. });
                self.owned(*session, from, must_be_active, |session| route(session, change))
            }
            Call::AddDedicatedNode { session, node } => {
                self.owned(*session, from, true, |session| self.add_dedicated(session, *node))
            }
            Call::RemoveDedicatedNode { session, node } => self.owned(*session, from, false, |session| {
                if session.dedicated.contains(node) {
                    CallVerdict::Accept
                } else {
                    refuse(
                        Invariant::ASSIGNMENT,
                        format!("{node} is not a dedicated node of the session"),
                    )
                }
            }),
            Call::Register if self.registered.contains(&from) => {
                refuse(Invariant::STATE, "the miner is registered already")
            }
            Call::Register | Call::AllowDedication { .. } => CallVerdict::Accept,
            Call::Unregister if !self.registered.contains(&from) => {
                refuse(Invariant::STATE, "the miner is not registered")
            }
            Call::Unregister => match self.holding(from) {
                Some(Holding::Session(id)) => refuse(
                    Invariant::RESERVATION,
                    format!("session {id} has {from} to itself"),
                ),
                Some(Holding::Shares(_)) => CallVerdict::Accept,
                None => CallVerdict::Unknown,
            },
            Call::Release { node } => self.release(from, *node),
            Call::Create(new) => self.create(new),
            Call::FillNonce => CallVerdict::Unknown,
        }
    }

    fn on_task(&self, key: TaskKey, verdict: impl FnOnce(&Task) -> CallVerdict) -> CallVerdict {
        match (self.tasks.get(&key), self.sessions.get(&key.session)) {
            (Some(task), _) if task.ended_at.is_some() => refuse(Invariant::FINALITY, "the task has ended"),
            (Some(task), _) => verdict(task),
            (None, Some(session)) if key.task < session.tasks => {
                refuse(Invariant::FINALITY, "the task has ended")
            }
            _ => CallVerdict::Unknown,
        }
    }

    fn known(&self, session: u64, verdict: impl FnOnce(&Session) -> CallVerdict) -> CallVerdict {
        self.sessions.get(&session).map_or(CallVerdict::Unknown, verdict)
    }

    /// The verdict on what only a session's owner may do.
    fn owned(
        &self,
        id: u64,
        from: Address,
        must_be_active: bool,
        verdict: impl FnOnce(&Session) -> CallVerdict,
    ) -> CallVerdict {
        self.known(id, |session| {
            if session.owner != from {
                let owner = session.owner;
                refuse(
                    Invariant::AUTHORITY,
                    format!("session {id} belongs to {owner}, not to {from}"),
                )
            } else if must_be_active && !session.active {
                refuse(Invariant::AUTHORITY, format!("session {id} is deactivated"))
            } else {
                verdict(session)
            }
        })
    }

    fn ack(&self, task: &Task, from: Address, timestamp: u64) -> CallVerdict {
        if task.ack_over.is_some() || task.precommit_over.is_some() || task.commit_over {
            return refuse(Invariant::WINDOWS, "the ack phase is over");
        }
        let deadline = task.ack_deadline();
        match task.seat(from) {
            _ if timestamp > deadline => late("ack", deadline, timestamp),
            None => not_assigned(from),
            Some(seat) if seat.acked.is_some() => refuse(Invariant::ORDER, format!("{from} has acked")),
            Some(_) => CallVerdict::Accept,
        }
    }

    fn precommit(&self, task: &Task, from: Address, hash: B256, timestamp: u64) -> CallVerdict {
        if task.precommit_over.is_some() || task.commit_over {
            return refuse(Invariant::WINDOWS, "the precommit phase is over");
        }
        let deadline = task.precommit_deadline();
        if timestamp > deadline {
            return late("precommit", deadline, timestamp);
        }
        match task.seat(from) {
            None => not_assigned(from),
            Some(seat) if seat.acked.is_none() => refuse(Invariant::ORDER, format!("{from} has not acked")),
            Some(seat) if seat.precommitted.is_some() => {
                refuse(Invariant::ORDER, format!("{from} has precommitted"))
            }
            Some(_) if hash.is_zero() => refuse(Invariant::BINDING, "the hash is zero"),
            Some(_) => CallVerdict::Accept,
        }
    }

    fn commit(&self, key: TaskKey, task: &Task, from: Address, data: &str, timestamp: u64) -> CallVerdict {
        if task.commit_over {
            return refuse(Invariant::WINDOWS, "the commit phase is over");
        }
        let Some(opened) = task.commit_opening(timestamp) else {
            return refuse(Invariant::HIDING, "the precommit phase has not ended");
        };
        let deadline = opened + task.windows.commit;
        match task.seat(from) {
            _ if timestamp > deadline => late("commit", deadline, timestamp),
            None => not_assigned(from),
            Some(seat) if seat.precommitted.is_none() => {
                refuse(Invariant::ORDER, format!("{from} has not precommitted"))
            }
            Some(seat) if seat.committed.is_some() => {
                refuse(Invariant::ORDER, format!("{from} has committed"))
            }
            Some(seat) => match seat.hash {
                None => CallVerdict::Unknown,
                Some(hash) if hash == commit_hash(key, from, data) => CallVerdict::Accept,
                Some(hash) => refuse(
                    Invariant::BINDING,
                    format!("the result of {from} does not hash to its precommit {hash}"),
                ),
            },
        }
    }

    fn close(&self, task: &Task, open: bool, phase: &str, timestamp: u64) -> CallVerdict {
        match task.deadline() {
            Some(deadline) if open && timestamp <= deadline => refuse(
                Invariant::WINDOWS,
                format!("the {phase} phase is open until {deadline}, the block time is {timestamp}"),
            ),
            Some(_) if open => CallVerdict::Accept,
            _ => refuse(
                Invariant::WINDOWS,
                format!("the task is not in its {phase} phase"),
            ),
        }
    }

    fn end(&self, task: &Task, from: Address, force: bool, timestamp: u64) -> CallVerdict {
        if !force {
            return match task.commit_over {
                true => CallVerdict::Accept,
                false => refuse(Invariant::WINDOWS, "the commit phase has not ended"),
            };
        }
        let last = task.last_deadline();
        if !self.rules.oracles.contains(&from) {
            refuse(Invariant::AUTHORITY, format!("{from} is not an oracle"))
        } else if timestamp <= last {
            refuse(
                Invariant::WINDOWS,
                format!("the last deadline is {last}, the block time is {timestamp}"),
            )
        } else {
            CallVerdict::Accept
        }
    }

    fn submit(&self, session: &Session) -> CallVerdict {
        let (Some(terms), Some(members)) = (&session.terms, session.members()) else {
            return CallVerdict::Unknown;
        };
        let needed = terms.min_nodes.max(terms.redundancy);
        let mut members = members.len() as u64;
        if session.lacks_miners() {
            let lacking = needed - members;
            let held = session.ephemeral.as_deref().unwrap_or_default();
            let Some(drawn) = self.draws(terms.reserve, lacking, lacking, held) else {
                return CallVerdict::Unknown;
            };
            members += drawn;
        }
        let price = self.rules.price.saturating_mul(U256::from(terms.redundancy));
        if members < needed {
            refuse(
                Invariant::ASSIGNMENT,
                format!("the session has {members} miners and needs {needed}"),
            )
        } else if session.available < price {
            let available = session.available;
            refuse(
                Invariant::PAYMENT,
                format!("a task costs {price} wei, {available} are available"),
            )
        } else {
            CallVerdict::Accept
        }
    }
}

fn withdraw(session: &Session, amount: U256) -> CallVerdict {
    let available = session.available;
    if amount.is_zero() {
        refuse(Invariant::PAYMENT, "it withdraws nothing")
    } else if available < amount {
        refuse(
            Invariant::PAYMENT,
            format!("it withdraws {amount} wei, {available} are available"),
        )
    } else {
        CallVerdict::Accept
    }
}

fn route(session: &Session, change: &RouterChange) -> CallVerdict {
    let (router, must_exist) = match change {
        RouterChange::Add { router, .. } => (router, false),
        RouterChange::Update { router, .. } | RouterChange::Remove { router } => (router, true),
        RouterChange::Reset => return CallVerdict::Accept,
    };
    if let RouterChange::Add { info, .. } | RouterChange::Update { info, .. } = change
        && info.len() > MOST_INFO
    {
        return refuse(Invariant::STATE, "the info of the router is too long");
    }
    match (session.routers.contains(router), must_exist) {
        (true, false) => refuse(Invariant::STATE, format!("the session has router {router}")),
        (false, true) => refuse(Invariant::STATE, format!("the session has no router {router}")),
        (false, false) if session.routers.len() >= MOST_ROUTERS => {
            refuse(Invariant::STATE, "the session has as many routers as it may")
        }
        _ => CallVerdict::Accept,
    }
}

fn late(phase: &str, deadline: u64, timestamp: u64) -> CallVerdict {
    refuse(
        Invariant::WINDOWS,
        format!("the {phase} window closed at {deadline}, the block time is {timestamp}"),
    )
}

fn not_assigned(from: Address) -> CallVerdict {
    refuse(Invariant::ORDER, format!("{from} is not assigned to it"))
}

//! Events, entered in the model: who has what afterwards, and whether the miners of a task were chosen fairly.

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256, U256};

use super::{
    KEPT, Model, Own,
    state::{Seat, Session, Task},
};
use crate::protocol::{Call, Event, Invariant, NewSession, RouterChange, TaskKey};

impl Model {
    pub(super) fn apply(&mut self, timestamp: u64, own: Option<Own<'_>>, event: &Event) {
        let call = own.map(|own| own.call);
        match event {
            Event::SessionCreated {
                session,
                owner,
                miners,
            } => self.created(*session, *owner, miners, call),
            Event::SessionUpdated { session, .. } => self.updated(*session, call),
            Event::SessionDeactivated { session } => self.change(*session, |session| session.active = false),
            Event::NodeReleased { session, node } => self.change(*session, |session| session.release(*node)),
            Event::DedicatedNodeAdded { node } => {
                if let Some(Call::AddDedicatedNode { session, .. }) = call {
                    self.change(*session, |session| {
                        session.count = None;
                        session.dedicated.push(*node);
                        session.turns.clear();
                    });
                }
            }
            Event::DedicatedNodeRemoved { .. }
            | Event::SubmittedViaSession { .. }
            | Event::AssignedViaSession { .. } => {}
            Event::Deposited { session, amount, .. } => {
                self.change(*session, |session| session.available += *amount);
            }
            Event::Withdrawn { session, amount, .. } => self.change(*session, |session| {
                session.available = session.available.saturating_sub(*amount);
            }),
            Event::EarningsWithdrawn { miner, amount } => {
                let earned = self.earnings.entry(*miner).or_default();
                *earned = earned.saturating_sub(*amount);
            }
            Event::RoutersChanged { change, .. } => {
                if let Some(Call::Router { session, .. }) = call {
                    self.change(*session, |session| route(&mut session.routers, change));
                }
            }
            Event::MinerRegistered { miner, .. } => {
                self.registered.insert(*miner);
            }
            Event::MinerUnregistered { miner, .. } => {
                self.registered.remove(miner);
            }
            Event::DedicationAllowed { node, owner } => {
                self.consents.insert(*node, *owner);
            }
            Event::WindowsChanged(windows) => self.rules.windows = *windows,
            Event::PriceChanged(price) => self.rules.price = *price,
            Event::OracleChanged { account, is_oracle } => {
                if *is_oracle {
                    self.rules.oracles.insert(*account);
                } else if self.rules.oracles.remove(account) {
                    self.former_oracles.insert(*account);
                }
            }
            Event::TaskQueued { key, global_id, data } => self.queued(timestamp, *key, *global_id, *data),
            Event::TaskAssigned { key, miners } => self.assigned(*key, miners),
            Event::TaskAcked { key, miner } => self.task(*key, |task| {
                if let Some(seat) = task.seat_mut(*miner) {
                    seat.acked = Some(timestamp);
                }
                if task.counts()[0] == task.seats.len() {
                    task.ack_over = Some(timestamp);
                }
            }),
            Event::TaskPrecommitted { key, miner } => self.task(*key, |task| {
                if let Some(seat) = task.seat_mut(*miner) {
                    seat.precommitted = Some(timestamp);
                    if let Some(Call::Precommit { hash, .. }) = call {
                        seat.hash = Some(*hash);
                    }
                }
            }),
            Event::TaskPrecommitEnded { key } => self.task(*key, |task| {
                let ack_over = timestamp.min(task.ack_deadline());
                task.ack_over.get_or_insert(ack_over);
                let over = timestamp.min(task.precommit_deadline());
                task.precommit_over.get_or_insert(over);
            }),
            Event::TaskCommitted { key, miner } => self.task(*key, |task| {
                if let Some(seat) = task.seat_mut(*miner) {
                    seat.committed = Some(timestamp);
                }
            }),
            Event::TaskCommitEnded { key } => self.task(*key, |task| task.commit_over = true),
            Event::TaskAllPrecommitted { .. } | Event::TaskAllCommitted { .. } => {}
            Event::TaskEnded { key, miners } => self.ended(timestamp, *key, miners),
        }
    }

    fn change(&mut self, session: u64, change: impl FnOnce(&mut Session)) {
        if let Some(session) = self.sessions.get_mut(&session) {
            change(session);
        }
    }

    fn task(&mut self, key: TaskKey, change: impl FnOnce(&mut Task)) {
        if let Some(task) = self.tasks.get_mut(&key) {
            change(task);
        }
    }

    fn created(&mut self, id: u64, owner: Address, miners: &[Address], call: Option<&Call>) {
        self.next_session = self.next_session.map(|next| next.max(id + 1));
        let terms = match call {
            Some(Call::Create(new)) => Some(new.clone()),
            _ => None,
        };
        let session = Session {
            owner,
            terms,
            active: true,
            dedicated: Vec::new(),
            count: None,
            ephemeral: Some(miners.to_vec()),
            routers: Vec::new(),
            available: U256::ZERO,
            reserved: U256::ZERO,
            tasks: 0,
            turns: BTreeMap::new(),
        };
        self.sessions.insert(id, session);
    }

    fn updated(&mut self, id: u64, call: Option<&Call>) {
        let count = match (self.sessions.get(&id), call) {
            (Some(session), Some(Call::Update { terms, .. })) => self.members_after(session, terms),
            _ => None,
        };
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        session.turns.clear();
        let before = session.terms.take();
        let Some((Call::Update { terms, .. }, before)) = call.zip(before) else {
            session.ephemeral = None;
            return;
        };
        // Mode and reservation stay as they were. No event tells whom an update draws.
        let full = session
            .members()
            .is_some_and(|members| members.len() as u64 >= terms.max_nodes);
        if before.mode != 2 && !full {
            session.count = count;
            session.ephemeral = None;
        }
        session.terms = Some(NewSession {
            mode: before.mode,
            reserve: before.reserve,
            ..terms.clone()
        });
    }

    fn queued(&mut self, timestamp: u64, key: TaskKey, global_id: u64, data: B256) {
        self.next_global = global_id + 1;
        self.change(key.session, |session| {
            session.tasks = key.task + 1;
            if session.lacks_miners() {
                // It draws what it lacks, and no event tells whom.
                session.count = session
                    .terms
                    .as_ref()
                    .map(|terms| terms.min_nodes.max(terms.redundancy));
                session.ephemeral = None;
                session.turns.clear();
            }
        });
        let task = Task {
            global_id,
            data,
            assigned_at: timestamp,
            seats: Vec::new(),
            ack_over: None,
            precommit_over: None,
            commit_over: false,
            ended_at: None,
            windows: self.rules.windows,
            price: self.rules.price,
        };
        self.tasks.insert(key, task);
    }

    fn assigned(&mut self, key: TaskKey, miners: &[Address]) {
        self.task(key, |task| {
            task.seats = miners
                .iter()
                .map(|miner| Seat {
                    miner: *miner,
                    ..Seat::default()
                })
                .collect();
        });
        let cost = self.rules.price.saturating_mul(U256::from(miners.len()));
        let Some(session) = self.sessions.get_mut(&key.session) else {
            return;
        };
        session.available = session.available.saturating_sub(cost);
        session.reserved += cost;
        for miner in miners {
            *session.turns.entry(*miner).or_default() += 1;
        }
        if let Some(fault) = unfair(session, miners) {
            self.broken(Invariant::ASSIGNMENT, Some(key), fault);
        }
    }

    fn ended(&mut self, timestamp: u64, key: TaskKey, miners: &[Address]) {
        let Some(task) = self.tasks.get_mut(&key) else {
            return;
        };
        task.ended_at = Some(timestamp);
        let (assigned, price) = (task.seats.len(), task.price);
        if task.global_id >= KEPT {
            self.tasks.remove(&key);
        }
        for miner in miners {
            *self.earnings.entry(*miner).or_default() += price;
        }
        let cost = |count: usize| price.saturating_mul(U256::from(count));
        self.change(key.session, |session| {
            session.reserved = session.reserved.saturating_sub(cost(assigned));
            session.available += cost(assigned.saturating_sub(miners.len()));
        });
    }
}

fn route(routers: &mut Vec<Address>, change: &RouterChange) {
    match change {
        RouterChange::Add { router, .. } => routers.push(*router),
        RouterChange::Update { .. } => {}
        RouterChange::Remove { router } => routers.retain(|other| other != router),
        RouterChange::Reset => routers.clear(),
    }
}

/// What is wrong with the choice of a task's miners, whose turns are counted already.
fn unfair(session: &Session, miners: &[Address]) -> Option<String> {
    let terms = session.terms.as_ref()?;
    let (count, expected) = (miners.len() as u64, terms.redundancy);
    if count != expected {
        return Some(format!("{count} miners were assigned, {expected} expected"));
    }
    let members = session.members()?;
    if let Some(stranger) = miners.iter().find(|miner| !members.contains(miner)) {
        return Some(format!(
            "miner {stranger} was assigned, which the session does not have"
        ));
    }
    let is_dedicated = |miner: &&Address| session.dedicated.contains(miner);
    let found = miners.iter().filter(is_dedicated).count();
    let expected = miners.len().min(session.dedicated.len());
    if found != expected {
        return Some(format!(
            "{found} dedicated nodes were assigned, {expected} expected: they come first"
        ));
    }
    let ephemeral = session.ephemeral.as_deref().unwrap_or_default();
    [&session.dedicated[..], ephemeral].into_iter().find_map(|group| {
        let turns = |miner: &Address| session.turns.get(miner).copied().unwrap_or(0);
        let most = group.iter().max_by_key(|miner| turns(miner))?;
        let least = group.iter().min_by_key(|miner| turns(miner))?;
        let (often, seldom) = (turns(most), turns(least));
        (often > seldom + 1).then(|| {
            format!("miner {most} was assigned {often} times, miner {least} {seldom} times: turns differ by at most 1")
        })
    })
}

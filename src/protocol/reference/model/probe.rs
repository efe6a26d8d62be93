//! Calls that are tried on the chain's state and undone, to see whether the contracts take and refuse what they must.

use std::{collections::BTreeSet, slice};

use alloy::primitives::{Address, B256, U256, address};

use super::{
    Model,
    pool::MOST_NODES,
    refusal::{CallVerdict, MOST_INFO},
};
use crate::protocol::{Call, Contracts, Event, Forbidden, Invariant, NewSession, RouterChange, TaskKey};

/// Nobody's account.
const STRANGER: Address = address!("0x57ea000000000000000000000000000000000057");

/// A call to try, and what must become of it.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The caller.
    pub from: Address,
    /// What.
    pub call: Call,
    /// The timestamp of the block in which it is tried, in seconds.
    pub timestamp: u64,
    verdict: CallVerdict,
}

impl Model {
    /// Calls to try on a task in a block of this timestamp.
    #[must_use]
    pub fn probes(&self, key: TaskKey, timestamp: u64) -> Vec<Probe> {
        let (Some(task), Some(session)) = (self.tasks.get(&key), self.sessions.get(&key.session)) else {
            return Vec::new();
        };
        let miners = task.seats.iter().map(|seat| seat.miner);
        let oracle = self.rules.oracles.first().copied();
        let steps = [
            Call::Ack(key),
            Call::Precommit {
                key,
                hash: B256::with_last_byte(1),
                binds: None,
            },
            Call::Commit {
                key,
                data: "probe".to_owned(),
            },
        ];
        let closes = [
            Call::EndAck(key),
            Call::EndPrecommit(key),
            Call::EndCommit(key),
            Call::End { key, force: false },
        ];
        let end = Call::End { key, force: true };
        let empty = Call::Precommit {
            key,
            hash: B256::ZERO,
            binds: None,
        };
        let all = steps.iter().chain(&closes).chain([&end, &empty]);
        let callers = miners
            .clone()
            .take(2)
            .chain([STRANGER, session.owner])
            .chain(oracle)
            .chain(self.former_oracles.iter().copied().take(2));
        let now = callers.flat_map(|from| all.clone().map(move |call| (from, call, timestamp)));
        // In the last second of the open phase, of the precommit phase and of all, and one second later.
        let edges = [
            task.deadline().unwrap_or(0),
            task.precommit_deadline(),
            task.last_deadline(),
        ];
        let times = edges.into_iter().flat_map(|edge| [edge, edge + 1]);
        let times: BTreeSet<u64> = times.filter(|time| *time > timestamp).collect();
        let each = |from: Option<Address>, calls: &[Call]| -> Vec<(Address, Call)> {
            let calls = |from| calls.iter().map(move |call| (from, call.clone()));
            from.into_iter().flat_map(calls).collect()
        };
        let at_edges = [
            each(miners.clone().next(), &steps),
            each(Some(STRANGER), &closes),
            each(oracle, slice::from_ref(&end)),
        ]
        .concat();
        let later = times
            .into_iter()
            .flat_map(|time| at_edges.iter().map(move |(from, call)| (*from, call, time)));
        now.chain(later)
            .filter_map(|(from, call, time)| self.probe(from, call.clone(), time))
            .collect()
    }

    /// Calls to try on a session in a block of this timestamp.
    #[must_use]
    pub fn session_probes(&self, id: u64, timestamp: u64) -> Vec<Probe> {
        // Somebody else's may be a contract's, whose account sends no transactions.
        let Some(session) = self.sessions.get(&id).filter(|session| session.terms.is_some()) else {
            return Vec::new();
        };
        let wei = U256::from(1);
        // Characters of one to four bytes.
        let info = || "probe é€😀".to_owned();
        let router = session.routers.first().copied().unwrap_or(STRANGER);
        let routes = [
            RouterChange::Add { router, info: info() },
            RouterChange::Update { router, info: info() },
            RouterChange::Remove { router },
            RouterChange::Reset,
        ];
        let mut calls = vec![
            Call::Submit {
                session: id,
                data: info(),
            },
            Call::Withdraw {
                session: id,
                amount: U256::ZERO,
            },
            Call::Withdraw {
                session: id,
                amount: wei,
            },
            Call::Withdraw {
                session: id,
                amount: session.available + wei,
            },
            Call::Deactivate { session: id },
            Call::AddDedicatedNode {
                session: id,
                node: STRANGER,
            },
            Call::RemoveDedicatedNode {
                session: id,
                node: session.dedicated.first().copied().unwrap_or(STRANGER),
            },
            Call::RemoveDedicatedNode {
                session: id,
                node: STRANGER,
            },
        ];
        calls.extend(routes.map(|change| Call::Router { session: id, change }));
        calls.extend(session.terms.clone().map(|terms| Call::Update {
            session: id,
            terms: NewSession {
                mode: 0,
                reserve: false,
                ..terms
            },
            metadata: info(),
        }));
        let owner = session.owner;
        let both = calls
            .into_iter()
            .flat_map(|call| [(STRANGER, call.clone()), (owner, call)]);
        let deposits = [U256::ZERO, wei].map(|amount| (owner, Call::Deposit { session: id, amount }));
        let judged = both
            .chain(deposits)
            .chain(self.pool_probes(id))
            .filter_map(|(from, call)| self.probe(from, call, timestamp));
        let too_long = Call::Router {
            session: id,
            change: RouterChange::Add {
                router: Address::with_last_byte(1),
                info: "x".repeat(MOST_INFO + 1),
            },
        };
        let more = self.bad_terms(id).into_iter().chain([refused(
            owner,
            too_long,
            "router info of 1,024 bytes at most",
        )]);
        judged
            .chain(more.map(|probe| Probe { timestamp, ..probe }))
            .collect()
    }

    /// Terms that no session may have.
    fn bad_terms(&self, id: u64) -> Vec<Probe> {
        let Some((session, terms)) = self
            .sessions
            .get(&id)
            .and_then(|session| Some((session, session.terms.clone()?)))
        else {
            return Vec::new();
        };
        let with = |change: fn(&mut NewSession)| {
            let mut changed = terms.clone();
            change(&mut changed);
            changed
        };
        let bad = [
            (with(|terms| terms.min_nodes = 0), "at least 1 node"),
            (
                with(|terms| terms.min_nodes = terms.max_nodes + 1),
                "min_nodes at most max_nodes",
            ),
            (with(|terms| terms.redundancy = 0), "redundancy at least 1"),
            (
                with(|terms| terms.redundancy = terms.max_nodes + 1),
                "redundancy at most max_nodes",
            ),
        ];
        let updates = bad.clone().map(|(terms, why)| {
            let call = Call::Update {
                session: id,
                terms,
                metadata: String::new(),
            };
            refused(session.owner, call, why)
        });
        let strange = Call::Update {
            session: id,
            terms: terms.clone(),
            metadata: String::new(),
        };
        let mode = (with(|terms| terms.mode = 3), "mode at most 2");
        let large = (
            with(|terms| (terms.mode, terms.max_nodes) = (2, MOST_NODES + 1)),
            "at most 255 nodes",
        );
        let crowd = |change: fn(&mut NewSession)| {
            let mut crowded = with(|terms| (terms.mode, terms.max_nodes) = (0, MOST_NODES));
            change(&mut crowded);
            crowded
        };
        // A pool of fewer miners cannot give what these ask for.
        let too_few = [
            (
                crowd(|terms| terms.min_nodes = MOST_NODES),
                "the pool has fewer miners",
            ),
            (
                crowd(|terms| terms.redundancy = MOST_NODES),
                "the pool has fewer miners",
            ),
        ];
        let is_small = (self.registered.len() as u64) < MOST_NODES;
        let creations = bad
            .into_iter()
            .chain([mode, large])
            .chain(too_few.into_iter().filter(|_| is_small))
            .map(|(terms, why)| refused(session.owner, Call::Create(terms), why));
        let strangers = [refused(STRANGER, strange, "a stranger updates the session")];
        updates.into_iter().chain(creations).chain(strangers).collect()
    }

    /// Calls to try on the pool, of a session's miners and of others.
    fn pool_probes(&self, id: u64) -> Vec<(Address, Call)> {
        let Some(session) = self.sessions.get(&id) else {
            return Vec::new();
        };
        let owner = session.owner;
        let members = session.members().unwrap_or_default();
        let of_first = members.first().into_iter().flat_map(|node| {
            let release = Call::Release { node: *node };
            [
                (*node, Call::Register),
                (*node, Call::Unregister),
                (STRANGER, release.clone()),
                (*node, release.clone()),
                (owner, release),
            ]
        });
        let consents = self.consents.iter().filter(|(_, to)| **to == owner).take(2);
        let dedicated = consents.map(|(node, _)| {
            let (session, node) = (id, *node);
            (owner, Call::AddDedicatedNode { session, node })
        });
        // Whose node a miner lets itself be adds it to a session of somebody else.
        let elsewhere = self.consents.iter().filter(|(_, to)| **to != owner).take(2);
        let elsewhere = elsewhere.map(|(node, to)| {
            let (session, node) = (id, *node);
            (*to, Call::AddDedicatedNode { session, node })
        });
        let again = session.terms.clone().map(|terms| (STRANGER, Call::Create(terms)));
        of_first
            .chain([(STRANGER, Call::Unregister)])
            .chain(dedicated)
            .chain(elsewhere)
            .chain(again)
            .collect()
    }

    fn probe(&self, from: Address, call: Call, timestamp: u64) -> Option<Probe> {
        let verdict = self.verdict(from, &call, timestamp);
        (verdict != CallVerdict::Unknown).then_some(Probe {
            from,
            call,
            timestamp,
            verdict,
        })
    }

    /// Holds what became of a call that was tried, its events or why the contracts refused it, against what must.
    pub fn probed(&mut self, probe: &Probe, tried: Result<Vec<Event>, &str>) {
        let Probe {
            from,
            call,
            timestamp,
            verdict,
        } = probe;
        let name = call.function().name();
        let fault = match (verdict, tried) {
            (CallVerdict::Refuse((invariant, why)), Ok(_)) => Some((
                *invariant,
                format!("{name} of {from} would be accepted at {timestamp}, must be refused: {why}"),
            )),
            (CallVerdict::Accept, Err(reason)) => Some((
                Invariant::REFUSALS,
                format!("{name} of {from} must be accepted at {timestamp}, would be refused: {reason}"),
            )),
            (CallVerdict::Accept, Ok(events)) => self
                .wrong_events(*from, call, *timestamp, &events)
                .map(|wrong| (Invariant::EVENTS, format!("{name} of {from}, tried: {wrong}"))),
            _ => None,
        };
        if let Some((invariant, detail)) = fault {
            self.broken(invariant, call.task(), detail);
        }
    }
}

impl Model {
    /// Calls that nobody in a run makes and that must be refused, once session 0 has miners: a stranger tries them, or the
    /// deployer.
    #[must_use]
    pub fn forbidden(&self, contracts: &Contracts) -> Vec<Forbidden> {
        let first = self.sessions.get(&0).and_then(|session| {
            let miner = session.members()?.first().copied()?;
            Some(contracts.forbidden(self.rules.deployer, STRANGER, session.owner, miner))
        });
        first.unwrap_or_default()
    }

    /// The contracts took a call that they must refuse.
    pub fn intruded(&mut self, call: &Forbidden) {
        let Forbidden { name, from, .. } = call;
        let detail = format!("{name} of {from} would be accepted, must be refused");
        self.broken(Invariant::AUTHORITY, None, detail);
    }
}

fn refused(from: Address, call: Call, why: &str) -> Probe {
    Probe {
        from,
        call,
        timestamp: 0,
        verdict: CallVerdict::Refuse((Invariant::AUTHORITY, why.to_owned())),
    }
}

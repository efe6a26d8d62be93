//! The holders of miners, and what follows from it: draws, releases, the pool's counts.

use alloy::primitives::{Address, map::HashSet};

use super::{Model, refusal::CallVerdict, refusal::refuse, state::Session};
use crate::protocol::{Invariant, NewSession};

/// The most miners of a session.
pub(super) const MOST_NODES: u64 = 255;

/// Who has a miner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holding {
    /// The session of this id, to itself.
    Session(u64),
    /// So many sessions that share it; none if it is idle.
    Shares(u64),
}

impl Model {
    /// Who has a miner; `None` where no event told who was drawn.
    pub(super) fn holding(&self, miner: Address) -> Option<Holding> {
        let exclusive = self
            .sessions
            .iter()
            .find(|(_, session)| session.held().any(|held| *held == miner));
        if let Some((id, _)) = exclusive {
            return Some(Holding::Session(*id));
        }
        let lists: Option<Vec<_>> = self.sessions.values().map(Session::drawn).collect();
        let shares = lists?.into_iter().filter(|drawn| drawn.contains(&miner)).count();
        Some(Holding::Shares(shares as u64))
    }

    /// Registered miners that are idle, shared and held; `None` where that is not known.
    pub(super) fn counts(&self) -> Option<[u64; 3]> {
        let (mut held, mut shared) = (HashSet::<&Address>::default(), HashSet::<&Address>::default());
        let mut all_known = true;
        for session in self.sessions.values() {
            held.extend(session.held());
            match session.drawn() {
                Some(drawn) => shared.extend(drawn),
                None => all_known = false,
            }
        }
        let mut counts = [0; 3];
        for miner in &self.registered {
            let place = match (held.contains(miner), shared.contains(miner)) {
                (true, _) => 2,
                (false, _) if !all_known => return None,
                (false, is_shared) => usize::from(is_shared),
            };
            counts[place] += 1;
        }
        Some(counts)
    }

    /// Registered miners that no session has to itself: idle and shared ones. `None` where that is not known.
    fn shareable(&self) -> Option<u64> {
        if self.sessions.values().any(|session| session.drawn().is_none()) {
            return self.counts().map(|[idle, shared, _]| idle + shared);
        }
        // Few sessions have miners to themselves; all miners are looked at only where who shares them matters.
        let held: HashSet<&Address> = self.sessions.values().flat_map(Session::held).collect();
        let held = held
            .into_iter()
            .filter(|miner| self.registered.contains(*miner))
            .count();
        Some((self.registered.len() - held) as u64)
    }

    /// Holds the idle, shared and held miners that the pool counts against those that are registered.
    pub fn check_pool(&mut self, found: [u64; 3]) {
        let registered = self.registered.len() as u64;
        if found.iter().sum::<u64>() != registered {
            let [idle, shared, held] = found;
            let detail = format!(
                "the pool counts {idle} idle, {shared} shared and {held} held miners of {registered}"
            );
            return self.broken(Invariant::RESERVATION, None, detail);
        }
        if let Some(expected) = self.counts()
            && expected != found
        {
            let detail = format!("idle, shared and held miners: {expected:?} expected, {found:?} found");
            self.broken(Invariant::RESERVATION, None, detail);
        }
    }

    /// How many miners a session draws that needs so many and has room for `limit`; `None` where that is not known.
    /// `held` are the drawn miners that it has, which it does not draw again.
    pub(super) fn draws(&self, reserve: bool, needed: u64, limit: u64, held: &[Address]) -> Option<u64> {
        if !reserve {
            let again = held
                .iter()
                .filter(|miner| self.registered.contains(*miner))
                .count() as u64;
            return Some(limit.min(self.shareable()? - again));
        }
        let [idle, shared, taken] = self.counts()?;
        // What a session reserves beyond its need leaves half of the pool free.
        let spare = ((idle + shared + taken) / 2).saturating_sub(taken + needed);
        Some(idle.min(limit.min(needed + spare)))
    }

    /// How many miners a session has after a change of its terms; `None` where that is not known.
    pub(super) fn members_after(&self, session: &Session, terms: &NewSession) -> Option<u64> {
        let before = session.terms.as_ref()?;
        let drawn = session.ephemeral.as_ref()?;
        let dedicated = session.dedicated.len() as u64;
        let most = terms.max_nodes.saturating_sub(dedicated);
        let (kept, gone) = drawn.split_at(drawn.len().min(most as usize));
        let members = dedicated + kept.len() as u64;
        if before.mode == 2 || members >= terms.max_nodes {
            return Some(members);
        }
        // Who leaves can be drawn again; nobody both leaves and is drawn.
        if !gone.is_empty() {
            return None;
        }
        let needed = terms.min_nodes.max(terms.redundancy).saturating_sub(members);
        let drawn = self.draws(before.reserve, needed, terms.max_nodes - members, kept)?;
        Some(members + drawn)
    }

    pub(super) fn create(&self, new: &NewSession) -> CallVerdict {
        if new.mode > 2 {
            return refuse(Invariant::STATE, format!("there is no mode {}", new.mode));
        }
        if let Some(refusal) = bad_limits(new) {
            return refusal;
        }
        let needed = new.min_nodes.max(new.redundancy);
        match self.draws(new.reserve, needed, new.max_nodes, &[]) {
            _ if new.mode == 2 => CallVerdict::Accept,
            None => CallVerdict::Unknown,
            Some(count) => enough(count, needed),
        }
    }

    pub(super) fn update(&self, session: &Session, terms: &NewSession) -> CallVerdict {
        if let Some(refusal) = bad_limits(terms) {
            return refusal;
        }
        let dedicated = session.dedicated.len() as u64;
        if terms.max_nodes < dedicated {
            return refuse(
                Invariant::ASSIGNMENT,
                format!("the session has {dedicated} dedicated nodes"),
            );
        }
        let needed = terms.min_nodes.max(terms.redundancy);
        match self.members_after(session, terms) {
            _ if session.terms.as_ref().is_some_and(|terms| terms.mode == 2) => CallVerdict::Accept,
            None => CallVerdict::Unknown,
            Some(count) => enough(count, needed),
        }
    }

    pub(super) fn release(&self, from: Address, node: Address) -> CallVerdict {
        match self.holding(node) {
            None => CallVerdict::Unknown,
            Some(Holding::Shares(_)) => {
                refuse(Invariant::RESERVATION, format!("no session has {node} to itself"))
            }
            Some(Holding::Session(id)) => {
                let owner = self.sessions.get(&id).map(|session| session.owner);
                if from == node || Some(from) == owner {
                    CallVerdict::Accept
                } else {
                    refuse(
                        Invariant::AUTHORITY,
                        format!("{from} is neither {node} nor the owner of session {id}"),
                    )
                }
            }
        }
    }

    pub(super) fn add_dedicated(&self, session: &Session, node: Address) -> CallVerdict {
        let Some(terms) = &session.terms else {
            return CallVerdict::Unknown;
        };
        if terms.mode == 0 {
            return refuse(Invariant::ASSIGNMENT, "the session is ephemeral");
        }
        let owner = session.owner;
        if self.consents.get(&node) != Some(&owner) {
            return refuse(
                Invariant::AUTHORITY,
                format!("{node} lets no session of {owner} have it"),
            );
        }
        match self.holding(node) {
            None => CallVerdict::Unknown,
            Some(Holding::Session(id)) => refuse(
                Invariant::RESERVATION,
                format!("session {id} has {node} to itself"),
            ),
            Some(Holding::Shares(1..)) => refuse(Invariant::RESERVATION, format!("sessions share {node}")),
            Some(Holding::Shares(0)) if session.dedicated.len() as u64 >= terms.max_nodes => {
                refuse(Invariant::ASSIGNMENT, "the session has no place for another node")
            }
            Some(Holding::Shares(0)) => CallVerdict::Accept,
        }
    }
}

/// Whether so many miners are as many as are needed.
fn enough(count: u64, needed: u64) -> CallVerdict {
    if count >= needed {
        return CallVerdict::Accept;
    }
    refuse(
        Invariant::ASSIGNMENT,
        format!("{count} miners can be had, {needed} are needed"),
    )
}

impl Session {
    /// The miners that it is known to have to itself.
    fn held(&self) -> impl Iterator<Item = &Address> {
        let reserves = self.terms.as_ref().is_some_and(|terms| terms.reserve);
        let drawn = self.ephemeral.iter().filter(move |_| reserves).flatten();
        self.dedicated.iter().chain(drawn)
    }

    /// The miners that it drew and shares; `None` if that is not known.
    fn drawn(&self) -> Option<&[Address]> {
        let reserves = self.terms.as_ref()?.reserve;
        let drawn = self.ephemeral.as_deref()?;
        Some(if reserves { &[] } else { drawn })
    }
}

/// The refusal of numbers of nodes that no session may have.
fn bad_limits(terms: &NewSession) -> Option<CallVerdict> {
    let NewSession {
        min_nodes,
        max_nodes,
        redundancy,
        ..
    } = *terms;
    let is_good = (1..=max_nodes).contains(&min_nodes)
        && max_nodes <= MOST_NODES
        && (1..=max_nodes).contains(&redundancy);
    (!is_good).then(|| {
        refuse(
            Invariant::ASSIGNMENT,
            format!("{min_nodes} to {max_nodes} nodes for a redundancy of {redundancy}"),
        )
    })
}

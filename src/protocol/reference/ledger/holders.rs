//! Exclusive holders of miners (I5).

use alloy::primitives::{
    Address, B256, keccak256,
    map::{HashMap, HashSet},
};

/// The miners that sessions have to themselves, as events tell. What a session reserves when it is *updated* no event
/// tells, so this knows of less than there is; what the chain says at the end is complete.
#[derive(Clone, Debug, Default)]
pub(super) struct Holders {
    /// The session that holds a miner, by node id.
    sessions: HashMap<B256, u64>,
    /// How many miners each session holds.
    counts: HashMap<u64, u64>,
    closed: HashSet<u64>,
    used: bool,
    /// The session that has a miner at the end, and whether it has it to itself.
    last: HashMap<Address, (u64, bool)>,
}

impl Holders {
    /// Whether a session ever held a miner, or closed.
    pub(super) const fn is_used(&self) -> bool {
        self.used
    }

    /// Whether a session closed.
    pub(super) fn is_closed(&self, session: u64) -> bool {
        self.closed.contains(&session)
    }

    /// A session has a miner to itself. Says what is wrong with that, if something is.
    pub(super) fn held(&mut self, session: u64, miner: Address) -> Option<String> {
        self.used = true;
        let other = self.sessions.insert(keccak256(miner), session);
        if let Some(other) = other {
            self.uncount(other);
        }
        *self.counts.entry(session).or_default() += 1;
        other.map(|other| format!("miner {miner} is reserved by sessions {other} and {session}"))
    }

    /// A session let go of a miner, which it may have shared. Says what is wrong with that, if something is.
    pub(super) fn released(&mut self, session: u64, node: B256) -> Option<String> {
        let holder = *self.sessions.get(&node)?;
        if holder != session {
            return Some(format!(
                "session {session} let go of node {node}, which session {holder} has to itself"
            ));
        }
        self.sessions.remove(&node);
        self.uncount(session);
        None
    }

    /// A session closed. Says what is wrong with that, if something is.
    pub(super) fn closed(&mut self, session: u64) -> Option<String> {
        self.used = true;
        self.closed.insert(session);
        let left = self.counts.get(&session).copied().unwrap_or(0);
        (left > 0).then(|| format!("session {session} was deactivated and kept {left} miners to itself"))
    }

    /// A session has these miners at the end. Says everything that is wrong with that.
    pub(super) fn at_the_end(
        &mut self,
        session: u64,
        own: &[Address],
        shared: &[Address],
        active: bool,
    ) -> Vec<String> {
        let mut faults = Vec::new();
        let count = own.len() + shared.len();
        if !active && count > 0 {
            faults.push(format!("session {session} is deactivated and has {count} miners"));
        }
        let own = own.iter().map(|miner| (miner, true));
        for (miner, to_itself) in own.chain(shared.iter().map(|miner| (miner, false))) {
            let Some((other, others)) = self.last.insert(*miner, (session, to_itself)) else {
                continue;
            };
            if to_itself || others {
                faults.push(format!(
                    "miner {miner} is in sessions {other} and {session}, one of which reserves it"
                ));
            }
        }
        faults
    }

    fn uncount(&mut self, session: u64) {
        if let Some(count) = self.counts.get_mut(&session) {
            *count -= 1;
        }
    }
}

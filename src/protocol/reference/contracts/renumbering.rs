//! Session ids that a reorg changed.
//!
//! A session gets its id when the block that opens it is made. If that block is replaced, the same transaction may open it under
//! another id. A run knows a session by the id that it had first; only calldata, logs and records hold the one of the chain.

use std::collections::{BTreeSet, HashMap};

use super::Contracts;
use crate::protocol::{Call, Event, SessionRef, TaskKey};

/// What is added to the id of a session of somebody else whose own a session of the run has already.
const FOREIGN: u64 = 1 << 63;

/// The run's ids of sessions and the chain's, where they differ.
#[derive(Clone, Debug, Default)]
pub(super) struct Renumbering {
    to_chain: HashMap<u64, u64>,
    to_run: HashMap<u64, u64>,
    /// Sessions of the run that a reorg took back and that are not open again, by the run's id.
    undone: BTreeSet<u64>,
}

impl Contracts {
    /// Whether a reorg took sessions back that are not open again, or gave some another id.
    #[must_use]
    pub fn renumbers(&self) -> bool {
        !self.has_all_sessions() || !self.renumbering.to_chain.is_empty()
    }

    /// Whether every session of the run is open that ever was.
    #[must_use]
    pub fn has_all_sessions(&self) -> bool {
        self.renumbering.undone.is_empty()
    }

    /// The block that opened this session of the run, or of somebody else, is no longer the chain's.
    pub fn session_undone(&mut self, session: u64, own: bool) {
        let Renumbering {
            to_chain,
            to_run,
            undone,
        } = &mut self.renumbering;
        let id = to_chain.remove(&session).unwrap_or(session);
        to_run.remove(&id);
        if own {
            undone.insert(session);
        }
    }

    /// A session was opened which has this id on the chain. `known` is the one that it had in the run before a reorg.
    /// Returns the run's id.
    pub fn session_opened(&mut self, id: u64, known: Option<u64>) -> u64 {
        let Renumbering {
            to_chain,
            to_run,
            undone,
        } = &mut self.renumbering;
        let is_taken = || undone.contains(&id) || to_chain.contains_key(&id);
        let session = match known {
            Some(session) => session,
            None if is_taken() => id | FOREIGN,
            None => id,
        };
        undone.remove(&session);
        if session != id {
            to_chain.insert(session, id);
            to_run.insert(id, session);
        }
        session
    }

    /// The id that a session of the run has on the chain.
    #[must_use]
    pub fn session_on_chain(&self, session: u64) -> u64 {
        let known = self.renumbering.to_chain.get(&session);
        known.copied().unwrap_or(session)
    }

    /// The run's id of a session of the chain.
    #[must_use]
    pub fn session_of_run(&self, id: u64) -> u64 {
        self.renumbering.to_run.get(&id).copied().unwrap_or(id)
    }

    /// The session that a call is for, by its id on the chain; `None` if it is for none.
    #[must_use]
    pub fn session_of(&self, call: &Call) -> Option<u64> {
        call.session().map(|session| self.session_on_chain(session))
    }

    /// Gives a session and a task of a record the ids that they have on the chain.
    pub fn name_on_chain(&self, session: &mut Option<u64>, task: &mut Option<TaskKey>) {
        let named = [session.as_mut(), task.as_mut().map(|key| &mut key.session)];
        for session in named.into_iter().flatten() {
            *session = self.session_on_chain(*session);
        }
    }

    /// What is said of a session of the run, in the terms of the chain; `None` if they are the same.
    pub(super) fn on_chain<T: SessionRef + Clone>(&self, of_run: &T) -> Option<T> {
        if self.renumbering.to_chain.is_empty() {
            return None;
        }
        let mut on_chain = of_run.clone();
        let session = on_chain.session_mut()?;
        *session = self.session_on_chain(*session);
        Some(on_chain)
    }

    /// A call in the terms of the chain; `None` if they are the same.
    pub(super) fn call_on_chain(&self, call: &Call) -> Option<Call> {
        let mut on_chain = self.on_chain(call)?;
        if let Call::Precommit {
            key,
            hash,
            binds: Some(binds),
        } = &mut on_chain
        {
            *hash = binds.hash(*key);
        }
        Some(on_chain)
    }

    /// A call of the chain in the terms of the run.
    pub(super) fn call_of_run(&self, mut call: Call) -> Call {
        if !self.renumbering.to_run.is_empty()
            && let Some(session) = call.session_mut()
        {
            *session = self.session_of_run(*session);
        }
        call
    }

    /// An event of the chain in the terms of the run.
    pub(in crate::protocol::reference) fn of_run(&self, mut event: Event) -> Event {
        if !self.renumbering.to_run.is_empty()
            && let Some(session) = event.session_mut()
        {
            *session = self.session_of_run(*session);
        }
        event
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::Address;

    use super::*;
    use crate::protocol::Addresses;

    fn contracts() -> Contracts {
        let addresses = Addresses {
            node_pool: Address::ZERO,
            session: Address::ZERO,
            session_queue: Address::ZERO,
        };
        Contracts::new(addresses, 1)
    }

    #[test]
    fn two_sessions_change_places() {
        let mut contracts = contracts();
        contracts.session_undone(0, true);
        contracts.session_undone(1, true);
        assert!(!contracts.has_all_sessions());
        assert_eq!(contracts.session_opened(0, Some(1)), 1);
        assert_eq!(contracts.session_opened(1, Some(0)), 0);
        assert!(contracts.has_all_sessions());
        assert_eq!([0, 1].map(|session| contracts.session_on_chain(session)), [1, 0]);
        assert_eq!([0, 1].map(|id| contracts.session_of_run(id)), [1, 0]);
        // The second reorg gives them back what they had.
        contracts.session_undone(1, true);
        contracts.session_undone(0, true);
        contracts.session_opened(0, Some(0));
        contracts.session_opened(1, Some(1));
        assert_eq!([0, 1].map(|session| contracts.session_on_chain(session)), [0, 1]);
    }

    #[test]
    fn the_session_of_another_does_not_take_the_name_of_one_of_the_run() {
        let mut contracts = contracts();
        contracts.session_undone(4, true);
        let foreign = contracts.session_opened(4, None);
        assert_ne!(foreign, 4);
        assert_eq!(contracts.session_opened(5, Some(4)), 4);
        assert_eq!(contracts.session_of_run(4), foreign);
        assert_eq!(contracts.session_on_chain(4), 5);
        assert_eq!(contracts.session_opened(6, None), 6);
    }
}

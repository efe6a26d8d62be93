//! The routers of a session: an endless round of every change that there is.

use alloy::primitives::{Address, keccak256};

use crate::protocol::RouterChange;

/// Where a session is in its round: add, update, remove, add, update, reset.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Routers {
    /// Changes so far.
    changes: u64,
}

/// Changes in a round.
const ROUND: u64 = 6;

impl Routers {
    /// The next change.
    pub(super) fn next(&mut self, owner: Address, session: u64) -> RouterChange {
        let step = self.changes % ROUND;
        // Each half of a round is about a router of its own.
        let router = address(owner, session, self.changes / 3);
        let info = || format!("http://{router:#x}.example/{}", self.changes);
        let change = match step {
            0 | 3 => RouterChange::Add { router, info: info() },
            1 | 4 => RouterChange::Update { router, info: info() },
            2 => RouterChange::Remove { router },
            _ => RouterChange::Reset,
        };
        self.changes += 1;
        change
    }

    /// A change failed, so that it is not certain which routers there are: the next one leaves none.
    pub(super) const fn start_over(&mut self) {
        self.changes = (self.changes / ROUND) * ROUND + ROUND - 1;
    }
}

/// The address of a router that nobody has the key of.
fn address(owner: Address, session: u64, number: u64) -> Address {
    let name = [owner.as_slice(), &session.to_be_bytes(), &number.to_be_bytes()].concat();
    Address::from_slice(&keccak256(name)[12..])
}

//! The nonces of a run's accounts. The run owns them: it never asks the node for the next one, and notices when one
//! was not used.

use std::collections::BTreeSet;

/// The nonces of one account.
#[derive(Debug, Default)]
pub(super) struct Nonces {
    /// The next nonce that was never given out.
    next: u64,
    /// Nonces below it that were given out and came back unused.
    free: BTreeSet<u64>,
}

impl Nonces {
    /// The nonces of an account whose next transaction takes `next`.
    pub(super) fn from(next: u64) -> Self {
        Self {
            next,
            free: BTreeSet::new(),
        }
    }

    /// Gives out the lowest nonce that is not in use.
    pub(super) fn take(&mut self) -> u64 {
        self.free.pop_first().unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        })
    }

    /// Takes back a nonce that no transaction used. Returns whether transactions with later ones wait for it, so that
    /// it must be filled.
    pub(super) fn give_back(&mut self, nonce: u64) -> bool {
        self.free.insert(nonce);
        while self.next > 0 && self.free.remove(&(self.next - 1)) {
            self.next -= 1;
        }
        nonce < self.next
    }

    /// The node says that the account's next nonce is `next`: those below are used up, whoever used them.
    pub(super) fn used_up_to(&mut self, next: u64) {
        self.next = self.next.max(next);
        self.free = self.free.split_off(&next);
    }
}

#[cfg(test)]
mod tests {
    use super::Nonces;

    #[test]
    fn gives_out_nonces_in_order() {
        let mut nonces = Nonces::from(7);
        assert_eq!([nonces.take(), nonces.take(), nonces.take()], [7, 8, 9]);
    }

    #[test]
    fn the_last_nonce_given_back_is_simply_given_out_again() {
        let mut nonces = Nonces::from(0);
        nonces.take();
        assert!(!nonces.give_back(0));
        assert_eq!(nonces.take(), 0);
    }

    #[test]
    fn a_nonce_that_others_wait_for_must_be_filled_and_comes_next() {
        let mut nonces = Nonces::from(0);
        let _ = [nonces.take(), nonces.take(), nonces.take()];
        assert!(nonces.give_back(0));
        assert_eq!([nonces.take(), nonces.take()], [0, 3]);
    }

    #[test]
    fn nonces_that_come_back_in_any_order_leave_no_gap() {
        let mut nonces = Nonces::from(0);
        let _ = [nonces.take(), nonces.take(), nonces.take()];
        assert!(nonces.give_back(1));
        assert!(!nonces.give_back(2));
        assert_eq!(nonces.take(), 1);
    }

    #[test]
    fn nonces_that_somebody_else_used_are_not_given_out() {
        let mut nonces = Nonces::from(0);
        let _ = [nonces.take(), nonces.take()];
        nonces.give_back(0);
        nonces.used_up_to(5);
        assert_eq!(nonces.take(), 5);
    }
}

//! The audit of a run's money: deposits = payouts + balances, to the wei (I6). Nobody withdraws during a run.

use alloy::primitives::U256;

use crate::protocol::{Invariant, Violation};

/// What was deposited, and what the chain says that there is.
#[derive(Debug, Default)]
pub(super) struct Audit {
    deposits: U256,
    found: U256,
    incomplete: bool,
}

impl Audit {
    /// An owner deposited this.
    pub(super) fn deposited(&mut self, wei: U256) {
        self.deposits += wei;
    }

    /// Whether anything was deposited.
    pub(super) fn has_deposits(&self) -> bool {
        !self.deposits.is_zero()
    }

    /// A session has this left, or a miner has earned it.
    pub(super) fn found(&mut self, wei: U256) {
        self.found += wei;
    }

    /// Something could not be read: what was found says nothing.
    pub(super) fn failed(&mut self) {
        self.incomplete = true;
    }

    /// Whether everything could be read.
    pub(super) const fn is_complete(&self) -> bool {
        !self.incomplete
    }

    /// What does not add up, if something does not.
    pub(super) fn verdict(&self) -> Option<Violation> {
        if self.incomplete || self.found == self.deposits {
            return None;
        }
        let detail = format!(
            "{} wei were deposited, {} are in balances and earnings",
            self.deposits, self.found
        );
        Some(Violation {
            invariant: Invariant::Conservation,
            task: None,
            detail,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audit(deposits: u64, found: &[u64]) -> Audit {
        let mut audit = Audit::default();
        audit.deposited(U256::from(deposits));
        found.iter().for_each(|wei| audit.found(U256::from(*wei)));
        audit
    }

    #[test]
    fn what_was_deposited_must_be_found_to_the_wei() {
        assert_eq!(audit(100, &[60, 40]).verdict(), None);
        for found in [&[60, 39][..], &[60, 41], &[]] {
            let violation = audit(100, found).verdict().expect("it does not add up");
            assert_eq!(violation.invariant, Invariant::Conservation);
        }
    }

    #[test]
    fn an_audit_that_could_not_read_everything_says_nothing() {
        let mut audit = audit(100, &[60]);
        audit.failed();
        assert_eq!(audit.verdict(), None);
    }
}

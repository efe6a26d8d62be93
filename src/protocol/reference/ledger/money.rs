//! The audit of a run's money: deposits = payouts + withdrawals + balances, to the wei (I6). Miners leave in place what
//! they earned, so a payout is found as an earning.

use alloy::primitives::U256;

use crate::protocol::{Event, Invariant, Violation};

/// What was deposited, and what the chain says that there is.
#[derive(Clone, Debug, Default)]
pub struct Audit {
    deposits: U256,
    withdrawals: U256,
    found: U256,
    incomplete: bool,
}

impl Audit {
    /// Enters what money came in or went out by an event.
    pub fn enter(&mut self, event: &Event) {
        match event {
            Event::Deposited { amount, .. } => self.deposits += *amount,
            Event::Withdrawn { amount, .. } | Event::EarningsWithdrawn { amount, .. } => {
                self.withdrawals += *amount
            }
            _ => {}
        }
    }

    /// Whether anything was deposited.
    pub fn has_deposits(&self) -> bool {
        !self.deposits.is_zero()
    }

    /// A session has this left, or a miner has earned it.
    pub fn found(&mut self, wei: U256) {
        self.found += wei;
    }

    /// Takes the events over that `other` has entered, and keeps what was found.
    pub fn take_events(&mut self, other: &Self) {
        self.deposits = other.deposits;
        self.withdrawals = other.withdrawals;
    }

    /// Something could not be read: what was found says nothing.
    pub fn failed(&mut self) {
        self.incomplete = true;
    }

    /// Whether everything could be read.
    pub const fn is_complete(&self) -> bool {
        !self.incomplete
    }

    /// What does not add up, if something does not.
    pub fn verdict(&self) -> Option<Violation> {
        if self.incomplete || self.found + self.withdrawals == self.deposits {
            return None;
        }
        let detail = format!(
            "{} wei were deposited, {} withdrawn, {} are in balances and earnings",
            self.deposits, self.withdrawals, self.found
        );
        Some(Violation {
            invariant: Invariant::CONSERVATION,
            task: None,
            detail,
        })
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::Address;

    use super::*;

    fn audit(deposits: u64, found: &[u64]) -> Audit {
        let (session, amount) = (0, U256::from(deposits));
        let mut audit = Audit::default();
        let from = Address::ZERO;
        audit.enter(&Event::Deposited {
            session,
            from,
            amount,
        });
        found.iter().for_each(|wei| audit.found(U256::from(*wei)));
        audit
    }

    #[test]
    fn what_was_deposited_must_be_found_to_the_wei() {
        assert_eq!(audit(100, &[60, 40]).verdict(), None);
        for found in [&[60, 39][..], &[60, 41], &[]] {
            let violation = audit(100, found).verdict().expect("it does not add up");
            assert_eq!(violation.invariant, Invariant::CONSERVATION);
        }
    }

    #[test]
    fn what_was_withdrawn_is_found_no_more() {
        let (session, amount) = (0, U256::from(30));
        for (found, adds_up) in [([60, 10], true), ([60, 40], false)] {
            let mut audit = audit(100, &found);
            let to = Address::ZERO;
            audit.enter(&Event::Withdrawn { session, to, amount });
            assert_eq!(audit.verdict().is_none(), adds_up, "{found:?}");
        }
    }

    #[test]
    fn an_audit_that_could_not_read_everything_says_nothing() {
        let mut audit = audit(100, &[60]);
        audit.failed();
        assert_eq!(audit.verdict(), None);
    }
}

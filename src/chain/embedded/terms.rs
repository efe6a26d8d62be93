//! Terms of a block's builder that are other than usual.

use std::fmt;

use super::PooledTransaction;

/// What a block's builder does other than usual; by default nothing.
#[derive(Clone, Copy, Default)]
pub struct BuilderTerms<'a> {
    /// Whether it takes no transactions.
    pub is_empty: bool,
    /// Gas that the transactions of others use, which are not seen; at most the block's gas limit.
    pub gas_of_others: u64,
    /// Which transactions it leaves out, and with them those of the same account behind them; `None` for none.
    pub censor: Option<&'a dyn Fn(&PooledTransaction) -> bool>,
}

impl BuilderTerms<'_> {
    /// Whether it leaves a transaction out.
    pub(super) fn leave_out(&self, transaction: &PooledTransaction) -> bool {
        self.is_empty || self.censor.is_some_and(|censor| censor(transaction))
    }
}

impl fmt::Debug for BuilderTerms<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BuilderTerms")
            .field("is_empty", &self.is_empty)
            .field("gas_of_others", &self.gas_of_others)
            .finish_non_exhaustive()
    }
}

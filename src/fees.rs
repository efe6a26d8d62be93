//! EIP-1559 fees of a transaction, on any chain.

/// The max fee and the tip that a transaction offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eip1559Fees {
    /// The most that it pays, in wei per gas; at least `tip`.
    pub max_fee: u64,
    /// What it gives the block's producer on top of the base fee, in wei per gas.
    pub tip: u64,
}

impl Eip1559Fees {
    /// Wei per gas that it pays in a block with this base fee: min(max fee, base fee + tip), as EIP-1559 has it.
    #[must_use]
    pub fn effective_gas_price(self, base_fee: u64) -> u64 {
        self.max_fee.min(base_fee.saturating_add(self.tip))
    }

    /// These fees, or the other ones where they are higher.
    #[must_use]
    pub fn at_least(self, other: Self) -> Self {
        Self {
            max_fee: self.max_fee.max(other.max_fee),
            tip: self.tip.max(other.tip),
        }
    }

    /// The fees that replace a pending transaction with this one after `raises`: nodes ask for 10 % more, each raise
    /// gives 25 %.
    #[must_use]
    pub fn raised(self, raises: u32) -> Self {
        let raised = |fee| (0..raises).fold(fee, |fee: u64, _| fee.saturating_add(fee / 4 + 1));
        Self {
            max_fee: raised(self.max_fee),
            tip: raised(self.tip),
        }
    }
}

impl Default for Eip1559Fees {
    /// A tip of one gwei, as wallets offer, and at most a million gwei in all: the base fee of a chain whose blocks are
    /// all full gets there, from one gwei, after 117 blocks.
    fn default() -> Self {
        Self {
            max_fee: 1_000_000_000_000_000,
            tip: 1_000_000_000,
        }
    }
}

//! Transaction order of blocks.

/// How a block orders the transactions that wait for it. Within an account the order of nonces always comes first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BlockOrder {
    /// By the tip that the block's producer gets, highest first; equal ones by arrival. What nodes do.
    #[default]
    Fees,
    /// By arrival: first come, first served.
    Fifo,
    /// At random, anew for every block.
    Random,
    /// Some groups' transactions after all others; otherwise by fees.
    Adversarial {
        /// Names of groups of owners or miners; at least one. A name that both roles have means both groups.
        last: Vec<String>,
    },
}

impl BlockOrder {
    /// The orders that a name alone tells.
    pub const PLAIN: [Self; 3] = [Self::Fees, Self::Fifo, Self::Random];

    /// The order's name as files write it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Fees => "fees",
            Self::Fifo => "fifo",
            Self::Random => "random",
            Self::Adversarial { .. } => "adversarial",
        }
    }
}

//! Rules of the mempool that a scenario can choose.

use std::fmt;

/// What a mempool does with a transaction whose max fee is below the base fee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BelowBaseFee {
    /// Refuses one whose max fee is below the next block's base fee. Drops one that the base fee rose above, with the
    /// account's transactions behind it, when a block would have taken it. What anvil does.
    #[default]
    Refuse,
    /// Keeps it until the base fee has fallen. What the mempools of public networks do.
    Wait,
}

impl BelowBaseFee {
    /// Every rule.
    pub const ALL: [Self; 2] = [Self::Refuse, Self::Wait];

    /// The rule's name in scenario files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Wait => "wait",
        }
    }
}

impl fmt::Display for BelowBaseFee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

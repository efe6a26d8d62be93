//! The outcome of a transaction.

use serde::{Deserialize, Serialize};

/// The outcome of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome", content = "reason")]
pub enum TxOutcome {
    /// In a block, and it succeeded.
    Included,
    /// In a block, and it reverted with this decoded error.
    Reverted(String),
    /// In a block, and it reverted with this decoded error, as was to be expected: another was first.
    Outrun(String),
    /// In a block, and it reverted with this decoded error: a dishonest call that the contracts refused.
    Repelled(String),
    /// The node refused it with this message.
    Refused(String),
    /// Never seen in a block, for this reason.
    Lost(String),
}

impl TxOutcome {
    /// The outcome's name as files write it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Included => "included",
            Self::Reverted(_) => "reverted",
            Self::Outrun(_) => "outrun",
            Self::Repelled(_) => "repelled",
            Self::Refused(_) => "refused",
            Self::Lost(_) => "lost",
        }
    }

    /// Whether it is in a block and reverted.
    #[must_use]
    pub const fn is_revert(&self) -> bool {
        matches!(self, Self::Reverted(_) | Self::Outrun(_) | Self::Repelled(_))
    }

    /// The outcome of a transaction that reverted for this reason, where that was to be expected or not.
    #[must_use]
    pub const fn of_revert(reason: String, was_expected: bool) -> Self {
        if was_expected {
            Self::Outrun(reason)
        } else {
            Self::Reverted(reason)
        }
    }

    /// The reason why it did not succeed; `None` if it did.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Included => None,
            Self::Reverted(reason)
            | Self::Outrun(reason)
            | Self::Repelled(reason)
            | Self::Refused(reason)
            | Self::Lost(reason) => Some(reason),
        }
    }
}

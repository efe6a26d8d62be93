//! The rules that a chain runs by, whatever the chain.

use std::fmt;

/// A hardfork that chains can be pinned to. It decides what gas costs, so results name it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Hardfork {
    /// March 2024; the contracts are compiled for it.
    Cancun,
    /// May 2025: calldata has a floor price.
    #[default]
    Prague,
    /// December 2025: a transaction's gas is capped at 2^24.
    Osaka,
}

impl Hardfork {
    /// Every hardfork, oldest first.
    pub const ALL: [Self; 3] = [Self::Cancun, Self::Prague, Self::Osaka];

    /// The name in scenario files and on anvil's command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cancun => "cancun",
            Self::Prague => "prague",
            Self::Osaka => "osaka",
        }
    }
}

impl fmt::Display for Hardfork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

//! The rules that a chain runs by.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A hardfork that chains can be pinned to. It decides what gas costs, so results name it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A name that is no hardfork's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown hardfork `{0}`: use cancun, prague or osaka")]
pub struct UnknownHardfork(pub String);

impl FromStr for Hardfork {
    type Err = UnknownHardfork;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|hardfork| hardfork.name() == name)
            .ok_or_else(|| UnknownHardfork(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_hardfork() {
        for hardfork in Hardfork::ALL {
            assert_eq!(hardfork.to_string().parse(), Ok(hardfork));
        }
        assert_eq!("paris".parse::<Hardfork>(), Err(UnknownHardfork("paris".into())));
    }
}

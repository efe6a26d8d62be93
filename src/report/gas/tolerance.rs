//! Tolerances on gas changes.

use std::{fmt, str::FromStr};

/// How much a number may differ from the snapshot's, up or down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// By this much gas. How many calls there were may not differ at all.
    Gas(u64),
    /// By this share of the snapshot's number, in %. Numbers of calls, too.
    Percent(f64),
}

impl Default for Tolerance {
    fn default() -> Self {
        Self::Gas(0)
    }
}

impl Tolerance {
    /// Whether a change of gas is within it.
    pub(super) fn allows_gas(self, old: f64, new: f64) -> bool {
        match self {
            Self::Gas(gas) => (new - old).abs() <= gas as f64,
            Self::Percent(_) => self.allows_count(old, new),
        }
    }

    /// Whether a change of a number of calls is within it.
    pub(super) fn allows_count(self, old: f64, new: f64) -> bool {
        match self {
            Self::Gas(_) => old == new,
            Self::Percent(percent) => (new - old).abs() * 100.0 <= old * percent,
        }
    }
}

/// Text that names no tolerance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("give gas, such as 500, or a share, such as 1% or 0.5%")]
pub struct NoTolerance;

impl FromStr for Tolerance {
    type Err = NoTolerance;

    fn from_str(text: &str) -> Result<Self, NoTolerance> {
        let Some(percent) = text.strip_suffix('%') else {
            return text.parse().map(Self::Gas).map_err(|_| NoTolerance);
        };
        let percent: f64 = percent.trim_end().parse().map_err(|_| NoTolerance)?;
        if percent.is_finite() && percent >= 0.0 {
            Ok(Self::Percent(percent))
        } else {
            Err(NoTolerance)
        }
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gas(gas) => write!(f, "{gas} gas"),
            Self::Percent(percent) => write!(f, "{percent} %"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_gas_or_a_share() {
        for (text, tolerance) in [
            ("0", Some(Tolerance::Gas(0))),
            ("500", Some(Tolerance::Gas(500))),
            ("1%", Some(Tolerance::Percent(1.0))),
            ("0.5 %", Some(Tolerance::Percent(0.5))),
            ("-1%", None),
            ("NaN%", None),
            ("1.5", None),
            ("%", None),
            ("", None),
        ] {
            assert_eq!(text.parse().ok(), tolerance, "{text:?}");
        }
    }

    #[test]
    fn it_holds_in_both_directions_and_up_to_its_edge() {
        for (tolerance, old, new, gas, count) in [
            (Tolerance::Gas(0), 100.0, 100.0, true, true),
            (Tolerance::Gas(0), 100.0, 100.001, false, false),
            (Tolerance::Gas(5), 100.0, 105.0, true, false),
            (Tolerance::Gas(5), 100.0, 94.0, false, false),
            (Tolerance::Percent(1.0), 100.0, 101.0, true, true),
            (Tolerance::Percent(1.0), 100.0, 98.9, false, false),
            (Tolerance::Percent(50.0), 0.0, 1.0, false, false),
        ] {
            assert_eq!(
                (tolerance.allows_gas(old, new), tolerance.allows_count(old, new)),
                (gas, count),
                "{tolerance}: {old} → {new}"
            );
        }
    }
}

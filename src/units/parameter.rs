//! Numbers without a unit: `1.5`.

use std::fmt;

/// A number without a unit that is not negative, exact to a millionth: a distribution's shape, a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Parameter {
    millionths: u64,
}

impl Parameter {
    /// So many millionths.
    #[must_use]
    pub const fn from_millionths(millionths: u64) -> Self {
        Self { millionths }
    }

    /// Reads a decimal number of at most six places.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with('-') {
            return Err("is negative".into());
        }
        let millionths = super::parse_decimal(text.trim_start_matches('+'), 6)
            .ok_or("is no decimal number of at most six places")?;
        u64::try_from(millionths)
            .map(Self::from_millionths)
            .map_err(|_| "is far too large".into())
    }

    /// In millionths.
    #[must_use]
    pub const fn millionths(self) -> u64 {
        self.millionths
    }

    /// The nearest `f64`.
    #[must_use]
    pub fn value(self) -> f64 {
        self.millionths as f64 / 1e6
    }
}

impl fmt::Display for Parameter {
    /// As a scenario file writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::format_decimal(self.millionths.into(), 6))
    }
}

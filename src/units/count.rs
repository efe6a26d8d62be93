//! Counts: `4`.

use std::fmt;

/// A number of things, of which there may be 1 to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Count<const MOST: u32>(pub u32);

impl<const MOST: u32> Count<MOST> {
    /// One.
    pub const ONE: Self = Self(1);
    /// As many as there may be.
    pub const MAX: Self = Self(MOST);
}

impl<const MOST: u32> fmt::Display for Count<MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

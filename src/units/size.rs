//! Sizes in bytes: `32`, `"64 B"`, `"1 KiB"`.

use std::fmt;

/// A number of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(pub u64);

/// Units by name and bytes, largest first.
const UNITS: [(&str, u64); 5] = [
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1_000),
    ("B", 1),
];

impl ByteSize {
    /// Largest payload or result, 65,535 B: the contracts count its bytes in sixteen bits.
    pub const MAX: Self = Self(65_535);

    /// Reads a size with a unit: B, kB, KiB, MB or MiB.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (number, unit) = super::split_unit(text);
        let bytes = UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
            .map(|(_, bytes)| *bytes)
            .ok_or_else(|| super::unknown_unit(unit))?;
        let millis = super::parse_decimal(number, 3).ok_or("is not a size")?;
        let scaled = millis.checked_mul(u128::from(bytes)).ok_or("is too large")?;
        if scaled % 1_000 != 0 {
            return Err("is not a whole number of bytes".into());
        }
        u64::try_from(scaled / 1_000)
            .map(Self)
            .map_err(|_| "is too large".into())
    }
}

impl fmt::Display for ByteSize {
    /// In the largest unit that divides it, of MiB, KiB and B.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes != 0 && bytes % (1 << 20) == 0 => write!(f, "{} MiB", bytes >> 20),
            bytes if bytes != 0 && bytes % (1 << 10) == 0 => write!(f, "{} KiB", bytes >> 10),
            bytes => write!(f, "{bytes} B"),
        }
    }
}

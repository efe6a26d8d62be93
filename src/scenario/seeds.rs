//! Several seeds: `1..32`, `1,5,9`, `1..4,10`.

use std::{fmt, ops::RangeInclusive, str::FromStr};

use crate::scenario::Scenario;

/// Different seeds to run one scenario with; at least one, at most [`Seeds::MAX`].
///
/// Written as seeds and ranges with commas between them, in any order. A range `first..last` is inclusive: `1..32` are
/// 32 seeds. They are kept in ascending order, so that the order in which they were written changes no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeds(Vec<u64>);

/// The reason why a text names no seeds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeedsError {
    /// A part is neither a seed nor a range.
    #[error("`{0}` is not a seed or a range of seeds; write 1..32 (both included), 1,5,9 or 1..4,10")]
    Syntax(String),
    /// A seed is beyond [`Scenario::MAX_SEED`].
    #[error("the seed {0} is too large: at most {max}", max = Scenario::MAX_SEED)]
    TooLarge(String),
    /// A range ends before it begins.
    #[error("the range {first}..{last} ends before it begins; write {last}..{first}")]
    Reversed {
        /// Its first seed.
        first: u64,
        /// Its last.
        last: u64,
    },
    /// A seed is named twice.
    #[error("the seed {0} occurs twice; every run must differ")]
    Twice(u64),
    /// More than [`Seeds::MAX`].
    #[error("these are more than {max} seeds", max = Seeds::MAX)]
    TooMany,
}

impl Seeds {
    /// Most seeds: each is a whole run with a folder of its own.
    pub const MAX: usize = 10_000;

    /// The seeds in ascending order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        self.0.iter().copied()
    }

    /// The number of there that are, from 1.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is at least one seed")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl FromStr for Seeds {
    type Err = SeedsError;

    fn from_str(text: &str) -> Result<Self, SeedsError> {
        let mut seeds = Vec::new();
        for part in text.split(',') {
            let range = range(part.trim())?;
            // A range of all 2⁶³ seeds does not fit in a `usize` everywhere, and is too long anywhere.
            let more = usize::try_from(range.end() - range.start()).map_err(|_| SeedsError::TooMany)?;
            if more >= Self::MAX - seeds.len() {
                return Err(SeedsError::TooMany);
            }
            seeds.extend(range);
        }
        seeds.sort_unstable();
        match seeds.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(SeedsError::Twice(pair[0])),
            None => Ok(Self(seeds)),
        }
    }
}

/// `5` or `1..32`.
fn range(part: &str) -> Result<RangeInclusive<u64>, SeedsError> {
    let (first, last) = part.split_once("..").unwrap_or((part, part));
    let (first, last) = (seed(first.trim(), part)?, seed(last.trim(), part)?);
    if first > last {
        return Err(SeedsError::Reversed { first, last });
    }
    Ok(first..=last)
}

/// A seed; digits may be grouped, as in scenario files: `1_000`.
fn seed(text: &str, part: &str) -> Result<u64, SeedsError> {
    let digits = text.replace('_', "");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SeedsError::Syntax(part.to_owned()));
    }
    match digits.parse() {
        Ok(seed) if seed <= Scenario::MAX_SEED => Ok(seed),
        _ => Err(SeedsError::TooLarge(text.to_owned())),
    }
}

impl fmt::Display for Seeds {
    /// With runs of consecutive seeds as ranges.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runs = self.0.chunk_by(|one, next| one + 1 == *next);
        for (place, run) in runs.enumerate() {
            let comma = if place == 0 { "" } else { "," };
            match run {
                [first, .., last] => write!(f, "{comma}{first}..{last}")?,
                _ => write!(f, "{comma}{}", run[0])?,
            }
        }
        Ok(())
    }
}

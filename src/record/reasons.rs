//! Counts by reason, bounded: reasons come from nodes and contracts, and may be as many as transactions.

use std::collections::BTreeMap;

use crate::text;

/// Different reasons that are counted each on its own.
const MOST_REASONS: usize = 50;
/// Longest reason that is kept, in bytes; a longer one is cut.
const LONGEST_REASON: usize = 200;
/// What reasons beyond the first 50 are counted under.
pub const OTHER_REASONS: &str = "other reasons";

/// How often each reason occurred: the first 50 different ones by name, later ones together.
#[derive(Clone, Debug, Default)]
pub(super) struct Reasons(BTreeMap<String, u64>);

impl Reasons {
    /// Counts one occurrence, under the text that the reason has in CSV files, so that these count the same.
    pub(super) fn count(&mut self, reason: &str) {
        let reason = text::block(reason);
        let reason = &reason[..reason.floor_char_boundary(LONGEST_REASON)];
        if let Some(times) = self.0.get_mut(reason) {
            *times += 1;
        } else if self.0.len() < MOST_REASONS {
            self.0.insert(reason.to_owned(), 1);
        } else {
            *self.0.entry(OTHER_REASONS.to_owned()).or_default() += 1;
        }
    }

    /// The counts so far, ordered by reason.
    pub(super) const fn counts(&self) -> &BTreeMap<String, u64> {
        &self.0
    }

    /// The counts, ordered by reason.
    pub(super) fn into_counts(self) -> BTreeMap<String, u64> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_bounded_and_none_is_dropped() {
        let mut reasons = Reasons::default();
        for nonce in 0..1000 {
            reasons.count(&format!("nonce {nonce} too low"));
        }
        let counts = reasons.into_counts();
        assert_eq!(counts.len(), MOST_REASONS + 1);
        assert_eq!(counts[OTHER_REASONS], 950);
        assert_eq!(counts.values().sum::<u64>(), 1000);
    }

    #[test]
    fn a_reason_holds_no_control_characters() {
        let mut reasons = Reasons::default();
        reasons.count("\u{1b}[31mno\nroom");
        reasons.count("␛[31mno\nroom");
        assert_eq!(
            reasons.into_counts(),
            BTreeMap::from([("␛[31mno\nroom".to_owned(), 2)])
        );
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let mut reasons = Reasons::default();
        reasons.count(&"é".repeat(500));
        reasons.count(&"é".repeat(600));
        assert_eq!(reasons.into_counts(), BTreeMap::from([("é".repeat(100), 2)]));
    }
}

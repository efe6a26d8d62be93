//! Counts by reason, bounded: reasons come from nodes and contracts, and may be as many as transactions.

use std::collections::BTreeMap;

use crate::text;

/// Different reasons that are counted each on its own.
const MOST_REASONS: usize = 50;
/// Longest reason that is kept, in bytes; a longer one is cut.
const LONGEST_REASON: usize = 200;
/// What reasons beyond the first 50 are counted under.
pub const OTHER_REASONS: &str = "other reasons";

/// Counts one occurrence of a reason: the first 50 different ones by name, later ones together, under the text that the
/// reason has in CSV files, so that these count the same.
pub(super) fn count(counts: &mut BTreeMap<String, u64>, reason: &str) {
    let reason = text::block(reason);
    let reason = &reason[..reason.floor_char_boundary(LONGEST_REASON)];
    if let Some(times) = counts.get_mut(reason) {
        *times += 1;
    } else if counts.len() < MOST_REASONS {
        counts.insert(reason.to_owned(), 1);
    } else {
        *counts.entry(OTHER_REASONS.to_owned()).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_bounded_and_none_is_dropped() {
        let mut counts = BTreeMap::new();
        for nonce in 0..1000 {
            count(&mut counts, &format!("nonce {nonce} too low"));
        }
        assert_eq!(counts.len(), MOST_REASONS + 1);
        assert_eq!(counts[OTHER_REASONS], 950);
        assert_eq!(counts.values().sum::<u64>(), 1000);
    }

    #[test]
    fn a_reason_holds_no_control_characters() {
        let mut counts = BTreeMap::new();
        count(&mut counts, "\u{1b}[31mno\nroom");
        count(&mut counts, "␛[31mno\nroom");
        assert_eq!(counts, BTreeMap::from([("␛[31mno\nroom".to_owned(), 2)]));
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let mut counts = BTreeMap::new();
        count(&mut counts, &"é".repeat(500));
        count(&mut counts, &"é".repeat(600));
        assert_eq!(counts, BTreeMap::from([("é".repeat(100), 2)]));
    }
}

//! Counts by reason, bounded: reasons come from nodes and contracts, and may be as many as transactions.
//!
//! Reasons that differ only in numbers, addresses and the arguments of errors are one: `NotYours { id: 3 }` and
//! `NotYours { id: 4 }` count as `NotYours`, with the first as an example. One that is always the same keeps its text.

use std::collections::BTreeMap;

use crate::text;

/// Different reasons that are counted each on its own.
const MOST_REASONS: usize = 50;
/// Longest reason that is kept, in bytes; a longer one is cut.
const LONGEST_REASON: usize = 200;
/// What reasons beyond the first 50 are counted under.
pub const OTHER_REASONS: &str = "other reasons";
/// What stands in the place of what varies.
const VARIES: char = '…';

/// Counts by reason.
#[derive(Clone, Debug, Default)]
pub(super) struct Reasons(BTreeMap<String, Counted>);

/// What was counted of reasons that are one.
#[derive(Clone, Debug, Default)]
struct Counted {
    count: u64,
    first: String,
    /// Whether others had another text than the first.
    varies: bool,
}

impl Reasons {
    /// Counts one occurrence: the first 50 different ones by name, later ones together, under the text that the reason has in
    /// CSV files, so that these count the same.
    pub(super) fn count(&mut self, reason: &str) {
        let reason = text::block(reason);
        let reason = &reason[..reason.floor_char_boundary(LONGEST_REASON)];
        let mut name = folded(reason);
        if !self.0.contains_key(&name) && self.0.len() >= MOST_REASONS {
            OTHER_REASONS.clone_into(&mut name);
        }
        let is_other = name == OTHER_REASONS;
        let counted = self.0.entry(name).or_default();
        if counted.count == 0 {
            let first = if is_other { OTHER_REASONS } else { reason };
            first.clone_into(&mut counted.first);
        }
        counted.count += 1;
        counted.varies |= !is_other && counted.first != reason;
    }

    /// The counts, and an example of each reason that has several texts. Adds to what is there.
    pub(super) fn finish(&self, examples: &mut BTreeMap<String, String>) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for (name, counted) in &self.0 {
            let name = if counted.varies { name } else { &counted.first };
            if counted.varies {
                examples
                    .entry(name.clone())
                    .or_insert_with(|| counted.first.clone());
            }
            *counts.entry(name.clone()).or_default() += counted.count;
        }
        counts
    }
}

/// A reason without the arguments of an error, numbers, hexadecimal digits and quoted texts.
fn folded(reason: &str) -> String {
    let reason = match reason.split_once(" { ") {
        Some((name, arguments)) if arguments.ends_with('}') && name.ends_with(is_part) => name,
        _ => reason,
    };
    let mut folded = String::with_capacity(reason.len());
    let mut rest = reason;
    while let Some(first) = rest.chars().next() {
        let length = if is_part(first) {
            rest.find(|c| !is_part(c)).unwrap_or(rest.len())
        } else if first == '"' {
            rest[1..].find('"').map_or(rest.len(), |end| end + 2)
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        if !varies(token) {
            folded.push_str(token);
        } else if !folded.ends_with(VARIES) {
            folded.push(VARIES);
        }
    }
    folded
}

/// Whether a character may stand in a name or a number.
fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a token is a number in decimal or hexadecimal digits, or a quoted text.
fn varies(token: &str) -> bool {
    let is_hex = |digits: &str| digits.chars().all(|c| c.is_ascii_hexdigit());
    token.starts_with('"')
        || token.strip_prefix("0x").is_some_and(is_hex)
        || token.starts_with(|c: char| c.is_ascii_digit())
            && token.chars().all(|c| c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(
        reasons: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> (BTreeMap<String, u64>, BTreeMap<String, String>) {
        let mut counts = Reasons::default();
        for reason in reasons {
            counts.count(reason.as_ref());
        }
        let mut examples = BTreeMap::new();
        (counts.finish(&mut examples), examples)
    }

    #[test]
    fn reasons_are_bounded_and_none_is_dropped() {
        let letters = |number: u32| -> String {
            let letter = |digit| char::from(b'a' + (number / digit % 10) as u8);
            [100, 10, 1].map(letter).iter().collect()
        };
        let (counts, _) = counted((0..1000).map(|number| format!("no {}", letters(number))));
        assert_eq!(counts.len(), MOST_REASONS + 1);
        assert_eq!(counts[OTHER_REASONS], 950);
        assert_eq!(counts.values().sum::<u64>(), 1000);
    }

    #[test]
    fn a_reason_holds_no_control_characters() {
        let (counts, _) = counted(["\u{1b}[31mno\nroom", "␛[31mno\nroom"]);
        assert_eq!(counts, BTreeMap::from([("␛[31mno\nroom".to_owned(), 2)]));
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let (counts, _) = counted(["é".repeat(500), "é".repeat(600)]);
        assert_eq!(counts, BTreeMap::from([("é".repeat(100), 2)]));
    }

    #[test]
    fn reasons_that_differ_in_arguments_are_one() {
        for (one, other, name) in [
            ("NotYours { id: 3 }", "NotYours { id: 4 }", "NotYours"),
            (
                "take reverted: NotYours { id: 3, to: 0xab }",
                "take reverted: NotYours { id: 4, to: 0xcd }",
                "take reverted: NotYours",
            ),
            ("nonce 3 too low", "nonce 12 too low", "nonce … too low"),
            ("task 1/2 is over", "task 1/31 is over", "task …/… is over"),
            ("no such name: \"a b\"", "no such name: \"c\"", "no such name: …"),
            ("unknown error 0x01ff", "unknown error 0x", "unknown error …"),
        ] {
            let (counts, examples) = counted([one, other]);
            assert_eq!(counts, BTreeMap::from([(name.to_owned(), 2)]), "{one}");
            assert_eq!(examples, BTreeMap::from([(name.to_owned(), one.to_owned())]));
        }
    }

    #[test]
    fn a_reason_that_is_always_the_same_keeps_its_text() {
        for reason in ["NotYours { id: 3 }", "ERC20: code 7", "no room {", "GS013"] {
            let (counts, examples) = counted([reason, reason]);
            assert_eq!((counts[reason], examples.len()), (2, 0));
        }
        let (counts, _) = counted(["GS013", "GS014", "ERC20: no", "ERC721: no"]);
        assert_eq!(counts.len(), 4, "digits of a name tell names apart");
    }
}

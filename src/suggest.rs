//! Suggestions for misspelt names: "did you mean …", "the keys here are …".

use std::borrow::Cow;

/// Most characters of a user's text that a message repeats.
const LONGEST: usize = 60;

/// The beginning of a text that a message repeats.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// The candidate nearest to `word`, if it is near enough to be what was meant.
pub(crate) fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    if word.chars().nth(LONGEST).is_some() {
        return None;
    }
    candidates
        .iter()
        .map(|candidate| (strsim::osa_distance(&word.to_lowercase(), candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `did you mean "x"?`, if a candidate is near enough.
pub(crate) fn meant(word: &str, candidates: &[&str]) -> Option<String> {
    nearest(word, candidates).map(|meant| format!("did you mean \"{meant}\"?"))
}

/// `` `a`, `b` and `c` ``
pub(crate) fn list(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant_and_nothing_far_fetched() {
        let keys = ["count", "work_time", "redundancy", "min_nodes", "max_nodes"];
        for (word, meant) in [
            ("cuont", Some("count")),
            ("worktime", Some("work_time")),
            ("Redundency", Some("redundancy")),
            ("max_node", Some("max_nodes")),
            ("color", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, &keys), meant, "{word}");
        }
    }
}

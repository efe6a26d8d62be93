//! A key and its values: `miners.count=10,100,1000`, `seed=1..5`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Grid;

/// A key of a scenario and the values that it is to have in turn.
///
/// Written as `KEY=V1,V2,…`. Each value is what `--set` takes: TOML or plain text. Commas in quotes, brackets and braces
/// belong to the value. `A..B` stands for every whole number from A to B, both included; in quotes it is text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vary {
    /// The key, as `--set` names it.
    pub key: String,
    /// Its values as they were written, ranges as their numbers; at least one, all different.
    pub values: Vec<String>,
}

/// The reason why a text does not say what to vary.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaryError {
    /// There is no key or no `=`.
    #[error("it must be a key and its values: chain.block_time=1s,2s or seed=1..5")]
    Syntax,
    /// Nothing stands between two commas, or behind the `=`.
    #[error("a value is missing; write values with one comma between them, and an empty text as \"\"")]
    Missing,
    /// Quotes, brackets or braces do not close.
    #[error("unbalanced quote or bracket in `{0}`")]
    Open(String),
    /// A range ends before it begins.
    #[error("the range {first}..{last} ends before it begins; write {last}..{first}")]
    Reversed {
        /// Its first number.
        first: i64,
        /// Its last.
        last: i64,
    },
    /// A value is there twice.
    #[error("the value {0} occurs twice; every run must differ")]
    Twice(String),
    /// More values than a sweep can have cells.
    #[error("these are more than {max} values", max = Grid::MAX_CELLS)]
    TooMany,
}

impl Vary {
    /// Whether it varies the seed: what differs in it alone is put together.
    #[must_use]
    pub fn is_seed(&self) -> bool {
        self.key == "seed"
    }
}

impl FromStr for Vary {
    type Err = VaryError;

    fn from_str(text: &str) -> Result<Self, VaryError> {
        let (key, values) = text.split_once('=').ok_or(VaryError::Syntax)?;
        let key = key.trim();
        if key.is_empty() {
            return Err(VaryError::Syntax);
        }
        let mut all: Vec<String> = Vec::new();
        for part in parts(values)? {
            match range(part)? {
                Some((first, last)) => {
                    // The difference of two i64 fits in an i128.
                    if i128::from(last) - i128::from(first) >= Grid::MAX_CELLS as i128 {
                        return Err(VaryError::TooMany);
                    }
                    all.extend((first..=last).map(|number| number.to_string()));
                }
                None => all.push(plain(part)),
            }
            if all.len() > Grid::MAX_CELLS {
                return Err(VaryError::TooMany);
            }
        }
        let mut sorted: Vec<&String> = all.iter().collect();
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(VaryError::Twice(pair[0].clone()));
        }
        Ok(Self {
            key: key.to_owned(),
            values: all,
        })
    }
}

impl fmt::Display for Vary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, self.values.join(","))
    }
}

/// The texts between the commas that stand in no quotes, brackets or braces.
fn parts(text: &str) -> Result<Vec<&str>, VaryError> {
    let (mut parts, mut begin) = (Vec::new(), 0);
    let (mut depth, mut quote, mut escaped) = (0_i32, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some('"'), _) if escaped => escaped = false,
            (Some('"'), '\\') => escaped = true,
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            (None, ',') if depth <= 0 => {
                parts.push(&text[begin..at]);
                begin = at + 1;
            }
            (None, _) => {}
        }
    }
    parts.push(&text[begin..]);
    if quote.is_some() || depth != 0 {
        return Err(VaryError::Open(text[begin..].trim().to_owned()));
    }
    let parts: Vec<&str> = parts.into_iter().map(str::trim).collect();
    if parts.iter().any(|part| part.is_empty()) {
        return Err(VaryError::Missing);
    }
    Ok(parts)
}

/// The ends of a range of whole numbers; `None` if the part is none.
fn range(part: &str) -> Result<Option<(i64, i64)>, VaryError> {
    let Some((first, last)) = part.split_once("..") else {
        return Ok(None);
    };
    let (Ok(first), Ok(last)) = (plain(first.trim()).parse(), plain(last.trim()).parse()) else {
        return Ok(None);
    };
    if first > last {
        return Err(VaryError::Reversed { first, last });
    }
    Ok(Some((first, last)))
}

/// The text, a whole number without what groups its digits: whoever reads tables knows no `1_000`.
fn plain(text: &str) -> String {
    let is_number = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'-'))
        && text.bytes().any(|byte| byte.is_ascii_digit());
    if is_number {
        text.replace('_', "")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{Vary, VaryError};

    #[test]
    fn values_are_split_where_a_comma_separates_them() {
        for (text, key, values) in [
            (
                "miners.count=10,100, 1_000",
                "miners.count",
                &["10", "100", "1000"][..],
            ),
            ("seed=1..3,9", "seed", &["1", "2", "3", "9"]),
            ("seed=5..5", "seed", &["5"]),
            (
                "owners.load={ constant = \"5/s\" },{ poisson = \"5/s\" }",
                "owners.load",
                &["{ constant = \"5/s\" }", "{ poisson = \"5/s\" }"],
            ),
            (
                "owners.payload_size={ uniform = [\"1 B\", \"2 B\"] },'64 B'",
                "owners.payload_size",
                &["{ uniform = [\"1 B\", \"2 B\"] }", "'64 B'"],
            ),
            ("name=\"a,\\\"b\",\"1..2\"", "name", &["\"a,\\\"b\"", "\"1..2\""]),
            ("chain.block_time=1s,500ms", "chain.block_time", &["1s", "500ms"]),
        ] {
            let vary: Vary = text.parse().unwrap();
            assert_eq!(
                (vary.key.as_str(), vary.values),
                (key, values.iter().map(|v| (*v).to_owned()).collect()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_says_nothing_is_refused() {
        for (text, error) in [
            ("seed", VaryError::Syntax),
            ("=1,2", VaryError::Syntax),
            ("seed=", VaryError::Missing),
            ("seed=1,,2", VaryError::Missing),
            ("seed=5..1", VaryError::Reversed { first: 5, last: 1 }),
            ("seed=1..3,2", VaryError::Twice("2".to_owned())),
            ("seed=1..10001", VaryError::TooMany),
            (
                "seed=-9223372036854775808..9223372036854775807",
                VaryError::TooMany,
            ),
            (
                "owners.load={ constant = \"5/s\"",
                VaryError::Open("{ constant = \"5/s\"".to_owned()),
            ),
            ("name=\"a,b", VaryError::Open("\"a,b".to_owned())),
        ] {
            assert_eq!(text.parse::<Vary>(), Err(error), "{text}");
        }
    }
}

//! Broken rules: what was seen, and what makes two of them the same.

use alloy::primitives::{Address, Bytes, U256};
use serde::{Deserialize, Serialize};

use super::TracedTransaction;
use crate::protocol::{Invariant, Violation};

/// Something that must hold and did not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// The code of the rule: `I3`.
    pub rule: String,
    /// Its name: `hiding`.
    pub name: String,
    /// The function that was called, where a call broke it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// What was seen, for people.
    pub detail: String,
}

/// Where it was seen, at the end of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "seen")]
pub enum Evidence {
    /// In what the last transaction did.
    Transaction,
    /// In what the contracts said.
    Read {
        /// The contract; `None` of a program of its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Address>,
        /// Calldata.
        input: Bytes,
        /// What was returned; `None` if nothing was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<Bytes>,
    },
    /// In what became of a call that was tried and undone.
    Trial {
        /// The sender.
        from: Address,
        /// The contract.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Address>,
        /// Wei sent along.
        #[serde(default, skip_serializing_if = "U256::is_zero")]
        value: U256,
        /// Calldata.
        input: Bytes,
        /// The timestamp of the block, in seconds.
        timestamp: u64,
        /// Whether it was accepted.
        accepted: bool,
    },
    /// In all that the contracts say together.
    Audit,
    /// In a whole run of the scenario, with its actors and faults: there is no trace.
    Run,
}

impl Broken {
    /// A violation of an invariant by a call of this function, if it was by one.
    #[must_use]
    pub fn of(violation: &Violation, function: Option<&str>) -> Self {
        let detail = match violation.task {
            Some(task) => format!("{task}: {}", violation.detail),
            None => violation.detail.clone(),
        };
        Self::new(violation.invariant, function, detail)
    }

    /// A read that was not answered.
    #[must_use]
    pub fn unanswered(answers: Invariant, query: &str, message: &str) -> Self {
        Self::new(answers, None, format!("{query} must be answered: {message}"))
    }

    /// A transaction that was accepted and must be refused for this reason.
    #[must_use]
    pub fn accepted(function: Option<&str>, transaction: &TracedTransaction, why: &str) -> Self {
        let called = match function {
            Some(function) => function.to_owned(),
            None => transaction.input.get(..4).map_or_else(
                || "a transfer".to_owned(),
                |selector| format!("{}", Bytes::copy_from_slice(selector)),
            ),
        };
        Self {
            rule: "refusal".to_owned(),
            name: "must-be-refused".to_owned(),
            function: function.map(str::to_owned),
            detail: format!(
                "{called} of {} was accepted, must be refused: {why}",
                transaction.from
            ),
        }
    }

    /// A failure of the program itself, or of what it counted.
    #[must_use]
    pub fn of_tool(name: &str, detail: String) -> Self {
        Self {
            rule: "tool".to_owned(),
            name: name.to_owned(),
            function: None,
            detail,
        }
    }

    fn new(invariant: Invariant, function: Option<&str>, detail: String) -> Self {
        Self {
            rule: invariant.code().to_owned(),
            name: invariant.name().to_owned(),
            function: function.map(str::to_owned),
            detail,
        }
    }

    /// What two of these have in common that are the same fault: the rule, the function, and what was seen without numbers,
    /// addresses and texts.
    #[must_use]
    pub fn identity(&self) -> String {
        let function = self.function.as_deref().unwrap_or("");
        format!("{} {function} {}", self.rule, normalised(&self.detail))
    }
}

/// A text in which every number is `#`, several of them one, and every quoted text empty.
fn normalised(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                while letters.next().is_some_and(|inner| inner != '"') {}
                plain.push_str("\"\"");
            }
            digit if digit.is_ascii_digit() => {
                while letters
                    .next_if(|next| next.is_ascii_hexdigit() || *next == 'x')
                    .is_some()
                {}
                if plain.ends_with("#, ") {
                    plain.truncate(plain.len() - 2);
                } else {
                    plain.push('#');
                }
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::normalised;

    #[test]
    fn numbers_and_texts_make_no_difference() {
        for (text, plain) in [
            (
                "task 3 of session 0: late by 12 s",
                "task # of session #: late by # s",
            ),
            ("[0xab12, 0x34, 7] and []", "[#] and []"),
            ("info: \"a 1\" of 2", "info: \"\" of #"),
        ] {
            assert_eq!(normalised(text), plain);
        }
    }
}

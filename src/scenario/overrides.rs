//! Values given beside a scenario's file: `--set miners.count=500`.

use super::ChainKind;

/// A value that takes the place of what a scenario's file says. It is read and checked as if the file said it, and
/// problems with it point at its own text.
///
/// The value is TOML; what is no TOML is text, so that `kind=embedded` and `block_time=2s` need no quotes. A key is
/// the path of keys from the file's root: `chain.block_time`, `owners.load`. Where there are several groups, it says
/// which by name or by index from 0: `miners.gpu.count`, `miners[1].count`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// As the command line has it.
    pub(super) text: String,
    /// The key; `None` if it stands in the text, before a `=`.
    pub(super) key: Option<&'static str>,
    /// Where in the text the assignment begins, or the value if the key is known.
    pub(super) begin: usize,
    /// What it does with its value.
    pub(super) does: Does,
}

/// What an override does with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// Gives it to a key.
    Sets,
    /// Has the load of every group last so long.
    Lasts,
    /// Adds the fault that it writes, kind first.
    AddsFault,
}

impl Override {
    /// What `--set` is given: `miners.count=500`.
    #[must_use]
    pub fn set(assignment: &str) -> Self {
        Self::assign("--set", assignment)
    }

    /// As [`Override::set`], for a flag of another name.
    #[must_use]
    pub fn assign(flag: &str, assignment: &str) -> Self {
        Self {
            text: format!("{flag} {assignment}"),
            key: None,
            begin: flag.len() + 1,
            does: Does::Sets,
        }
    }

    /// A flag that sets one key, as `--seed 5` sets `seed`.
    #[must_use]
    pub fn flag(flag: &str, key: &'static str, value: &str) -> Self {
        Self {
            text: format!("{flag} {value}"),
            key: Some(key),
            begin: flag.len() + 1,
            does: Does::Sets,
        }
    }

    /// Another seed.
    #[must_use]
    pub fn seed(seed: u64) -> Self {
        Self::flag("--seed", "seed", &seed.to_string())
    }

    /// How long the load of every group lasts, however many tasks that makes: `60s`. Each group's `duration` is this, from
    /// its own `start` on, and its `tasks` are no limit any more.
    #[must_use]
    pub fn duration(text: &str) -> Self {
        Self {
            does: Does::Lasts,
            ..Self::assign("--duration", text)
        }
    }

    /// One more fault: `drop 2%`, `reorg depth 2 every 30s`.
    #[must_use]
    pub fn fault(text: &str) -> Self {
        Self {
            does: Does::AddsFault,
            ..Self::assign("--fault", text)
        }
    }

    /// Another kind of chain.
    #[must_use]
    pub fn chain_kind(kind: ChainKind) -> Self {
        Self::flag("--chain", "chain.kind", kind.name())
    }
}

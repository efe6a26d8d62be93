//! Kinds of dishonest behaviour, and what a group of actors is set to.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{protocol::Phase, units::Parameter};

named! {
    /// A kind of dishonest behaviour.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub enum Behaviour {
        /// Leaves calls out.
        Lazy = "lazy",
        /// Leaves out every call about a task from a phase on.
        Silent = "silent",
        /// Makes a call after the window that it belongs to.
        Late = "late",
        /// Makes calls before the moment that allows them.
        Early = "early",
        /// Makes a call again that was accepted.
        Duplicate = "duplicate",
        /// Makes a call that was accepted for another task.
        Replay = "replay",
        /// Makes calls of other roles and calls for tasks of others.
        Stranger = "stranger",
        /// Sends what it reads in the mempool of others in its own role.
        Copycat = "copycat",
        /// Reveals something else than it bound itself to.
        Equivocate = "equivocate",
        /// Makes the call of a later phase at once.
        Skip = "skip",
        /// Changes one argument of a call.
        Mangle = "mangle",
    }
}

impl Behaviour {
    /// What it does, in a sentence.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Lazy => "Leaves calls out; never a submission.",
            Self::Silent => "Leaves out every call about a task from `phase` on.",
            Self::Late => "Makes a call `by` after its window closed.",
            Self::Early => "Makes calls before the moment that allows them.",
            Self::Duplicate => "Makes a call again that was accepted.",
            Self::Replay => "Makes a call that was accepted once more for another task.",
            Self::Stranger => "Makes calls of other roles, and calls for tasks of others.",
            Self::Copycat => "Sends as its own what it reads in the mempool of others in its role.",
            Self::Equivocate => "Reveals something else than it bound itself to.",
            Self::Skip => "Makes the call of a later phase at once.",
            Self::Mangle => "Changes one argument of a call to a boundary value.",
        }
    }

    /// What gives it an opportunity.
    #[must_use]
    pub(super) const fn occasions(self) -> &'static [Occasion] {
        match self {
            Self::Lazy | Self::Silent | Self::Late | Self::Equivocate | Self::Mangle => &[Occasion::Sending],
            Self::Early | Self::Skip => &[Occasion::Beside, Occasion::Accepted],
            Self::Duplicate | Self::Replay => &[Occasion::Accepted],
            Self::Stranger | Self::Copycat => &[Occasion::Seen],
        }
    }

    /// Whether an occasion gives it an opportunity.
    #[must_use]
    pub(super) fn is_tempted_by(self, occasion: Occasion) -> bool {
        self.occasions().contains(&occasion)
    }

    /// Whether it is decided once for each task.
    pub(super) const fn is_of_tasks(self) -> bool {
        matches!(self, Self::Silent)
    }

    /// The probability of it at an opportunity, unless a scenario says another.
    #[must_use]
    pub const fn default_probability(self) -> Parameter {
        Parameter::from_millionths(match self {
            Self::Lazy | Self::Late | Self::Equivocate => 500_000,
            Self::Silent => 1_000_000,
            Self::Early | Self::Duplicate | Self::Replay | Self::Skip => 500_000,
            Self::Stranger | Self::Copycat | Self::Mangle => 250_000,
        })
    }
}

/// What gives a dishonest actor an opportunity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// It is about to make a call: it does something else instead.
    Sending,
    /// It is about to make a call: it makes others, too.
    Beside,
    /// A call of its own was accepted.
    Accepted,
    /// It sees a call of somebody else in the mempool.
    Seen,
}

/// A dishonest behaviour of a group's actors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BehaviourSpec {
    /// The kind.
    pub kind: Behaviour,
    /// The probability of it at each opportunity, 0 to 1.
    pub probability: Parameter,
    /// The phase of the calls that it is about; `None` for all.
    pub phase: Option<Phase>,
    /// How long after a window it acts, of one that is late.
    pub by: Duration,
}

impl BehaviourSpec {
    /// How long after a window one acts that is late, unless a scenario says otherwise.
    pub const BY: Duration = Duration::from_secs(1);

    /// A kind with its defaults.
    #[must_use]
    pub const fn of(kind: Behaviour) -> Self {
        Self {
            kind,
            probability: kind.default_probability(),
            phase: None,
            by: Self::BY,
        }
    }

    /// Whether it is about calls of this phase.
    #[must_use]
    pub(super) fn concerns(&self, phase: Phase) -> bool {
        match (self.kind, self.phase) {
            (_, None) => true,
            (Behaviour::Silent, Some(from)) => phase >= from,
            (_, Some(only)) => phase == only,
        }
    }
}

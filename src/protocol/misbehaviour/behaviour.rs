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
        /// Makes its calls as large as they may be.
        Grief = "grief",
        /// Takes out money, closes, changes or leaves what others rely on.
        Drain = "drain",
        /// Reveals or withholds together with others.
        Collude = "collude",
        /// Takes no part and makes calls of everybody.
        Outsider = "outsider",
        /// Acts and closes in the last second of a window and in the first after it.
        Edges = "edges",
        /// Makes the calls of others that anybody may make, at the same time.
        Racing = "racing",
        /// Binds itself to results that begin with the hash of another.
        Crafted = "crafted",
        /// Has an address that ends like those of its group.
        Twins = "twins",
        /// Submits tasks by another function.
        Doors = "doors",
        /// Registers, leaves, consents, releases, updates and routes as it likes.
        Registrar = "registrar",
        /// Acts by a contract that calls back when it is paid.
        Reenter = "reenter",
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
            Self::Grief => "Makes payloads and results as large as they may be, one byte larger, or empty.",
            Self::Drain => {
                "Takes out money, closes, changes or leaves what others rely on, once a task depends on it."
            }
            Self::Collude => {
                "`members` of its group at a time decide together, for each task, to reveal one result or none."
            }
            Self::Outsider => "Takes no part, and makes the calls that it sees of everybody.",
            Self::Edges => "Acts and closes in the last second of a window, or in the first after it.",
            Self::Racing => {
                "Makes the same calls as others at the same time, of those that anybody may make."
            }
            Self::Crafted => "Binds itself to results that begin with the hash of another miner.",
            Self::Twins => {
                "Has an address whose last byte is that of its group's first; beside that it is honest."
            }
            Self::Doors => "Submits tasks by another function than others.",
            Self::Reenter => {
                "Acts by a contract account that makes its latest call again whenever it is paid."
            }
            Self::Registrar => "Registers, leaves, consents, releases, updates and routes as it likes.",
        }
    }

    /// What gives it an opportunity.
    #[must_use]
    pub(super) const fn occasions(self) -> &'static [Occasion] {
        match self {
            Self::Lazy
            | Self::Silent
            | Self::Late
            | Self::Equivocate
            | Self::Mangle
            | Self::Grief
            | Self::Collude
            | Self::Doors => &[Occasion::Sending],
            Self::Early | Self::Skip => &[Occasion::Beside, Occasion::Accepted],
            Self::Duplicate | Self::Replay | Self::Drain | Self::Reenter => &[Occasion::Accepted],
            Self::Registrar => &[Occasion::Accepted, Occasion::Seen],
            Self::Edges | Self::Crafted => &[Occasion::Sending, Occasion::Seen],
            Self::Stranger | Self::Copycat | Self::Racing | Self::Outsider => &[Occasion::Seen],
            Self::Twins => &[],
        }
    }

    /// Whether an occasion gives it an opportunity.
    #[must_use]
    pub(super) fn is_tempted_by(self, occasion: Occasion) -> bool {
        self.occasions().contains(&occasion)
    }

    /// Whether it is decided once for each task.
    pub(super) const fn is_of_tasks(self) -> bool {
        matches!(self, Self::Silent | Self::Grief | Self::Collude | Self::Crafted)
    }

    /// The probability of it at an opportunity, unless a scenario says another.
    #[must_use]
    pub const fn default_probability(self) -> Parameter {
        Parameter::from_millionths(match self {
            Self::Lazy
            | Self::Late
            | Self::Equivocate
            | Self::Early
            | Self::Duplicate
            | Self::Replay
            | Self::Skip
            | Self::Collude
            | Self::Edges
            | Self::Crafted
            | Self::Doors => 500_000,
            Self::Silent | Self::Racing | Self::Twins => 1_000_000,
            Self::Stranger | Self::Copycat | Self::Mangle | Self::Outsider => 250_000,
            Self::Grief | Self::Drain | Self::Registrar | Self::Reenter => 100_000,
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
    /// How many of a group collude, from 2.
    pub members: u32,
}

impl BehaviourSpec {
    /// How long after a window one acts that is late, unless a scenario says otherwise.
    pub const BY: Duration = Duration::from_secs(1);
    /// How many of a group collude, unless a scenario says otherwise.
    pub const MEMBERS: u32 = 3;

    /// A kind with its defaults.
    #[must_use]
    pub const fn of(kind: Behaviour) -> Self {
        Self {
            kind,
            probability: kind.default_probability(),
            phase: None,
            by: Self::BY,
            members: Self::MEMBERS,
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

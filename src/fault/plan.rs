//! The faults of a run, as its scenario has them.

use std::{ops::RangeInclusive, time::Duration};

use super::{FaultKind, Subject};
use crate::units::Parameter;

/// The faults of a run, in the order of their kinds; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultPlan {
    /// The faults.
    pub faults: Vec<Fault>,
}

impl FaultPlan {
    /// Whether nothing goes wrong.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// The faults of a kind, in their order.
    pub fn of(&self, kind: FaultKind) -> impl Iterator<Item = &Fault> {
        self.faults.iter().filter(move |fault| fault.kind == kind)
    }

    /// The faults that need a node with methods of anvil's, and the method.
    pub fn anvil_methods(&self) -> impl Iterator<Item = (FaultKind, &'static str)> {
        let kinds = self.faults.iter().map(|fault| fault.kind);
        kinds.filter_map(|kind| Some((kind, kind.anvil_method()?)))
    }

    /// By how many blocks the reply to a read may be old.
    #[must_use]
    pub fn oldest_reply(&self) -> u32 {
        let depths = self.of(FaultKind::StaleReads).map(|fault| fault.depth);
        depths
            .max()
            .map_or(0, |depth| u32::try_from(depth).unwrap_or(u32::MAX))
    }

    /// The most blocks that a reorg takes back; `None` if there is none.
    #[must_use]
    pub fn deepest_reorg(&self) -> Option<u64> {
        self.of(FaultKind::Reorg).map(|fault| fault.depth).max()
    }
}

/// A fault: a kind, when it strikes, whom it concerns, and what it does. Times count from the beginning of the load.
///
/// What a kind has no key for has no meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its kind.
    pub kind: FaultKind,
    /// The share of transactions, blocks or requests that it strikes, 0 to 1; `None` if it strikes at moments.
    pub rate: Option<Parameter>,
    /// The moments at which it strikes, in order.
    pub at: Vec<Duration>,
    /// The time from one strike to the next; the first comes that long after the window opens.
    pub every: Option<Duration>,
    /// The beginning of its window.
    pub from: Duration,
    /// The end of its window; `None` for the end of the run.
    pub until: Option<Duration>,
    /// Whom it concerns.
    pub target: Target,
    /// By how much.
    pub by: Delay,
    /// How long one strike lasts.
    pub lasts: Duration,
    /// The number of blocks.
    pub depth: u64,
    /// By what the base fee is multiplied.
    pub factor: Parameter,
    /// The share of the block's gas that others use, 0 to 1.
    pub fill: Parameter,
}

impl Fault {
    /// The depth that a reorg or a stale read may have, in blocks.
    pub const DEPTH: RangeInclusive<u64> = 1..=32;
    /// The shortest time of one strike, and from one to the next.
    pub const SHORTEST: Duration = Duration::from_millis(50);

    /// A fault of this kind with its defaults: always, of everybody.
    #[must_use]
    pub fn new(kind: FaultKind) -> Self {
        let by = match kind {
            FaultKind::Duplicate => Duration::from_millis(500),
            FaultKind::TimestampJump => Duration::from_secs(12),
            _ => Duration::from_secs(2),
        };
        let lasts = match kind {
            FaultKind::Stall => Duration::from_secs(10),
            _ => Duration::from_secs(5),
        };
        Self {
            kind,
            rate: None,
            at: Vec::new(),
            every: None,
            from: Duration::ZERO,
            until: None,
            target: Target::default(),
            by: Delay { least: by, most: by },
            lasts,
            depth: 1,
            factor: Parameter::from_millionths(4_000_000),
            fill: Parameter::from_millionths(1_000_000),
        }
    }

    /// Whether it strikes at moments, and not a share of what it may.
    #[must_use]
    pub const fn strikes_at_moments(&self) -> bool {
        self.rate.is_none() && (!self.at.is_empty() || self.every.is_some() || self.kind.is_event())
    }

    /// The share of what it may strike that it strikes, 0 to 1, where it does not strike at moments.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.rate.map_or(1.0, Parameter::value)
    }
}

/// A time: exact, or drawn anew for each strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// The least.
    pub least: Duration,
    /// The most, at least `least`.
    pub most: Duration,
}

/// A part of the population: those for whom all that is said holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The role by its name.
    pub role: Option<String>,
    /// The group by its name.
    pub group: Option<String>,
    /// The function that is called, by its name.
    pub function: Option<String>,
}

impl Target {
    /// Whether it is everybody.
    #[must_use]
    pub const fn is_everybody(&self) -> bool {
        self.role.is_none() && self.group.is_none() && self.function.is_none()
    }

    /// Whether a transaction is of this part.
    #[must_use]
    pub fn holds(&self, subject: Subject<'_>) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
        is(&self.role, subject.role) && is(&self.group, subject.group) && is(&self.function, subject.function)
    }
}

//! Loads: the number of tasks and their arrival times.

mod profile;
mod trace;

use std::time::Duration;

pub(crate) use profile::Segment;
pub use trace::{Replay, TraceRow};

use super::{
    DelayDistribution, Distribution,
    units::{Count, Rate},
};

/// Tasks of a closed load that a session keeps open, 1 to [`Load::MAX_IN_FLIGHT`].
pub type InFlightDistribution = Distribution<Count<{ Load::MAX_IN_FLIGHT }>>;

/// How a group of owners spaces its submissions.
///
/// In an open load submissions are due at planned moments, however the system fares. In a closed load they follow from
/// how it fares. Moments count from the group's [`start`](super::Submissions::start).
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// Closed loop: each session keeps tasks open and submits the next one when one is over.
    BackToBack {
        /// Tasks in flight of each session, drawn once for it. Default 1.
        in_flight: InFlightDistribution,
        /// From the end of a task to the submission of the next in its place. Default 0.
        think_time: DelayDistribution,
    },
    /// Open loop at a steady rate: task *k* of the group, from 0, is due at *k* / rate.
    Constant {
        /// Tasks per time for the whole group.
        rate: Rate,
    },
    /// Open loop, a Poisson process: independent, exponentially distributed times from one task to the next.
    Poisson {
        /// Tasks per time for the whole group, in the mean.
        rate: Rate,
    },
    /// Open loop that is on and off in turn, for fixed times.
    Bursts(Bursts),
    /// Open loop, a Poisson process whose rate changes at random.
    Mmpp(Mmpp),
    /// Open loop along a line of rates.
    Stages(Stages),
    /// Open loop, arrivals that were recorded.
    Trace(Replay),
}

/// A load that is on and off in turn; it begins with a burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bursts {
    /// Tasks per time of the whole group during a burst.
    pub rate: Rate,
    /// Tasks per time between bursts; 0 by default.
    pub idle: Rate,
    /// How long a burst lasts, from [`Load::MIN_LENGTH`].
    pub on: Duration,
    /// How long it is from the end of a burst to the next, from [`Load::MIN_LENGTH`].
    pub off: Duration,
    /// How arrivals are spaced.
    pub arrivals: Spacing,
}

/// A Markov-modulated Poisson process of two states (Fischer and Meier-Hellstern, "The Markov-modulated Poisson process
/// (MMPP) cookbook", 1993): a Poisson process whose rate is that of the state, which it leaves for the other one after
/// an exponentially distributed time. The first state is drawn with the probabilities of the long run, so that the
/// expected rate is the same at every moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mmpp {
    /// Tasks per time of the whole group in each state; not both 0.
    pub rates: [Rate; 2],
    /// The mean time that it stays in each state, from [`Load::MIN_LENGTH`].
    pub sojourns: [Duration; 2],
}

/// Rates that change linearly from one to the next. The load ends with the last stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stages {
    /// The rate that the first stage begins with; 0 by default.
    pub from: Rate,
    /// The stages, one after the other; at least one. Together they expect at least one task.
    pub stages: Vec<Stage>,
    /// How arrivals are spaced.
    pub arrivals: Spacing,
}

/// A stage: from the rate that the stage before came to, in a straight line to its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// How long it lasts; a stage of no length jumps.
    pub length: Duration,
    /// The rate that it comes to.
    pub to: Rate,
}

named! {
    /// How arrivals follow a rate.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Spacing {
        /// Task *k*, from 0, is due when the integral of the rate goes beyond *k*.
        #[default]
        Even = "even",
        /// A Poisson process of that rate.
        Poisson = "poisson",
    }
}

named! {
    /// Which session of its group submits each task of an open load.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Assignment {
        /// The sessions in turn. Each has every n-th task, so that its arrivals are more regular than the group's and depend
        /// on those of the others.
        #[default]
        RoundRobin = "round_robin",
        /// One drawn for each task, all alike. Of a Poisson process, each session has a Poisson process of its own,
        /// independent of the others' (Kingman, "Poisson processes", 1993, colouring theorem).
        Random = "random",
    }
}

impl Stages {
    /// How long all stages last.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.stages
            .iter()
            .fold(Duration::ZERO, |sum, stage| sum.saturating_add(stage.length))
    }
}

impl Load {
    /// Shortest length of a burst, of the time between two, and of a mean sojourn.
    pub const MIN_LENGTH: Duration = Duration::from_millis(1);
    /// Most tasks of a closed load that a session keeps open.
    pub const MAX_IN_FLIGHT: u32 = 1_000_000;
    /// A closed load whose sessions have one task open each.
    pub const ONE_IN_FLIGHT: InFlightDistribution = Distribution::Constant(Count::ONE);
    /// A closed load whose next task follows at once.
    pub const NO_THINKING: DelayDistribution = Distribution::Constant(Duration::ZERO);

    /// Whether submissions follow from how the system fares.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self, Self::BackToBack { .. })
    }

    /// How long it lasts by itself; `None` if it goes on until its group's tasks or time are used up.
    #[must_use]
    pub fn length(&self) -> Option<Duration> {
        match self {
            Self::Stages(stages) => Some(stages.length()),
            Self::Trace(replay) => Some(replay.length()),
            _ => None,
        }
    }

    /// An open load with every rate multiplied by `factor`, and the same lengths; each rate rounded to a millionth per
    /// period. A trace is replayed so many times faster, and is as much shorter. `None` for a closed load, and if a rate would be out of its range. Random arrivals of the scaled load
    /// come from the same draws.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Option<Self> {
        let scaled = |rate: Rate| rate.scaled(factor);
        Some(match self {
            Self::BackToBack { .. } => return None,
            Self::Constant { rate } => Self::Constant { rate: scaled(*rate)? },
            Self::Poisson { rate } => Self::Poisson { rate: scaled(*rate)? },
            Self::Bursts(bursts) => Self::Bursts(Bursts {
                rate: scaled(bursts.rate)?,
                idle: scaled(bursts.idle)?,
                ..*bursts
            }),
            Self::Mmpp(mmpp) => Self::Mmpp(Mmpp {
                rates: [scaled(mmpp.rates[0])?, scaled(mmpp.rates[1])?],
                ..*mmpp
            }),
            Self::Stages(stages) => Self::Stages(Stages {
                from: scaled(stages.from)?,
                stages: stages
                    .stages
                    .iter()
                    .map(|stage| {
                        Some(Stage {
                            to: scaled(stage.to)?,
                            ..*stage
                        })
                    })
                    .collect::<Option<_>>()?,
                arrivals: stages.arrivals,
            }),
            Self::Trace(replay) => Self::Trace(replay.scaled(factor)?),
        })
    }
}

impl Default for Load {
    fn default() -> Self {
        Self::BackToBack {
            in_flight: Self::ONE_IN_FLIGHT,
            think_time: Self::NO_THINKING,
        }
    }
}

/// How many tasks a group of owners submits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskCount {
    /// All sessions of the group together.
    Total(u64),
    /// Each session.
    PerSession(u64),
}

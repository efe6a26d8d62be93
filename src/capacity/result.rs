//! The result of a capacity search, serialized as `capacity.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CapacitySettings, Saturation};
use crate::{
    protocol::Phase,
    record::{ChainFacts, ScenarioFacts, Stats, ThresholdVerdict, TimeSource},
    time::Micros,
};

/// The version of `capacity.json` that this program writes. It grows when a field changes its meaning or goes away, not
/// when one is added.
pub const CAPACITY_SCHEMA_VERSION: u32 = 2;

/// What a search for a capacity found. Rates are in tasks per second, times in µs; wall-clock or virtual, as `clock` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CapacityResult {
    /// [`CAPACITY_SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The version of taskstorm that searched.
    pub tool_version: String,
    /// The scenario that was run.
    pub scenario: ScenarioFacts,
    /// The time source.
    pub clock: TimeSource,
    /// The chain that it ran on.
    pub chain: ChainFacts,
    /// The conditions.
    pub holds: Vec<String>,
    /// The settings of the search.
    pub settings: CapacitySettings,
    /// The reason why the search ended.
    pub end: SearchEnd,
    /// The explanation.
    pub message: Option<String>,
    /// The estimate: the harmonic mean of the interval's ends, or the highest rate that may be tried, if that holds; `None`
    /// unless it was found.
    pub capacity_per_s: Option<f64>,
    /// How often such an interval covers the capacity, 0 to 1.
    pub confidence: f64,
    /// The capacity is at least so high: the lower end of the interval.
    pub low_per_s: Option<f64>,
    /// The capacity is at most so high: the upper end of the interval.
    pub high_per_s: Option<f64>,
    /// The highest rate that held; `None` if none did.
    pub holds_at_per_s: Option<f64>,
    /// The lowest rate that did not; `None` if all did.
    pub fails_at_per_s: Option<f64>,
    /// The resource that saturated first.
    pub saturation: Saturation,
    /// Every step, in the order in which they were made.
    pub steps: Vec<Step>,
}

/// The reason why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchEnd {
    /// It is still going on; what a file says of a search that was killed.
    Searching,
    /// It knows the capacity to within its tolerance.
    Found,
    /// Neither longer steps nor repetitions told the capacity to within its tolerance from chance.
    Undecided,
    /// Even the highest rate that it may try holds.
    HighestHolds,
    /// No rate holds: not even the lowest, or those that the system keeps up with are too low for the conditions.
    NothingHolds,
    /// A rate does not hold, and a higher one does: there is no highest rate that holds up to which all others do.
    NotMonotone,
    /// It made all the steps that it may.
    OutOfSteps,
    /// It took as long as it may.
    OutOfTime,
    /// Someone stopped it.
    Interrupted,
    /// The chain stopped answering.
    ChainLost,
    /// A step could not be made.
    Failed,
}

impl SearchEnd {
    /// The end in words.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Searching => "not over yet",
            Self::Found => "found",
            Self::Undecided => "undecided",
            Self::HighestHolds => "even the highest rate holds",
            Self::NothingHolds => "no rate holds",
            Self::NotMonotone => "a higher rate holds than one that does not",
            Self::OutOfSteps => "stopped at the most steps",
            Self::OutOfTime => "stopped at the longest time",
            Self::Interrupted => "interrupted",
            Self::ChainLost => "the chain was lost",
            Self::Failed => "failed",
        }
    }

    /// Whether the search did what it was to do.
    #[must_use]
    pub const fn is_conclusive(self) -> bool {
        matches!(self, Self::Found | Self::HighestHolds | Self::NothingHolds)
    }
}

/// A run at one rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its place, from 1.
    pub step: u32,
    /// Tasks that arrive per second.
    pub rate_per_s: f64,
    /// How long they arrive.
    pub length_us: Micros,
    /// The number of times that this rate was tried, this time included.
    pub repetition: u32,
    /// The run's seed.
    pub seed: u64,
    /// Whether everything held and the system kept up.
    pub held: bool,
    /// The conditions, with verdicts.
    pub verdicts: Vec<ThresholdVerdict>,
    /// Whether the system kept up.
    pub steadiness: Steadiness,
    /// By how many tasks per second those in flight grew, beyond what the same arrivals pile up in a system that does
    /// exactly this rate; `None` if the step was too short to tell.
    pub growth_per_s: Option<f64>,
    /// The standard error of the growth.
    pub growth_error_per_s: Option<f64>,
    /// Tasks per second that the system does at least, by this step alone: wrong with a probability of 0.15 %.
    pub at_least_per_s: Option<f64>,
    /// Tasks that left per second, from the second quarter of the step on.
    pub achieved_per_s: f64,
    /// Tasks submitted.
    pub tasks_submitted: u64,
    /// Tasks that ended with a result.
    pub tasks_ended: u64,
    /// Tasks that failed.
    pub tasks_failed: u64,
    /// Tasks that were open when the run gave up waiting.
    pub tasks_unfinished: u64,
    /// Tasks that were never submitted, because `max_in_flight` of their group were in flight.
    pub tasks_dropped: u64,
    /// Tasks in flight, on average from the second quarter of the step on.
    pub in_flight_mean: f64,
    /// Most tasks in flight at a moment.
    pub in_flight_max: u64,
    /// Time from a task's intended submission to its end.
    pub total_us: Option<Stats>,
    /// Response time of transactions, by phase.
    pub response_us: BTreeMap<Phase, Stats>,
    /// Gas used over gas limit of the blocks from the second quarter of the step on, 0 to 1.
    pub fullness_mean: Option<f64>,
    /// The highest base fee, in wei per gas.
    pub base_fee_max_wei: Option<u64>,
    /// Time from one block to the next, on average.
    pub block_interval_us: Option<f64>,
    /// Lateness of the generator.
    pub lateness_us: Option<Stats>,
    /// From sending a transaction to the node's answer.
    pub acceptance_us: Option<Stats>,
    /// Share of their time that the miners which took part worked, from the second quarter on; by Little's law: works
    /// done × mean work time / (time × concurrency).
    pub miners_busy_mean: Option<f64>,
    /// The same of the busiest of them.
    pub miners_busy_max: Option<f64>,
    /// The same of the one that was most surely busy: less two standard errors, as if works came independently.
    pub miners_busy_surely: Option<f64>,
    /// The duration of the run, setup and draining included.
    pub duration_us: Micros,
}

/// Whether the system kept up with what arrived. Latency alone does not tell: above its capacity a queue grows, and for a
/// while every latency is still good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Steadiness {
    /// As much left as arrived: tasks in flight did not grow by more than chance.
    Steady,
    /// Tasks in flight kept growing.
    Growing,
    /// The step has too few blocks to tell, or tasks in flight grew but half of the first ones, which met no backlog, took
    /// longer than a quarter of the step: the pipeline may only have been filling up.
    TooShort,
    /// Tasks were still open when the run gave up waiting.
    LeftOpen,
    /// Arrivals were dropped, since too many tasks were in flight: the rate was not really offered.
    Dropping,
}

impl Steadiness {
    /// Whether nothing says that the system did not keep up.
    #[must_use]
    pub const fn keeps_up(self) -> bool {
        matches!(self, Self::Steady)
    }

    /// The judgement in words.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Steady => "steady",
            Self::Growing => "the backlog grows",
            Self::TooShort => "the step is too short to tell",
            Self::LeftOpen => "tasks were left open",
            Self::Dropping => "arrivals were dropped",
        }
    }
}

//! Detects the resource that was exhausted first.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Step;
use crate::{
    record::TimeSource,
    scenario::{Scenario, units::format_duration},
};

/// Something that a load can exhaust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// What groups that submit tasks let be in flight at once: their `max_in_flight`.
    OwnersCap,
    /// The miners' time to work.
    MinersWork,
    /// The gas of blocks, or the fees that accounts offer for it.
    BlockGas,
    /// The node: it answers late, or makes blocks late.
    Node,
    /// The load generator, this program: it sends late.
    Generator,
}

impl Resource {
    /// Every resource. Where several are exhausted at the same rate, the first of them is named: what a node or the
    /// generator cannot do any more is often the consequence of what blocks or miners cannot.
    pub const ALL: [Self; 5] = [
        Self::OwnersCap,
        Self::MinersWork,
        Self::BlockGas,
        Self::Node,
        Self::Generator,
    ];

    /// The resource in words.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::OwnersCap => "the groups' max_in_flight",
            Self::MinersWork => "miners' work time",
            Self::BlockGas => "block gas",
            Self::Node => "the node",
            Self::Generator => "the load generator",
        }
    }
}

/// What was exhausted first, and what tells so.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Saturation {
    /// The resource that was exhausted at the lowest rate, if that is no higher than the lowest rate that does not hold;
    /// `None` if none was.
    pub first: Option<Resource>,
    /// How much of each resource the lowest rate that does not hold takes; the highest rate, if all hold.
    pub signs: Vec<Sign>,
}

/// How much of a resource a step takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sign {
    /// The resource.
    pub resource: Resource,
    /// Whether it is exhausted.
    pub exhausted: bool,
    /// What tells so, in words.
    pub evidence: String,
}

/// From this share of it on a resource counts as exhausted: the last gas of a block is too little for a whole
/// transaction, and miners that wait for blocks are never busy all the time.
const EXHAUSTED: f64 = 0.9;
/// Blocks that come so much later than asked for show a node that does not keep up.
const STRETCHED: f64 = 1.1;
/// Answers of a node that are later than this share of a block time, and senders that are.
const LATE: f64 = 0.25;

impl Saturation {
    /// Reads it from all steps; the lowest rate that does not hold is `fails_at`.
    pub(super) fn of(steps: &[Step], fails_at: Option<f64>, clock: TimeSource, scenario: &Scenario) -> Self {
        let edge = fails_at.or_else(|| steps.iter().map(|step| step.rate_per_s).reduce(f64::max));
        let Some(edge) = edge else { return Self::default() };
        let exhausted_at = |resource: Resource| {
            let steps = steps.iter().filter(|step| step.rate_per_s <= edge);
            let exhausted = steps.filter(|step| sign(resource, step, clock, scenario).exhausted);
            exhausted.map(|step| step.rate_per_s).reduce(f64::min)
        };
        let candidates = Resource::ALL.into_iter();
        let exhausted = candidates.filter_map(|resource| Some((exhausted_at(resource)?, resource)));
        let first = exhausted.min_by(|(one, _), (other, _)| one.total_cmp(other));
        let has_cap = scenario
            .submitting()
            .iter()
            .any(|group| group.submissions.max_in_flight.is_some());
        // A repetition that held against the others tells nothing of why they did not.
        let at_edge = steps.iter().filter(|step| step.rate_per_s == edge);
        let shown = at_edge.min_by_key(|step| (step.held, step.step));
        Self {
            first: first.map(|(_, resource)| resource),
            signs: shown.map_or_else(Vec::new, |step| {
                Resource::ALL
                    .into_iter()
                    .filter(|resource| clock == TimeSource::Wall || *resource < Resource::Node)
                    .filter(|resource| has_cap || *resource != Resource::OwnersCap)
                    .filter(|resource| !scenario.miners.is_empty() || *resource != Resource::MinersWork)
                    .map(|resource| sign(resource, step, clock, scenario))
                    .collect()
            }),
        }
    }
}

fn sign(resource: Resource, step: &Step, clock: TimeSource, scenario: &Scenario) -> Sign {
    let block_time = scenario.chain.block_time;
    let late = Duration::from_millis(10).max(block_time.mul_f64(LATE));
    let is_late = |p99: u64| clock == TimeSource::Wall && Duration::from_micros(p99) > late;
    let (exhausted, evidence) = match resource {
        Resource::OwnersCap => (
            step.tasks_dropped > 0,
            format!(
                "{} arrivals were dropped at the groups' max_in_flight",
                step.tasks_dropped
            ),
        ),
        Resource::MinersWork => {
            let [mean, max, surely] = [
                step.miners_busy_mean,
                step.miners_busy_max,
                step.miners_busy_surely,
            ]
            .map(Option::unwrap_or_default);
            (
                mean >= EXHAUSTED || surely >= EXHAUSTED,
                format!(
                    "miners worked {} of their time, the busiest {}",
                    percent(mean),
                    percent(max)
                ),
            )
        }
        Resource::BlockGas => {
            let fullness = step.fullness_mean.unwrap_or_default();
            let max_fees = scenario.owners.iter().map(|group| group.fees.max_fee);
            let of_roles = scenario.profile.iter().flat_map(|run| &run.groups);
            let priced_out = max_fees
                .chain(scenario.miners.iter().map(|group| group.fees.max_fee))
                .chain(of_roles.map(|group| group.fees.max_fee))
                .chain([scenario.oracle.fees.max_fee])
                .min()
                .zip(step.base_fee_max_wei)
                .is_some_and(|(max_fee, base_fee)| base_fee > max_fee);
            let priced = if priced_out {
                "; the base fee rose above the max fee of some accounts"
            } else {
                ""
            };
            (
                fullness >= EXHAUSTED || priced_out,
                format!("blocks were {} full{priced}", percent(fullness)),
            )
        }
        Resource::Node => {
            let answer = step.acceptance_us.map_or(0, |stats| stats.p99);
            let asked = block_time.as_micros() as f64;
            let interval = step.block_interval_us.unwrap_or(asked);
            (
                is_late(answer) || (clock == TimeSource::Wall && interval > STRETCHED * asked),
                format!(
                    "the node answered within {} (p99), and made a block every {} where {} was asked for",
                    time(answer),
                    time(interval.round() as u64),
                    format_duration(block_time)
                ),
            )
        }
        Resource::Generator => {
            let lateness = step.lateness_us.map_or(0, |stats| stats.p99);
            (
                is_late(lateness),
                format!("transactions were sent {} late (p99)", time(lateness)),
            )
        }
    };
    Sign {
        resource,
        exhausted,
        evidence,
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A time in milliseconds.
fn time(us: u64) -> String {
    format!("{:.1} ms", us as f64 / 1e3)
}

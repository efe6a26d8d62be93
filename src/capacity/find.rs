//! The story of a search: step after step, until the capacity is known or something ends it.

use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::{
    CAPACITY_SCHEMA_VERSION, CapacityResult, CapacitySettings, Next, Saturation, Search, SearchEnd, Step,
    judge::{Attempt, judge},
    observe::Observer,
    trial,
};
use crate::{
    metric::Threshold,
    record::{ChainFacts, Clock, Progress, RunResult, ScenarioFacts, StopReason},
    run::{self, ChainChoice, RunError},
    scenario::{ChainKind, Scenario},
};

/// Why a search could not begin.
#[derive(Debug, thiserror::Error)]
pub enum CapacityError {
    /// There is no rate that could be changed.
    #[error(
        "the scenario has no open load whose rate could be searched for; give a group of owners one, such as \
         load = {{ constant = \"10/s\" }}"
    )]
    NoOpenLoad,
    /// There is nothing that has to hold.
    #[error(
        "nothing is asked to hold; say what with --hold \"task.total.p99 < 10s\", or with `thresholds` in the scenario"
    )]
    NothingToHold,
    /// A step at this rate is beyond what a scenario may hold.
    #[error(
        "a step of {0} tasks/s is more than a scenario may hold; choose a lower --max-rate or a shorter --step-duration"
    )]
    Rate(f64),
    /// A step could not begin.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl CapacitySettings {
    /// Settings for `scenario`: from its own rate on, up to what a scenario may hold.
    ///
    /// # Errors
    /// [`CapacityError::NoOpenLoad`] if it has no rate.
    pub fn of(scenario: &Scenario) -> Result<Self, CapacityError> {
        let from_per_s = trial::offered(scenario);
        if from_per_s <= 0.0 {
            return Err(CapacityError::NoOpenLoad);
        }
        Ok(Self {
            from_per_s,
            max_rate_per_s: f64::INFINITY,
            tolerance: Self::TOLERANCE,
            repeats: Self::REPEATS,
            step_duration: Self::STEP_DURATION,
            max_steps: Self::MAX_STEPS,
            max_time: Self::MAX_TIME,
        })
    }

    /// The same, with no rate so high that a scenario may not hold a step of it.
    fn bounded(self) -> Self {
        let most = Scenario::MAX_TASKS as f64 / self.step_duration.as_secs_f64();
        Self {
            max_rate_per_s: self.max_rate_per_s.min(most),
            ..self
        }
    }
}

/// Searches for the highest rate at which `scenario`'s open loads keep `holds`, or its own thresholds if there are none.
/// Each step is a run of its own, on a fresh chain where that is ours to start. `told` hears of the result after every
/// step; what is known when `stop` is cancelled, or the chain is lost, is returned.
///
/// # Errors
/// [`CapacityError`] if no step could be made.
pub async fn find(
    scenario: &Scenario,
    chain: &ChainChoice,
    holds: &[Threshold],
    settings: CapacitySettings,
    stop: &CancellationToken,
    mut told: impl FnMut(&CapacityResult),
) -> Result<CapacityResult, CapacityError> {
    let holds = if holds.is_empty() {
        &scenario.thresholds
    } else {
        holds
    };
    if holds.is_empty() {
        return Err(CapacityError::NothingToHold);
    }
    // A step is judged by all that it measures.
    let mut holds = holds.to_vec();
    holds.iter_mut().for_each(|hold| hold.stop_early = false);
    let settings = settings.bounded();
    let began = Instant::now();
    let mut search = Search::new(&settings);
    let mut found = nothing_yet(scenario, chain, &holds, settings);
    loop {
        let (rate, before) = match search.next() {
            Next::Done { holds, fails } => {
                found.end = match (holds, fails) {
                    (Some(_), Some(_)) => SearchEnd::Found,
                    (Some(_), None) => SearchEnd::HighestHolds,
                    (None, _) => SearchEnd::NothingHolds,
                };
                break;
            }
            _ if stop.is_cancelled() => {
                found.end = SearchEnd::Interrupted;
                break;
            }
            _ if found.steps.len() >= settings.max_steps as usize => {
                found.end = SearchEnd::OutOfSteps;
                break;
            }
            _ if began.elapsed() >= settings.max_time => {
                found.end = SearchEnd::OutOfTime;
                break;
            }
            Next::Try { rate, before } => (rate, before),
        };
        let seed = (scenario.seed + u64::from(before)) % (Scenario::MAX_SEED + 1);
        let trial = trial::at_rate(scenario, &settings, &holds, rate, seed)?;
        let observer = Observer::default();
        let ran = run::run(
            &trial,
            chain,
            observer.recorder(),
            stop.clone(),
            |_: &Progress| {},
        )
        .await;
        let result = match ran {
            Ok((result, _)) => result,
            // The steps that were made are worth more than the reason why another could not be.
            Err(error) if !found.steps.is_empty() => {
                found.end = SearchEnd::Failed;
                found.message = Some(error.to_string());
                break;
            }
            Err(error) => return Err(error.into()),
        };
        if let Some(end) = cut_short(&result) {
            found.end = end;
            found.message = result.stop_message;
            break;
        }
        found.clock = result.clock;
        found.chain = result.chain.clone();
        let attempt = Attempt {
            step: found.steps.len() as u32 + 1,
            rate,
            repetition: before + 1,
            scenario: &trial,
            settings: &settings,
        };
        let step = judge(&attempt, &result, &observer.into_sightings());
        search.note(rate, step.held);
        found.add(step, &search, scenario);
        told(&found);
    }
    Ok(found)
}

/// Why a run says nothing of its rate; `None` if it does.
const fn cut_short(result: &RunResult) -> Option<SearchEnd> {
    match result.stop_reason {
        StopReason::Finished | StopReason::TimedOut => None,
        StopReason::Interrupted => Some(SearchEnd::Interrupted),
        StopReason::ChainLost => Some(SearchEnd::ChainLost),
        StopReason::Failed | StopReason::ThresholdLost | StopReason::Unknown => Some(SearchEnd::Failed),
    }
}

fn nothing_yet(
    scenario: &Scenario,
    chain: &ChainChoice,
    holds: &[Threshold],
    settings: CapacitySettings,
) -> CapacityResult {
    let is_virtual =
        matches!(chain, ChainChoice::Scenario { .. }) && scenario.chain.kind == ChainKind::Embedded;
    CapacityResult {
        schema_version: CAPACITY_SCHEMA_VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: ScenarioFacts {
            name: scenario.name.clone(),
            description: scenario.description.clone(),
            seed: scenario.seed,
        },
        clock: if is_virtual { Clock::Virtual } else { Clock::Wall },
        chain: ChainFacts::default(),
        holds: holds.iter().map(ToString::to_string).collect(),
        settings,
        end: SearchEnd::Searching,
        message: None,
        capacity_per_s: None,
        fails_at_per_s: None,
        saturation: Saturation::default(),
        steps: Vec::new(),
    }
}

impl CapacityResult {
    /// Adds a step, and reads from all of them what is known now.
    fn add(&mut self, step: Step, search: &Search, scenario: &Scenario) {
        self.steps.push(step);
        (self.capacity_per_s, self.fails_at_per_s) = search.bracket();
        self.saturation = Saturation::of(&self.steps, self.fails_at_per_s, self.clock, scenario);
    }
}

//! The capacity search: runs step after step until the capacity is known or something ends it.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use super::{
    CAPACITY_SCHEMA_VERSION, CapacityResult, CapacitySettings, Evidence, Next, Saturation, Search, SearchEnd,
    Steadiness, Step,
    above::Above,
    backlog::may_grow,
    evaluate::{Attempt, evaluate},
    margin,
    observe::Observer,
    search::rounded,
    trial::{self, Trial},
};
use crate::{
    metric::Threshold,
    record::{ChainFacts, Progress, RunResult, ScenarioFacts, StopReason, TimeSource},
    run::{self, ChainChoice, RunError},
    scenario::Scenario,
};

/// The reason why a search could not begin.
#[derive(Debug, thiserror::Error)]
pub enum CapacityError {
    /// There is no rate that could be changed.
    #[error(
        "the scenario has no open load whose rate could be searched for; give a group that submits tasks one, such as \
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
            max_step_duration: Self::STEP_DURATION * Self::LENGTHENED,
            max_steps: Self::MAX_STEPS,
            max_time: Self::MAX_TIME,
        })
    }

    /// The same, with no rate so high that a scenario may not hold a step of it.
    fn bounded(self) -> Self {
        let longest = self.length(self.most_doublings());
        let most = Scenario::MAX_TASKS as f64 / longest.as_secs_f64();
        Self {
            max_rate_per_s: self.max_rate_per_s.min(most),
            ..self
        }
    }
}

/// Searches for the highest rate at which `scenario`'s open loads keep `holds`, or its own thresholds if there are none.
/// Each step is a run of its own, on a fresh chain where that is ours to start. `report` gets the result after every
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
    mut report: impl FnMut(&CapacityResult),
) -> Result<CapacityResult, CapacityError> {
    let holds = if holds.is_empty() {
        &scenario.thresholds
    } else {
        holds
    };
    // A default is asked of a run, not of the search: nobody named it as the limit.
    let mut holds: Vec<Threshold> = holds.iter().filter(|hold| !hold.is_default).cloned().collect();
    if holds.is_empty() {
        return Err(CapacityError::NothingToHold);
    }
    // A step is judged by all that it measures.
    holds.iter_mut().for_each(|hold| hold.stop_early = false);
    let settings = settings.bounded();
    let began = Instant::now();
    let mut search = Search::new(&settings);
    let mut found = nothing_yet(scenario, chain, &holds, settings);
    // How often the highest rate was doubled since the search was done.
    let mut doubled = 0;
    loop {
        let next = search.next();
        // A step in real time takes at least as long as its tasks arrive.
        let lasts = match next {
            Next::Try { doublings, .. } if found.clock == TimeSource::Wall => settings.length(doublings),
            _ => Duration::ZERO,
        };
        let is_over = if stop.is_cancelled() {
            Some(SearchEnd::Interrupted)
        } else if found.steps.len() >= settings.max_steps as usize {
            Some(SearchEnd::OutOfSteps)
        } else if began.elapsed() >= settings.max_time
            || (!found.steps.is_empty() && began.elapsed() + lasts > settings.max_time)
        {
            Some(SearchEnd::OutOfTime)
        } else {
            None
        };
        let (rate, before, doublings) = match (next, is_over) {
            (
                Next::Done {
                    holds,
                    fails,
                    is_decided,
                },
                _,
            ) => {
                // Where no more steps may be made, what is known is the answer.
                let fails_at = fails.filter(|_| is_over.is_none());
                match fails_at.map_or(Above::Nothing, |fails| found.above(fails, doubled)) {
                    Above::Try { rate, before } => {
                        doubled += u32::from(before == 0);
                        (rate, before, 0)
                    }
                    Above::Holds(higher) => {
                        found.is_not_monotone(fails, higher);
                        break;
                    }
                    Above::Nothing => {
                        found.conclude(holds, fails, is_decided);
                        break;
                    }
                }
            }
            (Next::Try { .. }, Some(end)) => {
                found.end = end;
                break;
            }
            (
                Next::Try {
                    rate,
                    before,
                    doublings,
                },
                None,
            ) => (rate, before, doublings),
        };
        // No two steps share their chances: what one of them met by chance, the others do not.
        let seed = (scenario.seed + found.steps.len() as u64) % (Scenario::MAX_SEED + 1);
        let length = settings.length(doublings);
        let trial = Trial { rate, length, seed }.of(scenario, &holds)?;
        let observer = Observer::default();
        let ran = run::run(
            &trial,
            chain,
            observer.recorder(trial.schema()),
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
            length,
            repetition: before + 1,
            scenario: &trial,
        };
        let step = evaluate(&attempt, &result, &observer.into_observations());
        search.note(rate, step.evidence(doublings));
        found.add(step, &search, scenario);
        report(&found);
    }
    Ok(found)
}

/// The reason why a run says nothing of its rate; `None` if it does.
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
    let is_virtual = chain.is_virtual(scenario);
    CapacityResult {
        schema_version: CAPACITY_SCHEMA_VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: ScenarioFacts {
            name: scenario.name.clone(),
            description: scenario.description.clone(),
            seed: scenario.seed,
        },
        clock: if is_virtual {
            TimeSource::Virtual
        } else {
            TimeSource::Wall
        },
        chain: ChainFacts::default(),
        holds: holds.iter().map(ToString::to_string).collect(),
        settings,
        end: SearchEnd::Searching,
        message: None,
        capacity_per_s: None,
        confidence: CapacitySettings::CONFIDENCE,
        low_per_s: None,
        high_per_s: None,
        holds_at_per_s: None,
        fails_at_per_s: None,
        saturation: Saturation::default(),
        steps: Vec::new(),
    }
}

impl CapacityResult {
    /// Adds a step, and reads from all of them what is known now.
    fn add(&mut self, step: Step, search: &Search, scenario: &Scenario) {
        self.steps.push(step);
        let (_, fails) = search.bracket();
        self.fails_at_per_s = fails;
        self.holds_at_per_s = self.highest_that_holds(fails);
        (self.low_per_s, self.high_per_s) = search.interval();
        self.saturation = Saturation::of(&self.steps, self.fails_at_per_s, self.clock, scenario);
    }

    /// The highest rate below `fails` that held more often than not.
    fn highest_that_holds(&self, fails: Option<f64>) -> Option<f64> {
        let below = |rate: f64| fails.is_none_or(|fails| rate < fails);
        let rates = self.steps.iter().map(|step| step.rate_per_s);
        let holds = |rate: &f64| {
            let tries = self.steps.iter().filter(|step| step.rate_per_s == *rate);
            let (held, failed): (Vec<_>, Vec<_>) = tries.partition(|step| step.held);
            held.len() > failed.len()
        };
        rates.filter(|rate| below(*rate)).filter(holds).reduce(f64::max)
    }

    /// The search is done: the system keeps up with `kept`, and not with `fails`.
    fn conclude(&mut self, kept: Option<f64>, fails: Option<f64>, is_decided: bool) {
        self.end = match (self.holds_at_per_s, fails) {
            _ if !is_decided => SearchEnd::Undecided,
            (Some(_), Some(_)) => SearchEnd::Found,
            (Some(_), None) => SearchEnd::HighestHolds,
            (None, _) => SearchEnd::NothingHolds,
        };
        self.capacity_per_s = match self.end {
            SearchEnd::HighestHolds => self.holds_at_per_s,
            SearchEnd::Found => {
                let ends = self.low_per_s.zip(self.high_per_s);
                ends.map(|(low, high)| rounded(2.0 * low * high / (low + high)))
            }
            _ => None,
        };
        if self.end == SearchEnd::Undecided {
            self.message = Some(
                "what is measured at the rates between does not differ from the limit by more than chance; choose longer steps \
                 with --step-duration and --max-step-duration, more --repeats, or a greater --tolerance"
                    .to_owned(),
            );
        }
        let Some(kept) = kept.filter(|_| self.end == SearchEnd::NothingHolds) else {
            return;
        };
        let at_it = self.steps.iter().filter(|step| step.rate_per_s == kept);
        let lacking = quoted(at_it.flat_map(Step::lacking_load));
        self.message = Some(format!(
            "{kept} tasks/s is the highest rate that the system keeps up with, and {lacking} needs more load"
        ));
    }

    /// The search is done, but the rate `higher` holds above one that does not.
    fn is_not_monotone(&mut self, fails: Option<f64>, higher: f64) {
        self.end = SearchEnd::NotMonotone;
        let fails = fails.unwrap_or_default();
        let at_it = self.steps.iter().filter(|step| step.rate_per_s == fails);
        let failed = quoted(at_it.flat_map(Step::failed_holds));
        self.message = Some(format!(
            "{failed} fails at {fails} tasks/s and holds at {higher}: there is no rate up to which it holds; look at the \
             steps, or begin above {fails} with --from"
        ));
    }
}

impl Step {
    /// What it says of its rate and of the capacity. A rate that is too low for the conditions is none that is too high.
    fn evidence(&self, doublings: u32) -> Evidence {
        Evidence {
            doublings,
            grows: match self.steadiness {
                Steadiness::Steady => Some(false),
                Steadiness::Growing | Steadiness::LeftOpen | Steadiness::Dropping => Some(true),
                Steadiness::TooShort => None,
            },
            may_grow: self.steadiness == Steadiness::Steady
                && self
                    .growth_per_s
                    .zip(self.growth_error_per_s)
                    .is_some_and(|(growth, error)| may_grow(growth, error)),
            at_least_per_s: self.at_least_per_s,
            margins: self.verdicts.iter().map(margin::of).collect(),
        }
    }
}

/// Conditions, each once, as a list in backticks.
fn quoted<'a>(holds: impl Iterator<Item = &'a str>) -> String {
    let holds: BTreeSet<&str> = holds.collect();
    let holds: Vec<String> = holds.into_iter().map(|hold| format!("`{hold}`")).collect();
    holds.join(", ")
}

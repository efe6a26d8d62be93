//! `taskstorm capacity`: the highest arrival rate that holds.

use std::{path::PathBuf, time::Duration};

use jiff::Timestamp;

use super::{
    Exit, Failure,
    chain::ChainArgs,
    output,
    scenario::ScenarioArgs,
    signals,
    threshold::{StatedThreshold, resolve},
};
use crate::{
    capacity::{self, CapacityDir, CapacityError, CapacityResult, CapacitySettings, SearchEnd},
    report::{
        capacity::{capacity_picture, capacity_table, step_line},
        charts::{PictureFormat, write_pictures},
    },
    units::{Rate, parse_duration},
};

/// Find the highest arrival rate at which a scenario meets its conditions.
///
/// Runs the scenario, its open loads scaled together, at one rate after another: doubles or halves until one rate holds and
/// another does not, and narrows the two down. A rate holds if every --hold does and the backlog does not grow. Both are
/// held against chance: steps are repeated with other seeds and lengthened until they tell. Reports the capacity with its
/// 95 % confidence interval, and the resource that saturated first. docs/capacity.md has the details.
///
/// Exit codes: 0 the capacity was found · 4 it is undecided, no rate holds, or a rate fails and a higher one holds ·
/// otherwise as for every command.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Condition that a rate must meet, such as "task.total.p99 < 10s"; repeatable [default: the scenario's thresholds].
    #[arg(long = "hold", value_name = "EXPRESSION")]
    holds: Vec<StatedThreshold>,
    /// First rate to try [default: the scenario's].
    #[arg(long, value_name = "RATE", value_parser = rate)]
    from: Option<Rate>,
    /// Highest rate to try [default: the limit of scenarios].
    #[arg(long, value_name = "RATE", value_parser = rate)]
    max_rate: Option<Rate>,
    /// Half the width of the capacity's confidence interval, relative to it, at which the search ends.
    #[arg(long, value_name = "SHARE", default_value = "5%", value_parser = tolerance)]
    tolerance: f64,
    /// Maximum number of runs per rate, each with another seed, that decide a condition; 1 trusts a single run.
    #[arg(long, value_name = "N", default_value_t = CapacitySettings::REPEATS, value_parser = clap::value_parser!(u32).range(1..=99))]
    repeats: u32,
    /// Duration of arrivals in each step; give several times the duration of a task.
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = step_duration)]
    step_duration: Duration,
    /// Duration up to which steps are lengthened where chance hides the limit [default: 32 times the step duration].
    #[arg(long, value_name = "TIME", value_parser = step_duration)]
    max_step_duration: Option<Duration>,
    /// Maximum number of steps.
    #[arg(long, value_name = "N", default_value_t = CapacitySettings::MAX_STEPS, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    max_steps: u32,
    /// Real time after which no step begins.
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = time)]
    max_time: Duration,
    #[command(flatten)]
    chain: ChainArgs,
    /// Port for anvil [default: a free port].
    #[arg(long)]
    port: Option<u16>,
    /// Output folder [default: reports/<scenario>-capacity-<UTC time>].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the result as JSON instead of as a table.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args) -> Result<Exit, Failure> {
    let mut scenario = args.scenario.load(args.chain.kind())?;
    let chain = args.chain.choice(scenario.chain.kind, args.port)?;
    if args.holds.is_empty() {
        scenario.thresholds.retain(|threshold| !threshold.is_default);
    } else {
        scenario.thresholds = resolve("--hold", &args.holds, &scenario)?;
    }
    let own = CapacitySettings::of(&scenario)?;
    let per_second = |rate: Rate| rate.per_second(scenario.chain.block_time);
    let settings = CapacitySettings {
        from_per_s: args.from.map_or(own.from_per_s, per_second),
        max_rate_per_s: args.max_rate.map_or(own.max_rate_per_s, per_second),
        tolerance: args.tolerance,
        repeats: args.repeats,
        step_duration: args.step_duration,
        max_step_duration: args
            .max_step_duration
            .unwrap_or(args.step_duration * CapacitySettings::LENGTHENED)
            .max(args.step_duration),
        max_steps: args.max_steps,
        max_time: args.max_time,
    };
    if scenario.thresholds.is_empty() {
        return Err(CapacityError::NothingToHold.into());
    }
    let stop = signals::stop_on_signal().map_err(Failure::unexpected)?;
    let dir = CapacityDir::create(args.out.as_deref(), &scenario, Timestamp::now())
        .map_err(|error| Failure::plain(Exit::Usage, error))?;
    let found = capacity::find(
        &scenario,
        &chain,
        &[],
        settings,
        &stop,
        |so_far: &CapacityResult| {
            if let Some(step) = so_far.steps.last() {
                tracing::info!("step {}, {}", step.step, step_line(step));
            }
            // The search's end writes once more, and says if it cannot.
            if let Err(error) = dir.write(so_far) {
                tracing::warn!("{error}");
            }
        },
    )
    .await;
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            dir.discard();
            return Err(error.into());
        }
    };
    let written = dir.write(&found).map_err(Failure::unexpected);
    let drawn = draw(&dir, &found);
    let printed = if args.json {
        output::print_value(&found)
    } else {
        output::print_styled(|style| capacity_table(&found, dir.path(), style))
    };
    if !found.end.is_conclusive() {
        let message = found
            .message
            .as_deref()
            .unwrap_or("the files hold the results until then");
        tracing::warn!("{}: {message}", found.end.description());
    }
    let exit = match found.end {
        SearchEnd::Interrupted => Exit::Interrupted,
        SearchEnd::ChainLost => Exit::Chain,
        SearchEnd::Failed | SearchEnd::Searching => Exit::Failed,
        SearchEnd::Undecided
        | SearchEnd::NothingHolds
        | SearchEnd::NotMonotone
        | SearchEnd::OutOfSteps
        | SearchEnd::OutOfTime => Exit::Threshold,
        SearchEnd::Found | SearchEnd::HighestHolds => Exit::Done,
    };
    exit.after([written, drawn, printed])
}

impl From<CapacityError> for Failure {
    fn from(error: CapacityError) -> Self {
        match error {
            CapacityError::Run(error) => error.into(),
            error => Self::plain(Exit::Usage, error),
        }
    }
}

fn rate(text: &str) -> Result<Rate, String> {
    Rate::parse(text).map_err(|problem| format!("it {problem}; write 100/s or 600/min"))
}

fn tolerance(text: &str) -> Result<f64, String> {
    let (number, scale) = match text.strip_suffix('%') {
        Some(percent) => (percent.trim_end(), 100.0),
        None => (text, 1.0),
    };
    let share = number.parse::<f64>().map(|number| number / scale);
    share
        .ok()
        .filter(|share| (0.001..=0.5).contains(share))
        .ok_or_else(|| "it must be from 0.1% to 50%".to_owned())
}

fn time(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|problem| format!("it {problem}; write 30s or 2m"))
}

fn step_duration(text: &str) -> Result<Duration, String> {
    const ALLOWED: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(86_400);
    let time = time(text)?;
    if ALLOWED.contains(&time) {
        Ok(time)
    } else {
        Err("it must be from 1s to 24h".to_owned())
    }
}

/// Draws latency versus load, if there is a step to draw.
fn draw(dir: &CapacityDir, found: &CapacityResult) -> Result<(), Failure> {
    if found.steps.is_empty() {
        return Ok(());
    }
    write_pictures(dir.path(), &[capacity_picture(found)], &PictureFormat::ALL).map_err(Failure::unexpected)
}

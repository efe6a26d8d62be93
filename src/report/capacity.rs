//! Outputs of a capacity search: a table, and every step as data.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use jiff::Timestamp;
use serde::Serialize;

use super::{ExportError, RunDir, RunDirError, Style, human};
use crate::{
    capacity::{CapacityResult, SearchEnd, Steadiness, Step},
    files::write_whole,
    protocol::{Phase, being_read},
    record::{Stats, TimeSource},
    scenario::{DataFile, Scenario},
};

/// Everything that a search found.
pub const CAPACITY_JSON: &str = "capacity.json";
/// A row per step.
pub const CAPACITY_CSV: &str = "capacity.csv";
/// The scenario that steps are made of.
const SCENARIO_TOML: &str = "scenario.toml";

/// The folder of a search, made before it so that a bad path fails first.
#[derive(Debug)]
pub struct CapacityDir {
    path: PathBuf,
    /// The scenario, and the data files that it refers to.
    files: Vec<PathBuf>,
}

impl CapacityDir {
    /// Makes this folder, or `reports/<scenario>-capacity-<UTC time>/`, and writes the scenario to it.
    ///
    /// # Errors
    /// If the path is no folder, if files of a run or a search are there already, or if nothing can be written there.
    pub fn create(dir: Option<&Path>, scenario: &Scenario, now: Timestamp) -> Result<Self, RunDirError> {
        if let Some(dir) = dir
            && let Some(file) = [CAPACITY_JSON, CAPACITY_CSV]
                .into_iter()
                .find(|file| dir.join(file).exists())
        {
            let path = dir.to_owned();
            return Err(RunDirError::HoldsARun { path, file });
        }
        let path = RunDir::create_for_seeds(dir, &format!("{}-capacity", scenario.name), now)?;
        let files = scenario
            .data
            .iter()
            .map(DataFile::name)
            .map(|name| path.join(name));
        let mut made = Self {
            files: [path.join(SCENARIO_TOML)].into_iter().chain(files).collect(),
            path,
        };
        match made.write_scenario(scenario) {
            Ok(()) => Ok(made),
            Err(cause) => {
                let path = std::mem::take(&mut made.path);
                Err(RunDirError::Unwritable { path, cause })
            }
        }
    }

    /// Writes the scenario and its data files.
    fn write_scenario(&self, scenario: &Scenario) -> io::Result<()> {
        let (toml, data) = (scenario.to_toml(), scenario.data.iter());
        for (path, file) in self.files.iter().zip([None].into_iter().chain(data.map(Some))) {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            let mut out = BufWriter::new(File::create(path)?);
            match file {
                None => out.write_all(toml.as_bytes())?,
                Some(file) => file.write(&mut out)?,
            }
            out.flush()?;
        }
        Ok(())
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what is known so far. Each file appears whole or not at all.
    ///
    /// # Errors
    /// The first file that could not be made or written.
    pub fn write(&self, result: &CapacityResult) -> Result<(), ExportError> {
        let json = capacity_json(result);
        for (file, made) in [(CAPACITY_CSV, capacity_csv(result)), (CAPACITY_JSON, json)] {
            let text = made.map_err(|cause| ExportError::Format {
                file,
                cause: cause.to_string(),
            })?;
            let path = self.path.join(file);
            write_whole(&path, text.as_bytes()).map_err(|cause| ExportError::Write { path, cause })?;
        }
        Ok(())
    }

    /// Removes the folder of a search that had no step. What cannot be removed stays.
    pub fn discard(self) {
        for file in &self.files {
            let _ = fs::remove_file(file);
        }
        let _ = fs::remove_dir(self.path.join(DataFile::FOLDER));
        let _ = fs::remove_dir(&self.path);
    }
}

/// The text of `capacity.json`.
///
/// # Errors
/// Never in practice.
pub fn capacity_json(result: &CapacityResult) -> io::Result<String> {
    Ok(serde_json::to_string_pretty(result)? + "\n")
}

/// What of a step stands before the response times of the phases in a row of `capacity.csv`: its columns in this order.
#[derive(Default, Serialize)]
struct StepHead {
    step: u32,
    rate_per_s: f64,
    repetition: u32,
    seed: u64,
    held: bool,
    steadiness: Steadiness,
    failed_holds: String,
    achieved_per_s: f64,
    growth_per_s: f64,
    growth_allowed_per_s: f64,
    tasks_submitted: u64,
    tasks_ended: u64,
    tasks_failed: u64,
    tasks_unfinished: u64,
    tasks_dropped: u64,
    in_flight_mean: f64,
    in_flight_max: u64,
    total_p50_us: Option<u64>,
    total_p90_us: Option<u64>,
    total_p95_us: Option<u64>,
    total_p99_us: Option<u64>,
    total_p99_9_us: Option<u64>,
    total_max_us: Option<u64>,
}

/// What stands after them.
#[derive(Default, Serialize)]
struct StepTail {
    fullness_mean: Option<f64>,
    base_fee_max_wei: Option<u64>,
    block_interval_us: Option<f64>,
    lateness_p50_us: Option<u64>,
    lateness_p99_us: Option<u64>,
    lateness_max_us: Option<u64>,
    acceptance_p99_us: Option<u64>,
    miners_busy_mean: Option<f64>,
    miners_busy_max: Option<f64>,
    duration_us: u64,
}

impl StepHead {
    fn of(step: &Step) -> Self {
        let total = |of: fn(&Stats) -> u64| step.total_us.as_ref().map(of);
        Self {
            step: step.step,
            rate_per_s: step.rate_per_s,
            repetition: step.repetition,
            seed: step.seed,
            held: step.held,
            steadiness: step.steadiness,
            failed_holds: failed_holds(step),
            achieved_per_s: step.achieved_per_s,
            growth_per_s: step.growth_per_s,
            growth_allowed_per_s: step.growth_allowed_per_s,
            tasks_submitted: step.tasks_submitted,
            tasks_ended: step.tasks_ended,
            tasks_failed: step.tasks_failed,
            tasks_unfinished: step.tasks_unfinished,
            tasks_dropped: step.tasks_dropped,
            in_flight_mean: step.in_flight_mean,
            in_flight_max: step.in_flight_max,
            total_p50_us: total(|stats| stats.p50),
            total_p90_us: total(|stats| stats.p90),
            total_p95_us: total(|stats| stats.p95),
            total_p99_us: total(|stats| stats.p99),
            total_p99_9_us: total(|stats| stats.p99_9),
            total_max_us: total(|stats| stats.max),
        }
    }
}

impl StepTail {
    fn of(step: &Step) -> Self {
        let lateness = |of: fn(&Stats) -> u64| step.lateness_us.as_ref().map(of);
        Self {
            fullness_mean: step.fullness_mean,
            base_fee_max_wei: step.base_fee_max_wei,
            block_interval_us: step.block_interval_us,
            lateness_p50_us: lateness(|stats| stats.p50),
            lateness_p99_us: lateness(|stats| stats.p99),
            lateness_max_us: lateness(|stats| stats.max),
            acceptance_p99_us: step.acceptance_us.as_ref().map(|stats| stats.p99),
            miners_busy_mean: step.miners_busy_mean,
            miners_busy_max: step.miners_busy_max,
            duration_us: step.duration_us.0,
        }
    }
}

/// The median and the 99th percentile of the response time of each phase of the lifecycle, in µs.
fn responses(step: &Step) -> Vec<Option<u64>> {
    let of_phase = |phase: Phase| {
        let response = step.response_us.get(&phase);
        [response.map(|stats| stats.p50), response.map(|stats| stats.p99)]
    };
    being_read().lifecycle().flat_map(of_phase).collect()
}

/// What did not hold in a step, separated by `; `.
fn failed_holds(step: &Step) -> String {
    let failed = step.verdicts.iter().filter(|verdict| !verdict.held);
    let failed: Vec<&str> = failed.map(|verdict| verdict.expression.as_str()).collect();
    failed.join("; ")
}

/// The text of `capacity.csv`: a row per step, in the order in which they were made.
///
/// # Errors
/// Never in practice.
pub fn capacity_csv(result: &CapacityResult) -> io::Result<String> {
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    if !result.steps.is_empty() {
        let of_phase = |phase: Phase| ["p50", "p99"].map(|share| format!("{}_{share}_us", phase.name()));
        let responses: Vec<String> = being_read().lifecycle().flat_map(of_phase).collect();
        writer.serialize((names::<StepHead>()?, responses, names::<StepTail>()?))?;
    }
    result
        .steps
        .iter()
        .try_for_each(|step| writer.serialize((StepHead::of(step), responses(step), StepTail::of(step))))?;
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The names of a row's columns.
fn names<Columns: Default + Serialize>() -> io::Result<Vec<String>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.serialize(Columns::default())?;
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    Ok(reader.headers()?.iter().map(str::to_owned).collect())
}

/// A step in one line: `45/s: held · p99 4.20 s · blocks 81 % full`.
#[must_use]
pub fn step_line(step: &Step) -> String {
    let mut parts = vec![if step.held {
        "held".to_owned()
    } else {
        why_not(step)
    }];
    if let Some(total) = step.total_us {
        parts.push(format!("task p99 {}", human::time_us(total.p99)));
    }
    parts.push(format!(
        "{} in flight",
        human::count(step.in_flight_mean.round() as u64)
    ));
    if let Some(fullness) = step.fullness_mean {
        parts.push(format!("blocks {:.1} % full", fullness * 100.0));
    }
    format!("{}/s: {}", rate(step.rate_per_s), parts.join(" · "))
}

/// The reason why a step did not hold.
fn why_not(step: &Step) -> String {
    let failed = step.verdicts.iter().filter(|verdict| !verdict.held);
    let mut reasons: Vec<String> = failed
        .map(|verdict| format!("{} was {}", metric(&verdict.expression), human::measured(verdict)))
        .collect();
    if !step.lacking_load().is_empty() {
        reasons.push("which needs more load".to_owned());
    }
    if step.steadiness != Steadiness::Steady {
        reasons.push(step.steadiness.description().to_owned());
    }
    reasons.join(", ")
}

/// The part of an expression before its operator.
fn metric(expression: &str) -> &str {
    expression
        .split(['<', '>', '=', '!'])
        .next()
        .unwrap_or(expression)
        .trim_end()
}

/// What a search found, for people: a line per rate that was tried, lowest first, then the capacity, and what was
/// exhausted first.
#[must_use]
pub fn capacity_table(result: &CapacityResult, files: &Path, style: Style) -> String {
    let time = match result.clock {
        TimeSource::Wall => "wall-clock time",
        TimeSource::Virtual => "simulated (virtual) time",
    };
    let mut text = format!(
        "{} · capacity · {} · {time}{}\n",
        style.bold(&result.scenario.name),
        result.chain.kind,
        result
            .chain
            .contract_build
            .as_ref()
            .map_or_else(String::new, |build| format!(" · {}", build.short()))
    );
    text.push_str(&format!(
        "  to hold     {}\n\n",
        result.holds.join("\n              ")
    ));
    text.push_str(&format!("{}\n\n", steps_table(&result.steps).trim_fmt()));
    text.push_str(&format!("  capacity    {}\n", style.bold(&capacity(result))));
    if let Some(needed) = needed(result) {
        text.push_str(&format!("  at least    {needed}\n"));
    }
    if !result.end.is_conclusive() || result.message.is_some() {
        let label = match result.end {
            SearchEnd::NotMonotone => "AMBIGUOUS ",
            SearchEnd::NothingHolds => "why       ",
            _ => "INCOMPLETE",
        };
        let message = result.message.as_ref().map(|message| format!(": {message}"));
        let message = message.unwrap_or_default();
        text.push_str(&format!("  {label}  {}{message}\n", result.end.description()));
    }
    text.push_str(&format!("  exhausted   {}\n", exhausted(result)));
    for sign in &result.saturation.signs {
        text.push_str(&format!("              {}\n", sign.evidence));
    }
    text.push_str(&format!("  files       {}\n", files.display()));
    text
}

fn capacity(result: &CapacityResult) -> String {
    let rate = |per_s: f64| format!("{} tasks/s", rate(per_s));
    match (result.capacity_per_s, result.fails_at_per_s) {
        (Some(holds), Some(fails)) => format!("{} hold, {} do not", rate(holds), rate(fails)),
        (Some(holds), None) => format!("{} or more", rate(holds)),
        (None, fails) => match (highest_too_low(result), fails) {
            (Some(low), Some(fails)) => {
                format!(
                    "none: {} are too few for the conditions, {} are too many",
                    rate(low),
                    rate(fails)
                )
            }
            (Some(low), None) => format!("above {}, if there is one", rate(low)),
            (None, Some(fails)) => format!("below {}", rate(fails)),
            (None, None) => "unknown".to_owned(),
        },
    }
}

/// The highest rate below the lowest that fails that is too low for the conditions.
fn highest_too_low(result: &CapacityResult) -> Option<f64> {
    let below = |rate: f64| result.fails_at_per_s.is_none_or(|fails| rate < fails);
    let low = result.steps.iter().filter(|step| !step.lacking_load().is_empty());
    let low = low.map(|step| step.rate_per_s);
    low.filter(|rate| below(*rate)).reduce(f64::max)
}

/// From which rate on something holds that needs more load than the lower ones; `None` if there is no such thing.
fn needed(result: &CapacityResult) -> Option<String> {
    let capacity = result.capacity_per_s?;
    let low = result.steps.iter().filter(|step| step.rate_per_s < capacity);
    let low = low.filter(|step| !step.lacking_load().is_empty());
    let low = low.max_by(|one, other| one.rate_per_s.total_cmp(&other.rate_per_s))?;
    let lacking: Vec<String> = low
        .lacking_load()
        .iter()
        .map(|hold| format!("`{hold}`"))
        .collect();
    let needs = if lacking.len() == 1 { "needs" } else { "need" };
    Some(format!(
        "more than {} tasks/s, at which {} {needs} more load",
        rate(low.rate_per_s),
        lacking.join(", ")
    ))
}

fn exhausted(result: &CapacityResult) -> String {
    match (result.saturation.first, result.end, result.fails_at_per_s) {
        (Some(first), ..) => format!("first {}", first.description()),
        (None, _, None) => "nothing".to_owned(),
        (None, SearchEnd::NothingHolds, _) if result.message.is_some() => {
            "no monitored resource saturated: the conditions need more load than the system keeps up with"
                .to_owned()
        }
        (None, SearchEnd::NothingHolds, _) => {
            "no resource saturated: the conditions may exceed what the protocol allows at any rate".to_owned()
        }
        (None, ..) => "no monitored resource saturated".to_owned(),
    }
}

fn steps_table(steps: &[Step]) -> Table {
    let mut ordered: Vec<&Step> = steps.iter().collect();
    ordered.sort_by(|one, other| {
        one.rate_per_s
            .total_cmp(&other.rate_per_s)
            .then(one.step.cmp(&other.step))
    });
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─')));
    table.set_header([
        "tasks/s",
        "left/s",
        "in flight",
        "p50",
        "p99",
        "full",
        "busy",
        "held",
    ]);
    for step in ordered {
        let time = |of: fn(&Stats) -> u64| {
            let total = step.total_us.as_ref();
            total.map_or_else(|| human::NOTHING.to_owned(), |stats| human::time_us(of(stats)))
        };
        let share = |share: Option<f64>| {
            share.map_or_else(
                || human::NOTHING.to_owned(),
                |share| format!("{:.0} %", share * 100.0),
            )
        };
        table.add_row([
            rate(step.rate_per_s),
            human::rate(step.achieved_per_s),
            human::count(step.in_flight_mean.round() as u64),
            time(|stats| stats.p50),
            time(|stats| stats.p99),
            share(step.fullness_mean),
            share(step.miners_busy_mean),
            if step.held {
                "yes".to_owned()
            } else {
                let why = match step.steadiness {
                    Steadiness::Steady if !step.lacking_load().is_empty() => "no, too low",
                    Steadiness::Steady => "no",
                    Steadiness::Growing => "no, grows",
                    Steadiness::TooShort => "no, too short",
                    Steadiness::LeftOpen => "no, left open",
                    Steadiness::Dropping => "no, drops",
                };
                why.to_owned()
            },
        ]);
    }
    let columns = table.column_count();
    for column in table.column_iter_mut().take(columns - 1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.force_no_tty();
    table
}

/// A rate as it was tried: all of its digits.
fn rate(per_s: f64) -> String {
    per_s.to_string()
}

//! A capacity search for people: a line per step, and the table of all.

use std::path::Path;

use crate::{
    capacity::{CapacityResult, SearchEnd, Steadiness, Step},
    format::{Cell, Facts, Style, Table, human},
    record::Stats,
};

/// Where the texts behind labels begin.
const COLUMN: usize = 14;

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
    match (step.steadiness, step.growth_per_s, step.growth_error_per_s) {
        (Steadiness::Steady, ..) => {}
        (Steadiness::Growing, Some(growth), Some(error)) => reasons.push(format!(
            "{}, by {} ± {} tasks/s",
            step.steadiness.description(),
            human::rate(growth),
            human::rate(error)
        )),
        (steadiness, ..) => reasons.push(steadiness.description().to_owned()),
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
    let title = format!(
        "{} · capacity · {} · {}{}",
        style.bold(&result.scenario.name),
        result.chain.kind,
        result.clock.description(),
        result
            .chain
            .contract_build
            .as_ref()
            .map_or_else(String::new, |build| format!(" · {}", build.short()))
    );
    let mut holds = Facts::new(COLUMN);
    holds.add("to hold", result.holds.join("\n"));
    let mut facts = Facts::new(COLUMN);
    facts.add("capacity", style.bold(&capacity(result)));
    if let Some(limit) = limit(result) {
        facts.add("limit", limit);
    }
    if let Some(needed) = needed(result) {
        facts.add("at least", needed);
    }
    if !result.end.is_conclusive() || result.message.is_some() {
        let label = match result.end {
            SearchEnd::NotMonotone => "AMBIGUOUS",
            SearchEnd::NothingHolds => "why",
            SearchEnd::Undecided => "UNDECIDED",
            _ => "INCOMPLETE",
        };
        let message = result.message.as_ref().map(|message| format!(": {message}"));
        let message = message.unwrap_or_default();
        facts.add(label, result.end.description().to_owned() + &message);
    }
    facts.add("exhausted", exhausted(result));
    for sign in &result.saturation.signs {
        facts.more(&sign.evidence);
    }
    facts.add("files", files.display().to_string());
    let steps = steps_table(&result.steps).terminal(style);
    format!("{title}\n{}\n\n{steps}\n\n{}\n", holds.text(), facts.text())
}

fn capacity(result: &CapacityResult) -> String {
    let rate = |per_s: f64| format!("{} tasks/s", rate(per_s));
    let interval = result.low_per_s.zip(result.high_per_s).map(|(low, high)| {
        let (low, high, confidence) = (human::rate(low), human::rate(high), result.confidence * 100.0);
        format!("{low} to {high}, {confidence:.0} % confidence")
    });
    match (result.capacity_per_s, interval) {
        (Some(capacity), Some(interval)) => return format!("{} ({interval})", rate(capacity)),
        (Some(capacity), None) => return format!("{} or more", rate(capacity)),
        (None, Some(interval)) if result.holds_at_per_s.is_some() => {
            return format!("undecided ({interval})");
        }
        (None, _) => {}
    }
    match (result.holds_at_per_s, result.fails_at_per_s) {
        (Some(_), Some(fails)) => format!("below {}", rate(fails)),
        (Some(holds), None) => format!("undecided: {} hold so far", rate(holds)),
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

/// What keeps the lowest rate that does not hold from holding.
fn limit(result: &CapacityResult) -> Option<String> {
    let fails = result.fails_at_per_s?;
    let at_it = result.steps.iter().filter(|step| step.rate_per_s == fails);
    let step = at_it
        .filter(|step| !step.held)
        .max_by_key(|step| step.length_us)?;
    Some(format!("{} tasks/s: {}", rate(fails), why_not(step)))
}

/// From which rate on something holds that needs more load than the lower ones; `None` if there is no such thing.
fn needed(result: &CapacityResult) -> Option<String> {
    let capacity = result.holds_at_per_s?;
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
        // Every condition was kept: something is too slow that is not monitored, such as windows or deadlines.
        (None, ..) if only_grows(result) => {
            "no monitored resource saturated, but the backlog grows: every condition was kept".to_owned()
        }
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

/// Whether the lowest rate that does not hold fails by its backlog alone.
fn only_grows(result: &CapacityResult) -> bool {
    let at_it = result
        .steps
        .iter()
        .filter(|step| Some(step.rate_per_s) == result.fails_at_per_s);
    let mut failed = at_it.filter(|step| !step.held).peekable();
    failed.peek().is_some() && failed.all(|step| step.failed_holds().is_empty())
}

fn steps_table(steps: &[Step]) -> Table {
    let mut ordered: Vec<&Step> = steps.iter().collect();
    ordered.sort_by(|one, other| {
        one.rate_per_s
            .total_cmp(&other.rate_per_s)
            .then(one.step.cmp(&other.step))
    });
    let rows = ordered.into_iter().map(|step| {
        let time = |of: fn(&Stats) -> u64| Cell::maybe(step.total_us, |stats| Cell::time_us(of(&stats)));
        let share = |share| Cell::maybe(share, |share: f64| format!("{:.0} %", share * 100.0).into());
        let held = match step.steadiness {
            _ if step.held => "yes",
            Steadiness::Steady if !step.lacking_load().is_empty() => "no, too low",
            Steadiness::Steady => "no",
            Steadiness::Growing => "no, grows",
            Steadiness::TooShort => "no, too short",
            Steadiness::LeftOpen => "no, left open",
            Steadiness::Dropping => "no, drops",
        };
        [
            rate(step.rate_per_s).into(),
            Cell::time_us(step.length_us.0),
            human::rate(step.achieved_per_s).into(),
            Cell::count(step.in_flight_mean.round() as u64),
            time(|stats| stats.p50),
            time(|stats| stats.p99),
            share(step.fullness_mean),
            share(step.miners_busy_mean),
            held.into(),
        ]
    });
    Table::default()
        .numbers([
            "tasks/s",
            "for",
            "left/s",
            "in flight",
            "p50",
            "p99",
            "full",
            "busy",
        ])
        .texts(["held"])
        .rows(rows)
}

/// A rate as it was tried: all of its digits.
fn rate(per_s: f64) -> String {
    per_s.to_string()
}

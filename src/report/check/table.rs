//! Renders an estimate as a table.

use crate::{
    estimate::{Estimate, Forecast, Level, LoadVerdict, Range},
    format::{
        Facts,
        human::{count, counted, rate, time_us},
    },
    scenario::Scenario,
    units::format_duration,
};

/// The check of the scenario in `file`, its estimate and its forecast.
pub(super) fn text(
    file: &str,
    scenario: &Scenario,
    (estimate, forecast): (&Estimate, Option<Result<&Forecast, &str>>),
    warnings: usize,
) -> String {
    let not_simulated = match forecast {
        Some(Err(reason)) => format!("; no ranges: {reason}"),
        _ => String::new(),
    };
    let forecast = forecast.and_then(Result::ok);
    let owners: u64 = scenario.owners.iter().map(|group| u64::from(group.count)).sum();
    let sessions: u64 = scenario.owners.iter().map(|group| group.total_sessions()).sum();
    let mut facts = Facts::new(16);
    facts
        .add(
            "actors",
            format!(
                "{} with {}, {}, {}",
                counted(owners, "owner"),
                counted(sessions, "session"),
                counted(scenario.miner_count(), "miner"),
                counted(scenario.oracle.count.into(), "oracle")
            ),
        )
        .add("contracts", {
            let build = &scenario.contracts;
            format!("{} ({})", build.source(), build.digest())
        })
        .add(
            "tasks",
            format!(
                "{}, {} tasks/s on average, {} in the busiest second",
                count(estimate.tasks),
                rate(estimate.rate.mean),
                rate(estimate.rate.peak)
            ),
        );
    costs(&mut facts, estimate, forecast);
    time(&mut facts, estimate, forecast);
    facts
        .add(
            "block gas",
            used(
                estimate.block_gas,
                estimate.gas_verdict(),
                estimate.closed,
                "blocks",
            ),
        )
        .add(
            "miners",
            used(
                estimate.miners,
                estimate.miners_verdict(),
                estimate.closed,
                "miners",
            ),
        )
        .add("thresholds", thresholds(scenario))
        .add("estimated", estimated(estimate, forecast) + &not_simulated);
    if let Some(forecast) = forecast.filter(|forecast| forecast.tasks_not_ended.high > 0) {
        let failing = forecast.tasks_not_ended;
        facts.more(format!(
            "tasks that fail or do not end: {}{}",
            count(failing.expected),
            between(failing, count)
        ));
    }
    format!("{}\n{}\n", heading(file, scenario, warnings), facts.text())
}

/// Transactions and gas, with the ranges of a forecast.
fn costs(facts: &mut Facts, estimate: &Estimate, forecast: Option<&Forecast>) {
    let total = estimate.total();
    let tasks = forecast.map_or(estimate.tasks, |forecast| forecast.tasks.expected);
    let per_task = |number: u64| number as f64 / tasks.max(1) as f64;
    let of_tasks = |all: u64, setup: u64| all.saturating_sub(setup);
    let (transactions, gas) = match forecast {
        Some(forecast) => (forecast.transactions.expected, forecast.gas.expected),
        None => (total.transactions, total.gas),
    };
    let range = |of: fn(&Forecast) -> Range, shown: fn(u64) -> String| {
        forecast.map_or(String::new(), |forecast| between(of(forecast), shown))
    };
    let load = of_tasks(transactions, estimate.setup.transactions);
    let gas_of_load = of_tasks(gas, estimate.setup.gas);
    facts
        .add(
            "transactions",
            format!(
                "{}{}: {} of setup, {} of tasks ({} each)",
                count(transactions),
                range(|forecast| forecast.transactions, count),
                count(estimate.setup.transactions),
                count(load),
                rate(per_task(load))
            ),
        )
        .add(
            "gas",
            format!(
                "{}{}: {} of setup, {} of tasks ({} each)",
                millions(gas),
                range(|forecast| forecast.gas, millions),
                millions(estimate.setup.gas),
                millions(gas_of_load),
                count(per_task(gas_of_load).round() as u64)
            ),
        );
}

/// How long a run takes, and a task.
fn time(facts: &mut Facts, estimate: &Estimate, forecast: Option<&Forecast>) {
    let setup = time_us(estimate.setup_us);
    match forecast.and_then(|forecast| forecast.duration_us) {
        Some(duration) => facts.add(
            "time",
            format!(
                "{}{}, of which setup is {setup}",
                time_us(duration.expected),
                between(duration, time_us)
            ),
        ),
        None => facts.add(
            "time",
            format!(
                "about {} in {}: {setup} of setup, then {} until the last task ends",
                time_us(estimate.setup_us.saturating_add(estimate.load_us)),
                counted(estimate.blocks, "block"),
                time_us(estimate.load_us)
            ),
        ),
    };
    let idle = format!("{} on an idle chain", time_us(estimate.task_us));
    facts.more(match forecast.and_then(|forecast| forecast.task_us) {
        Some(took) => format!(
            "a task takes {}{} in the mean, {idle}",
            time_us(took.expected),
            between(took, time_us)
        ),
        None => format!("a task takes {idle}"),
    });
}

/// ` (1 to 3)`; nothing of a range whose ends look alike.
fn between(range: Range, shown: fn(u64) -> String) -> String {
    let [low, high] = [range.low, range.high].map(shown);
    match low == high {
        true => String::new(),
        false => format!(" ({low} to {high})"),
    }
}

/// What the estimate rests on.
fn estimated(estimate: &Estimate, forecast: Option<&Forecast>) -> String {
    let Some(forecast) = forecast else {
        return format!(
            "from {} of {} on the embedded chain{}",
            counted(estimate.sampled_tasks, "task"),
            count(estimate.tasks),
            left_out(estimate)
        );
    };
    let of = match forecast.whole {
        true => "of the whole scenario".to_owned(),
        false => format!("of its first {}", counted(forecast.simulated_tasks, "task")),
    };
    format!(
        "by {} {of} on the embedded chain, with other seeds; {:.0} % of runs lie in the ranges",
        counted(forecast.runs, "simulation"),
        forecast.confidence * 100.0
    )
}

/// That the scenario in `file` is valid, and what it asks of the chain.
pub(super) fn heading(file: &str, scenario: &Scenario, warnings: usize) -> String {
    let chain = &scenario.chain;
    let verdict = match warnings {
        0 => "valid".to_owned(),
        warnings => format!("valid, {}", counted(warnings as u64, "warning")),
    };
    format!(
        "{file}: {verdict}\n  {} · seed {} · {} {} · blocks of {} gas every {}",
        scenario.name,
        scenario.seed,
        chain.kind,
        chain.hardfork,
        count(chain.gas_limit),
        format_duration(chain.block_time)
    )
}

/// The thresholds of a run; at least the default threshold.
pub(super) fn thresholds(scenario: &Scenario) -> String {
    let texts: Vec<String> = scenario
        .thresholds
        .iter()
        .map(|threshold| match threshold.is_default {
            true => format!("{threshold} (default)"),
            false => threshold.to_string(),
        })
        .collect();
    texts.join(", ")
}

/// What the estimate takes no account of.
fn left_out(estimate: &Estimate) -> String {
    let words: Vec<_> = estimate.left_out.iter().map(|what| what.description()).collect();
    match words.as_slice() {
        [] => String::new(),
        words => format!("; without {}", words.join(", ")),
    }
}

/// How much of a resource is used, and whether that goes well.
pub(super) fn used(level: Level, verdict: LoadVerdict, closed: bool, what: &str) -> String {
    let words = match (verdict, closed) {
        (LoadVerdict::Holds, _) => "holds".to_owned(),
        (LoadVerdict::Queues, _) => format!("queues: {what} are full at times"),
        (LoadVerdict::Overloaded, true) => format!("overloaded: {what} hold the load back"),
        (LoadVerdict::Overloaded, false) => {
            format!("overloaded: {what} hold {:.0} % of the rate", 100.0 / level.mean)
        }
    };
    format!(
        "{:.1} % on average, {:.1} % in the busiest second: {words}",
        level.mean * 100.0,
        level.peak * 100.0
    )
}

/// Gas in millions, with three digits.
pub(super) fn millions(gas: u64) -> String {
    format!("{} M", rate(gas as f64 / 1e6))
}

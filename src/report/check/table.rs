//! Renders an estimate as a table.

use crate::{
    estimate::{Estimate, Level, LoadVerdict},
    format::{
        Facts,
        human::{count, counted, rate, time_us},
    },
    scenario::Scenario,
    units::format_duration,
};

/// The check and the estimate of the scenario in `file`.
pub(super) fn text(file: &str, scenario: &Scenario, estimate: &Estimate, warnings: usize) -> String {
    let owners: u64 = scenario.owners.iter().map(|group| u64::from(group.count)).sum();
    let sessions: u64 = scenario.owners.iter().map(|group| group.total_sessions()).sum();
    let total = estimate.total();
    let per_task = |number: u64| number as f64 / estimate.tasks.max(1) as f64;
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
        )
        .add(
            "transactions",
            format!(
                "{}: {} of setup, {} of tasks ({} each)",
                count(total.transactions),
                count(estimate.setup.transactions),
                count(estimate.load.transactions),
                rate(per_task(estimate.load.transactions))
            ),
        )
        .add(
            "gas",
            format!(
                "{}: {} of setup, {} of tasks ({} each)",
                millions(total.gas),
                millions(estimate.setup.gas),
                millions(estimate.load.gas),
                count(per_task(estimate.load.gas).round() as u64)
            ),
        )
        .add(
            "time",
            format!(
                "about {} in {}: {} of setup, then {} until the last task ends",
                time_us(estimate.setup_us.saturating_add(estimate.load_us)),
                counted(estimate.blocks, "block"),
                time_us(estimate.setup_us),
                time_us(estimate.load_us)
            ),
        )
        .more(format!(
            "a task takes {} on an idle chain",
            time_us(estimate.task_us)
        ))
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
        .add(
            "estimated",
            format!(
                "from {} of {} on the embedded chain{}",
                counted(estimate.sampled_tasks, "task"),
                count(estimate.tasks),
                left_out(estimate)
            ),
        );
    format!("{}\n{}\n", heading(file, scenario, warnings), facts.text())
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

//! Overview of a run in a few numbers.

use serde::Serialize;

use crate::{
    format::human,
    record::{Rates, RunResult},
};

/// A number with its name.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) detail: String,
}

/// The numbers of the page's head. What was never measured has a dash.
pub(super) fn figures(result: &RunResult) -> Vec<Figure> {
    let (transactions, tasks) = (&result.transactions, &result.tasks);
    let total = result.total_time().copied();
    let time = |us: Option<u64>| us.map_or_else(|| human::NOTHING.to_owned(), human::time_us);
    let late = result.generator.lateness_us;
    vec![
        Figure {
            name: "tasks ended",
            value: human::count(tasks.ended),
            detail: format!(
                "of {}; {}",
                human::count(tasks.submitted),
                task_rate(&result.rates)
            ),
        },
        Figure {
            name: "task time, median",
            value: time(total.map(|total| total.p50)),
            detail: format!("p99 {}", time(total.map(|total| total.p99))),
        },
        Figure {
            name: "in blocks",
            value: human::count(transactions.in_blocks()),
            detail: format!("of {} transactions", human::count(transactions.total)),
        },
        Figure {
            name: "gas per task",
            value: gas_per_task(result),
            detail: format!("{} in all", human::count(result.gas_total())),
        },
        Figure {
            name: "block fullness, mean",
            value: result.blocks.fullness_mean.map_or_else(
                || human::NOTHING.to_owned(),
                |share| format!("{:.1} %", share * 100.0),
            ),
            detail: human::counted(result.blocks.count, "block"),
        },
        Figure {
            name: "generator late, p99",
            value: time(late.map(|late| late.p99)),
            detail: format!("at most {}", time(late.map(|late| late.max))),
        },
    ]
}

/// The rate of tasks in the steady state; in a run without one the rate over all of the load. The others have a table.
fn task_rate(rates: &Rates) -> String {
    let (rate, of) = match rates.tasks_steady_per_s {
        Some(steady) => (Some(steady), "in the steady state"),
        None => (rates.tasks_per_s, "with filling and draining"),
    };
    rate.map_or_else(
        || "no rate".to_owned(),
        |rate| format!("{}/s {of}", human::rate(rate)),
    )
}

/// Gas of the lifecycle, setup and management left out, over the tasks that ended.
fn gas_per_task(result: &RunResult) -> String {
    let phases = result.phases.iter().filter(|(phase, _)| phase.is_lifecycle());
    let gas: u64 = phases.map(|(_, of)| of.gas_total).sum();
    match result.tasks.ended {
        0 => human::NOTHING.to_owned(),
        ended => human::count((gas as f64 / ended as f64).round() as u64),
    }
}

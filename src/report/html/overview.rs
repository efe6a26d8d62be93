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
    let late = result.generator.lateness_us;
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| human::NOTHING.to_owned());
    let time = |us: Option<u64>| or_dash(us.map(human::time_us));
    let fullness = result.blocks.fullness_mean;
    let figures = [
        (
            "tasks ended",
            human::count(tasks.ended),
            format!(
                "of {}; {}",
                human::count(tasks.submitted),
                task_rate(&result.rates)
            ),
        ),
        (
            "task time, median",
            time(total.map(|total| total.p50)),
            format!("p99 {}", time(total.map(|total| total.p99))),
        ),
        (
            "in blocks",
            human::count(transactions.in_blocks()),
            format!("of {} transactions", human::count(transactions.total)),
        ),
        (
            "gas per task",
            or_dash(result.gas_per_task().map(|gas| human::count(gas.round() as u64))),
            format!("{} in all", human::count(result.gas_total())),
        ),
        (
            "block fullness, mean",
            or_dash(fullness.map(|share| format!("{:.1} %", share * 100.0))),
            human::counted(result.blocks.count, "block"),
        ),
        (
            "generator late, p99",
            time(late.map(|late| late.p99)),
            format!("at most {}", time(late.map(|late| late.max))),
        ),
    ];
    let figure = |(name, value, detail)| Figure { name, value, detail };
    figures.map(figure).into()
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

//! Formats rates of a run: offered, in the steady state, and with filling and draining.

use crate::{
    format::human,
    record::{ArrivalWindow, RunResult},
};

/// A rate with the stretch of the run that it is of.
#[derive(Debug)]
pub(crate) struct Rate {
    /// What it is the rate of: `offered`.
    pub(crate) name: &'static str,
    /// How many per second.
    pub(crate) per_s: Option<f64>,
    /// What was counted, and over which time.
    pub(crate) counted: String,
}

/// The rates that a report lists, those that were never measured with the reason. Summaries of earlier versions have no
/// arrivals, and then neither the offered nor the steady-state rate is listed.
pub(crate) fn rates(result: &RunResult) -> Vec<Rate> {
    let rates = &result.rates;
    let mut all = Vec::new();
    if let Some(arrivals) = &rates.arrivals {
        all.push(Rate {
            name: "tasks offered",
            per_s: rates.tasks_offered_per_s,
            counted: immediate(arrivals).unwrap_or_else(|| {
                format!(
                    "{} within {}",
                    human::counted(arrivals.tasks, "arrival"),
                    human::time_us(arrivals.length_us())
                )
            }),
        });
        let counted = rates.steady_state.map(|steady| {
            format!(
                "{} within {}, between filling and draining",
                human::counted(steady.tasks_ended, "end"),
                human::time_us(steady.to_us.since(steady.from_us))
            )
        });
        all.push(Rate {
            name: "tasks ended, steady state",
            per_s: rates.tasks_steady_per_s,
            counted: counted
                .or_else(|| no_steady_state(result))
                .unwrap_or_else(|| "no task ended".to_owned()),
        });
    }
    all.push(Rate {
        name: "tasks ended, overall",
        per_s: rates.tasks_per_s,
        counted: "until the last end: filling and draining included".to_owned(),
    });
    all.push(Rate {
        name: "transactions, overall",
        per_s: rates.transactions_per_s,
        counted: "until the last one in a block: filling and draining included".to_owned(),
    });
    all
}

/// The rates in lines of at most `width` characters for the terminal; numbers are not cut.
pub(crate) fn rate_lines(result: &RunResult, width: usize) -> Vec<String> {
    let rates = &result.rates;
    let each = |rate: Option<f64>, of: &str| rate.map(|rate| format!("{} {of}", human::rate(rate)));
    let offered = each(rates.tasks_offered_per_s, "tasks/s offered");
    let offered = offered.or_else(|| rates.arrivals.as_ref().and_then(immediate));
    let steady = each(rates.tasks_steady_per_s, "tasks/s ended in the steady state");
    let overall = [
        each(rates.tasks_per_s, "tasks/s"),
        each(rates.transactions_per_s, "transactions/s"),
    ];
    let overall = joined(overall).map(|rates| format!("{rates} with filling and draining"));
    let arrived_at_once = rates.arrivals.is_some_and(|arrivals| arrivals.length_us() == 0);
    let reason = no_steady_state(result).filter(|_| !arrived_at_once);
    [joined([offered, steady]), reason, overall]
        .into_iter()
        .flatten()
        .flat_map(|line| match line.split_once(", ") {
            Some((start, rest)) if line.chars().count() > width => vec![format!("{start},"), rest.to_owned()],
            _ => vec![line],
        })
        .collect()
}

fn joined(parts: [Option<String>; 2]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// That there is no offered rate, since all tasks arrived at one moment.
fn immediate(arrivals: &ArrivalWindow) -> Option<String> {
    (arrivals.length_us() == 0).then(|| match arrivals.tasks {
        1 => "one task offered".to_owned(),
        tasks => format!("all {} tasks offered at once", human::count(tasks)),
    })
}

/// The reason why there is no steady-state rate though tasks arrived and ended.
fn no_steady_state(result: &RunResult) -> Option<String> {
    let (rates, total) = (&result.rates, result.total_time()?);
    let arrivals = rates.arrivals.filter(|_| rates.steady_state.is_none())?;
    let (lasted, task_time) = (arrivals.length_us(), total.p90);
    Some(if lasted == 0 {
        "no steady state: all tasks arrived at once".to_owned()
    } else if task_time.saturating_mul(4) > lasted.saturating_mul(3) {
        let [lasted, task_time] = [lasted, task_time].map(human::time_us);
        format!("no steady state: arrivals lasted {lasted}, p90 task time {task_time}")
    } else {
        "no steady state: too few ends between filling and draining".to_owned()
    })
}

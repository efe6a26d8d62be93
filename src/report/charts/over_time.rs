//! Shared parts of the charts over a run's time.

use super::{
    data::ChartData,
    panel::{Axis, Panel},
    scale::{Scale, number, time_unit},
};
use crate::record::{StopReason, TimeSource};

pub(super) const NO_TRANSACTIONS: &str =
    "This run has no transactions.csv, so nothing is known of single transactions.";
pub(super) const NO_TASKS: &str = "This run has no tasks.csv, so nothing is known of single tasks.";
pub(super) const NO_BLOCKS: &str = "This run has no blocks.csv, so nothing is known of single blocks.";

/// The reason why there are no times or gas of transactions to show.
pub(super) fn why_nothing(data: &ChartData<'_>) -> &'static str {
    let counted_again = data.result.stop_reason == StopReason::Unknown;
    if data.transactions.is_none() && counted_again {
        NO_TRANSACTIONS
    } else if data
        .result
        .phases
        .values()
        .any(|phase| phase.response_us.is_some())
    {
        "The histograms of this run are gone: it has neither a latency.hlog nor a transactions.csv."
    } else {
        "No transaction got into a block."
    }
}

/// The reason why there are no times of tasks to show.
pub(super) fn why_no_task_times(data: &ChartData<'_>) -> &'static str {
    let spans = data.result.task_phases.values();
    if data.tasks.is_none() && data.result.stop_reason == StopReason::Unknown {
        NO_TASKS
    } else if spans.into_iter().any(|span| span.duration_us.is_some()) {
        "The histograms of this run are gone: it has neither a latency.hlog nor a tasks.csv."
    } else {
        "No task got through a span."
    }
}

/// The time axis of a run.
pub(super) struct TimeAxis {
    scale: Scale,
    caption: String,
}

/// The axis from the run's start to its last bin's end.
pub(super) fn axis(data: &ChartData<'_>) -> TimeAxis {
    let (unit, name) = unit(data);
    let clock = match data.result.clock {
        TimeSource::Wall => "",
        TimeSource::Virtual => "simulated ",
    };
    TimeAxis {
        scale: Scale::between(0.0, data.bins.end_us() as f64 / unit),
        caption: format!("{clock}time since the run started ({name})"),
    }
}

impl TimeAxis {
    pub(super) fn axis(&self) -> Axis<'_> {
        Axis {
            scale: self.scale,
            caption: &self.caption,
            ticks: 10,
            label: &number,
        }
    }
}

/// The unit of the time axis: µs that it has, and its name.
fn unit(data: &ChartData<'_>) -> (f64, &'static str) {
    time_unit(data.bins.end_us() as f64)
}

/// Where a bin starts and ends on the time axis.
pub(super) fn edges(data: &ChartData<'_>, bin: usize) -> (f64, f64) {
    let (from, to) = data.bins.edges(bin);
    let (unit, _) = unit(data);
    (from as f64 / unit, to as f64 / unit)
}

/// When a bin is, in words: `12–14 s`.
pub(super) fn when(data: &ChartData<'_>, bin: usize) -> String {
    let (from, to) = edges(data, bin);
    let (_, name) = unit(data);
    format!("{}–{} {name}", number(from), number(to))
}

/// The width of a bin in words.
pub(super) fn width(data: &ChartData<'_>) -> String {
    let width = data.bins.width_us() as f64;
    let (unit, name) = match width {
        ..1e3 => (1.0, "µs"),
        1e3..1e6 => (1e3, "ms"),
        1e6..60e6 => (1e6, "s"),
        60e6..3600e6 => (60e6, "min"),
        _ => (3600e6, "h"),
    };
    format!("{} {name}", number(width / unit))
}

/// Greys out the time before the first task was due, and names it.
pub(super) fn mark_setup(data: &ChartData<'_>, panel: &Panel<'_, '_>) {
    mark(data, panel, "setup");
}

/// The same without its name, in a panel below one that has it: there is no room for it beside the data.
pub(super) fn shade_setup(data: &ChartData<'_>, panel: &Panel<'_, '_>) {
    mark(data, panel, "");
}

fn mark(data: &ChartData<'_>, panel: &Panel<'_, '_>, name: &str) {
    if let Some(start) = data.result.load.start_us {
        let (unit, _) = unit(data);
        panel.mark(0.0, start.0 as f64 / unit, name);
    }
}

//! Shared parts of the charts over a run's time.

use super::{
    canvas::{Canvas, Frame},
    data::ChartData,
    panel::{Axis, Panel, steps},
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

/// Draws the axes of a panel over the run's time, and greys out the time before the first task was due.
pub(super) fn panel<'a, 'b>(
    data: &ChartData<'_>,
    canvas: &'a Canvas<'b>,
    frame: Frame,
    y: &Axis,
) -> Panel<'a, 'b> {
    marked(data, canvas, frame, y, "setup")
}

/// The same without the name of that time, below a panel that has it: there is no room for it beside the data.
pub(super) fn panel_below<'a, 'b>(
    data: &ChartData<'_>,
    canvas: &'a Canvas<'b>,
    frame: Frame,
    y: &Axis,
) -> Panel<'a, 'b> {
    marked(data, canvas, frame, y, "")
}

fn marked<'a, 'b>(
    data: &ChartData<'_>,
    canvas: &'a Canvas<'b>,
    frame: Frame,
    y: &Axis,
    setup: &str,
) -> Panel<'a, 'b> {
    let (unit, name) = unit(data);
    let clock = match data.result.clock {
        TimeSource::Wall => "",
        TimeSource::Virtual => "simulated ",
    };
    let scale = Scale::between(0.0, data.bins.end_us() as f64 / unit);
    let x = Axis::new(scale, 10, format!("{clock}time since the run started ({name})"));
    let panel = Panel::draw(canvas, frame, &x, y);
    if let Some(start) = data.result.load.start_us {
        panel.mark(0.0, start.0 as f64 / unit, setup);
    }
    panel
}

/// Consecutive bins with a value, as runs of steps: (x, value) twice per bin.
pub(super) fn runs<T: Copy>(
    data: &ChartData<'_>,
    values: impl IntoIterator<Item = Option<T>>,
) -> Vec<Vec<(f64, T)>> {
    steps(values.into_iter().enumerate().map(|(bin, value)| {
        let (from, to) = edges(data, bin);
        (from, to, value)
    }))
}

/// Says when a bin is, and behind that what `text` says of it, to whoever points at it in a web page.
pub(super) fn tooltips(data: &ChartData<'_>, panel: &Panel<'_, '_>, text: impl Fn(usize) -> Option<String>) {
    let (_, name) = unit(data);
    for bin in 0..data.bins.count() {
        if let Some(text) = text(bin) {
            let (from, to) = edges(data, bin);
            panel.tooltip(from, to, &format!("{}–{} {name}{text}", number(from), number(to)));
        }
    }
}

/// The unit of the time axis: µs that it has, and its name.
fn unit(data: &ChartData<'_>) -> (f64, &'static str) {
    time_unit(data.bins.end_us() as f64)
}

/// Where a bin starts and ends on the time axis.
fn edges(data: &ChartData<'_>, bin: usize) -> (f64, f64) {
    let (from, to) = data.bins.edges(bin);
    let (unit, _) = unit(data);
    (from as f64 / unit, to as f64 / unit)
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

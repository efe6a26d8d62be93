//! Task time by span over the run: the median, and below it the 99th percentile.

use hdrhistogram::Histogram;

use super::{
    canvas::{Frame, Heading, Key, draw},
    colour::Colour,
    data::{ChartData, Tasks},
    over_time,
    panel::{Axis, Panel, nothing, steps},
    picture::Picture,
    scale::{Scale, number, time_unit},
};
use crate::{format::human, protocol::TaskSpan};

/// The percentiles that are drawn, and what each is called.
const PERCENTILES: [(f64, &str); 2] = [(0.5, "median"), (0.99, "p99")];

/// The width of a span's line in pixels. Later ones are narrower: spans that take equally long, as between the same blocks,
/// all show.
pub(super) fn width(span: TaskSpan) -> f64 {
    (7.0 - 1.6 * span.index() as f64).max(2.2)
}

/// A percentile of each span in each bin in µs; `None` where no task has the span.
type Times = Vec<Vec<Option<u64>>>;

pub(super) fn picture(data: &ChartData<'_>) -> Picture {
    let spans = data.result.protocol.spans.iter();
    let key: Vec<Key> = spans
        .map(|span| Key::new(span.name(), Colour::of_span(*span)))
        .collect();
    let heading = Heading {
        name: "task-time-over-time",
        title: "Task time over the run, by span",
        run: &data.run(),
        reading: &format!(
            "Median and p99 of the tasks that arrived within each {}, whenever they ended. Equal times lie inside one another.",
            over_time::width(data)
        ),
        key: &key,
    };
    draw(&heading, 620.0, |canvas, frame| {
        let Some(tasks) = &data.tasks else {
            return nothing(canvas, frame, over_time::NO_TASKS);
        };
        if tasks.spans.iter().flatten().all(|times| times.is_empty()) {
            return nothing(canvas, frame, "No task got through a span.");
        }
        let middle = (frame.top + frame.bottom) / 2.0;
        let frames = [
            Frame {
                bottom: middle,
                ..frame
            },
            Frame { top: middle, ..frame },
        ];
        for ((share, name), frame) in PERCENTILES.into_iter().zip(frames) {
            let times = percentile(tasks, share);
            let most = times.iter().flatten().flatten().max().copied().unwrap_or(0) as f64;
            let (unit, unit_name) = time_unit(most);
            let panel = Panel::draw(
                canvas,
                frame,
                16.0,
                &over_time::axis(data).axis(),
                &Axis {
                    scale: Scale::from_zero(most / unit, 4),
                    caption: &format!("task time, {name} ({unit_name})"),
                    ticks: 4,
                    label: &number,
                },
            );
            over_time::mark_setup(data, &panel);
            lines(data, &panel, &times, unit);
            tooltip(data, &panel, tasks, &times, name);
        }
    })
}

fn percentile(tasks: &Tasks, share: f64) -> Times {
    let of_span = |bins: &Vec<Histogram<u64>>| {
        bins.iter()
            .map(|times| (!times.is_empty()).then(|| times.value_at_quantile(share).min(times.max())))
            .collect()
    };
    tasks.spans.iter().map(of_span).collect()
}

/// Draws the steps of each span, those of the whole task last.
fn lines(data: &ChartData<'_>, panel: &Panel<'_, '_>, times: &Times, unit: f64) {
    for (span, bins) in data.result.protocol.spans.iter().copied().zip(times) {
        let values = bins.iter().enumerate().map(|(bin, time)| {
            let (from, to) = over_time::edges(data, bin);
            (from, to, *time)
        });
        for run in steps(values) {
            let points = run.into_iter().map(|(x, time)| (x, time as f64 / unit));
            panel.line(points, Colour::of_span(span), width(span));
        }
    }
}

fn tooltip(data: &ChartData<'_>, panel: &Panel<'_, '_>, tasks: &Tasks, times: &Times, name: &str) {
    for bin in 0..data.bins.count() {
        let spans = data
            .result
            .protocol
            .spans
            .iter()
            .zip(times.iter().zip(&tasks.spans));
        let values: String = spans
            .filter_map(|(span, (times, all))| {
                let (time, count) = (times.get(bin).copied().flatten()?, all.get(bin)?.len());
                let [count, time] = [human::count(count), human::time_us(time)];
                Some(format!("\n{}, {name} of {count}: {time}", span.name()))
            })
            .collect();
        if !values.is_empty() {
            let (from, to) = over_time::edges(data, bin);
            panel.tooltip(from, to, &(over_time::when(data, bin) + &values));
        }
    }
}

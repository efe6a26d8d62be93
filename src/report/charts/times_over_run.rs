//! Times over the run: response time as bands between percentiles, task time as lines per span.

use hdrhistogram::Histogram;

use super::{
    canvas::{Heading, Key, draw},
    colour::Colour,
    data::ChartData,
    over_time,
    panel::{Axis, nothing},
    picture::Picture,
    scale::time_unit,
};
use crate::{format::human, protocol::TaskSpan};

/// Response time of transactions: the median, and bands up to p90 and p99.
pub(super) fn response(data: &ChartData<'_>) -> Picture {
    let key = [
        Key::new("median", Colour::Blue),
        Key::new("median to p90", Colour::Blue).faint(0.55),
        Key::new("p90 to p99", Colour::Blue).faint(0.28),
    ];
    let heading = Heading {
        name: "response-over-time",
        title: "Response time of transactions over the run",
        run: &data.run(),
        reading: &format!(
            "Percentiles of the transactions that were meant to be sent within each {}; setup's are left out.",
            over_time::width(data)
        ),
        key: &key,
    };
    draw(&heading, 480.0, |canvas, frame| {
        let Some(transactions) = &data.transactions else {
            return nothing(canvas, frame, over_time::NO_TRANSACTIONS);
        };
        let percentiles = |times: &Histogram<u64>| {
            let percentiles = [0.5, 0.9, 0.99].map(|share| percentile(times, share));
            (!times.is_empty()).then_some(percentiles)
        };
        let bins: Vec<Option<[u64; 3]>> = transactions.response.iter().map(percentiles).collect();
        let Some(most) = bins.iter().flatten().map(|[.., p99]| *p99).max() else {
            return nothing(canvas, frame, over_time::why_nothing(data));
        };
        let (unit, name) = time_unit(most as f64);
        let y = Axis::from_zero(most as f64 / unit, 5, format!("response time ({name})"));
        let panel = over_time::panel(data, canvas, frame, &y);
        for run in over_time::runs(data, bins.iter().copied()) {
            let run: Vec<_> = run
                .iter()
                .map(|(x, times)| (*x, times.map(|us| us as f64 / unit)))
                .collect();
            for (low, high, opacity) in [(1, 2, 0.28), (0, 1, 0.55)] {
                let band: Vec<_> = run.iter().map(|(x, v)| (*x, v[low], v[high])).collect();
                panel.band(&band, Colour::Blue, opacity);
            }
            panel.line(run.iter().map(|(x, [p50, ..])| (*x, *p50)), Colour::Blue, 2.2);
        }
        over_time::tooltips(data, &panel, |bin| {
            let [p50, p90, p99] = bins[bin]?.map(human::time_us);
            let count = human::count(transactions.response[bin].len());
            Some(format!(
                "\ntransactions: {count}\nmedian: {p50}\np90: {p90}\np99: {p99}"
            ))
        });
    })
}

/// The percentiles of task time that are drawn, and what each is called.
const PERCENTILES: [(f64, &str); 2] = [(0.5, "median"), (0.99, "p99")];

/// The width of a span's line in pixels. Later ones are narrower: spans that take equally long, as between the same blocks,
/// all show.
pub(super) fn span_width(span: TaskSpan) -> f64 {
    (7.0 - 1.6 * span.index() as f64).max(2.2)
}

/// Task time by span: the median, and below it the 99th percentile.
pub(super) fn tasks(data: &ChartData<'_>) -> Picture {
    let spans = || data.result.protocol.spans.iter().copied();
    let key: Vec<Key> = spans()
        .map(|span| Key::new(span.name(), Colour::of_span(span)))
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
        for ((share, name), frame) in PERCENTILES.into_iter().zip(frame.split(0.5)) {
            let of_bin = |times: &Histogram<u64>| (!times.is_empty()).then(|| percentile(times, share));
            let of_span = |bins: &Vec<Histogram<u64>>| bins.iter().map(of_bin).collect();
            let times: Vec<Vec<Option<u64>>> = tasks.spans.iter().map(of_span).collect();
            let most = times.iter().flatten().flatten().max().copied().unwrap_or(0) as f64;
            let (unit, unit_name) = time_unit(most);
            let y = Axis::from_zero(most / unit, 4, format!("task time, {name} ({unit_name})"));
            let panel = over_time::panel(data, canvas, frame, &y);
            // Those of the whole task are drawn last.
            for (span, bins) in spans().zip(&times) {
                for run in over_time::runs(data, bins.iter().copied()) {
                    let points = run.into_iter().map(|(x, time)| (x, time as f64 / unit));
                    panel.line(points, Colour::of_span(span), span_width(span));
                }
            }
            over_time::tooltips(data, &panel, |bin| {
                let values = spans().zip(times.iter().zip(&tasks.spans));
                let values: String = values
                    .filter_map(|(span, (times, all))| {
                        let [count, time] = [human::count(all[bin].len()), human::time_us(times[bin]?)];
                        Some(format!("\n{}, {name} of {count}: {time}", span.name()))
                    })
                    .collect();
                (!values.is_empty()).then_some(values)
            });
        }
    })
}

/// The smallest time that at least this share of all does not exceed, in µs.
fn percentile(times: &Histogram<u64>, share: f64) -> u64 {
    times.value_at_quantile(share).min(times.max())
}

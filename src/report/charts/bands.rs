//! Response time over the run, as bands between percentiles.

use super::{
    canvas::{Heading, Key, draw},
    colour::Colour,
    data::ChartData,
    over_time,
    panel::{Axis, Panel, nothing, steps},
    picture::Picture,
    scale::{Scale, number, time_unit},
};
use crate::format::human;

pub(super) fn picture(data: &ChartData<'_>) -> Picture {
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
        let bins: Vec<Option<[f64; 3]>> = transactions
            .response
            .iter()
            .map(|times| {
                let values =
                    [0.5, 0.9, 0.99].map(|share| times.value_at_quantile(share).min(times.max()) as f64);
                (!times.is_empty()).then_some(values)
            })
            .collect();
        let most = bins.iter().flatten().map(|[.., p99]| *p99).fold(0.0, f64::max);
        if bins.iter().all(Option::is_none) {
            return nothing(canvas, frame, over_time::why_nothing(data));
        }
        let (unit, name) = time_unit(most);
        let panel = Panel::draw(
            canvas,
            frame,
            16.0,
            &over_time::axis(data).axis(),
            &Axis {
                scale: Scale::from_zero(most / unit, 5),
                caption: &format!("response time ({name})"),
                ticks: 5,
                label: &number,
            },
        );
        over_time::mark_setup(data, &panel);
        let values = bins.iter().enumerate().map(|(bin, values)| {
            let (from, to) = over_time::edges(data, bin);
            (from, to, *values)
        });
        for run in steps(values) {
            for (low, high, opacity) in [(1, 2, 0.28), (0, 1, 0.55)] {
                let band: Vec<_> = run
                    .iter()
                    .map(|(x, v)| (*x, v[low] / unit, v[high] / unit))
                    .collect();
                panel.band(&band, Colour::Blue, opacity);
            }
            panel.line(
                run.iter().map(|(x, [p50, ..])| (*x, p50 / unit)),
                Colour::Blue,
                2.2,
            );
        }
        for (bin, values) in bins.iter().enumerate() {
            let Some(values) = values else { continue };
            let [p50, p90, p99] = values.map(|us| human::time_us(us as u64));
            let (from, to) = over_time::edges(data, bin);
            let count = human::count(transactions.response[bin].len());
            let when = over_time::when(data, bin);
            let text = format!("{when}\ntransactions: {count}\nmedian: {p50}\np90: {p90}\np99: {p99}");
            panel.tooltip(from, to, &text);
        }
    })
}

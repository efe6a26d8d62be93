//! Response time by percentile, a curve per phase.

use hdrhistogram::Histogram;

use super::{
    canvas::{Heading, Key, draw},
    colour::Colour,
    data::ChartData,
    over_time,
    panel::{Axis, Panel, nothing},
    picture::Picture,
    scale::{Scale, number, percent, time_unit},
};
use crate::{protocol::Phase, report::human};

/// Points of a curve.
const POINTS: usize = 400;
/// Places along the axis at which a web page tells the curves' values.
const PLACES: usize = 72;
/// The largest times over the smallest median beyond which the vertical axis is logarithmic.
const WIDE: f64 = 60.0;

pub(super) fn picture(data: &ChartData<'_>) -> Picture {
    let curves: Vec<(Phase, &Histogram<u64>)> = Phase::ALL
        .into_iter()
        .filter(|phase| *phase != Phase::Setup)
        .filter_map(|phase| Some((phase, data.histograms.get(phase.name(), "response_us")?)))
        .filter(|(_, times)| !times.is_empty())
        .collect();
    let key: Vec<Key> = curves
        .iter()
        .map(|(phase, _)| Key::new(phase.name(), Colour::of_phase(*phase)))
        .collect();
    let heading = Heading {
        name: "response-percentiles",
        title: "Response time of transactions, by percentile and phase",
        run: &data.run(),
        reading: "From the moment a transaction was meant to be sent until its block was seen. Further right: the slower few.",
        key: &key,
    };
    draw(&heading, 540.0, |canvas, frame| {
        let counts = curves.iter().map(|(_, times)| times.len());
        let Some(count) = counts.max() else {
            return nothing(canvas, frame, over_time::why_nothing(data));
        };
        let most = curves.iter().map(|(_, times)| times.max()).max().unwrap_or(0) as f64;
        let least = curves
            .iter()
            .map(|(_, times)| times.value_at_quantile(0.5))
            .min()
            .unwrap_or(0) as f64;
        let (unit, name) = time_unit(most);
        let wide = most > WIDE * least.max(1.0);
        let y = if wide {
            let floor = curves
                .iter()
                .map(|(_, times)| times.min())
                .min()
                .unwrap_or(1)
                .max(1);
            Scale::log(floor as f64 / unit, most / unit)
        } else {
            Scale::from_zero(most / unit, 6)
        };
        let logarithmic = if wide { ", logarithmic" } else { "" };
        let x = Scale::nines(count);
        let panel = Panel::draw(
            canvas,
            frame,
            16.0,
            &Axis {
                scale: x,
                caption: "percentile of transactions",
                ticks: 12,
                label: &percent,
            },
            &Axis {
                scale: y,
                caption: &format!("response time ({name}{logarithmic})"),
                ticks: 6,
                label: &number,
            },
        );
        for (phase, times) in &curves {
            let phase = *phase;
            let last = 1.0 - 1.0 / times.len() as f64;
            let nines = x.place(last);
            let Scale::Nines { to } = x else { continue };
            let curve = (0..=POINTS).map(|point| {
                let share = 1.0 - 10_f64.powf(-(nines * to * point as f64 / POINTS as f64));
                let value = if point == POINTS {
                    times.max()
                } else {
                    times.value_at_quantile(share)
                };
                (share, value.min(times.max()) as f64 / unit)
            });
            panel.line(curve, Colour::of_phase(phase), 2.4);
            panel.dot(last, times.max() as f64 / unit, 3.0, Colour::of_phase(phase));
        }
        let Scale::Nines { to } = x else { return };
        let share = |place: f64| 1.0 - 10_f64.powf(-to * place / PLACES as f64);
        for place in 0..PLACES {
            let [from, middle, until] = [0.0, 0.5, 1.0].map(|step| share(place as f64 + step));
            let mut text = exact_percent(middle);
            for (phase, times) in &curves {
                // Beyond its last transaction a curve has ended.
                if (1.0 - middle) * times.len() as f64 >= 1.0 {
                    let value = times.value_at_quantile(middle).min(times.max());
                    text.push_str(&format!("\n{}: {}", phase.name(), human::time_us(value)));
                }
            }
            panel.tell(from, until, &text);
        }
    })
}

/// A percentile with two digits more than its nines: `97.32 %`.
fn exact_percent(share: f64) -> String {
    let decimals = (-(1.0 - share).max(1e-12).log10()).floor() as usize;
    format!("{:.decimals$} %", share * 100.0)
}

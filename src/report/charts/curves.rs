//! Times by percentile, a curve per kind.

use hdrhistogram::Histogram;

use super::{
    canvas::{Canvas, Frame, Key},
    colour::Colour,
    panel::{Axis, Panel, nothing},
    scale::{Scale, percent, time_unit},
};
use crate::format::human;

/// Points of a curve.
const POINTS: usize = 400;
/// Places along the axis at which a web page tells the curves' values.
const PLACES: usize = 72;
/// The largest times over the smallest median beyond which the vertical axis is logarithmic.
const WIDE: f64 = 60.0;

/// Times of one kind, in µs.
pub(super) struct Curve<'a> {
    pub(super) name: &'static str,
    pub(super) colour: Colour,
    /// Width of its line in pixels.
    pub(super) width: f64,
    pub(super) times: &'a Histogram<u64>,
}

/// The key of these curves.
pub(super) fn key(curves: &[Curve<'_>]) -> Vec<Key> {
    curves
        .iter()
        .map(|curve| Key::new(curve.name, curve.colour))
        .collect()
}

/// Draws the curves: percentiles of what is called `of` along the times that are called `what`. Without any it says why.
pub(super) fn draw(
    canvas: &Canvas<'_>,
    frame: Frame,
    curves: &[Curve<'_>],
    (of, what): (&str, &str),
    why_nothing: &str,
) {
    let Some(count) = curves.iter().map(|curve| curve.times.len()).max() else {
        return nothing(canvas, frame, why_nothing);
    };
    let (y, unit) = vertical(curves, what);
    let x = Scale::nines(count);
    let panel = Panel::draw(
        canvas,
        frame,
        &Axis::new(x, 12, format!("percentile of {of}")).labelled(percent),
        &y,
    );
    let Scale::Nines { to } = x else { return };
    for Curve {
        colour, width, times, ..
    } in curves
    {
        let last = 1.0 - 1.0 / times.len() as f64;
        let nines = x.place(last);
        let curve = (0..=POINTS).map(|point| {
            let share = 1.0 - 10_f64.powf(-(nines * to * point as f64 / POINTS as f64));
            let value = if point == POINTS {
                times.max()
            } else {
                times.value_at_quantile(share)
            };
            (share, value.min(times.max()) as f64 / unit)
        });
        panel.line(curve, *colour, *width);
        panel.dot(last, times.max() as f64 / unit, 3.0, *colour);
    }
    let share = |place: f64| 1.0 - 10_f64.powf(-to * place / PLACES as f64);
    for place in 0..PLACES {
        let [from, middle, until] = [0.0, 0.5, 1.0].map(|step| share(place as f64 + step));
        let mut text = exact_percent(middle);
        for Curve { name, times, .. } in curves {
            // Beyond its last value a curve has ended.
            if (1.0 - middle) * times.len() as f64 >= 1.0 {
                let value = times.value_at_quantile(middle).min(times.max());
                text.push_str(&format!("\n{name}: {}", human::time_us(value)));
            }
        }
        panel.tooltip(from, until, &text);
    }
}

/// The vertical axis, and the µs of its unit.
fn vertical(curves: &[Curve<'_>], what: &str) -> (Axis, f64) {
    let times = || curves.iter().map(|curve| curve.times);
    let most = times().map(Histogram::max).max().unwrap_or(0) as f64;
    let median = times().map(|times| times.value_at_quantile(0.5)).min();
    let (unit, name) = time_unit(most);
    let axis = if most > WIDE * (median.unwrap_or(0) as f64).max(1.0) {
        let floor = times().map(Histogram::min).min().unwrap_or(1).max(1);
        let scale = Scale::log(floor as f64 / unit, most / unit);
        Axis::new(scale, 6, format!("{what} ({name}, logarithmic)"))
    } else {
        Axis::from_zero(most / unit, 6, format!("{what} ({name})"))
    };
    (axis, unit)
}

/// A percentile with two digits more than its nines: `97.32 %`.
fn exact_percent(share: f64) -> String {
    let decimals = (-(1.0 - share).max(1e-12).log10()).floor() as usize;
    format!("{:.decimals$} %", share * 100.0)
}

//! Gas of transactions per phase: how it is spread, not just its mean.

use super::{
    canvas::{Align, Canvas, Frame, Heading, Type, draw},
    colour::Colour,
    data::{ChartData, GasCounts},
    over_time,
    panel::{grid, nothing},
    picture::Picture,
    scale::Scale,
};
use crate::{format::human, protocol::Phase, record::Stats};

/// Height of a phase's row.
const ROW: f64 = 74.0;
/// Pixels of gas that are counted together.
const SLICE: f64 = 4.0;
/// Room for the phases' names, for the comparison of medians, and between that and the spread.
const NAMES: f64 = 88.0;
const MEDIANS: f64 = 300.0;
const GAP: f64 = 96.0;

pub(super) fn picture(data: &ChartData<'_>) -> Picture {
    let rows: Vec<(Phase, Stats)> = data
        .result
        .phases
        .iter()
        .filter(|(phase, _)| !phase.is_setup())
        .filter_map(|(phase, result)| Some((*phase, result.gas_used?)))
        .collect();
    let heading = Heading {
        name: "gas-per-phase",
        title: "Gas of transactions, by phase",
        run: &data.run(),
        reading: "Every transaction in a block, reverted ones too. Right: each phase at its own scale, from its lowest to its highest.",
        key: &[],
    };
    let height = 190.0 + ROW * rows.len().max(3) as f64;
    draw(&heading, height, |canvas, frame| {
        if rows.is_empty() {
            return nothing(canvas, frame, over_time::why_nothing(data));
        }
        let (top, bottom) = (frame.top + 32.0, frame.bottom - 34.0);
        let medians = Frame {
            left: frame.left + NAMES,
            top,
            right: frame.left + NAMES + MEDIANS,
            bottom,
        };
        let spread = Frame {
            left: medians.right + GAP,
            top,
            right: frame.right,
            bottom,
        };
        let most = rows.iter().map(|(_, gas)| gas.p50).max().unwrap_or(0) as f64;
        let scale = Scale::from_zero(most, 4);
        let x = |gas: f64| medians.left + scale.place(gas) * (medians.right - medians.left);
        grid(canvas, medians, scale, 4);
        canvas.text(medians.left, frame.top + 12.0, "median gas", Type::TEXT.bold());
        canvas.text(
            spread.left,
            frame.top + 12.0,
            "gas distribution",
            Type::TEXT.bold(),
        );
        for (row, (phase, gas)) in rows.iter().enumerate() {
            let floor = top + ROW * (row + 1) as f64 - 24.0;
            let (middle, colour) = (floor - 18.0, Colour::of_phase(*phase));
            canvas.text(frame.left, middle, phase.name(), Type::TEXT.bold());
            let median = x(gas.p50 as f64);
            canvas.rectangle(medians.left, floor - 32.0, median, floor - 4.0, colour, 1.0);
            canvas.text(median + 7.0, middle, &human::count(gas.p50), Type::TEXT);
            let own = Frame {
                bottom: floor,
                top: floor - ROW + 32.0,
                ..spread
            };
            match &data.transactions {
                Some(transactions) => shape(canvas, &transactions.gas[phase.index()], gas, own, colour),
                None => canvas.text(own.left, middle, "not known: no transactions.csv", Type::LABEL),
            }
            edges(canvas, gas, own);
            let row = Frame {
                left: frame.left,
                right: frame.right,
                ..own
            };
            let counted = human::counted(gas.count, "transaction");
            let mut text = format!("{}: {counted}", phase.name());
            let mean = gas.mean.round() as u64;
            for (name, gas) in [
                ("lowest", gas.min),
                ("median", gas.p50),
                ("mean", mean),
                ("p99", gas.p99),
                ("highest", gas.max),
            ] {
                text.push_str(&format!("\n{name}: {}", human::count(gas)));
            }
            canvas.tooltip(row, &text);
        }
        if data.transactions.is_none() {
            canvas.text(frame.left, frame.bottom, over_time::NO_TRANSACTIONS, Type::LABEL);
        }
    })
}

/// How many transactions used how much, as columns between the lowest and the highest; none is too small to be seen.
fn shape(canvas: &Canvas<'_>, values: &GasCounts, gas: &Stats, own: Frame, colour: Colour) {
    let width = own.right - own.left;
    let slices = (width / SLICE) as usize;
    let mut counts = vec![0_u64; slices];
    let range = (gas.max - gas.min).max(1) as f64;
    for (value, count) in values.iter() {
        let place = (value.clamp(gas.min, gas.max) - gas.min) as f64 / range;
        counts[((place * slices as f64) as usize).min(slices - 1)] += count;
    }
    if gas.min == gas.max {
        counts.fill(0);
        counts[slices / 2] = gas.count;
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    for (slice, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let left = own.left + slice as f64 * SLICE;
        let height = (*count as f64 / most * (own.bottom - own.top)).max(1.5);
        canvas.rectangle(left, own.bottom - height, left + SLICE, own.bottom, colour, 1.0);
    }
}

/// The floor of a phase's shape, and what its ends stand for.
fn edges(canvas: &Canvas<'_>, gas: &Stats, own: Frame) {
    canvas.line(
        [(own.left, own.bottom), (own.right, own.bottom)],
        Colour::Axis,
        1.0,
    );
    let below = own.bottom + 11.0;
    if gas.min == gas.max {
        let text = format!("all {}", human::count(gas.min));
        let centred = Type::LABEL.aligned(Align::Centre);
        return canvas.text((own.left + own.right) / 2.0, below, &text, centred);
    }
    canvas.text(own.left, below, &human::count(gas.min), Type::LABEL);
    let above = 100.0 * (gas.max - gas.min) as f64 / gas.min.max(1) as f64;
    let highest = format!("{} (+{})", human::count(gas.max), percentage(above));
    canvas.text(own.right, below, &highest, Type::LABEL.aligned(Align::Right));
}

/// A share in percent with the digits that matter.
fn percentage(percent: f64) -> String {
    let decimals = match percent {
        ..0.1 => 3,
        0.1..1.0 => 2,
        1.0..10.0 => 1,
        _ => 0,
    };
    format!("{percent:.decimals$} %")
}

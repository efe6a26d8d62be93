//! Chart of block fullness and base fee over the run.

use super::{
    canvas::{Frame, Heading, Key, draw},
    colour::Colour,
    data::ChartData,
    over_time,
    panel::{Axis, Panel, nothing, steps},
    picture::Picture,
    scale::{Scale, number},
};
use crate::scenario::units::format_gas_price;

pub(super) fn picture(data: &ChartData<'_>) -> Picture {
    let key = [
        Key::new("all blocks together", Colour::Sky).faint(0.6),
        Key::new("the fullest", Colour::Blue),
        Key::new("base fee", Colour::Vermilion),
    ];
    let bins = data
        .blocks
        .as_ref()
        .map(|blocks| blocks.bins.as_slice())
        .unwrap_or_default();
    let seen = || bins.iter().flatten();
    let low = seen().map(|bin| bin.base_fee.0).min().unwrap_or(0);
    let high = seen().map(|bin| bin.base_fee.1).max().unwrap_or(0);
    let moves = high > low;
    let heading = Heading {
        name: "blocks",
        title: "How full blocks were over the run",
        run: &data.run(),
        reading: &format!(
            "Gas used over gas limit of the blocks seen within each {}; everyone's transactions count.",
            over_time::width(data)
        ),
        key: if moves { &key } else { &key[..2] },
    };
    draw(&heading, if moves { 620.0 } else { 440.0 }, |canvas, frame| {
        if data.blocks.is_none() {
            return nothing(canvas, frame, over_time::NO_BLOCKS);
        }
        if seen().next().is_none() {
            return nothing(canvas, frame, "No block was seen.");
        }
        let divide = if moves {
            frame.top + (frame.bottom - frame.top) * 0.6
        } else {
            frame.bottom
        };
        let upper = Frame {
            bottom: divide,
            ..frame
        };
        let lower = Frame { top: divide, ..frame };
        let x = over_time::axis(data);
        let edges = |bin| over_time::edges(data, bin);

        let fullest = seen().map(|bin| bin.fullest).fold(0.0, f64::max);
        let y = Axis {
            scale: Scale::from_zero((fullest * 100.0).max(1.0), 5),
            caption: "share of the gas limit used (%)",
            ticks: 5,
            label: &number,
        };
        let panel = Panel::draw(canvas, upper, 16.0, &x.axis(), &y);
        over_time::mark_setup(data, &panel);
        let fullness = bins.iter().enumerate().map(|(number, bin)| {
            let (from, to) = edges(number);
            (
                from,
                to,
                bin.map(|bin| (bin.fullness() * 100.0, bin.fullest * 100.0)),
            )
        });
        for run in steps(fullness) {
            let area: Vec<_> = run.iter().map(|(x, (mean, _))| (*x, 0.0, *mean)).collect();
            panel.band(&area, Colour::Sky, 0.6);
            panel.line(
                run.iter().map(|(x, (_, fullest))| (*x, *fullest)),
                Colour::Blue,
                1.8,
            );
        }
        for (number, bin) in bins.iter().enumerate() {
            let Some(bin) = bin else { continue };
            let (from, to) = edges(number);
            let [mean, fullest] =
                [bin.fullness(), bin.fullest].map(|share| format!("{:.1} %", share * 100.0));
            let when = over_time::when(data, number);
            let text = format!("{when}\nall blocks together: {mean}\nthe fullest: {fullest}");
            panel.tooltip(from, to, &text);
        }
        if !moves {
            return;
        }

        let (unit, name) = fee_unit(high);
        let y = Axis {
            scale: Scale::from_zero(high as f64 / unit, 4),
            caption: &format!("base fee ({name} per gas)"),
            ticks: 4,
            label: &number,
        };
        let panel = Panel::draw(canvas, lower, 16.0, &x.axis(), &y);
        over_time::shade_setup(data, &panel);
        let fees = bins.iter().enumerate().map(|(number, bin)| {
            let (from, to) = edges(number);
            (from, to, bin.map(|bin| bin.base_fee))
        });
        for run in steps(fees) {
            let band: Vec<_> = run
                .iter()
                .map(|(x, (low, high))| (*x, *low as f64 / unit, *high as f64 / unit))
                .collect();
            panel.band(&band, Colour::Vermilion, 0.3);
            panel.line(
                run.iter().map(|(x, (_, high))| (*x, *high as f64 / unit)),
                Colour::Vermilion,
                2.0,
            );
        }
        for (bin, fees) in bins.iter().enumerate() {
            let Some((low, high)) = fees.map(|bin| bin.base_fee) else {
                continue;
            };
            let (from, to) = edges(bin);
            let when = over_time::when(data, bin);
            let [low, high] = [low, high].map(format_gas_price);
            panel.tooltip(from, to, &format!("{when}\nlowest: {low}\nhighest: {high}"));
        }
    })
}

/// The unit that suits fees up to this many wei.
const fn fee_unit(most: u64) -> (f64, &'static str) {
    match most {
        0..1_000_000 => (1.0, "wei"),
        _ => (1e9, "gwei"),
    }
}

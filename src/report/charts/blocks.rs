//! Chart of block fullness and base fee over the run.

use super::{
    canvas::{Heading, Key, draw},
    colour::Colour,
    data::{BlockBin, ChartData},
    over_time,
    panel::{Axis, nothing},
    picture::Picture,
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
        let [upper, lower] = frame.split(if moves { 0.6 } else { 1.0 });
        let fullest = seen().map(|bin| bin.fullest).fold(0.0, f64::max);
        let y = Axis::from_zero((fullest * 100.0).max(1.0), 5, "share of the gas limit used (%)");
        let panel = over_time::panel(data, canvas, upper, &y);
        let shares = |bin: BlockBin| [bin.fullness(), bin.fullest].map(|share| share * 100.0);
        for run in over_time::runs(data, bins.iter().map(|bin| bin.map(shares))) {
            let area: Vec<_> = run.iter().map(|(x, [mean, _])| (*x, 0.0, *mean)).collect();
            panel.band(&area, Colour::Sky, 0.6);
            panel.line(
                run.iter().map(|(x, [_, fullest])| (*x, *fullest)),
                Colour::Blue,
                1.8,
            );
        }
        over_time::tooltips(data, &panel, |bin| {
            let [mean, fullest] = shares(bins[bin]?);
            Some(format!(
                "\nall blocks together: {mean:.1} %\nthe fullest: {fullest:.1} %"
            ))
        });
        if !moves {
            return;
        }
        let (unit, name) = fee_unit(high);
        let y = Axis::from_zero(high as f64 / unit, 4, format!("base fee ({name} per gas)"));
        let panel = over_time::panel_below(data, canvas, lower, &y);
        for run in over_time::runs(data, bins.iter().map(|bin| bin.map(|bin| bin.base_fee))) {
            let band = run
                .iter()
                .map(|(x, (low, high))| (*x, *low as f64 / unit, *high as f64 / unit));
            let band: Vec<_> = band.collect();
            panel.band(&band, Colour::Vermilion, 0.3);
            panel.line(
                band.iter().map(|(x, _, high)| (*x, *high)),
                Colour::Vermilion,
                2.0,
            );
        }
        over_time::tooltips(data, &panel, |bin| {
            let (low, high) = bins[bin]?.base_fee;
            let [low, high] = [low, high].map(format_gas_price);
            Some(format!("\nlowest: {low}\nhighest: {high}"))
        });
    })
}

/// The unit that suits fees up to this many wei.
const fn fee_unit(most: u64) -> (f64, &'static str) {
    match most {
        0..1_000_000 => (1.0, "wei"),
        _ => (1e9, "gwei"),
    }
}

//! Areas on top of each other.

use super::{canvas::Key, colour::Colour, data::ChartData, over_time, panel::Panel};
use crate::format::human;

/// Values per bin, drawn as an area.
pub(super) struct Layer<'a> {
    pub(super) name: &'a str,
    pub(super) colour: Colour,
    pub(super) values: Vec<f64>,
}

/// The key of these layers.
pub(super) fn key<'a>(layers: impl IntoIterator<Item = &'a Layer<'a>>) -> Vec<Key> {
    let layers = layers.into_iter();
    layers.map(|layer| Key::new(layer.name, layer.colour)).collect()
}

/// Draws layers on top of each other, the first at the bottom, and says what they are in `unit` in each bin in which there
/// is any, to whoever points at it in a web page.
pub(super) fn stack(data: &ChartData<'_>, panel: &Panel<'_, '_>, layers: &[Layer<'_>], unit: &str) {
    let mut floor = vec![0.0; tops(layers).len()];
    for Layer { colour, values, .. } in layers {
        // Only stretches with something in them: no hairline where a layer is empty.
        let there = values.iter().map(|value| (*value > 0.0).then_some(()));
        let mut bin = 0;
        for run in over_time::runs(data, there) {
            while values[bin] <= 0.0 {
                bin += 1;
            }
            let mut band = Vec::new();
            for ends in run.chunks_exact(2) {
                let top = floor[bin] + values[bin];
                band.extend(ends.iter().map(|(x, ())| (*x, floor[bin], top)));
                floor[bin] = top;
                bin += 1;
            }
            panel.band(&band, *colour, 1.0);
        }
    }
    let tops = tops(layers);
    over_time::tooltips(data, panel, |bin| {
        let all = tops.get(bin).copied().filter(|all| *all > 0.0)?;
        let mut text = String::new();
        for Layer { name, values, .. } in layers {
            let value = values.get(bin).copied().unwrap_or_default();
            if value > 0.0 {
                text.push_str(&format!("\n{name}: {}{unit}", human::rate(value)));
            }
        }
        if layers.len() > 1 {
            text.push_str(&format!("\nall: {}{unit}", human::rate(all)));
        }
        Some(text)
    });
}

/// The height of all layers together where it is the largest.
pub(super) fn top(layers: &[Layer<'_>]) -> f64 {
    tops(layers).into_iter().fold(0.0, f64::max)
}

/// The height of all layers together, per bin.
fn tops(layers: &[Layer<'_>]) -> Vec<f64> {
    let bins = layers.iter().map(|layer| layer.values.len()).max().unwrap_or(0);
    (0..bins)
        .map(|bin| layers.iter().filter_map(|layer| layer.values.get(bin)).sum())
        .collect()
}

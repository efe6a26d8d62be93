//! Areas on top of each other.

use super::{colour::Colour, data::ChartData, over_time, panel::Panel};
use crate::format::human;

/// Draws layers of values per bin on top of each other, the first at the bottom, each bin as wide as `edges` says.
pub(super) fn stack(
    panel: &Panel<'_, '_>,
    layers: &[(Colour, Vec<f64>)],
    edges: impl Fn(usize) -> (f64, f64),
) {
    let bins = layers.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    let mut floor = vec![0.0; bins];
    for (colour, values) in layers {
        if values.iter().all(|value| *value <= 0.0) {
            continue;
        }
        // Only stretches with something in them: no hairline where a layer is empty.
        let mut bin = 0;
        while bin < values.len() {
            if values[bin] <= 0.0 {
                bin += 1;
                continue;
            }
            let mut band = Vec::new();
            while bin < values.len() && values[bin] > 0.0 {
                let (from, to) = edges(bin);
                let top = floor[bin] + values[bin];
                band.extend([(from, floor[bin], top), (to, floor[bin], top)]);
                floor[bin] = top;
                bin += 1;
            }
            panel.band(&band, *colour, 1.0);
        }
    }
}

/// Says what the layers are in each bin in which there is any, to whoever points at it in a web page.
pub(super) fn tooltip(
    data: &ChartData<'_>,
    panel: &Panel<'_, '_>,
    layers: &[(Colour, Vec<f64>)],
    names: &[&str],
    unit: &str,
) {
    for (bin, all) in tops(layers).into_iter().enumerate() {
        if all <= 0.0 {
            continue;
        }
        let mut text = over_time::when(data, bin);
        for (name, (_, values)) in names.iter().zip(layers) {
            let value = values.get(bin).copied().unwrap_or_default();
            if value > 0.0 {
                text.push_str(&format!("\n{name}: {}{unit}", human::rate(value)));
            }
        }
        if layers.len() > 1 {
            text.push_str(&format!("\nall: {}{unit}", human::rate(all)));
        }
        let (from, to) = over_time::edges(data, bin);
        panel.tooltip(from, to, &text);
    }
}

/// The height of all layers together, per bin.
pub(super) fn tops(layers: &[(Colour, Vec<f64>)]) -> Vec<f64> {
    let bins = layers.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    (0..bins)
        .map(|bin| layers.iter().filter_map(|(_, values)| values.get(bin)).sum())
        .collect()
}

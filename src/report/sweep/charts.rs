//! The charts of a sweep: what was measured against each key that has numbers for values.

use super::table::ran;
use crate::{
    metric::Unit,
    report::charts::{Picture, SweepChart, SweepLine, SweepPoint},
    sweep::{Cell, Combination, Distribution, Grid, MeanInterval, Measured, Results, Vary},
    units::{Rate, parse_duration},
};

/// A chart per number that is put together over seeds and key with two values or more that are numbers, times or rates.
/// Where several keys are varied, there is a line per combination of the others. Each has a name for its files.
#[must_use]
pub fn sweep_pictures(
    scenario: &str,
    grid: &Grid,
    cells: &[Cell],
    results: &Results,
) -> Vec<(String, Picture)> {
    let run = format!("{scenario} · {}", ran(cells, results));
    let combinations = &Combination::all(grid, results);
    let keys: Vec<&Vary> = grid.varied().iter().filter(|vary| !vary.is_seed()).collect();
    let mut pictures = Vec::new();
    for (place, vary) in keys.iter().enumerate() {
        let Some(axis) = Axis::of(vary).filter(|_| vary.values.len() > 1) else {
            continue;
        };
        for measured in Measured::all() {
            let chart = SweepChart {
                run: run.clone(),
                metric: measured.meaning(),
                unit: match measured.unit() {
                    Unit::Count => String::new(),
                    unit => unit.name().to_owned(),
                },
                varied: axis.caption.clone(),
                band: band(combinations, measured),
                lines: lines(&keys, place, &axis, combinations, measured),
            };
            let name = format!("{}-by-{}", measured.name(), vary.key);
            pictures.push((file_name(&name), chart.picture()));
        }
    }
    pictures
}

/// A key's values as numbers.
struct Axis {
    caption: String,
    /// In the order of the key's values.
    numbers: Vec<f64>,
}

impl Axis {
    /// `None` if not all values are numbers, or times, or rates per second.
    fn of(vary: &Vary) -> Option<Self> {
        let all = |read: fn(&str) -> Option<f64>| {
            let values = vary.values.iter().map(|value| value.trim_matches(['"', '\'']));
            values.map(read).collect::<Option<Vec<f64>>>()
        };
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
        let seconds = |text: &str| parse_duration(text).ok().map(|time| time.as_secs_f64());
        let rate = |text: &str| Rate::parse(text).ok()?.per_second_of_time();
        let axis = |numbers, unit: &str| Self {
            caption: format!("{}{unit}", vary.key),
            numbers,
        };
        all(number)
            .map(|numbers| axis(numbers, ""))
            .or_else(|| all(seconds).map(|numbers| axis(numbers, " (s)")))
            .or_else(|| all(rate).map(|numbers| axis(numbers, " (per second)")))
    }
}

/// A line per combination of the other keys than the one at `place`.
fn lines(
    keys: &[&Vary],
    place: usize,
    axis: &Axis,
    combinations: &[Combination],
    measured: Measured,
) -> Vec<SweepLine> {
    let mut lines: Vec<SweepLine> = Vec::new();
    for combination in combinations {
        let values = keys.iter().map(|key| combination.values[&key.key].as_str());
        let values: Vec<&str> = values.collect();
        let others = keys.iter().zip(&values).enumerate();
        let others = others.filter(|(other, _)| *other != place);
        let name: Vec<String> = others
            .map(|(_, (key, value))| format!("{} {value}", key.key))
            .collect();
        let name = name.join(", ");
        let value = keys[place].values.iter().position(|value| value == values[place]);
        let (Some(value), Some(estimate)) = (value, combination.estimate(measured)) else {
            continue;
        };
        let line = lines
            .iter()
            .position(|line| line.name == name)
            .unwrap_or_else(|| {
                lines.push(SweepLine {
                    name,
                    points: Vec::new(),
                });
                lines.len() - 1
            });
        lines[line].points.push(point(axis.numbers[value], estimate));
    }
    for line in &mut lines {
        line.points.sort_by(|one, other| one.x.total_cmp(&other.x));
    }
    lines
}

/// Where so few runs tell no interval, there is no band. No quantity is negative, so neither is the lower end.
fn point(x: f64, estimate: MeanInterval) -> SweepPoint {
    SweepPoint {
        x,
        mean: estimate.mean,
        low: estimate.low.unwrap_or(estimate.mean).max(0.0),
        high: estimate.high.unwrap_or(estimate.mean),
    }
}

/// What the bands of a measured number are.
fn band(combinations: &[Combination], measured: Measured) -> String {
    let done = || combinations.iter().map(|combination| combination.done);
    let (least, most) = (done().min().unwrap_or_default(), done().max().unwrap_or_default());
    let up_to = if least == most { "" } else { "up to " };
    match measured.distribution() {
        _ if most <= 1 => "none, since there is one seed per setting".to_owned(),
        Distribution::Normal => {
            format!(
                "95 % confidence of the mean over {up_to}{most} seeds (Student's t), none where all are alike"
            )
        }
        Distribution::Unknown if most >= MeanInterval::LEAST_RUNS => {
            format!("the range of {up_to}{most} seeds, which covers the median over all seeds with 95 %")
        }
        Distribution::Unknown => format!(
            "none, since fewer than {} seeds tell no interval of a percentile",
            MeanInterval::LEAST_RUNS
        ),
    }
}

fn file_name(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    text.chars().map(|c| if safe(c) { c } else { '-' }).collect()
}

//! Results of a sweep: a metric against what was varied, with the spread over seeds.

use super::{
    alternate::strokes,
    canvas::{Heading, Key, draw},
    colour::Colour,
    panel::{Axis, Panel, nothing},
    picture::Picture,
    scale::{Scale, time_unit},
};

/// One metric of a sweep.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SweepChart {
    /// What ran, for the chart's second line.
    pub run: String,
    /// The metric, such as `response time of commit, p99`.
    pub metric: String,
    /// Its unit; `µs` are drawn in the unit that suits them.
    pub unit: String,
    /// What the horizontal axis varies, such as `miners.count`.
    pub varied: String,
    /// What the bands are, such as `95 % confidence of the mean over 5 seeds`.
    pub band: String,
    /// A line per setting of everything else that was varied; the first seven are drawn.
    pub lines: Vec<SweepLine>,
}

/// The cells of a sweep that differ in one thing alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SweepLine {
    /// What sets it apart, such as `redundancy 3`; empty if there is one line.
    pub name: String,
    /// Its points, by ascending x.
    pub points: Vec<SweepPoint>,
}

/// The cells of a sweep that differ in their seeds alone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SweepPoint {
    /// The value of what was varied.
    pub x: f64,
    /// The mean over seeds.
    pub mean: f64,
    /// The lower end of the band.
    pub low: f64,
    /// The upper end of the band.
    pub high: f64,
}

const COLOURS: [Colour; 7] = [
    Colour::Blue,
    Colour::Orange,
    Colour::Green,
    Colour::Purple,
    Colour::Sky,
    Colour::Vermilion,
    Colour::Grey,
];
/// Largest over smallest value beyond which the horizontal axis is logarithmic: 10, 100, 1000 stand at equal distances.
const WIDE: f64 = 20.0;

impl SweepChart {
    /// The chart.
    #[must_use]
    pub fn picture(&self) -> Picture {
        let drawn = || self.lines.iter().zip(COLOURS);
        let named = drawn().filter(|(line, _)| !line.name.is_empty());
        let key: Vec<Key> = named
            .map(|(line, colour)| Key::new(line.name.clone(), colour))
            .collect();
        let title = format!("{}, by {}", capitalised(&self.metric), self.varied);
        let left_out = self.lines.len().saturating_sub(COLOURS.len());
        let more = if left_out > 0 {
            format!(" {left_out} more lines are left out.")
        } else {
            String::new()
        };
        let heading = Heading {
            name: "sweep",
            title: &title,
            run: &self.run,
            reading: &format!("A dot per setting. Band: {}.{more}", self.band),
            key: &key,
        };
        draw(&heading, 520.0, |canvas, frame| {
            let points = || drawn().flat_map(|(line, _)| &line.points);
            if points().next().is_none() {
                return nothing(canvas, frame, "No cell of the sweep has this metric.");
            }
            let most = points()
                .map(|point| point.high.max(point.mean))
                .fold(0.0, f64::max);
            let (unit, name) = match self.unit.as_str() {
                "µs" => time_unit(most),
                other => (1.0, other),
            };
            let least_x = points().map(|point| point.x).fold(f64::INFINITY, f64::min);
            let most_x = points().map(|point| point.x).fold(f64::NEG_INFINITY, f64::max);
            let x = if least_x > 0.0 && most_x > WIDE * least_x {
                Scale::log(least_x, most_x)
            } else if most_x > least_x {
                let pad = (most_x - least_x) * 0.03;
                Scale::between(least_x - pad, most_x + pad)
            } else {
                Scale::between(least_x - 1.0, least_x + 1.0)
            };
            let unit_name = if name.is_empty() {
                String::new()
            } else {
                format!(" ({name})")
            };
            let panel = Panel::draw(
                canvas,
                frame,
                &Axis::new(x, 8, self.varied.as_str()),
                &Axis::from_zero(most / unit, 6, format!("{}{unit_name}", self.metric)),
            );
            for (line, colour) in drawn() {
                let band: Vec<_> = line
                    .points
                    .iter()
                    .map(|point| (point.x, point.low / unit, point.high / unit))
                    .collect();
                panel.band(&band, colour, 0.2);
            }
            let places = drawn().map(|(line, _)| {
                let points = line.points.iter();
                points
                    .map(|point| (panel.x(point.x), panel.y(point.mean / unit)))
                    .collect()
            });
            let strokes = strokes(&places.collect::<Vec<_>>());
            for ((line, colour), strokes) in drawn().zip(strokes) {
                for stroke in strokes {
                    canvas.line(stroke, colour, 2.2);
                }
                for point in &line.points {
                    panel.line(
                        [(point.x, point.low / unit), (point.x, point.high / unit)],
                        colour,
                        1.2,
                    );
                    panel.dot(point.x, point.mean / unit, 3.5, colour);
                }
            }
        })
    }
}

/// A text that begins as a title does.
fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

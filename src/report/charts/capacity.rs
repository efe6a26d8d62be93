//! Latency versus load: what a capacity search measured.

use super::{
    canvas::{Heading, Key, draw},
    colour::Colour,
    panel::{Axis, Panel, nothing},
    picture::Picture,
    scale::{Scale, number, time_unit},
};

/// The steps of a capacity search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LatencyVersusLoad {
    /// What ran, for the chart's second line: scenario, seed, chain and clock.
    pub run: String,
    /// What the times are of, such as `task total`.
    pub metric: String,
    /// What had to hold besides a backlog that does not grow, as it was asked for.
    pub holds: Vec<String>,
    /// The highest load that held, in tasks per second; `None` if none did.
    pub limit_per_s: Option<f64>,
    /// The steps, in any order; several of one load are drawn each.
    pub steps: Vec<LoadStep>,
}

/// A step: one run at one load.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LoadStep {
    /// The load that was offered, in tasks per second.
    pub offered_per_s: f64,
    /// Median in µs; `None` if nothing was measured.
    pub p50_us: Option<f64>,
    /// 90th percentile in µs.
    pub p90_us: Option<f64>,
    /// 99th percentile in µs.
    pub p99_us: Option<f64>,
    /// Whether all that had to hold did.
    pub held: bool,
}

/// One of a step's percentiles.
type Percentile = fn(&LoadStep) -> Option<f64>;

/// Largest over smallest time beyond which the vertical axis is logarithmic.
const WIDE: f64 = 30.0;

impl LatencyVersusLoad {
    /// The chart: a line per percentile through the medians of the steps at each load; dots are smaller where it did not hold.
    #[must_use]
    pub fn picture(&self) -> Picture {
        let lines: [(&str, Colour, Percentile); 3] = [
            ("p99", Colour::Vermilion, |step| step.p99_us),
            ("p90", Colour::Orange, |step| step.p90_us),
            ("median", Colour::Blue, |step| step.p50_us),
        ];
        let mut key: Vec<Key> = lines
            .iter()
            .map(|(name, colour, _)| Key::new(*name, *colour))
            .collect();
        key.push(Key::new("does not hold", Colour::Grey).faint(0.35));
        let held = if self.holds.is_empty() {
            String::new()
        } else {
            format!(", {}", self.holds.join(" and "))
        };
        let title = format!("Latency versus load: {}", self.metric);
        let heading = Heading {
            name: "latency-versus-load",
            title: &title,
            run: &self.run,
            reading: &format!(
                "Dots are runs, small if they do not hold; lines the middle of each load. To hold: no growing backlog{held}."
            ),
            key: &key,
        };
        draw(&heading, 540.0, |canvas, frame| {
            let values = || {
                let steps = self.steps.iter();
                steps.flat_map(|step| lines.iter().filter_map(move |(.., value)| value(step)))
            };
            let most = values().fold(0.0, f64::max);
            let least = values().fold(f64::INFINITY, f64::min);
            if most <= 0.0 {
                return nothing(canvas, frame, "No step measured anything.");
            }
            let (unit, name) = time_unit(most);
            let wide = most > WIDE * least.max(1.0);
            let loads = self.steps.iter().map(|step| step.offered_per_s);
            let y = if wide {
                let scale = Scale::log(least / unit, most / unit);
                Axis::new(scale, 6, format!("time ({name}, logarithmic)"))
            } else {
                Axis::from_zero(most / unit, 6, format!("time ({name})"))
            };
            let panel = Panel::draw(
                canvas,
                frame,
                &Axis::from_zero(loads.fold(0.0, f64::max), 8, "offered load (tasks per second)"),
                &y,
            );
            if let Some((from, to)) = self.not_held() {
                // The key says what it is; a label would lie under that of the limit.
                panel.mark(from, to, "");
            }
            for (_, colour, value) in &lines {
                let line = self.middles(value);
                panel.line(line.iter().map(|(load, time)| (*load, time / unit)), *colour, 2.2);
                for step in &self.steps {
                    if let Some(time) = value(step) {
                        let radius = if step.held { 3.5 } else { 2.2 };
                        panel.dot(step.offered_per_s, time / unit, radius, *colour);
                    }
                }
            }
            if let Some(limit) = self.limit_per_s {
                panel.limit(limit, &format!("holds up to {} tasks/s", number(limit)));
            }
        })
    }

    /// The median of the steps at each load, by load.
    fn middles(&self, value: &dyn Fn(&LoadStep) -> Option<f64>) -> Vec<(f64, f64)> {
        let mut points: Vec<(f64, f64)> = self
            .steps
            .iter()
            .filter_map(|step| Some((step.offered_per_s, value(step)?)))
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        points
            .chunk_by(|a, b| a.0 == b.0)
            .map(|same| same[same.len() / 2])
            .collect()
    }

    /// From the highest load that held to the highest that was tried.
    fn not_held(&self) -> Option<(f64, f64)> {
        let most = self
            .steps
            .iter()
            .map(|step| step.offered_per_s)
            .fold(0.0, f64::max);
        let from = self.limit_per_s.unwrap_or(0.0);
        (most > from).then_some((from, most))
    }
}

//! The state machine of a task: phases in a row, the ways from one to another, and the outcomes at the right.
//!
//! All phases in which a task is open stand in one frame. What may happen in any of them starts at the frame itself. Ways
//! that lead past a phase run below the row, each on a line of its own.

use std::fmt::Write as _;

use super::{
    canvas::{Align, Type},
    colour::Colour,
    font,
    picture::{Picture, escaped},
};

/// Height of a phase and of an outcome.
const BOX: f64 = 44.0;
/// Room beside a text in its box.
const INSET: f64 = 18.0;
/// Least room between two boxes.
const GAP: f64 = 48.0;
/// Room around the row in its frame, and around the drawing.
const MARGIN: f64 = 28.0;
/// Height of a line of labels.
const LINE: f64 = 17.0;
/// Height of a way below the row.
const LEVEL: f64 = 26.0;
/// Widest label.
const WIDEST: f64 = 240.0;

/// A state machine to draw.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct StateChart {
    /// The protocol's name.
    pub title: String,
    /// The phases; a task is open in all but the first.
    pub phases: Vec<String>,
    /// The outcomes, and whether each is a failure.
    pub outcomes: Vec<(String, bool)>,
    /// The ways between them.
    pub arrows: Vec<Arrow>,
}

/// A way from one state to another.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Arrow {
    /// Where it begins.
    pub from: ArrowStart,
    /// Where it ends.
    pub to: ArrowEnd,
    /// What makes a task go it.
    pub label: String,
}

/// Where a way begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ArrowStart {
    /// At the submission.
    Submission,
    /// In this phase.
    Phase(usize),
    /// In whichever phase the task is open.
    Open,
}

/// Where a way ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ArrowEnd {
    /// In this phase.
    Phase(usize),
    /// With this outcome.
    Outcome(usize),
}

/// The ways between the same two states, as one line with all labels.
struct Way {
    from: ArrowStart,
    to: ArrowEnd,
    labels: Vec<String>,
}

impl Way {
    fn width(&self) -> f64 {
        let widths = self
            .labels
            .iter()
            .map(|label| font::width(label, Type::LABEL.size, false));
        widths.fold(0.0, f64::max)
    }

    fn height(&self) -> f64 {
        self.labels.len() as f64 * LINE
    }
}

impl StateChart {
    /// The drawing.
    #[must_use]
    pub fn picture(&self) -> Picture {
        let ways = self.ways();
        let layout = Layout::of(self, &ways);
        let mut drawing = Drawing::default();
        drawing.paper(layout.width, layout.height);
        drawing.text(MARGIN, 30.0, &self.title, Type::TITLE);
        if self.phases.len() > 1 {
            drawing.frame(&layout);
        }
        for (place, (left, width)) in layout.phases.iter().enumerate() {
            drawing.state(
                *left,
                layout.row,
                *width,
                &self.phases[place],
                Colour::Blue,
                false,
            );
        }
        for (place, (name, failed)) in self.outcomes.iter().enumerate() {
            let colour = if *failed { Colour::Vermilion } else { Colour::Green };
            drawing.state(
                layout.ends,
                layout.outcomes[place],
                layout.end_width,
                name,
                colour,
                true,
            );
        }
        let mut level = 0;
        for way in &ways {
            drawing.way(way, &layout, &mut level);
        }
        Picture {
            name: "states",
            title: format!("States of a task of {}", self.title),
            description: "Phases of a task, what leads from one to another, and how it ends.".to_owned(),
            size: (layout.width as u32, layout.height as u32),
            drawing: drawing.svg,
            spots: String::new(),
            units: 1,
        }
    }

    /// The ways, those between the same states together, in the order of the first of each.
    fn ways(&self) -> Vec<Way> {
        let mut ways: Vec<Way> = Vec::new();
        for arrow in &self.arrows {
            let label = font::fitted(&arrow.label, WIDEST, Type::LABEL.size, false);
            match ways
                .iter_mut()
                .find(|way| way.from == arrow.from && way.to == arrow.to)
            {
                Some(way) if way.labels.contains(&label) => {}
                Some(way) => way.labels.push(label),
                None => ways.push(Way {
                    from: arrow.from,
                    to: arrow.to,
                    labels: vec![label],
                }),
            }
        }
        ways
    }
}

/// Where everything stands.
struct Layout {
    /// The top of the phases' boxes.
    row: f64,
    /// Left edge and width of each phase.
    phases: Vec<(f64, f64)>,
    /// The frame around open phases: left, top, right, bottom.
    frame: [f64; 4],
    /// Left edge and width of the outcomes, and the top of each.
    ends: f64,
    end_width: f64,
    outcomes: Vec<f64>,
    width: f64,
    height: f64,
}

impl Layout {
    fn of(chart: &StateChart, ways: &[Way]) -> Self {
        let room = |from: ArrowStart, to: ArrowEnd| {
            let here = ways.iter().filter(|way| way.from == from && way.to == to);
            here.map(|way| way.width() + 36.0).fold(GAP, f64::max)
        };
        let above = |to: usize| {
            let here = ways
                .iter()
                .filter(|way| way.from == ArrowStart::Open && way.to == ArrowEnd::Phase(to));
            here.map(Way::height).fold(0.0, f64::max)
        };
        let most_above = (0..chart.phases.len()).map(above).fold(0.0, f64::max);
        let straight = ways
            .iter()
            .filter(|way| is_straight(way))
            .map(Way::height)
            .fold(0.0, f64::max);
        let top = 56.0;
        let row = top + 24.0 + (most_above + 12.0).max(straight - BOX / 2.0 + 12.0);
        let mut left = MARGIN;
        let mut phases = Vec::new();
        for (place, name) in chart.phases.iter().enumerate() {
            if place > 0 {
                let start = if place == 1 {
                    ArrowStart::Submission
                } else {
                    ArrowStart::Phase(place - 1)
                };
                let beside = if place == 1 { MARGIN } else { 0.0 };
                left += room(start, ArrowEnd::Phase(place)) + beside;
            }
            let label = ways
                .iter()
                .filter(|way| way.from == ArrowStart::Open && way.to == ArrowEnd::Phase(place));
            let label = label.map(|way| way.width() + 16.0).fold(0.0, f64::max);
            let width = (font::width(name, Type::TEXT.size, true) + 2.0 * INSET)
                .max(84.0)
                .max(label);
            phases.push((left, width));
            left += width;
        }
        let rows = ways
            .iter()
            .filter(|way| !is_straight(way) && way.from != ArrowStart::Open);
        let rows: f64 = rows.map(|way| LEVEL.max(way.height() + 9.0)).sum();
        let outcomes_height = chart.outcomes.len() as f64 * (BOX + 22.0) - 22.0;
        let bottom = (row + BOX + 18.0 + rows + 10.0).max(row + outcomes_height + 10.0);
        let frame_left = phases.get(1).map_or(left, |(left, _)| left - MARGIN);
        let frame = [frame_left, top, left + MARGIN, bottom];
        let to_ends = ways.iter().filter(|way| {
            matches!(
                (way.from, way.to),
                (ArrowStart::Open | ArrowStart::Submission, ArrowEnd::Outcome(_))
            )
        });
        let ends = frame[2] + to_ends.map(|way| way.width() + 44.0).fold(GAP + 24.0, f64::max);
        let names = chart
            .outcomes
            .iter()
            .map(|(name, _)| font::width(name, Type::TEXT.size, true));
        let end_width = (names.fold(0.0, f64::max) + 2.0 * INSET).max(84.0);
        Self {
            row,
            phases,
            frame,
            ends,
            end_width,
            outcomes: (0..chart.outcomes.len())
                .map(|place| row + place as f64 * (BOX + 22.0))
                .collect(),
            width: (ends + end_width + MARGIN).ceil(),
            height: (bottom + MARGIN).ceil(),
        }
    }

    fn middle(&self, phase: usize) -> f64 {
        let (left, width) = self.phases[phase];
        left + width / 2.0
    }
}

/// Whether a way goes straight to the next box.
fn is_straight(way: &Way) -> bool {
    match (way.from, way.to) {
        (ArrowStart::Submission, ArrowEnd::Phase(to)) => to == 1,
        (ArrowStart::Phase(from), ArrowEnd::Phase(to)) => to == from + 1,
        _ => false,
    }
}

/// The drawing so far.
#[derive(Default)]
struct Drawing {
    svg: String,
}

impl Drawing {
    fn paper(&mut self, width: f64, height: f64) {
        self.rectangle([0.0, 0.0, width, height], 0.0, &fill(Colour::Paper));
    }

    fn rectangle(&mut self, [left, top, width, height]: [f64; 4], radius: f64, style: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(
            self.svg,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{radius}\" {style}/>"
        );
    }

    fn text(&mut self, x: f64, y: f64, text: &str, style: Type) {
        let anchor = match style.align {
            Align::Left => "start",
            Align::Centre => "middle",
            Align::Right => "end",
        };
        let weight = if style.bold { 600 } else { 400 };
        let _ = writeln!(
            self.svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-family=\"{}\" font-size=\"{}\" font-weight=\"{weight}\" \
             text-anchor=\"{anchor}\" {}>{}</text>",
            font::FAMILY,
            style.size,
            fill(style.colour),
            escaped(text)
        );
    }

    /// The frame around the phases in which a task is open.
    fn frame(&mut self, layout: &Layout) {
        let [left, top, right, bottom] = layout.frame;
        let style = format!(
            "fill=\"none\" {} stroke-dasharray=\"5 4\"",
            stroke(Colour::Axis, 1.0)
        );
        self.rectangle([left, top, right - left, bottom - top], 10.0, &style);
        self.text(left + 10.0, top + 16.0, "open", Type::LABEL);
    }

    /// A phase, or an outcome with a double edge.
    fn state(&mut self, left: f64, top: f64, width: f64, name: &str, colour: Colour, is_end: bool) {
        let style = format!("{} {}", fill(Colour::Paper), stroke(colour, 2.0));
        let radius = if is_end { BOX / 2.0 } else { 6.0 };
        self.rectangle([left, top, width, BOX], radius, &style);
        if is_end {
            let inner = format!("fill=\"none\" {}", stroke(colour, 1.0));
            self.rectangle(
                [left + 4.0, top + 4.0, width - 8.0, BOX - 8.0],
                radius - 4.0,
                &inner,
            );
        }
        let style = Type::TEXT.bold().aligned(Align::Centre);
        self.text(left + width / 2.0, top + BOX / 2.0 + 4.5, name, style);
    }

    fn way(&mut self, way: &Way, layout: &Layout, level: &mut usize) {
        let middle = layout.row + BOX / 2.0;
        let [_, frame_top, frame_right, _] = layout.frame;
        match (way.from, way.to) {
            _ if is_straight(way) => {
                let ArrowEnd::Phase(to) = way.to else { return };
                let (before, width) = layout.phases[to - 1];
                let [start, end] = [before + width, layout.phases[to].0];
                self.arrow(&[(start, middle), (end, middle)]);
                // Beside the frame's edge, which the first way crosses.
                let end = if to == 1 { layout.frame[0] } else { end };
                self.labels(way, f64::midpoint(start, end), middle - 7.0, Align::Centre, false);
            }
            (ArrowStart::Open, ArrowEnd::Phase(to)) => {
                let x = layout.middle(to);
                self.arrow(&[(x, frame_top), (x, layout.row)]);
                self.labels(way, x + 8.0, layout.row - 12.0, Align::Left, false);
            }
            (ArrowStart::Open, ArrowEnd::Outcome(to)) => {
                let y = layout.outcomes[to] + BOX / 2.0;
                self.arrow(&[(frame_right, y), (layout.ends, y)]);
                self.labels(way, frame_right + 10.0, y - 7.0, Align::Left, false);
            }
            (from, to) => {
                let from = if let ArrowStart::Phase(from) = from {
                    from
                } else {
                    0
                };
                let start = layout.middle(from) + 10.0;
                let y = layout.row + BOX + 24.0 + *level as f64 * LEVEL;
                *level += way.labels.len();
                let bottom = layout.row + BOX;
                let end = match to {
                    ArrowEnd::Phase(to) => {
                        let end = layout.middle(to) - 10.0;
                        self.arrow(&[(start, bottom), (start, y), (end, y), (end, bottom)]);
                        end
                    }
                    ArrowEnd::Outcome(to) => {
                        let end = layout.ends - 16.0 - to as f64 * 7.0;
                        let at = layout.outcomes[to] + BOX / 2.0 + 8.0;
                        self.arrow(&[
                            (start, bottom),
                            (start, y),
                            (end, y),
                            (end, at),
                            (layout.ends, at),
                        ]);
                        end
                    }
                };
                self.labels(way, f64::midpoint(start, end), y + 4.5, Align::Centre, true);
            }
        }
    }

    /// Labels, the last of which stands at this height; on paper of their own if they stand on a line.
    fn labels(&mut self, way: &Way, x: f64, y: f64, align: Align, on_line: bool) {
        for (place, label) in way.labels.iter().rev().enumerate() {
            let y = if on_line {
                y + place as f64 * LINE
            } else {
                y - place as f64 * LINE
            };
            if on_line {
                let width = font::width(label, Type::LABEL.size, false) + 10.0;
                self.rectangle(
                    [x - width / 2.0, y - 13.0, width, LINE],
                    0.0,
                    &fill(Colour::Paper),
                );
            }
            self.text(x, y, label, Type::LABEL.aligned(align));
        }
    }

    /// A line through these places, with a head at its end.
    fn arrow(&mut self, places: &[(f64, f64)]) {
        let line: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(
            self.svg,
            "<polyline points=\"{}\" fill=\"none\" {}/>",
            line.join(" "),
            stroke(Colour::Ink, 1.4)
        );
        let [.., (from_x, from_y), (x, y)] = *places else {
            return;
        };
        let length = (x - from_x).hypot(y - from_y).max(1.0);
        let [along_x, along_y] = [(x - from_x) / length, (y - from_y) / length];
        let [back_x, back_y] = [x - along_x * 9.0, y - along_y * 9.0];
        let [side_x, side_y] = [-along_y * 4.0, along_x * 4.0];
        let _ = writeln!(
            self.svg,
            "<polygon points=\"{x:.1},{y:.1} {:.1},{:.1} {:.1},{:.1}\" {}/>",
            back_x + side_x,
            back_y + side_y,
            back_x - side_x,
            back_y - side_y,
            fill(Colour::Ink)
        );
    }
}

fn fill(colour: Colour) -> String {
    let (_, light, _) = colour.variants();
    format!("fill=\"#{light:06X}\"")
}

fn stroke(colour: Colour, width: f64) -> String {
    let (_, light, _) = colour.variants();
    format!("stroke=\"#{light:06X}\" stroke-width=\"{width}\"")
}

//! A pair of axes and what is drawn between them.

use super::{
    canvas::{Align, Canvas, Frame, Type},
    colour::Colour,
    font,
    scale::{Scale, number},
};

/// Room left of a panel, for the labels of its vertical axis.
const LABELS: f64 = 58.0;
/// Room below a panel, for the labels and the caption of its horizontal axis.
const BELOW: f64 = 44.0;
/// Room above a panel, for the caption of its vertical axis.
const ABOVE: f64 = 26.0;
/// Room right of a panel, for half a label.
const RIGHT: f64 = 16.0;

/// What an axis measures.
pub(super) struct Axis {
    scale: Scale,
    /// What it is, with its unit.
    caption: String,
    /// How many ticks, about.
    ticks: usize,
    label: fn(f64) -> String,
}

impl Axis {
    /// An axis of numbers.
    pub(super) fn new(scale: Scale, ticks: usize, caption: impl Into<String>) -> Self {
        Self {
            scale,
            caption: caption.into(),
            ticks,
            label: number,
        }
    }

    /// An axis of numbers from 0 to at least `most`.
    pub(super) fn from_zero(most: f64, ticks: usize, caption: impl Into<String>) -> Self {
        Self::new(Scale::from_zero(most, ticks), ticks, caption)
    }

    /// The same with other labels at its ticks.
    pub(super) fn labelled(self, label: fn(f64) -> String) -> Self {
        Self { label, ..self }
    }
}

/// The rectangle between two axes.
pub(super) struct Panel<'a, 'b> {
    canvas: &'a Canvas<'b>,
    pub(super) frame: Frame,
    x: Scale,
    y: Scale,
}

impl<'a, 'b> Panel<'a, 'b> {
    /// Draws axes that fill `outer`, labels included.
    pub(super) fn draw(canvas: &'a Canvas<'b>, outer: Frame, x: &Axis, y: &Axis) -> Self {
        let frame = Frame {
            left: outer.left + LABELS,
            top: outer.top + ABOVE,
            right: outer.right - RIGHT,
            bottom: outer.bottom - BELOW,
        };
        let panel = Self {
            canvas,
            frame,
            x: x.scale,
            y: y.scale,
        };
        for tick in y.scale.ticks(y.ticks) {
            let at = panel.y(tick);
            canvas.line([(frame.left, at), (frame.right, at)], Colour::Grid, 1.0);
            let style = Type::LABEL.aligned(Align::Right);
            canvas.text(frame.left - 8.0, at, &(y.label)(tick), style);
        }
        let mut free = f64::NEG_INFINITY;
        for tick in x.scale.ticks(x.ticks) {
            let (at, text) = (panel.x(tick), (x.label)(tick));
            canvas.line([(at, frame.bottom), (at, frame.bottom + 5.0)], Colour::Axis, 1.0);
            // A label that would touch the last is left out; its tick stays.
            let half = font::width(&text, 13.0, false) / 2.0;
            if at - half > free {
                canvas.text(at, frame.bottom + 15.0, &text, Type::LABEL.aligned(Align::Centre));
                free = at + half + 8.0;
            }
        }
        canvas.line(
            [(frame.left, frame.bottom), (frame.right, frame.bottom)],
            Colour::Axis,
            1.0,
        );
        canvas.text(outer.left, outer.top + 8.0, &y.caption, Type::TEXT.bold());
        let end = Type::TEXT.bold().aligned(Align::Right);
        canvas.text(frame.right, frame.bottom + 35.0, &x.caption, end);
        panel
    }

    /// The horizontal place of a value.
    pub(super) fn x(&self, value: f64) -> f64 {
        self.frame.left + self.x.place(value) * (self.frame.right - self.frame.left)
    }

    /// The vertical place of a value.
    pub(super) fn y(&self, value: f64) -> f64 {
        self.frame.bottom - self.y.place(value) * (self.frame.bottom - self.frame.top)
    }

    /// Draws a line through values.
    pub(super) fn line(&self, points: impl IntoIterator<Item = (f64, f64)>, colour: Colour, width: f64) {
        let points = points.into_iter().map(|(x, y)| (self.x(x), self.y(y)));
        self.canvas.line(points, colour, width);
    }

    /// Fills between two lines over the same values: (x, low, high).
    pub(super) fn band(&self, points: &[(f64, f64, f64)], colour: Colour, opacity: f64) {
        let there = points.iter().map(|(x, low, _)| (self.x(*x), self.y(*low)));
        let back = points
            .iter()
            .rev()
            .map(|(x, _, high)| (self.x(*x), self.y(*high)));
        self.canvas.polygon(there.chain(back), colour, opacity);
    }

    /// Draws a dot at a value.
    pub(super) fn dot(&self, x: f64, y: f64, radius: f64, colour: Colour) {
        self.canvas.dot(self.x(x), self.y(y), radius, colour);
    }

    /// Says what is measured between two values of the horizontal axis, to whoever points at it in a web page.
    pub(super) fn tooltip(&self, from: f64, to: f64, text: &str) {
        let strip = Frame {
            left: self.x(from),
            right: self.x(to),
            ..self.frame
        };
        self.canvas.tooltip(strip, text);
    }

    /// Greys out what lies between two values of the horizontal axis and names it, if it has the room.
    pub(super) fn mark(&self, from: f64, to: f64, name: &str) {
        let (left, right) = (self.x(from), self.x(to));
        if right - left < 2.0 {
            return;
        }
        let frame = self.frame;
        self.canvas
            .rectangle(left, frame.top, right, frame.bottom, Colour::Grid, 0.5);
        if !name.is_empty() && font::width(name, 13.0, false) + 12.0 < right - left {
            self.canvas.text(left + 6.0, frame.top + 10.0, name, Type::LABEL);
        }
    }

    /// Draws a dotted vertical line at a value, with a note beside it.
    pub(super) fn limit(&self, x: f64, note: &str) {
        let (at, frame) = (self.x(x), self.frame);
        let mut y = frame.top;
        while y < frame.bottom {
            self.canvas
                .line([(at, y), (at, (y + 4.0).min(frame.bottom))], Colour::Ink, 1.5);
            y += 8.0;
        }
        let fits = at + 8.0 + font::width(note, 13.0, true) < frame.right;
        let (x, align) = if fits {
            (at + 6.0, Align::Left)
        } else {
            (at - 6.0, Align::Right)
        };
        self.canvas
            .text(x, frame.top + 10.0, note, Type::TEXT.bold().aligned(align));
    }
}

/// Draws a horizontal scale without an axis: a line from top to bottom at each tick, and the number below it.
pub(super) fn grid(canvas: &Canvas<'_>, frame: Frame, scale: Scale, ticks: usize) {
    for tick in scale.ticks(ticks) {
        let at = frame.left + scale.place(tick) * (frame.right - frame.left);
        canvas.line([(at, frame.top), (at, frame.bottom)], Colour::Grid, 1.0);
        let style = Type::LABEL.aligned(Align::Centre);
        canvas.text(at, frame.bottom + 13.0, &number(tick), style);
    }
}

/// Says in the middle of a frame why there is nothing in it.
pub(super) fn nothing(canvas: &Canvas<'_>, frame: Frame, why: &str) {
    let middle = ((frame.left + frame.right) / 2.0, (frame.top + frame.bottom) / 2.0);
    let style = Type {
        size: 15.0,
        ..Type::LABEL
    };
    canvas.text(middle.0, middle.1, why, style.aligned(Align::Centre));
}

/// Consecutive bins with a value, as runs of steps: (x, value) twice per bin.
pub(super) fn steps<T: Copy>(values: impl IntoIterator<Item = (f64, f64, Option<T>)>) -> Vec<Vec<(f64, T)>> {
    let mut runs: Vec<Vec<(f64, T)>> = Vec::new();
    let mut open = false;
    for (from, to, value) in values {
        let Some(value) = value else {
            open = false;
            continue;
        };
        if !open {
            runs.push(Vec::new());
        }
        open = true;
        if let Some(run) = runs.last_mut() {
            run.extend([(from, value), (to, value)]);
        }
    }
    runs
}

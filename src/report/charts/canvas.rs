//! The canvas of charts: pixels of a page, in the colours of the palette.

use std::{cell::RefCell, fmt::Write as _};

use plotters::{
    backend::SVGBackend,
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    element::{Circle, PathElement, Polygon, Rectangle, Text},
    style::{
        Color, FontStyle, FontTransform, IntoFont, ShapeStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{
    colour::Colour,
    font,
    picture::{Picture, escaped},
};

/// Width of every chart in pixels.
pub(super) const WIDTH: f64 = 960.0;
/// What charts leave free at their edges.
pub(super) const MARGIN: f64 = 28.0;
/// Width of a colour in a key, with the room before its name.
const SWATCH: f64 = 18.0;
/// Height of a row of a key.
const KEY_ROW: f64 = 20.0;
/// Drawing units per pixel: plotters draws at whole units, and a tenth of a pixel is whole enough.
const UNITS: f64 = 10.0;

/// A text's looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type {
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) colour: Colour,
    pub(super) align: Align,
}

/// Where a text stands from its place; its middle is at the height of its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

impl Type {
    pub(super) const TITLE: Self = Self::new(20.0, true, Colour::Ink, Align::Left);
    pub(super) const TEXT: Self = Self::new(13.0, false, Colour::Ink, Align::Left);
    pub(super) const LABEL: Self = Self::new(13.0, false, Colour::Muted, Align::Left);

    const fn new(size: f64, bold: bool, colour: Colour, align: Align) -> Self {
        Self {
            size,
            bold,
            colour,
            align,
        }
    }

    pub(super) const fn aligned(self, align: Align) -> Self {
        Self { align, ..self }
    }

    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
}

/// A rectangle of the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Frame {
    /// The frame in two, the upper of which has this share of its height.
    pub(super) fn split(self, share: f64) -> [Self; 2] {
        let middle = self.top + (self.bottom - self.top) * share;
        [
            Self {
                bottom: middle,
                ..self
            },
            Self { top: middle, ..self },
        ]
    }
}

/// An entry of a chart's key.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) colour: Colour,
    pub(super) opacity: f64,
}

impl Key {
    pub(super) fn new(name: impl Into<String>, colour: Colour) -> Self {
        Self {
            name: name.into(),
            colour,
            opacity: 1.0,
        }
    }

    pub(super) fn faint(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }
}

/// What stands above a chart.
#[derive(Clone, Debug)]
pub(super) struct Heading<'a> {
    /// The name of its file.
    pub(super) name: &'static str,
    /// What it shows.
    pub(super) title: &'a str,
    /// What ran.
    pub(super) run: &'a str,
    /// How to read it, in a sentence.
    pub(super) reading: &'a str,
    /// What its colours mean.
    pub(super) key: &'a [Key],
}

/// A page that is being drawn on.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    /// What [`Canvas::tooltip`] said, as SVG elements.
    spots: RefCell<String>,
}

/// Draws a chart of this height: its heading, and what `draw` puts into the frame below it. Where the key needs more than
/// one row, the chart is higher by these.
pub(super) fn draw(heading: &Heading<'_>, height: f64, draw: impl FnOnce(&Canvas<'_>, Frame)) -> Picture {
    let mut document = String::new();
    let key = placed(heading.key);
    let height = height + key.last().map_or(0.0, |(last, _)| last.down);
    let spots = {
        let size = ((WIDTH * UNITS) as u32, (height * UNITS) as u32);
        let canvas = Canvas {
            area: SVGBackend::with_string(&mut document, size).into_drawing_area(),
            spots: RefCell::default(),
        };
        canvas.rectangle(0.0, 0.0, WIDTH, height, Colour::Paper, 1.0);
        let top = canvas.heading(heading, &key);
        let frame = Frame {
            left: MARGIN,
            top,
            right: WIDTH - MARGIN,
            bottom: height - 20.0,
        };
        draw(&canvas, frame);
        // Drawing into a String cannot fail.
        let _ = canvas.area.present();
        canvas.spots.take()
    };
    Picture {
        name: heading.name,
        title: heading.title.to_owned(),
        description: format!("{}. {}", heading.run, heading.reading),
        size: (WIDTH as u32, height as u32),
        drawing: document,
        spots,
        units: UNITS as u32,
    }
}

/// Where an entry of a key stands.
struct KeyPlace {
    x: f64,
    /// How far below the first row.
    down: f64,
    /// Its name, as much of it as fits into a row.
    name: String,
}

/// The entries of a key in rows that are not wider than the page.
fn placed(key: &[Key]) -> Vec<(KeyPlace, &Key)> {
    let (mut x, mut down) = (MARGIN, 0.0);
    let mut places = Vec::with_capacity(key.len());
    for entry in key {
        let name = font::fitted(&entry.name, WIDTH - 2.0 * MARGIN - SWATCH, 13.0, false);
        let width = SWATCH + font::width(&name, 13.0, false);
        if x > MARGIN && x + width > WIDTH - MARGIN {
            (x, down) = (MARGIN, down + KEY_ROW);
        }
        places.push((KeyPlace { x, down, name }, entry));
        x += width + 22.0;
    }
    places
}

impl Canvas<'_> {
    /// Draws a heading, whose key has these places, and returns where it ends.
    fn heading(&self, heading: &Heading<'_>, key: &[(KeyPlace, &Key)]) -> f64 {
        let room = WIDTH - 2.0 * MARGIN;
        for (y, text, style) in [
            (34.0, heading.title, Type::TITLE),
            (57.0, heading.run, Type::LABEL),
            (76.0, heading.reading, Type::LABEL),
        ] {
            let text = font::fitted(text, room, style.size, style.bold);
            self.text(MARGIN, y, &text, style);
        }
        for (KeyPlace { x, down, name }, key) in key {
            self.rectangle(*x, 96.0 + down, x + 12.0, 108.0 + down, key.colour, key.opacity);
            self.text(x + SWATCH, 102.0 + down, name, Type::TEXT);
        }
        key.last().map_or(92.0, |(last, _)| 120.0 + last.down)
    }

    /// Writes a text whose middle is at this height.
    pub(super) fn text(&self, x: f64, y: f64, text: &str, style: Type) {
        let horizontal = match style.align {
            Align::Left => HPos::Left,
            Align::Centre => HPos::Center,
            Align::Right => HPos::Right,
        };
        let font = (font::FAMILY, style.size * UNITS * font::LINE_HEIGHT).into_font();
        let weight = if style.bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        let font = font
            .style(weight)
            .transform(FontTransform::None)
            .color(&style.colour.light())
            .pos(Pos::new(horizontal, VPos::Center));
        let _ = self.area.draw(&Text::new(text.to_owned(), at(x, y), font));
    }

    /// Draws a line through these points.
    pub(super) fn line(&self, points: impl IntoIterator<Item = (f64, f64)>, colour: Colour, width: f64) {
        let points: Vec<_> = points.into_iter().map(|(x, y)| at(x, y)).collect();
        let style = ShapeStyle {
            color: colour.light().to_rgba(),
            filled: false,
            stroke_width: (width * UNITS) as u32,
        };
        let _ = self.area.draw(&PathElement::new(points, style));
    }

    /// Fills the polygon with these corners.
    pub(super) fn polygon(
        &self,
        corners: impl IntoIterator<Item = (f64, f64)>,
        colour: Colour,
        opacity: f64,
    ) {
        let corners: Vec<_> = corners.into_iter().map(|(x, y)| at(x, y)).collect();
        let _ = self.area.draw(&Polygon::new(corners, filled(colour, opacity)));
    }

    /// Fills a rectangle.
    pub(super) fn rectangle(
        &self,
        left: f64,
        top: f64,
        right: f64,
        bottom: f64,
        colour: Colour,
        opacity: f64,
    ) {
        let corners = [at(left, top), at(right, bottom)];
        let _ = self.area.draw(&Rectangle::new(corners, filled(colour, opacity)));
    }

    /// Says what is measured within a rectangle: in a web page, to whoever points at it. A line per value; `label: value`.
    pub(super) fn tooltip(&self, at: Frame, text: &str) {
        let [left, top, right, bottom] =
            [at.left, at.top, at.right, at.bottom].map(|side| (side * UNITS).round());
        let (width, height) = ((right - left).max(UNITS), bottom - top);
        // Writing to a String cannot fail.
        let _ = writeln!(
            self.spots.borrow_mut(),
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"><title>{}</title></rect>",
            escaped(text)
        );
    }

    /// Draws a dot with an edge of paper, so that it shows on lines.
    pub(super) fn dot(&self, x: f64, y: f64, radius: f64, colour: Colour) {
        for (radius, colour) in [(radius + 1.5, Colour::Paper), (radius, colour)] {
            let circle = Circle::new(at(x, y), (radius * UNITS) as i32, filled(colour, 1.0));
            let _ = self.area.draw(&circle);
        }
    }
}

fn filled(colour: Colour, opacity: f64) -> ShapeStyle {
    ShapeStyle {
        color: colour.light().mix(opacity),
        filled: true,
        stroke_width: 0,
    }
}

fn at(x: f64, y: f64) -> (i32, i32) {
    ((x * UNITS).round() as i32, (y * UNITS).round() as i32)
}

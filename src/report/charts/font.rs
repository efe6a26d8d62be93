//! The font that charts carry: IBM Plex Sans, cut down to the characters that charts need and renamed, as its licence
//! (`font/OFL.txt`) asks of changed versions.

use skrifa::{
    FontRef, MetadataProvider,
    instance::{LocationRef, Size},
};

/// The family's name.
pub(super) const FAMILY: &str = "Taskstorm Sans";
/// Its regular and its semi-bold weight, as TrueType.
pub(super) const FILES: [(u16, &[u8]); 2] = [
    (400, include_bytes!("font/taskstorm-sans-400.ttf")),
    (600, include_bytes!("font/taskstorm-sans-600.ttf")),
];

/// The size of a font as plotters counts it, from line to line, over its size in a drawing.
pub(super) const LINE_HEIGHT: f64 = 1.24;

/// How wide a text is at this size, in the size's unit.
pub(super) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let (_, bytes) = FILES[usize::from(bold)];
    let Ok(font) = FontRef::new(bytes) else {
        return text.chars().count() as f64 * size * 0.6;
    };
    let metrics = font.glyph_metrics(Size::new(size as f32), LocationRef::default());
    let characters = font.charmap();
    let advance = |character: char| {
        let glyph = characters.map(character).unwrap_or_default();
        metrics.advance_width(glyph).map_or(size * 0.6, f64::from)
    };
    text.chars().map(advance).sum()
}

/// As much of a text as is not wider than this, with an ellipsis if something is left out.
pub(super) fn fitted(text: &str, most: f64, size: f64, bold: bool) -> String {
    if width(text, size, bold) <= most {
        return text.to_owned();
    }
    let mut short = text.to_owned();
    while short.pop().is_some() {
        let cut = format!("{}…", short.trim_end());
        if width(&cut, size, bold) <= most {
            return cut;
        }
    }
    String::new()
}

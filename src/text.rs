//! Text from outside (scenario files, nodes, contracts, file names, the command line), made safe for an output.
//!
//! Control characters move a terminal's cursor, invisible format characters reorder what a person reads, and both make
//! XML invalid. They are replaced by one symbol each: `␛` for ESC, the other control pictures for their ASCII control
//! characters, `�` for everything else. Every output goes through this module: [`block`] and [`line`] for terminals,
//! HTML, SVG and XML, [`csv_cell`] for CSV, [`json`] for JSON that a terminal may show.

use std::borrow::Cow;

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory},
};

/// Stands for a character that has no symbol of its own.
const REPLACEMENT: char = '\u{fffd}';
/// The first of the control pictures, which stand in the order of the control characters.
const CONTROL_PICTURES: u32 = 0x2400;
/// The symbol for DEL.
const DELETE_PICTURE: char = '\u{2421}';

/// The text in lines: line breaks and tabs stay, every other unsafe character becomes a symbol. A carriage return
/// before a line break is left out.
#[must_use]
pub(crate) fn block(text: &str) -> Cow<'_, str> {
    if is_safe(text) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n");
    Cow::Owned(text.chars().map(in_block).collect())
}

/// The text in one line: line breaks and tabs become spaces, every other unsafe character a symbol.
#[must_use]
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    if text.chars().any(|c| in_line(c) != c) {
        Cow::Owned(text.chars().map(in_line).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether [`block`] leaves the text as it is.
#[must_use]
pub(crate) fn is_safe(text: &str) -> bool {
    text.chars().all(|c| in_block(c) == c)
}

/// The text as a CSV cell: made safe by [`block`], and with an apostrophe in front where a spreadsheet would take it for a formula
/// (`=`, `+`, `-` or `@` first, and not a number). [`from_csv_cell`] takes the apostrophe away again.
#[must_use]
pub(crate) fn csv_cell(text: &str) -> Cow<'_, str> {
    let text = block(text);
    if is_formula(&text) {
        Cow::Owned(format!("'{text}"))
    } else {
        text
    }
}

/// The text in a cell that [`csv_cell`] made.
#[must_use]
pub(crate) fn from_csv_cell(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_formula(text) => text,
        _ => cell,
    }
}

/// A JSON document with its unsafe characters as `\u` escapes. A parser reads the same values from it.
#[must_use]
pub(crate) fn json(document: &str) -> Cow<'_, str> {
    if is_safe(document) {
        return Cow::Borrowed(document);
    }
    let mut safe = String::with_capacity(document.len() + 64);
    for c in document.chars() {
        if in_block(c) == c {
            safe.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Cow::Owned(safe)
}

/// Whether a spreadsheet runs the text. Leading white space does not keep it from that.
fn is_formula(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
        && text.parse::<f64>().is_err()
}

fn in_block(c: char) -> char {
    match c {
        '\n' | '\t' => c,
        c => symbol(c),
    }
}

fn in_line(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        c => symbol(c),
    }
}

/// The character, or what stands for it if it is unsafe.
fn symbol(c: char) -> char {
    match c {
        ' '..='~' => c,
        '\u{7f}' => DELETE_PICTURE,
        '\0'..='\u{1f}' => char::from_u32(CONTROL_PICTURES + u32::from(c)).unwrap_or(REPLACEMENT),
        c if is_invisible(c) => REPLACEMENT,
        c => c,
    }
}

/// Whether a character has no shape of its own: controls, formats (bidi overrides, joiners), separators of lines,
/// noncharacters, and what a font may leave out. Two variation selectors, which choose between text and emoji, are
/// harmless and common.
fn is_invisible(c: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    let is_noncharacter = matches!(u32::from(c), 0xfdd0..=0xfdef) || u32::from(c) & 0xfffe == 0xfffe;
    let hidden = matches!(
        category,
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    );
    hidden
        || is_noncharacter
        || (CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
            && !matches!(c, '\u{fe0e}' | '\u{fe0f}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_characters_become_symbols() {
        for (text, in_lines, in_one_line) in [
            (
                "plain – ünï 🚀 ❤\u{fe0f} ✓",
                "plain – ünï 🚀 ❤\u{fe0f} ✓",
                "plain – ünï 🚀 ❤\u{fe0f} ✓",
            ),
            ("a\tb\nc", "a\tb\nc", "a b c"),
            ("a\r\nb\rc", "a\nb␍c", "a  b c"),
            (
                "\u{1b}[31mred\u{1b}[0m\u{7}\0",
                "␛[31mred␛[0m␇␀",
                "␛[31mred␛[0m␇␀",
            ),
            ("\u{7f}\u{9b}2J\u{85}", "␡�2J�", "␡�2J "),
            (
                "\u{202e}rtl\u{2066}\u{200b}\u{feff}\u{ad}",
                "�rtl����",
                "�rtl����",
            ),
            ("\u{2028}\u{e0041}\u{3164}\u{34f}\u{fffe}", "�����", " ����"),
        ] {
            assert_eq!(block(text), in_lines);
            assert_eq!(line(text), in_one_line);
            assert_eq!(is_safe(text), in_lines == text, "{text:?}");
            assert!(is_safe(&block(text)) && is_safe(&line(text)));
        }
    }

    #[test]
    fn cells_are_no_formulas_and_read_back_the_same() {
        for (text, cell) in [
            ("=cmd()", "'=cmd()"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+1+1", "'+1+1"),
            ("-x", "'-x"),
            (" =1", "' =1"),
            ("-5", "-5"),
            ("+1.5e3", "+1.5e3"),
            ("'quoted'", "'quoted'"),
            ("", ""),
            ("a=b", "a=b"),
        ] {
            assert_eq!(csv_cell(text), cell);
            assert_eq!(from_csv_cell(cell), text);
        }
        assert_eq!(csv_cell("\t=\u{1b}1"), "'\t=␛1");
    }

    #[test]
    fn json_keeps_its_values() {
        let value = serde_json::json!({"name": "\u{1b}[2J\u{202e}\u{e0041}\u{7f}ü"});
        let document = serde_json::to_string_pretty(&value).unwrap();
        let safe = json(&document);
        assert!(is_safe(&safe), "{safe:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }
}

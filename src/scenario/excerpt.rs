//! A text with its lines: positions of findings, and the excerpts that messages show.

use std::ops::Range;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// Longest line, in bytes, that an excerpt shows in full.
const LONGEST_LINE: usize = 400;
/// Bytes shown on either side of a span in a longer line.
const MARGIN: usize = 80;
/// Longest part of a longer line that is marked.
const LONGEST_MARK: usize = 80;
/// Most lines that one excerpt marks.
const MOST_LINES: usize = 12;

/// A named text. Lines end with a line feed, as in TOML; a byte order mark belongs to no column.
#[derive(Debug)]
pub(super) struct Excerpt {
    name: String,
    text: String,
    /// Where each line begins; at least one.
    lines: Vec<usize>,
}

impl Excerpt {
    /// A text that messages call `name`.
    pub(super) fn new(name: &str, text: String) -> Self {
        let begin = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(begin).chain(ends.map(|(at, _)| at + 1)).collect();
        Self {
            name: name.to_owned(),
            text,
            lines,
        }
    }

    /// As messages call it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The line and the column, in characters, of a byte; both from 1.
    pub(super) fn position(&self, offset: usize) -> (usize, usize) {
        let offset = self.boundary(offset);
        let line = self.line(offset);
        let before = self.text.get(self.lines[line]..offset).unwrap_or_default();
        (line + 1, before.chars().count() + 1)
    }

    /// The part of `span` that an excerpt can mark: of a span over many or long lines the beginning.
    pub(super) fn mark(&self, span: Range<usize>) -> Range<usize> {
        let start = self.boundary(span.start).max(self.lines[0]);
        let end = self.boundary(span.end).max(start);
        let (first, last) = (self.line(start), self.line(end));
        if last - first < MOST_LINES && (first..=last).all(|line| self.is_short(line)) {
            return start..end;
        }
        let end = end.min(self.end_of(first)).max(start);
        if self.is_short(first) {
            return start..end;
        }
        start..self.boundary(end.min(start + LONGEST_MARK))
    }

    /// The line that holds a byte, from 0.
    fn line(&self, offset: usize) -> usize {
        self.lines
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }

    /// Where a line's text ends.
    fn end_of(&self, line: usize) -> usize {
        match self.lines.get(line + 1) {
            Some(next) => {
                let line = &self.text[self.lines[line]..next - 1];
                next - 1 - usize::from(line.ends_with('\r'))
            }
            None => self.text.len(),
        }
    }

    /// Where the next line begins.
    fn after(&self, line: usize) -> usize {
        self.lines.get(line + 1).copied().unwrap_or(self.text.len())
    }

    fn is_short(&self, line: usize) -> bool {
        self.after(line) - self.lines[line] <= LONGEST_LINE
    }

    /// The nearest place between two characters, at most `offset`.
    fn boundary(&self, offset: usize) -> usize {
        self.text.floor_char_boundary(offset)
    }

    /// The bytes of an excerpt around `span`, with so many lines before and after it. `None` if it would be too large.
    fn around(&self, span: Range<usize>, before: usize, after: usize) -> Option<Range<usize>> {
        let (mut first, mut last) = (self.line(span.start), self.line(span.end.max(span.start)));
        if last - first >= 2 * MOST_LINES {
            return None;
        }
        if first == last && !self.is_short(first) {
            let [start, end] = [self.lines[first], self.end_of(first)];
            let from = self.boundary(span.start.saturating_sub(MARGIN).max(start));
            let to = self.boundary((span.end + MARGIN).min(end.max(span.end)));
            return (span.len() <= LONGEST_LINE).then_some(from..to);
        }
        if !(first..=last).all(|line| self.is_short(line)) {
            return None;
        }
        for _ in 0..before {
            if first > 0 && self.is_short(first - 1) {
                first -= 1;
            }
        }
        for _ in 0..after {
            if last + 1 < self.lines.len() && self.is_short(last + 1) {
                last += 1;
            }
        }
        Some(self.lines[first]..self.after(last))
    }
}

impl SourceCode for Excerpt {
    /// As miette's own, but for long lines, of which it shows the part around the span, and for columns, which are in
    /// characters. miette panics where a span begins beyond column 65,535 of what it is shown.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let start = self
            .boundary(span.offset())
            .max(self.lines[0].min(self.text.len()));
        let end = self.boundary(span.offset().saturating_add(span.len())).max(start);
        let shown = if context_lines_before == 0 {
            start..end
        } else {
            self.around(start..end, context_lines_before, context_lines_after)
                .ok_or(MietteError::OutOfBounds)?
        };
        let line = self.line(shown.start);
        let column = if context_lines_before == 0 {
            self.position(start).1 - 1
        } else {
            0
        };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            self.text[shown.clone()].as_bytes(),
            (shown.start, shown.len()).into(),
            line,
            column,
            // As in miette's own: lines up to its end. Excerpts are joined unless the whole would be too large.
            self.line(shown.end),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters() {
        for (text, sign, expected) in [
            ("a\nb!", "!", (2, 2)),
            ("a\r\nb!", "!", (2, 2)),
            ("\u{feff}a!", "!", (1, 2)),
            ("\u{feff}!\r\n", "!", (1, 1)),
            ("# äöü 漢字\n\n\t「!」", "!", (3, 3)),
            ("a\rb!", "!", (1, 4)),
            ("", "", (1, 1)),
        ] {
            let excerpt = Excerpt::new("t", text.to_owned());
            let at = text.find(sign).unwrap();
            assert_eq!(excerpt.position(at), expected, "{text:?}");
        }
    }

    #[test]
    fn long_lines_are_shown_around_the_span() {
        let text = format!("short\n{}!{}\nshort", "ä".repeat(100_000), "b".repeat(100_000));
        let excerpt = Excerpt::new("t", text.clone());
        let at = text.find('!').unwrap();
        assert_eq!(excerpt.position(at), (2, 100_001));
        let contents = excerpt.read_span(&(at, 1).into(), 1, 1).unwrap();
        let shown = std::str::from_utf8(contents.data()).unwrap();
        assert_eq!(shown, format!("{}!{}", "ä".repeat(40), "b".repeat(80)));
        assert_eq!(excerpt.mark(at..text.len()), at..at + LONGEST_MARK);
    }
}

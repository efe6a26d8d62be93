//! The texts that a scenario is made of: its file, the files that it extends, and what the command line sets.

use std::{ops::Range, path::PathBuf, sync::Arc};

use miette::{LabeledSpan, Severity};

use super::{Finding, excerpt::Excerpt};

/// The texts, laid end to end with a gap of one between them: a single offset tells which text is meant and where in
/// it, so that trees of several texts can be merged and every value still knows where it was written.
#[derive(Debug, Default)]
pub(super) struct Sources(Vec<Source>);

/// One text.
#[derive(Debug)]
pub(super) struct Source {
    excerpt: Arc<Excerpt>,
    /// Whether messages may show excerpts of it.
    shown: bool,
    /// Where files that it names are looked for; `None` if it is no file.
    folder: Option<PathBuf>,
    /// The offset of its first byte among all texts.
    start: usize,
}

impl Source {
    /// As messages call it.
    pub(super) fn name(&self) -> &str {
        self.excerpt.name()
    }

    /// The text.
    pub(super) fn text(&self) -> &str {
        self.excerpt.text()
    }

    /// Where files that it names are looked for; `None` if it is no file.
    pub(super) fn folder(&self) -> Option<&PathBuf> {
        self.folder.as_ref()
    }

    /// The place among all texts of a place in this one.
    pub(super) fn place(&self, span: Range<usize>) -> Range<usize> {
        self.start + span.start..self.start + span.end
    }

    /// The offset of its first byte among all texts.
    pub(super) fn start(&self) -> usize {
        self.start
    }
}

impl Sources {
    /// Adds a text after all others.
    pub(super) fn add(&mut self, name: &str, text: String, folder: Option<PathBuf>) {
        let start = self.0.last().map_or(0, |last| last.start + last.text().len() + 1);
        self.0.push(Source {
            excerpt: Arc::new(Excerpt::new(name, text)),
            shown: true,
            folder,
            start,
        });
    }

    /// Keeps messages from showing the text that was added last: it may be no scenario at all.
    pub(super) fn hide_last(&mut self) {
        if let Some(last) = self.0.last_mut() {
            last.shown = false;
        }
    }

    /// All, in the order in which they were added.
    pub(super) fn all(&self) -> &[Source] {
        &self.0
    }

    /// The text that holds this place.
    ///
    /// # Panics
    /// If there is no text.
    pub(super) fn at(&self, place: usize) -> &Source {
        let after = self.0.partition_point(|source| source.start <= place);
        &self.0[after.saturating_sub(1)]
    }

    /// A finding about these places, the most telling first. Those in other texts than the first get a part of their
    /// own, since an excerpt is of one text.
    pub(super) fn finding(
        &self,
        severity: Severity,
        message: impl Into<String>,
        labels: &[(Range<usize>, String)],
        help: impl Into<String>,
    ) -> Finding {
        let place = labels.first().map_or(0, |(span, _)| span.start);
        let main = self.at(place);
        let mut finding = Finding {
            message: message.into(),
            source: Arc::clone(&main.excerpt),
            shown: main.shown,
            labels: self.labels_in(main, labels, true),
            help: help.into(),
            severity,
            place,
            elsewhere: Vec::new(),
        };
        for source in self.0.iter().filter(|source| source.start != main.start) {
            let labels = self.labels_in(source, labels, false);
            if !labels.is_empty() {
                finding.elsewhere.push(Finding {
                    message: format!("the related value is in {}", source.name()),
                    source: Arc::clone(&source.excerpt),
                    shown: source.shown,
                    labels,
                    help: String::new(),
                    severity: Severity::Advice,
                    place,
                    elsewhere: Vec::new(),
                });
            }
        }
        finding
    }

    /// The labels that are in `source`, with their places in it; `primary` if the first is the most telling of all.
    fn labels_in(
        &self,
        source: &Source,
        labels: &[(Range<usize>, String)],
        primary: bool,
    ) -> Vec<LabeledSpan> {
        let inside = labels
            .iter()
            .filter(|(span, _)| self.at(span.start).start == source.start);
        inside
            .enumerate()
            .map(|(order, (span, text))| {
                let make = if order == 0 && primary {
                    LabeledSpan::new_primary_with_span
                } else {
                    LabeledSpan::new_with_span
                };
                let mark = source
                    .excerpt
                    .mark(span.start - source.start..span.end.saturating_sub(source.start));
                make(Some(text.clone()), mark)
            })
            .collect()
    }
}

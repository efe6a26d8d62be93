//! Problems of a scenario, before they are located in a file.

use std::ops::Range;

use super::path::KeyPath;

/// One thing that is wrong, or doubtful.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    /// What is wrong, in one sentence.
    pub(super) message: String,
    /// The places that it concerns, the most telling first.
    pub(super) labels: Vec<Label>,
    /// The correction.
    pub(super) help: String,
}

/// A place, and what to say there.
#[derive(Clone, Debug)]
pub(super) struct Label {
    /// The place.
    pub(super) path: KeyPath,
    /// Whether it is the key that is meant, rather than its value.
    pub(super) on_key: bool,
    /// The part of the value that is meant, among all texts; `None` for the whole.
    pub(super) part: Option<Range<usize>>,
    /// What to say there.
    pub(super) text: String,
}

impl Problem {
    /// A problem with no place yet.
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            labels: Vec::new(),
            help: help.into(),
        }
    }

    /// Adds a value that it concerns.
    pub(super) fn at(mut self, path: KeyPath, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            path,
            on_key: false,
            part: None,
            text: text.into(),
        });
        self
    }

    /// Adds a key that it concerns.
    pub(super) fn at_key(mut self, path: KeyPath, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            path,
            on_key: true,
            part: None,
            text: text.into(),
        });
        self
    }

    /// Adds a part of a value that it concerns: its place among all texts.
    pub(super) fn at_part(mut self, path: KeyPath, part: Range<usize>, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            path,
            on_key: false,
            part: Some(part),
            text: text.into(),
        });
        self
    }
}

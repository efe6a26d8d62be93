//! Problems of a scenario, before they are located in a file.

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
            text: text.into(),
        });
        self
    }

    /// Adds a key that it concerns.
    pub(super) fn at_key(mut self, path: KeyPath, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            path,
            on_key: true,
            text: text.into(),
        });
        self
    }
}

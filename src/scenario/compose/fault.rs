//! Errors of composing a scenario from files and flags.

use std::ops::Range;

use miette::Severity;

use crate::scenario::{Finding, source::Sources};

/// One thing that is wrong, at a place that is known already.
#[derive(Debug)]
pub(in crate::scenario) struct Fault {
    pub(super) message: String,
    /// Among all texts.
    pub(super) span: Range<usize>,
    pub(super) label: String,
    pub(super) help: String,
}

impl Fault {
    /// A fault at `span`, a place among all texts; `label` is said there.
    pub(super) fn new(
        message: impl Into<String>,
        span: Range<usize>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            message: message.into(),
            span,
            label: label.into(),
            help: help.into(),
        }
    }

    /// As a person sees it.
    pub(in crate::scenario) fn finding(self, sources: &Sources) -> Finding {
        sources.finding(
            Severity::Error,
            self.message,
            &[(self.span, self.label)],
            self.help,
        )
    }
}

//! Path → place in the text.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::scenario::{
    path::{KeyPath, Step},
    problem::Label,
};

/// The labels with their places; the first is the primary one.
pub(in crate::scenario) fn labels(
    tree: &Spanned<DeTable<'_>>,
    labels: &[Label],
) -> Vec<(Range<usize>, String)> {
    labels
        .iter()
        .map(|label| {
            if let Some(part) = &label.part {
                return (part.clone(), label.text.clone());
            }
            let (span, found) = span(tree, &label.path, label.on_key);
            let text = if found {
                label.text.clone()
            } else {
                format!("{} by default", label.text)
            };
            (span, text)
        })
        .collect()
}

/// Where the value (or the key) at `path` was written; if it was not, the innermost table that would hold it, and for
/// the root the start of the text. Also whether it was written.
fn span(tree: &Spanned<DeTable<'_>>, path: &KeyPath, on_key: bool) -> (Range<usize>, bool) {
    let mut span = 0..0;
    let mut here = Here::Table(tree.get_ref());
    let last = path.steps().len().saturating_sub(1);
    for (depth, step) in path.steps().iter().enumerate() {
        if let (Step::Key(_), Here::Array([first, ..])) = (step, here) {
            here = Here::of(first);
        }
        let value = match (step, here) {
            (Step::Key(key), Here::Table(table)) => {
                let Some((name, value)) = table.get_key_value(key.as_str()) else {
                    return (span, false);
                };
                if on_key && depth == last {
                    return (name.span(), true);
                }
                value
            }
            (Step::Index(0), Here::Table(_)) => continue,
            (Step::Index(index), Here::Array(array)) => {
                let Some(value) = array.get(*index) else {
                    return (span, false);
                };
                value
            }
            _ => return (span, false),
        };
        span = value.span();
        here = Here::of(value);
    }
    (span, true)
}

/// What the walk has come to.
#[derive(Clone, Copy)]
enum Here<'a> {
    Table(&'a DeTable<'a>),
    Array(&'a [Spanned<DeValue<'a>>]),
    Scalar,
}

impl<'a> Here<'a> {
    fn of(value: &'a Spanned<DeValue<'a>>) -> Self {
        match value.get_ref() {
            DeValue::Table(table) => Self::Table(table),
            DeValue::Array(array) => Self::Array(array),
            _ => Self::Scalar,
        }
    }
}

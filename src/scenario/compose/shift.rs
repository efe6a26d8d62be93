//! Shifts the offsets of a tree into the text of its own file.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// The table with every place of its keys and values moved by `by`.
pub(super) fn table(table: DeTable<'_>, by: usize) -> DeTable<'_> {
    table
        .into_iter()
        .map(|(key, entry)| (moved(key, by), value(entry, by)))
        .collect()
}

/// The value with its place, and those of all in it, moved by `by`.
pub(super) fn value(value: Spanned<DeValue<'_>>, by: usize) -> Spanned<DeValue<'_>> {
    let place = value.span();
    let inner = match value.into_inner() {
        DeValue::Table(entries) => DeValue::Table(table(entries, by)),
        DeValue::Array(elements) => DeValue::Array(
            elements
                .into_iter()
                .map(|element| self::value(element, by))
                .collect(),
        ),
        scalar => scalar,
    };
    moved(Spanned::new(place, inner), by)
}

fn moved<T>(spanned: Spanned<T>, by: usize) -> Spanned<T> {
    let span = spanned.span();
    Spanned::new(span.start + by..span.end + by, spanned.into_inner())
}

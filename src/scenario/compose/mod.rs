//! A file, those that it extends and what the command line sets → one tree of values, each of which knows where it
//! was written.

mod fault;
mod files;
mod groups;
mod merge;
mod set;
mod shift;

use std::path::PathBuf;

use toml::{Spanned, de::DeTable};

pub(super) use self::{
    fault::Fault,
    files::{load, of_text},
    groups::{BESIDE_ROLES, default_name},
};
use super::{
    overrides::Override,
    source::{Source, Sources},
};

/// The key that names the file to begin with.
pub(super) const EXTENDS: &str = "extends";

/// The one tree of `files`, each of which extends the next, and of `overrides`, whose texts are in `set`.
///
/// # Errors
/// Everything that keeps them from being put together.
pub(super) fn compose<'a>(
    files: &'a [Source],
    overrides: &[Override],
    set: &'a [Source],
) -> Result<Spanned<DeTable<'a>>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut trees = files.iter().map(tree).rev();
    let mut whole = trees.next().unwrap_or_else(|| Spanned::new(0..0, DeTable::new()));
    for over in trees {
        let span = over.span();
        faults.extend(merge::merge(whole.get_mut(), over.into_inner()));
        whole = Spanned::new(span, whole.into_inner());
    }
    if faults.is_empty() {
        for (over, source) in overrides.iter().zip(set) {
            faults.extend(set::apply(whole.get_mut(), over, source).err());
        }
    }
    if faults.is_empty() { Ok(whole) } else { Err(faults) }
}

/// The tree of a file that is known to be TOML, with the places that it has among all texts.
fn tree(file: &Source) -> Spanned<DeTable<'_>> {
    let (tree, _) = DeTable::parse_recoverable(file.text());
    let span = file.place(tree.span());
    let mut table = shift::table(tree.into_inner(), file.start());
    table.remove(EXTENDS);
    Spanned::new(span, table)
}

/// Adds the texts of `overrides`, to be shown in messages. Files that they name are looked for where the command runs.
pub(super) fn add_overrides(sources: &mut Sources, overrides: &[Override]) {
    for over in overrides {
        sources.add("command line", over.text.clone(), Some(PathBuf::new()));
    }
}

//! A tree laid over the one that it extends.
//!
//! Sections merge key by key, and so do groups of owners, miners or a profile's roles: `[owners]` changes the base's only group,
//! `[miners.gpu]` the one of that name. Everything else replaces what the base has: a list of groups the base's
//! groups, a value the base's value, even where both are tables. A load or a distribution is one choice, and half of
//! one with half of another would be none.

use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{
    Fault,
    groups::{self, Groups},
};

/// Lays `over` over `base`. Returns what cannot be merged.
pub(super) fn merge<'a>(base: &mut DeTable<'a>, over: DeTable<'a>) -> Vec<Fault> {
    let groups = Groups::of([&*base, &over]);
    let mut faults = Vec::new();
    for (key, value) in over {
        let Some((_, old)) = base.remove_entry(&key) else {
            base.insert(key, value);
            continue;
        };
        let span = value.span();
        let merged = match (old.into_inner(), value.into_inner()) {
            (old, DeValue::Table(entries)) if groups.contain(key.get_ref()) => {
                let mut old = Spanned::new(span.clone(), old);
                faults.extend(change_groups(&key, &mut old, entries));
                old.into_inner()
            }
            (DeValue::Table(mut table), DeValue::Table(entries)) => {
                replace(&mut table, entries);
                DeValue::Table(table)
            }
            (_, value) => value,
        };
        base.insert(key, Spanned::new(span, merged));
    }
    faults
}

/// Replaces the values of `table` that `over` has too, with their keys, and adds the others.
fn replace<'a>(table: &mut DeTable<'a>, over: DeTable<'a>) {
    for (key, value) in over {
        table.remove(&key);
        table.insert(key, value);
    }
}

/// Changes the groups of a base as `over` says.
fn change_groups<'a>(
    key: &Spanned<DeString<'a>>,
    base: &mut Spanned<DeValue<'a>>,
    over: DeTable<'a>,
) -> Vec<Fault> {
    let role = key.get_ref();
    let names = groups::names(role, base.get_ref());
    let mut of_the_only_one = DeTable::new();
    let mut faults = Vec::new();
    for (name, value) in over {
        let found = names.iter().position(|known| known == name.get_ref().as_ref());
        let group = found.and_then(|index| groups::group(base, index));
        let place = value.span();
        match (group, value.into_inner()) {
            (Some(group), DeValue::Table(entries)) => replace(group, entries),
            (_, value) if names.len() == 1 => {
                of_the_only_one.insert(name, Spanned::new(place, value));
            }
            _ => faults.push(Fault::new(
                format!(
                    "`{role}.{}`: the file that this one extends has {} groups of {role}",
                    name.get_ref(),
                    names.len()
                ),
                name.span(),
                "is no group",
                format!(
                    "{} To replace all groups, list them under [[{role}]]",
                    groups::which(name.get_ref(), &names, |name| format!("[{role}.{name}]"))
                ),
            )),
        }
    }
    if let Some(group) = groups::group(base, 0).filter(|_| names.len() == 1) {
        replace(group, of_the_only_one);
    }
    faults
}

//! Invariants.

use std::collections::BTreeSet;

use super::{names::Context, reader::Reader};
use crate::{
    protocol::profile::{Invariant, expression::Type},
    scenario::read::{table::Table, value::Value},
};

/// An invariant, with its name and what it says.
pub(super) struct Stated {
    /// Name and statement.
    pub(super) stated: (String, String),
    /// The condition.
    pub(super) invariant: Invariant,
}

/// The name of the invariant that every profile has.
const ANSWERS: &str = "answers";

/// Reads `[[invariant]]`.
pub(super) fn read<'a>(value: Option<Value<'a>>, reader: &Reader<'a>) -> Option<Vec<Stated>> {
    let mut seen = BTreeSet::from([ANSWERS.to_owned()]);
    let read = reader.tables(value).into_iter().map(|value| {
        let stated = one(&value, reader)?;
        let (name, _) = &stated.stated;
        if !seen.insert(name.clone()) {
            let path = value.path().key("name");
            let message = format!("`{path}`: an invariant is called `{name}` already");
            return reader.refuse_at(&path, message, "the second", "choose another name");
        }
        Some(stated)
    });
    read.collect::<Vec<_>>().into_iter().collect()
}

fn one<'a>(value: &Value<'a>, reader: &Reader<'a>) -> Option<Stated> {
    let table = Table::of(value)?;
    let name = table.required("name", "name = \"solvent\"", Value::name);
    let check = table.required(
        "check",
        "check = \"balance(oracle) >= sum(task.bond)\"",
        |value| reader.text_of(&value),
    );
    let statement = table.optional("statement", Value::text);
    let every = table.optional("every", |value| value.whole(1..=1_000_000));
    table.finish();
    let check = check?;
    let context = Context {
        task: true,
        tasks: true,
        reads: true,
        ..Context::default()
    };
    let invariant = Invariant {
        check: reader.typed(&check, &Type::Bool, context)?,
        every: every.unwrap_or(1),
    };
    Some(Stated {
        stated: (name?, statement.unwrap_or_else(|| check.text.clone())),
        invariant,
    })
}

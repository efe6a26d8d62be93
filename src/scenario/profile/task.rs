//! The task: key, fields, phases, outcomes.

use std::collections::BTreeSet;

use toml::de::DeValue;

use super::{expressions::Text, names::Context, parameters::type_of, reader::Reader};
use crate::{
    protocol::profile::{EventDefinition, Field, Named, Outcome, Rule, SchemaNames, expression::Type},
    scenario::{
        path::KeyPath,
        read::{table::Table, value::Value},
    },
};

/// Names that results use beside those of phases.
const RESERVED: [&str; 7] = [
    "setup",
    "beside",
    "submitting",
    "submission",
    "opened",
    "ended",
    "total",
];
/// Longest name of a phase or an outcome.
const LONGEST: usize = 32;

/// What is said of a task.
pub(super) struct Task {
    pub(super) key: Vec<Named>,
    /// Fields with their initial values' texts.
    fields: Vec<(Named, Option<Text>)>,
    pub(super) phases: Vec<String>,
    pub(super) outcomes: Vec<Outcome>,
}

/// Reads `[task]`.
pub(super) fn read<'a>(root: &Table<'a>, reader: &mut Reader<'a>) -> Option<Task> {
    let value = root.required("task", "[task] with key, phases and outcomes below it", Some)?;
    let table = Table::of(&value)?;
    let key = table
        .required("key", "key = { id = \"uint256\" }", Value::members)
        .unwrap_or_default();
    let fields = table.optional("fields", Value::members).unwrap_or_default();
    let phases = table.required("phases", "phases = [\"submit\", \"work\"]", |value| {
        phases(&value, reader)
    });
    let outcomes = table.required("outcomes", "outcomes = { done = \"ended\" }", |value| {
        outcomes(value, reader)
    });
    if key.is_empty() && table.has("key") {
        let help = "a task is found by what its events carry: key = { id = \"uint256\" }";
        reader.refuse_at::<()>(
            &table.path().key("key"),
            "the task's key has no words",
            "is empty",
            help,
        );
    }
    table.finish();
    let key = key.into_iter().filter_map(|(name, value)| {
        let path = value.path().clone();
        let Some(ty) = type_of(value) else {
            reader.poison(&name);
            return None;
        };
        reader
            .declare(&path, &name, |names| names.key(&name, ty.clone()))
            .then_some(Named { name, ty })
    });
    let key = key.collect();
    let mut read = Vec::new();
    for (name, value) in fields {
        let path = value.path().clone();
        let Some((ty, initial)) = field(value, reader) else {
            reader.poison(&name);
            continue;
        };
        if reader.declare(&path, &name, |names| names.field(&name, ty.clone())) {
            read.push((Named { name, ty }, initial));
        }
    }
    Some(Task {
        key,
        fields: read,
        phases: phases.unwrap_or_default(),
        outcomes: outcomes.unwrap_or_default(),
    })
}

/// `"uint256"`, or `{ type = "uint256", initial = "0" }`.
fn field<'a>(value: Value<'a>, reader: &Reader<'a>) -> Option<(Type, Option<Text>)> {
    let DeValue::Table(_) = value.get() else {
        return Some((type_of(value)?, None));
    };
    let table = Table::of(&value)?;
    let ty = table.required("type", "type = \"uint256\"", type_of);
    let initial = table.optional("initial", |value| reader.text_of(&value));
    table.finish();
    Some((ty?, initial))
}

/// The fields with their initial values.
pub(super) fn fields(task: &Task, reader: &Reader<'_>) -> Option<Vec<Field>> {
    let fields = task.fields.iter().map(|(named, initial)| {
        let initial = match initial {
            Some(text) => Some(reader.typed(text, &named.ty, Context::default())?),
            None => None,
        };
        Some(Field {
            name: named.name.clone(),
            ty: named.ty.clone(),
            initial,
        })
    });
    fields.collect::<Vec<_>>().into_iter().collect()
}

/// Whether something gives each field a value; notes those of which nothing does.
pub(super) fn all_are_set(
    fields: &[Field],
    events: &[EventDefinition],
    rules: &[Rule],
    reader: &Reader<'_>,
) -> Option<()> {
    let by_events = events
        .iter()
        .flat_map(|event| &event.effects)
        .flat_map(|effect| &effect.set);
    let by_rules = rules.iter().flat_map(|rule| &rule.sets);
    let set: BTreeSet<usize> = by_events.chain(by_rules).map(|(field, _)| *field).collect();
    let mut all = Some(());
    for (place, field) in fields.iter().enumerate() {
        if field.initial.is_none() && !set.contains(&place) {
            let path = KeyPath::root().key("task").key("fields").key(&field.name);
            let message = format!("nothing gives the field `{}` a value", field.name);
            let help = format!(
                "set it, [[event]] set = {{ {} = \"event.…\" }}, give it one, {{ type = …, initial = … }}, or leave it out",
                field.name
            );
            all = reader.refuse_at(&path, message, "never set", help);
        }
    }
    all
}

fn phases<'a>(value: &Value<'a>, reader: &mut Reader<'a>) -> Option<Vec<String>> {
    const MUST: &str = "a list of 1 to 8 names";
    const HELP: &str = "the first is that of the submission: phases = [\"submit\", \"work\"]";
    let Some(elements) = value.elements() else {
        return value.refuse(MUST, "is no list", HELP);
    };
    if !(1..=SchemaNames::MOST_PHASES).contains(&elements.len()) {
        return value.refuse(MUST, format!("has {}", elements.len()), HELP);
    }
    let mut seen = BTreeSet::new();
    // Those that can be used stay, so that what names them is not wrong as well.
    let names = elements.into_iter().filter_map(|element| {
        let name = name(element.clone(), reader)?;
        if !seen.insert(name.clone()) {
            let message = format!("`{}`: two phases are called `{name}`", element.path());
            return reader.refuse_at(element.path(), message, "the second", "choose another name");
        }
        Some(name)
    });
    Some(names.collect())
}

/// A name that tables, columns and metrics are called by.
fn name<'a>(value: Value<'a>, reader: &mut Reader<'a>) -> Option<String> {
    let text = value.clone().text()?;
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_name =
        begins && text.len() <= LONGEST && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        reader.poison(&text);
        let must = format!("1 to {LONGEST} letters, digits or `_`, and begin with a letter");
        return value.refuse(
            &must,
            "is no such name",
            "it is a part of columns and metrics: \"work\"",
        );
    }
    if RESERVED.contains(&text.as_str()) {
        let message = format!("no phase can be called `{text}`: results use the name otherwise");
        reader.poison(&text);
        return reader.refuse_at(value.path(), message, "reserved name", "choose another");
    }
    Some(text)
}

fn outcomes<'a>(value: Value<'a>, reader: &mut Reader<'a>) -> Option<Vec<Outcome>> {
    let path = value.path().clone();
    let members = value.members()?;
    if members.is_empty() {
        return reader.refuse_at(
            &path,
            "there is no outcome",
            "is empty",
            "a task must be able to end: outcomes = { done = \"ended\" }",
        );
    }
    let outcomes = members.into_iter().filter_map(|(name, value)| {
        let failed = value.choice(&[false, true], |failed| if failed { "failed" } else { "ended" });
        if failed.is_none() {
            reader.poison(&name);
        }
        Some(Outcome {
            name,
            failed: failed?,
        })
    });
    Some(outcomes.collect())
}

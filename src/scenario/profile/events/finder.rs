//! Events that do not tell the key of their task, and find it otherwise.

use toml::de::DeValue;

use super::KeyOf;
use crate::{
    protocol::profile::Find,
    scenario::{
        profile::{
            expressions::Text,
            names::{Context, MayDraw},
            reader::Reader,
        },
        read::value::Value,
    },
};

/// How an event finds its task.
#[derive(Clone, Debug)]
pub(in crate::scenario::profile) enum FindBy {
    /// By the values of fields: their names with the values.
    Fields(Vec<(usize, Text)>),
    /// By the call that caused it.
    Call,
}

impl<'a> Reader<'a> {
    /// `{ dispute = "event.disputeID" }`, or `"call"`.
    pub(super) fn find_told(&self, value: &Value<'a>) -> KeyOf {
        let found = match value.get() {
            DeValue::String(text) if text == "call" => Some(FindBy::Call),
            DeValue::Table(entries) if !entries.is_empty() => self.fields_to_find_by(value.clone()),
            _ => value.refuse(
                "a table of fields with their values, or \"call\"",
                "is neither",
                "for example find = { dispute = \"event.disputeID\" }",
            ),
        };
        found.map_or(KeyOf::Broken, KeyOf::Found)
    }

    fn fields_to_find_by(&self, value: Value<'a>) -> Option<FindBy> {
        let fields: Vec<&str> = self
            .names
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        let members = value.members()?.into_iter().map(|(name, value)| {
            let Some(place) = fields.iter().position(|field| *field == name) else {
                return self.no_such_name(&value, &name, "field", &fields, "declare it: [task] fields");
            };
            Some((place, self.text_of(&value)?))
        });
        let mut members = members
            .collect::<Vec<_>>()
            .into_iter()
            .collect::<Option<Vec<_>>>()?;
        members.sort_by_key(|(place, _)| *place);
        Some(FindBy::Fields(members))
    }

    /// How an event finds its task: `None` if it cannot be used, `Some(None)` if it does not.
    pub(super) fn find(&self, event: usize, finders: &mut Vec<Vec<usize>>) -> Option<Option<Find>> {
        let members = match &self.key_of[event] {
            KeyOf::Found(FindBy::Fields(members)) => members,
            KeyOf::Found(FindBy::Call) => return Some(Some(Find::OfCall)),
            _ => return Some(None),
        };
        let context = Context {
            event: Some(event),
            early: true,
            // What else it needs is refused with the word.
            reads: true,
            draws: MayDraw::All,
            ..Context::default()
        };
        let values = members
            .iter()
            .map(|(place, text)| self.word(text, &self.names.fields[*place].ty, context));
        let values = values.collect::<Vec<_>>().into_iter().collect::<Option<_>>()?;
        let fields: Vec<usize> = members.iter().map(|(place, _)| *place).collect();
        let known = finders.iter().position(|finder| *finder == fields);
        let finder = known.unwrap_or_else(|| {
            finders.push(fields);
            finders.len() - 1
        });
        Some(Some(Find::ByFields { finder, values }))
    }
}

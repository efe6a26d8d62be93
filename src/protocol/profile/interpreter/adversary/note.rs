//! Notes of what calldata does not say of a call: the rule that it follows, and the tasks that it is about.

use std::sync::Arc;

use alloy::primitives::{Bytes, U256};
use serde::{Deserialize, Serialize};

use super::super::{super::expression::Value, ProfileCall, World};
use crate::protocol::TaskKey;

/// A note.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Note {
    /// The name of the rule.
    rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<(u64, u64)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tasks: Vec<(u64, u64)>,
    /// The words of the key of the task that it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    opens: Option<Vec<Written>>,
    /// What the sender remembers of the task.
    #[serde(skip_serializing_if = "Option::is_none")]
    mine: Option<Vec<Option<Written>>>,
}

/// A value.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Written {
    Word(U256),
    Bytes(Bytes),
    List(Vec<Self>),
}

impl From<&Value> for Written {
    fn from(value: &Value) -> Self {
        match value {
            Value::Word(word) => Self::Word(*word),
            Value::Bytes(bytes) => Self::Bytes(bytes.clone()),
            Value::List(values) => Self::List(values.iter().map(Self::from).collect()),
        }
    }
}

impl From<Written> for Value {
    fn from(written: Written) -> Self {
        match written {
            Written::Word(word) => Self::Word(word),
            Written::Bytes(bytes) => Self::Bytes(bytes),
            Written::List(values) => Self::List(values.into_iter().map(Self::from).collect()),
        }
    }
}

/// The note of a call; `None` of one that follows no rule.
pub(super) fn write(world: &World, call: &ProfileCall) -> Option<String> {
    let rule = &world.definition.rules[usize::from(call.rule?)];
    let key = |task: &TaskKey| (task.session, task.task);
    let note = Note {
        rule: rule.name.clone(),
        task: call.task.as_ref().map(key),
        tasks: call.tasks.iter().map(key).collect(),
        opens: call
            .opens
            .as_ref()
            .map(|words| words.iter().map(Written::from).collect()),
        mine: call.mine.as_ref().map(|mine| {
            let value = |value: &Option<Value>| value.as_ref().map(Written::from);
            mine.iter().map(value).collect()
        }),
    };
    serde_json::to_string(&note).ok()
}

/// A call with what was noted of it; as it is if that is no note, or of another profile.
pub(super) fn read(world: &World, call: ProfileCall, note: &str) -> ProfileCall {
    let Ok(note) = serde_json::from_str::<Note>(note) else {
        return call;
    };
    let rules = &world.definition.rules;
    let Some(place) = rules.iter().position(|rule| rule.name == note.rule) else {
        return call;
    };
    let key = |(session, task): (u64, u64)| TaskKey { session, task };
    let words = |words: Vec<Written>| -> Arc<[Value]> { words.into_iter().map(Value::from).collect() };
    ProfileCall {
        rule: Some(place as u16),
        function: rules[place].function,
        races: rules[place].races,
        task: note.task.map(key),
        tasks: note.tasks.into_iter().map(key).collect(),
        opens: note.opens.map(words),
        mine: note
            .mine
            .map(|mine| mine.into_iter().map(|value| value.map(Value::from)).collect()),
        ..call
    }
}

//! Reading how a group's actors misbehave.

use std::time::Duration;

use toml::de::DeValue;

use super::{
    population::MAX_COUNT,
    table::Table,
    value::{Value, kind},
};
use crate::{
    protocol::{Behaviour, BehaviourSpec, Phase, ProtocolSchema},
    scenario::{Limits, units::Parameter},
};

const MUST: &str = "a behaviour, or an array of behaviours";
const EXAMPLE: &str =
    "for example behaviour = \"lazy\", or behaviour = { kind = \"lazy\", probability = 0.5 }";

/// `"lazy"`, `{ kind = "silent", phase = "commit" }`, or an array of these, of actors of a protocol.
pub(super) fn read(value: Value<'_>, protocol: &ProtocolSchema) -> Option<Vec<BehaviourSpec>> {
    match value.get() {
        DeValue::Array(elements) if elements.is_empty() => value.refuse(MUST, "is empty", EXAMPLE),
        DeValue::Array(_) => {
            let each = value
                .elements()?
                .into_iter()
                .map(|element| one(element, protocol));
            each.collect::<Vec<_>>().into_iter().collect()
        }
        _ => Some(vec![one(value, protocol)?]),
    }
}

fn one(value: Value<'_>, protocol: &ProtocolSchema) -> Option<BehaviourSpec> {
    match value.get() {
        DeValue::String(_) => named(value).map(BehaviourSpec::of),
        DeValue::Table(_) => {
            let table = Table::of(&value)?;
            let kind = table.required("kind", "kind = \"lazy\"", named);
            let probability = table.optional("probability", |value| {
                value.parameter(Parameter::from_millionths(0)..=Parameter::from_millionths(1_000_000))
            });
            let phase = table.optional("phase", |value| phase(value, protocol));
            let by = table.optional("by", |value| value.duration(Duration::ZERO..=Limits::MAX));
            let members = table.optional("members", |value| value.count(2..=MAX_COUNT));
            table.finish();
            let default = BehaviourSpec::of(kind?);
            Some(BehaviourSpec {
                probability: probability.unwrap_or(default.probability),
                phase,
                by: by.unwrap_or(default.by),
                members: members.unwrap_or(default.members),
                ..default
            })
        }
        other => value.refuse(MUST, format!("is {}", kind(other)), EXAMPLE),
    }
}

fn named(value: Value<'_>) -> Option<Behaviour> {
    value.choice(&Behaviour::ALL, Behaviour::name)
}

/// A phase of a task's lifecycle.
fn phase(value: Value<'_>, protocol: &ProtocolSchema) -> Option<Phase> {
    let phases: Vec<Phase> = protocol.lifecycle().collect();
    value.choice(&phases, Phase::name)
}

//! Values that only rules have: delays, probabilities, batches, behaviours.

use std::time::Duration;

use toml::de::DeValue;

use super::super::reader::Reader;
use crate::{
    protocol::{
        Behaviour,
        profile::{Batch, Delay},
    },
    scenario::{
        read::{
            table::Table,
            value::{Value, kind},
        },
        suggest::{self, list},
        units::parse_duration,
    },
};

/// The longest that an actor waits.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

impl<'a> Reader<'a> {
    /// A delay of a role, or a duration.
    pub(super) fn delay(&self, value: &Value<'a>, role: Option<usize>) -> Option<Delay> {
        let text = value.clone().text()?;
        if text.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == '-')
            || parse_duration(&text).is_ok()
        {
            return value.clone().duration(Duration::ZERO..=LONGEST).map(Delay::Fixed);
        }
        let role = role?;
        let delays = self.delays.get(role)?;
        let all_roles = self.names.all_roles();
        let role = all_roles[role];
        if let Some(place) = delays.iter().position(|delay| *delay == text) {
            return Some(Delay::Named(place));
        }
        if self.broken.contains(&text) {
            return None;
        }
        let names: Vec<&str> = delays.iter().map(String::as_str).collect();
        let help = suggest::meant(&text, &names).unwrap_or_else(|| match names.is_empty() {
            true => {
                format!("add it to the role: delays = {{ {text} = \"2s\" }}; or write a duration: \"2s\"")
            }
            false => format!(
                "the delays of {role} are {}; or write a duration: \"2s\"",
                list(&names)
            ),
        });
        let message = format!(
            "`{}`: the role {role} has no delay `{}`",
            value.path(),
            suggest::shortened(&text)
        );
        self.refuse_at(value.path(), message, "no delay", help)
    }
}

/// A probability, above 0 and up to 1.
pub(super) fn chance(value: &Value<'_>) -> Option<f64> {
    const MUST: &str = "a probability above 0 and up to 1";
    let number = match value.get() {
        DeValue::Integer(integer) => integer.as_str().parse::<f64>().ok(),
        DeValue::Float(float) => float.as_str().replace('_', "").parse::<f64>().ok(),
        _ => None,
    };
    match number {
        Some(number) if number > 0.0 && number <= 1.0 => Some(number),
        Some(number) if number > 1.0 && number <= 100.0 => value.refuse(
            MUST,
            format!("is {number}"),
            format!("did you mean {}?", number / 100.0),
        ),
        Some(number) => value.refuse(MUST, format!("is {number}"), "for example chance = 0.3"),
        None => value.refuse(MUST, "is no number", "for example chance = 0.3"),
    }
}

/// `{ size = 10, wait = "2s" }`
pub(super) fn batch(value: &Value<'_>) -> Option<Batch> {
    let table = Table::of(value)?;
    let size = table.required("size", "size = 10", |value| value.count(1..=10_000));
    let wait = table.required("wait", "wait = \"2s\"", |value| {
        value.duration(Duration::ZERO..=LONGEST)
    });
    table.finish();
    Some(Batch {
        size: size?,
        wait: wait?,
    })
}

/// `["duplicate", "stranger"]`
pub(super) fn behaviours(value: Value<'_>) -> Option<Vec<Behaviour>> {
    let Some(elements) = value.elements() else {
        return value.refuse(
            "an array of behaviours",
            format!("is {}", kind(value.get())),
            "for example refuses = [\"duplicate\", \"stranger\"]",
        );
    };
    let each = elements
        .into_iter()
        .map(|element| element.choice(&Behaviour::ALL, Behaviour::name));
    each.collect::<Vec<_>>().into_iter().collect()
}

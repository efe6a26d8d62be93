//! Reads thresholds, the conditions that a result must meet.

use toml::de::DeValue;

use super::{
    table::Table,
    value::{Value, kind},
};
use crate::metric::Threshold;

const MUST: &str = "a threshold";
const EXAMPLE: &str = "for example \"task.total.p99 < 10s\"";

/// `["task.total.p99 < 10s", { hold = "tasks.failed.count < 10", stop_early = true }]`
pub(super) fn read(value: Value<'_>) -> Option<Vec<Threshold>> {
    let Some(elements) = value.elements() else {
        let help = "for example thresholds = [\"task.total.p99 < 10s\"]";
        return value.refuse(
            "an array of thresholds",
            format!("is {}", kind(value.get())),
            help,
        );
    };
    Some(elements.into_iter().filter_map(one).collect())
}

fn one(value: Value<'_>) -> Option<Threshold> {
    match value.get() {
        DeValue::Table(_) => {
            let table = Table::of(&value)?;
            let hold = table.required("hold", "hold = \"tasks.failed.count < 10\"", expression);
            let stop_early = table.optional("stop_early", Value::boolean).unwrap_or(false);
            table.finish();
            hold.map(|hold| if stop_early { hold.stopping_early() } else { hold })
        }
        DeValue::String(_) => expression(value),
        other => value.refuse(MUST, format!("is {}", kind(other)), EXAMPLE),
    }
}

/// The threshold in the text of `value`.
fn expression(value: Value<'_>) -> Option<Threshold> {
    let Some(text) = value.get().as_str() else {
        return value.refuse(MUST, format!("is {}", kind(value.get())), EXAMPLE);
    };
    match Threshold::parse(text) {
        Ok(threshold) => Some(threshold),
        Err(error) => value.refuse(MUST, error.fault(), error.help()),
    }
}

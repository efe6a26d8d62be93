//! Reading faults.

use toml::de::DeValue;

use super::{
    table::Table,
    value::{Value, kind as kind_of},
};
use crate::{
    fault::{Fault, FaultError, FaultKey, FaultKind, FaultPlan},
    scenario::problem::Problem,
};

const MUST: &str = "a fault, or an array of faults";

/// `drop = "2%"`, `reorg = { depth = 2, every = "30s" }`, `censor = ["role oracle until 30s", { group = "gpu" }]`
pub(super) fn read(table: Table<'_>) -> FaultPlan {
    let mut faults = Vec::new();
    for kind in FaultKind::ALL {
        let Some(value) = table.value(kind.name()) else {
            continue;
        };
        match value.elements() {
            Some(elements) => faults.extend(elements.into_iter().filter_map(|value| one(kind, value))),
            None => faults.extend(one(kind, value)),
        }
    }
    table.finish();
    FaultPlan { faults }
}

fn one(kind: FaultKind, value: Value<'_>) -> Option<Fault> {
    match value.get() {
        DeValue::String(text) => match Fault::parse_of(kind, text) {
            Ok(fault) => Some(fault),
            Err(error) => refuse(&value, error),
        },
        DeValue::Table(_) => {
            let fault = of_table(kind, &value)?;
            match fault.check() {
                Ok(()) => Some(fault),
                Err(error) => refuse(&value, error),
            }
        }
        other => value.refuse(
            MUST,
            format!("is {}", kind_of(other)),
            format!("for example {kind} = \"{}\"", kind.example()),
        ),
    }
}

fn refuse<T>(value: &Value<'_>, error: FaultError) -> Option<T> {
    let problem = Problem::new(format!("`{}`: {}", value.path(), error.fault), error.help)
        .at(value.path().clone(), "this fault");
    value.report().broken(value.path().clone(), problem);
    None
}

/// `None` if a value cannot be used; all that cannot are reported.
fn of_table(kind: FaultKind, value: &Value<'_>) -> Option<Fault> {
    let table = Table::of(value)?;
    let mut fault = Fault::new(kind);
    let mut sound = true;
    for key in kind.keys() {
        let Some(value) = table.value(key.name()) else {
            continue;
        };
        let values = match (key, value.elements()) {
            (FaultKey::At, Some(elements)) => elements,
            _ => vec![value],
        };
        for value in values {
            sound &= set(&mut fault, key, &value).is_some();
        }
    }
    table.finish();
    sound.then_some(fault)
}

fn set(fault: &mut Fault, key: FaultKey, value: &Value<'_>) -> Option<()> {
    let help = || match key {
        FaultKey::Depth | FaultKey::Factor => format!("for example {key} = {}", key.example()),
        _ => format!("for example {key} = \"{}\"", key.example()),
    };
    let text = match value.get() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        other => return value.refuse(key.must(), format!("is {}", kind_of(other)), help()),
    };
    match fault.set(key, &text) {
        Ok(()) => Some(()),
        Err(wrong) => value.refuse(key.must(), wrong, help()),
    }
}

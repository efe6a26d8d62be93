//! Reading how blocks order pending transactions.

use toml::de::DeValue;

use super::{
    table::Table,
    value::{Value, kind},
};
use crate::scenario::{BlockOrder, suggest};

const MUST: &str = "an order of transactions";
const ADVERSARIAL: &str = "{ adversarial = { last = [\"miners\"] } }";

/// `"fees"`, `"fifo"` or `"random"`, or `{ adversarial = { last = ["miners"] } }`.
pub(super) fn read(value: Value<'_>) -> Option<BlockOrder> {
    match value.get() {
        DeValue::String(text) => {
            let plain = BlockOrder::PLAIN.into_iter().find(|order| order.name() == text);
            plain.or_else(|| value.refuse(MUST, "is none", help(text)))
        }
        DeValue::Table(entries) if entries.len() == 1 => {
            let table = Table::of(&value)?;
            let order = table.optional("adversarial", adversarial);
            table.finish();
            order
        }
        other => value.refuse(MUST, format!("is {}", kind(other)), help("")),
    }
}

/// What would do instead of `text`.
fn help(text: &str) -> String {
    let mut names = BlockOrder::PLAIN.map(|order| order.name()).to_vec();
    names.push("adversarial");
    match suggest::nearest(text, &names) {
        Some("adversarial") => format!("say who comes last: order = {ADVERSARIAL}"),
        Some(meant) => format!("did you mean \"{meant}\"?"),
        None => format!("the orders are \"fees\", \"fifo\", \"random\" and {ADVERSARIAL}"),
    }
}

fn adversarial(value: Value<'_>) -> Option<BlockOrder> {
    let table = Table::of(&value)?;
    let last = table.required("last", "last = [\"miners\"]", names);
    table.finish();
    Some(BlockOrder::Adversarial { last: last? })
}

/// An array of names.
fn names(value: Value<'_>) -> Option<Vec<String>> {
    const MUST: &str = "an array of names of groups";
    const HELP: &str = "for example last = [\"miners\"]";
    let names = match value.elements() {
        Some(names) if !names.is_empty() => names,
        Some(_) => return value.refuse(MUST, "is empty", HELP),
        None => return value.refuse(MUST, format!("is {}", kind(value.get())), HELP),
    };
    // Every name is read, so that all that are none are reported.
    let names: Vec<_> = names.into_iter().map(Value::text).collect();
    names.into_iter().collect()
}

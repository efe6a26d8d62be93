//! The counts of a faulty proxy.

use std::collections::BTreeMap;

use crate::{
    fault::FaultLog,
    format::{Cell, Style, Table, human},
};

/// Longest text of a fault that is shown, in characters.
const FAULT: usize = 60;

/// How often each fault struck, and how often each method was called.
#[must_use]
pub fn proxy_summary(log: &FaultLog, counts: &BTreeMap<String, u64>, style: Style) -> String {
    let faults = log.faults.iter().map(|fault| {
        let name = Cell::text(human::one_line(&fault.fault, FAULT));
        [name, Cell::count(fault.count)]
    });
    let faults = Table::default().texts(["fault"]).numbers(["struck"]).rows(faults);
    let counts = counts
        .iter()
        .map(|(what, count)| [Cell::text(human::one_line(what, FAULT)), Cell::count(*count)]);
    let counts = Table::default().texts(["what"]).numbers(["count"]).rows(counts);
    [faults, counts]
        .iter()
        .filter(|table| !table.is_empty())
        .map(|table| table.terminal(style).trim_end().to_owned() + "\n")
        .collect::<Vec<_>>()
        .join("\n")
}

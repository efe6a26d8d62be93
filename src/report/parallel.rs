//! Renders the parallelism of a load: the bound, times on several cores, and the hottest storage slots.

use crate::{
    format::{Style, Table, human},
    parallel::{HotLocation, Parallelism},
    scenario::Scenario,
};

/// Digits of a slot or an address that are shown at each end.
const ENDS: usize = 6;

/// The tables of a measurement of the load of `scenario`.
#[must_use]
pub fn parallelism_table(scenario: &Scenario, parallelism: &Parallelism, style: Style) -> String {
    let title = format!(
        "{} · seed {} · {} in {}",
        human::one_line(&scenario.name, 40),
        scenario.seed,
        human::counted(parallelism.transactions, "transaction"),
        human::counted(parallelism.blocks, "block"),
    );
    let titled = |title: &str, table: Table| format!("{}\n{}", style.bold(title), table.terminal(style));
    let mut parts = vec![
        style.bold(&title),
        format!(
            "Upper bound of the speedup: {:.2}. All transactions: {} gas; longest chains of conflicts: {} gas.",
            parallelism.bound,
            human::count(parallelism.gas),
            human::count(parallelism.critical_path_gas),
        ),
        titled("upper bounds by cores", cores(parallelism)),
    ];
    if parallelism.hottest.is_empty() {
        parts.push("No transaction conflicts with another of its block.".to_owned());
    } else {
        parts.push(titled(
            "what transactions wait for",
            hottest(&parallelism.hottest),
        ));
    }
    parts.join("\n\n") + "\n"
}

fn cores(parallelism: &Parallelism) -> Table {
    let rows = parallelism.makespans.iter().map(|makespan| {
        [
            makespan.cores.to_string(),
            human::count(makespan.gas),
            format!("{:.2}", makespan.speedup),
        ]
    });
    Table::default()
        .numbers(["cores", "gas, one after another", "speedup"])
        .rows(rows)
}

fn hottest(locations: &[HotLocation]) -> Table {
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    let rows = locations.iter().map(|hot| {
        let functions: Vec<&str> = hot.functions.iter().map(String::as_str).collect();
        let contract = hot.contract.clone();
        [
            contract.unwrap_or_else(|| shortened(&hot.address.to_string())),
            location(hot),
            functions.join(", "),
            human::count(hot.conflicts),
            percent(hot.waiting_share),
            percent(hot.critical_share),
        ]
    });
    Table::default()
        .texts(["contract", "location", "functions"])
        .numbers(["conflicts", "waits, % of gas", "% of critical path"])
        .rows(rows)
}

/// The variable, or the slot where no layout tells the variable.
fn location(hot: &HotLocation) -> String {
    match (&hot.variable, hot.slot) {
        (Some(variable), _) => human::one_line(variable, 60),
        (None, Some(slot)) => format!("slot {}", shortened(&slot.to_string())),
        (None, None) => "nonce and balance".to_owned(),
    }
}

/// A hexadecimal number with its middle left out.
fn shortened(hex: &str) -> String {
    let digits = hex.trim_start_matches("0x").trim_start_matches('0');
    if digits.len() <= 2 * ENDS {
        return format!("0x{}", if digits.is_empty() { "0" } else { digits });
    }
    let (begin, end) = (&hex[..2 + ENDS], &hex[hex.len() - ENDS..]);
    format!("{begin}…{end}")
}

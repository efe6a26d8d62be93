//! Table of the changes since a gas snapshot.

use super::{
    GasComparison,
    comparison::{Difference, GasChange},
};
use crate::format::{Style, Table, human};

impl GasComparison {
    /// A verdict line, other changes, and a table of the numbers that changed.
    #[must_use]
    pub fn table(&self, style: Style) -> String {
        let mut text = style.bold(&self.verdict());
        text.push('\n');
        for note in &self.notes {
            text.push_str(&format!("  note: {note}\n"));
        }
        if !self.holds() {
            let table = Table::default()
                .texts(["what"])
                .numbers(["statistic", "snapshot", "now", "change", "%"])
                .rows(self.changes.iter().flat_map(rows));
            text.push_str(&format!("\n{}\n", table.terminal(style)));
        }
        text
    }

    fn verdict(&self) -> String {
        let tolerated = match self.tolerated {
            0 => String::new(),
            count => format!(" ({count} changed within it)"),
        };
        let tolerance = match self.tolerance.as_str() {
            "0 gas" => String::new(),
            tolerance => format!(", tolerance {tolerance}{tolerated}"),
        };
        match self.changes.len() {
            0 => format!("Gas unchanged{tolerance}."),
            _ => format!("Gas changed{tolerance}."),
        }
    }
}

/// The statistics that differ, and below them the groups that explain it.
fn rows(change: &GasChange) -> Vec<Vec<String>> {
    let outcome = if change.outcome == "reverted" {
        " reverted"
    } else {
        ""
    };
    let name = format!("{} {}{outcome}", change.scope, change.name);
    let statistics = change.statistics.iter().map(|difference| {
        let what = match (difference.snapshot, difference.now) {
            (None, _) => format!("{name} (new)"),
            (_, None) => format!("{name} (gone)"),
            _ => name.clone(),
        };
        row(what, difference)
    });
    let groups = change.groups.iter().map(|difference| {
        let group = difference.name.replace('_', " ");
        row(
            format!("  {group} per call"),
            &Difference {
                name: "mean",
                ..difference.clone()
            },
        )
    });
    statistics.chain(groups).collect()
}

fn row(what: String, difference: &Difference) -> Vec<String> {
    let number = |number: Option<f64>| number.map_or_else(|| human::NOTHING.to_owned(), exact);
    let change = match (difference.snapshot, difference.now) {
        (Some(old), Some(new)) => Some((new - old, (old != 0.0).then(|| (new - old) * 100.0 / old.abs()))),
        _ => None,
    };
    let (amount, share) = match change {
        Some((amount, share)) => (
            format!("{}{}", if amount > 0.0 { "+" } else { "" }, exact(amount)),
            share.map_or_else(|| human::NOTHING.to_owned(), |share| format!("{share:+.2}")),
        ),
        None => (human::NOTHING.to_owned(), human::NOTHING.to_owned()),
    };
    vec![
        what,
        difference.name.to_owned(),
        number(difference.snapshot),
        number(difference.now),
        amount,
        share,
    ]
}

/// A number with all that is known of it: separators, and up to three decimals if it is no whole number.
fn exact(number: f64) -> String {
    let thousandths = (number.abs() * 1e3).round() as u64;
    let sign = if number < 0.0 && thousandths > 0 { "-" } else { "" };
    let (whole, rest) = (human::count(thousandths / 1000), thousandths % 1000);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let decimals = format!("{rest:03}");
    format!("{sign}{whole}.{}", decimals.trim_end_matches('0'))
}

//! Renders a gas snapshot as a table: the cost of calls by group.

use super::GasSnapshot;
use crate::{
    format::{Style, Table, human},
    gas::{GasBreakdown, GasGroup},
    record::{GasCost, GasUse},
};

/// What the rows of a gas table are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// The phases of the lifecycle.
    #[default]
    Phase,
    /// The functions of the contracts.
    Function,
}

impl By {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Phase, Self::Function];

    /// The choice's name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phase => "phase",
            Self::Function => "function",
        }
    }
}

/// A row: transactions of a phase or function that ended one way.
struct GasRow<'a> {
    name: String,
    cost: &'a GasCost,
}

/// The tables of a snapshot: what calls cost, what a call's gas was spent on, and the same in %. Groups that nothing was
/// spent on have no column.
#[must_use]
pub fn gas_table(snapshot: &GasSnapshot, by: By, style: Style) -> String {
    let used = match by {
        By::Phase => &snapshot.phases,
        By::Function => &snapshot.functions,
    };
    let rows = rows(used);
    let calls: u64 = rows.iter().map(|row| row.cost.calls).sum();
    let mut all = GasBreakdown::default();
    rows.iter().for_each(|row| all += &row.cost.groups);
    let groups: Vec<GasGroup> = GasGroup::ALL
        .into_iter()
        .filter(|group| rows.iter().any(|row| row.cost.groups.of(*group) != 0))
        .collect();

    let title = format!(
        "{} · seed {} · {} · {} gas in {}",
        human::one_line(&snapshot.scenario.name, 40),
        snapshot.scenario.seed,
        snapshot.hardfork,
        human::count(snapshot.gas_total),
        human::counted(calls, "transaction"),
    );
    let per_call = |gas: i64, calls: u64| signed(gas as f64 / calls.max(1) as f64);
    let share = |gas: i64, total: u64| format!("{:.1}", gas as f64 * 100.0 / total.max(1) as f64);
    let titled = |title: &str, table: Table| format!("{}\n{}", style.bold(title), table.terminal(style));
    let whole = (&all, calls);
    [
        style.bold(&title),
        titled("gas of a call", costs(&rows, by, snapshot.gas_total)),
        titled(
            "gas of a call by group (mean)",
            spent(&rows, &groups, by, whole, |gas, (calls, _)| per_call(gas, calls)),
        ),
        titled(
            "the same in %",
            spent(&rows, &groups, by, whole, |gas, (_, total)| share(gas, total)),
        ),
    ]
    .join("\n\n")
        + "\n"
}

fn rows(used: &[(String, GasUse)]) -> Vec<GasRow<'_>> {
    let mut rows = Vec::new();
    for (name, used) in used {
        let reverted = format!("{name} reverted");
        let costs = [(name.clone(), &used.succeeded), (reverted, &used.reverted)];
        rows.extend(costs.into_iter().filter_map(|(name, cost)| {
            Some(GasRow {
                name,
                cost: cost.as_ref()?,
            })
        }));
    }
    rows
}

fn costs(rows: &[GasRow<'_>], by: By, total: u64) -> Table {
    let cells = rows.iter().map(|GasRow { name, cost }| {
        let share = cost.total as f64 * 100.0 / total.max(1) as f64;
        let mean = cost.mean.round() as u64;
        let numbers = [cost.calls, cost.min, cost.median, mean, cost.max, cost.total].map(human::count);
        let numbers = numbers.into_iter().chain([format!("{share:.1}")]);
        [name.clone()].into_iter().chain(numbers)
    });
    Table::default()
        .texts([by.name()])
        .numbers(["calls", "min", "median", "mean", "max", "total", "%"])
        .rows(cells)
}

/// A column per group; `cell` makes one of the group's gas and the row's (calls, total).
fn spent(
    rows: &[GasRow<'_>],
    groups: &[GasGroup],
    by: By,
    (all, calls): (&GasBreakdown, u64),
    cell: impl Fn(i64, (u64, u64)) -> String,
) -> Table {
    let row = |name: &str, breakdown: &GasBreakdown, calls: u64| {
        let whole = (calls, breakdown.total().unsigned_abs());
        let mut row = vec![name.to_owned()];
        row.extend(groups.iter().map(|group| match breakdown.of(*group) {
            0 => human::NOTHING.to_owned(),
            gas => cell(gas, whole),
        }));
        row.push(cell(breakdown.total(), whole));
        row
    };
    let own = rows
        .iter()
        .map(|GasRow { name, cost }| row(name, &cost.groups, cost.calls));
    let sum = (rows.len() > 1).then(|| row("all", all, calls));
    let groups = groups.iter().map(|group| heading(*group));
    Table::default()
        .texts([by.name()])
        .numbers(groups.chain(["all"]))
        .rows(own.chain(sum))
}

/// A group's name where there is little room.
const fn heading(group: GasGroup) -> &'static str {
    match group {
        GasGroup::Intrinsic => "base",
        GasGroup::StorageWrites => "writes",
        GasGroup::StorageReads => "reads",
        GasGroup::CalldataFloor => "floor",
        _ => group.name(),
    }
}

/// A rounded number with its sign, if that is −.
fn signed(gas: f64) -> String {
    let sign = if gas.round() < 0.0 { "-" } else { "" };
    format!("{sign}{}", human::count(gas.abs().round() as u64))
}

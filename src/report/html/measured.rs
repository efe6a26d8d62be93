//! Tables of measurements: of transactions by phase and by function, and of tasks.

use super::table::{Cell, GAS, TIMES, Table, columns, gas, times};
use crate::{
    protocol::Phase,
    record::{PhaseResult, RunResult, Stats, TransactionCounts},
    report::{human, rates},
};

const NO_TRANSACTION: &str = "No transaction was sent.";
const OUTCOMES: [&str; 6] = ["asked for", "included", "reverted", "refused", "lost", "resent"];

/// The tables of what was measured.
pub(super) fn tables(result: &RunResult) -> Vec<Table> {
    vec![
        times_of_transactions(
            result,
            "Response time of transactions",
            "From the moment a transaction was meant to be sent until its block was seen.",
            |phase| phase.response_us.as_ref(),
        ),
        times_of_transactions(
            result,
            "Service time of transactions",
            "From the moment a transaction was sent until its block was seen; excludes generator lateness.",
            |phase| phase.service_us.as_ref(),
        ),
        tasks(result),
        rates(result),
        outcomes(result),
        gas_of_phases(result),
        gas_of_functions(result),
    ]
}

/// The phases that any transaction was asked for in.
fn phases(result: &RunResult) -> impl Iterator<Item = (&Phase, &PhaseResult)> {
    let phases = result.phases.iter();
    phases.filter(|(_, phase)| phase.transactions.total > 0)
}

fn times_of_transactions(
    result: &RunResult,
    title: &'static str,
    note: &str,
    of: fn(&PhaseResult) -> Option<&Stats>,
) -> Table {
    let rows = phases(result).map(|(name, phase)| {
        let stats = of(phase);
        let mut row = vec![
            Cell::text(name.name()),
            Cell::count(stats.map_or(0, |stats| stats.count)),
        ];
        row.extend(times(stats));
        row
    });
    Table {
        title,
        note: note.to_owned(),
        columns: columns(&["phase"], &[&["in blocks"][..], &TIMES].concat()),
        rows: rows.collect(),
        empty: NO_TRANSACTION,
    }
}

fn tasks(result: &RunResult) -> Table {
    let rows = result.task_phases.iter().filter_map(|(span, of)| {
        let stats = of.duration_us.as_ref()?;
        let mut row = vec![Cell::text(span.name()), Cell::count(stats.count)];
        row.extend(times(Some(stats)));
        Some(row)
    });
    Table {
        title: "Time that tasks spent in each phase",
        note: "Total is from the intended submission to the end of the task. Every task that reached both ends of a \
               phase is in it, whatever became of it later."
            .to_owned(),
        columns: columns(&["phase"], &[&["tasks"][..], &TIMES].concat()),
        rows: rows.collect(),
        empty: "No task got through a phase.",
    }
}

fn rates(result: &RunResult) -> Table {
    let rows = rates::rates(result).into_iter().map(|rate| {
        let per_s = rate.per_s.map_or_else(Cell::nothing, |per_s| {
            Cell::number(format!("{}/s", human::rate(per_s)), per_s)
        });
        vec![Cell::text(rate.name), Cell::text(rate.counted), per_s]
    });
    Table {
        title: "Rates",
        note: "Offered: tasks that arrived. Steady state: tasks that ended once 90 % of the first would have ended, \
               until the last arrival. Overall: over all of the load; the shorter a run, the lower it is."
            .to_owned(),
        columns: columns(&["rate", "of"], &["per second"]),
        rows: rows.collect(),
        empty: "",
    }
}

fn outcome_cells(of: &TransactionCounts) -> Vec<Cell> {
    vec![
        Cell::count(of.total),
        Cell::count(of.included),
        Cell::failed(of.reverted),
        Cell::failed(of.refused),
        Cell::failed(of.lost),
        Cell::count(of.resent),
    ]
}

fn outcomes(result: &RunResult) -> Table {
    let rows = phases(result).map(|(name, phase)| {
        let mut row = vec![Cell::text(name.name())];
        row.extend(outcome_cells(&phase.transactions));
        row
    });
    Table {
        title: "Outcomes of transactions",
        note: "Asked for = included + reverted + refused + lost. One that was resent has one of these outcomes as well."
            .to_owned(),
        columns: columns(&["phase"], &OUTCOMES),
        rows: rows.collect(),
        empty: NO_TRANSACTION,
    }
}

fn gas_of_phases(result: &RunResult) -> Table {
    let all = result.gas_total();
    let rows = phases(result).map(|(name, phase)| {
        let mut row = vec![
            Cell::text(name.name()),
            Cell::count(phase.transactions.in_blocks()),
        ];
        row.extend(gas(phase.gas_used.as_ref(), phase.gas_total));
        row.extend([
            Cell::share(phase.gas_total, all),
            Cell::failed(phase.gas_reverted),
        ]);
        row
    });
    Table {
        title: "Gas by phase",
        note: "Of every transaction in a block, reverted ones included.".to_owned(),
        columns: gas_columns("phase"),
        rows: rows.collect(),
        empty: NO_TRANSACTION,
    }
}

fn gas_of_functions(result: &RunResult) -> Table {
    let all = result.gas_total();
    let rows = result.functions.iter().map(|(name, of)| {
        let mut row = vec![Cell::code(name.name()), Cell::count(of.transactions.in_blocks())];
        row.extend(gas(of.gas_used.as_ref(), of.gas_total));
        row.extend([Cell::share(of.gas_total, all), Cell::failed(of.gas_reverted)]);
        row
    });
    Table {
        title: "Gas by function",
        note: "Of every transaction in a block that calls it, reverted ones included.".to_owned(),
        columns: gas_columns("function"),
        rows: rows.collect(),
        empty: NO_TRANSACTION,
    }
}

fn gas_columns(first: &'static str) -> Vec<super::table::Column> {
    columns(
        &[first],
        &[&["in blocks"][..], &GAS, &["share", "by reverted"]].concat(),
    )
}

//! Tables of measurements: of transactions by phase and by function, and of tasks.

use super::table::{GAS, TIMES, TitledTable, gas, times};
use crate::{
    format::{Cell, Table, human},
    protocol::Phase,
    record::{PhaseResult, RunResult, Stats, TransactionCounts},
    run_folder::{misbehaviour_table, rates},
};

const NO_TRANSACTION: &str = "No transaction was sent.";
const OUTCOMES: [&str; 6] = ["asked for", "included", "reverted", "refused", "lost", "resent"];

/// The tables of what was measured.
pub(super) fn tables(result: &RunResult) -> Vec<TitledTable> {
    let mut tables = vec![
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
        table_of_rates(result),
        outcomes(result),
        gas_of_phases(result),
        gas_of_functions(result),
    ];
    tables.extend(misbehaviour(result));
    tables
}

/// Dishonest calls, if there were any.
fn misbehaviour(result: &RunResult) -> Option<TitledTable> {
    let table = misbehaviour_table(result);
    (!table.is_empty()).then(|| TitledTable {
        title: "Dishonest calls",
        note: "Accepted: in a block, and succeeded; wrongly if it must be refused, whatever happens until then. Refused: in \
               a block, and reverted. Lost: in no block."
            .to_owned(),
        table,
        empty: NO_TRANSACTION,
    })
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
) -> TitledTable {
    let rows = phases(result).map(|(name, phase)| {
        let stats = of(phase);
        let mut row = vec![
            Cell::text(name.name()),
            Cell::count(stats.map_or(0, |stats| stats.count)),
        ];
        row.extend(times(stats));
        row
    });
    TitledTable {
        title,
        note: note.to_owned(),
        table: Table::default()
            .texts(["phase"])
            .numbers(["in blocks"])
            .numbers(TIMES)
            .rows(rows),
        empty: NO_TRANSACTION,
    }
}

fn tasks(result: &RunResult) -> TitledTable {
    let rows = result.task_phases.iter().filter_map(|(span, of)| {
        let stats = of.duration_us.as_ref()?;
        let mut row = vec![Cell::text(span.name()), Cell::count(stats.count)];
        row.extend(times(Some(stats)));
        Some(row)
    });
    TitledTable {
        title: "Time that tasks spent in each phase",
        note: "Total is from the intended submission to the end of the task. Every task that reached both ends of a \
               phase is in it, whatever became of it later."
            .to_owned(),
        table: Table::default().texts(["phase"]).numbers(["tasks"]).numbers(TIMES).rows(rows),
        empty: "No task got through a phase.",
    }
}

fn table_of_rates(result: &RunResult) -> TitledTable {
    let rows = rates(result).into_iter().map(|rate| {
        let per_s = Cell::maybe(rate.per_s, |per_s| {
            Cell::number(format!("{}/s", human::rate(per_s)), per_s)
        });
        [Cell::text(rate.name), Cell::text(rate.counted), per_s]
    });
    TitledTable {
        title: "Rates",
        note: "Offered: tasks that arrived. Steady state: tasks that ended once 90 % of the first would have ended, \
               until the last arrival. Overall: over all of the load; the shorter a run, the lower it is."
            .to_owned(),
        table: Table::default().texts(["rate", "of"]).numbers(["per second"]).rows(rows),
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

fn outcomes(result: &RunResult) -> TitledTable {
    let rows = phases(result).map(|(name, phase)| {
        let mut row = vec![Cell::text(name.name())];
        row.extend(outcome_cells(&phase.transactions));
        row
    });
    TitledTable {
        title: "Outcomes of transactions",
        note: "Asked for = included + reverted + refused + lost. One that was resent has one of these outcomes as well."
            .to_owned(),
        table: Table::default().texts(["phase"]).numbers(OUTCOMES).rows(rows),
        empty: NO_TRANSACTION,
    }
}

fn gas_of_phases(result: &RunResult) -> TitledTable {
    let all = result.gas_total();
    let rows = phases(result).map(|(name, of)| {
        let blocks = of.transactions.in_blocks();
        gas_row(
            Cell::text(name.name()),
            blocks,
            of.gas_used.as_ref(),
            [of.gas_total, all, of.gas_reverted],
        )
    });
    TitledTable {
        title: "Gas by phase",
        note: "Of every transaction in a block, reverted ones included.".to_owned(),
        table: gas_table("phase").rows(rows),
        empty: NO_TRANSACTION,
    }
}

fn gas_of_functions(result: &RunResult) -> TitledTable {
    let all = result.gas_total();
    let rows = result.functions.iter().map(|(name, of)| {
        let blocks = of.transactions.in_blocks();
        gas_row(
            Cell::code(name.name()),
            blocks,
            of.gas_used.as_ref(),
            [of.gas_total, all, of.gas_reverted],
        )
    });
    TitledTable {
        title: "Gas by function",
        note: "Of every transaction in a block that calls it, reverted ones included.".to_owned(),
        table: gas_table("function").rows(rows),
        empty: NO_TRANSACTION,
    }
}

fn gas_table(first: &str) -> Table {
    let table = Table::default().texts([first]).numbers(["in blocks"]);
    table.numbers(GAS).numbers(["share", "by reverted"])
}

/// A row of [`gas_table`]: the gas of its transactions together, of all transactions, and of those that reverted.
fn gas_row(name: Cell, blocks: u64, stats: Option<&Stats>, [total, all, reverted]: [u64; 3]) -> Vec<Cell> {
    let mut row = vec![name, Cell::count(blocks)];
    row.extend(gas(stats, total));
    row.extend([Cell::share(total, all), Cell::failed(reverted)]);
    row
}

//! The table of dishonest calls.

use crate::{
    format::{Cell, Table},
    record::RunResult,
};

/// What became of dishonest calls, a row for each behaviour, function and phase of the task; no rows where all are honest.
pub(crate) fn misbehaviour_table(result: &RunResult) -> Table {
    let rows = result.misbehaviour.iter().map(|of| {
        [
            Cell::text(of.behaviour.name()),
            Cell::text(of.function.name()),
            of.task_phase
                .map_or_else(Cell::nothing, |phase| Cell::text(phase.name())),
            Cell::count(of.accepted),
            Cell::failed(of.wrongly_accepted),
            Cell::count(of.refused),
            Cell::count(of.lost),
        ]
    });
    let table = Table::default().texts(["misbehaviour", "function", "task in"]);
    table
        .numbers(["accepted", "wrongly", "refused", "lost"])
        .rows(rows)
}

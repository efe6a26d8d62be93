//! Formats the faults of a run.

use crate::{
    format::{Cell, Table, human},
    record::{FaultsResult, RunResult},
};

/// Longest text of a fault that is shown, in characters.
const FAULT: usize = 60;

/// Each fault with how often it struck and when tasks were served as before; empty where none was asked for.
pub(crate) fn fault_table(result: &RunResult) -> Table {
    let faults = result.faults.iter().flat_map(|faults| {
        let each = faults.faults.iter();
        each.map(move |fault| {
            [
                Cell::text(human::one_line(&fault.fault, FAULT)),
                Cell::count(fault.count),
                Cell::text(recovered(faults, &fault.fault)),
            ]
        })
    });
    Table::default()
        .texts(["fault"])
        .numbers(["struck", "recovered after"])
        .rows(faults)
}

/// The longest time to recover after the windows of a fault.
fn recovered(faults: &FaultsResult, fault: &str) -> String {
    let of_fault = faults.recovery.iter().filter(|recovery| recovery.fault == fault);
    let times: Vec<_> = of_fault.map(|recovery| recovery.recovered_after_us).collect();
    if times.is_empty() {
        return human::NOTHING.to_owned();
    }
    match times.into_iter().collect::<Option<Vec<u64>>>() {
        Some(all) => human::time_us(all.into_iter().max().unwrap_or_default()),
        None => "never".to_owned(),
    }
}

/// What difference faults made to the times of tasks; `None` where nobody knows.
pub(crate) fn sensitivity_line(result: &RunResult) -> Option<String> {
    let faults = result
        .faults
        .as_ref()
        .filter(|faults| !faults.faults.is_empty())?;
    let sensitivity = faults.sensitivity.as_ref()?;
    let area = human::time_us(sensitivity.area_us.abs().round() as u64);
    let verdict = if sensitivity.area_us > 0.0 {
        format!("{area} more per task than without faults")
    } else if sensitivity.area_us < 0.0 {
        format!("{area} less per task than without faults")
    } else {
        "no difference to the same run without faults".to_owned()
    };
    let [before, after] = [&sensitivity.baseline, &faults.task_times].map(|times| {
        let mean = human::time_us(times.mean_us.round() as u64);
        format!(
            "{} of {} tasks, mean {mean}",
            human::count(times.ended),
            human::count(times.offered)
        )
    });
    Some(format!("{verdict} ({before}; with faults {after})"))
}

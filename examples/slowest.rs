//! Reads a run's folder and prints its slowest tasks, with the time of each phase:
//! `cargo run --example slowest [DIR]`.
#![expect(clippy::print_stdout, reason = "an example prints its result")]

use std::{cmp::Reverse, env, fmt::Display};

use miette::{IntoDiagnostic, Result, miette};
use taskstorm::{record::TaskRecord, run_folder::RunFolder};

fn main() -> Result<()> {
    let folder = env::args().nth(1);
    let folder = RunFolder::open(folder.as_deref().unwrap_or("reports/sample")).into_diagnostic()?;
    let rows = folder
        .tasks()
        .into_diagnostic()?
        .ok_or_else(|| miette!("the run has no tasks.csv"))?;
    let mut tasks: Vec<TaskRecord> = rows.collect::<Result<_, _>>().into_diagnostic()?;
    tasks.sort_by_key(|task| Reverse(task.total_us()));

    let spans = folder.result().protocol.spans;
    print_row("task", spans.iter().map(|span| span.name().to_owned()));
    for task in tasks.iter().take(10) {
        print_row(
            task.id,
            spans.iter().map(|span| milliseconds(task.span_us(*span))),
        );
    }
    Ok(())
}

fn print_row(task: impl Display, cells: impl Iterator<Item = String>) {
    let cells: String = cells.map(|cell| format!("{cell:>12}")).collect();
    println!("{task:>6}{cells}");
}

fn milliseconds(us: Option<u64>) -> String {
    us.map_or_else(|| "-".to_owned(), |us| format!("{:.0} ms", us as f64 / 1e3))
}

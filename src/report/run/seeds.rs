//! The table of several seeds.

use std::{fmt::Write as _, path::Path};

use crate::{
    format::{Style, Table, human},
    run_folder::{Aggregate, Spread},
};

/// A summary for people: what matters most, as mean, standard deviation and range over the seeds.
#[must_use]
pub fn seeds_table(aggregate: &Aggregate, files: &Path, style: Style) -> String {
    let mut text = format!(
        "{} · {} · {}{}\n",
        aggregate.scenario,
        human::counted(aggregate.runs.len() as u64, "seed"),
        aggregate.clock.description(),
        aggregate
            .contracts
            .as_ref()
            .map_or_else(String::new, |build| format!(" · {build}"))
    );
    for run in aggregate.runs.iter().filter(|run| !run.complete) {
        let reason = run.stop_reason.description();
        let _ = writeln!(text, "  INCOMPLETE: seed {} {reason}", run.seed);
    }
    let measured = |(label, path, write): &(&str, &str, Written)| {
        let Spread {
            mean,
            stddev,
            min,
            max,
            ..
        } = *aggregate.metrics.get(*path)?;
        let cells = [mean, stddev, min, max].map(write);
        Some([(*label).to_owned()].into_iter().chain(cells))
    };
    let table = Table::default()
        .texts([""])
        .numbers(["mean", "stddev", "min", "max"])
        .rows(SHOWN.iter().filter_map(measured));
    let _ = writeln!(text, "\n{}", table.terminal(style));
    for run in &aggregate.runs {
        for verdict in &run.failed_thresholds {
            let (expression, measured) = (&verdict.expression, human::measured(verdict));
            let _ = writeln!(text, "  FAILED  seed {}: {expression}: {measured}", run.seed);
        }
    }
    let _ = writeln!(text, "\n  files  {}", files.display());
    text
}

/// How a number is written.
type Written = fn(f64) -> String;

/// What the table shows: a label, the path of the number, and how it is written.
const SHOWN: [(&str, &str, Written); 13] = [
    ("tasks ended", "tasks.ended", whole),
    ("tasks failed", "tasks.failed", whole),
    ("tasks/s offered", "rates.tasks_offered_per_s", human::rate),
    ("tasks/s steady", "rates.tasks_steady_per_s", human::rate),
    ("tasks/s overall", "rates.tasks_per_s", human::rate),
    ("task p50", "task_phases.total.duration_us.p50", time),
    ("task p99", "task_phases.total.duration_us.p99", time),
    ("submit p99", "phases.submit.response_us.p99", time),
    ("ack p99", "phases.ack.response_us.p99", time),
    ("precommit p99", "phases.precommit.response_us.p99", time),
    ("commit p99", "phases.commit.response_us.p99", time),
    ("end p99", "phases.end.response_us.p99", time),
    ("gas per block", "blocks.gas_used.mean", whole),
];

fn whole(value: f64) -> String {
    human::count(value.round() as u64)
}

fn time(us: f64) -> String {
    human::time_us(us.round() as u64)
}

//! The guides say what is true: the columns of the files, the metrics, and what other people's readers make of both.

mod ci;
mod columns;
mod metrics;
mod python;

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::support::{node::root, place::Place};

/// The files of a run with a warm-up, a cool-down, dropped tasks and a threshold that fails, those of a search and of a
/// sweep, and those of a run as the search's first step was.
struct Files(Place);

impl Files {
    fn make() -> Self {
        let files = Self(Place::new());
        let checked = root().join("tests/it/guides/checked.toml");
        let checked = checked.to_str().expect("a path of text");
        let run = [
            "run",
            checked,
            "--no-charts",
            "--out",
            "run",
            "--junit",
            "junit.xml",
            "--threshold",
            "task.total.p99 < 1ms",
            "--threshold",
            "tasks.ended.ratio >= 1%",
        ];
        let capacity = [
            "capacity",
            checked,
            "--out",
            "capacity",
            "--step-duration",
            "20s",
            "--max-steps",
            "2",
            "--hold",
            "task.total.p99 < 20s",
            // A search scales random arrivals until as many come as it asks for: no plain run does.
            "--set",
            "owners.load={ constant = \"4/s\" }",
        ];
        let step = [
            "run",
            "capacity/scenario.toml",
            "--no-charts",
            "--out",
            "step",
            "--duration",
            "20s",
            "--set",
            "measure={}",
            "--set",
            "limits.drain=40s",
        ];
        let sweep = [
            "sweep",
            checked,
            "--no-charts",
            "--out",
            "sweep",
            "--vary",
            "miners.count=10,12",
            "--vary",
            "owners.redundancy=1,2",
            "--vary",
            "seed=1,2",
        ];
        for (code, arguments) in [(4, &run[..]), (4, &capacity), (0, &step), (0, &sweep)] {
            files.0.taskstorm(arguments).code(code).end();
        }
        files
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path(file)
    }
}

/// The files that docs/research.md has the columns of.
const TABLES: [&str; 6] = [
    "run/transactions.csv",
    "run/tasks.csv",
    "run/blocks.csv",
    "run/phases.csv",
    "capacity/capacity.csv",
    "sweep/sweep.csv",
];

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).expect("a page")
}

/// The cells of a row of a table in Markdown, code without its backticks; `None` of any other line.
fn cells(line: &str) -> Option<Vec<String>> {
    let row = line.strip_prefix('|')?.strip_suffix('|')?;
    Some(row.split('|').map(|cell| cell.trim().replace('`', "")).collect())
}

/// What a file's name is without its folder.
fn file_name(file: &str) -> &str {
    Path::new(file)
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a name")
}

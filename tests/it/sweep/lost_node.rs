//! A node that is lost in one cell costs that cell alone, and the same command runs it.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{assert_same, cells, eventually, files, text};
use crate::support::{
    anvil,
    processes::{children, send},
};

/// Some seconds on a node.
const SCENARIO: &str = r#"
name = "lost"
[chain]
block_time = "100ms"
[owners]
count = 2
tasks = 30
redundancy = 2
load = { back_to_back = { in_flight = 2 } }
[miners]
count = 4
work_time = "5ms"
[oracle]
check_interval = "100ms"
"#;

fn command(place: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taskstorm"));
    command
        .args([
            "sweep",
            "lost.toml",
            "--vary",
            "seed=1..3",
            "--no-charts",
            "--out",
            "out",
        ])
        .current_dir(place.path())
        .env("ANVIL", &anvil::found().executable)
        .env("COLUMNS", "100")
        .env_remove("RUST_LOG");
    command
}

/// The cells in `sweep.json`, each with its state and why it failed.
fn states(out: &Path) -> Vec<(String, Value)> {
    let text = fs::read_to_string(out.join("sweep.json")).expect("sweep.json");
    let manifest: Value = serde_json::from_str(&text).expect("JSON");
    let cells = manifest["cells"].as_array().expect("cells").iter();
    cells
        .map(|cell| {
            let state = cell["state"].as_str().expect("a state");
            (state.to_owned(), cell["message"].clone())
        })
        .collect()
}

/// The cells that `sweep.csv` has rows of.
fn with_rows(out: &Path) -> Vec<String> {
    let csv = fs::read_to_string(out.join("sweep.csv")).expect("sweep.csv");
    let cells = csv.lines().skip(1).filter_map(|row| row.split(',').next());
    let mut cells: Vec<String> = cells.map(str::to_owned).collect();
    cells.dedup();
    cells
}

#[test]
fn a_node_that_is_lost_costs_one_cell_and_the_same_command_runs_it() {
    let place = TempDir::new().expect("a temporary folder");
    let out = place.path().join("out");
    fs::write(place.path().join("lost.toml"), SCENARIO).expect("a scenario file");
    let mut child = command(&place)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("taskstorm starts");
    let second = out.join("cells/2-seed=2");
    eventually(&mut child, "a task's row of the second cell", || {
        let rows = fs::read_to_string(second.join("tasks.csv")).unwrap_or_default();
        rows.lines().count() > 1
    });
    let first = files(&cells(&out)[0]);
    let anvils = children(child.id(), "anvil", "--port");
    assert_eq!(anvils.len(), 1, "the first cell's has ended");
    send(anvils[0], Signal::SIGKILL);
    let ended = child.wait_with_output().expect("a child");

    let (table, said) = (text(&ended.stdout), text(&ended.stderr));
    assert_eq!(ended.status.code(), Some(3), "{said}");
    let why = "anvil ended during the run: killed by SIGKILL";
    for words in [
        &format!("cell 2 (seed=2) failed: {why}"),
        "1 of 3 cells are not done; the same command with --out out runs them and keeps the others",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(table.contains("FAILED") && table.contains(why), "{table}");
    let done = || ("done".to_owned(), Value::Null);
    assert_eq!(states(&out), [done(), ("failed".to_owned(), json!(why)), done()]);
    assert_eq!(with_rows(&out), ["1", "3"]);
    assert_same(&first, &files(&cells(&out)[0]));

    let others = [0, 2].map(|cell: usize| files(&cells(&out)[cell]));
    let again = command(&place).output().expect("taskstorm");
    let said = text(&again.stderr);
    assert_eq!(again.status.code(), Some(0), "{said}");
    assert!(
        said.contains("resuming") && said.contains("cell 2 of 3"),
        "{said}"
    );
    assert!(
        !said.contains("cell 1 of 3") && !said.contains("cell 3 of 3"),
        "{said}"
    );
    assert!(!text(&again.stdout).contains("FAILED"));
    assert_eq!(states(&out), [done(), done(), done()]);
    assert_eq!(with_rows(&out), ["1", "2", "3"]);
    for (before, cell) in others.iter().zip([0, 2]) {
        assert_same(before, &files(&cells(&out)[cell]));
    }
}

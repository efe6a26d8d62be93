//! A node that is lost in one cell costs that cell alone, and the same command runs it.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::cells;
use crate::support::{
    place::{Place, assert_same, files},
    processes::{children, send},
    taskstorm::Taskstorm,
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

fn sweep(place: &Place) -> Taskstorm {
    let seeds = ["--vary", "seed=1..3", "--no-charts", "--out", "out"];
    place.taskstorm(["sweep", "lost.toml"]).args(seeds)
}

/// The cells in `sweep.json`, each with its state and why it failed.
fn states(place: &Place) -> Vec<(String, Value)> {
    let manifest: Value = serde_json::from_str(&place.read("out/sweep.json")).expect("JSON");
    let cells = manifest["cells"].as_array().expect("cells").iter();
    cells
        .map(|cell| {
            let state = cell["state"].as_str().expect("a state");
            (state.to_owned(), cell["message"].clone())
        })
        .collect()
}

/// The cells that `sweep.csv` has rows of.
fn with_rows(place: &Place) -> Vec<String> {
    let csv = place.read("out/sweep.csv");
    let cells = csv.lines().skip(1).filter_map(|row| row.split(',').next());
    let mut cells: Vec<String> = cells.map(str::to_owned).collect();
    cells.dedup();
    cells
}

#[test]
fn a_node_that_is_lost_costs_one_cell_and_the_same_command_runs_it() {
    let place = Place::with("lost.toml", SCENARIO);
    let cell = |index: usize| files(&cells(&place.path("out"))[index]);
    let why = "anvil ended during the run: killed by SIGKILL";
    let run = sweep(&place)
        .code(3)
        .stdout_has("FAILED")
        .stdout_has(why)
        .stderr_has(&format!("cell 2 (seed=2) failed: {why}"))
        .stderr_has(
            "1 of 3 cells are not done; the same command with --out out runs them and keeps the others",
        )
        .start();
    run.writes_tasks("out/cells/2-seed=2");
    let first = cell(0);
    let anvils = children(run.pid(), "anvil", "--port");
    assert_eq!(anvils.len(), 1, "the first cell's has ended");
    send(anvils[0], Signal::SIGKILL);
    run.end();
    let done = || ("done".to_owned(), Value::Null);
    assert_eq!(
        states(&place),
        [done(), ("failed".to_owned(), json!(why)), done()]
    );
    assert_eq!(with_rows(&place), ["1", "3"]);
    assert_same(&first, &cell(0));

    let others = [0, 2].map(cell);
    let again = sweep(&place)
        .stderr_has("resuming")
        .stderr_has("cell 2 of 3")
        .stderr_lacks("cell 1 of 3")
        .stderr_lacks("cell 3 of 3")
        .end();
    assert!(!again.stdout.contains("FAILED"), "{}", again.stdout);
    assert_eq!(states(&place), [done(), done(), done()]);
    assert_eq!(with_rows(&place), ["1", "2", "3"]);
    for (before, index) in others.iter().zip([0, 2]) {
        assert_same(before, &cell(index));
    }
}

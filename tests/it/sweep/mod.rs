//! `taskstorm sweep`, as a user runs it.

mod lock;
mod lost_node;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use nix::sys::signal::Signal;
use taskstorm::{metric::Metric, record::RunResult};

use crate::support::{
    anvil,
    place::{Place, assert_same, files},
    scenario::SMOKE,
    taskstorm::{Running, Taskstorm},
};

/// A sweep of forty cells, one after the other.
const LONG: [&str; 7] = [
    "--vary",
    "seed=1..40",
    "--set",
    "owners.tasks=100",
    "--jobs",
    "1",
    "--no-charts",
];

const GRID: [&str; 6] = [
    "--vary",
    "miners.count=6,1_0",
    "--vary",
    "chain.block_time=250ms,1s",
    "--vary",
    "seed=1..3",
];

/// A place with the scenario in it.
fn place() -> Place {
    Place::with("smoke.toml", SMOKE)
}

/// A sweep on the embedded chain.
fn sweep(place: &Place, out: &str, arguments: &[&str]) -> Taskstorm {
    place
        .taskstorm(["sweep", "smoke.toml", "--chain", "embedded", "--out", out])
        .args(arguments)
}

fn cells(out: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(out.join("cells"))
        .expect("cells")
        .map(|entry| entry.unwrap().path());
    let mut cells: Vec<_> = entries.collect();
    cells.sort();
    cells
}

/// Waits until [`LONG`] to `out` is in the middle.
fn second_cell_is_done(sweep: &Running) {
    let summary = sweep.place().path("out/cells/02-seed=2/summary.json");
    sweep.until("the second cell", || summary.exists());
}

/// Holds the sweep in `out`, which was cut short, to one that was not.
fn assert_whole(place: &Place) {
    sweep(place, "whole", &LONG).end();
    assert_same(&files(&place.path("out")), &files(&place.path("whole")));
}

#[test]
fn a_grid_is_the_same_whatever_the_jobs_and_however_often_it_was_resumed() {
    let place = place();
    let out = place.path("one");
    let printed = sweep(&place, "one", &GRID).args(["--jobs", "1"]).end().stdout;
    insta::assert_snapshot!("table", printed);
    let whole = files(&out);
    let csv = place.read("one/sweep.csv");
    insta::assert_snapshot!("csv_begin", csv.lines().take(12).collect::<Vec<_>>().join("\n"));
    let mut manifest: serde_json::Value = serde_json::from_slice(&whole["sweep.json"]).unwrap();
    manifest["cells"].as_array_mut().unwrap().truncate(2);
    // They change with the version and the scenario's format.
    manifest["tool_version"] = "…".into();
    manifest["fingerprint"] = "…".into();
    insta::assert_snapshot!("sweep_json", format!("{manifest:#}"));
    let names: Vec<_> = cells(&out)
        .iter()
        .map(|cell| cell.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        (names.len(), names[0].as_str()),
        (12, "01-miners.count=6,chain.block_time=250ms,seed=1")
    );

    // The rows are the metrics of the cells' results, all but those per function.
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let mut seen = BTreeMap::new();
    for row in rows.records() {
        let row = row.unwrap();
        seen.insert(
            (row[0].parse::<usize>().unwrap(), row[11].to_owned()),
            row[9].parse::<f64>().unwrap(),
        );
    }
    for (index, cell) in cells(&out).iter().enumerate() {
        let result: RunResult =
            serde_json::from_slice(&fs::read(cell.join("summary.json")).unwrap()).unwrap();
        for metric in Metric::all() {
            let name = metric.name();
            let row = seen.remove(&(index + 1, name.clone()));
            let expected = metric.of(&result).filter(|_| !name.starts_with("function."));
            assert_eq!(row, expected, "{name} of {}", cell.display());
        }
        assert!(!cell.join("transactions.csv").exists() && !cell.join("charts").exists());
    }
    assert!(seen.is_empty(), "{seen:?}");

    sweep(&place, "two", &GRID).args(["--jobs", "2"]).end();
    assert_same(&whole, &files(&place.path("two")));

    // What is missing, cut short, or not what would be run, is run again, and nothing else.
    let all = cells(&out);
    fs::remove_dir_all(&all[2]).unwrap();
    fs::remove_file(all[5].join("summary.json")).unwrap();
    fs::write(all[7].join("scenario.toml"), "seed = 9").unwrap();
    fs::remove_file(out.join("sweep.csv")).unwrap();
    let written = |cell: &Path| {
        fs::metadata(cell.join("summary.json"))
            .unwrap()
            .modified()
            .unwrap()
    };
    let before = written(&all[0]);
    let again = sweep(&place, "one", &GRID)
        .stdout(&printed)
        .stderr_has("resuming")
        .end();
    let ran: Vec<_> = (1..=12)
        .filter(|n| again.stderr.contains(&format!("cell {n} of 12")))
        .collect();
    assert_eq!(ran, [3, 6, 8]);
    assert_eq!(before, written(&all[0]));
    assert_same(&whole, &files(&out));
}

#[test]
fn ctrl_c_keeps_what_is_done_and_the_same_command_goes_on() {
    let place = place();
    let run = sweep(&place, "out", &LONG)
        .code(130)
        .stderr_has("cells are not done; the same command with --out out")
        .start();
    second_cell_is_done(&run);
    run.signal(Signal::SIGINT);
    run.end();
    let csv = place.read("out/sweep.csv");
    let done = cells(&place.path("out")).len();
    assert!((2..40).contains(&done), "{done}");
    assert!(
        csv.lines().last().unwrap().starts_with(&format!("{done},")),
        "{csv}"
    );

    sweep(&place, "out", &LONG).end();
    assert_whole(&place);
}

#[test]
fn charts_are_against_every_key_of_numbers() {
    let place = place();
    let arguments = [
        "--vary",
        "miners.count=6,10",
        "--vary",
        "owners.redundancy=1,2",
        "--vary",
        "owners.mode=ephemeral",
    ];
    sweep(&place, "out", &arguments)
        .stdout_has("none: there is one seed per row")
        .end();
    let charts: Vec<_> = files(&place.path("out/charts")).into_keys().collect();
    insta::assert_snapshot!("charts", charts.join("\n"));
    let svg = place.read("out/charts/task.total.p99-by-miners.count.svg");
    for words in [
        "none, since there is one seed per setting",
        "owners.redundancy 1",
        "owners.redundancy 2",
        "miners.count",
    ] {
        assert!(svg.contains(words), "{words}");
    }
}

#[test]
fn thresholds_are_judged_per_cell() {
    let arguments = [
        "--vary",
        "chain.block_time=250ms,2s",
        "--vary",
        "seed=1,2",
        "--set",
        "thresholds=[\"task.total.p99 < 6s\"]",
        "--no-charts",
        "--json",
    ];
    let json = sweep(&place(), "out", &arguments).code(4).end().json();
    let failed: Vec<_> = json["failed_thresholds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| cell["cell"].as_u64().unwrap())
        .collect();
    assert_eq!(failed, [3, 4]);
    let ended = &json["combinations"][1]["metrics"]["tasks.ended.count"];
    assert_eq!(
        *ended,
        serde_json::json!({ "runs": 2, "mean": 8.0, "half_width": null, "low": null, "high": null, "alike": true })
    );
}

#[test]
fn misuse_is_2_and_says_what_would_be_right() {
    let place = place();
    for (name, arguments) in [
        ("no_vary", &[][..]),
        ("no_values", &["--vary", "miners.count"]),
        (
            "bad_value",
            &["--vary", "miners.count=6,many", "--vary", "seed=1..3"],
        ),
        ("unknown_key", &["--vary", "miners.cuont=6,7"]),
        (
            "bad_combination",
            &["--vary", "miners.count=2,6", "--vary", "owners.max_nodes=3"],
        ),
        ("varied_twice", &["--vary", "seed=1,2", "--vary", "seed=3"]),
        ("same_value", &["--vary", "seed=1..3,2"]),
        ("same_run", &["--vary", "chain.block_time=1s,1000ms"]),
        (
            "too_many",
            &["--vary", "seed=1..1000", "--vary", "miners.count=6..100"],
        ),
        ("seed_twice", &["--seed", "4", "--vary", "seed=1,2"]),
    ] {
        let refused = sweep(&place, "out", arguments);
        let refused = refused.code(2).stdout("").leaves_no("out").end();
        insta::assert_snapshot!(name, refused.stderr);
    }
}

#[test]
fn a_folder_of_another_sweep_is_refused() {
    let place = place();
    let first = || sweep(&place, "out", &["--vary", "seed=1,2", "--no-charts"]);
    first().end();
    let before = files(&place.path("out"));
    for (name, arguments) in [
        ("other_grid", &["--vary", "seed=1,2,3"][..]),
        (
            "other_scenario",
            &["--vary", "seed=1,2", "--set", "miners.count=7"],
        ),
    ] {
        let refused = sweep(&place, "out", arguments).code(2).end();
        insta::assert_snapshot!(name, refused.stderr);
    }
    assert_same(&before, &files(&place.path("out")));
    first().end();
}

#[test]
fn cells_run_one_after_another_on_a_real_anvil() {
    let place = place();
    let anvil = anvil::found().executable.display().to_string();
    let chain = ["--chain", "anvil", "--anvil", &anvil, "--out", "out"];
    place
        .taskstorm(["sweep", "smoke.toml", "--vary", "owners.tasks=2,3", "--no-charts"])
        .args(chain)
        .end();
    let csv = place.read("out/sweep.csv");
    for row in [
        "1,2,1,wall,true,tasks,ended,count,2,",
        "2,3,1,wall,true,tasks,ended,count,3,",
    ] {
        assert!(csv.contains(row), "{row}");
    }
}

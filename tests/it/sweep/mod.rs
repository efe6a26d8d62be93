//! `taskstorm sweep`, as a user runs it.

mod lock;
mod lost_node;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use taskstorm::{metric::Metric, record::RunResult};
use tempfile::TempDir;

/// A sweep of forty cells, one after the other.
const LONG: [&str; 9] = [
    "--vary",
    "seed=1..40",
    "--set",
    "owners.tasks=100",
    "--jobs",
    "1",
    "--no-charts",
    "--out",
    "out",
];

const SMOKE: &str = include_str!("../../../scenarios/smoke.toml");
const GRID: [&str; 6] = [
    "--vary",
    "miners.count=6,1_0",
    "--vary",
    "chain.block_time=250ms,1s",
    "--vary",
    "seed=1..3",
];

/// A place with the scenario in it.
fn place() -> TempDir {
    let place = TempDir::new().expect("a temporary folder");
    fs::write(place.path().join("smoke.toml"), SMOKE).expect("a scenario file");
    place
}

fn command(place: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_taskstorm"));
    command
        .args(["sweep", "smoke.toml", "--chain", "embedded"])
        .args(arguments)
        .current_dir(place.path())
        .env("COLUMNS", "100")
        .env_remove("RUST_LOG");
    command
}

/// A sweep that ends with `code`.
fn sweep(place: &TempDir, code: i32, arguments: &[&str]) -> Output {
    let output = command(place, arguments).output().expect("taskstorm starts");
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?}: {}",
        text(&output.stderr)
    );
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every file below `folder` by its path there, but for what the machine decides.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder").map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("host.json") {
                let name = path.strip_prefix(folder).expect("below it").to_owned();
                found.insert(name, fs::read(path).expect("a file"));
            }
        }
    }
    found
}

fn assert_same(one: &BTreeMap<PathBuf, Vec<u8>>, other: &BTreeMap<PathBuf, Vec<u8>>) {
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(one), names(other));
    for (name, bytes) in one {
        assert!(other[name] == *bytes, "{} differs", name.display());
    }
}

fn cells(out: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(out.join("cells"))
        .expect("cells")
        .map(|entry| entry.unwrap().path());
    let mut cells: Vec<_> = entries.collect();
    cells.sort();
    cells
}

/// Waits until something is true while a sweep runs.
fn eventually(sweep: &mut Child, what: &str, condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(
            began.elapsed() < Duration::from_secs(120),
            "waited too long for {what}"
        );
        assert_eq!(sweep.try_wait().unwrap(), None, "it ended before {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until a sweep over more than nine seeds is in the middle.
fn second_cell_is_done(sweep: &mut Child, out: &Path) {
    let summary = out.join("cells/02-seed=2/summary.json");
    eventually(sweep, "the second cell", || summary.exists());
}

#[test]
fn a_grid_is_the_same_whatever_the_jobs_and_however_often_it_was_resumed() {
    let place = place();
    let out = place.path().join("one");
    let grid = |more: &[&'static str]| [&GRID[..], more].concat();
    let printed = sweep(&place, 0, &grid(&["--jobs", "1", "--out", "one"])).stdout;
    insta::assert_snapshot!("table", text(&printed));
    let whole = files(&out);
    let csv = text(&whole[Path::new("sweep.csv")]);
    insta::assert_snapshot!("csv_begin", csv.lines().take(12).collect::<Vec<_>>().join("\n"));
    let mut manifest: serde_json::Value = serde_json::from_slice(&whole[Path::new("sweep.json")]).unwrap();
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

    sweep(&place, 0, &grid(&["--jobs", "2", "--out", "two"]));
    assert_same(&whole, &files(&place.path().join("two")));

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
    let again = sweep(&place, 0, &grid(&["--out", "one"]));
    assert!(
        text(&again.stderr).contains("resuming"),
        "{}",
        text(&again.stderr)
    );
    let ran: Vec<_> = (1..=12)
        .filter(|n| text(&again.stderr).contains(&format!("cell {n} of 12")))
        .collect();
    assert_eq!(ran, [3, 6, 8]);
    assert_eq!(before, written(&all[0]));
    assert_same(&whole, &files(&out));
    assert_eq!(text(&again.stdout), text(&printed));
}

#[test]
fn ctrl_c_keeps_what_is_done_and_the_same_command_goes_on() {
    let place = place();
    let out = place.path().join("out");
    let mut child = command(&place, &LONG)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("taskstorm starts");
    second_cell_is_done(&mut child, &out);
    let pid = child.id().to_string();
    Command::new("kill").args(["-INT", &pid]).status().expect("kill");
    let output = child.wait_with_output().expect("a child");
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    assert!(
        text(&output.stderr).contains("cells are not done; the same command with --out out"),
        "{}",
        text(&output.stderr)
    );
    let csv = fs::read_to_string(out.join("sweep.csv")).unwrap();
    let done = cells(&out).len();
    assert!((2..40).contains(&done), "{done}");
    assert!(
        csv.lines().last().unwrap().starts_with(&format!("{done},")),
        "{csv}"
    );

    sweep(&place, 0, &LONG);
    let mut whole = LONG;
    whole[LONG.len() - 1] = "whole";
    sweep(&place, 0, &whole);
    assert_same(&files(&out), &files(&place.path().join("whole")));
}

#[test]
fn charts_are_against_every_key_of_numbers() {
    let place = place();
    let out = place.path().join("out");
    let arguments = [
        "--vary",
        "miners.count=6,10",
        "--vary",
        "owners.redundancy=1,2",
        "--vary",
        "owners.mode=ephemeral",
        "--out",
        "out",
    ];
    let printed = sweep(&place, 0, &arguments).stdout;
    assert!(
        text(&printed).contains("none: there is one seed per row"),
        "{}",
        text(&printed)
    );
    let charts: Vec<_> = files(&out.join("charts"))
        .into_keys()
        .map(|name| name.display().to_string())
        .collect();
    insta::assert_snapshot!("charts", charts.join("\n"));
    let svg = fs::read_to_string(out.join("charts/task.total.p99-by-miners.count.svg")).unwrap();
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
    let place = place();
    let arguments = [
        "--vary",
        "chain.block_time=250ms,2s",
        "--vary",
        "seed=1,2",
        "--set",
        "thresholds=[\"task.total.p99 < 6s\"]",
        "--no-charts",
        "--json",
        "--out",
        "out",
    ];
    let printed = sweep(&place, 4, &arguments).stdout;
    let json: serde_json::Value = serde_json::from_slice(&printed).unwrap();
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
        serde_json::json!({ "runs": 2, "mean": 8.0, "half_width": 0.0 })
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
        let output = sweep(&place, 2, &[arguments, &["--out", "out"]].concat());
        assert!(
            output.stdout.is_empty() && !place.path().join("out").exists(),
            "{name}"
        );
        insta::assert_snapshot!(name, text(&output.stderr));
    }
}

#[test]
fn a_folder_of_another_sweep_is_refused() {
    let place = place();
    let first = ["--vary", "seed=1,2", "--no-charts", "--out", "out"];
    sweep(&place, 0, &first);
    let before = files(&place.path().join("out"));
    for (name, arguments) in [
        ("other_grid", &["--vary", "seed=1,2,3", "--out", "out"][..]),
        (
            "other_scenario",
            &["--vary", "seed=1,2", "--set", "miners.count=7", "--out", "out"],
        ),
    ] {
        insta::assert_snapshot!(name, text(&sweep(&place, 2, arguments).stderr));
    }
    assert_same(&before, &files(&place.path().join("out")));
    sweep(&place, 0, &first);
}

#[test]
fn cells_run_one_after_another_on_a_real_anvil() {
    let place = place();
    let anvil = crate::support::anvil::found().executable.display().to_string();
    let arguments = [
        "--chain",
        "anvil",
        "--anvil",
        &anvil,
        "--vary",
        "owners.tasks=2,3",
        "--no-charts",
        "--out",
        "out",
    ];
    let mut command = Command::new(env!("CARGO_BIN_EXE_taskstorm"));
    command
        .args(["sweep", "smoke.toml"])
        .args(arguments)
        .current_dir(place.path());
    let output = command.output().expect("taskstorm starts");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let csv = fs::read_to_string(place.path().join("out/sweep.csv")).unwrap();
    for row in [
        "1,2,1,wall,true,tasks,ended,count,2,",
        "2,3,1,wall,true,tasks,ended,count,3,",
    ] {
        assert!(csv.contains(row), "{row}");
    }
}

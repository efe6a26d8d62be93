//! Other people's readers, in Python: HdrHistogram, pandas, and an XML schema.
//!
//! They run where their packages are: those of `tests/py/requirements.txt`, in `target/python` (where `.ci/run` puts them) or
//! wherever `python3` finds them. Elsewhere the tests say so and pass, unless `TASKSTORM_PYTHON=required`.

use std::{
    env, fs,
    io::{Write, stderr},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use super::{Files, TABLES};
use crate::support::node::root;

fn python() -> Option<PathBuf> {
    let candidates = [root().join("target/python/bin/python"), PathBuf::from("python3")];
    let found = candidates.into_iter().find(|python| {
        let probe = Command::new(python)
            .args(["-c", "import hdrh, lxml, pandas"])
            .output();
        probe.is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        let required = env::var_os("TASKSTORM_PYTHON").is_some_and(|value| value == "required");
        assert!(
            !required,
            "the packages of tests/py/requirements.txt are in no Python"
        );
        // Past the test harness, which keeps what tests print to itself.
        let said = stderr().write_all(b"skipped: no Python has the packages of tests/py/requirements.txt\n");
        said.expect("stderr");
    }
    found
}

fn script(python: &Path, name: &str, arguments: &[PathBuf]) -> Output {
    Command::new(python)
        .arg(root().join("tests/py").join(name))
        .args(arguments)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("Python")
}

fn passes(python: &Path, name: &str, arguments: &[PathBuf]) {
    let output = script(python, name, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {said}");
}

#[test]
fn other_readers_agree_on_every_file() {
    let Some(python) = python() else {
        return;
    };
    let files = Files::make();
    passes(&python, "latency.py", &[files.path("run")]);
    passes(&python, "tables.py", &TABLES.map(|table| files.path(table)));
    passes(&python, "junit.py", &[files.path("junit.xml")]);
    passes(&python, "snippets.py", &[files.path("run")]);
    passes(&python, "figures.py", &[files.path("")]);
}

/// What would be found if the files were wrong.
#[test]
fn other_readers_find_what_is_wrong() {
    let Some(python) = python() else {
        return;
    };
    let files = Files::make();
    let corrupt = |file: &str, change: &dyn Fn(&str) -> String| {
        let text = fs::read_to_string(files.path(file)).expect("a file");
        let changed = change(&text);
        assert_ne!(text, changed, "{file}");
        fs::write(files.path(file), changed).expect("it is written");
    };
    let finds = |name: &str, file: &str, words: &str| {
        let output = script(&python, name, &[files.path(file)]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(words), "{name}: {said}");
    };
    // The median moves by 0.2 %.
    corrupt("run/phases.csv", &|text| {
        let lines = text.lines().map(|line| {
            let Some(rest) = line.strip_prefix("task.total,duration_us,") else {
                return line.to_owned();
            };
            let mut cells: Vec<String> = rest.split(',').map(str::to_owned).collect();
            let p50: u64 = cells[3].parse().expect("a time");
            cells[3] = (p50 + p50 / 500).to_string();
            format!("task.total,duration_us,{}", cells.join(","))
        });
        lines.map(|line| line + "\n").collect()
    });
    finds("latency.py", "run", "task.total: p50");
    corrupt("run/blocks.csv", &|text| text.replacen(",36000000,", ",,", 1));
    finds("tables.py", "run/blocks.csv", "NA values in column 4"); // gas_limit
    // A seed is a whole number, the varied keys are in their order, and figures are what the runs came to.
    let wrong_once = |name: &str, path: &str, (right, wrong): (&str, &str), finds_in: &str, words: &str| {
        corrupt(path, &|text| text.replacen(right, wrong, 1));
        finds(name, finds_in, words);
        corrupt(path, &|text| text.replacen(wrong, right, 1));
    };
    let (search, sweep) = ("capacity/capacity.csv", "sweep/sweep.csv");
    wrong_once(
        "tables.py",
        search,
        ("1,4.0,20000000,1,7,", "1,4.0,20000000,1,7.5,"),
        search,
        "uint64",
    );
    let keys = (
        "miners.count,owners.redundancy,",
        "owners.redundancy,miners.count,",
    );
    wrong_once(
        "tables.py",
        sweep,
        keys,
        sweep,
        "'owners.redundancy', 'miners.count'",
    );
    let dropped = ("\"dropped\": ", "\"dropped\": 1");
    wrong_once("figures.py", "step/summary.json", dropped, "", "tasks_dropped");
    let count = ("tasks,ended,count,", "tasks,ended,count,1");
    wrong_once("figures.py", sweep, count, "", "gas per task of cell 1");
    corrupt("junit.xml", &|text| text.replace(" hostname=\"localhost\"", ""));
    finds("junit.py", "junit.xml", "hostname");
}

//! Outputs that take nothing, and texts that no output shows as they are.

use std::fs;

use crate::support::{
    place::Place,
    taskstorm::{Taskstorm, full, unread},
};

/// Twelve tasks, and a description as nobody should give it.
const HOSTILE: &str = r#"
name = "hostile"
description = "\u001b[31mred\u001b[0m \u202ertl\u0007 🚀 <script>alert(1)</script> | `tick` ]]> &amp; \u001b]0;title\u0007 \u0000 \u009b2J \u2066x \U000e0041"
seed = 1
[chain]
kind = "embedded"
[owners]
count = 3
redundancy = 2
min_nodes = 2
max_nodes = 3
tasks = 12
load = { constant = "4/s" }
[miners]
count = 6
work_time = { pareto = { scale = "50ms", shape = 0.9 } }
"#;

/// The process of this command line.
fn taskstorm(place: &Place, line: &str) -> Taskstorm {
    place.taskstorm(line.split(' '))
}

/// A folder with the scenario and earlier results, to compare with and to render: `a`, `b` with larger payloads, and a
/// snapshot of gas.
fn place() -> Place {
    let place = Place::with("hostile.toml", HOSTILE);
    for line in [
        "run hostile.toml --out a --no-charts -q",
        "run hostile.toml --out b --no-charts -q --set owners.payload_size=512",
        "gas hostile.toml --snapshot gas.json",
    ] {
        taskstorm(&place, line).end();
    }
    place
}

/// Commands, their exit codes, and those where stdout takes nothing and the verdict is no other.
const COMMANDS: [(&str, i32); 15] = [
    ("run hostile.toml --out OUT --no-charts", 0),
    (
        "run hostile.toml --out OUT --no-charts --threshold task.total.p99<1us",
        4,
    ),
    (
        "run hostile.toml --out OUT --seeds 1..2 --threshold task.total.p99<1us --json",
        4,
    ),
    ("run hostile.toml --check-determinism", 0),
    ("check hostile.toml", 0),
    ("check hostile.toml missing.toml", 2),
    ("plan hostile.toml", 0),
    ("gas hostile.toml", 0),
    (
        "gas hostile.toml --set owners.payload_size=64 --snapshot gas.json --check",
        4,
    ),
    ("compare a b --force --fail-on gas>0", 4),
    ("compare a b --force --json", 0),
    ("report a --only md", 0),
    ("sweep hostile.toml --vary seed=1,2 --out OUT --no-charts", 0),
    (
        "capacity hostile.toml --hold task.total.p99<1us --max-steps 1 --out OUT",
        4,
    ),
    ("metrics gas", 0),
];

#[test]
fn stderr_that_takes_nothing_changes_nothing() {
    let place = place();
    for (number, (line, code)) in COMMANDS.into_iter().enumerate() {
        let line = line.replace("OUT", &format!("full-{number}"));
        taskstorm(&place, &line).stderr_to(full()).code(code).end();
        // Nor does one whose reader is gone.
        let line = line.replace("full-", "gone-");
        taskstorm(&place, &line).stderr_to(unread()).code(code).end();
    }
}

#[test]
fn stdout_that_takes_nothing_is_a_failure_unless_there_is_a_graver_verdict() {
    let place = place();
    for (number, (line, code)) in COMMANDS.into_iter().enumerate() {
        let out = format!("full-{number}");
        let line = line.replace("OUT", &out);
        let code = if code == 0 { 1 } else { code };
        let said = taskstorm(&place, &line).stdout_to(full()).code(code).end().stderr;
        let count = said.matches("cannot write to stdout").count();
        assert_eq!(count, 1, "{line}: {said}");
        if line.starts_with("run") && line.contains("--no-charts") {
            for file in ["summary.json", "summary.md", "report.html"] {
                assert!(place.path(&out).join(file).exists(), "{line}: {file}");
            }
        }
    }
}

#[test]
fn a_full_stdout_fails_help_too() {
    for line in ["--help", "run --help", "--version", "schema", "init -"] {
        taskstorm(&Place::new(), line).stdout_to(full()).code(1).end();
    }
}

/// What is neither shown by a terminal nor allowed in XML, or turns text around.
fn unsafe_characters(text: &str) -> Vec<char> {
    let hidden = |c: &char| {
        let c = *c;
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e0fff}')
    };
    text.chars().filter(hidden).collect()
}

#[test]
fn no_output_holds_control_characters_from_a_scenario() {
    let place = place();
    let hostile_names = [
        "run \u{1b}[2J\u{202e}.toml",
        "check \u{1b}[2J\u{202e}.toml",
        "--\u{1b}[2J\u{202e}",
        "run hostile.toml --set \u{1b}[2J\u{202e}=1",
    ];
    let lines = COMMANDS.iter().map(|(line, _)| *line).chain(hostile_names);
    for (number, line) in lines.enumerate() {
        let line = line.replace("OUT", &format!("out-{number}"));
        let ended = taskstorm(&place, &line).any_code().end();
        for text in [ended.stdout, ended.stderr] {
            assert_eq!(unsafe_characters(&text), Vec::<char>::new(), "{line}: {text}");
        }
    }
    let line = "run hostile.toml --out files --junit files.xml --threshold task.total.p99<1us";
    taskstorm(&place, line).code(4).end();
    let names = [
        "report.html",
        "summary.md",
        "phases.csv",
        "tasks.csv",
        "transactions.csv",
    ];
    let files = names.map(|name| place.path("files").join(name));
    let charts = fs::read_dir(place.path("files/charts")).expect("charts");
    let charts = charts.map(|entry| entry.expect("an entry").path());
    let charts = charts.filter(|path| path.extension().is_some_and(|extension| extension == "svg"));
    for file in files.into_iter().chain(charts).chain([place.path("files.xml")]) {
        let text = fs::read_to_string(&file).expect("text");
        assert_eq!(unsafe_characters(&text), Vec::<char>::new(), "{}", file.display());
    }
    let page = place.read("files/report.html");
    assert!(page.contains("␛[31mred") && !page.contains("<script>alert"));
}

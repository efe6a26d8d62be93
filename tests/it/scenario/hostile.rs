//! Files and flags that are no scenarios at all: refused in bounded time and memory, with their place, and not quoted where
//! they may be somebody's secret.

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

use taskstorm::scenario::{Finding, Loaded, Override, ScenarioError};
use tempfile::TempDir;

use super::refusals::render_within;

const BASE: &str = "name = \"t\"\n[owners]\ncount = 1\ntasks = 1\n[miners]\ncount = 1\n";

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

/// What is said of `s.toml` in the folder, without the folder's name.
fn said(folder: &Path) -> String {
    let error = Loaded::from_file(folder.join("s.toml")).unwrap_err();
    render_within(400, &error).replace(&format!("{}/", folder.display()), "")
}

fn findings(error: ScenarioError) -> Vec<Finding> {
    match error {
        ScenarioError::Invalid { findings, .. } => findings,
        other => panic!("{other}"),
    }
}

#[test]
fn lines_and_columns_are_those_of_an_editor() {
    for (name, text, expected) in [
        ("plain", BASE.replace("tasks", "taks"), (4, 1)),
        (
            "crlf",
            BASE.replace("tasks", "taks").replace('\n', "\r\n"),
            (4, 1),
        ),
        (
            "blank lines",
            format!("\n\r\n\n{}", BASE.replace("tasks", "taks")),
            (7, 1),
        ),
        (
            "comments",
            format!("# ä\n# 漢\n{}", BASE.replace("tasks", "taks")),
            (6, 1),
        ),
        (
            "mark",
            format!("\u{feff}{BASE}").replace("name = \"t\"", "name = 5"),
            (1, 8),
        ),
        (
            "mark and CRLF",
            format!("\u{feff}{BASE}")
                .replace("tasks", "taks")
                .replace('\n', "\r\n"),
            (4, 1),
        ),
        (
            "characters",
            format!("description = \"äöü漢\"; x\n{BASE}"),
            (1, 21),
        ),
        (
            "tabs",
            BASE.replace("count = 1\ntasks", "\t\tcount = 1.5\ntasks"),
            (3, 11),
        ),
    ] {
        let error = Loaded::from_toml("s.toml", &text).unwrap_err();
        let shown = render_within(200, &error);
        let first = &findings(error)[0];
        assert_eq!(first.position(), expected, "{name}\n{shown}");
        let place = format!("[s.toml:{}:{}]", expected.0, expected.1);
        assert!(shown.contains(&place), "{name}: {place}\n{shown}");
    }
}

#[test]
fn long_lines_many_problems_and_deep_values_are_refused_shortly() {
    let parts = |sign: &str| sign.repeat(20_000);
    for (name, text) in [
        (
            "column 70,000",
            format!("description = \"{}\"; x\n{BASE}", "a".repeat(70_000)),
        ),
        (
            "long value",
            BASE.replace("\"t\"", &format!("\"{}\"", "ä".repeat(70_000))),
        ),
        ("long key", format!("{} = 1\n{BASE}", "k".repeat(70_000))),
        ("brackets", format!("x = {}", parts("["))),
        ("braces", format!("x = {}", parts("{ a = "))),
        ("dotted key", format!("{}a = 1", parts("a."))),
        ("dotted header", format!("[{}a]\nb = 1", parts("a."))),
        (
            "groups",
            format!("name = \"t\"\n{}", parts("[[owners]]\ncount = 1\n")),
        ),
        (
            "unknown keys",
            (0..20_000).map(|k| format!("k{k} = 1\n")).collect(),
        ),
    ] {
        let shown = render_within(200, &Loaded::from_toml("s.toml", &text).unwrap_err());
        assert!(shown.len() < 200_000, "{name}: {} bytes", shown.len());
        assert!(shown.contains("s.toml:"), "{name}: {shown:.2000}");
    }
    for text in [
        format!("{}a=1", parts("a.")),
        format!("owners{}=1", parts("[0]")),
        format!("owners={}", parts("[")),
        format!("miners.count={}x", " ".repeat(70_000)),
    ] {
        let error = Loaded::from_toml_with("s.toml", BASE, &[Override::set(&text)]).unwrap_err();
        let shown = render_within(200, &error);
        assert!(shown.len() < 5_000, "{text:.40}: {} bytes", shown.len());
        assert_eq!(findings(error)[0].source_name(), "command line");
    }
}

#[test]
fn only_regular_files_of_a_sensible_size_are_read() {
    let extends = |path: &str| format!("extends = \"{path}\"\n{BASE}");
    let trace = |path: &str| BASE.replace("tasks = 1", &format!("load = {{ trace = \"{path}\" }}"));
    for (name, path, what) in [
        ("pipe", "pipe", "it is a pipe, not a regular file"),
        ("endless", "/dev/zero", "it is a device, not a regular file"),
        (
            "environment",
            "/proc/self/environ",
            "it is a file of the kernel, not a regular file",
        ),
        (
            "link",
            "link.csv",
            "it is a file of the kernel, not a regular file",
        ),
        ("folder", ".", "is a directory"),
        ("huge", "huge.csv", "it is larger than"),
    ] {
        for text in [extends(path), trace(path)] {
            let folder = folder(&[("s.toml", text.as_bytes())]);
            let made = Command::new("mkfifo")
                .arg(folder.path().join("pipe"))
                .status()
                .unwrap();
            assert!(made.success());
            symlink("/proc/self/environ", folder.path().join("link.csv")).unwrap();
            let huge = fs::File::create(folder.path().join("huge.csv")).unwrap();
            huge.set_len(1 << 40).unwrap();
            let said = said(folder.path());
            assert!(said.contains(what), "{name}: {said}");
            assert!(!said.contains("PATH="), "{name}: {said}");
        }
    }
    for (name, path) in [("endless", "/dev/zero"), ("environment", "/proc/self/environ")] {
        let error = Loaded::from_file(path).unwrap_err();
        assert!(
            matches!(error, ScenarioError::Unreadable { .. }),
            "{name}: {error}"
        );
    }
}

#[test]
fn what_is_not_called_a_scenario_or_a_data_file_is_not_quoted() {
    let secret = b"root:x:0:0:secret:/root\nhunter2\n";
    for (name, text, shown) in [
        (
            "passwd",
            format!("extends = \"passwd\"\n{BASE}"),
            "passwd:1:5: this is not TOML",
        ),
        (
            "passwd",
            BASE.replace("tasks = 1", "load = { trace = \"passwd\" }"),
            "passwd, line 1: missing column `at_us`",
        ),
        (
            "passwd",
            BASE.replace("tasks = 1", "load = { trace = \"link.csv\" }"),
            "link.csv, line 1: missing column `at_us`",
        ),
        (
            "times",
            BASE.replace("tasks = 1", "load = { trace = \"times\" }"),
            "times, line 2: `at_s` is no number",
        ),
    ] {
        let folder = folder(&[
            ("s.toml", text.as_bytes()),
            ("passwd", secret),
            ("times", b"at_s\nhunter2\n"),
        ]);
        symlink("passwd", folder.path().join("link.csv")).unwrap();
        let said = said(folder.path());
        assert!(said.contains(shown), "{name}: {said}");
        assert!(!said.contains("hunter2") && !said.contains("secret"), "{said}");
    }
}

#[test]
fn what_is_not_utf8_is_refused_with_its_place() {
    let utf16: Vec<u8> = BASE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, expected) in [
        (BASE.replace('t', "\u{ff}").into_bytes(), None),
        (
            b"name = \"ok\"\n# \xff\n".to_vec(),
            Some("s.toml:2:3: the file is not UTF-8 text"),
        ),
        (
            [&[0xff, 0xfe], &utf16[..]].concat(),
            Some("s.toml:1:1: the file is UTF-16 text"),
        ),
    ] {
        let folder = folder(&[("s.toml", &bytes)]);
        let said = said(folder.path());
        assert!(expected.is_none_or(|expected| said.contains(expected)), "{said}");
    }
}

#[test]
fn a_chain_of_files_has_an_end() {
    let folder = folder(&[
        ("s.toml", b"extends = \"0.toml\"\n"),
        ("99.toml", BASE.as_bytes()),
    ]);
    for file in 0..99 {
        let text = format!("extends = \"{}.toml\"\n", file + 1);
        fs::write(folder.path().join(format!("{file}.toml")), text).unwrap();
    }
    let said = said(folder.path());
    assert!(said.contains("more than 32 files extend one another"), "{said}");
}

//! `taskstorm init`: the scenario that it writes is right, and runs.

use std::fs;

use tempfile::TempDir;

use super::{success, taskstorm, text};
use crate::virtual_time::simulated;

#[test]
fn what_is_written_checks_clean_and_runs() {
    let folder = TempDir::new().unwrap();
    let said = success(folder.path(), &["init"]);
    assert!(said.starts_with("wrote scenario.toml\n"), "{said}");
    let output = taskstorm(folder.path(), &["check", "scenario.toml"]);
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(0), String::new())
    );
    let written = fs::read_to_string(folder.path().join("scenario.toml")).unwrap();
    assert_eq!(simulated(&written).result.tasks.ended, 100);
}

#[test]
fn nothing_is_overwritten_without_being_asked() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mine.toml");
    fs::write(&path, "mine").unwrap();
    let output = taskstorm(folder.path(), &["init", "mine.toml"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("mine.toml exists") && said.contains("--force"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    success(folder.path(), &["init", "mine.toml", "--force"]);
    assert!(fs::read_to_string(&path).unwrap().contains("[owners]"));
    assert_eq!(
        success(folder.path(), &["init", "-"]),
        fs::read_to_string(&path).unwrap()
    );
    assert_eq!(
        taskstorm(folder.path(), &["init", "no/such/folder.toml"])
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn commented_values_are_the_defaults() {
    let folder = TempDir::new().unwrap();
    let template = success(folder.path(), &["init", "-"]);
    // What is commented out as `# key = value` may be put back without a change.
    let lines = template.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if rest.split_once(" = ").is_some_and(|(key, _)| is_key(key)) => rest,
        _ => line,
    });
    let restored: String = lines.map(|line| format!("{line}\n")).collect();
    assert_ne!(restored, template);
    let read = |text: &str| taskstorm::scenario::Scenario::from_toml("t", text).expect("a scenario");
    assert_eq!(read(&restored), read(&template));
}

fn is_key(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

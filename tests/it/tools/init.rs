//! `taskstorm init`: the scenario that it writes is right, and runs.

use crate::{
    support::{place::Place, taskstorm::Taskstorm},
    virtual_time::simulated,
};

#[test]
fn what_is_written_checks_clean_and_runs() {
    let place = Place::new();
    let said = place.taskstorm(["init"]).end().stdout;
    assert!(said.starts_with("wrote scenario.toml\n"), "{said}");
    place.taskstorm(["check", "scenario.toml"]).stderr("").end();
    let written = place.read("scenario.toml");
    assert_eq!(simulated(&written).result.tasks.ended, 100);
}

#[test]
fn nothing_is_overwritten_without_being_asked() {
    let place = Place::with("mine.toml", "mine");
    place
        .taskstorm(["init", "mine.toml"])
        .code(2)
        .stderr_has("mine.toml exists")
        .stderr_has("--force")
        .end();
    assert_eq!(place.read("mine.toml"), "mine");
    place.taskstorm(["init", "mine.toml", "--force"]).end();
    let written = place.read("mine.toml");
    assert!(written.contains("[owners]"));
    place.taskstorm(["init", "-"]).stdout(&written).end();
    place.taskstorm(["init", "no/such/folder.toml"]).code(2).end();
}

#[test]
fn commented_values_are_the_defaults() {
    let template = Taskstorm::new(["init", "-"]).end().stdout;
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

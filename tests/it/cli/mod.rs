//! The command's help and version.

mod outputs;

use std::process::{Command, Output};

fn taskstorm(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_taskstorm"))
        .args(arguments)
        .env("COLUMNS", "100")
        .output()
        .expect("taskstorm starts")
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn help() {
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help_short", &["-h"]),
        ("help_run", &["run", "--help"]),
        ("help_capacity", &["capacity", "--help"]),
        ("help_sweep", &["sweep", "--help"]),
        ("help_gas", &["gas", "--help"]),
        ("help_compare", &["compare", "--help"]),
        ("help_doctor", &["doctor", "--help"]),
        ("help_check", &["check", "--help"]),
        ("help_plan", &["plan", "--help"]),
        ("help_init", &["init", "--help"]),
        ("help_schema", &["schema", "--help"]),
        ("help_completions", &["completions", "--help"]),
        ("help_metrics", &["metrics", "--help"]),
    ] {
        let output = taskstorm(arguments);
        assert_eq!(output.status.code(), Some(0), "{name}");
        insta::assert_snapshot!(name, text(output.stdout));
    }
}

#[test]
fn misuse_is_2_and_says_what_would_be_right() {
    for (name, arguments) in [
        ("no_command", &[][..]),
        ("no_scenario", &["run"]),
        ("unknown_command", &["simulate"]),
        ("quiet_and_verbose", &["run", "x.toml", "-q", "-v"]),
        (
            "threshold_of_no_metric",
            &["run", "x.toml", "--threshold", "task.totl.p99 < 10s"],
        ),
        ("port_out_of_range", &["run", "x.toml", "--port", "70000"]),
    ] {
        let output = taskstorm(arguments);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(output.stdout.is_empty(), "{name}");
        insta::assert_snapshot!(name, text(output.stderr));
    }
}

#[test]
fn completions_know_the_commands_and_flags_of_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = taskstorm(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let script = text(output.stdout);
        for word in ["devnet", "check-determinism", "set"] {
            assert!(script.contains(word), "{shell} has no {word}");
        }
    }
}

#[test]
fn the_version_is_the_packages() {
    let output = taskstorm(&["--version"]);
    assert_eq!(
        text(output.stdout),
        concat!("taskstorm ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn doctor_finds_the_anvil_of_this_machine_and_starts_it() {
    let anvil = &crate::support::anvil::found().executable;
    let output = taskstorm(&["doctor", "--anvil", &anvil.display().to_string()]);
    let said = text(output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains(&anvil.display().to_string()), "{said}");
}

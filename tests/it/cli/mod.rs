//! The command's help and version.

mod outputs;

use crate::support::{anvil, taskstorm::Taskstorm};

#[test]
fn help() {
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help_short", &["-h"]),
        ("help_run", &["run", "--help"]),
        ("help_capacity", &["capacity", "--help"]),
        ("help_sweep", &["sweep", "--help"]),
        ("help_gas", &["gas", "--help"]),
        ("help_parallel", &["parallel", "--help"]),
        ("help_hunt", &["hunt", "--help"]),
        ("help_replay", &["replay", "--help"]),
        ("help_compare", &["compare", "--help"]),
        ("help_doctor", &["doctor", "--help"]),
        ("help_check", &["check", "--help"]),
        ("help_plan", &["plan", "--help"]),
        ("help_init", &["init", "--help"]),
        ("help_schema", &["schema", "--help"]),
        ("help_completions", &["completions", "--help"]),
        ("help_metrics", &["metrics", "--help"]),
    ] {
        insta::assert_snapshot!(name, Taskstorm::new(arguments).end().stdout);
    }
}

/// A scenario that could run.
const SCENARIO: &str = "name = \"x\"\nowners = { count = 1, tasks = 1 }\nminers = { count = 1 }\n";

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
        let misuse = Taskstorm::new(arguments).file("x.toml", SCENARIO);
        let refused = misuse.code(2).stdout("").end();
        insta::assert_snapshot!(name, refused.stderr);
    }
}

#[test]
fn completions_know_the_commands_and_flags_of_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let mut completions = Taskstorm::new(["completions", shell]);
        for word in ["devnet", "check-determinism", "set"] {
            completions = completions.stdout_has(word);
        }
        completions.end();
    }
}

#[test]
fn the_version_is_the_packages() {
    let version = concat!("taskstorm ", env!("CARGO_PKG_VERSION"), "\n");
    Taskstorm::new(["--version"]).stdout(version).end();
}

#[test]
fn doctor_finds_the_anvil_of_this_machine_and_starts_it() {
    let anvil = anvil::found().executable.display().to_string();
    Taskstorm::new(["doctor", "--anvil", &anvil])
        .stdout_has(&anvil)
        .end();
}

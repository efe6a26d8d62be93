//! Runs that cannot begin: the message names the place and the remedy, the exit code says whose fault it is.

use std::net::TcpListener;

use super::{command::Trial, words::words};

const SMOKE: &str = include_str!("../../../scenarios/smoke.toml");

/// Runs it, checks the exit code, and that it left nothing behind.
fn refused(name: &str, code: i32, trial: Trial) {
    let ended = trial.end();
    assert_eq!(ended.code, Some(code), "{name}: {}", ended.stderr);
    assert_eq!(ended.stdout, "", "{name}");
    assert!(!ended.out().join("summary.json").exists(), "{name}");
    insta::assert_snapshot!(name, words(&ended));
}

#[test]
fn bad_usage_and_bad_scenarios_are_2() {
    let smoke = || Trial::of(SMOKE);
    for (name, trial) in [
        ("unknown_flag", smoke().with(&["--speed", "9"])),
        (
            "chain_and_port",
            smoke().with(&["--chain", "http://127.0.0.1:8545", "--port", "1"]),
        ),
        (
            "embedded_and_no_install",
            smoke().with(&["--chain", "embedded", "--no-install"]),
        ),
        ("chain_of_no_kind", smoke().with(&["--chain", "ganache"])),
        ("chain_of_another_scheme", smoke().with(&["--chain", "ftp://x"])),
        (
            "chain_of_an_impossible_port",
            smoke().with(&["--chain", "http://localhost:99999"]),
        ),
        (
            "scenario_invalid",
            Trial::of("name = \"x\"\n[owners]\ncount = 0\nspeed = 3\n"),
        ),
        ("scenario_no_toml", Trial::of("[owners\n")),
        ("scenario_missing", smoke().after("rm scenario.toml")),
        (
            "scenario_is_a_folder",
            smoke().after("rm scenario.toml; mkdir scenario.toml"),
        ),
        ("out_below_a_file", smoke().after("echo >file; ln -s file out")),
        ("out_holds_a_run", smoke().after("mkdir out; echo >out/tasks.csv")),
    ] {
        refused(name, 2, trial);
    }
}

#[test]
fn a_chain_that_is_not_there_is_3() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let nothing =
        r#"mkdir empty; unset ANVIL; export PATH="$PWD/empty" HOME="$PWD/empty" XDG_CACHE_HOME="$PWD/empty""#;
    let smoke = || Trial::of(SMOKE);
    for (name, trial) in [
        ("port_in_use", smoke().with(&["--port", &port])),
        (
            "no_anvil_and_no_install",
            smoke().with(&["--no-install"]).after(nothing),
        ),
        ("no_such_anvil", smoke().with(&["--anvil", "nowhere/anvil"])),
        (
            "chain_at_a_closed_port",
            smoke().with(&["--chain", "http://127.0.0.1:1"]),
        ),
        (
            "chain_at_a_closed_port_by_websocket",
            smoke().with(&["--chain", "ws://127.0.0.1:1"]),
        ),
    ] {
        refused(name, 3, trial);
    }
}

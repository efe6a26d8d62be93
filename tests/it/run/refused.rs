//! Runs that cannot begin: the message names the place and the remedy, the exit code says whose fault it is.

use std::net::TcpListener;

use super::words::words;
use crate::support::{scenario::SMOKE, taskstorm::Taskstorm};

/// Runs it, checks the exit code, and that it left nothing behind.
fn refused(name: &str, code: i32, run: Taskstorm) {
    let ended = run.code(code).stdout("").leaves_no("out/summary.json").end();
    insta::assert_snapshot!(name, words(&ended));
}

#[test]
fn bad_usage_and_bad_scenarios_are_2() {
    let smoke = || Taskstorm::run(SMOKE);
    for (name, run) in [
        ("unknown_flag", smoke().args(["--speed", "9"])),
        (
            "chain_and_port",
            smoke().args(["--chain", "http://127.0.0.1:8545", "--port", "1"]),
        ),
        (
            "embedded_and_no_install",
            smoke().args(["--chain", "embedded", "--no-install"]),
        ),
        ("chain_of_no_kind", smoke().args(["--chain", "ganache"])),
        ("chain_of_another_scheme", smoke().args(["--chain", "ftp://x"])),
        (
            "chain_of_an_impossible_port",
            smoke().args(["--chain", "http://localhost:99999"]),
        ),
        (
            "scenario_invalid",
            Taskstorm::run("name = \"x\"\n[owners]\ncount = 0\nspeed = 3\n"),
        ),
        ("scenario_no_toml", Taskstorm::run("[owners\n")),
        ("scenario_missing", smoke().after("rm scenario.toml")),
        (
            "scenario_is_a_folder",
            smoke().after("rm scenario.toml; mkdir scenario.toml"),
        ),
        ("out_below_a_file", smoke().after("echo >file; ln -s file out")),
        ("out_holds_a_run", smoke().after("mkdir out; echo >out/tasks.csv")),
    ] {
        refused(name, 2, run);
    }
}

#[test]
fn a_chain_that_is_not_there_is_3() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let nothing =
        r#"mkdir empty; unset ANVIL; export PATH="$PWD/empty" HOME="$PWD/empty" XDG_CACHE_HOME="$PWD/empty""#;
    let smoke = || Taskstorm::run(SMOKE);
    for (name, run) in [
        ("port_in_use", smoke().args(["--port", &port])),
        (
            "no_anvil_and_no_install",
            smoke().args(["--no-install"]).after(nothing),
        ),
        ("no_such_anvil", smoke().args(["--anvil", "nowhere/anvil"])),
        (
            "chain_at_a_closed_port",
            smoke().args(["--chain", "http://127.0.0.1:1"]),
        ),
        (
            "chain_at_a_closed_port_by_websocket",
            smoke().args(["--chain", "ws://127.0.0.1:1"]),
        ),
    ] {
        refused(name, 3, run);
    }
}

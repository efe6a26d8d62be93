//! Errors that keep a devnet from starting.

use std::{
    fs::{self, File},
    net::TcpListener,
    process::Output,
};

use tempfile::TempDir;

use super::process::command;

fn stderr(output: &Output) -> String {
    // Long lines are wrapped, with a bar before what goes on.
    let text = String::from_utf8_lossy(&output.stderr);
    text.split_whitespace()
        .filter(|word| *word != "│")
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let folder = TempDir::new().expect("a temporary directory");
    // As if another devnet were running there: it holds its file.
    let other = folder.path().join("deployment.json");
    fs::write(&other, "of another").expect("a file");
    let held = File::open(&other).expect("the file");
    held.lock().expect("a lock");

    let output = command(&folder, &["--port", &port]).output().expect("to start");
    assert_eq!(output.status.code(), Some(3));
    let message = stderr(&output).replace(&port, "[port]");
    let (warning, message) = message.split_once("× ").expect("an error");
    assert!(warning.contains("is of a devnet that is running"), "{warning}");
    assert_eq!(
        message,
        "port [port] is in use on 127.0.0.1: stop what listens there, or choose another with --port (0 for any \
         free one)"
    );
    assert!(output.stdout.is_empty());
    assert_eq!(fs::read_to_string(&other).expect("it stays"), "of another");
}

#[test]
fn the_description_of_a_devnet_that_is_gone_is_removed_at_the_start() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let folder = TempDir::new().expect("a temporary directory");
    let stale = folder.path().join("deployment.json");
    fs::write(&stale, "of one that was killed").expect("a file");
    let output = command(&folder, &["--port", &port]).output().expect("to start");
    assert_eq!(output.status.code(), Some(3));
    assert!(!stale.exists());
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = TempDir::new().expect("a temporary directory");
    fs::write(folder.path().join("abi"), "no folder").expect("a file");
    let output = command(&folder, &["--port", "0"]).output().expect("to start");
    assert_eq!(output.status.code(), Some(2));
    let message = stderr(&output);
    assert!(message.contains("cannot write to"), "{message}");
    assert!(message.contains("choose another folder with --out"), "{message}");
}

#[test]
fn values_out_of_range_are_refused() {
    for (flag, value, complaint) in [
        ("--block-time", "1", "it has no unit; write 500ms or 2s"),
        ("--block-time", "1ms", "it must be from 50ms to 60s"),
        ("--work-time", "soon", "it is not a duration; write 500ms or 2s"),
        ("--miners", "10001", "10001 is not in 0..=10000"),
    ] {
        let folder = TempDir::new().expect("a temporary directory");
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_taskstorm"));
        let output = command
            .args(["devnet", flag, value])
            .current_dir(&folder)
            .output();
        let output = output.expect("to start");
        assert_eq!(output.status.code(), Some(2), "{flag} {value}");
        let message = stderr(&output);
        assert!(message.contains(complaint), "{flag} {value}: {message}");
    }
}

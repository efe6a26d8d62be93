//! Errors that keep a devnet from starting.

use std::{fs::File, net::TcpListener};

use super::process::devnet;
use crate::support::{
    place::Place,
    taskstorm::{Ended, Taskstorm},
};

/// What is said. Long lines are wrapped, with a bar before what goes on.
fn said(ended: &Ended) -> String {
    let words = ended.stderr.split_whitespace().filter(|word| *word != "│");
    words.collect::<Vec<_>>().join(" ")
}

/// A port that something listens on, and what does.
fn taken() -> (TcpListener, String) {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    (taken, port)
}

#[test]
fn a_port_in_use_is_named() {
    let (_taken, port) = taken();
    // As if another devnet were running there: it holds its file.
    let place = Place::with("deployment.json", "of another");
    let held = File::open(place.path("deployment.json")).expect("the file");
    held.lock().expect("a lock");

    let refused = devnet(&place, &["--port", &port]).code(3).stdout("").end();
    let message = said(&refused).replace(&port, "[port]");
    let (warning, message) = message.split_once("× ").expect("an error");
    assert!(warning.contains("is of a devnet that is running"), "{warning}");
    assert_eq!(
        message,
        "port [port] is in use on 127.0.0.1: stop what listens there, or choose another with --port (0 for any \
         free one)"
    );
    assert_eq!(place.read("deployment.json"), "of another");
}

#[test]
fn the_description_of_a_devnet_that_is_gone_is_removed_at_the_start() {
    let (_taken, port) = taken();
    let place = Place::with("deployment.json", "of one that was killed");
    devnet(&place, &["--port", &port])
        .code(3)
        .leaves_no("deployment.json")
        .end();
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let refused = devnet(&Place::with("abi", "no folder"), &[]).code(2).end();
    let message = said(&refused);
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
        let refused = Taskstorm::new(["devnet", flag, value]).code(2).end();
        let message = said(&refused);
        assert!(message.contains(complaint), "{flag} {value}: {message}");
    }
}

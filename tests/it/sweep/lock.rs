//! A folder is one sweep's at a time, and free once that one is gone, however it ended.

use std::process::Stdio;

use super::{LONG, assert_same, command, files, place, second_cell_is_done, sweep, text};

#[test]
fn a_second_sweep_is_refused_and_what_a_killed_one_left_is_resumed() {
    let place = place();
    let mut first = command(&place, &LONG)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("taskstorm starts");
    second_cell_is_done(&mut first, &place.path().join("out"));
    let refused = sweep(&place, 2, &LONG);
    assert!(refused.stdout.is_empty());
    insta::assert_snapshot!("in_use", text(&refused.stderr));
    assert_eq!(first.try_wait().unwrap(), None, "it ended before it was killed");
    first.kill().expect("to kill it");
    first.wait().expect("a child");

    let resumed = text(&sweep(&place, 0, &LONG).stderr);
    assert!(
        resumed.contains("resuming") && !resumed.contains("cell 1 of 40"),
        "{resumed}"
    );
    let mut whole = LONG;
    whole[LONG.len() - 1] = "whole";
    sweep(&place, 0, &whole);
    assert_same(
        &files(&place.path().join("out")),
        &files(&place.path().join("whole")),
    );
}

#[test]
fn of_two_that_begin_at_once_one_is_refused() {
    let place = place();
    let start = || {
        command(&place, &LONG)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("taskstorm starts")
    };
    let ended = [start(), start()].map(|child| child.wait_with_output().expect("a child"));
    let mut codes = ended.each_ref().map(|output| output.status.code());
    codes.sort_unstable();
    let said = ended.map(|output| text(&output.stderr));
    assert_eq!(codes, [Some(0), Some(2)], "{said:?}");
    assert!(
        said.iter()
            .any(|said| said.contains("another sweep is writing to")),
        "{said:?}"
    );
}

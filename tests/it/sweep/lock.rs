//! A folder is one sweep's at a time, and free once that one is gone, however it ended.

use nix::sys::signal::Signal;

use super::{LONG, assert_whole, place, second_cell_is_done, sweep};

#[test]
fn a_second_sweep_is_refused_and_what_a_killed_one_left_is_resumed() {
    let place = place();
    let first = sweep(&place, "out", &LONG).any_code().start();
    second_cell_is_done(&first);
    let refused = sweep(&place, "out", &LONG).code(2).stdout("").end();
    insta::assert_snapshot!("in_use", refused.stderr);
    first.signal(Signal::SIGKILL);
    assert_eq!(first.end().code, None, "it ended before it was killed");

    sweep(&place, "out", &LONG)
        .stderr_has("resuming")
        .stderr_lacks("cell 1 of 40")
        .end();
    assert_whole(&place);
}

#[test]
fn of_two_that_begin_at_once_one_is_refused() {
    let place = place();
    let start = || sweep(&place, "out", &LONG).any_code().start();
    let ended = [start(), start()].map(|sweep| sweep.end());
    let mut codes = ended.each_ref().map(|ended| ended.code);
    codes.sort_unstable();
    let said = ended.map(|ended| ended.stderr);
    assert_eq!(codes, [Some(0), Some(2)], "{said:?}");
    assert!(
        said.iter()
            .any(|said| said.contains("another sweep is writing to")),
        "{said:?}"
    );
}

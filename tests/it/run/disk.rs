//! A disk that is full: the run goes on, and says which file ends early.

use super::{command::Trial, words::words};

const MANY: &str = r#"
name = "many"
seed = 4
[chain]
block_time = "100ms"
[owners]
count = 4
tasks = 160
load = { back_to_back = { in_flight = 20 } }
[miners]
count = 4
work_time = "1ms"
concurrency = 40
[oracle]
check_interval = "100ms"
"#;

#[test]
fn the_run_goes_on_and_names_the_file() {
    // No file may grow beyond 32 KiB (64 KiB where the shell counts in KiB); writing more is an error, not a signal.
    let ended = Trial::of(MANY)
        .with(&["--quiet"])
        .after("trap '' XFSZ; ulimit -f 64")
        .end();
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let folder = ended.folder();
    assert_eq!(folder.result.tasks.ended, 160);
    assert!(!folder.result.complete);
    let rows = folder.transactions.len() as u64;
    assert!(rows > 0 && rows < folder.result.transactions.total, "{rows} rows");
    insta::assert_snapshot!("disk_full", words(&ended));
}

//! A disk that is full: the run goes on, and says which file ends early, and why, once.

use std::{error::Error, io, iter, path::PathBuf};

use taskstorm::{
    chain::anvil,
    run_folder::{ExportError, ReadError, RunDirError},
    sweep::SweepError,
};

use super::words::words;
use crate::support::taskstorm::Taskstorm;

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
    let ended = Taskstorm::run(MANY)
        .args(["--quiet"])
        .after("ulimit -f 64")
        .code(1)
        .end();
    let folder = ended.folder();
    assert_eq!(folder.result.tasks.ended, 160);
    assert!(!folder.result.complete);
    let rows = folder.transactions.len() as u64;
    assert!(rows > 0 && rows < folder.result.transactions.total, "{rows} rows");
    insta::assert_snapshot!("disk_full", words(&ended));
}

#[test]
fn a_file_for_ci_systems_that_is_full_is_named_with_its_cause_once() {
    let ended = Taskstorm::simulate(MANY)
        .args(["--junit", "/dev/full"])
        .code(1)
        .stderr_has("/dev/full")
        .end();
    let said = &ended.stderr;
    assert_eq!(said.matches("No space left").count(), 1, "{said}");
}

/// A message names its cause, so the chain of causes that is printed below it must not name it again.
#[test]
fn no_error_says_its_cause_twice() {
    let path = || PathBuf::from("file");
    let cause = || io::Error::from_raw_os_error(28);
    let errors: [Box<dyn Error>; 7] = [
        Box::new(ExportError::Write {
            path: path(),
            cause: cause(),
        }),
        Box::new(RunDirError::Unwritable {
            path: path(),
            cause: cause(),
        }),
        Box::new(ReadError::Io {
            path: path(),
            cause: cause(),
        }),
        Box::new(SweepError::Remove {
            path: path(),
            cause: cause(),
        }),
        Box::new(SweepError::Write(ExportError::Write {
            path: path(),
            cause: cause(),
        })),
        Box::new(anvil::Error::Port {
            port: 1,
            cause: cause(),
        }),
        Box::new(anvil::Error::Spawn {
            executable: path(),
            cause: cause(),
        }),
    ];
    for error in &errors {
        let first: &dyn Error = &**error;
        let chain = iter::successors(Some(first), |error| (**error).source());
        let said = chain.map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert_eq!(said.matches("No space left").count(), 1, "{said}");
    }
}

//! Mutation fuzzing of everything that reads what users write.
//!
//! A worker process per target reads the corpus in `tests/fuzz/corpus/<target>`, then mutations of it, in a sequence that
//! the seed decides. Its memory is limited, and an input that takes too long ends it. An input that fails is kept, and its
//! path printed: fix the cause, and move the file into the corpus.
//!
//! `TASKSTORM_FUZZ_SECONDS` says how long (default 5), `TASKSTORM_FUZZ_SEED` from where (default 1).

mod mutate;
mod targets;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use self::{mutate::Mutator, targets::Target};
use crate::support::node::root;

const SECONDS: &str = "TASKSTORM_FUZZ_SECONDS";
const SEED: &str = "TASKSTORM_FUZZ_SEED";
const WORKER: &str = "TASKSTORM_FUZZ_TARGET";

/// Address space of a worker in KiB: several times what the program itself takes.
const MEMORY_KIB: &str = "4000000";
/// Longest time that one input may take, in unoptimised code on a busy machine.
const HANG: Duration = Duration::from_secs(60);

fn number(variable: &str, default: u64) -> u64 {
    env::var(variable).map_or(default, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is a whole number, not {text:?}"))
    })
}

/// Where a target keeps the input that it is at.
fn current(target: Target) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("fuzz")
        .join(target.name())
        .join("input")
}

/// The corpus of a target, in the order of names.
fn corpus(target: Target) -> Vec<Vec<u8>> {
    let folder = root().join("tests/fuzz/corpus").join(target.name());
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
        .iter()
        .map(|file| fs::read(file).expect("a corpus file"))
        .collect()
}

#[test]
fn nothing_that_users_write_breaks_its_reader() {
    let workers: Vec<_> = Target::ALL
        .into_iter()
        .map(|target| (target, start(target)))
        .collect();
    let failures: Vec<_> = workers
        .into_iter()
        .filter_map(|(target, worker)| watch(target, worker))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A worker on this target, in a process of its own.
fn start(target: Target) -> Child {
    let input = current(target);
    fs::create_dir_all(input.parent().expect("a folder")).expect("a folder");
    fs::write(&input, b"").expect("a file");
    let _ = fs::remove_file(input.with_file_name("count"));
    Command::new("sh")
        .args(["-c", "ulimit -v \"$1\" && shift && exec \"$@\"", "sh", MEMORY_KIB])
        .arg(env::current_exe().expect("this program"))
        .args(["fuzz::worker", "--exact", "--ignored", "--nocapture"])
        .env(WORKER, target.name())
        .env("RUST_BACKTRACE", "1")
        .stdout(Stdio::null())
        .stderr(fs::File::create(input.with_file_name("stderr")).expect("a file"))
        .spawn()
        .expect("a worker")
}

/// Waits for a worker. Says what became of it if it fails, or stays at one input.
fn watch(target: Target, mut worker: Child) -> Option<String> {
    let input = current(target);
    let changed = || fs::metadata(&input).and_then(|metadata| metadata.modified()).ok();
    let (mut last, mut since) = (changed(), Instant::now());
    let what = loop {
        if let Some(status) = worker.try_wait().expect("a worker") {
            if status.success() {
                // How many inputs it took stands there.
                assert!(input.with_file_name("count").is_file(), "{} ran", target.name());
                return None;
            }
            break format!("{status}");
        }
        let now = changed();
        if now != last {
            (last, since) = (now, Instant::now());
        }
        if since.elapsed() > HANG {
            worker.kill().expect("to end the worker");
            worker.wait().expect("the worker's end");
            break "took too long".to_owned();
        }
        thread::sleep(Duration::from_millis(20));
    };
    let kept = input.with_file_name("failed");
    fs::copy(&input, &kept).expect("the input that failed");
    let bytes = fs::read(&kept).expect("the input that failed");
    let said = fs::read_to_string(input.with_file_name("stderr")).unwrap_or_default();
    let start = bytes[..bytes.len().min(400)].escape_ascii();
    Some(format!(
        "{}: {what}\n  input of {} bytes, kept as {}\n  begins: {start}\n{said}",
        target.name(),
        bytes.len(),
        kept.display(),
    ))
}

/// The work of one target; does nothing unless the test above starts it.
#[test]
#[ignore = "started by the test of all targets"]
fn worker() {
    let Ok(name) = env::var(WORKER) else { return };
    let target = Target::ALL
        .into_iter()
        .find(|target| target.name() == name)
        .expect("a target");
    let input = current(target);
    let mut run = target.prepare(input.parent().expect("a folder"));
    let mut run = |bytes: &[u8]| {
        fs::write(&input, bytes).expect("the input");
        run(bytes);
    };
    let mut seeds = corpus(target);
    seeds.extend(target.seeds(input.parent().expect("a folder")));
    for seed in &seeds {
        run(seed);
    }
    let seeds_count = seeds.len();
    let mut mutator = Mutator::new(number(SEED, 1), seeds);
    let end = Instant::now() + Duration::from_secs(number(SECONDS, 5));
    let mut inputs = seeds_count;
    while Instant::now() < end {
        run(&mutator.next());
        inputs += 1;
    }
    fs::write(input.with_file_name("count"), inputs.to_string()).expect("a file");
}

//! The same scenario and seed give the same bytes, in processes that share nothing.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex},
    thread,
};

use taskstorm::{
    protocol::REFERENCE,
    record::{Progress, Record, Recorder, StopReason},
    run::simulate,
    scenario::Scenario,
};
use tokio_util::sync::CancellationToken;

use crate::support::{
    place::{assert_same, files},
    taskstorm::Taskstorm,
};

/// Everything that could go another way: ties, races, draws, reverts, several of each role.
const BUSY: &str = r#"
name = "busy"
seed = 5
price = "10 wei"
[chain]
kind = "embedded"
gas_limit = 12_000_000
order = "ORDER"
submission_delay = { uniform = ["5ms", "900ms"] }
[windows]
ack = "4s"
precommit = "20s"
commit = "20s"
[[owners]]
count = 4
sessions = 2
tasks = 24
min_nodes = 4
max_nodes = 9
redundancy = 3
load = { back_to_back = { in_flight = 2 } }
payload_size = { uniform = ["10 B", "400 B"] }
[[owners]]
name = "open"
count = 3
tasks = 12
redundancy = 2
load = { constant = "4/s" }
[[miners]]
count = 12
work_time = { lognormal = { median = "300ms", p95 = "2s" } }
result_size = { uniform = ["1 B", "200 B"] }
concurrency = 3
[[miners]]
name = "late"
count = 3
ack_delay = { uniform = ["2s", "7s"] }
concurrency = 3
[oracle]
count = 2
check_interval = "700ms"
"#;

/// Blocks so large that the engine takes them on a thread of its own, while they are executed, and so many actors and ends
/// of tasks at once that all cores derive their keys and read their results.
const CROWD: &str = r#"
name = "crowd"
seed = 3
[chain]
kind = "embedded"
gas_limit = 1_000_000_000
[owners]
count = 20
redundancy = 3
tasks = { per_session = 10 }
load = { back_to_back = { in_flight = 10 } }
[miners]
count = 100
work_time = "1ms"
concurrency = 100
"#;

/// A digest of all records of the crowd's run in their order and of its draws, and the size of its largest block.
fn crowd() -> (u64, u32) {
    let scenario = Scenario::from_toml("crowd.toml", CROWD).expect("a scenario");
    let heard = Arc::new(Mutex::new((DefaultHasher::new(), 0)));
    let hears = Arc::clone(&heard);
    let recorder = Recorder::new(REFERENCE).heard_by(move |record| {
        let (digest, largest) = &mut *hears.lock().expect("nobody panics");
        record.hash(digest);
        if let Record::Block(block) = record {
            *largest = block.transactions.max(*largest);
        }
    });
    let stop = CancellationToken::new();
    let ran = simulate(&scenario, recorder, &stop, |_: &Progress| {}).expect("it runs");
    assert!(ran.result.complete);
    let (mut digest, largest) = heard.lock().expect("nobody panics").clone();
    ran.draws.hash(&mut digest);
    (digest.finish(), largest)
}

#[test]
fn runs_at_once_on_1_2_and_8_threads_record_the_same() {
    let expected = crowd();
    assert!(expected.1 > 500, "the largest block: {}", expected.1);
    for threads in [1, 2, 8] {
        let cores = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let cores = cores.build().expect("threads");
        thread::scope(|scope| {
            let runs: Vec<_> = (0..threads)
                .map(|_| scope.spawn(|| cores.install(crowd)))
                .collect();
            for run in runs {
                assert_eq!(run.join().expect("it ran"), expected, "{threads} threads");
            }
        });
    }
}

#[test]
fn two_runs_write_the_same_bytes_and_another_seed_writes_others() {
    for order in ["fees", "fifo", "random"] {
        let scenario = BUSY.replace("ORDER", order);
        let (first, second) = (
            Taskstorm::simulate(&scenario).end(),
            Taskstorm::simulate(&scenario).end(),
        );
        let folder = first.success();
        assert_eq!(folder.result.tasks.submitted, 36);
        assert!(
            folder.result.transactions.reverted > 0,
            "late acks revert: {:?}",
            folder.result.transactions
        );
        assert_same(&files(&first.out()), &files(&second.out()));
        assert_eq!((&first.stdout, &first.stderr), (&second.stdout, &second.stderr));

        let other = files(
            &Taskstorm::simulate(&scenario.replace("seed = 5", "seed = 6"))
                .end()
                .out(),
        );
        for name in ["transactions.csv", "tasks.csv", "summary.json", "latency.hlog"] {
            assert!(files(&first.out())[name] != other[name], "{order}: {name}");
        }
    }
}

#[test]
fn what_it_says_says_that_its_time_is_virtual() {
    let ended = Taskstorm::simulate(&BUSY.replace("ORDER", "fees")).end();
    let first = ended.stdout.lines().next().unwrap_or_default();
    assert!(first.contains("virtual time"), "{first}");
    let summary = ended.place().read("out/summary.json");
    let summary: serde_json::Value = serde_json::from_str(&summary).expect("JSON");
    assert_eq!(summary["clock"], "virtual");
    assert!(summary["started_at"].is_null(), "{}", summary["started_at"]);
    assert_eq!(summary["chain"]["kind"], "embedded");
}

/// Whatever is still open at the end is in an order, too.
#[test]
fn a_run_that_gives_up_in_the_middle_of_everything_does_so_the_same_way() {
    let (rest, _) = BUSY.split_once("[oracle]").expect("an oracle");
    let scenario = rest
        .replace("ORDER", "fees")
        .replace("\"5ms\", \"900ms\"", "\"5ms\", \"30s\"")
        + "[oracle]\ncount = 0\n[limits]\ndrain = \"2s\"\n";
    let run = || Taskstorm::simulate(&scenario).code(1).end();
    let (first, second) = (run(), run());
    let result = first.folder().result;
    assert_eq!(result.stop_reason, StopReason::TimedOut);
    assert!(
        result.tasks.unfinished >= 10 && result.transactions.lost >= 10,
        "{:?} {:?}",
        result.tasks,
        result.transactions
    );
    assert_same(&files(&first.out()), &files(&second.out()));
}

//! Real time and memory per finished task of a large simulation.
//!
//! `cargo bench --bench scale` runs `scenarios/million.toml` with 10,000, 100,000 and all of its tasks, and prints real
//! time and the process's memory: it grows with tasks, since the chain keeps what they wrote, and with nothing else.
//! `-- 100000` runs that many tasks only.

use std::{error::Error, fs, io::Write, time::Instant};

use mimalloc::MiMalloc;
use taskstorm::{
    protocol::REFERENCE,
    record::{Journal, Progress, Recorder},
    run::{Simulation, simulate},
    scenario::{Scenario, TaskCount},
};
use tokio_util::sync::CancellationToken;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/million.toml");

fn main() -> Result<(), Box<dyn Error>> {
    let asked = std::env::args().find_map(|argument| argument.parse().ok());
    let sizes = asked.map_or_else(|| vec![10_000, 100_000, 1_000_000], |tasks| vec![tasks]);
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{:>9}  {:>12}  {:>7}  {:>9}  {:>14}  {:>10}",
        "tasks", "transactions", "s", "tx/s", "memory per task", "peak"
    )?;
    for tasks in sizes {
        let mut scenario = Scenario::load(SCENARIO)?;
        scenario.owners[0].submissions.tasks = Some(TaskCount::Total(tasks));
        let (before, began) = (resident()?, Instant::now());
        let recorder = Recorder::new(REFERENCE).with_journal(Journal::of_tasks(std::io::sink()));
        let mut most = 0;
        let watch = |_: &Progress| most = most.max(resident().unwrap_or(0));
        let Simulation { result, .. } = simulate(&scenario, recorder, &CancellationToken::new(), watch)?;
        let seconds = began.elapsed().as_secs_f64();
        assert!(result.complete && result.tasks.ended == tasks);
        let transactions = result.transactions.included;
        writeln!(
            out,
            "{tasks:>9}  {transactions:>12}  {seconds:>7.1}  {:>9.0}  {:>12} B  {:>7} MB",
            transactions as f64 / seconds,
            most.saturating_sub(before) / tasks,
            most / 1_000_000
        )?;
    }
    Ok(())
}

/// Memory of this process that is in use, in bytes; 0 where the system does not tell.
fn resident() -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next());
    Ok(kilobytes.map_or(Ok(0), str::parse::<u64>)? * 1024)
}

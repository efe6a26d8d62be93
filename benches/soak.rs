//! Soak test with a node that fails one request in a hundred. Runs 20,000 tasks on an anvil behind a proxy that
//! fails requests in ten ways, and has a script of another language compare the files with the chain.
//!
//! `cargo bench --bench soak` takes about ten minutes; `-- TASKS SHARE RATE` sets the number of tasks, the share of failed
//! requests and the tasks per second, for example `-- 2000 0.05 20`. A machine that is busy with other work needs a lower
//! rate. It prints the consistency checks of the run, the requests that failed, and the verdict of the recount, and fails
//! if a task or a unit of gas is missing.

use std::{error::Error, io::Write, process::Command, time::Duration};

use serde_json::Value;
use taskstorm::{
    chain::anvil::{Anvil, Config, Environment, Search, find},
    proxy::{Proxy, faulty},
};

const SCENARIO: &str = include_str!("soak.toml");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// What to run where the command line does not say.
const TASKS: u64 = 20_000;
const SHARE: f64 = 0.01;
const RATE: u64 = 40;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds an argument of its own.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let tasks = arguments.first().map_or(Ok(TASKS), |tasks| tasks.parse())?;
    let share = arguments.get(1).map_or(Ok(SHARE), |share| share.parse())?;
    let rate = arguments.get(2).map_or(Ok(RATE), |rate| rate.parse())?;
    let scenario = SCENARIO
        .replace("tasks = 20_000", &format!("tasks = {tasks}"))
        .replace("40/s", &format!("{rate}/s"));

    let found = find(&Search::new(Environment::of_process()?), &|_| {})?;
    let config = Config {
        block_time: Duration::from_millis(500),
        gas_limit: 200_000_000,
        ..Config::default()
    };
    let anvil = Anvil::start(&found, &config).await?;
    let proxy = Proxy::start(&anvil.http_url())?;
    for rule in faulty(share) {
        proxy.rule(rule);
    }
    let place = tempfile::TempDir::new()?;
    let file = place.path().join("soak.toml");
    std::fs::write(&file, scenario)?;
    let out = place.path().join("out");
    let status = Command::new(env!("CARGO_BIN_EXE_taskstorm"))
        .args(["run", "--no-charts", "--chain", &proxy.url(), "--out"])
        .args([&out, &file])
        .status()?;

    let summary: Value = serde_json::from_str(&std::fs::read_to_string(out.join("summary.json"))?)?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "tasks         {}", summary["tasks"])?;
    writeln!(stdout, "transactions  {}", summary["transactions"])?;
    writeln!(stdout, "node          {}", summary["node"])?;
    for (what, count) in proxy.counts() {
        writeln!(stdout, "{count:>9}  {what}")?;
    }
    let install = Command::new("node")
        .arg("tools/install.mjs")
        .current_dir(ROOT)
        .status()?;
    let recount = Command::new("node")
        .arg("tests/js/recount.mjs")
        .args([anvil.http_url().as_ref(), out.as_os_str()])
        .current_dir(ROOT)
        .status()?;
    anvil.stop().await;
    let complete = summary["tasks"]["ended"] == tasks && status.success();
    if !complete || !install.success() || !recount.success() {
        return Err(format!("taskstorm {status}, recount {recount}").into());
    }
    writeln!(
        stdout,
        "all {tasks} tasks ended, and the files agree with the chain"
    )?;
    Ok(())
}

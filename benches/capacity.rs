//! Searches for capacities that arithmetic predicts, over seeds, arrivals and work, on the embedded chain: how many are found,
//! how far off, and how often the interval covers the truth. `cargo bench --bench capacity [SEEDS] [NAME]`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]

use std::{env, sync::mpsc, time::Duration};

use taskstorm::{
    capacity::{CapacitySettings, SearchEnd, find},
    chain::anvil::{Environment, Search},
    metric::Threshold,
    protocol::{Phase, REFERENCE},
    record::{Progress, Record, Recorder},
    run::{ChainChoice, simulate},
    scenario::Scenario,
};
use tokio_util::sync::CancellationToken;

/// Gas that a block of [`GAS`] can hold.
const BLOCK: f64 = 20e6;

/// Blocks of 20 million gas each second, and miners with time to spare.
const GAS: &str = include_str!("../tests/it/capacity/gas.toml");

const ARRIVALS: [(&str, &str); 3] = [
    ("constant", r#"{ constant = "10/s" }"#),
    ("poisson", r#"{ poisson = "10/s" }"#),
    (
        "bursts",
        r#"{ mmpp = { rates = ["5/s", "50/s"], sojourns = ["16s", "2s"] } }"#,
    ),
];

const WORK: [(&str, &str); 3] = [
    ("constant", r#""1500ms""#),
    ("exponential", r#"{ exponential = "1500ms" }"#),
    // The mean is 1.5 s.
    (
        "log-normal",
        r#"{ lognormal = { median = "910ms", sigma = 1.0 } }"#,
    ),
];

/// What the miners of [`by_miners`] can do: each of 30 works 1.5 s on each of two works per task.
const BY_MINERS: f64 = 10.0;

#[tokio::main]
async fn main() {
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    let seeds: u64 = arguments
        .next()
        .and_then(|seeds| seeds.parse().ok())
        .unwrap_or(20);
    let only = arguments.next().unwrap_or_default();
    let by_gas = gas_of_full_blocks() / gas_per_task();
    for (arrivals, load) in ARRIVALS {
        let scenario = GAS.replace(r#"{ constant = "10/s" }"#, load);
        row(&format!("gas {arrivals}"), &only, &scenario, by_gas, seeds).await;
        for (work, time) in WORK {
            let name = format!("miners {arrivals} {work}");
            row(&name, &only, &by_miners(&scenario, time), BY_MINERS, seeds).await;
        }
    }
}

/// The same with room in its blocks, and miners whose work is the limit.
fn by_miners(scenario: &str, work_time: &str) -> String {
    scenario
        .replace("gas_limit = 20_000_000", "gas_limit = 100_000_000")
        .replace("count = 40", "count = 30")
        .replace("max_nodes = 6", "max_nodes = 30")
        .replace(r#"work_time = "100ms""#, &format!("work_time = {work_time}"))
        .replace("concurrency = 50", "concurrency = 1")
        .replace(r#"precommit = "2m""#, r#"precommit = "2h""#)
}

fn gas_per_task() -> f64 {
    let scenario = Scenario::from_toml("gas.toml", GAS).expect("a scenario");
    let stop = CancellationToken::new();
    let simulation = simulate(&scenario, Recorder::new(REFERENCE), &stop, |_: &Progress| {});
    let result = simulation.expect("a run").result;
    let setup = result.phases[&Phase::SETUP].gas_total;
    (result.gas_total() - setup) as f64 / result.tasks.ended as f64
}

/// What blocks hold of it when more waits than they can: the end of a block stays empty where no transaction's gas limit fits.
fn gas_of_full_blocks() -> f64 {
    let flooded = GAS
        .replace("10/s", "200/s")
        .replace("tasks = 200", "tasks = 2_000");
    let scenario = Scenario::from_toml("gas.toml", &flooded).expect("a scenario");
    let (sender, blocks) = mpsc::channel();
    let recorder = Recorder::new(REFERENCE).heard_by(move |record| {
        if let Record::Block(block) = record {
            let _ = sender.send(block.gas_used as f64);
        }
    });
    let stop = CancellationToken::new();
    simulate(&scenario, recorder, &stop, |_: &Progress| {}).expect("a run");
    let full: Vec<f64> = blocks.iter().filter(|gas| *gas > 0.9 * BLOCK).collect();
    full.iter().sum::<f64>() / full.len() as f64
}

async fn row(name: &str, only: &str, scenario: &str, truth: f64, seeds: u64) {
    if !name.contains(only) {
        return;
    }
    let (mut found, mut near, mut covered, mut steps, mut worst) = (0, 0, 0, 0, 0.0_f64);
    for seed in 1..=seeds {
        let scenario = scenario.replace("seed = 5", &format!("seed = {}", seed * 1000));
        let scenario = Scenario::from_toml("scenario.toml", &scenario).expect("a scenario");
        let settings = CapacitySettings {
            max_time: Duration::from_secs(36_000),
            ..CapacitySettings::of(&scenario).expect("a rate")
        };
        let holds = [Threshold::parse("tasks.ended.ratio >= 0.999").expect("a threshold")];
        let chain = ChainChoice::Scenario {
            search: Search::new(Environment::of_process().expect("an environment")),
            port: None,
            deployment: None,
        };
        let stop = CancellationToken::new();
        let result = find(&scenario, &chain, &holds, settings, &stop, |_| {}).await;
        let result = result.expect("a search");
        steps += result.steps.len();
        let [low, high] = [result.low_per_s, result.high_per_s].map(Option::unwrap_or_default);
        covered += u32::from(low <= truth && truth <= high);
        if let (SearchEnd::Found, Some(capacity)) = (result.end, result.capacity_per_s) {
            let error = (capacity / truth - 1.0).abs();
            found += 1;
            near += u32::from(error < 0.05);
            worst = worst.max(error);
        }
    }
    println!(
        "{name:32} {truth:6.2}/s: {found} of {seeds} found, {near} within 5 %, the worst {:.1} % off; {covered} intervals \
         cover it; {:.1} steps",
        worst * 100.0,
        steps as f64 / seeds as f64
    );
}

//! Runs a scenario with several numbers of miners, each with six seeds on all cores, and prints the mean of a percentile
//! with the range that covers its median over all seeds with 95 %: `cargo run --release --example sweep`.
#![expect(clippy::print_stdout, reason = "an example prints its result")]

use miette::{IntoDiagnostic, Result, miette};
use taskstorm::{
    metric::Metric,
    protocol::REFERENCE,
    record::{Progress, Recorder},
    run::{parallel_map_seeds, simulate},
    scenario::{Loaded, Override},
    sweep::{Distribution, MeanInterval},
};
use tokio_util::sync::CancellationToken;

const FILE: &str = "scenarios/quickstart.toml";
const METRIC: &str = "task.total.p99";
const SEEDS: [u64; MeanInterval::LEAST_RUNS] = [1, 2, 3, 4, 5, 6];

fn main() -> Result<()> {
    println!("{METRIC} of {FILE}, mean over {} seeds", SEEDS.len());
    for miners in [8, 15, 60] {
        let values: Result<Vec<f64>> = parallel_map_seeds(&SEEDS, |seed| measure(miners, seed))
            .into_iter()
            .collect();
        let over_seeds =
            MeanInterval::of(&values?, Distribution::Unknown).ok_or_else(|| miette!("no seeds"))?;
        let MeanInterval { mean, low, high, .. } = over_seeds;
        let [low, high] = [low, high].map(|end| end.unwrap_or(f64::NAN) / 1e6);
        println!(
            "{miners:4} miners  {:7.3} s ({low:.3} s to {high:.3} s)",
            mean / 1e6
        );
    }
    Ok(())
}

/// Simulates the scenario once and returns the metric, in µs.
fn measure(miners: u32, seed: u64) -> Result<f64> {
    let overrides = [
        Override::set(&format!("miners.count={miners}")),
        Override::seed(seed),
    ];
    let loaded = Loaded::with_overrides(FILE, &overrides)?;
    let stop = CancellationToken::new();
    let simulation = simulate(
        &loaded.scenario,
        Recorder::new(REFERENCE),
        &stop,
        |_: &Progress| {},
    )
    .into_diagnostic()?;
    let metric = Metric::parse(METRIC).ok_or_else(|| miette!("unknown metric {METRIC}"))?;
    metric
        .of(&simulation.result)
        .ok_or_else(|| miette!("no task ended"))
}

//! Runs a scenario with several numbers of miners, each with five seeds on all cores, and prints the mean of a metric
//! with its 95 % confidence interval: `cargo run --release --example sweep`.
#![expect(clippy::print_stdout, reason = "an example prints its result")]

use miette::{IntoDiagnostic, Result, miette};
use taskstorm::{
    metric::Metric,
    protocol::REFERENCE,
    record::{Progress, Recorder},
    run::{parallel_map_seeds, simulate},
    scenario::{Loaded, Override},
    sweep::MeanInterval,
};
use tokio_util::sync::CancellationToken;

const FILE: &str = "scenarios/quickstart.toml";
const METRIC: &str = "task.total.p99";
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

fn main() -> Result<()> {
    println!("{METRIC} of {FILE}, mean over {} seeds", SEEDS.len());
    for miners in [8, 15, 60] {
        let values: Result<Vec<f64>> = parallel_map_seeds(&SEEDS, |seed| measure(miners, seed))
            .into_iter()
            .collect();
        let MeanInterval { mean, half_width, .. } =
            MeanInterval::of(&values?).ok_or_else(|| miette!("no seeds"))?;
        let (mean, half_width) = (mean / 1e6, half_width.unwrap_or(f64::NAN) / 1e6);
        println!("{miners:4} miners  {mean:7.3} s ± {half_width:.3} s");
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

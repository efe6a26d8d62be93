//! Simulates a scenario in virtual time and prints the percentiles of task time:
//! `cargo run --example simulate [FILE]`.
#![expect(clippy::print_stdout, reason = "an example prints its result")]

use std::env;

use miette::IntoDiagnostic;
use taskstorm::{
    protocol::REFERENCE,
    record::{Progress, Recorder},
    run::simulate,
    scenario::Scenario,
};
use tokio_util::sync::CancellationToken;

fn main() -> miette::Result<()> {
    let file = env::args().nth(1);
    let file = file.as_deref().unwrap_or("scenarios/quickstart.toml");
    let scenario = Scenario::load(file)?;
    let stop = CancellationToken::new();
    let simulation =
        simulate(&scenario, Recorder::new(REFERENCE), &stop, |_: &Progress| {}).into_diagnostic()?;
    let result = simulation.result;

    println!(
        "{}: {} tasks ended, {} failed",
        scenario.name, result.tasks.ended, result.tasks.failed
    );
    println!("{:10} {:>10} {:>10} {:>10}", "span", "p50", "p90", "p99");
    for (span, times) in &result.task_phases {
        if let Some(stats) = &times.duration_us {
            let [p50, p90, p99] = [stats.p50, stats.p90, stats.p99].map(seconds);
            println!("{:10} {p50:>10} {p90:>10} {p99:>10}", span.name());
        }
    }
    Ok(())
}

fn seconds(us: u64) -> String {
    format!("{:.3} s", us as f64 / 1e6)
}

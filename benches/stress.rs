//! Throughput of a run against the capacity of the node: lifecycle transactions per second of the stress scenario,
//! against the same calls pre-signed and pushed as fast as the node takes them, on the same anvil settings, in one run.
//!
//! `cargo bench --bench stress` prints both and their ratio. Only the ratio means anything on a noisy machine.

mod ceiling;
mod lifecycle;

use std::{error::Error, io::Write};

use taskstorm::{
    chain::anvil::{Environment, Search},
    protocol::REFERENCE,
    record::{Progress, Recorder},
    run::{self, ChainChoice},
    scenario::Scenario,
};
use tokio_util::sync::CancellationToken;

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/stress.toml");
/// How often both are measured, in turns.
const ROUNDS: usize = 3;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let scenario = Scenario::load(SCENARIO)?;
    let search = Search::new(Environment::of_process()?);
    let chain = ChainChoice::Scenario {
        search,
        port: None,
        deployment: None,
    };
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{:>5}  {:>14}  {:>14}  {:>5}",
        "round", "ceiling tx/s", "taskstorm tx/s", "ratio"
    )?;
    let mut ratios = Vec::with_capacity(ROUNDS);
    for round in 1..=ROUNDS {
        let ceiling = ceiling::measure(&scenario, &chain).await?;
        let ours = lifecycle(&scenario, &chain).await?;
        ratios.push(ours / ceiling.per_second());
        writeln!(
            out,
            "{round:>5}  {:>14.0}  {ours:>14.0}  {:>5.2}",
            ceiling.per_second(),
            ours / ceiling.per_second()
        )?;
        writeln!(out, "       ceiling by wave: {ceiling}")?;
    }
    ratios.sort_by(f64::total_cmp);
    writeln!(out, "median ratio {:.2}", ratios[ROUNDS / 2])?;
    Ok(())
}

/// Transactions in blocks per second of a whole run, from the load's begin to the last inclusion.
async fn lifecycle(scenario: &Scenario, chain: &ChainChoice) -> Result<f64, Box<dyn Error>> {
    let recorder = Recorder::new(REFERENCE);
    let (result, _) = run::run(
        scenario,
        chain,
        recorder,
        CancellationToken::new(),
        |_: &Progress| {},
    )
    .await?;
    result.check_consistency()?;
    assert!(
        result.complete,
        "the run did not finish: {:?}",
        result.stop_message
    );
    result
        .rates
        .transactions_per_s
        .ok_or_else(|| "the run had no load".into())
}

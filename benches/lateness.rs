//! Lateness of the generator at about 1,100 transactions/s: the time from the moment at which a transaction was meant to
//! be sent to the moment at which it was.
//!
//! `cargo bench --bench lateness` runs `scenarios/punctual.toml` (100 tasks/s for a minute on an anvil with blocks of
//! 1 s), and before it a ceiling: a bare loop that wakes at planned instants, as many in a second, and hands transactions
//! to the same kind of node that were signed beforehand. It prints both, by phase, and whether the 99th percentile of the
//! run is below its goal. A busy machine shows in the ceiling.

mod punctual;

use std::{
    collections::BTreeMap,
    error::Error,
    io::Write,
    sync::{Arc, Mutex},
};

use hdrhistogram::Histogram;
use taskstorm::{
    chain::anvil::{Environment, Search},
    protocol::{Phase, REFERENCE},
    record::{Progress, Record, Recorder},
    run::{self, ChainChoice},
    scenario::Scenario,
};
use tokio_util::sync::CancellationToken;

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/punctual.toml");
/// What the 99th percentile of all transactions' lateness is to stay below, in µs.
const GOAL_US: u64 = 5_000;

/// No transaction is later than that.
const HOUR_US: u64 = 3_600_000_000;

/// Lateness in µs, by phase.
type ByPhase = BTreeMap<Phase, Histogram<u64>>;

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
        "{:<10}  {:>7}  {:>9}  {:>9}  {:>9}",
        "lateness", "count", "p50 µs", "p99 µs", "max µs"
    )?;
    let ceiling = punctual::measure(&scenario, &chain).await?;
    row(&mut out, "ceiling", &ceiling)?;
    let (phases, per_second) = lifecycle(&scenario, &chain).await?;
    let mut all = histogram();
    for (phase, lateness) in &phases {
        row(&mut out, phase.name(), lateness)?;
        all.add(lateness)?;
    }
    row(&mut out, "all", &all)?;
    let (ours, bare) = (all.value_at_quantile(0.99), ceiling.value_at_quantile(0.99));
    writeln!(
        out,
        "{per_second:.0} transactions/s in blocks; p99 is {:.1} times that of the ceiling",
        ours as f64 / bare.max(1) as f64
    )?;
    let verdict = if ours < GOAL_US { "met" } else { "missed" };
    writeln!(out, "goal: p99 below {GOAL_US} µs: {verdict}")?;
    Ok(())
}

/// A histogram of microseconds.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, HOUR_US, 3).expect("the bounds are in order")
}

fn row(out: &mut impl Write, name: &str, lateness: &Histogram<u64>) -> std::io::Result<()> {
    let [p50, p99] = [0.5, 0.99].map(|quantile| lateness.value_at_quantile(quantile));
    writeln!(
        out,
        "{name:<10}  {:>7}  {p50:>9}  {p99:>9}  {:>9}",
        lateness.len(),
        lateness.max()
    )
}

/// Lateness of every transaction of the load of a whole run, and how many were in blocks per second.
async fn lifecycle(scenario: &Scenario, chain: &ChainChoice) -> Result<(ByPhase, f64), Box<dyn Error>> {
    let phases = Arc::new(Mutex::new(ByPhase::new()));
    let heard = Arc::clone(&phases);
    let recorder = Recorder::new(REFERENCE).heard_by(move |record| {
        if let Record::Transaction(transaction) = record
            && transaction.function.phase() != Phase::SETUP
            && let (Some(late), Ok(mut phases)) = (transaction.lateness_us(), heard.lock())
        {
            let phase = phases
                .entry(transaction.function.phase())
                .or_insert_with(histogram);
            phase.saturating_record(late);
        }
    });
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
    let phases = std::mem::take(&mut *phases.lock().map_err(|_| "a listener panicked")?);
    let per_second = result.rates.transactions_per_s.ok_or("the run had no load")?;
    Ok((phases, per_second))
}

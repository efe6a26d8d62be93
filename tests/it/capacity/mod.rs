//! The search for a capacity: its rates, its judgement, and the limits that arithmetic predicts.

mod command;
mod limits;
mod rising;
mod search;
mod steadiness;

use std::time::Duration;

use taskstorm::{
    capacity::{CapacityResult, CapacitySettings, find},
    chain::anvil::{Environment, Search as AnvilSearch},
    metric::Threshold,
    run::ChainChoice,
    scenario::Scenario,
};
use tokio_util::sync::CancellationToken;

/// Searches on the embedded chain.
fn search(scenario: &str, holds: &[&str], with: impl Fn(&mut CapacitySettings)) -> CapacityResult {
    let scenario = Scenario::from_toml("scenario.toml", scenario).expect("a scenario");
    let mut settings = CapacitySettings::of(&scenario).expect("a rate");
    settings.step_duration = Duration::from_secs(40);
    settings.max_step_duration = Duration::from_secs(320);
    with(&mut settings);
    let holds: Vec<_> = holds.iter().map(|hold| Threshold::parse(hold).unwrap()).collect();
    let chain = ChainChoice::Scenario {
        search: AnvilSearch::new(Environment::of_process().expect("an environment")),
        port: None,
        deployment: None,
    };
    let stop = CancellationToken::new();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime
        .block_on(find(&scenario, &chain, &holds, settings, &stop, |_| {}))
        .expect("a search")
}

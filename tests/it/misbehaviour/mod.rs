//! Actors that misbehave: what they send, what the contracts make of it, and what results tell.

mod accusations;
mod kinds;
mod node;
mod profiles;
mod results;

use std::sync::{Arc, Mutex};

use taskstorm::{
    record::{Progress, Record, Recorder, RunResult, TxRecord},
    run::simulate,
    scenario::Scenario,
};
use tokio_util::sync::CancellationToken;

/// Two groups of miners, of which one may misbehave, and short windows.
const MARKETPLACE: &str = r#"
name = "misbehaviour"
price = "1 gwei"

[chain]
kind = "embedded"
block_time = "1s"

[windows]
ack = "6s"
precommit = "6s"
commit = "6s"

[[owners]]
name = "clients"
count = 3
tasks = 18
redundancy = 3
max_nodes = 6
deposit = "1 ether"
load = { constant = "2/s" }

[[miners]]
name = "honest"
count = 8

[[miners]]
name = "others"
count = 5

[oracle]
count = 2
"#;

/// What a run came to.
struct Ran {
    result: RunResult,
    transactions: Vec<TxRecord>,
}

/// Runs a scenario on the embedded chain.
fn run(scenario: &Scenario) -> Ran {
    let transactions = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&transactions);
    let recorder = Recorder::new(scenario.schema()).heard_by(move |record| {
        if let Record::Transaction(transaction) = record {
            heard.lock().unwrap().push(transaction.clone());
        }
    });
    let ran = simulate(scenario, recorder, &CancellationToken::new(), |_: &Progress| {}).unwrap();
    let transactions = std::mem::take(&mut *transactions.lock().unwrap());
    Ran {
        result: ran.result,
        transactions,
    }
}

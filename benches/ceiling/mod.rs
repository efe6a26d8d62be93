//! The ceiling: the calls of the scenario's lifecycle, signed beforehand and pushed wave by wave with nothing else
//! going on.
//!
//! A wave is one phase of all tasks. It begins with its first request and ends with the block that leaves the node's
//! pool empty; what is read and signed between waves is not counted.

mod wave;

use std::{error::Error, fmt, time::Duration};

use alloy::primitives::{Address, Bytes};
use serde::Deserialize;
use serde_json::json;
use taskstorm::{
    chain::{Log, rpc::Endpoint},
    plan::Plan,
    protocol::{Contracts, Event, Reference},
    run::{ChainChoice, Node, Setup},
    scenario::Scenario,
};

use self::wave::Pusher;
use crate::lifecycle::{self, Lifecycle};

/// What the node took.
pub(crate) struct Ceiling {
    waves: Vec<(&'static str, usize, Duration)>,
}

impl Ceiling {
    /// Transactions per second over all waves.
    pub(crate) fn per_second(&self) -> f64 {
        let transactions: usize = self.waves.iter().map(|(_, count, _)| count).sum();
        let time: Duration = self.waves.iter().map(|(_, _, time)| *time).sum();
        transactions as f64 / time.as_secs_f64()
    }
}

impl fmt::Display for Ceiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count, time) in &self.waves {
            write!(f, "{name} {:.0}/s  ", *count as f64 / time.as_secs_f64())?;
        }
        Ok(())
    }
}

/// Pushes the scenario's lifecycle through a node of its own.
pub(crate) async fn measure(scenario: &Scenario, chain: &ChainChoice) -> Result<Ceiling, Box<dyn Error>> {
    let plan = Plan::of(scenario);
    let node = Node::open(chain, &scenario.chain).await?;
    let setup = Setup::<Reference>::run(&node.endpoint, scenario, &plan, &plan.setup(scenario)).await?;
    let contracts = setup.contracts.clone();
    let mut pusher = Pusher::new(&node.endpoint, setup);

    let mut lifecycle = Lifecycle::new(&plan);
    for name in lifecycle::SETUP {
        let calls = lifecycle.wave(name, &events(&node.endpoint, &contracts).await?);
        pusher.push(calls).await?;
    }
    let mut waves = Vec::new();
    for name in lifecycle::WAVES {
        let calls = lifecycle.wave(name, &events(&node.endpoint, &contracts).await?);
        let count = calls.len();
        waves.push((name, count, pusher.push(calls).await?));
    }
    node.close(false).await;
    Ok(Ceiling { waves })
}

#[derive(Deserialize)]
struct RawLog {
    address: Address,
    topics: Vec<alloy::primitives::B256>,
    data: Bytes,
}

/// Every event that the contracts wrote so far.
async fn events(endpoint: &Endpoint, contracts: &Contracts) -> Result<Vec<Event>, Box<dyn Error>> {
    let addresses = [contracts.addresses().session, contracts.addresses().session_queue];
    let filter = json!({ "fromBlock": "0x0", "toBlock": "latest", "address": addresses });
    let logs: Vec<RawLog> = endpoint.http.call("eth_getLogs", [filter]).await?;
    let log = |raw: RawLog| Log {
        index: 0,
        address: raw.address,
        topics: raw.topics,
        data: raw.data,
    };
    Ok(logs
        .into_iter()
        .filter_map(|raw| contracts.decode(&log(raw)))
        .collect())
}

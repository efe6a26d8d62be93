//! The ceiling: a bare loop that wakes at planned instants and hands over what was signed beforehand.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use alloy::primitives::{Address, B256, Bytes, U256};
use hdrhistogram::Histogram;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use taskstorm::{
    chain::{
        Eip1559Fees,
        rpc::{Order, Refusal, Request, Signer},
    },
    plan::Plan,
    protocol::{Invocation, Reference},
    run::{ChainChoice, Node, Setup},
    scenario::Scenario,
};
use tokio::task::JoinSet;

/// For how long transactions are sent, and how many in a second.
const TIME: Duration = Duration::from_secs(20);
const RATE: u64 = 1_100;

/// How late the loop is with each transaction, in µs.
pub(crate) async fn measure(
    scenario: &Scenario,
    chain: &ChainChoice,
) -> Result<Histogram<u64>, Box<dyn Error>> {
    let plan = Plan::of(scenario);
    let node = Node::open(chain, &scenario.chain).await?;
    let mut setup = Setup::run(&node.endpoint, scenario, &plan, &plan.setup(scenario)).await?;
    let planned = planned();
    let mut signed = sign(node.endpoint.chain_id, &mut setup, planned.len()).into_iter();

    let mut lateness = crate::histogram();
    let mut sent = JoinSet::new();
    let began = Instant::now() + Duration::from_millis(100);
    let mut planned = planned.into_iter().peekable();
    while let Some(next) = planned.peek() {
        tokio::time::sleep_until((began + *next).into()).await;
        let now = Instant::now();
        let mut requests = Vec::new();
        while let Some(at) = planned.next_if(|at| began + *at <= now) {
            let raw = signed.next().ok_or("more instants than transactions")?;
            requests.push(Request::new("eth_sendRawTransaction", [raw])?);
            let late = now.saturating_duration_since(began + at);
            lateness.saturating_record(late.as_micros() as u64);
        }
        let http = node.endpoint.http.clone();
        sent.spawn(async move { http.batch::<B256>(&requests).await });
    }
    while let Some(answers) = sent.join_next().await {
        let refused: Option<Refusal> = answers??.into_iter().find_map(Result::err);
        // Requests overtake each other: a nonce may arrive before the one before it, and then it waits in the pool.
        if let Some(refusal) = refused {
            return Err(refusal.into());
        }
    }
    node.close(false).await;
    Ok(lateness)
}

/// The planned instants, independent of each other, in order.
fn planned() -> Vec<Duration> {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let count = TIME.as_secs() * RATE;
    let mut planned: Vec<_> = (0..count).map(|_| TIME.mul_f64(random.random())).collect();
    planned.sort_unstable();
    planned
}

/// So many transactions, from one account of the setup after the other, that pay nothing to nobody.
fn sign(chain_id: u64, setup: &mut Setup<Reference>, count: usize) -> Vec<Bytes> {
    let signer = Signer::new(chain_id);
    let accounts = setup.accounts.len();
    let signed = (0..count).map(|index| {
        let account = &mut setup.accounts[index % accounts];
        let order = Order {
            tx: index as u64,
            key: account.key,
            nonce: account.nonce,
            invocation: Invocation {
                to: Some(Address::repeat_byte(0x11)),
                value: U256::ZERO,
                input: Bytes::new(),
                gas_limit: 30_000,
            },
            fees: Eip1559Fees::default(),
        };
        account.nonce += 1;
        signer.sign(&order).raw
    });
    signed.collect()
}

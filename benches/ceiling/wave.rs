//! One wave of transactions: signed first, then pushed as fast as the node takes them.

use std::{
    collections::HashMap,
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

use alloy::primitives::{B256, U64};
use serde::Deserialize;
use taskstorm::{
    chain::rpc::{Endpoint, Http, Order, Refusal, Request, Signer},
    driver::real_time::NodeAccount,
    protocol::{ActorId, Call, Contracts, Reference},
    run::Setup,
};
use tokio::{sync::Semaphore, task::JoinSet};

/// Transactions in a request, and requests at once: the fastest of those tried.
const BATCH: usize = 100;
const REQUESTS: usize = 4;
/// How often the node is asked whether its pool is empty.
const POLL: Duration = Duration::from_millis(10);

pub(super) struct Pusher {
    http: Http,
    signer: Signer,
    contracts: Contracts,
    accounts: HashMap<ActorId, NodeAccount>,
}

#[derive(Deserialize)]
struct Pool {
    pending: U64,
    queued: U64,
}

impl Pusher {
    pub(super) fn new(endpoint: &Endpoint, setup: Setup<Reference>) -> Self {
        Self {
            http: endpoint.http.clone(),
            signer: Signer::new(endpoint.chain_id),
            contracts: setup.contracts,
            accounts: setup
                .accounts
                .into_iter()
                .map(|account| (account.actor, account))
                .collect(),
        }
    }

    /// Pushes `calls` and returns how long it took until all were in blocks.
    pub(super) async fn push(&mut self, calls: Vec<(ActorId, Call)>) -> Result<Duration, Box<dyn Error>> {
        let mut batches = Vec::new();
        for calls in calls.chunks(BATCH) {
            let requests: Result<Vec<Request>, _> = calls
                .iter()
                .map(|(actor, call)| self.sign(*actor, call))
                .collect();
            batches.push(requests?);
        }
        let began = Instant::now();
        let free = Arc::new(Semaphore::new(REQUESTS));
        let mut pushes = JoinSet::new();
        for requests in batches {
            let permit = Arc::clone(&free).acquire_owned().await?;
            let http = self.http.clone();
            pushes.spawn(async move {
                let answers: Vec<Result<B256, Refusal>> = http.batch(&requests).await?;
                drop(permit);
                answers
                    .into_iter()
                    .find_map(Result::err)
                    .map_or(Ok(()), |refusal| Err(refusal.into()))
            });
        }
        while let Some(pushed) = pushes.join_next().await {
            let pushed: Result<(), Box<dyn Error + Send + Sync>> = pushed?;
            pushed.map_err(|error| -> Box<dyn Error> { error })?;
        }
        loop {
            let pool: Pool = self.http.call("txpool_status", ()).await?;
            if pool.pending.is_zero() && pool.queued.is_zero() {
                // The pool is emptied when a block is begun; the block is there when its number is.
                let _: U64 = self.http.call("eth_blockNumber", ()).await?;
                return Ok(began.elapsed());
            }
            tokio::time::sleep(POLL).await;
        }
    }

    fn sign(&mut self, actor: ActorId, call: &Call) -> Result<Request, Box<dyn Error>> {
        let account = self
            .accounts
            .get_mut(&actor)
            .ok_or("a call of an unknown account")?;
        let order = Order {
            tx: 0,
            key: account.key,
            nonce: account.nonce,
            invocation: self.contracts.encode(call),
            fees: account.fees,
        };
        account.nonce += 1;
        Ok(Request::new(
            "eth_sendRawTransaction",
            [self.signer.sign(&order).raw],
        )?)
    }
}

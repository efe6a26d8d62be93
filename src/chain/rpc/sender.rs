//! Sending: signs what it is given and hands it to the node in batches, several requests at once.

use std::sync::Arc;

use alloy::primitives::B256;
use secp256k1::SecretKey;
use tokio::sync::{Semaphore, mpsc};

use super::{Clock, Fees, Http, Refusal, Request, RpcError, sign::Signer};
use crate::{chain::Bid, protocol::Invocation, time::Micros};

/// The most transactions in one request: past about a hundred, a larger batch is no faster and only makes the first
/// in it wait for the last to be signed.
const BATCH: usize = 100;
/// The most requests under way at once. Two keep the node busy while the next is being signed; the others absorb a
/// node that is slow to answer.
const REQUESTS: usize = 4;

/// A transaction to sign and send.
#[derive(Clone, Debug)]
pub struct Order {
    /// The run's number for it.
    pub tx: u64,
    /// The key of the account that sends it.
    pub key: SecretKey,
    /// The account's nonce that it takes.
    pub nonce: u64,
    /// What it calls.
    pub invocation: Invocation,
    /// How often its bid was raised to replace an earlier transaction with the same nonce.
    pub raises: u32,
}

/// What became of an [`Order`].
#[derive(Debug)]
pub enum SendReport {
    /// It was signed and is being handed to the node.
    Sent {
        /// The run's number for it.
        tx: u64,
        /// When.
        at: Micros,
        /// Its nonce.
        nonce: u64,
        /// Its hash.
        hash: B256,
        /// What it offers to pay.
        bid: Bid,
    },
    /// The node took it.
    Accepted {
        /// The run's number for it.
        tx: u64,
        /// When the node's answer came.
        at: Micros,
        /// The hash that it answered.
        hash: B256,
    },
    /// The node refused it.
    Refused {
        /// The run's number for it.
        tx: u64,
        /// The node's words.
        refusal: Refusal,
    },
    /// The request that held it was not answered: the node may have it or not.
    Unanswered {
        /// The run's number for it.
        tx: u64,
    },
}

/// Where orders go. When it is dropped, what was ordered is still sent.
#[derive(Clone, Debug)]
pub struct Sender(mpsc::UnboundedSender<Order>);

impl Sender {
    /// Starts sending to `http`; every step of every order is told to `report`, in order.
    pub fn start<R>(http: Http, fees: Fees, clock: Clock, report: R) -> Self
    where
        R: Fn(SendReport) + Clone + Send + Sync + 'static,
    {
        let (orders, mut inbox) = mpsc::unbounded_channel();
        let signer = Arc::new(Signer::new(fees));
        let free = Arc::new(Semaphore::new(REQUESTS));
        tokio::spawn(async move {
            loop {
                let Ok(permit) = Arc::clone(&free).acquire_owned().await else {
                    return;
                };
                let mut batch = Vec::with_capacity(BATCH);
                if inbox.recv_many(&mut batch, BATCH).await == 0 {
                    return;
                }
                let (http, signer, report) = (http.clone(), Arc::clone(&signer), report.clone());
                tokio::spawn(async move {
                    send(&http, &signer, clock, batch, &report).await;
                    drop(permit);
                });
            }
        });
        Self(orders)
    }

    /// Has a transaction signed and sent as soon as may be.
    pub fn order(&self, order: Order) {
        // The receiver lives as long as this sender does: its task ends only when every sender is gone.
        let _ = self.0.send(order);
    }
}

async fn send(http: &Http, signer: &Signer, clock: Clock, batch: Vec<Order>, report: &impl Fn(SendReport)) {
    let mut requests = Vec::with_capacity(batch.len());
    let mut hashes = Vec::with_capacity(batch.len());
    for order in &batch {
        let signed = signer.sign(order);
        hashes.push(signed.hash);
        match Request::new("eth_sendRawTransaction", [signed.raw]) {
            Ok(request) => requests.push(request),
            Err(error) => return tracing::error!("{error}"),
        }
    }
    let at = clock.now();
    for (order, hash) in batch.iter().zip(hashes) {
        let bid = signer.bid(order);
        report(SendReport::Sent {
            tx: order.tx,
            at,
            nonce: order.nonce,
            hash,
            bid,
        });
    }
    let answers: Result<Vec<Result<B256, Refusal>>, RpcError> = http.batch(&requests).await;
    let at = clock.now();
    match answers {
        Ok(answers) => {
            for (order, answer) in batch.iter().zip(answers) {
                report(match answer {
                    Ok(hash) => SendReport::Accepted {
                        tx: order.tx,
                        at,
                        hash,
                    },
                    Err(refusal) => SendReport::Refused {
                        tx: order.tx,
                        refusal,
                    },
                });
            }
        }
        Err(error) => {
            tracing::warn!("a batch of {} went unanswered: {error}", batch.len());
            for order in &batch {
                report(SendReport::Unanswered { tx: order.tx });
            }
        }
    }
}

//! Sending: signs what it is given and hands it to the node in batches, several requests at once.

use std::sync::Arc;

use alloy::primitives::B256;
use secp256k1::SecretKey;
use tokio::sync::{Semaphore, mpsc};

use super::{Clock, Http, Refusal, Request, RpcError, sign::Signer};
use crate::{chain::Bid, protocol::Invocation, time::Micros};

/// The most transactions in one request: past about a hundred, a larger batch is no faster and only makes the first
/// in it wait for the last to be signed.
const BATCH: usize = 100;
/// The most in one request while fewer than [`BATCH`] wait: they are signed side by side, and leave sooner.
const SHARE: usize = 10;
/// The most transactions that may be unanswered at once. Anvil takes nothing while it makes a block, for up to some
/// tenths of a second: a sender that waited for it would be late with what is due meanwhile.
const UNANSWERED: usize = 600;

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
    /// What it offers to pay.
    pub bid: Bid,
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
    /// Starts sending to `http`, a node of the chain with this id; every step of every order is told to `report`, in order.
    pub fn start<R>(http: Http, chain_id: u64, clock: Clock, report: R) -> Self
    where
        R: Fn(SendReport) + Clone + Send + Sync + 'static,
    {
        let (orders, mut inbox) = mpsc::unbounded_channel();
        let signer = Arc::new(Signer::new(chain_id));
        let free = Arc::new(Semaphore::new(UNANSWERED));
        tokio::spawn(async move {
            let mut waiting = Vec::with_capacity(BATCH);
            while inbox.recv_many(&mut waiting, BATCH).await > 0 {
                let share = if waiting.len() < BATCH { SHARE } else { BATCH };
                while !waiting.is_empty() {
                    let batch: Vec<Order> = waiting.drain(..share.min(waiting.len())).collect();
                    let Ok(permits) = Arc::clone(&free).acquire_many_owned(batch.len() as u32).await else {
                        return;
                    };
                    let (http, signer, report) = (http.clone(), Arc::clone(&signer), report.clone());
                    tokio::spawn(async move {
                        send(&http, &signer, clock, batch, &report).await;
                        drop(permits);
                    });
                }
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
        report(SendReport::Sent {
            tx: order.tx,
            at,
            nonce: order.nonce,
            hash,
            bid: order.bid,
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

//! Sending: signs what it is given and hands it to the node in batches, several requests at once.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use alloy::primitives::B256;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    Http, Refusal, Request, RunClock,
    sign::{Order, Signer},
};
use crate::{chain::Eip1559Fees, time::Micros};

/// The most transactions in one request, where there is a crowd of [`CROWD`]: past about a hundred, a larger batch is no
/// faster and only makes the first in it wait for the last to be signed.
const BATCH: usize = 100;
/// The most in one request otherwise: they are signed side by side, and leave sooner.
const SHARE: usize = 10;
/// From how many transactions at once on they are too many to be sent one by one.
const CROWD: usize = 500;
/// The most transactions that may be unanswered at once. Anvil takes nothing while it makes a block, for up to some
/// tenths of a second: a sender that waited for it would be late with what is due meanwhile.
const UNANSWERED: usize = 2000;
/// How many threads of the runtime help to sign what is ordered at once.
const HELPERS: usize = 3;
/// How many batches the thread that orders them signs itself, at most, before it goes on.
const OWN: usize = 12;

/// The outcome of an [`Order`].
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
        fees: Eip1559Fees,
    },
    /// It is handed to the node once more: that did not take it, or did not answer.
    Again {
        /// The run's number for it.
        tx: u64,
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
    /// No request that held it was answered for as long as may be: the node may have it or not.
    Unanswered {
        /// The run's number for it.
        tx: u64,
    },
}

/// Signs and sends. When it is dropped, what was ordered is still sent.
#[derive(Clone, Debug)]
pub struct Sender(Arc<Shared>);

struct Shared {
    http: Http,
    signer: Signer,
    clock: RunClock,
    report: Box<dyn Fn(SendReport) + Send + Sync>,
    waiting: Mutex<VecDeque<Vec<Order>>>,
    unanswered: Arc<Semaphore>,
}

/// Signed transactions, ready to be handed to the node.
struct Batch {
    txs: Vec<u64>,
    requests: Vec<Request>,
    /// Their places among those that may be unanswered.
    places: OwnedSemaphorePermit,
}

impl Sender {
    /// A sender to `http` with this signer of transactions for its chain. Every step of every order is passed to `report`,
    /// in order.
    pub fn new<R>(http: Http, signer: Signer, clock: RunClock, report: R) -> Self
    where
        R: Fn(SendReport) + Send + Sync + 'static,
    {
        Self(Arc::new(Shared {
            http,
            signer,
            clock,
            report: Box::new(report),
            waiting: Mutex::default(),
            unanswered: Arc::new(Semaphore::new(UNANSWERED)),
        }))
    }

    /// Has transactions signed and sent as soon as may be. Called on a thread of an async runtime, whose other threads
    /// help: to leave it to them alone would be to wait until one of them gets its turn on a busy processor.
    pub fn order(&self, orders: Vec<Order>) {
        if orders.is_empty() {
            return;
        }
        let share = if orders.len() < CROWD { SHARE } else { BATCH };
        let batches = orders.len().div_ceil(share);
        {
            let mut waiting = self.0.waiting();
            let mut orders = orders.into_iter();
            waiting.extend((0..batches).map(|_| orders.by_ref().take(share).collect()));
        }
        for _ in 0..HELPERS.min(batches - 1) {
            let shared = Arc::clone(&self.0);
            tokio::spawn(async move {
                while shared.send_one() {
                    tokio::task::yield_now().await;
                }
            });
        }
        for _ in 0..OWN {
            if !self.0.send_one() {
                break;
            }
        }
    }
}

impl Shared {
    /// Nothing that holds the lock can leave the queue half made: a poisoned one is as good.
    fn waiting(&self) -> std::sync::MutexGuard<'_, VecDeque<Vec<Order>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs a batch that waits and has it handed to the node, if there is one and not too many are unanswered: then the
    /// next answer lets it go.
    fn send_one(self: &Arc<Self>) -> bool {
        let (orders, places) = {
            let mut waiting = self.waiting();
            let Some(next) = waiting.front() else { return false };
            let Ok(places) = Arc::clone(&self.unanswered).try_acquire_many_owned(next.len() as u32) else {
                return false;
            };
            (waiting.pop_front().unwrap_or_default(), places)
        };
        if let Some(batch) = self.sign(&orders, places) {
            let shared = Arc::clone(self);
            tokio::spawn(async move {
                shared.hand_over(batch).await;
                while shared.send_one() {}
            });
        }
        true
    }

    fn sign(&self, orders: &[Order], places: OwnedSemaphorePermit) -> Option<Batch> {
        let mut requests = Vec::with_capacity(orders.len());
        let mut hashes = Vec::with_capacity(orders.len());
        for order in orders {
            let signed = self.signer.sign(order);
            hashes.push(signed.hash);
            match Request::new("eth_sendRawTransaction", [signed.raw]) {
                Ok(request) => requests.push(request),
                Err(error) => {
                    tracing::error!("{error}");
                    return None;
                }
            }
        }
        let at = self.clock.now();
        for (order, hash) in orders.iter().zip(hashes) {
            (self.report)(SendReport::Sent {
                tx: order.tx,
                at,
                nonce: order.nonce,
                hash,
                fees: order.fees,
            });
        }
        let txs = orders.iter().map(|order| order.tx).collect();
        Some(Batch {
            txs,
            requests,
            places,
        })
    }

    async fn hand_over(&self, batch: Batch) {
        let again = |places: &[usize]| {
            for place in places {
                (self.report)(SendReport::Again {
                    tx: batch.txs[*place],
                });
            }
        };
        let answers = self.http.send(&batch.requests, again).await;
        drop(batch.places);
        let at = self.clock.now();
        match answers {
            Ok(answers) => {
                for (tx, answer) in batch.txs.into_iter().zip(answers) {
                    (self.report)(match answer {
                        Ok(hash) => SendReport::Accepted { tx, at, hash },
                        Err(refusal) => SendReport::Refused { tx, refusal },
                    });
                }
            }
            Err(error) => {
                self.http
                    .troubles
                    .note("a batch of transactions, given up", &error);
                for tx in batch.txs {
                    (self.report)(SendReport::Unanswered { tx });
                }
            }
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}

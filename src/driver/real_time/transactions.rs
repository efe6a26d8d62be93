//! Transactions on their way: every one is sent, and watched until it is in a block, refused, or lost.

use std::{sync::Arc, time::Duration};

use alloy::primitives::B256;

use super::{Driver, Message};
use crate::{
    chain::{
        Block,
        rpc::{Endpoint, Order, Reorg, RpcError, SendReport, TransactionStatus},
    },
    driver::{ATTEMPTS, TxId, UnderWay},
    protocol::{ActorId, Invocation},
    record::TxOutcome,
};

/// A block counts as full when less than one part in so many of its gas limit is left.
const ROOM: u64 = 8;
/// For how many blocks after a full one its victims are looked for: an account's come to light one after the other.
const MEMORY: u64 = 10;

/// How often, block by block, those that were under way during a reorg are looked for.
const LOOKS: u32 = 6;

/// What the driver itself is to be woken for.
#[derive(Debug)]
pub(super) enum TransactionTimer {
    /// The deadline of a transaction since it was handed to the node for this time.
    Deadline { tx: TxId, attempt: u32 },
    /// The moment to look for a transaction that the node may have dropped since it was handed over for this time;
    /// `first` if nothing is known yet of those before it.
    Doubt { tx: TxId, attempt: u32, first: bool },
}

impl Driver {
    /// Gives a transaction the account's next nonce and has it signed and sent, with its fees raised so many times.
    pub(super) fn send(&mut self, tx: TxId, actor: ActorId, invocation: Invocation, raises: u32) {
        let Some(account) = self.accounts.of(actor) else {
            return;
        };
        let nonce = account.nonces.take();
        account.under_way.insert(nonce, tx);
        self.orders.push(Order {
            tx,
            key: account.key,
            nonce,
            invocation,
            fees: account.fees.raised(raises),
        });
    }

    /// Hands a transaction to the node again, as it was, or for the id that its session has since a reorg: then it takes the
    /// place of the other, which the node may have.
    fn send_again(&mut self, tx: TxId, under_way: UnderWay) {
        let raises = u32::from(self.engine.misses_session(tx));
        let (Some(account), Some(invocation)) =
            (self.accounts.of(under_way.actor), self.engine.encode_again(tx))
        else {
            return;
        };
        self.orders.push(Order {
            tx,
            key: account.key,
            nonce: under_way.nonce,
            invocation,
            fees: under_way.fees.raised(raises),
        });
    }

    /// Watches a transaction that was handed to the node just now.
    fn watch_deadline(&mut self, tx: TxId) {
        if let Some(attempt) = self.engine.attempts(tx) {
            let at = self.settings.clock.now() + self.settings.transaction_deadline;
            self.transaction_timers
                .set(at, TransactionTimer::Deadline { tx, attempt });
        }
    }

    pub(super) fn send_report(&mut self, report: SendReport) {
        match report {
            SendReport::Sent {
                tx,
                at,
                nonce,
                hash,
                fees,
            } => {
                self.hashes.insert(hash, tx);
                self.engine.sent(tx, at, nonce, Some(hash), fees);
                self.watch_deadline(tx);
            }
            SendReport::Again { tx } => self.engine.sent_again(tx),
            SendReport::Accepted { tx, at, hash } => self.engine.accepted(tx, at, hash),
            SendReport::Refused { tx, refusal } => {
                let reason = refusal.to_string();
                self.locate(tx, move |place, next_nonce| Message::Refused {
                    tx,
                    reason,
                    place,
                    next_nonce,
                });
            }
            // Whether the node has it shows when it is in a block, or when its deadline passes.
            SendReport::Unanswered { .. } => {}
        }
    }

    /// Asks the node where it has a transaction, and for the next nonce of its account: these tell a transaction that
    /// it has twice and a nonce that another took from a refusal, in whatever words the node says it.
    fn locate(&self, tx: TxId, report: impl FnOnce(TransactionStatus, u64) -> Message + Send + 'static) {
        let (Some(account), Some(under_way)) = (self.engine.account(tx), self.engine.under_way(tx)) else {
            return;
        };
        let (endpoint, outbox) = (self.settings.endpoint.clone(), self.outbox.clone());
        let lookups = Arc::clone(&self.lookups);
        tokio::spawn(async move {
            // It is never closed.
            let _permit = lookups.acquire().await;
            let located = async {
                // In this order: a transaction that is not there cannot be what raised the nonce read after it,
                // unless it came between the two: then it is there when it is looked for again.
                let hashes = under_way.hashes();
                let place = status_of(&endpoint, &hashes).await?;
                let next_nonce = endpoint.nonce(account).await?;
                let raised = place == TransactionStatus::Unknown && next_nonce > under_way.nonce;
                let place = if raised {
                    status_of(&endpoint, &hashes).await?
                } else {
                    place
                };
                Ok((place, next_nonce))
            };
            let _ = outbox.send(match located.await {
                Ok((place, next_nonce)) => report(place, next_nonce),
                Err(error) => Message::Lost(error),
            });
        });
    }

    /// A transaction was refused. One that the node has all the same (it was sent again) is left to its block; where
    /// its nonce was taken by another it gets a new one; otherwise the refusal is its end.
    pub(super) fn refused(&mut self, tx: TxId, reason: String, place: TransactionStatus, next_nonce: u64) {
        let Some(under_way) = self.engine.under_way(tx) else {
            return;
        };
        if place != TransactionStatus::Unknown {
            return self
                .engine
                .accepted(tx, self.settings.clock.now(), under_way.hash);
        }
        if self.taken(&under_way, next_nonce) {
            return self.send_anew(tx, under_way, next_nonce);
        }
        if self.suspects.contains(&tx) && under_way.attempts < ATTEMPTS + LOOKS {
            // After a reorg the node may have it under another hash, with the id that its session had.
            let (at, attempt) = (
                self.settings.clock.now() + Duration::from_secs(1),
                under_way.attempts,
            );
            let first = false;
            return self
                .transaction_timers
                .set(at, TransactionTimer::Doubt { tx, attempt, first });
        }
        self.gave_up(tx, under_way, next_nonce, TxOutcome::Refused(reason), 0);
    }

    /// Whether a transaction that the node does not have cannot come any more with the nonce that it has, and may yet
    /// with another.
    fn taken(&self, under_way: &UnderWay, next_nonce: u64) -> bool {
        next_nonce > under_way.nonce && under_way.attempts < ATTEMPTS
    }

    /// Gives a transaction whose nonce was used by another a new nonce.
    fn send_anew(&mut self, tx: TxId, under_way: UnderWay, next_nonce: u64) {
        if let Some(account) = self.accounts.of(under_way.actor) {
            account.under_way.remove(&under_way.nonce);
            account.nonces.used_up_to(next_nonce);
        }
        if let Some(invocation) = self.engine.encode_again(tx) {
            self.send(tx, under_way.actor, invocation, 0);
        }
    }

    /// Closes the record of a transaction, and fills its nonce if it was not used and others wait for it.
    fn gave_up(&mut self, tx: TxId, under_way: UnderWay, next_nonce: u64, outcome: TxOutcome, raises: u32) {
        self.engine.failed(tx, self.settings.clock.now(), outcome);
        self.accounts.settle(under_way.actor, under_way.nonce);
        let Some(account) = self.accounts.of(under_way.actor) else {
            return;
        };
        // A raise means that the transaction may still be in the pool, where its nonce counts as the next one's.
        let unused = raises > 0 || next_nonce <= under_way.nonce;
        if unused && account.nonces.give_back(under_way.nonce) && !under_way.function.is_filler() {
            self.fill_nonce(under_way.actor, raises);
        }
    }

    pub(super) fn transaction_timer(&mut self, timer: TransactionTimer) {
        // If a transaction was sent again since, the later timer counts; if it is over, none does.
        match timer {
            TransactionTimer::Deadline { tx, attempt } if self.engine.attempts(tx) == Some(attempt) => {
                self.locate(tx, move |place, next_nonce| Message::Chased {
                    tx,
                    place,
                    next_nonce,
                });
            }
            TransactionTimer::Doubt { tx, attempt, first } if self.engine.attempts(tx) == Some(attempt) => {
                self.locate(tx, move |place, next_nonce| Message::Doubted {
                    tx,
                    first,
                    place,
                    next_nonce,
                });
            }
            TransactionTimer::Deadline { .. } | TransactionTimer::Doubt { .. } => {}
        }
    }

    /// Takes note of which transactions are in a block, and doubts those that a full block may have cost their place in
    /// the node's pool.
    ///
    /// Anvil passes over a transaction whose gas limit does not fit what is left of a block, goes on with the account's
    /// later ones, finds that their nonces are too high, and drops them. So after a block that had little room left, the
    /// next transaction of each account is looked for if it is not in the block after the one before it.
    pub(super) fn settle(&mut self, block: &Block, txs: &[Option<TxId>]) {
        let interval = self
            .last_block
            .replace(block.seen)
            .map_or(Duration::ZERO, |last| block.seen - last);
        if block.gas_limit.saturating_sub(block.gas_used) < block.gas_limit / ROOM {
            self.last_full_block = Some(block.number);
        }
        let mut next = Vec::new();
        for tx in txs.iter().flatten() {
            if let Some((actor, nonce)) = self.engine.place(*tx) {
                next.extend(self.accounts.settle(actor, nonce));
            }
        }
        if self
            .last_full_block
            .is_none_or(|full| block.number - full > MEMORY)
        {
            return;
        }
        let at = block.seen + interval.mul_f64(1.5);
        for tx in next.into_iter().filter(|tx| !txs.contains(&Some(*tx))) {
            if let Some(attempt) = self.engine.attempts(tx) {
                self.transaction_timers.set(
                    at,
                    TransactionTimer::Doubt {
                        tx,
                        attempt,
                        first: true,
                    },
                );
            }
        }
    }

    /// Blocks are no longer the chain's. What they held is undone, and their transactions are looked for: they may be in the
    /// node's pool, in other blocks, or gone.
    pub(super) fn reorg(&mut self, reorg: Reorg) {
        // One that is noticed in the making comes in parts.
        self.node.reorg(reorg.depth, self.dropped_blocks);
        self.dropped_blocks += reorg.depth;
        self.backlog.take_all(&mut self.engine);
        let again = self.engine.undo_after(reorg.last, self.settings.clock.now());
        tracing::warn!(
            "reorg: {} block(s) after block {} are no longer the chain's; {} transactions under way are looked for",
            reorg.depth,
            reorg.last,
            again.len()
        );
        self.last_full_block = None;
        for tx in &again {
            if let Some(under_way) = self.engine.under_way(*tx) {
                for hash in under_way.hashes() {
                    self.hashes.insert(hash, *tx);
                }
                self.accounts.reopen(under_way.actor, under_way.nonce, *tx);
                self.watch_deadline(*tx);
            }
        }
        self.suspects = again;
        self.looks_left = LOOKS;
        self.look_for_suspects();
    }

    /// Asks the node where it has the transactions that were under way during a reorg. One that waited in its pool then may
    /// be dropped later: anvil drops those whose nonces are too high when it makes the next block.
    pub(super) fn look_for_suspects(&mut self) {
        if self.looks_left == 0 {
            return;
        }
        self.looks_left -= 1;
        let mut txs: Vec<(TxId, Vec<B256>)> = Vec::with_capacity(self.suspects.len());
        for tx in std::mem::take(&mut self.suspects) {
            if let Some(under_way) = self.engine.under_way(tx) {
                self.suspects.push(tx);
                if !self.dropped.contains(&tx) {
                    txs.push((tx, under_way.hashes()));
                }
            }
        }
        if txs.is_empty() {
            return;
        }
        let (endpoint, outbox) = (self.settings.endpoint.clone(), self.outbox.clone());
        tokio::spawn(async move {
            let hashes: Vec<B256> = txs.iter().flat_map(|(_, hashes)| hashes).copied().collect();
            let _ = outbox.send(match endpoint.transaction_statuses(&hashes).await {
                Ok(places) => {
                    let mut places = places.into_iter();
                    let lost = txs.iter().filter(|(_, hashes)| {
                        first_known(places.by_ref().take(hashes.len()).collect())
                            == TransactionStatus::Unknown
                    });
                    Message::Dropped(lost.map(|(tx, _)| *tx).collect())
                }
                Err(error) => Message::Lost(error),
            });
        });
    }

    /// Sends transactions again that the node does not have any more, each once what led to it is back.
    pub(super) fn send_dropped(&mut self) {
        if self.dropped.is_empty() || !self.backlog.is_empty() {
            return;
        }
        for tx in std::mem::take(&mut self.dropped) {
            if self.engine.is_premature(tx) {
                self.dropped.push(tx);
            } else if let Some(under_way) = self.engine.under_way(tx) {
                self.send_again(tx, under_way);
            }
        }
    }

    /// A transaction was doubted. One that the node dropped is sent again; any other is left alone until its deadline.
    pub(super) fn doubted(&mut self, tx: TxId, first: bool, place: TransactionStatus, next_nonce: u64) {
        let Some(under_way) = self.engine.under_way(tx) else {
            return;
        };
        match place {
            TransactionStatus::Unknown if self.taken(&under_way, next_nonce) => {
                self.send_anew(tx, under_way, next_nonce);
            }
            TransactionStatus::Unknown => {
                let (actor, nonce) = (under_way.actor, under_way.nonce);
                self.send_again(tx, under_way);
                if first {
                    self.doubt_after(actor, nonce);
                }
            }
            TransactionStatus::Pool | TransactionStatus::Block => {}
        }
    }

    /// Where one was dropped, those of the account with later nonces were as a rule, too: they are looked for now.
    fn doubt_after(&mut self, actor: ActorId, nonce: u64) {
        let now = self.settings.clock.now();
        let Some(account) = self.accounts.of(actor) else {
            return;
        };
        let later: Vec<TxId> = account.under_way.range(nonce + 1..).map(|(_, tx)| *tx).collect();
        for tx in later {
            if let Some(attempt) = self.engine.attempts(tx) {
                self.transaction_timers.set(
                    now,
                    TransactionTimer::Doubt {
                        tx,
                        attempt,
                        first: false,
                    },
                );
            }
        }
    }

    /// A transaction's deadline passed. One that is in a block is left to be read there. Any other is sent again, the
    /// same bytes, which the node takes as the same transaction if it has it after all, or with a new nonce where
    /// another took its own; after a number of times it is lost, and its nonce filled, at a higher fee in case it sits
    /// in the pool, so that it does not hold up those behind it.
    pub(super) fn chased(&mut self, tx: TxId, place: TransactionStatus, next_nonce: u64) {
        let Some(under_way) = self.engine.under_way(tx) else {
            return;
        };
        let place = match place {
            TransactionStatus::Block => return self.watch_deadline(tx),
            TransactionStatus::Unknown if self.taken(&under_way, next_nonce) => {
                return self.send_anew(tx, under_way, next_nonce);
            }
            _ if under_way.attempts < ATTEMPTS => return self.send_again(tx, under_way),
            TransactionStatus::Pool => "it waits in the node's pool",
            TransactionStatus::Unknown => "the node does not know it",
        };
        let waited = self.settings.transaction_deadline * ATTEMPTS;
        let reason = format!("not in a block after {} s; {place}", waited.as_secs());
        self.gave_up(tx, under_way, next_nonce, TxOutcome::Lost(reason), 1);
    }

    /// Sends a transaction that does nothing with the lowest free nonce of an account.
    fn fill_nonce(&mut self, actor: ActorId, raises: u32) {
        let (tx, invocation) = self.engine.fill_nonce(actor, self.settings.clock.now());
        self.send(tx, actor, invocation, raises);
    }
}

/// Where the node has a transaction that it may have under one of several hashes.
fn first_known(statuses: Vec<TransactionStatus>) -> TransactionStatus {
    let mut known = statuses
        .into_iter()
        .filter(|status| *status != TransactionStatus::Unknown);
    known.next().unwrap_or(TransactionStatus::Unknown)
}

/// The same, asked of the node.
async fn status_of(endpoint: &Endpoint, hashes: &[B256]) -> Result<TransactionStatus, RpcError> {
    for hash in hashes {
        let status = endpoint.transaction_status(*hash).await?;
        if status != TransactionStatus::Unknown {
            return Ok(status);
        }
    }
    Ok(TransactionStatus::Unknown)
}

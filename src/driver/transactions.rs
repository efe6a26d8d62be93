//! Transactions on their way: every one is sent, and watched until it is in a block, refused, or lost.

use std::time::Duration;

use super::{
    ATTEMPTS, TxId, UnderWay,
    accounts::Cancelled,
    reorg::LOOKS,
    run_loop::Driver,
    transport::{Lookup, Outgoing, Report, Transport, Why},
};
use crate::{
    chain::{Block, rpc::TransactionStatus},
    protocol::{ActorId, Invocation, Protocol},
    record::TxOutcome,
    time::Micros,
};

/// A block counts as full when less than one part in so many of its gas limit is left.
const ROOM: u64 = 8;
/// For how many blocks after a full one its victims are looked for: an account's come to light one after the other.
const MEMORY: u64 = 10;

/// How long after a refusal for want of money a transaction is sent again, where accounts are topped up.
const TOP_UP: Duration = Duration::from_secs(6);

/// How long after a refusal for its fees a transaction is sent again, where the chain is not known to ask for more.
const NEWS: Duration = Duration::from_secs(1);

/// What the driver itself is to be woken for.
#[derive(Debug)]
pub(super) enum TransactionTimer {
    /// The deadline of a transaction since it was handed to the node for this time.
    Deadline { tx: TxId, attempt: u32 },
    /// The moment to look for a transaction that the node may have dropped since it was handed over for this time;
    /// `first` if nothing is known yet of those before it.
    Doubt { tx: TxId, attempt: u32, first: bool },
    /// The deadline of a transaction that the chain is known to have dropped.
    Resend { tx: TxId },
    /// The moment to send a transaction again that was refused for what it pays.
    Reprice { tx: TxId },
}

/// What is known of the node's pool.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// When the latest block was seen.
    last_block: Option<Micros>,
    /// The number of the latest block that had little room left.
    last_full_block: Option<u64>,
}

impl Pool {
    /// A reorg took blocks back.
    pub(super) const fn forget_full_block(&mut self) {
        self.last_full_block = None;
    }
}

impl<P: Protocol, T: Transport<P>> Driver<P, T> {
    /// Gives a transaction the account's next nonce and has it sent.
    pub(super) fn send(&mut self, tx: TxId, actor: ActorId, invocation: Invocation) {
        let (Some(account), Some(function)) = (self.accounts.of(actor), self.engine.function(tx)) else {
            return;
        };
        let nonce = account.nonces.take();
        if !self.transport.tells_drops() {
            account.under_way.insert(nonce, tx);
        }
        let fees = self.transport.fees(account.fees);
        self.hand_over(Outgoing {
            tx,
            actor,
            nonce,
            function,
            invocation,
            fees,
        });
    }

    /// Hands a transaction to the chain again, as it was, or for the id that its session has since a reorg: then it takes the
    /// place of the other, which the node may have.
    pub(super) fn send_again(&mut self, tx: TxId, under_way: UnderWay) {
        let raises = u32::from(self.engine.misses_session(tx));
        if let Some(invocation) = self.engine.encode_again(tx) {
            self.hand_over(Outgoing {
                tx,
                actor: under_way.actor,
                nonce: under_way.nonce,
                function: under_way.function,
                invocation,
                fees: under_way.fees.raised(raises),
            });
        }
    }

    /// Sends a transaction again with higher fees, where the transport raises any; it takes the place of the other. Returns
    /// whether it did.
    fn replace(&mut self, tx: TxId, under_way: &UnderWay) -> bool {
        let planned = self.accounts.of(under_way.actor).map(|account| account.fees);
        let fees = planned.and_then(|planned| self.transport.replacing(under_way.fees, planned));
        let Some(fees) = fees else { return false };
        let Some(invocation) = self.engine.encode_again(tx) else {
            return false;
        };
        self.hand_over(Outgoing {
            tx,
            actor: under_way.actor,
            nonce: under_way.nonce,
            function: under_way.function,
            invocation,
            fees,
        });
        true
    }

    fn hand_over(&mut self, transaction: Outgoing) {
        self.transport.send(transaction);
        self.take_immediate();
    }

    /// Watches a transaction that was handed to the node just now.
    pub(super) fn watch_deadline(&mut self, tx: TxId) {
        if let Some(attempt) = self.engine.attempts(tx) {
            let at = self.transport.now() + self.transaction_deadline;
            self.transaction_timers
                .set(at, TransactionTimer::Deadline { tx, attempt });
        }
    }

    /// Takes a step of a transaction on its way.
    pub(super) fn take_step(&mut self, step: Report<P>) {
        match step {
            Report::Sent {
                tx,
                at,
                nonce,
                hash,
                fees,
            } => {
                self.engine.sent(tx, at, nonce, hash, fees);
                if let Some(hash) = hash {
                    self.hashes.insert(hash, tx);
                }
                if !self.transport.tells_drops() {
                    self.watch_deadline(tx);
                }
            }
            Report::SentAgain { tx } => self.engine.sent_again(tx),
            Report::Accepted { tx, at, hash } => self.engine.accepted(tx, at, hash),
            Report::Refused { tx, reason } if self.transport.tells_drops() => {
                if let Some(under_way) = self.engine.under_way(tx) {
                    self.give_up(tx, under_way, true, TxOutcome::Refused(reason));
                }
            }
            Report::Refused { tx, reason } => self.locate(tx, Why::Refused(reason)),
            Report::Dropped {
                tx,
                reason,
                worth_another_try,
            } => self.dropped(tx, reason, worth_another_try),
            Report::Located {
                tx,
                why,
                status,
                next_nonce,
            } => self.located(tx, why, status, next_nonce),
            _ => {}
        }
    }

    /// Asks the node where it has a transaction, and for the next nonce of its account: these tell a transaction that
    /// it has twice and a nonce that another took from a refusal, in whatever words the node says it.
    fn locate(&mut self, tx: TxId, why: Why) {
        if let (Some(account), Some(under_way)) = (self.engine.account(tx), self.engine.under_way(tx)) {
            let lookup = Lookup {
                tx,
                account,
                nonce: under_way.nonce,
                // A pool counts those behind a nonce that a reorg or a full block cost it.
                after_pool: matches!(why, Why::Refused(_)) && !self.reorgs.suspects(tx),
                hashes: under_way.hashes(),
            };
            self.transport.locate(lookup, why);
        }
    }

    fn located(&mut self, tx: TxId, why: Why, status: TransactionStatus, next_nonce: u64) {
        let Some(under_way) = self.engine.under_way(tx) else {
            return;
        };
        match why {
            Why::Refused(reason) => self.refused(tx, under_way, reason, status, next_nonce),
            Why::Deadline => self.overdue(tx, under_way, status, next_nonce),
            Why::Doubt { first } => self.doubted(tx, under_way, first, status, next_nonce),
        }
    }

    /// A transaction was refused. One that the node has all the same (it was sent again) is left to its block; where
    /// its nonce was taken by another it gets a new one; otherwise the refusal is its end.
    fn refused(
        &mut self,
        tx: TxId,
        under_way: UnderWay,
        reason: String,
        status: TransactionStatus,
        next_nonce: u64,
    ) {
        let now = self.transport.now();
        if status != TransactionStatus::Unknown {
            if let Some(hash) = under_way.hash {
                self.engine.accepted(tx, now, hash);
            }
            return;
        }
        if taken(&under_way, next_nonce) {
            return self.send_anew(tx, under_way, next_nonce);
        }
        if self.reorgs.suspects(tx) && under_way.attempts < ATTEMPTS + LOOKS {
            // After a reorg the node may have it under another hash, with the id that its session had.
            return self.doubt(tx, now + Duration::from_secs(1), false);
        }
        if under_way.attempts < ATTEMPTS && self.worth_another_try(tx, &under_way, &reason) {
            return;
        }
        let unused = next_nonce <= under_way.nonce;
        self.give_up(tx, under_way, unused, TxOutcome::Refused(reason));
    }

    /// Sends a transaction again that was refused for what it pays, where fees follow the chain: at once if the chain asks
    /// for more by now, or a little later if its account is about to be paid. Returns whether it does.
    fn worth_another_try(&mut self, tx: TxId, under_way: &UnderWay, reason: &str) -> bool {
        let Some(account) = self.accounts.of(under_way.actor) else {
            return false;
        };
        let planned = account.fees;
        if self.transport.replacing(under_way.fees, planned).is_none() {
            return false;
        }
        let reason = reason.to_lowercase();
        if reason.contains("insufficient funds") {
            let at = self.transport.now() + TOP_UP;
            self.transaction_timers.set(at, TransactionTimer::Resend { tx });
            return true;
        }
        let (asked, offered) = (self.transport.fees(planned), under_way.fees);
        if asked.max_fee > offered.max_fee || asked.tip > offered.tip {
            return self.replace(tx, under_way);
        }
        let is_about_fees = ["fee", "underpriced", "gas price"]
            .iter()
            .any(|word| reason.contains(word));
        if is_about_fees {
            // The block that made the chain dearer is not seen yet.
            let at = self.transport.now() + NEWS;
            self.transaction_timers.set(at, TransactionTimer::Reprice { tx });
        }
        is_about_fees
    }

    /// A transaction left the chain's pool without a block. One that may be taken later is sent again at its deadline, which is
    /// when a client of a node finds that the node dropped it.
    fn dropped(&mut self, tx: TxId, reason: String, worth_another_try: bool) {
        let Some(under_way) = self.engine.under_way(tx) else {
            return;
        };
        if !worth_another_try || under_way.attempts >= ATTEMPTS {
            return self.give_up(tx, under_way, true, TxOutcome::Lost(reason));
        }
        let deadline = under_way.sent + self.transaction_deadline * under_way.attempts;
        let at = self.transport.now().max(deadline);
        self.transaction_timers.set(at, TransactionTimer::Resend { tx });
    }

    /// Gives a transaction whose nonce was used by another a new nonce.
    fn send_anew(&mut self, tx: TxId, under_way: UnderWay, next_nonce: u64) {
        if self.accounts.is_replacement(under_way.actor, under_way.nonce, tx) {
            // What it was to replace may be in a block that is not read yet.
            return;
        }
        if let Some(account) = self.accounts.of(under_way.actor) {
            account.under_way.remove(&under_way.nonce);
            account.nonces.used_up_to(next_nonce);
        }
        if let Some(invocation) = self.engine.encode_again(tx) {
            self.send(tx, under_way.actor, invocation);
        }
    }

    /// Closes the record of a transaction, and fills its nonce if it is `unused` and others wait for it. A filler that failed is
    /// not followed by another: the account's next transaction takes the nonce.
    fn give_up(&mut self, tx: TxId, under_way: UnderWay, unused: bool, outcome: TxOutcome) {
        let now = self.transport.now();
        self.engine.failed(tx, now, outcome);
        self.accounts.settle(under_way.actor, under_way.nonce);
        if let Some(cancelled) = self.accounts.superseded(under_way.actor, under_way.nonce, tx) {
            self.engine.superseded(cancelled, now);
        }
        let Some(account) = self.accounts.of(under_way.actor) else {
            return;
        };
        if unused && account.nonces.give_back(under_way.nonce) && !under_way.function.is_filler() {
            let (tx, invocation) = self.engine.fill_nonce(under_way.actor, now);
            self.send(tx, under_way.actor, invocation);
        }
    }

    pub(super) fn transaction_timer(&mut self, timer: TransactionTimer) {
        // If a transaction was sent again since, the later timer counts; if it is over, none does.
        match timer {
            TransactionTimer::Deadline { tx, attempt } if self.engine.attempts(tx) == Some(attempt) => {
                self.locate(tx, Why::Deadline);
            }
            TransactionTimer::Doubt { tx, attempt, first } if self.engine.attempts(tx) == Some(attempt) => {
                self.locate(tx, Why::Doubt { first });
            }
            TransactionTimer::Resend { tx } => {
                if let Some(under_way) = self.engine.under_way(tx) {
                    self.send_again(tx, under_way);
                }
            }
            TransactionTimer::Reprice { tx } => {
                if let Some(under_way) = self.engine.under_way(tx)
                    && !self.replace(tx, &under_way)
                {
                    self.send_again(tx, under_way);
                }
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
        if self.transport.tells_drops() {
            return;
        }
        let interval = self
            .pool
            .last_block
            .replace(block.seen)
            .map_or(Duration::ZERO, |last| block.seen - last);
        if block.gas_limit.saturating_sub(block.gas_used) < block.gas_limit / ROOM {
            self.pool.last_full_block = Some(block.number);
        }
        let mut next = Vec::new();
        for tx in txs.iter().flatten() {
            if let Some((actor, nonce)) = self.engine.place(*tx) {
                next.extend(self.accounts.settle(actor, nonce));
                if let Some(other) = self.accounts.superseded(actor, nonce, *tx) {
                    self.engine.superseded(other, block.seen);
                }
            }
        }
        let full = self.pool.last_full_block;
        if full.is_none_or(|full| block.number - full > MEMORY) {
            return;
        }
        let at = block.seen + interval.mul_f64(1.5);
        for tx in next.into_iter().filter(|tx| !txs.contains(&Some(*tx))) {
            self.doubt(tx, at, true);
        }
    }

    /// Has a transaction looked for at `at`, unless it is sent again until then.
    fn doubt(&mut self, tx: TxId, at: Micros, first: bool) {
        if let Some(attempt) = self.engine.attempts(tx) {
            self.transaction_timers
                .set(at, TransactionTimer::Doubt { tx, attempt, first });
        }
    }

    /// A transaction was doubted. One that the node dropped is sent again; any other is left alone until its deadline.
    fn doubted(
        &mut self,
        tx: TxId,
        under_way: UnderWay,
        first: bool,
        status: TransactionStatus,
        next_nonce: u64,
    ) {
        match status {
            TransactionStatus::Unknown if taken(&under_way, next_nonce) => {
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
        let now = self.transport.now();
        let Some(account) = self.accounts.of(actor) else {
            return;
        };
        let later: Vec<TxId> = account.under_way.range(nonce + 1..).map(|(_, tx)| *tx).collect();
        for tx in later {
            self.doubt(tx, now, false);
        }
    }

    /// A transaction's deadline passed. One that is in a block is left to be read there. Any other is sent again, the
    /// same bytes, which the node takes as the same transaction if it has it after all, or with higher fees where these
    /// follow the chain, or with a new nonce where another took its own; after a number of times it is cancelled.
    fn overdue(&mut self, tx: TxId, under_way: UnderWay, status: TransactionStatus, next_nonce: u64) {
        let place = match status {
            TransactionStatus::Block => return self.watch_deadline(tx),
            TransactionStatus::Unknown
                if taken(&under_way, next_nonce)
                    && !self.accounts.is_replacement(under_way.actor, under_way.nonce, tx) =>
            {
                return self.send_anew(tx, under_way, next_nonce);
            }
            _ if under_way.deadlines + 1 < ATTEMPTS => {
                self.engine.passed_deadline(tx);
                if !self.replace(tx, &under_way) {
                    self.send_again(tx, under_way);
                }
                return;
            }
            TransactionStatus::Pool => "it waits in the node's pool",
            TransactionStatus::Unknown => "the node does not know it",
        };
        let waited = self.transaction_deadline * ATTEMPTS;
        let reason = format!("not in a block after {} s; {place}", waited.as_secs());
        if under_way.function.is_filler() {
            self.give_up(tx, under_way, true, TxOutcome::Lost(reason));
        } else {
            self.cancel(tx, &under_way, reason);
        }
    }

    /// Has a filler take the place of a transaction, so that it does not hold up those behind it: at a higher fee, since it may
    /// still be in a pool. Which of the two comes into a block decides whether it is lost.
    fn cancel(&mut self, tx: TxId, under_way: &UnderWay, reason: String) {
        let (actor, nonce) = (under_way.actor, under_way.nonce);
        let (filler, invocation) = self.engine.fill_nonce(actor, self.transport.now());
        let (Some(account), Some(function)) = (self.accounts.of(actor), self.engine.function(filler)) else {
            return;
        };
        account.cancelled.insert(nonce, Cancelled { tx, filler });
        account.under_way.insert(nonce, filler);
        self.engine.cancel(tx, reason);
        let fees = self.transport.fees(account.fees);
        self.hand_over(Outgoing {
            tx: filler,
            actor,
            nonce,
            function,
            invocation,
            fees: fees.at_least(under_way.fees.raised(1)),
        });
    }
}

/// Whether a transaction that the node does not have cannot come any more with the nonce that it has, and may yet
/// with another.
const fn taken(under_way: &UnderWay, next_nonce: u64) -> bool {
    next_nonce > under_way.nonce && under_way.attempts < ATTEMPTS
}

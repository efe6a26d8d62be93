//! Transactions on their way: every one is sent, and watched until it is in a block, refused, or lost.

use serde::de::IgnoredAny;

use super::{Driver, Message};
use crate::{
    chain::rpc::{Order, SendReport},
    driver::{TxId, UnderWay},
    protocol::{ActorId, Function, Invocation},
    record::TxOutcome,
};

/// How often a transaction is handed to the node before it counts as lost, and how often one is given a new nonce.
const ATTEMPTS: u32 = 3;

/// What the driver itself is to be woken for.
#[derive(Debug)]
pub(super) enum Alarm {
    /// The deadline of a transaction.
    Deadline(TxId),
}

impl Driver {
    /// Gives a transaction the account's next nonce and has it signed and sent.
    pub(super) fn send(&mut self, tx: TxId, actor: ActorId, invocation: Invocation, raises: u32) {
        let Some(lane) = self.lanes.of(actor) else { return };
        let nonce = lane.nonces.take();
        self.sender.order(Order {
            tx,
            key: lane.key,
            nonce,
            invocation,
            raises,
        });
        self.watch_deadline(tx);
    }

    /// Hands a transaction to the node again, as it was.
    fn send_again(&mut self, tx: TxId, under_way: UnderWay) {
        let Some(lane) = self.lanes.of(under_way.actor) else {
            return;
        };
        let UnderWay {
            nonce, invocation, ..
        } = under_way;
        self.sender.order(Order {
            tx,
            key: lane.key,
            nonce,
            invocation,
            raises: 0,
        });
        self.watch_deadline(tx);
    }

    fn watch_deadline(&mut self, tx: TxId) {
        let at = self.settings.clock.now() + self.settings.transaction_deadline;
        self.alarms.set(at, Alarm::Deadline(tx));
    }

    pub(super) fn send_report(&mut self, report: SendReport) {
        match report {
            SendReport::Sent {
                tx,
                at,
                nonce,
                hash,
                bid,
            } => self.engine.sent(tx, at, nonce, hash, bid),
            SendReport::Accepted { tx, at } => self.engine.accepted(tx, at),
            SendReport::Refused { tx, refusal } => self.ask_nonce(tx, refusal.to_string()),
            // Whether the node has it shows when it is in a block, or when its deadline passes.
            SendReport::Unanswered { .. } => {}
        }
    }

    /// Asks the node for the next nonce of the account of a transaction that it refused: whether the nonce was used
    /// by another tells a lost race from a refusal, in whatever words the node says it.
    fn ask_nonce(&self, tx: TxId, reason: String) {
        let Some(account) = self.engine.account(tx) else {
            return;
        };
        let (endpoint, outbox) = (self.settings.endpoint.clone(), self.outbox.clone());
        tokio::spawn(async move {
            let _ = outbox.send(match endpoint.nonce(account).await {
                Ok(next_nonce) => Message::Refused {
                    tx,
                    reason,
                    next_nonce,
                },
                Err(error) => Message::Lost(error),
            });
        });
    }

    /// A transaction was refused. Where its nonce was used up by another it gets a new one; one that the node had
    /// taken before (it was sent again) is left to its block; otherwise the refusal is its end.
    pub(super) fn refused(&mut self, tx: TxId, reason: String, next_nonce: u64) {
        let Some(under_way) = self.engine.under_way(tx) else {
            return;
        };
        let Some(lane) = self.lanes.of(under_way.actor) else {
            return;
        };
        if under_way.accepted {
            return;
        }
        if next_nonce > under_way.nonce && under_way.attempts < ATTEMPTS {
            lane.nonces.used_up_to(next_nonce);
            self.send(tx, under_way.actor, under_way.invocation, 0);
            return;
        }
        let waited_for = next_nonce <= under_way.nonce && lane.nonces.give_back(under_way.nonce);
        self.engine
            .failed(tx, self.settings.clock.now(), TxOutcome::Refused(reason));
        if waited_for && under_way.function != Function::FillNonce {
            self.fill_nonce(under_way.actor, 0);
        }
    }

    pub(super) fn alarm(&mut self, alarm: Alarm) {
        let Alarm::Deadline(tx) = alarm;
        let Some(under_way) = self.engine.under_way(tx) else {
            return;
        };
        let (http, outbox) = (self.settings.endpoint.http.clone(), self.outbox.clone());
        tokio::spawn(async move {
            let found = http
                .call::<Option<IgnoredAny>>("eth_getTransactionByHash", [under_way.hash])
                .await;
            let _ = outbox.send(match found {
                Ok(found) => Message::Chased {
                    tx,
                    known: found.is_some(),
                },
                Err(error) => Message::Lost(error),
            });
        });
    }

    /// A transaction's deadline passed. It is sent again, the same bytes, which the node takes as the same transaction
    /// if it has it after all; after a number of times it is lost, and its nonce filled, at a higher fee in case it
    /// sits in the pool, so that it does not hold up those behind it.
    pub(super) fn chased(&mut self, tx: TxId, known: bool) {
        let Some(under_way) = self.engine.under_way(tx) else {
            return;
        };
        if under_way.attempts < ATTEMPTS {
            return self.send_again(tx, under_way);
        }
        let waited = self.settings.transaction_deadline * ATTEMPTS;
        let place = if known {
            "it waits in the node's pool"
        } else {
            "the node does not know it"
        };
        let reason = format!("not in a block after {} s; {place}", waited.as_secs());
        self.engine
            .failed(tx, self.settings.clock.now(), TxOutcome::Lost(reason));
        let Some(lane) = self.lanes.of(under_way.actor) else {
            return;
        };
        if lane.nonces.give_back(under_way.nonce) && under_way.function != Function::FillNonce {
            self.fill_nonce(under_way.actor, 1);
        }
    }

    /// Sends a transaction that does nothing with the lowest free nonce of an account.
    fn fill_nonce(&mut self, actor: ActorId, raises: u32) {
        let (tx, invocation) = self.engine.fill_nonce(actor, self.settings.clock.now());
        self.send(tx, actor, invocation, raises);
    }
}

//! Transactions that the run asked for and that have not come to their end.

use alloy::primitives::{Address, B256, U256};

use crate::{
    chain::Eip1559Fees,
    gas::GasBreakdown,
    protocol::{
        ActorId, Invocation, Misdeed, Owed, OwnTransaction, Phase, Place, Protocol, ProtocolCall, TaskKey,
        TaskPhase,
    },
    record::{TxOutcome, TxRecord},
    time::Micros,
};

/// A transaction under way.
#[derive(Clone, Debug)]
pub(super) struct PendingTransaction<P: Protocol> {
    /// Its place in the order in which transactions were asked for.
    pub(super) id: u64,
    pub(super) actor: ActorId,
    pub(super) from: Address,
    pub(super) call: P::Call,
    /// Wei that it transfers.
    pub(super) value: U256,
    /// The phase that it counts under.
    pub(super) phase: Phase,
    /// The run's number for the task that it submits.
    pub(super) submission: Option<u64>,
    pub(super) intended: Micros,
    pub(super) nonce: Option<u64>,
    pub(super) hash: Option<B256>,
    pub(super) fees: Option<Eip1559Fees>,
    pub(super) sent: Option<Micros>,
    pub(super) accepted: Option<Micros>,
    pub(super) attempts: u32,
    /// How many of these were made because a reorg had cost the node the transaction.
    pub(super) after_reorgs: u32,
    /// The number of its deadlines that passed, those before a reorg took it back aside.
    pub(super) deadlines: u32,
    /// Why it is waited for no longer, if a filler with its nonce was sent: whichever of the two comes into a block decides.
    pub(super) cancelled: Option<String>,
    /// The block that it is in, where its sender was notified before the block's receipts were read.
    pub(super) in_block: Option<u64>,
    /// The number of times that it was handed to the node again because that did not take it, or did not answer.
    pub(super) resends: u32,
    /// Whether its sender was notified that it is included in the block that it is in.
    pub(super) inclusion_notified: bool,
    /// Whether its sender was notified that it is in a block which is no longer the chain's.
    pub(super) outcome_notified: bool,
    /// If it was under way during a reorg: how often the same call was tried since and reverted.
    pub(super) doubted: Option<u32>,
    /// The session that it opened, if it did, by the run's id: it has that for good, whatever a reorg does.
    pub(super) opened: Option<u64>,
    /// The session that it was last encoded for, by its id on the chain.
    pub(super) encoded_for: Option<u64>,
    /// The same, of the form in which it was last sent or, if it is in a block, is there.
    pub(super) sent_for: Option<u64>,
    /// The forms in which it was sent before that one: any of them may be in a block.
    pub(super) earlier: Vec<SentForm>,
    /// The call that was wanted, where a reorg gave the session's id to another after it was encoded: what is in the block is
    /// a call for that other session.
    pub(super) wanted: Option<P::Call>,
    /// What makes it dishonest, if it is.
    pub(super) dishonest: Option<Box<Dishonest<P>>>,
}

/// What makes a transaction dishonest.
#[derive(Clone, Debug)]
pub(super) struct Dishonest<P: Protocol> {
    pub(super) misdeed: Misdeed,
    pub(super) place: Place,
    /// What is sent in the place of the call's own encoding, and the call that it makes, if it is one.
    pub(super) edited: Option<(Invocation, Option<P::Call>)>,
    /// The phase of its task when it came into a block.
    pub(super) phase: Option<TaskPhase>,
}

/// A form in which a transaction was sent.
#[derive(Clone, Debug)]
pub(super) struct SentForm {
    hash: B256,
    fees: Option<Eip1559Fees>,
    encoded_for: Option<u64>,
}

/// The block that took a transaction in, and what it cost there.
#[derive(Clone, Debug)]
pub(super) struct Inclusion {
    pub(super) seen: Micros,
    pub(super) block_number: u64,
    pub(super) block_timestamp: u64,
    pub(super) gas_used: u64,
    pub(super) breakdown: Option<Box<GasBreakdown>>,
    pub(super) base_fee: u64,
}

impl<P: Protocol> PendingTransaction<P> {
    /// A transaction that has just been asked for.
    #[expect(clippy::too_many_arguments, reason = "what is known of it at once")]
    pub(super) const fn new(
        id: u64,
        actor: ActorId,
        from: Address,
        call: P::Call,
        value: U256,
        phase: Phase,
        submission: Option<u64>,
        intended: Micros,
    ) -> Self {
        let (nonce, hash, fees, sent, accepted, attempts, in_block) = (None, None, None, None, None, 0, None);
        Self {
            id,
            actor,
            from,
            call,
            value,
            phase,
            submission,
            intended,
            nonce,
            hash,
            fees,
            sent,
            accepted,
            attempts,
            after_reorgs: 0,
            deadlines: 0,
            cancelled: None,
            in_block,
            resends: 0,
            inclusion_notified: false,
            outcome_notified: false,
            doubted: None,
            opened: None,
            encoded_for: None,
            sent_for: None,
            earlier: Vec::new(),
            wanted: None,
            dishonest: None,
        }
    }

    /// Whether its sender learns its outcome.
    pub(super) fn is_awaited(&self) -> bool {
        self.dishonest
            .as_ref()
            .is_none_or(|dishonest| dishonest.place != Place::Beside)
    }

    /// Its outcome if it reverted for this reason.
    pub(super) fn revert(&self, reason: String) -> TxOutcome {
        match self.dishonest {
            Some(_) => TxOutcome::Repelled(reason),
            None => TxOutcome::of_revert(reason, self.call.races()),
        }
    }

    /// What makes it a misdeed, with this outcome: what only may have been spoilt by one is none if it succeeded.
    fn misdeed(&self, outcome: &TxOutcome) -> Option<&Dishonest<P>> {
        let spoilt = |place| place == Place::Consequence && matches!(outcome, TxOutcome::Included);
        self.dishonest
            .as_deref()
            .filter(|dishonest| !spoilt(dishonest.place))
    }

    /// Whether it was accepted although it was certain when it was sent that it must be refused. After a reorg nothing is.
    pub(super) fn is_wrongly_accepted(&self) -> bool {
        let must_be_refused = |dishonest: &Dishonest<P>| dishonest.misdeed.owed == Owed::MustBeRefused;
        self.doubted.is_none() && self.dishonest.as_deref().is_some_and(must_be_refused)
    }

    /// It was sent with this hash, these fees, and encoded for this session.
    pub(super) fn sent_as(&mut self, hash: Option<B256>, fees: Eip1559Fees) {
        if hash.is_some() && hash != self.hash {
            self.put_form_aside();
        }
        self.hash = hash;
        self.fees = Some(fees);
        self.sent_for = self.encoded_for;
    }

    /// The hashes that it was sent with before the latest.
    pub(super) fn earlier_hashes(&self) -> Vec<B256> {
        self.earlier.iter().map(|form| form.hash).collect()
    }

    /// It is in a block with this hash.
    pub(super) fn included_as(&mut self, hash: B256) {
        if let Some(place) = self.earlier.iter().position(|form| form.hash == hash) {
            let form = self.earlier.swap_remove(place);
            self.put_form_aside();
            self.hash = Some(hash);
            self.fees = form.fees;
            self.sent_for = form.encoded_for;
        }
    }

    fn put_form_aside(&mut self) {
        if let Some(hash) = self.hash {
            self.earlier.push(SentForm {
                hash,
                fees: self.fees,
                encoded_for: self.sent_for,
            });
        }
    }

    /// What the state of the chain gets of it once it is in a block; `None` if it makes no call that an actor makes.
    pub(super) fn own<'a>(&'a self, reverted: Option<&'a str>) -> Option<OwnTransaction<'a, P>> {
        let edited = self
            .dishonest
            .as_ref()
            .and_then(|dishonest| dishonest.edited.as_ref());
        Some(OwnTransaction {
            from: self.from,
            call: match edited {
                Some((_, call)) => call.as_ref()?,
                None => &self.call,
            },
            submission: self.submission,
            reverted,
        })
    }

    /// The record of its end. `session` and `task` are what its events named, where its call did not.
    pub(super) fn record(
        &self,
        outcome: TxOutcome,
        inclusion: Option<Inclusion>,
        session: Option<u64>,
        task: Option<TaskKey>,
    ) -> TxRecord {
        let block = inclusion.as_ref();
        let misdeed = self.misdeed(&outcome);
        TxRecord {
            id: self.id,
            actor: self.actor,
            from: self.from,
            nonce: self.nonce,
            hash: self.hash,
            function: self.call.function(),
            phase: self.phase,
            value: self.value,
            session: self.call.session().or(session),
            task: self.call.task().or(task),
            intended: self.intended,
            sent: self.sent,
            accepted: self.accepted,
            included: block.map(|block| block.seen),
            block_number: block.map(|block| block.block_number),
            block_timestamp: block.map(|block| block.block_timestamp),
            gas_used: block.map(|block| block.gas_used),
            effective_gas_price: block.and_then(|block| Some(self.fees?.effective_gas_price(block.base_fee))),
            gas_breakdown: inclusion.and_then(|block| block.breakdown),
            attempts: self.attempts + self.resends,
            misdeed: misdeed.map(|dishonest| dishonest.misdeed),
            task_phase: misdeed.and_then(|dishonest| dishonest.phase),
            outcome,
        }
    }
}

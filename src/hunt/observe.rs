//! Observations: what contracts did in a trace, to hold one build against another.

use alloy::{
    primitives::{Address, B256, Bytes, U256, keccak256},
    sol_types::SolValue,
};

use super::{Evidence, Participants, TracedTransaction, World, checker::accounts_of};
use crate::{
    chain::embedded::{Message, Outcome, Status},
    protocol::{Hunted, Invocation, ProtocolCall},
};

/// What was seen of a trace and of what was looked at after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Of each transaction.
    pub transactions: Vec<Seen>,
    /// Of what was read or tried at the end.
    pub end: Option<Seen>,
}

/// What was seen of a transaction, a read or a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The function that was called, if an actor calls it.
    pub function: Option<&'static str>,
    /// Whether it succeeded.
    pub succeeded: bool,
    /// What it returned, if it succeeded.
    pub output: Bytes,
    /// The digest of its logs.
    pub logs: B256,
}

impl Seen {
    fn of(function: Option<&'static str>, outcome: Outcome) -> Self {
        let succeeded = outcome.status == Status::Success;
        // Of each log the digest before it with topics, data and emitter, as Solidity encodes them.
        let logs = outcome.logs.into_iter().fold(B256::ZERO, |before, log| {
            let (topics, data) = log.data.split();
            keccak256((before, topics, data, log.address).abi_encode_params())
        });
        Self {
            function,
            succeeded,
            output: if succeeded { outcome.output } else { Bytes::new() },
            logs,
        }
    }
}

/// Makes the transactions of a trace, and looks where something was seen.
#[must_use]
pub fn observe<P: Hunted>(
    world: &World<P>,
    participants: &Participants,
    trace: &[TracedTransaction],
    evidence: &Evidence,
) -> Observation {
    let known: Vec<Address> = participants.actors.iter().map(|(_, account)| *account).collect();
    let mut chain = world.chain(&accounts_of(&known, trace), &participants.contracts);
    let function = |from: Address, to: Option<Address>, value: U256, input: &Bytes, note: Option<&str>| {
        let invocation = Invocation {
            to,
            value,
            input: input.clone(),
            gas_limit: 0,
        };
        let call = P::recall(&world.contracts, from, &invocation, note);
        call.map(|call| call.function().name())
    };
    let mut block = None;
    let transactions = trace.iter().map(|transaction| {
        if block != Some(transaction.block) {
            chain.begin_block(transaction.block, transaction.timestamp);
            block = Some(transaction.block);
        }
        let TracedTransaction {
            from,
            to,
            value,
            input,
            note,
            ..
        } = transaction;
        let called = function(*from, *to, *value, input, note.as_deref());
        let done = chain.transact(Message {
            from: *from,
            to: *to,
            value: *value,
            data: input.clone(),
        });
        Seen::of(called, done)
    });
    let transactions = transactions.collect();
    let end = match evidence {
        Evidence::Transaction | Evidence::Audit | Evidence::Run => None,
        Evidence::Read { to, input, .. } => {
            let done = chain.read(Message {
                to: *to,
                data: input.clone(),
                ..Message::default()
            });
            Some(Seen::of(None, done))
        }
        Evidence::Trial {
            from,
            to,
            value,
            input,
            timestamp,
            ..
        } => {
            let called = function(*from, *to, *value, input, None);
            let message = Message {
                from: *from,
                to: *to,
                value: *value,
                data: input.clone(),
            };
            Some(Seen::of(called, chain.attempt(message, *timestamp)))
        }
    };
    Observation { transactions, end }
}

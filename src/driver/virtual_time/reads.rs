//! Reads of the chain's state. Those that are made at the same moment see the same state: where there are many, all cores make
//! them.

use rayon::{iter::ParallelIterator as _, slice::ParallelSlice as _};

use super::embedded::EmbeddedTransport;
use crate::{
    chain::{
        Log,
        embedded::{CallError, Message, StateReader},
    },
    protocol::{DeployedContracts, Protocol, Trial},
};

/// Reads from which on other cores help: to wake them takes as long as some of them.
const WORTH_HELP: usize = 64;
/// Reads that a core makes before it looks for more.
const CHUNK: usize = 16;

/// A read, and the reply to it.
pub(super) type Replied<P> = (<P as Protocol>::Query, Result<<P as Protocol>::Reply, String>);

impl<P: Protocol> EmbeddedTransport<P> {
    /// The replies to reads, in their order.
    pub(super) fn replies(
        &self,
        queries: &[P::Query],
        contracts: &P::Contracts,
    ) -> Vec<Result<P::Reply, String>> {
        self.each(queries, |reader, query| ask::<P>(reader, query, contracts))
    }

    /// The logs of calls that are made on the state and undone, or why they are refused.
    pub(super) fn outcomes(
        &self,
        trials: &[Trial<P>],
        contracts: &P::Contracts,
    ) -> Vec<Result<Vec<Log>, String>> {
        self.each(trials, |reader, trial| attempt(reader, trial, contracts))
    }

    /// Makes reads that are about to be asked for, if it pays to make them at once.
    pub(super) fn look_ahead(&mut self, queries: Vec<&P::Query>, contracts: &P::Contracts) {
        if queries.len() >= WORTH_HELP {
            let replies = self.each(&queries, |reader, query| ask::<P>(reader, query, contracts));
            self.replies = queries.into_iter().cloned().zip(replies).collect();
        }
    }

    /// The reply to a read.
    pub(super) fn reply_to(
        &mut self,
        query: &P::Query,
        contracts: &P::Contracts,
    ) -> Result<P::Reply, String> {
        match self.replies.pop_front_if(|(made, _)| made == query) {
            Some((_, reply)) => reply,
            None => ask::<P>(&mut self.readable().reader(), query, contracts),
        }
    }

    fn each<I: Sync, O: Send>(
        &self,
        inputs: &[I],
        read: impl Fn(&mut StateReader<'_>, &I) -> O + Sync,
    ) -> Vec<O> {
        let view = self.readable();
        let read_some = |inputs: &[I]| -> Vec<O> {
            let mut reader = view.reader();
            inputs.iter().map(|input| read(&mut reader, input)).collect()
        };
        if inputs.len() < WORTH_HELP {
            return read_some(inputs);
        }
        inputs.par_chunks(CHUNK).flat_map_iter(read_some).collect()
    }
}

/// Makes a read.
fn ask<P: Protocol>(
    reader: &mut StateReader<'_>,
    query: &P::Query,
    contracts: &P::Contracts,
) -> Result<P::Reply, String> {
    let (to, input) = contracts.encode_query(query);
    let message = Message {
        to,
        data: input,
        ..Message::default()
    };
    let reply = reader.call(message).map_err(|error| error.to_string());
    reply.and_then(|data| contracts.decode_reply(query, &data))
}

/// Makes a call and undoes it.
fn attempt<P: Protocol>(
    reader: &mut StateReader<'_>,
    trial: &Trial<P>,
    contracts: &P::Contracts,
) -> Result<Vec<Log>, String> {
    let invocation = trial.invocation.clone();
    let message = Message {
        from: trial.from,
        to: invocation.to,
        value: invocation.value,
        data: invocation.input,
    };
    reader
        .try_at(trial.timestamp, message)
        .map_err(|error| match error {
            CallError::Reverted(output) => contracts.decode_error(Some(&output)),
            error => error.to_string(),
        })
}

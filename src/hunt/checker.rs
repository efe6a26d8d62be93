//! The checker of a hunt: holds transactions and what the chain says after them against the protocol's state, without any actor.

use alloy::primitives::Address;

use super::{
    Broken, Evidence, TracedTransaction,
    coverage::{Coverage, Outcome},
    world::{HuntChain, World},
};
use crate::{
    block::Log,
    chain::embedded::{Message, Status},
    protocol::{
        ActorId, BlockMoment, ChainState, DeployedContracts, Directory, Hunted, InBlock, OwnTransaction,
        ProtocolCall, Reader, Told, Trial,
    },
    time::Micros,
};

/// A chain, and the state that its events came to.
#[derive(Debug)]
pub struct Checker<'w, P: Hunted> {
    contracts: &'w P::Contracts,
    directory: &'w Directory,
    chain: HuntChain,
    state: P::State,
    latest: BlockMoment,
    submissions: u64,
    /// What became of the latest transaction: its events, and why it reverted.
    events: Vec<P::Event>,
    reverted: Option<String>,
    /// Who acts on account of the latest block.
    due: Vec<(ActorId, P::Timer)>,
    /// The only finding that counts, by its identity; `None` if all do.
    wanted: Option<String>,
}

impl<'w, P: Hunted> Checker<'w, P> {
    /// A checker of what happens after the deployment.
    #[must_use]
    pub fn new(world: &'w World<P>, directory: &'w Directory, chain: HuntChain) -> Self {
        Self {
            contracts: &world.contracts,
            directory,
            chain,
            state: world.state.clone(),
            latest: BlockMoment {
                number: 0,
                seen: Micros::ZERO,
                timestamp: super::START,
            },
            submissions: 0,
            events: Vec::new(),
            reverted: None,
            due: Vec::new(),
            wanted: None,
        }
    }

    /// A checker that looks for one finding alone, by its identity.
    #[must_use]
    pub fn looking_for(self, identity: String) -> Self {
        Self {
            wanted: Some(identity),
            ..self
        }
    }

    /// What the events came to.
    #[must_use]
    pub const fn state(&self) -> &P::State {
        &self.state
    }

    /// The latest block.
    #[must_use]
    pub const fn latest(&self) -> &BlockMoment {
        &self.latest
    }

    /// Executes a transaction, and holds it against the state.
    ///
    /// # Errors
    /// What it broke.
    pub fn enter(&mut self, transaction: &TracedTransaction) -> Result<Coverage, Box<(Broken, Evidence)>> {
        if transaction.block != self.latest.number {
            let seconds = transaction.timestamp.saturating_sub(super::START);
            self.latest = BlockMoment {
                number: transaction.block,
                seen: Micros(seconds * 1_000_000),
                timestamp: transaction.timestamp,
            };
            self.chain.begin_block(transaction.block, transaction.timestamp);
        }
        let invocation = transaction.invocation();
        let call = P::recall(
            self.contracts,
            transaction.from,
            &invocation,
            transaction.note.as_deref(),
        );
        let phase = call
            .as_ref()
            .and_then(ProtocolCall::task)
            .and_then(|task| self.state.phase(task));
        let done = self.chain.transact(Message {
            from: transaction.from,
            to: transaction.to,
            value: transaction.value,
            data: transaction.input.clone(),
        });
        let succeeded = done.status == Status::Success;
        self.reverted = (!succeeded).then(|| self.contracts.decode_error(Some(&done.output)));
        let logs = (0..).zip(done.logs).map(|(index, log)| Log::of_evm(index, log));
        let logged = logs.filter_map(|log| Some(self.contracts.of_run(self.contracts.decode(&log)?)));
        // What a call returned may say what it opened: before the logs, which may be about that.
        let returned = call.as_ref().filter(|_| succeeded).and_then(|call| {
            let returned = self
                .contracts
                .returned(call, transaction.from, Some(&done.output));
            returned.ok().flatten()
        });
        let note = transaction.note.as_deref();
        let events = returned.into_iter().chain(logged);
        self.events = events.filter(|event| P::is_entered(event, note)).collect();
        let submission = call.as_ref().is_some_and(ProtocolCall::submits_task).then(|| {
            self.submissions += 1;
            self.submissions - 1
        });
        let own = call.as_ref().map(|call| OwnTransaction {
            from: transaction.from,
            call,
            submission,
            reverted: self.reverted.as_deref(),
        });
        self.state.enter(
            self.contracts,
            &InBlock {
                seen: self.latest.seen,
                number: self.latest.number,
                timestamp: self.latest.timestamp,
                own,
                events: &self.events,
            },
        );
        let function = call.as_ref().map(|call| call.function().name());
        let accepted = transaction.refuse.as_ref().filter(|_| succeeded);
        let accepted = accepted.map(|why| Broken::accepted(function, transaction, why));
        if let Some(broken) = self.first_violation(function, accepted) {
            return Err(Box::new((broken, Evidence::Transaction)));
        }
        Ok(Coverage {
            function: function.unwrap_or("other"),
            outcome: self
                .reverted
                .as_deref()
                .map_or(Outcome::Accepted, Outcome::refused),
            phase: phase.map_or("", |phase| phase.name()),
            kind: transaction.kind.clone(),
        })
    }

    /// Says what became of the latest transaction, and who acts on account of its block.
    pub fn tell<T>(
        &mut self,
        hear: impl FnOnce(&P::State, &BlockMoment, Told<'_, P>, &mut Reader<'_, P>) -> T,
    ) -> T {
        let due = std::mem::take(&mut self.due);
        let told = Told {
            reverted: self.reverted.as_deref(),
            events: &self.events,
            due,
        };
        let (chain, contracts) = (&mut self.chain, self.contracts);
        let mut read = |query: &P::Query| read::<P>(chain, contracts, query).1;
        hear(&self.state, &self.latest, told, &mut read)
    }

    /// Asks for the next transaction.
    pub fn ask_for_next<T>(
        &mut self,
        next: impl FnOnce(&P::State, &BlockMoment, &mut Reader<'_, P>) -> T,
    ) -> T {
        let (chain, contracts) = (&mut self.chain, self.contracts);
        let mut read = |query: &P::Query| read::<P>(chain, contracts, query).1;
        next(&self.state, &self.latest, &mut read)
    }

    /// Ends a block: what follows from it without an event is entered.
    ///
    /// # Errors
    /// What was broken.
    pub fn end_block(&mut self) -> Result<(), Box<(Broken, Evidence)>> {
        let latest = self.latest;
        self.state
            .reach(self.contracts, self.directory, &latest, &mut self.due);
        self.state.take_ended();
        loop {
            let reads = self.state.take_reads();
            if reads.is_empty() {
                return Ok(());
            }
            for query in reads {
                self.ask(&query, false)?;
            }
        }
    }

    /// Holds what the chain says, and what it would do, of all that changed since the last time.
    ///
    /// # Errors
    /// What was broken.
    pub fn inspect(&mut self) -> Result<(), Box<(Broken, Evidence)>> {
        self.inspect_some(|_| true)
    }

    /// The same, but tries only the calls at these places.
    ///
    /// # Errors
    /// What was broken.
    pub fn inspect_some(&mut self, is_tried: impl Fn(usize) -> bool) -> Result<(), Box<(Broken, Evidence)>> {
        let (mut queries, trials) = self.state.inspections(self.contracts);
        while !queries.is_empty() {
            for query in &queries {
                self.ask(query, true)?;
            }
            queries = self.state.further_inspections();
        }
        let mut tried = trials.iter().enumerate().filter(|(place, _)| is_tried(*place));
        tried.try_for_each(|(_, trial)| self.attempt(trial))
    }

    /// Holds all that the chain says at the end of a sequence.
    ///
    /// # Errors
    /// What was broken.
    pub fn audit(&mut self) -> Result<(), Box<(Broken, Evidence)>> {
        let mut queries = self.state.audit(self.directory);
        while !queries.is_empty() {
            for query in &queries {
                self.ask(query, false)?;
            }
            queries = self.state.take_reads();
        }
        self.state.close_audit();
        match self.first_violation(None, None) {
            Some(broken) => Err(Box::new((broken, Evidence::Audit))),
            None => Ok(()),
        }
    }

    /// Makes a read, and holds the reply against the state.
    fn ask(&mut self, query: &P::Query, inspects: bool) -> Result<(), Box<(Broken, Evidence)>> {
        let (evidence, reply) = read::<P>(&mut self.chain, self.contracts, query);
        let mut unanswered = None;
        match reply {
            Ok(reply) if inspects => self.state.inspected(self.contracts, &reply),
            Ok(reply) => {
                self.state.check(self.contracts, &reply, false);
                self.state.found(&reply);
            }
            Err(message) => {
                let answers = self.contracts.schema().answers;
                unanswered = Some(Broken::unanswered(answers, &format!("{query:?}"), &message));
            }
        }
        match self.first_violation(None, unanswered) {
            Some(broken) => Err(Box::new((broken, evidence))),
            None => Ok(()),
        }
    }

    /// Tries a call, undoes it, and holds what came of it against the state.
    fn attempt(&mut self, trial: &Trial<P>) -> Result<(), Box<(Broken, Evidence)>> {
        let invocation = &trial.invocation;
        let timestamp = trial.timestamp.unwrap_or(self.latest.timestamp);
        let done = self.chain.attempt(
            Message {
                from: trial.from,
                to: invocation.to,
                value: invocation.value,
                data: invocation.input.clone(),
            },
            timestamp,
        );
        let accepted = done.status == Status::Success;
        if accepted {
            let logs = (0..).zip(done.logs).map(|(index, log)| Log::of_evm(index, log));
            let events = logs.filter_map(|log| Some(self.contracts.of_run(self.contracts.decode(&log)?)));
            let events = events.collect();
            self.state.tried(trial, Ok(events));
        } else {
            let reason = self.contracts.decode_error(Some(&done.output));
            self.state.tried(trial, Err(&reason));
        }
        let violated = self.state.has_violations();
        let call = violated.then(|| P::recall(self.contracts, trial.from, invocation, None));
        let function = call.flatten().map(|call| call.function().name());
        match self.first_violation(function, None) {
            Some(broken) => Err(Box::new((
                broken,
                Evidence::Trial {
                    from: trial.from,
                    to: invocation.to,
                    value: invocation.value,
                    input: invocation.input.clone(),
                    timestamp,
                    accepted,
                },
            ))),
            None => Ok(()),
        }
    }

    /// The first of the violations that were found and of `another` that counts, if any does.
    fn first_violation(&mut self, function: Option<&'static str>, another: Option<Broken>) -> Option<Broken> {
        if !self.state.has_violations() && another.is_none() {
            return None;
        }
        let violations = self.state.take_violations();
        let mut all = violations
            .iter()
            .map(|violation| Broken::of(violation, function))
            .chain(another);
        all.find(|broken| {
            let wanted = self.wanted.as_ref();
            wanted.is_none_or(|wanted| broken.identity() == *wanted)
        })
    }
}

/// Makes a read: what was read, and the reply.
fn read<P: Hunted>(
    chain: &mut HuntChain,
    contracts: &P::Contracts,
    query: &P::Query,
) -> (Evidence, Result<P::Reply, String>) {
    let (to, input) = contracts.encode_query(query);
    let done = chain.read(Message {
        to,
        data: input.clone(),
        ..Message::default()
    });
    let succeeded = done.status == Status::Success;
    let reply = if succeeded {
        contracts.decode_reply(query, &done.output)
    } else {
        Err(contracts.decode_error(Some(&done.output)))
    };
    let output = succeeded.then_some(done.output);
    (Evidence::Read { to, input, output }, reply)
}

/// The accounts of a trace: those of the directory and all that send.
#[must_use]
pub(super) fn accounts_of(directory: &[Address], trace: &[TracedTransaction]) -> Vec<Address> {
    let senders = trace.iter().map(|transaction| transaction.from);
    let mut accounts: Vec<Address> = directory.iter().copied().chain(senders).collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}

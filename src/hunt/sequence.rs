//! Sequences: what an adversary does to the contracts in one short run.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use alloy::primitives::{Address, Bytes};

use super::{Broken, Coverage, Evidence, Judge, TracedTransaction, World};
use crate::protocol::{ActorId, Adversary, Hunted};

/// The most transactions of a sequence.
const MOST: usize = 200;
/// One block of so many is looked at closely without a reason.
const LOOKS: u64 = 24;

/// One sequence of so many is looked at closely at its end without a reason.
const FINAL_LOOKS: u64 = 4;

/// What came of a sequence.
#[derive(Debug)]
pub struct Played {
    /// The accounts of the protocol's roles.
    pub directory: Vec<(ActorId, Address)>,
    /// The accounts with code.
    pub contracts: Vec<(Address, Bytes)>,
    /// The transactions, up to the one after which something was broken.
    pub trace: Vec<TracedTransaction>,
    /// What was broken, if something was.
    pub broken: Option<(Broken, Evidence)>,
    /// What was covered.
    pub coverage: Vec<Coverage>,
    /// Shapes of states that were not known before.
    pub shapes: Vec<u64>,
}

/// A sequence to be played.
#[derive(Debug)]
pub struct Sequence<'a, P: Hunted> {
    /// Transactions that it begins with, which an adversary like this one played before.
    pub prefix: &'a [TracedTransaction],
    /// The chain that it begins with.
    pub world: &'a World<P>,
    /// Who plays.
    pub adversary: Box<dyn Adversary<P>>,
    /// Shapes of states that were looked at before.
    pub known: &'a HashSet<u64>,
    /// Decides what else is looked at.
    pub salt: u64,
}

impl<P: Hunted> Sequence<'_, P> {
    /// Plays it to its end, or until something is broken.
    #[must_use]
    pub fn play(mut self) -> Played {
        let directory = self.adversary.directory().clone();
        let accounts: Vec<(ActorId, Address)> = directory.accounts();
        let contracts = self.adversary.contracts();
        let addresses: Vec<Address> = self.adversary.senders();
        let chain = self.world.chain(&addresses, &contracts);
        let mut judge = Judge::new(self.world, &directory, chain);
        let mut played = Played {
            directory: accounts,
            contracts,
            trace: Vec::new(),
            broken: None,
            coverage: Vec::new(),
            shapes: Vec::new(),
        };
        if let Err(broken) = self.go_on(&mut judge, &mut played) {
            played.broken = Some(*broken);
        }
        played
    }

    fn go_on(
        &mut self,
        judge: &mut Judge<'_, P>,
        played: &mut Played,
    ) -> Result<(), Box<(Broken, Evidence)>> {
        for transaction in self.prefix {
            played.trace.push(transaction.clone());
            played.coverage.push(judge.enter(transaction)?);
            judge.end_block()?;
        }
        while played.trace.len() < MOST {
            let adversary = &mut self.adversary;
            let next = judge.ask_for_next(|state, latest, read| adversary.next(state, latest, read));
            let Some(sent) = next else { break };
            let number = played.trace.len() as u64 + 1;
            let transaction = TracedTransaction::of(number, &sent);
            played.trace.push(transaction.clone());
            played.coverage.push(judge.enter(&transaction)?);
            judge.end_block()?;
            let adversary = &mut self.adversary;
            judge.tell(|state, latest, told, read| adversary.told(state, latest, told, read));
            if self.is_worth_a_look(judge, played) {
                judge.inspect()?;
            }
        }
        if !played.shapes.is_empty() || self.salt.is_multiple_of(FINAL_LOOKS) {
            judge.inspect()?;
        }
        judge.audit()
    }

    /// Whether the state after the latest block is to be looked at: if nothing like it was before, and now and then.
    fn is_worth_a_look(&self, judge: &Judge<'_, P>, played: &mut Played) -> bool {
        let shape = digest(&self.adversary.shape(judge.state(), judge.latest()));
        let is_new = !self.known.contains(&shape) && !played.shapes.contains(&shape);
        if is_new {
            played.shapes.push(shape);
        }
        is_new || digest(&[self.salt, judge.latest().number]).is_multiple_of(LOOKS)
    }
}

/// Words as one.
fn digest(words: &[u64]) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish()
}

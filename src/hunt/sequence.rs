//! Sequences: what an adversary does to the contracts in one short run.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use alloy::primitives::{Address, Bytes};

use super::{Broken, Checker, Coverage, Evidence, TracedTransaction, World};
use crate::protocol::{ActorId, Adversary, Hunted};

/// The most transactions of a sequence.
const MOST: usize = 400;
/// One block of so many is looked at without a reason.
const LOOKS: u64 = 12;
/// One sequence of so many is looked at closely at its end without a reason.
const FINAL_LOOKS: u64 = 16;
/// In a state that is like none before, one call of so many is tried. Other sequences come to states that differ from it in
/// little, and try others there: more sequences find more than more tries.
const TRIED_OF_NEW: u64 = 3;
/// The same in one that is like another.
const TRIED_OF_KNOWN: u64 = 6;

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
        let mut checker = Checker::new(self.world, &directory, chain);
        let mut played = Played {
            directory: accounts,
            contracts,
            trace: Vec::new(),
            broken: None,
            coverage: Vec::new(),
            shapes: Vec::new(),
        };
        if let Err(broken) = self.go_on(&mut checker, &mut played) {
            played.broken = Some(*broken);
        }
        played
    }

    fn go_on(
        &mut self,
        checker: &mut Checker<'_, P>,
        played: &mut Played,
    ) -> Result<(), Box<(Broken, Evidence)>> {
        for transaction in self.prefix {
            played.trace.push(transaction.clone());
            played.coverage.push(checker.enter(transaction)?);
            checker.end_block()?;
        }
        while played.trace.len() < MOST {
            let adversary = &mut self.adversary;
            let next = checker.ask_for_next(|state, latest, read| adversary.next(state, latest, read));
            let Some(sent) = next else { break };
            let number = played.trace.len() as u64 + 1;
            let transaction = TracedTransaction::of(number, &sent);
            played.trace.push(transaction.clone());
            played.coverage.push(checker.enter(&transaction)?);
            checker.end_block()?;
            let adversary = &mut self.adversary;
            checker.tell(|state, latest, told, read| adversary.told(state, latest, told, read));
            if let Some(share) = self.look(checker, played) {
                self.inspect(checker, share)?;
            }
        }
        if !played.shapes.is_empty() || self.salt.is_multiple_of(FINAL_LOOKS) {
            self.inspect(checker, TRIED_OF_NEW)?;
        }
        checker.audit()
    }

    /// Of the state after the latest block, one call of how many is to be tried: if nothing like it was before, and now and then.
    fn look(&self, checker: &Checker<'_, P>, played: &mut Played) -> Option<u64> {
        let shape = digest(&self.adversary.shape(checker.state(), checker.latest()));
        let is_new = !self.known.contains(&shape) && !played.shapes.contains(&shape);
        if is_new {
            played.shapes.push(shape);
            return Some(TRIED_OF_NEW);
        }
        self.drawn(checker)
            .is_multiple_of(LOOKS)
            .then_some(TRIED_OF_KNOWN)
    }

    /// Reads what the contracts say, and tries one call of so many.
    fn inspect(&self, checker: &mut Checker<'_, P>, share: u64) -> Result<(), Box<(Broken, Evidence)>> {
        let drawn = self.drawn(checker);
        checker.inspect_some(|place| digest(&[drawn, place as u64]).is_multiple_of(share))
    }

    /// A number of this sequence and its latest block.
    fn drawn(&self, checker: &Checker<'_, P>) -> u64 {
        digest(&[self.salt, checker.latest().number])
    }
}

/// Words as one.
fn digest(words: &[u64]) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish()
}

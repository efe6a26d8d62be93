//! Replays of traces: the same transactions again, held against the protocol's state.

use alloy::primitives::{Address, Bytes};

use super::{Broken, Checker, Coverage, Evidence, TracedTransaction, World, checker::accounts_of};
use crate::protocol::{ActorId, Directory, Hunted};

/// Who takes part in a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Participants {
    /// The accounts of the protocol's roles.
    pub actors: Vec<(ActorId, Address)>,
    /// The accounts that are contracts, with their code.
    pub contracts: Vec<(Address, Bytes)>,
}

impl Participants {
    /// What an account is called: `miner 0`, or its address.
    #[must_use]
    pub fn name(&self, account: Address) -> String {
        let known = self.actors.iter().find(|(_, of)| *of == account);
        known.map_or_else(|| account.to_string(), |(actor, _)| actor.to_string())
    }
}

/// How closely a replay looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// At what the transactions do, alone.
    Transactions,
    /// And, after the last one, at what the contracts say and would do.
    End,
    /// And after every block.
    Blocks,
}

/// What a replay came to.
#[derive(Debug)]
pub struct Replayed {
    /// What was broken, and where; `None` if nothing was.
    pub broken: Option<(Broken, Evidence)>,
    /// Transactions that were made until then.
    pub made: usize,
    /// What was covered.
    pub coverage: Vec<Coverage>,
}

/// Replays a trace on a chain of its own. If a finding is `wanted`, by its identity, no other counts.
#[must_use]
pub fn replay<P: Hunted>(
    world: &World<P>,
    participants: &Participants,
    trace: &[TracedTransaction],
    look: Look,
    wanted: Option<&str>,
) -> Replayed {
    let directory = Directory::of(participants.actors.iter().copied());
    let known: Vec<Address> = participants.actors.iter().map(|(_, account)| *account).collect();
    let chain = world.chain(&accounts_of(&known, trace), &participants.contracts);
    let mut checker = Checker::new(world, &directory, chain);
    if let Some(identity) = wanted {
        checker = checker.looking_for(identity.to_owned());
    }
    let mut replayed = Replayed {
        broken: None,
        made: 0,
        coverage: Vec::new(),
    };
    if let Err(broken) = go_on(&mut checker, trace, look, &mut replayed) {
        replayed.broken = Some(*broken);
    }
    replayed
}

fn go_on<P: Hunted>(
    checker: &mut Checker<'_, P>,
    trace: &[TracedTransaction],
    look: Look,
    replayed: &mut Replayed,
) -> Result<(), Box<(Broken, Evidence)>> {
    for (place, transaction) in trace.iter().enumerate() {
        replayed.made += 1;
        replayed.coverage.push(checker.enter(transaction)?);
        let next = trace.get(place + 1);
        if next.is_none_or(|next| next.block != transaction.block) {
            checker.end_block()?;
            if look == Look::Blocks {
                checker.inspect()?;
            }
        }
    }
    if look != Look::Transactions {
        checker.inspect()?;
        checker.audit()?;
    }
    Ok(())
}

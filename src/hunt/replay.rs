//! Replays of traces: the same transactions again, held against the protocol's state.

use alloy::primitives::{Address, Bytes};

use super::{Broken, Coverage, Evidence, Judge, TracedTransaction, World, judge::accounts_of};
use crate::protocol::{ActorId, Directory, Hunted};

/// Who takes part in a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cast {
    /// The accounts of the protocol's roles.
    pub actors: Vec<(ActorId, Address)>,
    /// The accounts that are contracts, with their code.
    pub contracts: Vec<(Address, Bytes)>,
}

impl Cast {
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
    cast: &Cast,
    trace: &[TracedTransaction],
    look: Look,
    wanted: Option<&str>,
) -> Replayed {
    let directory = Directory::of(cast.actors.iter().copied());
    let known: Vec<Address> = cast.actors.iter().map(|(_, account)| *account).collect();
    let chain = world.chain(&accounts_of(&known, trace), &cast.contracts);
    let mut judge = Judge::new(world, &directory, chain);
    if let Some(identity) = wanted {
        judge = judge.looking_for(identity.to_owned());
    }
    let mut replayed = Replayed {
        broken: None,
        made: 0,
        coverage: Vec::new(),
    };
    if let Err(broken) = go_on(&mut judge, trace, look, &mut replayed) {
        replayed.broken = Some(*broken);
    }
    replayed
}

fn go_on<P: Hunted>(
    judge: &mut Judge<'_, P>,
    trace: &[TracedTransaction],
    look: Look,
    replayed: &mut Replayed,
) -> Result<(), Box<(Broken, Evidence)>> {
    for (place, transaction) in trace.iter().enumerate() {
        replayed.made += 1;
        replayed.coverage.push(judge.enter(transaction)?);
        let next = trace.get(place + 1);
        if next.is_none_or(|next| next.block != transaction.block) {
            judge.end_block()?;
            if look == Look::Blocks {
                judge.inspect()?;
            }
        }
    }
    if look != Look::Transactions {
        judge.inspect()?;
        judge.audit()?;
    }
    Ok(())
}

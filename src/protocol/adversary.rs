//! Adversaries: random sequences of transactions against a protocol's contracts.

use std::fmt::Debug;

use alloy::primitives::{Address, Bytes};

use super::{ActorId, BlockMoment, DeployedContracts, Directory, Invocation, Protocol};
use crate::seed::StreamSeed;

/// A protocol whose contracts an adversary can play against.
pub trait Hunted: Protocol<State: Sync> {
    /// Whether its adversaries can go on from what others played.
    const RESUMES: bool;

    /// An adversary that draws all that it does from `stream`.
    fn adversary(
        setup: &Self::Setup<'_>,
        contracts: &Self::Contracts,
        stream: StreamSeed,
    ) -> Box<dyn Adversary<Self>>;

    /// What calldata does not say of a call, in one line; `None` if it says all.
    fn note(_: &Self::Contracts, _: &Self::Call) -> Option<String> {
        None
    }
    /// The call that a transaction of `from` makes, with what was noted of it; `None` for one that no actor makes.
    fn recall(
        contracts: &Self::Contracts,
        from: Address,
        invocation: &Invocation,
        _note: Option<&str>,
    ) -> Option<Self::Call> {
        contracts.decode_call(from, invocation)
    }
    /// Whether an event of a transaction with this note is entered in the state: not where it tells of what only others do.
    fn is_entered(_: &Self::Event, _note: Option<&str>) -> bool {
        true
    }
}

/// Reads the chain's latest state.
pub type Reader<'a, P> = dyn FnMut(&<P as Protocol>::Query) -> Result<<P as Protocol>::Reply, String> + 'a;

/// Somebody who sends what it likes from many accounts: mostly what the contracts must take next, and much that they must refuse.
///
/// It knows what every client knows of the chain: the state that its events came to, and what it reads.
pub trait Adversary<P: Protocol>: Debug {
    /// The accounts that it sends from, by the protocol's roles.
    fn directory(&self) -> &Directory;
    /// All accounts that it may send from; they get money.
    fn senders(&self) -> Vec<Address>;
    /// The accounts of its that are contracts, with their code.
    fn contracts(&self) -> Vec<(Address, Bytes)> {
        Vec::new()
    }
    /// The next transaction, after this block; `None` once it has done enough.
    fn next(&mut self, state: &P::State, latest: &BlockMoment, read: &mut Reader<'_, P>) -> Option<Move>;
    /// What became of its latest transaction.
    fn told(
        &mut self,
        _state: &P::State,
        _latest: &BlockMoment,
        _told: Told<'_, P>,
        _read: &mut Reader<'_, P>,
    ) {
    }
    /// Goes on after so many transactions of a sequence that it played before, with other draws.
    fn resume(&mut self, _played: usize, _stream: StreamSeed) {}
    /// What the state has in common with others, in words: a state with the same words is most likely treated in the same way.
    fn shape(&self, state: &P::State, latest: &BlockMoment) -> Vec<u64>;
}

/// What became of a transaction, and of its block.
#[derive(Debug)]
pub struct Told<'a, P: Protocol> {
    /// The reason why it reverted; `None` if it did not.
    pub reverted: Option<&'a str>,
    /// Its events.
    pub events: &'a [P::Event],
    /// The actors that act on account of the block.
    pub due: Vec<(ActorId, P::Timer)>,
}

/// A transaction in a block of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The timestamp of the block, in seconds; not before that of the latest.
    pub timestamp: u64,
    /// The sender.
    pub from: Address,
    /// The transaction.
    pub invocation: Invocation,
    /// What kind of move it is, for coverage: `valid`, `repeated`.
    pub kind: &'static str,
    /// The reason why the contracts must refuse it whatever happened before; `None` if that depends, and the state judges.
    pub refuse: Option<&'static str>,
    /// What its calldata does not say, as [`Hunted::note`] has it.
    pub note: Option<String>,
}

//! Transports: the way to a chain and back, a node's in real time or the embedded one's in virtual time.

use std::time::Duration;

use alloy::primitives::{Address, B256};

use super::{Engine, TxId};
use crate::{
    chain::{
        Block, BlockLogs, Eip1559Fees, Placed,
        rpc::{Reorg, TransactionStatus},
    },
    protocol::{ActorId, Function, Invocation, Protocol},
    record::StopReason,
    time::Micros,
};

/// The way to a chain and back.
pub(super) trait Transport<P: Protocol> {
    /// The number of a block's transactions that are taken at once, before timers that are due.
    const BATCH: usize;
    /// Whether a block is taken whole as soon as it comes, and held against what the chain says after it.
    const INSPECTS: bool;

    /// Whether it tells of every transaction that it drops. If not, each is looked for that is not in a block in time.
    fn tells_drops(&self) -> bool;
    /// The run's time.
    fn now(&self) -> Micros;
    /// Whether the run may go on to its next state now.
    fn may_advance(&self) -> bool;
    /// Whether it is time to look at the clock and to show the progress.
    fn ticks(&mut self) -> bool;
    /// Real time that the run has taken, where it is in virtual time.
    fn real_time(&self) -> Option<Duration>;

    /// The fees of the next transaction of an account that was planned with these.
    fn fees(&self, planned: Eip1559Fees) -> Eip1559Fees {
        planned
    }
    /// The fees with which a transaction that waits or was refused with `before` is sent again, if that may pay more.
    fn replacing(&self, _before: Eip1559Fees, _planned: Eip1559Fees) -> Option<Eip1559Fees> {
        None
    }
    /// Takes note of a block's base fee.
    fn note_base_fee(&mut self, _base_fee: u64) {}

    /// Takes note that the load begins now: from here on faults may strike.
    fn load_begins(&mut self, _now: Micros) {}
    /// Takes note that the load is over: no fault strikes any more.
    fn load_over(&mut self) {}
    /// The moment up to which faults kept transactions or blocks back, the start of the run if none did; `None` if one still does.
    fn withheld_until(&self) -> Option<Micros> {
        Some(Micros::ZERO)
    }

    /// Hands a transaction to the chain.
    fn send(&mut self, transaction: Outgoing);
    /// Takes note that these reads follow, in this order, before the chain goes on.
    fn read_ahead<'a>(&mut self, _: impl Iterator<Item = &'a P::Query>, _: &P::Contracts) {}
    /// Makes a read.
    fn read(&mut self, query: P::Query, contracts: &P::Contracts);
    /// Asks where the chain has a transaction.
    fn locate(&mut self, lookup: Lookup, why: Why);
    /// Asks which of these transactions, each with the hashes that it may have, the chain does not have.
    fn find_gone(&mut self, transactions: Vec<(TxId, Vec<B256>)>);
    /// Asks whether these contracts still have code.
    fn find_code(&mut self, contracts: Vec<Address>);

    /// What happened at once on account of the latest command.
    fn immediate(&mut self) -> Option<Report<P>>;
    /// Waits until something happens, at most until `wake`, or not at all if the driver is `busy`.
    async fn next(
        &mut self,
        wake: Option<Micros>,
        busy: bool,
        contracts: &P::Contracts,
        reports: &mut Vec<Report<P>>,
    );

    /// Makes the block that is due ([`Report::Due`]) and has the engine take it. Returns its number, and the lines about its
    /// events if they are wanted.
    fn make_block(&mut self, _: &mut Engine<P>, _wants_headlines: bool) -> (u64, Vec<String>) {
        Default::default()
    }
    /// Holds what the chain says after a block, and what it would do, against what it must, where that costs nothing.
    fn inspect(&mut self, _: &mut Engine<P>, _block: u64) {}
}

/// A transaction to be sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// The run's number for it.
    pub(super) tx: TxId,
    /// Whose account sends it.
    pub(super) actor: ActorId,
    /// The account's nonce that it takes.
    pub(super) nonce: u64,
    /// The function that it calls.
    pub(super) function: Function,
    /// Its content.
    pub(super) invocation: Invocation,
    /// What it offers to pay.
    pub(super) fees: Eip1559Fees,
}

/// A transaction to be looked for.
#[derive(Debug)]
pub(super) struct Lookup {
    pub(super) tx: TxId,
    /// Who sends it.
    pub(super) account: Address,
    pub(super) nonce: u64,
    /// Whether the account's next nonce is to be the one after all that wait in the node's pool, not after those in blocks.
    pub(super) after_pool: bool,
    /// The hashes that it may have.
    pub(super) hashes: Vec<B256>,
}

/// The reason why a transaction is looked for.
#[derive(Debug)]
pub(super) enum Why {
    /// The node refused it, in these words.
    Refused(String),
    /// Its deadline passed.
    Deadline,
    /// The node may have dropped it, `first` of those of its account.
    Doubt { first: bool },
}

/// What happened on the way to the chain or there.
#[derive(Debug)]
pub(super) enum Report<P: Protocol> {
    /// A transaction is being handed to the chain.
    Sent {
        tx: TxId,
        at: Micros,
        nonce: u64,
        /// `None` where only the chain tells it.
        hash: Option<B256>,
        fees: Eip1559Fees,
    },
    /// It is handed over once more: the node did not take it, or did not answer.
    SentAgain { tx: TxId },
    /// The chain took a transaction.
    Accepted { tx: TxId, at: Micros, hash: B256 },
    /// The chain refused a transaction.
    Refused { tx: TxId, reason: String },
    /// The chain dropped a transaction. Sent again it may be taken, if `worth_another_try`.
    Dropped {
        tx: TxId,
        reason: String,
        worth_another_try: bool,
    },
    /// Where the chain has a transaction, and the account's next nonce.
    Located {
        tx: TxId,
        why: Why,
        status: TransactionStatus,
        next_nonce: u64,
    },
    /// An event that somebody may answer before its block is read.
    Announced {
        seen: Micros,
        block_timestamp: u64,
        event: P::Event,
    },
    /// The priority events of a new block, before all of them.
    PriorityLogs(BlockLogs<Placed<P::Event>>),
    /// The events of a new block, before the rest of it is read.
    Logs(BlockLogs<Placed<P::Event>>),
    /// A new block.
    Block(NewBlock<P>),
    /// A block is due, which the transport makes once the driver asks for it.
    Due,
    /// A read came back.
    Reply(P::Query, Result<P::Reply, String>),
    /// Blocks are no longer the chain's.
    Reorg(Reorg),
    /// The chain does not have these transactions any more.
    Gone(Vec<TxId>),
    /// The run is over.
    Over(StopReason, Option<String>),
}

/// A new block.
#[derive(Debug)]
pub(super) struct NewBlock<P: Protocol> {
    pub(super) block: Block,
    /// The events of each of its transactions, where they were not told before; may be shorter.
    pub(super) events: Vec<Vec<Placed<P::Event>>>,
    /// The run's numbers of its transactions; `None` where they are to be found by their hashes.
    pub(super) ids: Option<Vec<TxId>>,
}

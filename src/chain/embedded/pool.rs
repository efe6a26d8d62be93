//! The mempool: a queue for every account, in the order of nonces.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque, binary_heap::PeekMut},
};

use alloy::primitives::{Address, B256, map::AddressMap};

use crate::mempool::BelowBaseFee;

use super::{
    BuilderTerms, DropReason, Dropped, PooledTransaction, Refused,
    admission::replaces,
    hash::SimulatedHashes,
    order::{Rank, Slot, TransactionOrder},
};

/// A transaction that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) pending: PooledTransaction,
    pub(super) hash: B256,
    arrival: u64,
    /// How many transactions it replaced, one after the other.
    replaced: u32,
}

/// An account that sends, by its place in the pool.
pub(super) type SenderId = u32;

#[derive(Debug)]
struct Sender {
    address: Address,
    hashes: SimulatedHashes,
    /// Its next nonce on the chain.
    nonce: u64,
    /// Sorted by nonce, each once.
    queue: VecDeque<Waiting>,
    /// Whether it is among the busy ones.
    busy: bool,
}

impl Sender {
    /// The transaction that could be executed next.
    fn head(&self) -> Option<&Waiting> {
        self.queue
            .front()
            .filter(|waiting| waiting.pending.nonce == self.nonce)
    }
}

#[derive(Debug, Default)]
pub(super) struct Pool {
    /// Looked up only, never iterated.
    ids: AddressMap<SenderId>,
    senders: Vec<Sender>,
    /// Every account with a transaction that waits, and maybe some without.
    busy: Vec<SenderId>,
    arrivals: u64,
    len: usize,
    dropped: Vec<Dropped>,
    below_base_fee: BelowBaseFee,
}

/// What could be next in the block that is being built, best first.
#[derive(Debug)]
pub(super) struct Ready<'a> {
    heap: BinaryHeap<Reverse<(Rank, u64, SenderId)>>,
    order: &'a TransactionOrder,
    slot: Slot,
    below_base_fee: BelowBaseFee,
    terms: &'a BuilderTerms<'a>,
}

impl Pool {
    /// An empty mempool with this rule for max fees below the base fee.
    pub(super) fn new(below_base_fee: BelowBaseFee) -> Self {
        Self {
            below_base_fee,
            ..Self::default()
        }
    }

    /// How many transactions wait.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The account's place; `nonce` tells its next nonce when it is new.
    pub(super) fn sender(&mut self, from: Address, chain_id: u64, nonce: impl FnOnce() -> u64) -> SenderId {
        *self.ids.entry(from).or_insert_with(|| {
            self.senders.push(Sender {
                address: from,
                hashes: SimulatedHashes::new(chain_id, from),
                nonce: nonce(),
                queue: VecDeque::new(),
                busy: false,
            });
            (self.senders.len() - 1) as SenderId
        })
    }

    /// The account's next nonce on the chain.
    pub(super) fn next_nonce(&self, sender: SenderId) -> u64 {
        self.senders[sender as usize].nonce
    }

    /// Lets the transaction wait, in the place of the one with the same nonce if there is one and it offers enough.
    /// Returns its hash.
    pub(super) fn insert(&mut self, id: SenderId, pending: PooledTransaction) -> Result<B256, Refused> {
        let sender = &mut self.senders[id as usize];
        let behind = sender
            .queue
            .back()
            .is_none_or(|last| last.pending.nonce < pending.nonce);
        let place = match behind {
            true => Err(sender.queue.len()),
            false => sender
                .queue
                .binary_search_by_key(&pending.nonce, |waiting| waiting.pending.nonce),
        };
        let mut waiting = Waiting {
            arrival: self.arrivals,
            hash: sender.hashes.of(pending.nonce, 0),
            replaced: 0,
            pending,
        };
        match place {
            Ok(place) => {
                let old = &mut sender.queue[place];
                let (fees, before) = (waiting.pending.fees, old.pending.fees);
                if !replaces(fees, before) {
                    return Err(Refused::Underpriced {
                        waiting: before,
                        fees,
                    });
                }
                self.dropped.push(Dropped {
                    id: old.pending.id,
                    reason: DropReason::Replaced {
                        by: waiting.pending.id,
                    },
                });
                waiting.replaced = old.replaced + 1;
                waiting.hash = sender.hashes.of(waiting.pending.nonce, waiting.replaced);
                let hash = waiting.hash;
                *old = waiting;
                self.arrivals += 1;
                Ok(hash)
            }
            Err(place) => {
                let hash = waiting.hash;
                sender.queue.insert(place, waiting);
                self.len += 1;
                self.arrivals += 1;
                if !std::mem::replace(&mut sender.busy, true) {
                    self.busy.push(id);
                }
                Ok(hash)
            }
        }
    }

    /// What could be first in a block.
    pub(super) fn ready<'a>(
        &mut self,
        order: &'a TransactionOrder,
        slot: Slot,
        terms: &'a BuilderTerms<'a>,
    ) -> Ready<'a> {
        let mut ready = Ready {
            heap: BinaryHeap::new(),
            order,
            slot,
            below_base_fee: self.below_base_fee,
            terms,
        };
        let Self { busy, senders, .. } = self;
        busy.retain(|id| {
            let sender = &mut senders[*id as usize];
            sender.busy = !sender.queue.is_empty();
            sender.busy
        });
        let heads = busy
            .iter()
            .filter_map(|id| ready.entry(*id, &senders[*id as usize]));
        ready.heap = heads.collect::<Vec<_>>().into();
        ready
    }

    /// The best candidate whose gas limit is at most `gas`; those before it stay behind, and with them all of their
    /// accounts. One that would fit and whose max fee is below the base fee is dropped, as anvil does it. The candidate
    /// is no longer in the pool; what became of it must be told before the next one is asked for.
    pub(super) fn next(&mut self, ready: &mut Ready<'_>, gas: u64) -> Option<Waiting> {
        while let Some(Reverse((_, _, id))) = ready.heap.peek() {
            let id = *id;
            let queue = &mut self.senders[id as usize].queue;
            if let Some(first) = queue.front()
                && first.pending.invocation.gas_limit <= gas
            {
                if first.pending.fees.max_fee >= ready.slot.base_fee {
                    self.len -= 1;
                    return queue.pop_front();
                }
                self.drop_below_base_fee(id, ready.slot.base_fee);
            }
            ready.heap.pop();
        }
        None
    }

    /// Drops the account's first transaction, whose max fee is below the base fee, and those with the nonces right
    /// after it. Those behind a missing nonce stay.
    fn drop_below_base_fee(&mut self, id: SenderId, base_fee: u64) {
        let sender = &mut self.senders[id as usize];
        let mut nonce = sender.nonce;
        while let Some(waiting) = sender
            .queue
            .pop_front_if(|waiting| waiting.pending.nonce == nonce)
        {
            nonce += 1;
            self.len -= 1;
            self.dropped.push(Dropped {
                id: waiting.pending.id,
                reason: DropReason::BelowBaseFee { base_fee },
            });
        }
    }

    /// The best candidate is in the block: the next one of its account takes its place.
    pub(super) fn executed(&mut self, ready: &mut Ready<'_>) {
        let Some(Reverse((_, _, id))) = ready.heap.peek() else {
            return;
        };
        let sender = &mut self.senders[*id as usize];
        sender.nonce += 1;
        let next = ready.entry(*id, sender);
        if let Some(mut top) = ready.heap.peek_mut() {
            match next {
                Some(entry) => *top = entry,
                None => drop(PeekMut::pop(top)),
            }
        }
    }

    /// The best candidate can never be in a block; those behind it in its account wait for another with its nonce.
    pub(super) fn give_up(&mut self, ready: &mut Ready<'_>, id: u64, reason: String) {
        ready.heap.pop();
        self.dropped.push(Dropped {
            id,
            reason: DropReason::Invalid(reason),
        });
    }

    /// Whether the account's transaction with this nonce waits, and is the one with this id.
    pub(super) fn holds(&self, from: Address, nonce: u64, id: u64) -> bool {
        let sender = self.ids.get(&from).map(|sender| &self.senders[*sender as usize]);
        sender.is_some_and(|sender| {
            let place = sender
                .queue
                .binary_search_by_key(&nonce, |waiting| waiting.pending.nonce);
            place.is_ok_and(|place| sender.queue[place].pending.id == id)
        })
    }

    /// Loses all transactions, and tells nobody.
    pub(super) fn lose_all(&mut self) {
        for sender in &mut self.senders {
            sender.queue.clear();
        }
        self.len = 0;
    }

    /// Takes every account's next nonce from the chain, which is another now.
    pub(super) fn rewind(&mut self, nonce: impl Fn(Address) -> u64) {
        for sender in &mut self.senders {
            sender.nonce = nonce(sender.address);
        }
    }

    /// What left the pool without being in a block since this was last asked.
    pub(super) fn take_dropped(&mut self) -> Vec<Dropped> {
        std::mem::take(&mut self.dropped)
    }
}

impl Ready<'_> {
    /// The account's candidate, unless its max fee is below the base fee and it may wait, or the builder leaves it out.
    fn entry(&self, id: SenderId, sender: &Sender) -> Option<Reverse<(Rank, u64, SenderId)>> {
        let waiting = sender.head()?;
        let PooledTransaction { from, fees, .. } = waiting.pending;
        if self.terms.leave_out(&waiting.pending) {
            return None;
        }
        if self.below_base_fee == BelowBaseFee::Wait && fees.max_fee < self.slot.base_fee {
            return None;
        }
        let arrival = waiting.arrival;
        let rank = self.order.rank(from, fees, arrival, self.slot);
        Some(Reverse((rank, arrival, id)))
    }
}

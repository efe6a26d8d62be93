//! An EVM inside the process, and a chain made of it. The only module that names `revm`, and inside it only `evm`.
//!
//! [`EmbeddedChain`] has what a node has and a run needs: accounts that pay, a mempool, blocks with a gas limit and a
//! base fee, receipts. It has no signatures, no hashes of blocks and no state root, does no I/O, and knows no time but
//! the timestamps that it is given: the same calls give the same blocks.

mod access;
mod admission;
mod block_log;
mod chain;
mod evm;
mod hash;
mod order;
mod pool;
mod snapshot;
mod terms;
mod transaction;
mod view;

/// What executes the transactions, as results name it.
pub const VERSION: &str = "revm 43.0.3";

pub use access::{Access, Location, MappingSlot, TracedBlock, TracedTransaction};
pub use admission::Refused;
pub use block_log::{BlockLog, LoggedTransaction};
pub use chain::{COINBASE, Config, EmbeddedChain};
pub use evm::{Evm, EvmError, Message, Outcome, SavedState, Status};
pub use order::TransactionOrder;
pub use snapshot::ChainSnapshot;
pub use terms::BuilderTerms;
pub use transaction::{DropReason, Dropped, Mined, PooledTransaction};
pub use view::{CallError, StateReader, StateView};

//! A chain behind an Ethereum JSON-RPC endpoint. With [`super::anvil`] the only place that talks to a node.

mod announcements;
mod blocks;
mod clock;
mod endpoint;
mod error;
mod event;
mod header;
mod heads;
mod http;
mod logs;
mod receipts;
mod retry;
mod retry_after;
mod secret;
mod sender;
mod setup;
mod sign;
mod traces;
mod trouble;
mod watcher;

pub use clock::RunClock;
pub use endpoint::{Endpoint, TransactionStatus};
pub use error::{Refusal, RpcError};
pub use event::{ChainEvent, EarlyLog, Reorg};
pub use header::BlockId;
pub use http::{Http, PATIENCE, Request};
pub(crate) use secret::{masked, scrubbed};
pub use sender::{SendReport, Sender};
pub use setup::{SetupError, deploy, fund};
pub use sign::{Order, Signed, Signer};
pub use trouble::Troubles;
pub use watcher::watch;

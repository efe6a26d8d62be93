//! A chain behind an Ethereum JSON-RPC endpoint. With [`super::anvil`] the only place that talks to a node.

mod announcements;
mod blocks;
mod clock;
mod endpoint;
mod error;
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

pub use blocks::BlockId;
pub use clock::RunClock;
pub use endpoint::{Endpoint, TransactionStatus};
pub use error::RpcError;
pub use http::{Http, Refusal, Request};
pub use retry::PATIENCE;
pub(crate) use secret::{masked, scrubbed};
pub use sender::{Order, SendReport, Sender};
pub use setup::{SetupError, deploy, fund};
pub use sign::{Signed, Signer};
pub use trouble::Troubles;
pub use watcher::{ChainEvent, EarlyLog, Reorg, watch};

//! A chain behind an Ethereum JSON-RPC endpoint. With [`super::anvil`] the only place that talks to a node.

mod announcements;
mod blocks;
mod clock;
mod endpoint;
mod error;
mod http;
mod receipts;
mod secret;
mod sender;
mod setup;
mod sign;
mod traces;
mod watcher;

pub use clock::Clock;
pub use endpoint::{Endpoint, Whereabouts};
pub use error::RpcError;
pub use http::{Http, Refusal, Request};
pub(crate) use secret::{masked, scrubbed};
pub use sender::{Order, SendReport, Sender};
pub use setup::{SetupError, deploy, fund};
pub use sign::{Signed, Signer};
pub use watcher::{EarlyLog, Sighting, watch};

//! What can go wrong with an endpoint.

use super::{Refusal, masked, scrubbed};

/// Why an endpoint could not do what was asked of it. Messages show addresses without their secrets.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// It does not answer.
    #[error("no answer from {}: {cause}", masked(url))]
    Unreachable {
        /// Its address.
        url: String,
        /// The innermost cause.
        cause: String,
    },
    /// It answers, but not in JSON-RPC.
    #[error(
        "{} answers, but not as an Ethereum JSON-RPC endpoint does: {text:?}",
        masked(url)
    )]
    Garbage {
        /// Its address.
        url: String,
        /// The start of its answer.
        text: String,
    },
    /// It did not carry out a call that the run cannot do without.
    #[error("{} refused {method}: {refusal}", masked(url))]
    Refused {
        /// Its address.
        url: String,
        /// The method.
        method: &'static str,
        /// The node's words.
        refusal: Refusal,
    },
    /// It announced a block that it does not have.
    #[error(
        "{} has no block {number}, which it had announced; was it reset or restarted?",
        masked(url)
    )]
    MissingBlock {
        /// Its address.
        url: String,
        /// The block's number.
        number: u64,
    },
    /// The address is none that we can connect to.
    #[error(
        "{:?} is no address of an endpoint ({cause}): expected http://host:port or ws://host:port",
        masked(url)
    )]
    Address {
        /// The address.
        url: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A request could not be written as JSON.
    #[error("could not encode a request: {0}")]
    Encoding(serde_json::Error),
}

impl RpcError {
    /// An endpoint that answers with something else, of which the start is kept.
    pub(super) fn garbage(url: &str, text: &[u8]) -> Self {
        const SHOWN: usize = 80;
        // Enough to find a secret in whole that begins in what is shown.
        let start = &text[..text.len().min(16 * SHOWN)];
        Self::Garbage {
            url: url.to_owned(),
            text: scrubbed(url, &String::from_utf8_lossy(start))
                .chars()
                .take(SHOWN)
                .collect(),
        }
    }

    /// An endpoint that does not answer, with the innermost of the causes of `source`.
    pub(super) fn unreachable(url: &str, source: &(dyn std::error::Error + 'static)) -> Self {
        let mut cause = source;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        Self::Unreachable {
            url: url.to_owned(),
            cause: scrubbed(url, &cause.to_string()),
        }
    }
}

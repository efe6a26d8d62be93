//! Errors of an endpoint.

use std::{fmt::Display, time::Duration};

use alloy::primitives::Bytes;
use serde::Deserialize;
use serde_json::Value;

use super::{masked, scrubbed, tls};

/// The node's answer to a call that it did not carry out.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, thiserror::Error)]
#[error("{message} (code {code})")]
pub struct Refusal {
    /// JSON-RPC error code.
    pub code: i64,
    /// The node's words.
    pub message: String,
    /// What else it says of it: of a call that reverted its error data, in a form of the node's own.
    #[serde(default)]
    pub data: Option<Value>,
}

impl Refusal {
    /// The error data of a call that reverted, as far as the node tells it: a string, alone or within an object.
    #[must_use]
    pub fn error_data(&self) -> Option<Bytes> {
        let mut data = self.data.as_ref()?;
        loop {
            match data {
                Value::String(text) => return text.parse().ok().filter(|_| text.starts_with("0x")),
                Value::Object(members) => data = members.get("data").or_else(|| members.get("result"))?,
                _ => return None,
            }
        }
    }

    /// Whether the node had too much to do just then, so that the same call may be carried out a moment later.
    ///
    /// Code -32005 is "limit exceeded" of EIP-1474; 429 and the words are what hosted nodes answer.
    #[must_use]
    pub fn is_rate_limit(&self) -> bool {
        let message = self.message.to_lowercase();
        let words = [
            "rate limit",
            "too many requests",
            "exceeded its",
            "request count exceeded",
            "throughput",
        ];
        matches!(self.code, -32005 | 429) || words.iter().any(|words| message.contains(words))
    }

    /// Whether the node has no such method, so that asking again is in vain.
    ///
    /// Code -32601 is JSON-RPC's, -32004 that of EIP-1474; some nodes say it in words, under another code.
    #[must_use]
    pub fn is_unknown_method(&self) -> bool {
        let message = self.message.to_lowercase();
        let unknown = |words: &str| message.contains(words);
        matches!(self.code, -32601 | -32004)
            || (message.contains("method")
                && [
                    "not found",
                    "does not exist",
                    "not available",
                    "not supported",
                    "is not whitelisted",
                    "unsupported",
                ]
                .into_iter()
                .any(unknown))
    }

    /// Whether the node did not carry a call out because its batch, or the answers to it, are too large.
    ///
    /// The code -32003 with these words is go-ethereum's for answers.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        let message = self.message.to_lowercase();
        let words = [
            "batch too large",
            "batch size",
            "batch limit",
            "too many calls",
            "too many requests in batch",
            "response too large",
            "response size",
            "request entity too large",
        ];
        words.iter().any(|words| message.contains(words))
    }
}

/// The reason why an endpoint could not do what was asked of it. Messages show addresses without their secrets.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// It does not answer.
    #[error("no answer from {}: {cause}", masked(url))]
    Unreachable {
        /// Its address.
        url: String,
        /// The innermost cause.
        cause: String,
        /// Whether a connection was there: then the node may have read the request.
        connected: bool,
    },
    /// A connection to it is not secure, or not possible with TLS.
    #[error("{} cannot be trusted: {cause}; {remedy}", masked(url))]
    Insecure {
        /// Its address.
        url: String,
        /// The problem.
        cause: String,
        /// The remedy.
        remedy: String,
    },
    /// It answers with an HTTP error.
    #[error("{} answered HTTP {status}{}", masked(url), quoted(text))]
    Status {
        /// Its address.
        url: String,
        /// The HTTP status code.
        status: u16,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
        /// The start of its answer.
        text: String,
    },
    /// It has no WebSocket.
    #[error("{} has no WebSocket (HTTP {status})", masked(url))]
    NoWebSocket {
        /// Where one was looked for.
        url: String,
        /// The HTTP status code of its answer.
        status: u16,
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
    /// It refused all calls of a request at once.
    #[error("{} refused a batch of calls: {refusal}", masked(url))]
    BatchRefused {
        /// Its address.
        url: String,
        /// The node's words.
        refusal: Refusal,
    },
    /// It failed to answer a request usably for as long as it may.
    #[error("{last}; the same request failed for {} s", waited.as_secs())]
    GaveUp {
        /// How it failed at last.
        last: Box<Self>,
        /// For how long.
        waited: Duration,
    },
    /// What it says of a block contradicts itself.
    #[error("{} contradicts itself about block {number}: {what}", masked(url))]
    Contradiction {
        /// Its address.
        url: String,
        /// The block's number.
        number: u64,
        /// What does not agree.
        what: String,
    },
    /// It is another chain than the one that the run began on.
    #[error(
        "{} has another chain now: {what}; what the run did on the first one is gone",
        masked(url)
    )]
    AnotherChain {
        /// Its address.
        url: String,
        /// What shows it.
        what: String,
    },
    /// The address is none that we can connect to.
    #[error(
        "{:?} is not the address of an endpoint ({cause}): expected http://host:port or ws://host:port, with TLS https:// or \
         wss://",
        masked(url)
    )]
    Address {
        /// The address.
        url: String,
        /// The problem.
        cause: String,
    },
    /// A request could not be written as JSON.
    #[error("could not encode a request: {0}")]
    Encoding(serde_json::Error),
}

/// What an HTTP error says beside its status.
fn quoted(text: &str) -> String {
    match text.trim() {
        "" => String::new(),
        text => format!(": {text:?}"),
    }
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
        Self::silent(url, cause)
    }

    /// An endpoint that was reached and does not answer any more, for this reason.
    pub(super) fn silent(url: &str, cause: impl Display) -> Self {
        Self::Unreachable {
            url: url.to_owned(),
            cause: scrubbed(url, &cause.to_string()),
            connected: true,
        }
    }

    /// A request over HTTP that failed.
    pub(super) fn of_request(url: &str, source: &reqwest::Error) -> Self {
        if let Some((cause, remedy)) = tls::problem(source) {
            return Self::insecure(url, cause, remedy);
        }
        let mut error = Self::unreachable(url, source);
        if let Self::Unreachable { connected, .. } = &mut error {
            *connected = !source.is_connect();
        }
        error
    }

    /// A connection that is not secure.
    pub(super) fn insecure(url: &str, cause: String, remedy: String) -> Self {
        let url = url.to_owned();
        Self::Insecure { url, cause, remedy }
    }

    /// The error after it came again and again for so long.
    pub(super) fn after(self, waited: Duration) -> Self {
        if self.is_permanent() || waited < Duration::from_secs(1) {
            return self;
        }
        Self::GaveUp {
            last: Box::new(self),
            waited,
        }
    }

    /// The error that was last met, where one was met again and again.
    #[must_use]
    pub fn root(&self) -> &Self {
        match self {
            Self::GaveUp { last, .. } => last.root(),
            other => other,
        }
    }

    /// As [`RpcError::root`].
    pub(super) fn into_root(self) -> Self {
        match self {
            Self::GaveUp { last, .. } => last.into_root(),
            other => other,
        }
    }

    /// Whether the same request will fail the same way, whatever happens.
    pub(super) fn is_permanent(&self) -> bool {
        match self {
            Self::Address { .. } | Self::Encoding(_) | Self::AnotherChain { .. } | Self::Insecure { .. } => {
                true
            }
            Self::Refused { refusal, .. } => refusal.is_unknown_method(),
            _ => false,
        }
    }

    /// Whether what answers, if something does, is likely no node at all.
    pub(super) const fn is_no_node(&self) -> bool {
        match self {
            Self::Unreachable { connected, .. } => !*connected,
            Self::Garbage { .. } | Self::Refused { .. } => true,
            Self::Status { status, .. } => matches!(status, 400..408 | 410..425),
            _ => false,
        }
    }

    /// Whether the node says that it did not take the calls of a batch because of their number or size.
    pub(super) fn is_too_large(&self) -> bool {
        match self {
            // Servers differ in the status, not in the words.
            Self::Status { status, text, .. } => {
                let text = text.to_lowercase();
                let words = [
                    "length limit",
                    "too large",
                    "batch size",
                    "batch limit",
                    "batch of",
                ];
                *status == 413 || words.iter().any(|words| text.contains(words))
            }
            Self::BatchRefused { refusal, .. } => refusal.is_too_large() || !refusal.is_rate_limit(),
            _ => false,
        }
    }

    /// Whether the node says that it gets too many requests.
    pub(super) fn is_rate_limit(&self) -> bool {
        match self {
            Self::Status { status, .. } => *status == 429,
            Self::Refused { refusal, .. } | Self::BatchRefused { refusal, .. } => refusal.is_rate_limit(),
            _ => false,
        }
    }

    /// How long the node asks to be left alone.
    pub(super) const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The kind of error in a few words, the same for all of its kind.
    pub(super) fn kind(&self) -> String {
        match self {
            Self::Unreachable { cause, .. } => cause.clone(),
            Self::Status { status, .. } => format!("HTTP {status}"),
            Self::Garbage { .. } => "no JSON-RPC".to_owned(),
            Self::Refused { refusal, .. } | Self::BatchRefused { refusal, .. } => {
                format!("error {}", refusal.code)
            }
            Self::Contradiction { what, .. } => what.clone(),
            Self::GaveUp { last, .. } => last.kind(),
            other => other.to_string(),
        }
    }
}

//! JSON-RPC over HTTP, in batches: many calls cost one request.

use std::time::Duration;

use alloy::transports::http::reqwest;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{RpcError, scrubbed};

/// How long a request may take before the node counts as lost.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// A JSON-RPC endpoint over HTTP. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    url: String,
}

/// One call of a batch: a method and its parameters as JSON.
#[derive(Debug)]
pub struct Request {
    /// The method's name.
    pub method: &'static str,
    /// The parameters, a JSON array.
    pub params: Box<RawValue>,
}

impl Request {
    /// A call of `method` with `params`, which serialise to a JSON array (a tuple or a slice).
    ///
    /// # Errors
    /// [`RpcError::Encoding`] if `params` do not serialise.
    pub fn new(method: &'static str, params: impl Serialize) -> Result<Self, RpcError> {
        let params = serde_json::value::to_raw_value(&params).map_err(RpcError::Encoding)?;
        Ok(Self { method, params })
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    jsonrpc: &'static str,
    id: usize,
    method: &'static str,
    params: &'a RawValue,
}

#[derive(Deserialize)]
struct Answer<'a> {
    id: Option<usize>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Refusal>,
}

/// The node's answer to a call that it did not carry out.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, thiserror::Error)]
#[error("{message} (code {code})")]
pub struct Refusal {
    /// JSON-RPC error code.
    pub code: i64,
    /// The node's words.
    pub message: String,
}

impl Http {
    /// An endpoint at `url`, with as many connections as are needed at once.
    ///
    /// # Errors
    /// [`RpcError::Unreachable`] if the HTTP client cannot be set up.
    pub fn new(url: &str) -> Result<Self, RpcError> {
        let client = reqwest::Client::builder()
            .timeout(REQUEST_TIMEOUT)
            .tcp_nodelay(true)
            .no_proxy()
            .build()
            .map_err(|source| RpcError::unreachable(url, &source))?;
        Ok(Self {
            client,
            url: url.to_owned(),
        })
    }

    /// The endpoint's address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends `requests` in one HTTP request and returns the answers in the same order.
    ///
    /// # Errors
    /// [`RpcError::Unreachable`] if no answer came, [`RpcError::Garbage`] if it is not JSON-RPC.
    pub async fn batch<T: DeserializeOwned>(
        &self,
        requests: &[Request],
    ) -> Result<Vec<Result<T, Refusal>>, RpcError> {
        let envelopes: Vec<_> = requests
            .iter()
            .enumerate()
            .map(|(id, request)| Envelope {
                jsonrpc: "2.0",
                id,
                method: request.method,
                params: &request.params,
            })
            .collect();
        let text = self
            .post(serde_json::to_vec(&envelopes).map_err(RpcError::Encoding)?)
            .await?;
        let answers: Vec<Answer<'_>> = serde_json::from_slice(&text).map_err(|_| self.garbage(&text))?;
        let mut sorted: Vec<Option<Result<T, Refusal>>> = requests.iter().map(|_| None).collect();
        for answer in answers {
            let place = answer
                .id
                .and_then(|id| sorted.get_mut(id))
                .ok_or_else(|| self.garbage(&text))?;
            *place = Some(self.result(&answer, &text)?);
        }
        sorted
            .into_iter()
            .collect::<Option<_>>()
            .ok_or_else(|| self.garbage(&text))
    }

    /// Makes one call and returns its result.
    ///
    /// # Errors
    /// As [`Http::batch`]; [`RpcError::Refused`] if the node did not carry the call out.
    pub async fn call<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: impl Serialize,
    ) -> Result<T, RpcError> {
        let request = Request::new(method, params)?;
        let envelope = Envelope {
            jsonrpc: "2.0",
            id: 0,
            method,
            params: &request.params,
        };
        let text = self
            .post(serde_json::to_vec(&envelope).map_err(RpcError::Encoding)?)
            .await?;
        let answer: Answer<'_> = serde_json::from_slice(&text).map_err(|_| self.garbage(&text))?;
        self.result(&answer, &text)?
            .map_err(|refusal| self.refused(method, refusal))
    }

    async fn post(&self, body: Vec<u8>) -> Result<alloy::primitives::bytes::Bytes, RpcError> {
        let unreachable = |source| RpcError::unreachable(&self.url, &source);
        let response = self
            .client
            .post(&self.url)
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await
            .map_err(unreachable)?;
        response.bytes().await.map_err(unreachable)
    }

    fn result<T: DeserializeOwned>(
        &self,
        answer: &Answer<'_>,
        text: &[u8],
    ) -> Result<Result<T, Refusal>, RpcError> {
        match (&answer.error, answer.result) {
            (Some(refusal), _) => Ok(Err(Refusal {
                code: refusal.code,
                message: scrubbed(&self.url, &refusal.message),
            })),
            (None, result) => serde_json::from_str(result.map_or("null", RawValue::get))
                .map(Ok)
                .map_err(|_| self.garbage(text)),
        }
    }

    /// A refusal of a call that the run cannot do without.
    pub(super) fn refused(&self, method: &'static str, refusal: Refusal) -> RpcError {
        RpcError::Refused {
            url: self.url.clone(),
            method,
            refusal,
        }
    }

    fn garbage(&self, text: &[u8]) -> RpcError {
        RpcError::garbage(&self.url, text)
    }
}

//! JSON-RPC over HTTP, in batches: many calls cost one request. One attempt each; [`super::retry`] repeats them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{Refusal, RpcError, retry_after::retry_after, scrubbed, tls::client_builder, trouble::Troubles};

/// How long a node may fail to give a usable answer to a request before it counts as lost, unless a run says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How long a request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of an answer's text that messages quote.
const QUOTED: usize = 200;

/// A JSON-RPC endpoint over HTTP. Cloning shares its connections, what it learned of the node's limits, and its troubles.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    url: String,
    /// The most calls that the node takes in one request, as far as it is known.
    batch_limit: Arc<AtomicUsize>,
    /// How long the node may fail to give a usable answer to a request.
    pub(super) patience: Duration,
    pub(super) troubles: Troubles,
}

/// One call of a batch: a method and its parameters as JSON.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method's name.
    pub method: &'static str,
    /// The parameters, a JSON array.
    pub params: Box<RawValue>,
}

impl Request {
    /// A call of `method` with `params`, which serialise to a JSON array (a tuple or a slice); `()` for none.
    ///
    /// # Errors
    /// [`RpcError::Encoding`] if `params` do not serialise.
    pub fn new(method: &'static str, params: impl Serialize) -> Result<Self, RpcError> {
        let mut params = serde_json::value::to_raw_value(&params).map_err(RpcError::Encoding)?;
        // Some nodes refuse `null` in the place of no parameters.
        if params.get() == "null" {
            params = serde_json::value::to_raw_value::<[(); 0]>(&[]).map_err(RpcError::Encoding)?;
        }
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

impl<'a> Envelope<'a> {
    fn new(id: usize, request: &'a Request) -> Self {
        Self {
            jsonrpc: "2.0",
            id,
            method: request.method,
            params: &request.params,
        }
    }
}

#[derive(Deserialize)]
struct Answer<'a> {
    id: Option<usize>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Refusal>,
}

impl Http {
    /// An endpoint at `url`, with as many connections as are needed at once.
    ///
    /// # Errors
    /// [`RpcError::Unreachable`] if the HTTP client cannot be set up.
    pub fn new(url: &str) -> Result<Self, RpcError> {
        let client = client_builder(url)
            .timeout(REQUEST_TIMEOUT)
            .build()
            .map_err(|source| RpcError::unreachable(url, &source))?;
        Ok(Self {
            client,
            url: url.to_owned(),
            batch_limit: Arc::new(AtomicUsize::new(usize::MAX)),
            patience: PATIENCE,
            troubles: Troubles::default(),
        })
    }

    /// The same endpoint, which may fail to give a usable answer to a request for so long before it counts as lost.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The requests that failed and were repeated.
    #[must_use]
    pub const fn troubles(&self) -> &Troubles {
        &self.troubles
    }

    /// The endpoint's address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends `requests` in as few HTTP requests as the node takes, and returns the answers in the same order. A batch
    /// that is too large for the node is split, and the smaller size kept.
    ///
    /// # Errors
    /// [`RpcError::Unreachable`] if no answer came, [`RpcError::Status`] if it was an HTTP error,
    /// [`RpcError::Garbage`] if it is not JSON-RPC.
    pub async fn batch<T: DeserializeOwned>(
        &self,
        requests: &[Request],
    ) -> Result<Vec<Result<T, Refusal>>, RpcError> {
        let mut answers = Vec::with_capacity(requests.len());
        while answers.len() < requests.len() {
            let open = &requests[answers.len()..];
            let size = open.len().min(self.batch_limit());
            match self.one_batch(&open[..size]).await {
                Ok(some) => answers.extend(some),
                Err(error) if size > 1 && error.is_too_large() => self.shrink_batches(size, &error),
                Err(error) => return Err(error),
            }
        }
        Ok(answers)
    }

    /// The node did not take a batch of this size.
    pub(super) fn shrink_batches(&self, size: usize, why: &RpcError) {
        let smaller = (size / 2).max(1);
        let before = self.batch_limit.fetch_min(smaller, Ordering::Relaxed);
        if before == usize::MAX {
            self.troubles.notice(
                "batches",
                format!("the node does not take batches of {size} calls; they are split: {why}"),
            );
        } else if before > smaller {
            tracing::debug!("batches are limited to {smaller} calls: {why}");
        }
    }

    /// The most calls that are sent in one request, as far as the node's limit is known.
    pub(super) fn batch_limit(&self) -> usize {
        self.batch_limit.load(Ordering::Relaxed)
    }

    /// Makes the calls of `requests` in one HTTP request.
    async fn one_batch<T: DeserializeOwned>(
        &self,
        requests: &[Request],
    ) -> Result<Vec<Result<T, Refusal>>, RpcError> {
        // A node that takes no batches takes single calls.
        if let [request] = requests {
            return Ok(vec![self.one_call(request).await?]);
        }
        let envelopes: Vec<_> = requests
            .iter()
            .enumerate()
            .map(|(id, request)| Envelope::new(id, request))
            .collect();
        let text = self
            .post(serde_json::to_vec(&envelopes).map_err(RpcError::Encoding)?)
            .await?;
        let answers: Vec<Answer<'_>> = serde_json::from_slice(&text).map_err(|_| self.not_a_batch(&text))?;
        let mut sorted: Vec<Option<Result<T, Refusal>>> = requests.iter().map(|_| None).collect();
        // Some nodes answer a batch that is too large with one refusal, others refuse what no longer fits.
        let too_large = answers
            .iter()
            .find_map(|answer| answer.error.as_ref().filter(|refusal| refusal.is_too_large()));
        if let Some(refusal) = too_large {
            return Err(self.batch_refused(refusal));
        }
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

    /// What an answer to a batch is that is no list of answers: one refusal of all of it, or garbage.
    fn not_a_batch(&self, text: &[u8]) -> RpcError {
        match serde_json::from_slice::<Answer<'_>>(text) {
            Ok(Answer {
                error: Some(refusal), ..
            }) => self.batch_refused(&refusal),
            _ => self.garbage(text),
        }
    }

    /// A refusal of all calls of a batch.
    fn batch_refused(&self, refusal: &Refusal) -> RpcError {
        RpcError::BatchRefused {
            url: self.url.clone(),
            refusal: self.scrubbed(refusal),
        }
    }

    /// The node's words without the secrets of its address.
    fn scrubbed(&self, refusal: &Refusal) -> Refusal {
        Refusal {
            code: refusal.code,
            message: scrubbed(&self.url, &refusal.message),
            data: refusal.data.clone(),
        }
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
        self.one_call(&request)
            .await?
            .map_err(|refusal| self.refused(method, refusal))
    }

    async fn one_call<T: DeserializeOwned>(&self, request: &Request) -> Result<Result<T, Refusal>, RpcError> {
        let body = serde_json::to_vec(&Envelope::new(0, request)).map_err(RpcError::Encoding)?;
        let text = self.post(body).await?;
        let answer: Answer<'_> = serde_json::from_slice(&text).map_err(|_| self.garbage(&text))?;
        self.result(&answer, &text)
    }

    /// Posts a request and returns the body of the answer, if its HTTP status is one of success.
    async fn post(&self, body: Vec<u8>) -> Result<alloy::primitives::bytes::Bytes, RpcError> {
        let failed = |source| RpcError::of_request(&self.url, &source);
        let response = self
            .client
            .post(&self.url)
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await
            .map_err(failed)?;
        let status = response.status();
        if status.is_success() {
            return response.bytes().await.map_err(failed);
        }
        let wait = response.headers().get(reqwest::header::RETRY_AFTER);
        let retry_after = wait.and_then(|wait| retry_after(wait.to_str().ok()?));
        // The status says enough where the text does not come.
        let text = response.bytes().await.unwrap_or_default();
        Err(RpcError::Status {
            url: self.url.clone(),
            status: status.as_u16(),
            retry_after,
            text: scrubbed(
                &self.url,
                &String::from_utf8_lossy(&text[..text.len().min(QUOTED)]),
            ),
        })
    }

    fn result<T: DeserializeOwned>(
        &self,
        answer: &Answer<'_>,
        text: &[u8],
    ) -> Result<Result<T, Refusal>, RpcError> {
        match (&answer.error, answer.result) {
            (Some(refusal), _) => Ok(Err(self.scrubbed(refusal))),
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

//! Repeating requests: a node that fails one of them is not lost.
//!
//! Reads are safe to repeat, and so are signed transactions: the same bytes are the same transaction. Both are repeated
//! with growing pauses, or after as long as the node asks for, until the node gave no usable answer for its whole patience.

use std::{borrow::Cow, time::Duration};

use alloy::primitives::B256;
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::Instant;

use super::{Http, Refusal, Request, RpcError};

/// The first pause between two attempts, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How long the first attempt of a read may take; each later one twice as long, up to the client's own limit.
const FIRST_ATTEMPT: Duration = Duration::from_secs(5);
/// How often a read is made that the node refuses: anvil refuses one that meets a block in the making.
const REFUSED_ATTEMPTS: u32 = 4;

/// How often a batch is sent as it is to a node that says it gets too many requests, before it is split.
const BATCH_ATTEMPTS: u32 = 2;

/// The attempts at one request.
#[derive(Debug)]
pub(super) struct Attempts {
    began: Instant,
    patience: Duration,
    made: u32,
}

impl Attempts {
    /// The first attempt is about to be made; all of them together may take this long.
    pub(super) fn within(patience: Duration) -> Self {
        Self {
            began: Instant::now(),
            patience,
            made: 0,
        }
    }

    /// How many attempts failed so far.
    pub(super) const fn made(&self) -> u32 {
        self.made
    }

    /// From now on all attempts together may take no longer than this.
    pub(super) fn lose_patience(&mut self, patience: Duration) {
        self.patience = self.patience.min(patience);
    }

    /// How long the next attempt may take.
    const fn limit(&self) -> Duration {
        FIRST_ATTEMPT.saturating_mul(1 << if self.made > 8 { 8 } else { self.made })
    }

    /// Waits before the next attempt: as long as the node asked for, or longer each time. Returns the error, with how long
    /// was waited, once patience is at an end or the error will stay the same.
    pub(super) async fn pause(&mut self, error: RpcError) -> Result<(), RpcError> {
        let waited = self.began.elapsed();
        if error.is_permanent() || waited >= self.patience {
            return Err(error.after(waited));
        }
        let grown = FIRST_PAUSE
            .saturating_mul(1 << self.made.min(8))
            .min(LONGEST_PAUSE);
        let pause = error.retry_after().unwrap_or(grown);
        self.made += 1;
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

impl Http {
    /// Makes a call that only reads, as often as it takes.
    ///
    /// # Errors
    /// As [`Http::call`], once the node gave no usable answer for its whole patience, or at once where it never will.
    pub async fn read<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: impl Serialize,
    ) -> Result<T, RpcError> {
        let request = [Request::new(method, params)?];
        let mut answers = self.read_batch(&request).await?;
        match answers.pop() {
            Some(answer) => answer.map_err(|refusal| self.refused(method, refusal)),
            None => Err(RpcError::garbage(self.url(), b"")),
        }
    }

    /// Makes a call that only reads, as often as it takes to get an answer; a refusal is one, unless the node has too much to do.
    ///
    /// # Errors
    /// As [`Http::read`].
    pub(super) async fn call_once<T: DeserializeOwned>(
        &self,
        request: &Request,
    ) -> Result<Result<T, Refusal>, RpcError> {
        let busy = |refusal: &Refusal, _| refusal.is_rate_limit();
        let requests = std::slice::from_ref(request);
        let answers = self.repeat(true, requests, busy, |_| ()).await?;
        answers
            .into_iter()
            .next()
            .ok_or_else(|| RpcError::garbage(self.url(), b""))
    }

    /// Makes calls that only read, as often as it takes, and returns their answers in the same order. What the node refuses
    /// is asked for again a few times.
    ///
    /// # Errors
    /// As [`Http::read`]; what the node refuses to the end is among the answers.
    pub async fn read_batch<T: DeserializeOwned>(
        &self,
        requests: &[Request],
    ) -> Result<Vec<Result<T, Refusal>>, RpcError> {
        self.repeat(true, requests, may_be_carried_out, |_| ()).await
    }

    /// Makes a call that only reads with each of `params`, at most `batch` calls in one request, and returns the answers in
    /// the same order.
    ///
    /// # Errors
    /// As [`Http::read_batch`].
    pub(super) async fn read_each<T: DeserializeOwned>(
        &self,
        method: &'static str,
        params: impl IntoIterator<Item = impl Serialize>,
        batch: usize,
    ) -> Result<Vec<Result<T, Refusal>>, RpcError> {
        let requests = params.into_iter().map(|params| Request::new(method, params));
        let requests = requests.collect::<Result<Vec<_>, _>>()?;
        let mut answers = Vec::with_capacity(requests.len());
        for requests in requests.chunks(batch) {
            answers.extend(self.read_batch(requests).await?);
        }
        Ok(answers)
    }

    /// Hands signed transactions to the node until it took each or refused it, and returns its answers in the same order.
    /// What the node says that it did not take, and what it did not answer, is handed over again: the same bytes are the
    /// same transaction. `again` gets the places of those that are.
    ///
    /// # Errors
    /// As [`Http::batch`], once the node gave no usable answer for its whole patience. It may have any of them or not.
    pub(super) async fn send(
        &self,
        requests: &[Request],
        again: impl FnMut(&[usize]),
    ) -> Result<Vec<Result<B256, Refusal>>, RpcError> {
        let put_off = |refusal: &Refusal, _| refusal.is_rate_limit();
        self.repeat(false, requests, put_off, again).await
    }

    /// Makes the calls of `requests` until each is answered. A call that the node refused is made again where that is
    /// `worth_repeating` after so many attempts. Where it is `hurried`, an attempt may take less time than a request can.
    async fn repeat<T: DeserializeOwned>(
        &self,
        hurried: bool,
        requests: &[Request],
        worth_repeating: impl Fn(&Refusal, u32) -> bool,
        mut again: impl FnMut(&[usize]),
    ) -> Result<Vec<Result<T, Refusal>>, RpcError> {
        let mut answers: Vec<Option<Result<T, Refusal>>> = requests.iter().map(|_| None).collect();
        let mut open: Vec<usize> = (0..requests.len()).collect();
        let mut attempts = Attempts::within(self.patience);
        while let Some(first) = open.first() {
            let method = requests[*first].method;
            let calls: Cow<'_, [Request]> = if open.len() == requests.len() {
                requests.into()
            } else {
                open.iter().map(|at| requests[*at].clone()).collect()
            };
            let limit = if hurried { attempts.limit() } else { Duration::MAX };
            let failed = match tokio::time::timeout(limit, self.batch(&calls)).await {
                Err(_) => RpcError::silent(self.url(), format!("it was silent for {} s", limit.as_secs())),
                Ok(Err(error)) => error,
                Ok(Ok(some)) => {
                    let mut refusals = Vec::new();
                    for (at, answer) in std::mem::take(&mut open).into_iter().zip(some) {
                        if let Err(refusal) = &answer
                            && worth_repeating(refusal, attempts.made)
                        {
                            refusals.push((at, refusal.clone()));
                        }
                        answers[at] = Some(answer);
                    }
                    open = refusals.iter().map(|(at, _)| *at).collect();
                    match refusals.pop() {
                        None => break,
                        Some((_, refusal)) => self.refused(method, refusal),
                    }
                }
            };
            self.troubles.count(method, &failed);
            // A batch may be what a node that limits rates will never take, however long it is left alone. One that says how
            // long that is most likely means it.
            let patience = match failed.retry_after() {
                Some(_) => 10 * BATCH_ATTEMPTS,
                None => BATCH_ATTEMPTS,
            };
            if failed.is_rate_limit() && attempts.made >= patience && calls.len().min(self.batch_limit()) > 1
            {
                self.shrink_batches(calls.len().min(self.batch_limit()), &failed);
            }
            if let Err(error) = attempts.pause(failed).await {
                // Where the node refused to the end, its words are the answer.
                if answers.iter().all(Option::is_some) {
                    break;
                }
                return Err(error);
            }
            again(&open);
        }
        // The loop ends when no place is left without an answer.
        Ok(answers.into_iter().flatten().collect())
    }
}

/// Whether a read that the node refused is worth another attempt after `made` that were.
fn may_be_carried_out(refusal: &Refusal, made: u32) -> bool {
    refusal.is_rate_limit() || (!refusal.is_unknown_method() && made + 1 < REFUSED_ATTEMPTS)
}

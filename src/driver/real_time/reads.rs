//! Reads of the latest state, many in one request.

use alloy::primitives::Bytes;
use serde_json::json;
use tokio::sync::mpsc;

use crate::{
    chain::rpc::{Http, Request, RpcError},
    driver::transport::Report,
    protocol::{DeployedContracts, Protocol},
};

/// The most reads in one request.
const BATCH: usize = 100;

/// Makes `queries` and sends their replies to `outbox`.
pub(super) fn read<P: Protocol>(
    http: &Http,
    contracts: &P::Contracts,
    queries: Vec<P::Query>,
    outbox: &mpsc::UnboundedSender<Report<P>>,
) {
    for queries in queries.chunks(BATCH).map(<[P::Query]>::to_vec) {
        let (http, outbox, contracts) = (http.clone(), outbox.clone(), contracts.clone());
        tokio::spawn(async move {
            let replies = ask::<P>(&http, &contracts, &queries).await;
            for (query, reply) in queries.into_iter().zip(replies) {
                let reply = reply.and_then(|data| contracts.decode_reply(&query, &data));
                let _ = outbox.send(Report::Reply(query, reply));
            }
        });
    }
}

/// Makes `queries` in one request. A reply that does not come is why.
async fn ask<P: Protocol>(
    http: &Http,
    contracts: &P::Contracts,
    queries: &[P::Query],
) -> Vec<Result<Bytes, String>> {
    let requests: Result<Vec<Request>, RpcError> = queries
        .iter()
        .map(|query| request::<P>(contracts, query))
        .collect();
    let answers = match requests {
        Ok(requests) => http.read_batch::<Bytes>(&requests).await,
        Err(error) => Err(error),
    };
    match answers {
        Ok(answers) => answers
            .into_iter()
            .map(|answer| answer.map_err(|refusal| refusal.to_string()))
            .collect(),
        Err(error) => queries.iter().map(|_| Err(error.to_string())).collect(),
    }
}

fn request<P: Protocol>(contracts: &P::Contracts, query: &P::Query) -> Result<Request, RpcError> {
    let call = match contracts.encode_query(query) {
        (Some(to), input) => json!({ "to": to, "input": input }),
        (None, input) => json!({ "input": input }),
    };
    Request::new("eth_call", (call, "latest"))
}

//! Reads of the latest state, many in one request.

use alloy::primitives::Bytes;
use serde_json::json;

use super::{Driver, Message};
use crate::{
    chain::rpc::{Http, Request, RpcError},
    protocol::{Contracts, Query},
};

/// The most reads in one request.
const BATCH: usize = 100;

impl Driver {
    /// Makes `queries` and sends their replies to the driver's loop.
    pub(super) fn read(&self, queries: Vec<Query>) {
        for queries in queries.chunks(BATCH).map(<[Query]>::to_vec) {
            let (http, outbox) = (self.settings.endpoint.http.clone(), self.outbox.clone());
            let contracts = self.engine.contracts().clone();
            tokio::spawn(async move {
                let replies = ask(&http, &contracts, &queries).await;
                for (query, reply) in queries.into_iter().zip(replies) {
                    let reply = reply.and_then(|data| contracts.decode_reply(query, &data));
                    let _ = outbox.send(Message::Reply(query, reply));
                }
            });
        }
    }
}

/// Makes `queries` in one request. A reply that does not come is why.
async fn ask(http: &Http, contracts: &Contracts, queries: &[Query]) -> Vec<Result<Bytes, String>> {
    let requests: Result<Vec<Request>, RpcError> =
        queries.iter().map(|query| request(contracts, *query)).collect();
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

fn request(contracts: &Contracts, query: Query) -> Result<Request, RpcError> {
    let call = match contracts.encode_query(query) {
        (Some(to), input) => json!({ "to": to, "input": input }),
        (None, input) => json!({ "input": input }),
    };
    Request::new("eth_call", (call, "latest"))
}

//! Reads of the latest state, many in one request.

use std::time::Duration;

use alloy::primitives::Bytes;
use serde_json::json;

use super::{Driver, Message};
use crate::{
    chain::rpc::{Http, Request, RpcError},
    protocol::{Contracts, Query},
};

/// The most reads in one request.
const BATCH: usize = 100;

/// How often a read that the node refuses is made in all, and the time in between: anvil refuses one of the latest state
/// that meets a block in the making.
const ATTEMPTS: u32 = 3;
const AGAIN: Duration = Duration::from_millis(100);

impl Driver {
    /// Makes `queries` and sends their replies to the driver's loop.
    pub(super) fn read(&self, queries: Vec<Query>) {
        for queries in queries.chunks(BATCH).map(<[Query]>::to_vec) {
            let (http, outbox) = (self.settings.endpoint.http.clone(), self.outbox.clone());
            let contracts = self.engine.contracts().clone();
            tokio::spawn(async move {
                let mut open = queries;
                for attempt in 1..=ATTEMPTS {
                    let replies = ask(&http, &contracts, &open).await;
                    let mut refused = Vec::new();
                    for (query, reply) in open.into_iter().zip(replies) {
                        let reply = match reply {
                            Err(Failed::Refused(_)) if attempt < ATTEMPTS => {
                                refused.push(query);
                                continue;
                            }
                            Err(Failed::Refused(why) | Failed::Unanswered(why)) => Err(why),
                            Ok(data) => contracts.decode_reply(query, &data),
                        };
                        let _ = outbox.send(Message::Reply(query, reply));
                    }
                    if refused.is_empty() {
                        return;
                    }
                    open = refused;
                    tokio::time::sleep(AGAIN).await;
                }
            });
        }
    }
}

/// Why a read has no reply.
enum Failed {
    /// The node refused it, in these words.
    Refused(String),
    /// It could not be made.
    Unanswered(String),
}

/// Makes `queries` in one request.
async fn ask(http: &Http, contracts: &Contracts, queries: &[Query]) -> Vec<Result<Bytes, Failed>> {
    let requests: Result<Vec<Request>, RpcError> =
        queries.iter().map(|query| request(contracts, *query)).collect();
    let answers = match requests {
        Ok(requests) => http.batch::<Bytes>(&requests).await,
        Err(error) => Err(error),
    };
    match answers {
        Ok(answers) => answers
            .into_iter()
            .map(|answer| answer.map_err(|refusal| Failed::Refused(refusal.to_string())))
            .collect(),
        Err(error) => queries
            .iter()
            .map(|_| Err(Failed::Unanswered(error.to_string())))
            .collect(),
    }
}

fn request(contracts: &Contracts, query: Query) -> Result<Request, RpcError> {
    let (to, input) = contracts.encode_query(query);
    Request::new("eth_call", (json!({ "to": to, "input": input }), "latest"))
}

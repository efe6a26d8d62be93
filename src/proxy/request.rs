//! A JSON-RPC request as the proxy reads it.

use serde_json::Value;

/// A call, or a batch of calls.
#[derive(Debug)]
pub(super) struct Request {
    /// The calls, in their order. None if the body is no JSON-RPC.
    pub(super) calls: Vec<Call>,
    /// Whether they came as a batch.
    pub(super) is_batch: bool,
    /// The bytes that came.
    pub(super) body: Vec<u8>,
}

/// One call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) id: Value,
    pub(super) method: String,
    /// The call as it came.
    pub(super) json: Value,
}

impl Request {
    pub(super) fn parse(body: Vec<u8>) -> Self {
        let json: Value = serde_json::from_slice(&body).unwrap_or_default();
        let (calls, is_batch) = match &json {
            Value::Array(calls) => (calls.as_slice(), true),
            call => (std::slice::from_ref(call), false),
        };
        let call = |call: &Value| {
            Some(Call {
                id: call.get("id")?.clone(),
                method: call.get("method")?.as_str()?.to_owned(),
                json: call.clone(),
            })
        };
        Self {
            calls: calls.iter().filter_map(call).collect(),
            is_batch,
            body,
        }
    }

    /// The same with the calls that `keep` lets by, each as it has it; `None` if none is left.
    pub(super) fn rewritten(&self, mut keep: impl FnMut(&Call) -> Option<Value>) -> Option<Vec<u8>> {
        let kept: Vec<Value> = self.calls.iter().filter_map(&mut keep).collect();
        let body = match (self.is_batch, kept.as_slice()) {
            (_, []) => return None,
            (false, [call]) => call.clone(),
            _ => Value::from(kept),
        };
        Some(body.to_string().into_bytes())
    }

    /// Whether the request holds this text.
    pub(super) fn contains(&self, text: &str) -> bool {
        self.body
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    }
}

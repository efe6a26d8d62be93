//! Transactions and reads on their way through the proxy.

use std::{io, sync::Arc, time::Duration};

use alloy::{
    consensus::{Transaction, TxEnvelope},
    eips::eip2718::Decodable2718,
    primitives::{Address, Bytes, keccak256},
};
use secp256k1::{
    Message, Secp256k1,
    ecdsa::{RecoverableSignature, RecoveryId},
};
use serde_json::{Value, json};

use super::{
    Shared,
    planned::PlannedFaults,
    request::{Call, Request},
};
use crate::fault::Verdict;

/// The method that sends a transaction.
pub(super) const SEND: &str = "eth_sendRawTransaction";
/// Methods that answer with logs of blocks.
const LOGS: [&str; 2] = ["eth_getLogs", "eth_getBlockReceipts"];

/// Has the node carry out what a plan lets through, and returns the body of the answer.
pub(super) async fn forward(
    request: &Request,
    shared: &Arc<Shared>,
    planned: &Arc<PlannedFaults>,
) -> io::Result<Vec<u8>> {
    let latest = match age_of_reads(request, planned) {
        0 => None,
        age => Some(shared.upstream.latest().await?.saturating_sub(age)),
    };
    let mut made: Vec<Value> = Vec::new();
    let mut sends = false;
    let rest = request.rewritten(|call| match call.method.as_str() {
        SEND => match send(call, shared, planned) {
            Some(hash) => {
                made.push(json!({ "jsonrpc": "2.0", "id": call.id, "result": hash }));
                None
            }
            None => {
                sends = true;
                Some(call.json.clone())
            }
        },
        method if LOGS.contains(&method) && planned.logs_are_missing() => {
            shared.count("fault: logs missing");
            made.push(json!({ "jsonrpc": "2.0", "id": call.id, "result": [] }));
            None
        }
        "eth_call" => Some(match latest {
            Some(number) => at_block(&call.json, number),
            None => call.json.clone(),
        }),
        _ => Some(call.json.clone()),
    });
    if sends {
        planned.wait_for_sends().await;
    }
    let Some(rest) = rest else {
        let answer = match (request.is_batch, made.as_slice()) {
            (false, [one]) => one.clone(),
            _ => Value::from(made),
        };
        return Ok(answer.to_string().into_bytes());
    };
    // As it came, wherever nothing is changed.
    let body = match made.is_empty() && latest.is_none() {
        true => request.body.clone(),
        false => rest,
    };
    let answer = shared.upstream.post(body).await?;
    if made.is_empty() {
        return Ok(answer);
    }
    let mut answers: Vec<Value> = match serde_json::from_slice(&answer)? {
        Value::Array(answers) => answers,
        one => vec![one],
    };
    answers.extend(made);
    Ok(Value::from(answers).to_string().into_bytes())
}

/// By how many blocks the reads of a request are answered late.
fn age_of_reads(request: &Request, planned: &PlannedFaults) -> u64 {
    let reads = request.calls.iter().any(|call| call.method == "eth_call");
    if reads { planned.age_of_read() } else { 0 }
}

/// The call with a block's number in the place of `latest`.
fn at_block(call: &Value, number: u64) -> Value {
    let mut call = call.clone();
    if let Some(block) = call["params"].get_mut(1).filter(|block| *block == "latest") {
        *block = json!(format!("{number:#x}"));
    }
    call
}

/// Sees to a transaction. Returns its hash if the node does not get it now, but the client is to think so.
fn send(call: &Call, shared: &Arc<Shared>, planned: &Arc<PlannedFaults>) -> Option<String> {
    let raw: Bytes = call.json["params"][0].as_str()?.parse().ok()?;
    let hash = keccak256(&raw).to_string();
    let transaction = TxEnvelope::decode_2718(&mut raw.as_ref()).ok()?;
    let sender = sender(&transaction)?;
    match planned.transaction(sender, transaction.input()) {
        Verdict::Drop => {
            shared.count("fault: transaction dropped");
            Some(hash)
        }
        Verdict::DeliverAfter(later) => {
            shared.count("fault: transaction delayed");
            deliver(call.json.clone(), later, shared, planned);
            Some(hash)
        }
        Verdict::Twice(later) => {
            shared.count("fault: transaction twice");
            deliver(call.json.clone(), later, shared, planned);
            None
        }
        Verdict::Pass | Verdict::Refuse | Verdict::Corrupt => None,
    }
}

/// Sends a transaction later.
fn deliver(call: Value, later: Duration, shared: &Arc<Shared>, planned: &Arc<PlannedFaults>) {
    let (shared, planned) = (Arc::clone(shared), Arc::clone(planned));
    tokio::spawn(async move {
        tokio::time::sleep(later).await;
        planned.wait_for_answers().await;
        planned.wait_for_sends().await;
        // What the node says of it nobody hears.
        let _ = shared.upstream.post(call.to_string().into_bytes()).await;
    });
}

/// The account that signed a transaction.
fn sender(transaction: &TxEnvelope) -> Option<Address> {
    let signature = transaction.signature();
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&signature.r().to_be_bytes::<32>());
    bytes[32..].copy_from_slice(&signature.s().to_be_bytes::<32>());
    let recovery = RecoveryId::from_u8_masked(u8::from(signature.v()));
    let signature = RecoverableSignature::from_compact(&bytes, recovery).ok()?;
    let message = Message::from_digest(transaction.signature_hash().0);
    let key = Secp256k1::verification_only()
        .recover_ecdsa(message, &signature)
        .ok()?;
    Some(Address::from_slice(
        &keccak256(&key.serialize_uncompressed()[1..])[12..],
    ))
}

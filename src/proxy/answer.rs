//! Faults that the proxy injects into answers.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::request::Request;

/// A fault of an answer over HTTP.
#[derive(Clone, Debug)]
pub enum AnswerFault {
    /// The request is not carried out; the answer has this HTTP status and says when to try again.
    Status(u16, RetryAfter),
    /// The connection is reset before anything is answered or carried out.
    Refused,
    /// Carried out; the connection is reset in the middle of the answer.
    ResetMidway,
    /// Carried out; the connection is closed in the middle of the answer.
    Truncated,
    /// Not carried out; the answer has no body.
    Empty,
    /// Not carried out; the body is no JSON.
    Garbage,
    /// Not carried out; a JSON-RPC error in the place of the answer, one for a whole batch.
    Error(i64, &'static str),
    /// Not carried out; a JSON-RPC error for each call of the batch.
    ErrorEach(i64, &'static str),
    /// Not carried out; a list with one JSON-RPC error in the place of all answers of the batch, as go-ethereum has it.
    TooLarge,
    /// Carried out; the calls that the rule names have this result.
    Result(Value),
    /// Carried out; every second answer of the batch is missing.
    MissingAnswers,
    /// Carried out; the answer comes so much later.
    Delayed(Duration),
    /// Carried out; the connection is reset in the place of an answer.
    Lost,
}

/// What an HTTP answer says of when to try again.
#[derive(Clone, Copy, Debug)]
pub enum RetryAfter {
    /// Nothing.
    Unsaid,
    /// After so many seconds, as a number.
    Seconds(i64),
    /// After so many seconds, as a date.
    Date(i64),
}

impl AnswerFault {
    /// The fault's name in counts.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Status(status, RetryAfter::Unsaid) => format!("status {status}"),
            Self::Status(status, RetryAfter::Seconds(_)) => format!("status {status}, seconds"),
            Self::Status(status, RetryAfter::Date(_)) => format!("status {status}, date"),
            Self::Refused => "refused".to_owned(),
            Self::ResetMidway => "reset midway".to_owned(),
            Self::Truncated => "truncated".to_owned(),
            Self::Empty => "empty".to_owned(),
            Self::Garbage => "garbage".to_owned(),
            Self::Error(code, _) => format!("error {code}"),
            Self::ErrorEach(code, _) => format!("error {code} each"),
            Self::TooLarge => "too large".to_owned(),
            Self::Result(result) => format!("result {result}"),
            Self::MissingAnswers => "missing answers".to_owned(),
            Self::Delayed(_) => "delayed".to_owned(),
            Self::Lost => "lost".to_owned(),
        }
    }

    /// Whether only batches can have it.
    pub(super) const fn is_of_batches(&self) -> bool {
        matches!(self, Self::ErrorEach(..) | Self::TooLarge | Self::MissingAnswers)
    }
}

impl RetryAfter {
    /// The HTTP header.
    pub(super) fn header(self) -> String {
        match self {
            Self::Unsaid => String::new(),
            Self::Seconds(seconds) => format!("Retry-After: {seconds}\r\n"),
            Self::Date(seconds) => {
                // Dates have whole seconds: one more, so that it is not before the time that is meant.
                let at =
                    Timestamp::from_second(Timestamp::now().as_second() + seconds + 1).unwrap_or_default();
                let date = at.strftime("%a, %d %b %Y %H:%M:%S GMT");
                format!("Retry-After: {date}\r\n")
            }
        }
    }
}

/// A JSON-RPC error in the place of the answer to a whole request.
pub(super) fn error(request: &Request, code: i64, message: &str) -> Vec<u8> {
    let id = match (request.is_batch, request.calls.first()) {
        (false, Some(call)) => call.id.clone(),
        _ => Value::Null,
    };
    one_error(&id, code, message).to_string().into_bytes()
}

/// A JSON-RPC error for each call.
pub(super) fn errors(request: &Request, code: i64, message: &str) -> Vec<u8> {
    let calls = request.calls.iter();
    let errors: Vec<_> = calls.map(|call| one_error(&call.id, code, message)).collect();
    Value::from(errors).to_string().into_bytes()
}

/// A list with one JSON-RPC error, of the first call.
pub(super) fn too_large(request: &Request) -> Vec<u8> {
    let id = request.calls.first().map_or(Value::Null, |call| call.id.clone());
    let errors = vec![one_error(&id, -32_600, "batch too large")];
    Value::from(errors).to_string().into_bytes()
}

fn one_error(id: &Value, code: i64, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}

/// The answer with `result` for the calls of methods that `concerns` holds for.
pub(super) fn with_result(
    request: &Request,
    answer: &[u8],
    result: &Value,
    concerns: impl Fn(&str) -> bool,
) -> Vec<u8> {
    let mut json: Value = serde_json::from_slice(answer).unwrap_or_default();
    let is_meant = |id: &Value| {
        let mut calls = request.calls.iter();
        calls.any(|call| call.id == *id && concerns(&call.method))
    };
    let change = |answer: &mut Value| {
        if is_meant(&answer["id"])
            && let Some(entries) = answer.as_object_mut()
        {
            entries.remove("error");
            entries.insert("result".to_owned(), result.clone());
        }
    };
    match &mut json {
        Value::Array(answers) => answers.iter_mut().for_each(change),
        answer => change(answer),
    }
    json.to_string().into_bytes()
}

/// The batch's answer without its first answer, and every second one after that.
pub(super) fn every_second(answer: &[u8]) -> Vec<u8> {
    let json: Value = serde_json::from_slice(answer).unwrap_or_default();
    let answers = json.as_array().into_iter().flatten();
    let kept: Vec<_> = answers.skip(1).step_by(2).cloned().collect();
    Value::from(kept).to_string().into_bytes()
}

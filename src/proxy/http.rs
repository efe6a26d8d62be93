//! A connection over HTTP/1.1: reads requests, and answers them as the rules have it.

use std::{io, sync::Arc};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    AnswerFault, Shared,
    answer::{error, errors, every_second, too_large, with_result},
    request::Request,
    rule::Rule,
    sends, socket,
};
use crate::fault::Verdict;

/// Headers that a request may have.
const MOST_HEADERS: usize = 64;
/// A body that is no answer.
const GARBAGE: &[u8] = b"<html><body>Bad gateway</body></html>";

/// The part of a request's head that matters here.
#[derive(Debug, Default)]
struct Head {
    length: usize,
    /// The key of a request for a WebSocket.
    socket_key: Option<String>,
    /// Bytes of the head.
    size: usize,
}

/// How a connection goes on after an answer.
#[derive(Debug, PartialEq, Eq)]
enum After {
    Next,
    Close,
    Reset,
}

/// Serves a connection until it is closed.
pub(super) async fn serve(mut stream: TcpStream, shared: &Arc<Shared>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut bytes = Vec::new();
    loop {
        let Some(head) = read_head(&mut stream, &mut bytes).await? else {
            return Ok(());
        };
        bytes.drain(..head.size);
        if let Some(key) = head.socket_key {
            return socket::serve(stream, bytes, &key, shared).await;
        }
        while bytes.len() < head.length {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
        }
        let rest = bytes.split_off(head.length);
        let request = Request::parse(std::mem::replace(&mut bytes, rest));
        match answer(&mut stream, &request, shared).await? {
            After::Next => {}
            After::Close => return stream.shutdown().await,
            After::Reset => return stream.set_zero_linger(),
        }
    }
}

/// Reads until a whole head is there; `None` if the connection was closed before.
async fn read_head(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<Option<Head>> {
    loop {
        if let Some(head) = parse_head(bytes)? {
            return Ok(Some(head));
        }
        if stream.read_buf(bytes).await? == 0 {
            return Ok(None);
        }
    }
}

fn parse_head(bytes: &[u8]) -> io::Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(size) = request.parse(bytes).map_err(io::Error::other)? else {
        return Ok(None);
    };
    let header = |name: &str| {
        let mut headers = request.headers.iter();
        let found = headers.find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(found.value).ok()
    };
    Ok(Some(Head {
        length: header("content-length")
            .and_then(|length| length.parse().ok())
            .unwrap_or_default(),
        socket_key: header("sec-websocket-key").map(str::to_owned),
        size,
    }))
}

/// Answers a request.
async fn answer(stream: &mut TcpStream, request: &Request, shared: &Arc<Shared>) -> io::Result<After> {
    let Some(rule) = shared.pick(request) else {
        return planned(stream, request, shared).await;
    };
    faulty(stream, request, &rule, shared).await
}

/// Answers a request as a plan has it.
async fn planned(stream: &mut TcpStream, request: &Request, shared: &Arc<Shared>) -> io::Result<After> {
    let Some(planned) = shared.planned() else {
        return whole(stream, &forward(request, shared).await?).await;
    };
    planned.wait_for_answers().await;
    match planned.request() {
        Verdict::Refuse => {
            shared.count("fault: request refused");
            respond(stream, 503, "", b"the proxy's fault\n").await
        }
        Verdict::Corrupt => {
            shared.count("fault: garbage");
            whole(stream, GARBAGE).await
        }
        _ => {
            let body = sends::forward(request, shared, &planned).await?;
            // The node may have gone silent meanwhile.
            planned.wait_for_answers().await;
            whole(stream, &body).await
        }
    }
}

/// Answers a request with a fault.
async fn faulty(
    stream: &mut TcpStream,
    request: &Request,
    rule: &Rule,
    shared: &Shared,
) -> io::Result<After> {
    match &rule.fault {
        AnswerFault::Status(status, retry_after) => {
            let extra = retry_after.header();
            respond(stream, *status, &extra, b"the proxy's fault\n").await
        }
        AnswerFault::Refused => Ok(After::Reset),
        AnswerFault::ResetMidway => {
            half(stream, &forward(request, shared).await?).await?;
            Ok(After::Reset)
        }
        AnswerFault::Truncated => {
            half(stream, &forward(request, shared).await?).await?;
            Ok(After::Close)
        }
        AnswerFault::Empty => whole(stream, b"").await,
        AnswerFault::Garbage => whole(stream, GARBAGE).await,
        AnswerFault::Error(code, message) => whole(stream, &error(request, *code, message)).await,
        AnswerFault::ErrorEach(code, message) => whole(stream, &errors(request, *code, message)).await,
        AnswerFault::TooLarge => whole(stream, &too_large(request)).await,
        AnswerFault::Result(result) => {
            let body = forward(request, shared).await?;
            let concerns = |method: &str| rule.concerns(method);
            whole(stream, &with_result(request, &body, result, concerns)).await
        }
        AnswerFault::MissingAnswers => whole(stream, &every_second(&forward(request, shared).await?)).await,
        AnswerFault::Delayed(delay) => {
            let body = forward(request, shared).await?;
            tokio::time::sleep(*delay).await;
            whole(stream, &body).await
        }
        AnswerFault::Lost => {
            forward(request, shared).await?;
            Ok(After::Reset)
        }
    }
}

/// Has the node carry a request out, and returns the body of its answer.
async fn forward(request: &Request, shared: &Shared) -> io::Result<Vec<u8>> {
    shared.upstream.post(request.body.clone()).await
}

async fn whole(stream: &mut TcpStream, body: &[u8]) -> io::Result<After> {
    respond(stream, 200, "", body).await
}

async fn respond(stream: &mut TcpStream, status: u16, extra: &str, body: &[u8]) -> io::Result<After> {
    let mut text = head(status, extra, body.len());
    text.extend_from_slice(body);
    stream.write_all(&text).await?;
    Ok(After::Next)
}

/// Sends the head and half of the body.
async fn half(stream: &mut TcpStream, body: &[u8]) -> io::Result<()> {
    let mut text = head(200, "", body.len());
    text.extend_from_slice(&body[..body.len() / 2]);
    stream.write_all(&text).await
}

fn head(status: u16, extra: &str, length: usize) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{extra}\r\n"
    );
    head.into_bytes()
}

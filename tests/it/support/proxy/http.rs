//! A connection over HTTP/1.1: reads requests, and answers them as the rules have it.

use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    Fault, Shared,
    fault::{error, errors, every_second, too_large, with_result},
    request::Request,
    rule::Rule,
    socket,
};

/// Headers that a request may have.
const MOST_HEADERS: usize = 64;

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
pub(super) async fn serve(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
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
async fn answer(stream: &mut TcpStream, request: &Request, shared: &Shared) -> io::Result<After> {
    let Some(rule) = shared.pick(request) else {
        let body = forward(request, shared).await?;
        return whole(stream, &body).await;
    };
    faulty(stream, request, &rule, shared).await
}

/// Answers a request with a fault.
async fn faulty(
    stream: &mut TcpStream,
    request: &Request,
    rule: &Rule,
    shared: &Shared,
) -> io::Result<After> {
    match &rule.fault {
        Fault::Status(status, retry_after) => {
            let extra = retry_after.header();
            respond(stream, *status, &extra, b"the proxy's fault\n").await
        }
        Fault::Refused => Ok(After::Reset),
        Fault::ResetMidway => {
            half(stream, &forward(request, shared).await?).await?;
            Ok(After::Reset)
        }
        Fault::Truncated => {
            half(stream, &forward(request, shared).await?).await?;
            Ok(After::Close)
        }
        Fault::Empty => whole(stream, b"").await,
        Fault::Garbage => whole(stream, b"<html><body>Bad gateway</body></html>").await,
        Fault::Error(code, message) => whole(stream, &error(request, *code, message)).await,
        Fault::ErrorEach(code, message) => whole(stream, &errors(request, *code, message)).await,
        Fault::TooLarge => whole(stream, &too_large(request)).await,
        Fault::Result(result) => {
            let body = forward(request, shared).await?;
            let concerns = |method: &str| rule.concerns(method);
            whole(stream, &with_result(request, &body, result, concerns)).await
        }
        Fault::MissingAnswers => whole(stream, &every_second(&forward(request, shared).await?)).await,
        Fault::Delayed(delay) => {
            let body = forward(request, shared).await?;
            tokio::time::sleep(*delay).await;
            whole(stream, &body).await
        }
        Fault::Lost => {
            forward(request, shared).await?;
            Ok(After::Reset)
        }
    }
}

/// Has the node carry a request out, and returns the body of its answer.
async fn forward(request: &Request, shared: &Shared) -> io::Result<Vec<u8>> {
    let response = shared
        .client
        .post(format!("http://{}", shared.upstream()))
        .header(reqwest::header::CONTENT_TYPE, "application/json")
        .body(request.body.clone())
        .send()
        .await
        .map_err(io::Error::other)?;
    Ok(response.bytes().await.map_err(io::Error::other)?.to_vec())
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

//! Endpoints that are none: they talk nonsense, refuse everything, or say nothing at all.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

use super::words::words;
use crate::support::{scenario::SMOKE, taskstorm::Taskstorm};

/// A server that answers every request with the same response, or leaves it unanswered.
fn server(response: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        let mut silent = Vec::new();
        for stream in listener.incoming().map_while(Result::ok) {
            match response {
                Some(response) => drop(thread::spawn(move || answer(stream, response))),
                None => silent.push(stream),
            }
        }
    });
    url
}

/// Answers one request after the other until the client goes away.
fn answer(mut stream: TcpStream, response: &str) {
    let mut requests = BufReader::new(stream.try_clone().expect("the connection"));
    while let Some(length) = read_head(&mut requests) {
        let mut body = vec![0; length];
        if requests.read_exact(&mut body).is_err() || stream.write_all(response.as_bytes()).is_err() {
            return;
        }
    }
}

/// Reads a request's head, and returns the length of its body.
fn read_head(requests: &mut impl BufRead) -> Option<usize> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if requests.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some((_, value)) = line.to_lowercase().split_once("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            return Some(length);
        }
    }
}

const HTML: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 38\r\n\r\n<html><body>It works!</body></html>\r\n\r\n";
const REFUSAL: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 83\r\n\r\n\
    {\"jsonrpc\":\"2.0\",\"id\":0,\"error\":{\"code\":-32601,\"message\":\"this is a static site\"}} ";

/// Words that clear the screen and turn text around, and that repeat the secrets of the address.
const HOSTILE: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 116\r\n\r\n\
    {\"jsonrpc\":\"2.0\",\"id\":0,\"error\":{\"code\":-32001,\"message\":\"\\u001b[2J\\u202e hunter2 has no project k3y-of-mine \"}}    ";

#[test]
fn what_a_node_says_brings_no_control_characters_and_no_secrets() {
    let host = server(Some(HOSTILE)).replace("http://", "");
    let url = format!("http://user:hunter2@{host}/v3/k3y-of-mine?token=t0ken");
    for verbose in [&[][..], &["-vv"]] {
        let ended = Taskstorm::run_on(&url, SMOKE).args(verbose).code(3).end();
        let said = &ended.stderr;
        assert!(said.contains(&format!("http://***@{host}/***")), "{said}");
        assert!(said.contains("␛[2J"), "{said}");
        for secret in ["hunter2", "k3y-of-mine", "t0ken", "\u{1b}", "\u{202e}"] {
            assert!(!said.contains(secret), "{secret:?} in {said}");
        }
    }
}

#[test]
fn each_is_told_apart_and_none_is_waited_for_long() {
    for (name, response) in [
        ("chain_of_html", Some(HTML)),
        ("chain_that_refuses_everything", Some(REFUSAL)),
        ("chain_that_is_silent", None),
    ] {
        let ended = Taskstorm::run_on(&server(response), SMOKE)
            .code(3)
            .leaves_no("out")
            .end();
        assert!(
            ended.waited < Duration::from_secs(15),
            "{name}: {:?}",
            ended.waited
        );
        insta::assert_snapshot!(name, words(&ended));
    }
}

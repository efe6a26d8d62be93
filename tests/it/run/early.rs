//! Answers to a block are sent before the block is read.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::node::Node;
use crate::support::taskstorm::Taskstorm;

const SCENARIO: &str = r#"
name = "early"
seed = 3
[chain]
block_time = "1s"
[owners]
count = 2
tasks = 4
[miners]
count = 4
ack_delay = "0ms"
work_time = "1ms"
commit_delay = "0ms"
concurrency = 4
[oracle]
check_interval = "100ms"
"#;

/// How much longer than it needs the node takes to give the logs of a block.
const SLOW: Duration = Duration::from_millis(600);

/// Passes every byte on to the node at `url`, but a request over HTTP for logs after a while (those over WebSocket are
/// masked and pass). Returns its own address.
async fn slow_to_give_logs(url: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let own = listener.local_addr().expect("an address");
    let node = url.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&node).await.expect("the node listens");
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
            tokio::spawn(async move {
                let mut bytes = vec![0; 1 << 16];
                while let Ok(count @ 1..) = from_client.read(&mut bytes).await {
                    let text = String::from_utf8_lossy(&bytes[..count]);
                    if text.contains("eth_getLogs") {
                        tokio::time::sleep(SLOW).await;
                    }
                    if to_server.write_all(&bytes[..count]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    format!("http://{own}")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_answers_to_a_block_is_sent_before_the_block_is_read() {
    let node = Node::start(Duration::from_secs(1)).await;
    let url = slow_to_give_logs(&node.url()).await;
    let run = Taskstorm::run_on(&url, SCENARIO).start();
    let folder = tokio::task::block_in_place(|| run.end()).success();
    assert_eq!(
        (folder.result.tasks.ended, folder.result.transactions.failed()),
        (4, 0)
    );
    // Every task has one miner. What concerns an actor is told before all else, and once.
    for function in ["submitTask", "ack", "precommit", "commit", "end"] {
        let calls = folder.calls(function);
        let late: Vec<u64> = calls
            .map(|row| row.us("sent_us") - row.us("intended_us"))
            .collect();
        assert_eq!(late.len(), 4, "{function}");
        let slow_us = SLOW.as_micros() as u64;
        assert!(late.iter().all(|late| *late < slow_us), "{function}: {late:?}");
    }
}

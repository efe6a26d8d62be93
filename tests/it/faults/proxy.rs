//! The proxy of these tests injects the faults that it says, and no others.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::{connect_async, tungstenite::Message};

use crate::{
    run::node::Node,
    support::{
        http::client,
        proxy::{Fault, Proxy, RetryAfter, Rule, SocketFault, SocketRule},
    },
};

/// What came of a request.
#[derive(Debug, PartialEq)]
enum Came {
    /// An answer with this HTTP status, which is not 200.
    Status(u16, Option<String>),
    /// JSON.
    Json(Value),
    /// A body that is no JSON.
    Text(String),
    /// No answer, or not a whole one.
    Broken,
}

async fn post(url: &str, body: &Value) -> Came {
    let client = client();
    let request = client.post(url).body(body.to_string());
    let Ok(response) = request.send().await else {
        return Came::Broken;
    };
    let status = response.status().as_u16();
    let header = response.headers().get("retry-after").cloned();
    if status != 200 {
        let header = header.map(|value| value.to_str().expect("text").to_owned());
        return Came::Status(status, header);
    }
    match response.text().await {
        Err(_) => Came::Broken,
        Ok(text) => serde_json::from_str(&text).map_or(Came::Text(text), Came::Json),
    }
}

fn call(id: u64, method: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": [] })
}

#[tokio::test]
async fn every_fault_is_what_it_says_and_happens_once() {
    let node = Node::start(Duration::from_secs(60)).await;
    let proxy = Proxy::of(&node.url());
    let single = call(7, "eth_chainId");
    let batch = json!([call(1, "eth_chainId"), call(2, "eth_blockNumber")]);
    let chain_id = json!("0x7a69");
    let answer = |id: u64, result: &Value| json!({ "jsonrpc": "2.0", "id": id, "result": result });
    let error = |id: Value| json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -1, "message": "no" } });
    let right = Came::Json(answer(7, &chain_id));
    let cases = [
        (
            Fault::Status(503, RetryAfter::Unsaid),
            &single,
            Came::Status(503, None),
        ),
        (
            Fault::Status(429, RetryAfter::Seconds(2)),
            &single,
            Came::Status(429, Some("2".to_owned())),
        ),
        (Fault::Refused, &single, Came::Broken),
        (Fault::ResetMidway, &single, Came::Broken),
        (Fault::Truncated, &single, Came::Broken),
        (Fault::Lost, &single, Came::Broken),
        (Fault::Empty, &single, Came::Text(String::new())),
        (
            Fault::Garbage,
            &single,
            Came::Text("<html><body>Bad gateway</body></html>".to_owned()),
        ),
        (Fault::Error(-1, "no"), &single, Came::Json(error(json!(7)))),
        (Fault::Error(-1, "no"), &batch, Came::Json(error(Value::Null))),
        (
            Fault::ErrorEach(-1, "no"),
            &batch,
            Came::Json(json!([error(json!(1)), error(json!(2))])),
        ),
        (
            Fault::Result(Value::Null),
            &single,
            Came::Json(answer(7, &Value::Null)),
        ),
        (
            Fault::MissingAnswers,
            &batch,
            Came::Json(json!([answer(2, &json!("0x0"))])),
        ),
        (
            Fault::Delayed(Duration::from_millis(1)),
            &single,
            Came::Json(answer(7, &chain_id)),
        ),
    ];
    for (index, (fault, request, expected)) in cases.into_iter().enumerate() {
        proxy.rule(Rule::once(fault.clone()).on(&["eth_chainId"]));
        assert_eq!(post(&proxy.url(), request).await, expected, "{fault:?}");
        assert_eq!(post(&proxy.url(), &single).await, right, "after {fault:?}");
        assert_eq!(proxy.faults(), index as u64 + 1);
    }

    proxy.rule(Rule::once(Fault::Status(429, RetryAfter::Date(5))));
    let Came::Status(429, Some(date)) = post(&proxy.url(), &single).await else {
        panic!("no date");
    };
    assert!(date.ends_with(" GMT") && date.contains(", "), "{date}");
}

#[tokio::test]
async fn rules_hit_what_they_name_and_a_closed_proxy_refuses() {
    let node = Node::start(Duration::from_secs(60)).await;
    let proxy = Proxy::of(&node.url());
    let is_hit = async |request: Value| post(&proxy.url(), &request).await == Came::Status(500, None);
    let chain_id = || call(1, "eth_chainId");
    let number = || call(1, "eth_blockNumber");
    let fault = || Fault::Status(500, RetryAfter::Unsaid);

    proxy.rule(Rule::always(fault()).on(&["eth_chainId"]).skip(1).times(2));
    let hits = [
        is_hit(number()).await,
        is_hit(chain_id()).await,
        is_hit(chain_id()).await,
    ];
    assert_eq!(hits, [false, false, true]);
    assert_eq!(
        [is_hit(chain_id()).await, is_hit(chain_id()).await],
        [true, false]
    );

    proxy.rule(Rule::once(fault()).larger_than(1));
    assert!(!is_hit(number()).await);
    assert!(is_hit(json!([number(), chain_id()])).await);

    proxy.rule(Rule::once(fault()).after("clientVersion"));
    assert!(!is_hit(number()).await && !is_hit(call(1, "web3_clientVersion")).await);
    assert!(is_hit(number()).await);

    proxy.rule(Rule::always(fault()).chance(0.5).times(1_000));
    let mut hits = 0;
    for _ in 0..100 {
        hits += u32::from(is_hit(number()).await);
    }
    assert!((25..75).contains(&hits), "{hits}");

    proxy.close();
    crate::support::wait::eventually("a refused connection", || {
        std::net::TcpStream::connect(proxy.url().trim_start_matches("http://"))
            .is_err()
            .then_some(())
    });
    assert_eq!(post(&proxy.url(), &number()).await, Came::Broken);
}

/// Subscribes to new blocks through the proxy, asks for three, and returns the numbers of those announced.
async fn heads(fault: Option<SocketFault>) -> Option<Vec<u64>> {
    let node = Node::start(Duration::from_secs(3_600)).await;
    let proxy = Proxy::of(&node.url());
    if let Some(fault) = fault {
        proxy.socket_rule(SocketRule::always(fault));
    }
    let (mut socket, _) = connect_async(proxy.ws_url()).await.ok()?;
    let subscribe = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"] });
    socket.send(Message::text(subscribe.to_string())).await.ok()?;
    let patience = Duration::from_millis(1_500);
    tokio::time::timeout(patience, socket.next()).await.ok()??.ok()?;
    let mut numbers = Vec::new();
    for _ in 0..3 {
        node.ask("evm_mine", json!([])).await;
    }
    while let Ok(Some(Ok(message))) = tokio::time::timeout(patience, socket.next()).await {
        let json: Value = serde_json::from_str(message.to_text().expect("text")).expect("JSON");
        numbers.push(crate::run::node::quantity(&json["params"]["result"]["number"]));
    }
    Some(numbers)
}

#[tokio::test]
async fn every_fault_of_a_socket_is_what_it_says() {
    let cases = [
        (None, vec![1, 2, 3]),
        (Some(SocketFault::Refused(404)), vec![]),
        (Some(SocketFault::NoSubscriptions), vec![]),
        (Some(SocketFault::CutAfter(Duration::ZERO)), vec![]),
        (Some(SocketFault::SilentAfter(Duration::ZERO)), vec![]),
        (Some(SocketFault::TwiceTold), vec![1, 1, 2, 2, 3, 3]),
        (Some(SocketFault::OutOfOrder), vec![1, 3, 2]),
        (
            Some(SocketFault::Delayed(Duration::from_millis(50))),
            vec![1, 2, 3],
        ),
    ];
    for (fault, expected) in cases {
        // Whether a socket that is cut at once still takes the subscription is chance.
        assert_eq!(heads(fault).await.unwrap_or_default(), expected, "{fault:?}");
    }
}

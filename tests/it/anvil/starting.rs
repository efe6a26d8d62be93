//! Starting: what a running anvil answers, and what is said when it does not start.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use alloy::primitives::{U64, U256};
use alloy::{rpc::client::RpcClient, transports::http::Http};
use serde_json::Value;
use taskstorm::chain::anvil::{Anvil, Config, Error, PINNED_VERSION};

use super::machine::{Machine, explicit, quietly};
use crate::support::processes::{assert_gone, assert_unguarded, is_alive};
use crate::support::wait::eventually_async;
use crate::support::{anvil, http};

fn client(anvil: &Anvil) -> RpcClient {
    let url = anvil.http_url().parse().expect("a URL");
    RpcClient::new(Http::with_client(http::client(), url), true)
}

async fn error_of(body: &str, config: &Config) -> String {
    let machine = Machine::new();
    let path = machine.script(
        "fake",
        &format!("case $1 in --version) echo anvil 1.7.1;; *) {body};; esac"),
    );
    let found = quietly(&explicit(machine.search(), path)).expect("the fake");
    let error = Anvil::start(&found, config).await.expect_err("no start");
    machine.redact(&error.to_string())
}

#[tokio::test]
async fn it_runs_as_configured() {
    let config = Config {
        block_time: Duration::from_millis(50),
        gas_limit: 123_000_000,
        hardfork: "cancun".to_owned(),
        chain_id: 4242,
        base_fee: Some(7),
        ..Config::default()
    };
    let anvil = anvil::start(&config).await;
    assert_eq!(anvil.client_version(), format!("anvil/v{PINNED_VERSION}"));
    assert!(anvil.startup() < config.start_timeout);
    let client = client(&anvil);
    let info: Value = client
        .request_noparams("anvil_nodeInfo")
        .await
        .expect("an answer");
    assert_eq!(info["hardFork"], "Cancun");
    assert_eq!(info["environment"]["chainId"], 4242);
    assert_eq!(
        info["environment"]["gasLimit"],
        format!("{:#x}", config.gas_limit)
    );
    let block: Value = client
        .request("eth_getBlockByNumber", ("0x0", false))
        .await
        .expect("an answer");
    assert_eq!(block["baseFeePerGas"], "0x7");
    let began = Instant::now();
    eventually_async("five blocks", async || {
        let number = client.request_noparams::<U64>("eth_blockNumber").await;
        (number.expect("an answer").to::<u64>() >= 5).then_some(())
    })
    .await;
    let took = began.elapsed();
    assert!(took < Duration::from_secs(3), "5 blocks of 50 ms took {took:?}");
}

#[tokio::test]
async fn with_no_past_states_a_reverted_transaction_still_tells_its_error() {
    let anvil = anvil::start(&anvil::quick()).await;
    let client = client(&anvil);
    let accounts: Vec<String> = client.request_noparams("eth_accounts").await.expect("an answer");
    // A contract that reverts with 0xdeadbeef whatever it is asked.
    let code = "0x600d80600b6000396000f363deadbeef6000526004601cfd";
    let deploy = serde_json::json!({ "from": accounts[0], "data": code, "gas": "0x100000" });
    let created = mined(&client, deploy).await;
    let call = serde_json::json!({ "from": accounts[0], "to": created["contractAddress"], "gas": "0x20000" });
    let reverted = mined(&client, call).await;
    assert_eq!(reverted["status"], "0x0");
    // Receipts of every block stay readable; past states do not.
    let place = (accounts[0].clone(), created["blockNumber"].clone());
    eventually_async("an end of past states, as Config::past_states says", async || {
        let past = client.request::<_, U256>("eth_getBalance", place.clone());
        past.await.err()
    })
    .await;

    let hash = reverted["transactionHash"].clone();
    let trace: Value = client
        .request("debug_traceTransaction", (hash,))
        .await
        .expect("a trace");
    assert_eq!(trace["returnValue"], "0xdeadbeef");
    for receipt in [&created, &reverted] {
        let receipts: Vec<Value> = client
            .request("eth_getBlockReceipts", (receipt["blockNumber"].clone(),))
            .await
            .expect("receipts");
        assert_eq!(&receipts[0]["transactionHash"], &receipt["transactionHash"]);
    }
}

async fn mined(client: &RpcClient, transaction: Value) -> Value {
    let hash: Value = client
        .request("eth_sendTransaction", (transaction,))
        .await
        .expect("a hash");
    eventually_async("a receipt", async || {
        let receipt = client.request("eth_getTransactionReceipt", (hash.clone(),));
        receipt.await.expect("an answer")
    })
    .await
}

/// An anvil on a port of the test's choice. A free port may be somebody else's a moment later: then another is tried.
async fn on_a_free_port() -> (Anvil, u16) {
    for _ in 0..8 {
        let port = anvil::free_port();
        let config = Config {
            port: Some(port),
            ..anvil::quick()
        };
        match Anvil::start(anvil::found(), &config).await {
            Err(Error::PortInUse { .. }) => {}
            started => return (started.unwrap_or_else(|error| panic!("{error}")), port),
        }
    }
    panic!("no port stays free");
}

#[tokio::test]
async fn a_given_port_is_used_and_a_taken_one_is_named() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let config = Config {
        port: Some(port),
        ..anvil::quick()
    };
    let error = Anvil::start(anvil::found(), &config)
        .await
        .expect_err("the port is taken");
    assert!(
        matches!(error, Error::PortInUse { port: named } if named == port),
        "{error}"
    );
    insta::assert_snapshot!(
        error.to_string().replace(&port.to_string(), "[port]"),
        @"port [port] is in use on 127.0.0.1: stop what listens there, choose another port, or give none"
    );
    let (anvil, port) = on_a_free_port().await;
    assert_eq!(anvil.http_url(), format!("http://127.0.0.1:{port}"));
    assert_eq!(anvil.ws_url(), format!("ws://127.0.0.1:{port}"));
}

#[tokio::test]
async fn many_at_once_get_ports_of_their_own() {
    let config = anvil::quick();
    let start = || Anvil::start(anvil::found(), &config);
    let (a, b, c, d) = tokio::join!(start(), start(), start(), start());
    let mut urls: Vec<String> = [a, b, c, d]
        .iter()
        .map(|anvil| anvil.as_ref().expect("it").http_url())
        .collect();
    urls.sort_unstable();
    urls.dedup();
    assert_eq!(urls.len(), 4);
}

#[tokio::test]
async fn what_it_said_is_in_the_message_when_it_does_not_start() {
    let config = Config {
        hardfork: "nonsense".to_owned(),
        ..Config::default()
    };
    let error = Anvil::start(anvil::found(), &config)
        .await
        .expect_err("no such hardfork");
    assert!(
        error.to_string().contains("Unknown hardfork: nonsense"),
        "{error}"
    );
    assert!(error.to_string().contains("exit code 1"), "{error}");

    insta::assert_snapshot!(
        "ends_at_start",
        error_of("echo to stdout; echo to stderr >&2; exit 42", &Config::default()).await
    );

    let config = Config {
        start_timeout: Duration::from_millis(300),
        ..Config::default()
    };
    insta::assert_snapshot!(
        "silent_at_start",
        error_of("echo thinking; sleep 60", &config).await
    );
}

#[tokio::test]
async fn a_flood_of_output_blocks_nobody() {
    let config = Config {
        start_timeout: Duration::from_secs(2),
        ..Config::default()
    };
    let flood = "i=0; while [ $i -lt 20000 ]; do echo line $i of a long story; i=$((i+1)); done; exit 5";
    let error = error_of(flood, &config).await;
    assert!(
        error.contains("line 19999 of") && error.contains("exit code 5"),
        "{error}"
    );
    assert!(error.lines().count() < 40, "{error}");
}

#[tokio::test]
async fn a_start_that_is_given_up_leaves_nothing() {
    let machine = Machine::new();
    let pid_file = machine.path("pid");
    let body = format!(
        "case $1 in --version) echo anvil 1.7.1;; *) echo $$ > '{}'; exec sleep 60;; esac",
        pid_file.display()
    );
    let found = quietly(&explicit(machine.search(), machine.script("fake", &body))).expect("the fake");
    let config = Config::default();
    let runs = eventually_async("its process id", async || {
        std::fs::read_to_string(&pid_file)
            .ok()?
            .strip_suffix('\n')?
            .parse()
            .ok()
    });
    let pid: u32 = tokio::select! {
        _ = Anvil::start(&found, &config) => panic!("it came to an end"),
        pid = runs => pid,
    };
    assert!(!is_alive(pid));
    assert_gone(pid);
    assert_unguarded(pid);
}

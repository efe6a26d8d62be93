//! A node of the test's own, and plain questions to it.

use std::time::Duration;

use serde_json::Value;
use taskstorm::chain::{
    anvil::{Anvil, Config},
    rpc::Http,
};

use crate::support::anvil;

/// An anvil that the test keeps.
pub(crate) struct Node {
    anvil: Anvil,
    http: Http,
}

impl Node {
    pub(crate) async fn start(block_time: Duration) -> Self {
        Self::with(Config {
            block_time,
            ..Config::default()
        })
        .await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let anvil = anvil::start(&config).await;
        let http = Http::new(&anvil.http_url()).expect("a client");
        Self { anvil, http }
    }

    pub(crate) fn url(&self) -> String {
        self.anvil.http_url()
    }

    pub(crate) fn ws_url(&self) -> String {
        self.anvil.ws_url()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.anvil.pid()
    }

    /// The node's answer to a call that it must carry out.
    pub(crate) async fn ask(&self, method: &'static str, params: Value) -> Value {
        let answer = self.http.call(method, params).await;
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// What a contract's view returns.
    pub(crate) async fn view(&self, to: &str, input: &[u8]) -> Vec<u8> {
        let input = alloy::hex::encode_prefixed(input);
        let output = self
            .ask(
                "eth_call",
                serde_json::json!([{ "to": to, "input": input }, "latest"]),
            )
            .await;
        alloy::hex::decode(output.as_str().expect("hex")).expect("hex")
    }
}

/// A quantity in hexadecimal, as nodes write it.
pub(crate) fn quantity(value: &Value) -> u64 {
    let digits = value.as_str().and_then(|text| text.strip_prefix("0x"));
    u64::from_str_radix(digits.unwrap_or_else(|| panic!("{value}")), 16).expect("a quantity")
}

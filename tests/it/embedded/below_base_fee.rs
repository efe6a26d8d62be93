//! Transactions that the base fee rose above fare on the embedded chain as on a real anvil.

use std::time::Duration;

use serde_json::{Value, json};
use taskstorm::chain::{
    Eip1559Fees,
    anvil::{Anvil, Config as AnvilConfig, Order},
    embedded::{Config, EmbeddedChain, TransactionOrder},
    rpc::Http,
};

use super::support::{ETHER, GWEI, TRANSFER_GAS, account, chain, mine, transfer};
use crate::support::anvil;

/// Two transfers make a block 70 % full, which raises the base fee by an eighth of 40 %.
const GAS_LIMIT: u64 = 60_000;
const RICH: Eip1559Fees = Eip1559Fees {
    max_fee: 5 * GWEI,
    tip: GWEI,
};
/// Just enough for the first block.
const POOR: Eip1559Fees = Eip1559Fees {
    max_fee: GWEI,
    tip: 0,
};

/// What happens to a chain.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// An account's transfer with this nonce.
    Submit(u64, u64, Eip1559Fees),
    Mine,
}

/// How a step ended: whether a transaction was taken, or how many a block took and how many still wait.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Taken(bool),
    Mined { block: u64, waiting: u64 },
}

fn steps() -> Vec<Step> {
    use Step::{Mine, Submit};
    vec![
        Submit(0, 0, POOR),
        Submit(1, 0, RICH),
        Submit(2, 0, RICH),
        // Full: by fees account 0 is passed over, and stays.
        Mine,
        // Now below the base fee.
        Submit(3, 0, POOR),
        Submit(0, 1, RICH),
        Submit(0, 3, RICH),
        Submit(1, 1, RICH),
        // Account 0's first is dropped, and the one behind it, but not the one behind a missing nonce.
        Mine,
        Submit(0, 0, RICH),
        Submit(0, 1, RICH),
        Submit(0, 2, RICH),
        Mine,
        Mine,
        Mine,
    ]
}

fn on_embedded(order: TransactionOrder) -> Vec<Seen> {
    let mut chain: EmbeddedChain = chain(Config {
        gas_limit: GAS_LIMIT,
        order,
        ..Config::default()
    });
    let steps = (0..).zip(steps());
    let seen = steps.map(|(id, step)| match step {
        Step::Submit(from, nonce, fees) => Seen::Taken(chain.submit(transfer(id, from, nonce, fees)).is_ok()),
        Step::Mine => Seen::Mined {
            block: mine(&mut chain).ids.len() as u64,
            waiting: chain.pending_len() as u64,
        },
    });
    seen.collect()
}

async fn on_anvil(order: Order) -> Vec<Seen> {
    let node: Anvil = anvil::start(&AnvilConfig {
        // Blocks come when they are asked for.
        block_time: Duration::from_secs(3_600),
        gas_limit: GAS_LIMIT,
        base_fee: Some(GWEI),
        order,
        ..AnvilConfig::default()
    })
    .await;
    let http = Http::new(&node.http_url()).expect("a client");
    for index in 0..4 {
        let params = json!([account(index), ETHER]);
        let _: Value = http.call("anvil_setBalance", params).await.expect("a balance");
        let _: Value = http
            .call("anvil_impersonateAccount", json!([account(index)]))
            .await
            .expect("an unlocked account");
    }
    let mut seen = Vec::new();
    for step in steps() {
        seen.push(match step {
            Step::Submit(from, nonce, fees) => {
                let transaction = json!([{
                    "from": account(from),
                    "to": account(9),
                    "value": "0x1",
                    "nonce": format!("{nonce:#x}"),
                    "gas": format!("{TRANSFER_GAS:#x}"),
                    "maxFeePerGas": format!("{:#x}", fees.max_fee),
                    "maxPriorityFeePerGas": format!("{:#x}", fees.tip),
                }]);
                Seen::Taken(
                    http.call::<Value>("eth_sendTransaction", transaction)
                        .await
                        .is_ok(),
                )
            }
            Step::Mine => {
                let _: Value = http.call("evm_mine", json!([])).await.expect("a block");
                let block: Value = http
                    .call("eth_getBlockByNumber", json!(["latest", false]))
                    .await
                    .expect("a block");
                let pool: Value = http.call("txpool_status", json!([])).await.expect("a pool");
                let transactions = block["transactions"].as_array().expect("transactions");
                Seen::Mined {
                    block: transactions.len() as u64,
                    waiting: quantity(&pool["pending"]) + quantity(&pool["queued"]),
                }
            }
        });
    }
    seen
}

fn quantity(value: &Value) -> u64 {
    let digits = value.as_str().expect("a quantity").trim_start_matches("0x");
    u64::from_str_radix(digits, 16).expect("a quantity")
}

#[tokio::test]
async fn what_the_base_fee_rose_above_is_dropped_as_on_anvil() {
    for (order, anvils) in [
        (TransactionOrder::Fees, Order::Fees),
        (TransactionOrder::Fifo, Order::Fifo),
    ] {
        let simulated = on_embedded(order.clone());
        assert_eq!(simulated, on_anvil(anvils).await, "{order:?}");
    }
}

#[test]
fn a_dropped_transaction_takes_those_right_behind_it_along() {
    let seen = on_embedded(TransactionOrder::Fees);
    assert_eq!(seen[3], Seen::Mined { block: 2, waiting: 1 });
    assert_eq!(seen[4], Seen::Taken(false));
    assert_eq!(seen[8], Seen::Mined { block: 1, waiting: 1 });
}

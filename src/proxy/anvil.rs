//! Faults of blocks, with the methods that anvil has for them.

use std::{io, sync::Arc, time::Duration};

use alloy::primitives::{Address, address};
use serde_json::{Value, json};

use super::{Shared, planned::PlannedFaults, upstream::quantity};
use crate::fault::BlockVerdict;

/// How often the proxy looks for a new block.
const LOOK: Duration = Duration::from_millis(40);
/// Whose transactions fill blocks.
const OTHERS: Address = address!("0x00000000000000000000000000000000000f1113");
/// A contract that uses all gas that a call of it has.
const FILLER: Address = address!("0x00000000000000000000000000000000000f1114");
/// The most gas of one transaction that fills a block: within Osaka's cap of 2^24.
const MOST_GAS: u64 = 16_000_000;
/// What transactions that fill blocks pay, in wei per gas: more than those of anybody else.
const FEE: u64 = 100_000_000_000_000;

/// Looks for new blocks for as long as the proxy lives, and does to each next one what the plan says.
pub(super) async fn follow_blocks(shared: Arc<Shared>, planned: Arc<PlannedFaults>) {
    let mut latest = 0;
    loop {
        tokio::time::sleep(LOOK).await;
        let Ok(number) = shared.upstream.latest().await else {
            continue;
        };
        if number == latest {
            continue;
        }
        latest = number;
        let verdict = planned.block();
        planned.hold_sends(verdict.is_empty);
        if let Err(error) = strike(&shared, &planned, &verdict).await {
            tracing::warn!("the node does not take a fault: {error}");
        }
    }
}

/// Does what a verdict on the next block says.
async fn strike(
    shared: &Arc<Shared>,
    planned: &Arc<PlannedFaults>,
    verdict: &BlockVerdict,
) -> io::Result<()> {
    let node = &shared.upstream;
    if let Some(lasts) = verdict.stall {
        shared.count("fault: stall");
        planned.stall(lasts);
    }
    if let Some(lasts) = verdict.socket {
        shared.count("fault: socket lost");
        planned.cut_sockets(lasts);
    }
    if let Some(depth) = verdict.reorg {
        shared.count("fault: reorg");
        node.call("anvil_reorg", json!([depth, []])).await?;
    }
    if !verdict.jump.is_zero() {
        shared.count("fault: timestamp jump");
        // Anvil's clock has whole seconds.
        let seconds = verdict.jump.as_secs().max(1);
        node.call("evm_increaseTime", json!([seconds])).await?;
    }
    if let Some(factor) = verdict.fee_factor {
        shared.count("fault: fee spike");
        let block = latest_block(shared).await?;
        let fee = quantity(&block["baseFeePerGas"]).unwrap_or_default() as f64 * factor;
        let fee = format!("{:#x}", fee.min(1e15) as u64);
        node.call("anvil_setNextBlockBaseFeePerGas", json!([fee])).await?;
    }
    if verdict.fill > 0.0 {
        shared.count("fault: full block");
        fill(shared, verdict.fill).await?;
    }
    if let Some(lasts) = verdict.restart {
        shared.count("fault: restart");
        shared.up.send_replace(false);
        let lost = node.call("anvil_dropAllTransactions", json!([])).await;
        tokio::time::sleep(lasts).await;
        shared.up.send_replace(true);
        lost?;
    }
    Ok(())
}

async fn latest_block(shared: &Shared) -> io::Result<Value> {
    shared
        .upstream
        .call("eth_getBlockByNumber", json!(["latest", false]))
        .await
}

/// Has others fill this share of the next block.
async fn fill(shared: &Shared, share: f64) -> io::Result<()> {
    let node = &shared.upstream;
    let limit = quantity(&latest_block(shared).await?["gasLimit"]).unwrap_or_default();
    let mut gas = (limit as f64 * share) as u64;
    node.call("anvil_setCode", json!([FILLER, "0xfe"])).await?;
    node.call("anvil_setBalance", json!([OTHERS, "0xffffffffffffffffffffffff"]))
        .await?;
    node.call("anvil_impersonateAccount", json!([OTHERS])).await?;
    while gas >= 30_000 {
        let part = gas.min(MOST_GAS);
        gas -= part;
        let transaction = json!({
            "from": OTHERS,
            "to": FILLER,
            "gas": format!("{part:#x}"),
            "maxFeePerGas": format!("{FEE:#x}"),
            "maxPriorityFeePerGas": format!("{FEE:#x}"),
        });
        node.call("eth_sendTransaction", json!([transaction])).await?;
    }
    Ok(())
}

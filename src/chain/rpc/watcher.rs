//! Watching the chain: each new block, once, with all its receipts.

use std::time::Duration;

use alloy::{
    primitives::U64,
    providers::{Provider, ProviderBuilder, WsConnect},
};
use tokio::{sync::mpsc, task::JoinSet};

use super::{Clock, Endpoint, Http, RpcError, blocks::BlockReader};
use crate::chain::Block;

/// How often an endpoint without WebSocket is asked for its latest block. It bounds how late a block is seen.
const POLL: Duration = Duration::from_millis(20);
/// How long the node may take to say that it is still there when no block has come.
const SILENCE: Duration = Duration::from_secs(5);

/// Follows the chain at `endpoint` from the block after `from` on and hands every block to `report`, in order, until
/// the node is lost. New blocks are announced over WebSocket, or found by polling where the endpoint has none.
///
/// # Errors
/// Why the node was lost.
pub async fn watch(
    endpoint: &Endpoint,
    from: u64,
    clock: Clock,
    report: impl Fn(Block),
) -> Result<(), RpcError> {
    let (heads, mut announced) = mpsc::unbounded_channel();
    let announce = move |number| heads.send((number, clock.now())).is_ok();
    let (http, ws) = (endpoint.http.clone(), endpoint.ws.clone());
    // A task of its own: the moment at which a block is seen must not wait for the last one to be read. It ends with
    // this set.
    let mut announcer = JoinSet::new();
    announcer.spawn(async move {
        match ws {
            Some(url) => subscribe(&http, &url, announce).await,
            None => poll(&http, announce).await,
        }
    });
    let blocks = BlockReader::new(&endpoint.http, &endpoint.client);
    let reader = async {
        let mut next = from + 1;
        while let Some((number, seen)) = announced.recv().await {
            while next <= number {
                report(blocks.read(next, seen).await?);
                next += 1;
            }
        }
        Err(RpcError::Unreachable {
            url: endpoint.http.url().to_owned(),
            cause: "new blocks are no longer announced".to_owned(),
        })
    };
    tokio::select! {
        Some(Ok(Err(lost))) = announcer.join_next() => Err(lost),
        lost = reader => lost,
    }
}

/// Announces blocks as the node does, and notices when it no longer answers.
async fn subscribe(http: &Http, url: &str, announce: impl Fn(u64) -> bool) -> Result<(), RpcError> {
    let lost = |cause: String| RpcError::Unreachable {
        url: url.to_owned(),
        cause,
    };
    let provider = ProviderBuilder::new()
        .connect_ws(WsConnect::new(url).with_max_retries(0))
        .await
        .map_err(|error| lost(error.to_string()))?;
    let mut heads = provider
        .subscribe_blocks()
        .await
        .map_err(|error| lost(error.to_string()))?;
    loop {
        match tokio::time::timeout(SILENCE, heads.recv()).await {
            Ok(Ok(head)) => {
                if !announce(head.number) {
                    return Ok(());
                }
            }
            Ok(Err(error)) => return Err(lost(format!("the node closed the subscription ({error})"))),
            Err(_silent) => {
                announce(latest(http).await?);
            }
        }
    }
}

/// Whether new blocks are announced at `url`.
pub(super) async fn announces(url: &str) -> bool {
    let connect = ProviderBuilder::new().connect_ws(WsConnect::new(url).with_max_retries(0));
    matches!(tokio::time::timeout(SILENCE, connect).await, Ok(Ok(_)))
}

async fn poll(http: &Http, announce: impl Fn(u64) -> bool) -> Result<(), RpcError> {
    let mut last = None;
    loop {
        let number = latest(http).await?;
        if last.replace(number) != Some(number) && !announce(number) {
            return Ok(());
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn latest(http: &Http) -> Result<u64, RpcError> {
    Ok(http.call::<U64>("eth_blockNumber", ()).await?.to())
}

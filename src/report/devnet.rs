//! The banner of a devnet that is ready.

use std::path::Path;

use crate::{
    devnet::{Deployment, DevnetSettings},
    format::Facts,
};

/// The endpoints, the addresses of the contracts and the account of a devnet, whose `deployment` is written to `file`.
#[must_use]
pub fn devnet_banner(file: &Path, settings: &DevnetSettings, deployment: &Deployment) -> String {
    let mut facts = Facts::new(18);
    facts
        .add("RPC URL", &deployment.rpc_url)
        .add("WebSocket URL", &deployment.ws_url)
        .add("Chain id", deployment.chain_id.to_string())
        .add("Contracts", settings.source());
    for (name, contract) in &deployment.contracts {
        facts.add(name, &contract.address);
    }
    facts
        .add("Account", deployment.account.address)
        .add("Private key", deployment.account.private_key)
        .more(format!("({})", deployment.account.note))
        .add("Written to", file.display().to_string());
    format!(
        "taskstorm devnet is ready: {}. Ctrl-C ends it.\n\n{}\n",
        settings.simulated(),
        facts.text()
    )
}

//! The flags that choose a chain.

use std::{io, path::PathBuf};

use clap::Args;

use crate::{
    chain::anvil::{Environment, Install, Search},
    run::ChainChoice,
};

/// Which chain to use.
#[derive(Clone, Debug, Args)]
pub(super) struct ChainArgs {
    /// Use the node at this address (http://… or ws://…) instead of starting an anvil; it must be an anvil.
    #[arg(long, value_name = "URL", conflicts_with_all = ["anvil", "no_install"])]
    chain: Option<String>,
    #[command(flatten)]
    anvil: AnvilArgs,
}

/// How to find anvil.
#[derive(Clone, Debug, Args)]
pub(super) struct AnvilArgs {
    /// The anvil to start. Without it: $ANVIL, $PATH, ~/.foundry/bin, node_modules, taskstorm's cache.
    #[arg(long, value_name = "PATH")]
    anvil: Option<PathBuf>,
    /// Do not install anvil with npm where none is found.
    #[arg(long)]
    no_install: bool,
}

impl ChainArgs {
    /// The chain that is meant; an anvil listens on `port`, or a free one.
    pub(super) fn choice(self, port: Option<u16>) -> io::Result<ChainChoice> {
        Ok(match self.chain {
            Some(url) => ChainChoice::Endpoint(url),
            None => ChainChoice::Scenario {
                search: self.anvil.search()?,
                port,
            },
        })
    }
}

impl AnvilArgs {
    /// The search for anvil that is meant.
    pub(super) fn search(self) -> io::Result<Search> {
        Ok(Search {
            explicit: self.anvil,
            install: if self.no_install {
                Install::Forbidden
            } else {
                Install::Allowed
            },
            ..Search::new(Environment::of_process()?)
        })
    }
}

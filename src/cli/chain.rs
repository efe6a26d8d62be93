//! The flags that choose a chain.

use std::{convert::Infallible, io, path::PathBuf, str::FromStr};

use clap::Args;

use crate::{
    chain::anvil::{Environment, Install, Search},
    run::ChainChoice,
    scenario::{ChainKind, Scenario},
};

/// Which chain to use.
#[derive(Clone, Debug, Args)]
pub(super) struct ChainArgs {
    /// Which chain to use instead of the scenario's: anvil (starts one), embedded (an EVM in this process, in virtual
    /// time), or the address of an anvil that runs already (http://… or ws://…).
    #[arg(long, value_name = "anvil|embedded|URL")]
    chain: Option<Chain>,
    #[command(flatten)]
    anvil: AnvilArgs,
}

/// A chain that a command line names.
#[derive(Clone, Debug)]
enum Chain {
    Kind(ChainKind),
    Endpoint(String),
}

impl FromStr for Chain {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let kind = ChainKind::ALL.into_iter().find(|kind| kind.name() == text);
        Ok(kind.map_or_else(|| Self::Endpoint(text.to_owned()), Self::Kind))
    }
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
    /// The chain that is meant, noted in the scenario where it is another kind than its own; an anvil listens on
    /// `port`, or a free one.
    pub(super) fn choice(self, scenario: &mut Scenario, port: Option<u16>) -> io::Result<ChainChoice> {
        match self.chain {
            Some(Chain::Endpoint(url)) => return Ok(ChainChoice::Endpoint(url)),
            Some(Chain::Kind(kind)) => scenario.chain.kind = kind,
            None => {}
        }
        Ok(ChainChoice::Scenario {
            search: self.anvil.search()?,
            port,
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

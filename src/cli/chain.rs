//! The flags that choose a chain.

use std::{convert::Infallible, fmt, io, path::PathBuf, str::FromStr};

use alloy::primitives::U256;
use clap::Args;

use super::{Exit, Failure, funder};
use crate::{
    chain::{
        anvil::{Environment, Install, Search},
        rpc::masked,
    },
    run::{ChainChoice, EndpointChoice},
    scenario::{ChainKind, ChainSpec, suggest, units::parse_amount},
};

/// Flags that choose the chain.
#[derive(Clone, Debug, Args)]
pub(super) struct ChainArgs {
    /// Chain to use instead of the scenario's: anvil (starts one), embedded (an EVM in this process, in virtual time), or
    /// the address of a running node (http://… or ws://…, with TLS https://… or wss://…).
    #[arg(long, value_name = "anvil|embedded|URL")]
    chain: Option<Chain>,
    /// File with the private key of the account that pays the others on a running node. Without it:
    /// $TASKSTORM_FUNDER_KEY; without that, the node must be an anvil.
    #[arg(long, value_name = "FILE")]
    funder_key_file: Option<PathBuf>,
    /// Amount that the funder gives each account for gas, such as "0.05 ether" [default: what it is expected to spend].
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    allowance: Option<U256>,
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
        Ok(ChainKind::named(text).map_or_else(|| Self::Endpoint(text.to_owned()), Self::Kind))
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => f.write_str(kind.name()),
            Self::Endpoint(url) => f.write_str(&masked(url)),
        }
    }
}

/// A flag for starting anvil, where none is started.
#[derive(Debug, thiserror::Error)]
#[error(
    "{flag} applies only to an anvil that taskstorm starts, not to {chain}: remove {flag}, or choose another --chain"
)]
struct NothingToStart {
    flag: &'static str,
    chain: String,
}

/// A `--chain` that is neither a kind of chain nor an address.
#[derive(Debug, thiserror::Error)]
#[error("Unknown chain {name:?}; {hint}")]
struct UnknownChain {
    name: String,
    hint: String,
}

impl UnknownChain {
    fn new(name: &str) -> Self {
        let kinds = ChainKind::ALL.map(ChainKind::name);
        let hint = suggest::meant(name, &kinds)
            .unwrap_or_else(|| "use anvil, embedded, http://host:port or ws://host:port".to_owned());
        Self {
            name: name.to_owned(),
            hint,
        }
    }
}

/// Flags that choose the anvil.
#[derive(Clone, Debug, Args)]
pub(super) struct AnvilArgs {
    /// Anvil executable to start. Without it: $ANVIL, $PATH, taskstorm's cache.
    #[arg(long, value_name = "PATH")]
    anvil: Option<PathBuf>,
    /// Do not install anvil with npm where none is found.
    #[arg(long)]
    no_install: bool,
}

impl ChainArgs {
    /// The kind of chain, if `--chain` names one.
    pub(super) const fn kind(&self) -> Option<ChainKind> {
        match self.chain {
            Some(Chain::Kind(kind)) => Some(kind),
            Some(Chain::Endpoint(_)) | None => None,
        }
    }

    /// One of these flags that was given.
    pub(super) fn given(&self) -> Option<&'static str> {
        let chain = self.chain.as_ref().map(|_| "--chain");
        chain.or(self.funder_flag()).or(self.anvil.flag())
    }

    /// A flag about a funder that was given.
    fn funder_flag(&self) -> Option<&'static str> {
        let file = self.funder_key_file.as_ref().map(|_| "--funder-key-file");
        file.or(self.allowance.map(|_| "--allowance"))
    }

    /// The chain that is meant for scenarios of this kind of chain; an anvil listens on `port`, or a free one.
    pub(super) fn choice(self, kind: ChainKind, port: Option<u16>) -> Result<ChainChoice, Failure> {
        let funder_flag = self.funder_flag();
        let chain = self.chain.unwrap_or(Chain::Kind(kind));
        let starts_anvil = matches!(chain, Chain::Kind(ChainKind::Anvil));
        if let Some(flag) = self
            .anvil
            .flag()
            .or(port.map(|_| "--port"))
            .filter(|_| !starts_anvil)
        {
            let chain = chain.to_string();
            return Err(Failure::plain(Exit::Usage, NothingToStart { flag, chain }));
        }
        if let (Chain::Kind(kind), Some(flag)) = (&chain, funder_flag) {
            return Err(Failure::usage(
                format!(
                    "{flag} applies only to a node that runs already: {} needs no funder",
                    kind.name()
                ),
                format!("remove {flag}, or give --chain the node's address"),
            ));
        }
        if let Chain::Endpoint(url) = chain {
            // An address has a dot, a colon or a slash. Only a plain word is quoted: an address may hold a secret.
            if url.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
                return Err(Failure::plain(Exit::Usage, UnknownChain::new(&url)));
            }
            let funder = funder::key(self.funder_key_file.as_deref())?;
            if let (None, Some(_)) = (&funder, self.allowance) {
                return Err(Failure::usage(
                    "--allowance says what a funder gives, and there is none",
                    "put the funder's private key into $TASKSTORM_FUNDER_KEY, or name its file with --funder-key-file",
                ));
            }
            return Ok(ChainChoice::Endpoint(EndpointChoice {
                url,
                funder,
                allowance: self.allowance,
                deployment: None,
            }));
        }
        Ok(ChainChoice::Scenario {
            search: self.anvil.search().map_err(Failure::unexpected)?,
            port,
            deployment: None,
        })
    }
}

impl AnvilArgs {
    /// One of these flags that was given.
    fn flag(&self) -> Option<&'static str> {
        let anvil = self.anvil.as_ref().map(|_| "--anvil");
        anvil.or(self.no_install.then_some("--no-install"))
    }

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

fn amount(text: &str) -> Result<U256, String> {
    let amount = parse_amount(text).map_err(|problem| format!("it {problem}; write \"0.05 ether\""))?;
    if amount.is_zero() || amount > U256::from(ChainSpec::MAX_ALLOWANCE) {
        return Err("it must be more than nothing, and at most a billion ether".to_owned());
    }
    Ok(amount)
}

//! Options that anvil is started with.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use super::error::Error;
use crate::chain::rpc::scrubbed;

/// The settings of an anvil that we start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The port to listen on, on 127.0.0.1; a free one when not given.
    pub port: Option<u16>,
    /// The time between blocks, at least 1 ms; fractions of a second are allowed.
    ///
    /// Block timestamps stay whole seconds of the wall clock, rounded down: blocks made within one second carry the
    /// same timestamp, and a timestamp lies up to 1 s before the block was made.
    pub block_time: Duration,
    /// The block gas limit.
    pub gas_limit: u64,
    /// The hardfork by anvil's name, such as `prague`. Always pinned: it changes gas.
    pub hardfork: String,
    /// The chain id.
    pub chain_id: u64,
    /// The base fee of the first block in wei; anvil's default (1 gwei) when not given.
    pub base_fee: Option<u64>,
    /// How it orders pending transactions.
    pub order: Order,
    /// How many past blocks' states stay readable; 0 keeps only the latest.
    ///
    /// Blocks, transactions and receipts of the whole run stay readable in any case, and the default
    /// `debug_traceTransaction` keeps giving what a reverted transaction returned. Calls at past blocks and tracers
    /// that replay, such as `callTracer`, need the states.
    pub past_states: u32,
    /// The endpoint whose chain it forks; the chain's id is that one's then.
    pub fork: Option<String>,
    /// The file with the state that it starts from.
    pub state: Option<PathBuf>,
    /// How long anvil may take to answer its first request.
    pub start_timeout: Duration,
}

/// How anvil orders pending transactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By fee, highest first.
    #[default]
    Fees,
    /// By arrival.
    Fifo,
}

impl Default for Config {
    /// One-second blocks of 30 million gas on chain 31337, Prague rules, a free port.
    fn default() -> Self {
        Self {
            port: None,
            block_time: Duration::from_secs(1),
            gas_limit: 30_000_000,
            hardfork: "prague".to_owned(),
            chain_id: 31_337,
            base_fee: None,
            order: Order::Fees,
            past_states: 0,
            fork: None,
            state: None,
            start_timeout: Duration::from_secs(20),
        }
    }
}

impl Config {
    /// What anvil said, without the secrets of the address that it forks.
    pub(super) fn scrubbed(&self, text: String) -> String {
        match &self.fork {
            Some(url) => scrubbed(url, &text),
            None => text,
        }
    }

    /// The arguments that anvil is started with.
    ///
    /// # Errors
    /// [`Error::BlockTime`] when the block time is under 1 ms.
    pub(super) fn arguments(&self) -> Result<Vec<OsString>, Error> {
        if self.block_time < Duration::from_millis(1) {
            return Err(Error::BlockTime(self.block_time));
        }
        let mut arguments = Arguments::default();
        // Anvil binds port 0 itself and prints the port that it got: nobody can take it in between.
        arguments.value("--port", self.port.unwrap_or(0));
        // Said explicitly, since anvil would also take the address from the variable ANVIL_IP_ADDR.
        arguments.value("--host", "127.0.0.1");
        arguments.value("--block-time", self.block_time.as_secs_f64());
        arguments.value("--gas-limit", self.gas_limit);
        arguments.value("--hardfork", &self.hardfork);
        match &self.fork {
            // Contracts of the forked chain may know its id.
            Some(url) => arguments.value("--fork-url", url),
            None => arguments.value("--chain-id", self.chain_id),
        }
        if let Some(state) = &self.state {
            arguments.flag("--load-state");
            arguments.flag(state);
        }
        if let Some(base_fee) = self.base_fee {
            arguments.value("--block-base-fee-per-gas", base_fee);
        }
        if self.order == Order::Fifo {
            arguments.value("--order", "fifo");
        }
        // Anvil keeps a copy of the whole state for every block, empty ones too, and writes the older ones to disk.
        // With 57,000 written slots and 5 blocks a second that was 1.9 GB after 76 s and growing; without past
        // states it was 0.37 GB and took a sixth less CPU. What is lost: calls at past blocks and tracers
        // that replay (`callTracer`). The default `debug_traceTransaction` keeps giving a reverted transaction's
        // return data, as does `trace_transaction`; but its `gas` is not the transaction's, with any flags.
        arguments.flag("--prune-history");
        if self.past_states > 0 {
            arguments.flag(self.past_states.to_string());
        }
        // The limit of 2 MB would refuse a large batch.
        arguments.flag("--no-request-size-limit");
        arguments.value("--color", "never");
        // Not used: `--transaction-block-keeper` forgets receipts; `--disable-console-log` and
        // `--disable-pool-balance-checks` made no difference in speed; nor does `--order fifo`; `--quiet` hides the port.
        Ok(arguments.0)
    }
}

#[derive(Default)]
struct Arguments(Vec<OsString>);

impl Arguments {
    fn flag(&mut self, flag: impl Into<OsString>) {
        self.0.push(flag.into());
    }

    fn value(&mut self, name: &str, value: impl ToString) {
        self.flag(name);
        self.flag(value.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(config: &Config) -> String {
        let arguments = config.arguments().expect("a valid configuration");
        arguments.join(" ".as_ref()).into_string().expect("plain text")
    }

    #[test]
    fn arguments_of_the_default_and_of_a_full_configuration() {
        assert_eq!(
            line(&Config::default()),
            "--port 0 --host 127.0.0.1 --block-time 1 --gas-limit 30000000 --hardfork prague --chain-id 31337 \
             --prune-history --no-request-size-limit --color never"
        );
        let full = Config {
            port: Some(8545),
            block_time: Duration::from_millis(250),
            base_fee: Some(0),
            order: Order::Fifo,
            past_states: 64,
            ..Config::default()
        };
        assert_eq!(
            line(&full),
            "--port 8545 --host 127.0.0.1 --block-time 0.25 --gas-limit 30000000 --hardfork prague \
             --chain-id 31337 --block-base-fee-per-gas 0 --order fifo --prune-history 64 --no-request-size-limit --color never"
        );
    }

    #[test]
    fn a_block_time_of_nothing_is_refused() {
        let config = Config {
            block_time: Duration::from_micros(999),
            ..Config::default()
        };
        assert!(matches!(config.arguments(), Err(Error::BlockTime(_))));
    }
}

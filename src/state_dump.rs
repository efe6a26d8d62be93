//! States of chains as anvil writes them (`--dump-state`, `--state`): accounts with their code and storage.

use std::{collections::BTreeMap, fmt};

use alloy::primitives::{Address, Bytes, U256};
use serde::Deserialize;

/// A state of a chain.
#[derive(Clone, PartialEq, Eq)]
pub struct StateDump {
    text: Vec<u8>,
    accounts: BTreeMap<Address, DumpedAccount>,
}

/// An account of a state.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DumpedAccount {
    /// Its next nonce, or the number of contracts that it created, from 1.
    pub nonce: u64,
    /// What it has, in wei.
    pub balance: U256,
    /// Its code; empty if it is no contract.
    pub code: Bytes,
    /// Its storage: slots and values.
    #[serde(default)]
    pub storage: BTreeMap<U256, U256>,
}

#[derive(Deserialize)]
struct Dump {
    accounts: BTreeMap<Address, DumpedAccount>,
}

impl StateDump {
    /// The state that a dump's JSON holds.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: Vec<u8>) -> Result<Self, String> {
        let dump: Dump = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        Ok(Self {
            accounts: dump.accounts,
            text,
        })
    }

    /// The dump as it was read.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Its accounts by address.
    #[must_use]
    pub const fn accounts(&self) -> &BTreeMap<Address, DumpedAccount> {
        &self.accounts
    }
}

impl fmt::Debug for StateDump {
    /// The number of its accounts only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateDump")
            .field("accounts", &self.accounts.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_of_anvil_is_read_and_anything_else_refused() {
        let account = Address::repeat_byte(1);
        let text = format!(
            r#"{{"block":{{"number":3}},"accounts":{{"{account}":{{"nonce":2,"balance":"0x10","code":"0x60",
                "storage":{{"0x01":"0x02"}}}}}},"best_block_number":3,"blocks":[],"transactions":[]}}"#
        );
        let dump = StateDump::parse(text.clone().into_bytes()).expect("a dump");
        let expected = DumpedAccount {
            nonce: 2,
            balance: U256::from(16),
            code: Bytes::from_static(&[0x60]),
            storage: BTreeMap::from([(U256::from(1), U256::from(2))]),
        };
        assert_eq!(dump.accounts().get(&account), Some(&expected));
        assert_eq!(dump.text(), text.as_bytes());
        for text in ["", "{}", r#"{"accounts":[]}"#, r#"{"accounts":{"0x12":{}}}"#] {
            assert!(StateDump::parse(text.as_bytes().to_vec()).is_err(), "{text}");
        }
    }
}

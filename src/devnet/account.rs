//! The account that a devnet's clients start with.

use serde::Serialize;

/// One of the accounts that every anvil funds: anyone knows its key, so it is worth nothing on any other chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DevAccount {
    /// Its address, with checksum.
    pub address: &'static str,
    /// Its secret key, known to everyone.
    pub private_key: &'static str,
    /// What to know about it.
    pub note: &'static str,
}

impl DevAccount {
    /// The first of them; 10,000 ether at the start.
    pub const FIRST: Self = Self {
        address: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
        private_key: "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
        note: "account 0 of every anvil: this key is public, never send it anything of value",
    };
}

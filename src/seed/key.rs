//! The accounts of a run.

use std::{fmt, sync::OnceLock};

use alloy::primitives::{Address, keccak256};
use secp256k1::{PublicKey, Secp256k1, SecretKey, SignOnly};

/// An account's secret key and address.
///
/// Derived from a seed that anyone can read in the scenario: worth nothing on a chain with real money.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// The secret scalar, big-endian; valid on secp256k1.
    pub secret: [u8; 32],
    /// The account's address.
    pub address: Address,
}

impl Key {
    /// The key of actor `index` of those that `label` names (`miner/<group>`, `deployer`).
    ///
    /// The secret is the Keccak-256 of a domain-separated encoding of all three; in the one case in 2¹²⁸ in which that
    /// is no valid secret, the next of a fixed sequence.
    #[must_use]
    pub fn derive(seed: u64, label: &str, index: u32) -> Self {
        let mut attempt = 0;
        loop {
            let candidate = super::digest("taskstorm/key/1", seed, label, index, attempt).0;
            if let Some(key) = Self::of(candidate) {
                return key;
            }
            attempt += 1;
        }
    }

    /// The key with this secret scalar, big-endian; `None` if that is none on secp256k1.
    #[must_use]
    pub fn of(secret: [u8; 32]) -> Option<Self> {
        static CONTEXT: OnceLock<Secp256k1<SignOnly>> = OnceLock::new();
        let secret = SecretKey::from_byte_array(secret).ok()?;
        let context = CONTEXT.get_or_init(Secp256k1::signing_only);
        let public = PublicKey::from_secret_key(context, &secret).serialize_uncompressed();
        let address = Address::from_slice(&keccak256(&public[1..])[12..]);
        Some(Self {
            secret: secret.secret_bytes(),
            address,
        })
    }
}

impl fmt::Debug for Key {
    /// The address only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

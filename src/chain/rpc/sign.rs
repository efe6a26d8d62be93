//! Signing transactions: EIP-1559, or legacy ones where a chain has no base fee, with libsecp256k1 (about half the time that a pure-Rust signer takes).

use alloy::{
    consensus::{SignableTransaction, TxEip1559, TxLegacy},
    eips::{Encodable2718, eip2930::AccessList},
    primitives::{B256, Bytes, Signature, TxKind, U256},
};
use secp256k1::{Message, Secp256k1, SecretKey, SignOnly};

use crate::chain::{Eip1559Fees, Invocation};

/// A transaction to sign and send.
#[derive(Clone, Debug)]
pub struct Order {
    /// The run's number for it.
    pub tx: u64,
    /// The key of the account that sends it.
    pub key: SecretKey,
    /// The account's nonce that it takes.
    pub nonce: u64,
    /// The call.
    pub invocation: Invocation,
    /// What it offers to pay.
    pub fees: Eip1559Fees,
}

/// A signed transaction, ready to be sent.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Its hash.
    pub hash: B256,
    /// Its EIP-2718 encoding.
    pub raw: Bytes,
}

/// Signs transactions.
#[derive(Debug)]
pub struct Signer {
    curve: Secp256k1<SignOnly>,
    chain_id: u64,
    legacy: bool,
}

impl Signer {
    /// A signer of transactions for the chain with this id.
    #[must_use]
    pub fn new(chain_id: u64) -> Self {
        Self {
            curve: Secp256k1::signing_only(),
            chain_id,
            legacy: false,
        }
    }

    /// The same signer, of legacy transactions (EIP-155) with the max fee as their gas price, if the chain needs that.
    #[must_use]
    pub fn legacy(self, legacy: bool) -> Self {
        Self { legacy, ..self }
    }

    /// Signs the transaction that is ordered.
    #[must_use]
    pub fn sign(&self, order: &Order) -> Signed {
        let Order { invocation, fees, .. } = order;
        if self.legacy {
            return self.signed(
                TxLegacy {
                    chain_id: Some(self.chain_id),
                    nonce: order.nonce,
                    gas_price: fees.max_fee.into(),
                    gas_limit: invocation.gas_limit,
                    to: invocation.to.map_or(TxKind::Create, TxKind::Call),
                    value: invocation.value,
                    input: invocation.input.clone(),
                },
                &order.key,
            );
        }
        let transaction = TxEip1559 {
            chain_id: self.chain_id,
            nonce: order.nonce,
            gas_limit: invocation.gas_limit,
            max_fee_per_gas: fees.max_fee.into(),
            max_priority_fee_per_gas: fees.tip.into(),
            to: invocation.to.map_or(TxKind::Create, TxKind::Call),
            value: invocation.value,
            access_list: AccessList::default(),
            input: invocation.input.clone(),
        };
        self.signed(transaction, &order.key)
    }

    fn signed<T>(&self, transaction: T, key: &SecretKey) -> Signed
    where
        T: SignableTransaction<Signature>,
        alloy::consensus::Signed<T>: Encodable2718,
    {
        let digest = Message::from_digest(transaction.signature_hash().0);
        let (recovery, compact) = self.curve.sign_ecdsa_recoverable(digest, key).serialize_compact();
        let signature = Signature::new(
            U256::from_be_slice(&compact[..32]),
            U256::from_be_slice(&compact[32..]),
            i32::from(recovery) == 1,
        );
        let signed = transaction.into_signed(signature);
        Signed {
            hash: signed.trie_hash(),
            raw: signed.encoded_2718().into(),
        }
    }
}

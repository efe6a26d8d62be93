//! A chain with some rich accounts, and transfers between them.

use alloy::primitives::{Address, Bytes, U256, keccak256};
use taskstorm::{
    chain::{
        Eip1559Fees,
        embedded::{COINBASE, Config, EmbeddedChain, Mined, PooledTransaction},
    },
    protocol::Invocation,
};

pub(super) const GWEI: u64 = 1_000_000_000;
pub(super) const TRANSFER_GAS: u64 = 21_000;
pub(super) const ETHER: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);
/// Enough for every block of these tests.
pub(super) const FEES: Eip1559Fees = Eip1559Fees {
    max_fee: 1_000 * GWEI,
    tip: GWEI,
};

pub(super) fn account(index: u64) -> Address {
    Address::from_word(keccak256(index.to_be_bytes()))
}

/// Takes what is transferred; funded by nobody.
pub(super) fn sink() -> Address {
    account(u64::MAX)
}

/// A chain on which accounts 0 to 9 have an ether each, and the coinbase and the sink exist.
pub(super) fn chain(config: Config) -> EmbeddedChain {
    let mut chain = EmbeddedChain::new(config);
    for index in 0..10 {
        chain.fund(account(index), ETHER);
    }
    chain
}

/// A chain whose blocks hold this many transfers and not a unit more.
pub(super) fn chain_of(transfers: u64) -> EmbeddedChain {
    chain(Config {
        gas_limit: transfers * TRANSFER_GAS,
        ..Config::default()
    })
}

/// A transfer of one wei to the sink.
pub(super) fn transfer(id: u64, from: u64, nonce: u64, fees: Eip1559Fees) -> PooledTransaction {
    PooledTransaction {
        id,
        from: account(from),
        nonce,
        invocation: Invocation {
            to: Some(sink()),
            value: U256::ONE,
            input: Bytes::new(),
            gas_limit: TRANSFER_GAS,
        },
        fees,
    }
}

/// A contract that runs this code whenever it is called.
pub(super) fn deploy(id: u64, from: u64, nonce: u64, code: &[u8]) -> PooledTransaction {
    let length = u8::try_from(code.len()).expect("a short contract");
    // PUSH1 length, DUP1, PUSH1 10 (where the code begins), PUSH0, CODECOPY, PUSH0, RETURN, padded to ten bytes.
    let init = [0x60, length, 0x80, 0x60, 10, 0x5f, 0x39, 0x5f, 0xf3, 0];
    PooledTransaction {
        invocation: Invocation {
            to: None,
            value: U256::ZERO,
            input: [&init[..], code].concat().into(),
            gas_limit: 100_000,
        },
        ..transfer(id, from, nonce, FEES)
    }
}

/// A call without calldata, with this gas limit.
pub(super) fn call(id: u64, from: u64, nonce: u64, to: Address, gas_limit: u64) -> PooledTransaction {
    PooledTransaction {
        invocation: Invocation {
            to: Some(to),
            value: U256::ZERO,
            input: Bytes::new(),
            gas_limit,
        },
        ..transfer(id, from, nonce, FEES)
    }
}

/// Builds the next block, 12 seconds after the latest.
pub(super) fn mine(chain: &mut EmbeddedChain) -> Mined {
    chain.mine(chain.timestamp() + 12)
}

/// What everybody has, in wei.
pub(super) fn wealth(chain: &EmbeddedChain) -> U256 {
    let everybody = (0..10).map(account).chain([sink(), COINBASE]);
    everybody.map(|account| chain.balance(account)).sum()
}

//! A chain that meters, with programs of the test's own on it.

use alloy::primitives::{Address, Bytes, U256, address};
use taskstorm::{
    chain::{
        Eip1559Fees, Receipt,
        embedded::{Config, EmbeddedChain, PooledTransaction},
    },
    gas::{GasBreakdown, GasGroup},
    hardfork::Hardfork,
    protocol::Invocation,
};

const ACCOUNT: Address = address!("0x00000000000000000000000000000000000ace0f");
/// Somebody whom nobody has heard of.
pub(super) const NOBODY: Address = address!("0x0000000000000000000000000000000000dead01");

pub(super) struct Lab {
    chain: EmbeddedChain,
    nonce: u64,
}

impl Lab {
    pub(super) fn new(hardfork: Hardfork, meter_gas: bool) -> Self {
        let mut chain = EmbeddedChain::new(Config {
            hardfork,
            base_fee: 0,
            meter_gas,
            ..Config::default()
        });
        chain.fund(ACCOUNT, U256::from(10).pow(U256::from(20)));
        Self { chain, nonce: 0 }
    }

    /// Executes a transaction in a block of its own.
    pub(super) fn send(&mut self, to: Option<Address>, value: u64, input: &[u8], gas_limit: u64) -> Receipt {
        let pending = PooledTransaction {
            id: self.nonce,
            from: ACCOUNT,
            nonce: self.nonce,
            invocation: Invocation {
                to,
                value: U256::from(value),
                input: Bytes::copy_from_slice(input),
                gas_limit,
            },
            fees: Eip1559Fees { max_fee: 1, tip: 0 },
        };
        self.nonce += 1;
        self.chain.submit(pending).expect("it is let in");
        let mut mined = self.chain.mine(0);
        mined.block.receipts.pop().expect("it is in the block")
    }

    /// Deploys a program as it is.
    pub(super) fn deploy(&mut self, code: &[u8]) -> Address {
        let address = ACCOUNT.create(self.nonce);
        let length = (code.len() as u16).to_be_bytes();
        // Returns all that follows these 12 bytes: PUSH2 n, DUP1, PUSH1 12, PUSH0, CODECOPY, PUSH0, RETURN, and a STOP.
        let mut init = vec![
            0x61, length[0], length[1], 0x80, 0x60, 12, 0x5f, 0x39, 0x5f, 0xf3, 0, 0,
        ];
        init.extend(code);
        let receipt = self.send(None, 0, &init, 8_000_000);
        assert!(receipt.success, "{receipt:?}");
        address
    }

    /// Deploys a program and calls it.
    pub(super) fn run(&mut self, code: &[u8]) -> Receipt {
        let program = self.deploy(code);
        self.send(Some(program), 0, &[], 200_000)
    }
}

/// Where a receipt's gas went; it must be all of it.
pub(super) fn breakdown(receipt: &Receipt) -> GasBreakdown {
    let breakdown = **receipt.breakdown.as_ref().expect("the chain meters");
    assert_eq!(breakdown.total(), receipt.gas_used as i64, "{receipt:?}");
    for (group, gas) in breakdown.iter() {
        let refunds = group == GasGroup::Refunds;
        assert!(if refunds { gas <= 0 } else { gas >= 0 }, "{receipt:?}");
    }
    breakdown
}

/// PUSH20 of an address.
pub(super) fn push(address: Address) -> Vec<u8> {
    [&[0x73], address.as_slice()].concat()
}

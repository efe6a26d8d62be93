//! The base fee follows EIP-1559 to the wei.

use alloy::primitives::U256;
use proptest::prelude::*;
use taskstorm::{
    chain::{Eip1559Fees, embedded::Config},
    mempool::BelowBaseFee,
};

use super::support::{FEES, GWEI, TRANSFER_GAS, account, chain, chain_of, mine, transfer};

/// The base fee after a block, as the text of EIP-1559 has it.
fn expected(base_fee: u64, gas_used: u64, gas_limit: u64) -> u64 {
    let (base, used, target) = (
        U256::from(base_fee),
        U256::from(gas_used),
        U256::from(gas_limit / 2),
    );
    let eighth = U256::from(8);
    let next = if used == target {
        base
    } else if used > target {
        base + (base * (used - target) / target / eighth).max(U256::ONE)
    } else {
        base - base * (target - used) / target / eighth
    };
    next.to()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn over_any_blocks(base_fee in 1..100 * GWEI, blocks in prop::collection::vec(0..=10_u64, 1..60)) {
        let mut chain = chain(Config { gas_limit: 10 * TRANSFER_GAS, base_fee, ..Config::default() });
        let rich = U256::MAX >> 8;
        let fees = Eip1559Fees { max_fee: u64::MAX, tip: 0 };
        let mut expectation = base_fee;
        for (number, transfers) in (0..).zip(blocks) {
            for index in 0..transfers {
                chain.fund(account(index), rich);
                chain.submit(transfer(index, index, chain.nonce(account(index)), fees)).expect("a valid transfer");
            }
            let block = mine(&mut chain).block;
            prop_assert_eq!(block.number, number + 1);
            prop_assert_eq!(block.gas_used, transfers * TRANSFER_GAS);
            prop_assert_eq!(block.base_fee, expectation);
            expectation = expected(expectation, block.gas_used, block.gas_limit);
            prop_assert_eq!(chain.base_fee(), expectation);
        }
    }
}

#[test]
fn full_blocks_raise_it_by_an_eighth_and_empty_ones_lower_it_by_an_eighth() {
    let mut chain = chain_of(10);
    for index in 0..10 {
        chain
            .submit(transfer(index, index, 0, FEES))
            .expect("a valid transfer");
    }
    assert_eq!(mine(&mut chain).block.base_fee, GWEI);
    assert_eq!(mine(&mut chain).block.base_fee, GWEI + GWEI / 8);
    assert_eq!(mine(&mut chain).block.base_fee, (GWEI + GWEI / 8) / 8 * 7);
}

#[test]
fn a_transaction_below_it_waits_until_it_has_fallen_if_it_may() {
    let mut chain = chain(Config {
        below_base_fee: BelowBaseFee::Wait,
        ..Config::default()
    });
    let low = Eip1559Fees {
        max_fee: GWEI * 7 / 8,
        tip: 0,
    };
    chain.submit(transfer(1, 1, 0, low)).expect("a valid transfer");
    chain.submit(transfer(2, 1, 1, FEES)).expect("a valid transfer");
    assert_eq!(
        mine(&mut chain).ids,
        [0; 0],
        "and with it those behind it, whatever they offer"
    );
    assert_eq!(mine(&mut chain).ids, [1, 2]);
}

#[test]
fn a_base_fee_of_zero_stays() {
    let mut chain = chain(Config {
        gas_limit: TRANSFER_GAS,
        base_fee: 0,
        ..Config::default()
    });
    chain.submit(transfer(1, 1, 0, FEES)).expect("a valid transfer");
    assert_eq!(mine(&mut chain).block.base_fee, 0);
    assert_eq!(mine(&mut chain).block.base_fee, 0);
}

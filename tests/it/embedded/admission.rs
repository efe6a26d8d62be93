//! Admission rules of the mempool.

use alloy::primitives::U256;
use taskstorm::{
    chain::{
        Eip1559Fees,
        embedded::{Config, PooledTransaction, Refused},
    },
    hardfork::Hardfork,
    mempool::BelowBaseFee,
};

use super::support::{ETHER, FEES, GWEI, TRANSFER_GAS, account, chain, mine, transfer};

/// Submits what `change` makes of a transfer by account 1, which has used nonce 0.
fn submit(hardfork: Hardfork, change: impl FnOnce(&mut PooledTransaction)) -> Result<(), Refused> {
    let mut chain = chain(Config {
        hardfork,
        ..Config::default()
    });
    chain.submit(transfer(0, 1, 0, FEES)).expect("a valid transfer");
    mine(&mut chain);
    chain.fund(account(1), ETHER);
    let mut pending = transfer(1, 1, 1, FEES);
    change(&mut pending);
    chain.submit(pending).map(|_| ())
}

#[test]
fn what_could_not_be_executed_is_refused_with_its_reason() {
    let prague = |change: fn(&mut PooledTransaction)| submit(Hardfork::Prague, change);
    assert_eq!(prague(|_| {}), Ok(()));
    assert_eq!(prague(|tx| tx.nonce = 2), Ok(()), "a gap waits");
    assert_eq!(
        prague(|tx| tx.nonce = 0),
        Err(Refused::NonceTooLow { next: 1, nonce: 0 })
    );
    let fees = Eip1559Fees {
        max_fee: GWEI,
        tip: GWEI + 1,
    };
    assert_eq!(
        submit(Hardfork::Prague, |tx| tx.fees = fees),
        Err(Refused::TipAboveMaxFee { fees })
    );
}

/// As anvil 1.7.1 does: it compares with the base fee of the next block, whatever the nonce, and replacements too.
#[test]
fn a_max_fee_below_the_next_base_fee_is_refused_or_waits() {
    let fees = |max_fee| Eip1559Fees { max_fee, tip: 0 };
    for (below_base_fee, refuses) in [(BelowBaseFee::Refuse, true), (BelowBaseFee::Wait, false)] {
        let mut chain = chain(Config {
            below_base_fee,
            ..Config::default()
        });
        mine(&mut chain);
        // An empty block lowers it by an eighth.
        let base_fee = chain.base_fee();
        assert_eq!(base_fee, GWEI / 8 * 7);
        let refused = |max_fee| Err(Refused::BelowBaseFee { max_fee, base_fee });
        let is_refused = |max_fee, answer| {
            if refuses {
                assert_eq!(answer, refused(max_fee));
            } else {
                assert_eq!(answer, Ok(()));
            }
        };
        let mut submit = |id, nonce, max_fee| chain.submit(transfer(id, 1, nonce, fees(max_fee))).map(|_| ());
        assert_eq!(submit(0, 0, base_fee), Ok(()));
        is_refused(base_fee - 1, submit(1, 1, base_fee - 1));
        is_refused(1, submit(2, 5, 1));
        assert_eq!(submit(3, 6, base_fee), Ok(()), "behind a missing nonce");
        // In the place of the first: refused for its price in either case.
        let answer = submit(4, 0, base_fee - 1);
        assert!(answer.is_err());
        assert_eq!(answer == refused(base_fee - 1), refuses);
    }
}

#[test]
fn an_account_must_afford_the_gas_limit_at_the_max_fee_and_the_value() {
    let gas = U256::from(TRANSFER_GAS) * U256::from(FEES.max_fee);
    let spend = |value| submit(Hardfork::Prague, |tx| tx.invocation.value = value);
    assert_eq!(spend(ETHER - gas), Ok(()));
    assert_eq!(
        spend(ETHER - gas + U256::ONE),
        Err(Refused::CannotAfford {
            balance: ETHER,
            cost: ETHER + U256::ONE
        })
    );
    assert!(matches!(spend(U256::MAX), Err(Refused::CannotAfford { .. })));
}

#[test]
fn the_gas_limit_must_hold_the_intrinsic_gas() {
    // 100 bytes that are not zero: 16 gas each (EIP-2028), or from Prague on 40 as a floor (EIP-7623).
    let calldata = [1; 100];
    for (hardfork, needed) in [
        (Hardfork::Cancun, 21_000 + 1_600),
        (Hardfork::Prague, 21_000 + 4_000),
        (Hardfork::Osaka, 21_000 + 4_000),
    ] {
        let with_limit = |limit| {
            submit(hardfork, |tx| {
                tx.invocation.input = calldata.into();
                tx.invocation.gas_limit = limit;
            })
        };
        assert_eq!(with_limit(needed), Ok(()), "{hardfork}");
        assert_eq!(
            with_limit(needed - 1),
            Err(Refused::IntrinsicGas {
                limit: needed - 1,
                needed
            }),
            "{hardfork}"
        );
    }
    // A contract creation takes 32,000 more (EIP-2), and 2 for each word of init code (EIP-3860).
    let creation = |limit| {
        submit(Hardfork::Cancun, |tx| {
            tx.invocation.to = None;
            tx.invocation.input = [1; 33].into();
            tx.invocation.gas_limit = limit;
        })
    };
    let needed = 21_000 + 32_000 + 33 * 16 + 2 * 2;
    assert_eq!(creation(needed), Ok(()));
    assert_eq!(
        creation(needed - 1),
        Err(Refused::IntrinsicGas {
            limit: needed - 1,
            needed
        })
    );
}

#[test]
fn the_gas_limit_must_fit_the_block_and_from_osaka_on_its_cap() {
    const CAP: u64 = 1 << 24;
    let block = Config::default().gas_limit;
    let cheap = Eip1559Fees {
        max_fee: GWEI,
        tip: 0,
    };
    for (hardfork, most) in [
        (Hardfork::Cancun, block),
        (Hardfork::Prague, block),
        (Hardfork::Osaka, CAP),
    ] {
        let with_limit = |limit| {
            submit(hardfork, |tx| {
                tx.fees = cheap;
                tx.invocation.gas_limit = limit;
            })
        };
        assert_eq!(with_limit(most), Ok(()), "{hardfork}");
        assert_eq!(
            with_limit(most + 1),
            Err(Refused::GasLimitTooHigh {
                limit: most + 1,
                most
            }),
            "{hardfork}"
        );
    }
}

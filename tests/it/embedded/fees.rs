//! Fees are really paid: the base fee burns, the tip goes to the coinbase, and no wei comes or goes otherwise.

use alloy::primitives::U256;
use proptest::prelude::*;
use taskstorm::chain::{
    Eip1559Fees,
    embedded::{COINBASE, DropReason},
};

use super::support::{ETHER, FEES, GWEI, TRANSFER_GAS, account, chain_of, mine, sink, transfer, wealth};

#[test]
fn a_sender_pays_value_base_fee_and_tip() {
    let mut chain = chain_of(10);
    let fees = [
        // Base fee 1 gwei: all of the tip, then what the max fee leaves of it.
        (
            Eip1559Fees {
                max_fee: 100 * GWEI,
                tip: 3 * GWEI,
            },
            3 * GWEI,
        ),
        (
            Eip1559Fees {
                max_fee: 3 * GWEI,
                tip: 3 * GWEI,
            },
            2 * GWEI,
        ),
        (
            Eip1559Fees {
                max_fee: GWEI,
                tip: 0,
            },
            0,
        ),
    ];
    for (index, (fees, _)) in (0..).zip(fees) {
        chain
            .submit(transfer(index, index, 0, fees))
            .expect("a valid transfer");
    }
    let block = mine(&mut chain).block;
    let gas = U256::from(TRANSFER_GAS);
    let mut tips = U256::ZERO;
    for (index, (_, tip)) in (0..).zip(fees) {
        let spent = U256::ONE + gas * U256::from(block.base_fee + tip);
        assert_eq!(chain.balance(account(index)), ETHER - spent);
        tips += gas * U256::from(tip);
    }
    assert_eq!(chain.balance(COINBASE), tips);
    assert_eq!(chain.balance(sink()), U256::from(3));
}

#[test]
fn what_the_account_can_no_longer_afford_is_dropped_when_its_turn_comes() {
    let mut chain = chain_of(10);
    let half = ETHER / U256::from(2);
    for (id, nonce) in [(1, 0), (2, 1), (3, 2)] {
        let mut pending = transfer(id, 1, nonce, FEES);
        pending.invocation.value = half;
        chain.submit(pending).expect("affordable by itself");
    }
    let mined = mine(&mut chain);
    assert_eq!(mined.ids, [1]);
    let [dropped] = &mined.dropped[..] else {
        panic!("one transaction is dropped: {:?}", mined.dropped);
    };
    assert_eq!(dropped.id, 2);
    let DropReason::Invalid(reason) = &dropped.reason else {
        panic!("{:?}", dropped.reason);
    };
    assert!(reason.contains("lack of funds"), "{reason}");
    assert_eq!(
        chain.pending_len(),
        1,
        "the one behind it has a gap before it now"
    );
    assert_eq!(chain.nonce(account(1)), 1);

    chain.submit(transfer(4, 1, 1, FEES)).expect("a valid transfer");
    chain.fund(account(1), ETHER);
    assert_eq!(mine(&mut chain).ids, [4, 3]);
}

fn fees() -> impl Strategy<Value = Eip1559Fees> {
    (1..5 * GWEI, 0..100_u64).prop_map(|(max_fee, percent)| Eip1559Fees {
        max_fee,
        tip: max_fee / 100 * percent,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn balances_and_what_was_burnt_add_up(
        blocks in prop::collection::vec(prop::collection::vec((0..10_u64, fees(), 0..400_000_u64), 0..12), 1..8),
    ) {
        let mut chain = chain_of(6);
        let before = wealth(&chain);
        let mut burnt = U256::ZERO;
        let mut nonces = [0; 10];
        for transfers in blocks {
            for (from, fees, micro_ether) in transfers {
                let mut pending = transfer(0, from, nonces[from as usize], fees);
                pending.invocation.value = ETHER / U256::from(1_000_000) * U256::from(micro_ether);
                if chain.submit(pending).is_ok() {
                    nonces[from as usize] += 1;
                }
            }
            let block = mine(&mut chain).block;
            burnt += U256::from(block.gas_used) * U256::from(block.base_fee);
            prop_assert_eq!(wealth(&chain) + burnt, before);
        }
    }
}

//! The orders of blocks: total, repeatable, and never against the nonces of an account.

use std::collections::BTreeSet;

use proptest::prelude::*;
use taskstorm::chain::{
    Eip1559Fees,
    embedded::{Config, EmbeddedChain, PooledTransaction, TransactionOrder},
};

use super::support::{FEES, GWEI, TRANSFER_GAS, account, chain, mine, transfer};

fn ordered(order: TransactionOrder, seed: u64) -> EmbeddedChain {
    chain(Config {
        order,
        seed,
        ..Config::default()
    })
}

/// Fees that leave this tip, in gwei, at any base fee of these tests.
fn tip(gwei: u64) -> Eip1559Fees {
    Eip1559Fees {
        tip: gwei * GWEI,
        ..FEES
    }
}

fn ids(mut chain: EmbeddedChain, pending: impl IntoIterator<Item = PooledTransaction>) -> Vec<u64> {
    for pending in pending {
        chain.submit(pending).expect("a valid transfer");
    }
    mine(&mut chain).ids
}

/// Two transactions each of accounts 1, 2 and 3; account 2 offers most, but last for its first.
fn six() -> [PooledTransaction; 6] {
    [
        transfer(10, 1, 0, tip(5)),
        transfer(11, 1, 1, tip(1)),
        transfer(20, 2, 0, tip(2)),
        transfer(21, 2, 1, tip(9)),
        transfer(30, 3, 0, tip(5)),
        transfer(31, 3, 1, tip(2)),
    ]
}

#[test]
fn fifo_goes_by_arrival() {
    let chain = || ordered(TransactionOrder::Fifo, 0);
    assert_eq!(ids(chain(), six()), [10, 11, 20, 21, 30, 31]);
    // A nonce that comes late holds up those behind it, and then they are the oldest.
    let [a0, a1, b0, b1, ..] = six();
    assert_eq!(ids(chain(), [a1, b0, b1, a0]), [20, 21, 10, 11]);
}

#[test]
fn fees_go_by_tip_then_by_arrival() {
    // The first ones tip 5, 2 and 5; when 20 is in at 2, 21 tips 9.
    assert_eq!(
        ids(ordered(TransactionOrder::Fees, 0), six()),
        [10, 30, 20, 21, 31, 11]
    );
}

#[test]
fn fees_go_by_what_the_base_fee_leaves_of_the_tip() {
    let fees = |max_fee, tip| Eip1559Fees {
        max_fee: max_fee * GWEI,
        tip: tip * GWEI,
    };
    // At a base fee of 1 gwei these leave 2, 3 and 4.
    let transfers = [(1, fees(3, 3)), (2, fees(100, 3)), (3, fees(5, 5))];
    let transfers = transfers.map(|(from, fees)| transfer(from, from, 0, fees));
    assert_eq!(ids(ordered(TransactionOrder::Fees, 0), transfers), [3, 2, 1]);
}

#[test]
fn a_random_order_is_the_seeds_and_differs_from_block_to_block() {
    let block = |seed, blocks_before| {
        let mut chain = ordered(TransactionOrder::Random, seed);
        (0..blocks_before).for_each(|_| drop(mine(&mut chain)));
        ids(chain, (0..10).map(|from| transfer(from, from, 0, FEES)))
    };
    assert_eq!(block(1, 0), block(1, 0));
    assert_ne!(block(1, 0), block(2, 0));
    assert_ne!(block(1, 0), block(1, 1));
    assert_ne!(block(1, 0), (0..10).collect::<Vec<_>>());
    let order = ids(ordered(TransactionOrder::Random, 1), six());
    for pair in [[10, 11], [20, 21], [30, 31]] {
        let places = pair.map(|id| order.iter().position(|other| *other == id));
        assert!(places[0] < places[1], "{order:?}");
    }
}

#[test]
fn the_adversary_puts_its_victims_last_whatever_they_offer() {
    let victims = BTreeSet::from([account(1), account(2)]);
    let order = TransactionOrder::Adversarial(victims);
    assert_eq!(ids(ordered(order, 0), six()), [30, 31, 10, 20, 21, 11]);
}

fn order() -> impl Strategy<Value = TransactionOrder> {
    let adversarial = prop::collection::btree_set((0..4_u64).prop_map(account), 0..4);
    prop_oneof![
        Just(TransactionOrder::Fifo),
        Just(TransactionOrder::Fees),
        Just(TransactionOrder::Random),
        adversarial.prop_map(TransactionOrder::Adversarial),
    ]
}

/// What happens to a chain.
#[derive(Clone, Debug)]
enum Step {
    Submit {
        from: u64,
        nonce: u64,
        fees: Eip1559Fees,
        gas: u64,
    },
    Mine,
}

fn step() -> impl Strategy<Value = Step> {
    let fees = (1..20_u64, 0..20_u64).prop_map(|(max_fee, tip)| Eip1559Fees {
        max_fee: max_fee * GWEI / 4,
        tip: tip * GWEI / 4,
    });
    let submit = (0..4_u64, 0..8_u64, fees, 1..4_u64).prop_map(|(from, nonce, fees, gas)| Step::Submit {
        from,
        nonce,
        fees,
        gas: gas * TRANSFER_GAS,
    });
    prop_oneof![6 => submit, 1 => Just(Step::Mine)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_submissions_give_the_same_blocks_twice(
        order in order(),
        seed in any::<u64>(),
        steps in prop::collection::vec(step(), 1..150),
    ) {
        const GAS_LIMIT: u64 = 7 * TRANSFER_GAS + 1;
        let config = || Config { order: order.clone(), seed, gas_limit: GAS_LIMIT, ..Config::default() };
        let mut chains = [chain(config()), chain(config())];
        let mut nonces = [0; 4];
        let mut sent: Vec<(u64, u64, Eip1559Fees)> = Vec::new();
        let mut over = BTreeSet::new();
        for step in steps.into_iter().chain([Step::Mine, Step::Mine]) {
            match step {
                Step::Submit { from, nonce, fees, gas } => {
                    let mut pending = transfer(sent.len() as u64, from, nonce, fees);
                    pending.invocation.gas_limit = gas;
                    let answers = chains.each_mut().map(|chain| chain.submit(pending.clone()));
                    prop_assert_eq!(&answers[0], &answers[1]);
                    if answers[0].is_ok() {
                        sent.push((from, nonce, fees));
                    }
                }
                Step::Mine => {
                    let [mined, again] = chains.each_mut().map(mine);
                    prop_assert_eq!(format!("{mined:?}"), format!("{again:?}"));
                    prop_assert!(mined.block.gas_used <= GAS_LIMIT);
                    prop_assert_eq!(mined.ids.len(), mined.block.receipts.len());
                    for id in &mined.ids {
                        let (from, nonce, fees) = sent[*id as usize];
                        prop_assert_eq!(nonces[from as usize], nonce, "in the order of nonces, without gaps");
                        prop_assert!(fees.max_fee >= mined.block.base_fee);
                        nonces[from as usize] += 1;
                    }
                    let gone = mined.ids.iter().chain(mined.dropped.iter().map(|dropped| &dropped.id));
                    for id in gone {
                        prop_assert!(over.insert(*id), "{} is over twice", id);
                    }
                    prop_assert_eq!(chains[0].pending_len(), sent.len() - over.len());
                }
            }
        }
    }
}

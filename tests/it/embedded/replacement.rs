//! Replacing a transaction that waits, and filling gaps.

use taskstorm::chain::{
    Eip1559Fees,
    embedded::{DropReason, Dropped, Refused},
};

use super::support::{FEES, GWEI, chain_of, mine, transfer};

const WAITING: Eip1559Fees = Eip1559Fees {
    max_fee: 100 * GWEI,
    tip: 10 * GWEI,
};

#[test]
fn a_replacement_offers_ten_percent_more_of_both_prices() {
    let fees = |max_fee, tip| Eip1559Fees { max_fee, tip };
    for (replacement, enough) in [
        (fees(110 * GWEI, 11 * GWEI), true),
        (WAITING.raised(1), true),
        (fees(110 * GWEI - 1, 11 * GWEI), false),
        (fees(110 * GWEI, 11 * GWEI - 1), false),
        (fees(500 * GWEI, 10 * GWEI), false),
        (WAITING, false),
    ] {
        let mut chain = chain_of(10);
        let old = chain
            .submit(transfer(7, 1, 0, WAITING))
            .expect("a valid transfer");
        let answer = chain.submit(transfer(8, 1, 0, replacement));
        assert_eq!(chain.pending_len(), 1);
        let mined = mine(&mut chain);
        if enough {
            assert_ne!(answer, Ok(old), "another transaction, another hash");
            assert_eq!(mined.ids, [8]);
            let reason = DropReason::Replaced { by: 8 };
            assert_eq!(mined.dropped, [Dropped { id: 7, reason }]);
            assert_eq!(Ok(mined.block.receipts[0].hash), answer);
        } else {
            assert_eq!(
                answer,
                Err(Refused::Underpriced {
                    waiting: WAITING,
                    fees: replacement
                })
            );
            assert_eq!((mined.ids, mined.dropped), (vec![7], vec![]));
        }
    }
}

#[test]
fn a_transaction_in_a_block_cannot_be_replaced() {
    let mut chain = chain_of(10);
    chain
        .submit(transfer(1, 1, 0, WAITING))
        .expect("a valid transfer");
    mine(&mut chain);
    assert_eq!(
        chain.submit(transfer(2, 1, 0, WAITING.raised(1))),
        Err(Refused::NonceTooLow { next: 1, nonce: 0 })
    );
}

#[test]
fn what_is_behind_a_missing_nonce_waits_until_it_is_filled() {
    let mut chain = chain_of(10);
    for (id, nonce) in [(1, 3), (2, 1), (3, 2)] {
        chain
            .submit(transfer(id, 1, nonce, FEES))
            .expect("a valid transfer");
    }
    assert_eq!(mine(&mut chain).ids, [0; 0]);
    assert_eq!(chain.pending_len(), 3);
    chain.submit(transfer(4, 1, 0, FEES)).expect("a valid transfer");
    let mined = mine(&mut chain);
    assert_eq!(mined.ids, [4, 2, 3, 1]);
    assert_eq!(
        (chain.pending_len(), chain.nonce(super::support::account(1))),
        (0, 4)
    );
    let mut hashes: Vec<_> = mined.block.receipts.iter().map(|receipt| receipt.hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), 4);
}

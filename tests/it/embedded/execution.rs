//! Execution of contracts in blocks: failures pay, logs come with their receipts, gas limits pack.

use alloy::primitives::{Bytes, U256, b256, bytes};
use taskstorm::chain::{
    Log,
    embedded::{CallError, EmbeddedChain},
};

use super::support::{ETHER, FEES, GWEI, TRANSFER_GAS, account, call, chain_of, deploy, mine, transfer};

/// A chain on which account 0 has deployed a contract.
fn chain_with(code: &[u8]) -> (EmbeddedChain, alloy::primitives::Address) {
    let mut chain = chain_of(1_000);
    chain.submit(deploy(0, 0, 0, code)).expect("a valid creation");
    let mined = mine(&mut chain);
    assert!(mined.block.receipts[0].success);
    (chain, account(0).create(0))
}

#[test]
fn a_reverted_transaction_pays_and_reports_what_the_contract_said() {
    // PUSH4 0xdeadbeef, PUSH0, MSTORE, PUSH1 4, PUSH1 28, REVERT
    let code = bytes!("63deadbeef5f526004601cfd");
    let (mut chain, contract) = chain_with(&code);
    chain
        .submit(call(1, 1, 0, contract, 50_000))
        .expect("a valid call");
    let block = mine(&mut chain).block;
    let receipt = &block.receipts[0];
    assert!(!receipt.success);
    assert_eq!(receipt.output, Some(bytes!("deadbeef")));
    assert!((TRANSFER_GAS + 1..TRANSFER_GAS + 100).contains(&receipt.gas_used));
    let paid = U256::from(receipt.gas_used) * U256::from(block.base_fee + GWEI);
    assert_eq!(chain.balance(account(1)), ETHER - paid);
    assert_eq!(chain.nonce(account(1)), 1);
    assert_eq!(
        chain.call(contract, bytes!("")),
        Err(CallError::Reverted(bytes!("deadbeef")))
    );
}

#[test]
fn a_halted_transaction_uses_up_its_gas_limit() {
    let (mut chain, contract) = chain_with(&[0xfe]);
    chain
        .submit(call(1, 1, 0, contract, 50_000))
        .expect("a valid call");
    let block = mine(&mut chain).block;
    assert!(!block.receipts[0].success);
    assert_eq!(block.receipts[0].gas_used, 50_000);
    assert_eq!(chain.call(contract, bytes!("")), Err(CallError::Halted));
}

#[test]
fn receipts_carry_their_own_logs() {
    // log1 of the caller, under topic 7: CALLER, PUSH0, MSTORE, PUSH1 7, PUSH1 32, PUSH0, LOG1, STOP
    let (mut chain, contract) = chain_with(&bytes!("335f52600760205fa100"));
    for index in 1..4 {
        chain
            .submit(call(index, index, 0, contract, 50_000))
            .expect("a valid call");
    }
    let mined = mine(&mut chain);
    assert_eq!(mined.ids, [1, 2, 3]);
    for (index, receipt) in (1..).zip(mined.block.receipts) {
        let log = Log {
            index: index - 1,
            address: contract,
            topics: vec![b256!(
                "0000000000000000000000000000000000000000000000000000000000000007"
            )],
            data: account(index).into_word().into(),
        };
        assert_eq!((receipt.success, receipt.output), (true, Some(Bytes::new())));
        assert_eq!(receipt.logs, [log]);
    }
}

/// Within a block every transaction starts with cold storage (EIP-2929) and with the values that the one before it left
/// as the original ones (EIP-2200), just as if each had a block of its own.
#[test]
fn sharing_a_block_does_not_change_what_transactions_cost() {
    let counter = bytes!("5f546001015f5500"); // slot 0 += 1
    let gas = |together: bool| -> Vec<u64> {
        let (mut chain, contract) = chain_with(&counter);
        let mut gas = Vec::new();
        for nonce in 0..3 {
            chain
                .submit(call(nonce, 1, nonce, contract, 80_000))
                .expect("a valid call");
            if !together {
                gas.extend(
                    mine(&mut chain)
                        .block
                        .receipts
                        .iter()
                        .map(|receipt| receipt.gas_used),
                );
            }
        }
        gas.extend(
            mine(&mut chain)
                .block
                .receipts
                .iter()
                .map(|receipt| receipt.gas_used),
        );
        gas
    };
    let apart = gas(false);
    assert_eq!(apart[0], 21_000 + 2 + 2_100 + 3 + 3 + 2 + 20_000);
    assert_eq!(apart[1], 21_000 + 2 + 2_100 + 3 + 3 + 2 + 2_900);
    assert_eq!(gas(true), apart);
}

#[test]
fn a_long_block_counts_every_transaction_once() {
    const CALLS: u64 = 300;
    let (mut chain, contract) = chain_with(&bytes!("5f546001015f555f545f5260205ff3")); // slot 0 += 1; return it
    for nonce in 0..CALLS {
        chain
            .submit(call(nonce, 1, nonce, contract, 60_000))
            .expect("a valid call");
    }
    let mined = mine(&mut chain);
    assert_eq!(mined.ids, (0..CALLS).collect::<Vec<_>>());
    let gas: Vec<u64> = mined
        .block
        .receipts
        .iter()
        .map(|receipt| receipt.gas_used)
        .collect();
    assert!(
        gas[0] > gas[1] && gas[1..].iter().all(|each| *each == gas[1]),
        "{gas:?}"
    );
    let output = chain.call(contract, bytes!("")).expect("an answer");
    assert_eq!(U256::from_be_slice(&output), U256::from(CALLS + 1));
}

#[test]
fn blocks_have_the_timestamps_that_they_are_given_but_never_go_back() {
    let mut chain = chain_of(10);
    let genesis = chain.timestamp();
    for (asked, given) in [
        (genesis + 5, genesis + 5),
        (genesis + 5, genesis + 5),
        (0, genesis + 5),
    ] {
        assert_eq!(chain.mine(asked).block.timestamp, given);
    }
}

#[test]
fn a_call_sees_the_latest_block_and_changes_nothing() {
    // NUMBER, PUSH0, MSTORE, TIMESTAMP, PUSH1 32, MSTORE, PUSH0, SLOAD, PUSH1 1, ADD, DUP1, PUSH0, SSTORE, PUSH1 64,
    // MSTORE, PUSH1 96, PUSH0, RETURN
    let code = bytes!("435f52426020525f54600101805f5560405260605ff3");
    let (mut chain, contract) = chain_with(&code);
    mine(&mut chain);
    for _ in 0..2 {
        let output = chain.call(contract, bytes!("")).expect("an answer");
        let words: Vec<u64> = output
            .chunks(32)
            .map(|word| U256::from_be_slice(word).to())
            .collect();
        assert_eq!(words, [chain.number(), chain.timestamp(), 1]);
    }
    assert_eq!(chain.nonce(alloy::primitives::Address::ZERO), 0);
}

#[test]
fn a_block_passes_over_what_does_not_fit_and_takes_smaller_ones_after_it() {
    let mut chain = chain_of(4);
    let big = |id, from, nonce| {
        let mut pending = transfer(id, from, nonce, FEES);
        pending.invocation.gas_limit = 3 * TRANSFER_GAS;
        pending
    };
    for pending in [
        transfer(1, 1, 0, FEES),
        transfer(2, 2, 0, FEES),
        big(3, 3, 0),
        transfer(4, 3, 1, FEES),
        transfer(5, 4, 0, FEES),
    ] {
        chain.submit(pending).expect("a valid transfer");
    }
    // Two transfers leave room for two more: not for the big one, nor for what comes after it from its account.
    assert_eq!(mine(&mut chain).ids, [1, 2, 5]);
    assert_eq!(mine(&mut chain).ids, [3, 4]);
}

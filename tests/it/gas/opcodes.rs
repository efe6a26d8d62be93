//! Groups of single transactions, computed by hand from the EIPs and the yellow paper.

use taskstorm::{
    chain::Receipt,
    gas::GasGroup::{self, *},
    hardfork::Hardfork,
};

use super::support::{Lab, NOBODY, breakdown, push};

/// Exactly these groups, and nothing in the others; the intrinsic 21,000 is understood.
#[track_caller]
fn assert_spent(receipt: &Receipt, expected: &[(GasGroup, i64)]) {
    let found: Vec<_> = breakdown(receipt)
        .iter()
        .filter(|(group, gas)| *gas != 0 && *group != Intrinsic)
        .collect();
    assert_eq!(found, expected);
    assert_eq!(breakdown(receipt).of(Intrinsic), 21_000);
}

fn lab() -> Lab {
    Lab::new(Hardfork::Prague, true)
}

#[test]
fn a_transfer_costs_what_every_transaction_does() {
    let receipt = lab().send(Some(NOBODY), 1, &[], 21_000);
    assert_eq!(receipt.gas_used, 21_000);
    assert_spent(&receipt, &[]);
}

#[test]
fn calldata_has_a_floor_price_from_prague_on() {
    let input = [[1; 100].as_slice(), &[0; 20]].concat();
    // EIP-2028: 16 for a byte, 4 for a zero. EIP-7623: at least 40 and 10.
    let (price, floor) = (100 * 16 + 20 * 4, 100 * 40 + 20 * 10);
    for (hardfork, expected) in [
        (Hardfork::Cancun, vec![(Calldata, price)]),
        (
            Hardfork::Prague,
            vec![(Calldata, price), (CalldataFloor, floor - price)],
        ),
    ] {
        let receipt = Lab::new(hardfork, true).send(Some(NOBODY), 0, &input, 50_000);
        assert_spent(&receipt, &expected);
    }
}

#[test]
fn storage_is_written_read_and_cleared() {
    let mut lab = lab();
    // Stores its first argument in slot 0: PUSH0, CALLDATALOAD, PUSH0, SSTORE.
    let store = lab.deploy(&[0x5f, 0x35, 0x5f, 0x55]);
    let mut one = [0; 32];
    one[31] = 1;
    let fresh = lab.send(Some(store), 0, &one, 100_000);
    // EIP-2929: 2,100 for a slot that was not touched, and EIP-2200's 20,000 for one that was empty.
    assert_spent(
        &fresh,
        &[
            (Calldata, 31 * 4 + 16),
            (StorageWrites, 22_100),
            (Rest, 2 + 3 + 2),
        ],
    );
    // EIP-3529: 4,800 come back.
    let cleared = lab.send(Some(store), 0, &[], 100_000);
    assert_spent(&cleared, &[(StorageWrites, 5_000), (Rest, 7), (Refunds, -4_800)]);
    // A slot that is read twice, cold and warm: PUSH0, SLOAD, PUSH0, SLOAD.
    let read = lab.run(&[0x5f, 0x54, 0x5f, 0x54]);
    assert_spent(&read, &[(StorageReads, 2_100 + 100), (Rest, 4)]);
}

#[test]
fn refunds_are_capped_at_a_fifth() {
    let mut lab = lab();
    // Writes 1 to slots 0, 1, 2 the first time and clears them the second: the value is CALLVALUE.
    let code = [0x34, 0x5f, 0x55, 0x34, 0x60, 1, 0x55, 0x34, 0x60, 2, 0x55];
    let program = lab.deploy(&code);
    lab.send(Some(program), 1, &[], 200_000);
    let receipt = lab.send(Some(program), 0, &[], 200_000);
    let rest = 3 * 2 + 2 + 2 * 3;
    let spent = 21_000 + 3 * 5_000 + rest;
    assert_spent(
        &receipt,
        &[(StorageWrites, 15_000), (Rest, rest), (Refunds, -(spent / 5))],
    );
}

#[test]
fn logs_hashes_and_memory() {
    // PUSH1 32, PUSH0, LOG0: 375 and 8 a byte, and a word of memory.
    let log = lab().run(&[0x60, 32, 0x5f, 0xa0]);
    assert_spent(&log, &[(Logs, 375 + 8 * 32), (Memory, 3), (Rest, 5)]);
    // PUSH1 64, PUSH0, KECCAK256: 30 and 6 a word.
    let hash = lab().run(&[0x60, 64, 0x5f, 0x20]);
    assert_spent(&hash, &[(Hashing, 30 + 2 * 6), (Memory, 6), (Rest, 5)]);
}

#[test]
fn a_call_is_charged_without_what_it_passes_on_and_less_the_stipend() {
    let mut lab = lab();
    // The callee logs 32 bytes.
    let callee = lab.deploy(&[0x60, 32, 0x5f, 0xa0]);
    // PUSH0 ×4, PUSH1 1 (value), PUSH20, PUSH2 50,000 (gas), CALL.
    let caller = [
        &[0x5f, 0x5f, 0x5f, 0x5f, 0x60, 1][..],
        &push(callee),
        &[0x61, 0xc3, 0x50, 0xf1],
    ]
    .concat();
    let caller = lab.deploy(&caller);
    let receipt = lab.send(Some(caller), 1, &[], 200_000);
    assert!(receipt.success && receipt.logs.len() == 1);
    assert_spent(
        &receipt,
        &[
            (Logs, 375 + 8 * 32),
            // A cold account and a value, of which the callee was given 2,300.
            (Calls, 2_600 + 9_000 - 2_300),
            (Memory, 3),
            (Rest, 4 * 2 + 3 * 3 + 5),
        ],
    );
}

#[test]
fn a_callee_that_halts_loses_what_it_was_given() {
    let mut lab = lab();
    let callee = lab.deploy(&[0x5f, 0xfe]);
    // PUSH0 ×5, PUSH20, PUSH2 5,000, CALL.
    let caller = [&[0x5f; 5][..], &push(callee), &[0x61, 0x13, 0x88, 0xf1]].concat();
    let receipt = lab.run(&caller);
    assert!(receipt.success);
    let rest = 5 * 2 + 2 * 3;
    assert_spent(&receipt, &[(Calls, 2_600), (Rest, rest + 2), (Halted, 5_000 - 2)]);
}

#[test]
fn a_transaction_that_runs_out_of_gas_loses_the_rest() {
    let mut lab = lab();
    // Stores in a fresh slot, which 2,000 gas do not pay.
    let program = lab.deploy(&[0x60, 1, 0x5f, 0x55]);
    let receipt = lab.send(Some(program), 0, &[], 23_000);
    assert!(!receipt.success);
    assert_eq!(receipt.gas_used, 23_000);
    assert_spent(&receipt, &[(Rest, 5), (Halted, 1_995)]);
}

#[test]
fn a_revert_keeps_what_was_done_until_then() {
    // PUSH1 1, PUSH0, SSTORE, PUSH0, PUSH0, REVERT.
    let receipt = lab().run(&[0x60, 1, 0x5f, 0x55, 0x5f, 0x5f, 0xfd]);
    assert!(!receipt.success);
    assert_spent(&receipt, &[(StorageWrites, 22_100), (Rest, 5 + 4)]);
}

#[test]
fn precompiles_are_hashing_if_they_hash() {
    // PUSH0 ×4, PUSH1 precompile, PUSH2 5,000, STATICCALL of nothing: 60 and 15 gas, and 100 for a warm account.
    let call = |precompile| lab().run(&[0x5f, 0x5f, 0x5f, 0x5f, 0x60, precompile, 0x61, 0x13, 0x88, 0xfa]);
    let rest = 4 * 2 + 2 * 3;
    assert_spent(&call(2), &[(Hashing, 60), (Calls, 100), (Rest, rest)]);
    assert_spent(&call(4), &[(Calls, 100 + 15), (Rest, rest)]);
}

#[test]
fn a_creation_pays_for_its_code() {
    // Init code that returns 10 empty bytes: PUSH1 10, PUSH0, RETURN; kept as a word, whose last 4 bytes it is.
    let code = [
        0x63, 0x60, 10, 0x5f, 0xf3, 0x5f, 0x52, 0x60, 4, 0x60, 28, 0x5f, 0xf0,
    ];
    let receipt = lab().run(&code);
    assert_spent(
        &receipt,
        &[
            // 32,000, a word of init code (EIP-3860), and 200 a byte.
            (Creates, 32_000 + 2 + 10 * 200),
            (Memory, 3 + 3),
            (Rest, 3 + 2 + 3 + 3 + 3 + 2 + 5),
        ],
    );
}

//! Whatever is recorded, the books balance.

use proptest::{collection::vec, option, prelude::*, sample::select};
use taskstorm::{
    protocol::{Phase, REFERENCE},
    record::{Record, TaskOutcome, TaskRecord, TransactionCounts, TxOutcome, TxRecord},
    time::Micros,
};

use super::sample::{block, facts, good_run, ms, result, task, transaction, trouble, violation};

fn outcome() -> impl Strategy<Value = TxOutcome> {
    let reason = (0..80_u32).prop_map(|number| format!("reason {number}"));
    prop_oneof![
        4 => Just(TxOutcome::Included),
        1 => reason.clone().prop_map(TxOutcome::Reverted),
        1 => reason.clone().prop_map(TxOutcome::Refused),
        1 => reason.prop_map(TxOutcome::Lost),
    ]
}

fn any_transaction() -> impl Strategy<Value = TxRecord> {
    let moment = || (0..1_u64 << 40).prop_map(Micros);
    let functions = select(REFERENCE.functions);
    (
        functions,
        outcome(),
        moment(),
        option::of(moment()),
        moment(),
        0..1_u64 << 40,
        0..4_u32,
        any::<bool>(),
    )
        .prop_map(
            |(function, outcome, intended, sent, included, gas, attempts, under_load)| {
                let in_block = matches!(outcome, TxOutcome::Included | TxOutcome::Reverted(_));
                TxRecord {
                    sent,
                    attempts,
                    phase: if under_load {
                        function.phase_under_load()
                    } else {
                        function.phase()
                    },
                    included: in_block.then_some(included),
                    gas_used: in_block.then_some(gas),
                    outcome,
                    ..transaction(0, function, intended, 0)
                }
            },
        )
}

fn any_task() -> impl Strategy<Value = TaskRecord> {
    let outcome = prop_oneof![
        Just(TaskOutcome::Ended),
        (0..80_u32).prop_map(|number| TaskOutcome::Failed(format!("reason {number}"))),
        Just(TaskOutcome::Unfinished),
    ];
    (outcome, select(REFERENCE.task_phases), 0..1_u64 << 40).prop_map(|(outcome, phase, intended)| {
        TaskRecord {
            outcome,
            ended_as: None,
            key_text: None,
            phase,
            ..task(0, Micros(intended), 500)
        }
    })
}

fn any_record() -> impl Strategy<Value = Record> {
    prop_oneof![
        6 => any_transaction().prop_map(Record::Transaction),
        2 => any_task().prop_map(Record::Task),
        1 => (0..1000_u64).prop_map(|number| Record::Block(block(number))),
        1 => Just(Record::Violation(violation())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn books_balance_for_any_stream_of_records(records in vec(any_record(), 0..300)) {
        let (result, _) = result(&records, facts());
        prop_assert_eq!(result.check_consistency(), Ok(()));

        let transactions: Vec<&TxRecord> = records.iter().filter_map(|record| match record {
            Record::Transaction(transaction) => Some(transaction),
            _ => None,
        }).collect();
        prop_assert_eq!(result.transactions.total, transactions.len() as u64);
        let gas: u64 = transactions.iter().filter_map(|transaction| transaction.gas_used).sum();
        prop_assert_eq!(result.gas_total(), gas);
        for phase in REFERENCE.phases.iter().copied() {
            let of_phase = || transactions.iter().filter(|transaction| transaction.phase == phase);
            let gas: Vec<u64> = of_phase().filter_map(|transaction| transaction.gas_used).collect();
            let phase = &result.phases[&phase];
            prop_assert_eq!(phase.transactions.total, of_phase().count() as u64);
            prop_assert_eq!(phase.gas_total, gas.iter().sum::<u64>());
            prop_assert_eq!(phase.gas_used.map(|stats| stats.min), gas.iter().min().copied());
            prop_assert_eq!(phase.gas_used.map(|stats| stats.max), gas.iter().max().copied());
        }
        let tasks = records.iter().filter(|record| matches!(record, Record::Task(_))).count();
        prop_assert_eq!(result.tasks.submitted, tasks as u64);
        let violated = records.iter().filter(|record| matches!(record, Record::Violation(_))).count();
        prop_assert_eq!(result.invariants.violated, violated as u64);
        prop_assert_eq!(result.invariants.violations.len(), violated.min(100));
    }
}

#[test]
fn books_that_do_not_balance_say_where() {
    let mut records = good_run(3);
    records.extend(trouble());
    let (good, _) = result(&records, facts());
    good.check_consistency().unwrap();

    let mut bad = good.clone();
    bad.tasks.ended += 1;
    assert_eq!(
        bad.check_consistency().unwrap_err(),
        "tasks submitted: 5 in total, but the parts add up to 6"
    );
    let mut bad = good.clone();
    bad.transactions.lost += 1;
    assert!(
        bad.check_consistency()
            .unwrap_err()
            .starts_with("transactions: 54 in total")
    );
    let mut bad = good.clone();
    bad.phases.get_mut(&Phase::ACK).unwrap().gas_total += 1;
    assert!(bad.check_consistency().unwrap_err().starts_with("ack gas: "));
    let mut bad = good;
    bad.phases.get_mut(&Phase::ACK).unwrap().transactions = TransactionCounts::default();
    assert!(bad.check_consistency().unwrap_err().starts_with("ack reverted: "));
}

#[test]
fn rates_are_over_the_load_window_and_leave_setup_out() {
    let (result, _) = result(&good_run(10), facts());
    // The last task is meant for 11.5 s and takes 5 steps of 509 ms; the last inclusion, of its third ack, comes 900 +
    // 9 × 37 ms after the intended moment. The load starts at 2.5 s.
    assert_eq!(result.load.last_end_us, Some(ms(14_045)));
    assert_eq!(result.load.last_inclusion_us, Some(ms(12_733)));
    assert_eq!(
        result.rates.tasks_per_s,
        Some((10_000.0_f64 / 11_545.0 * 1e3).round() / 1e3)
    );
    assert_eq!(
        result.rates.transactions_per_s,
        Some((110_000.0_f64 / 10_233.0 * 1e3).round() / 1e3)
    );
    assert_eq!(result.generator.lateness_us.unwrap().count, 110);
}

#[test]
fn reverted_transactions_count_in_times_and_gas_and_apart() {
    let (result, _) = result(&trouble(), facts());
    let ack = &result.phases[&Phase::ACK];
    assert_eq!(
        (
            ack.transactions.total,
            ack.transactions.in_blocks(),
            ack.transactions.failed()
        ),
        (16, 3, 16)
    );
    assert_eq!(ack.transactions.resent, 3);
    assert_eq!(ack.response_us.unwrap().count, 3);
    assert_eq!(ack.response_us.unwrap().max, 1_200_000);
    assert_eq!(ack.service_us.unwrap().max, 1_199_000);
    assert_eq!((ack.gas_total, ack.gas_reverted), (162_003, 162_003));
}

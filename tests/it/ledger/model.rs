//! The model finds what contracts must not do, in whole transactions, and accuses correct ones of nothing.

use std::collections::BTreeSet;

use alloy::primitives::{Address, U256, keccak256};
use taskstorm::{
    protocol::{
        Call, Event, InBlock, Invariant, Model, NewSession, OwnTransaction, Rules, TaskView, WindowSeconds,
    },
    time::Micros,
};

use super::history::{miner, result, task};
use taskstorm::protocol::TaskKey;

const START: u64 = 1_000;
const PRICE: u64 = 7;
const DATA: &str = "payload";

const fn key() -> TaskKey {
    task(0, 0)
}

fn owner() -> Address {
    miner(99)
}

fn oracle() -> Address {
    miner(50)
}

/// A transaction: seconds after [`START`], sender, call, why it reverted, events.
type Tx = (u64, Address, Call, Option<&'static str>, Vec<Event>);

fn ok(at: u64, from: Address, call: Call, events: Vec<Event>) -> Tx {
    (at, from, call, None, events)
}

fn terms() -> NewSession {
    NewSession {
        name: String::new(),
        min_nodes: 2,
        max_nodes: 3,
        redundancy: 2,
        mode: 0,
        reserve: false,
    }
}

fn queued(task: u64, miners: &[Address]) -> Vec<Event> {
    let key = TaskKey { session: 0, task };
    vec![
        Event::TaskQueued {
            key,
            global_id: task,
            data: keccak256(DATA),
        },
        Event::TaskAssigned {
            key,
            miners: miners.to_vec(),
        },
    ]
}

fn submit() -> Call {
    Call::Submit {
        session: 0,
        data: DATA.to_owned(),
    }
}

fn precommit(miner: Address) -> Call {
    Call::precommit(key(), miner, result(miner))
}

fn commit(miner: Address) -> Call {
    Call::Commit {
        key: key(),
        data: result(miner),
    }
}

/// A whole correct run of one task of two of three miners.
fn correct() -> Vec<Tx> {
    let (a, b, c) = (miner(1), miner(2), miner(3));
    let key = key();
    let register = |miner: Address| {
        let node = keccak256(miner);
        ok(
            0,
            miner,
            Call::Register,
            vec![Event::MinerRegistered { miner, node }],
        )
    };
    let amount = U256::from(100);
    let miners = || vec![a, b];
    vec![
        register(a),
        register(b),
        register(c),
        ok(
            1,
            owner(),
            Call::Create(terms()),
            vec![Event::SessionCreated {
                session: 0,
                owner: owner(),
                miners: vec![a, b, c],
            }],
        ),
        ok(
            2,
            owner(),
            Call::Deposit { session: 0, amount },
            vec![Event::Deposited {
                session: 0,
                from: owner(),
                amount,
            }],
        ),
        ok(3, owner(), submit(), queued(0, &[a, b])),
        ok(4, a, Call::Ack(key), vec![Event::TaskAcked { key, miner: a }]),
        ok(5, b, Call::Ack(key), vec![Event::TaskAcked { key, miner: b }]),
        ok(
            6,
            a,
            precommit(a),
            vec![Event::TaskPrecommitted { key, miner: a }],
        ),
        ok(
            7,
            b,
            precommit(b),
            vec![
                Event::TaskPrecommitted { key, miner: b },
                Event::TaskAllPrecommitted {
                    key,
                    miners: miners(),
                },
                Event::TaskPrecommitEnded { key },
            ],
        ),
        ok(8, a, commit(a), vec![Event::TaskCommitted { key, miner: a }]),
        ok(
            9,
            b,
            commit(b),
            vec![
                Event::TaskCommitted { key, miner: b },
                Event::TaskAllCommitted {
                    key,
                    miners: miners(),
                },
                Event::TaskCommitEnded { key },
            ],
        ),
        ok(
            10,
            oracle(),
            Call::End { key, force: false },
            vec![Event::TaskEnded {
                key,
                miners: miners(),
            }],
        ),
    ]
}

/// How many transactions of [`correct`] come before a step.
const SUBMIT: usize = 5;
const ACK: usize = 6;
const SECOND_ACK: usize = 7;
const PRECOMMIT: usize = 8;
const COMMIT: usize = 10;
const END: usize = 12;

fn entered(transactions: &[Tx]) -> Model {
    let mut model = Model::new(Rules {
        windows: WindowSeconds {
            ack: 10,
            precommit: 20,
            commit: 30,
        },
        price: U256::from(PRICE),
        deployer: Address::ZERO,
        oracles: BTreeSet::from([oracle()]),
        in_order: true,
    });
    for (at, from, call, reverted, events) in transactions {
        let own = OwnTransaction {
            from: *from,
            call,
            submission: None,
            reverted: *reverted,
        };
        model.enter(&InBlock {
            seen: Micros::ZERO,
            number: 0,
            timestamp: START + at,
            own: Some(own),
            events,
        });
    }
    model
}

fn found(model: &mut Model) -> BTreeSet<Invariant> {
    let violations = model.take_violations();
    violations.iter().map(|violation| violation.invariant).collect()
}

#[test]
fn correct_transactions_are_accused_of_nothing() {
    for length in 0..=correct().len() {
        let mut model = entered(&correct()[..length]);
        assert_eq!(found(&mut model), BTreeSet::new(), "after {length} transactions");
    }
}

#[test]
fn every_wrong_transaction_breaks_its_invariant() {
    let (a, c, key) = (miner(1), miner(3), key());
    let force = Call::End { key, force: true };
    let ended = |miners: &[Address]| {
        let miners = miners.to_vec();
        vec![Event::TaskEnded { key, miners }]
    };
    let cases: Vec<(&str, usize, Tx, Invariant)> = vec![
        (
            "no event",
            ACK,
            ok(4, a, Call::Ack(key), vec![]),
            Invariant::EVENTS,
        ),
        (
            "another's event",
            ACK,
            ok(4, a, Call::Ack(key), vec![Event::TaskAcked { key, miner: c }]),
            Invariant::EVENTS,
        ),
        (
            "an event of another task",
            ACK,
            ok(
                4,
                a,
                Call::Ack(key),
                vec![Event::TaskAcked {
                    key: task(0, 1),
                    miner: a,
                }],
            ),
            Invariant::EVENTS,
        ),
        (
            "an event twice",
            ACK,
            ok(4, a, Call::Ack(key), vec![Event::TaskAcked { key, miner: a }; 2]),
            Invariant::EVENTS,
        ),
        (
            "an ack a second too late",
            ACK,
            ok(14, a, Call::Ack(key), vec![Event::TaskAcked { key, miner: a }]),
            Invariant::WINDOWS,
        ),
        (
            "an ack refused in its last second",
            ACK,
            (13, a, Call::Ack(key), Some("WindowClosed"), vec![]),
            Invariant::REFUSALS,
        ),
        (
            "an ack of a stranger",
            ACK,
            ok(4, c, Call::Ack(key), vec![Event::TaskAcked { key, miner: c }]),
            Invariant::ORDER,
        ),
        (
            "a phase closed at its deadline",
            SECOND_ACK,
            ok(13, oracle(), Call::EndAck(key), vec![]),
            Invariant::WINDOWS,
        ),
        (
            "a commit in the precommit phase",
            PRECOMMIT,
            ok(6, a, commit(a), vec![Event::TaskCommitted { key, miner: a }]),
            Invariant::HIDING,
        ),
        (
            "a forced end of a stranger",
            COMMIT,
            ok(100, c, force.clone(), ended(&[])),
            Invariant::AUTHORITY,
        ),
        (
            "a forced end before the last deadline",
            COMMIT,
            ok(37, oracle(), force, ended(&[])),
            Invariant::WINDOWS,
        ),
        (
            "an end without its miners",
            END,
            ok(10, oracle(), Call::End { key, force: false }, ended(&[a])),
            Invariant::EVENTS,
        ),
        (
            "too few miners",
            SUBMIT,
            ok(3, owner(), submit(), queued(0, &[a])),
            Invariant::ASSIGNMENT,
        ),
        (
            "a miner of another session",
            SUBMIT,
            ok(3, owner(), submit(), queued(0, &[a, miner(4)])),
            Invariant::ASSIGNMENT,
        ),
        (
            "a submission of a stranger",
            SUBMIT,
            ok(3, c, submit(), queued(0, &[a, miner(2)])),
            Invariant::AUTHORITY,
        ),
        (
            "a submission without a deposit",
            SUBMIT - 1,
            ok(3, owner(), submit(), queued(0, &[a, miner(2)])),
            Invariant::PAYMENT,
        ),
    ];
    for (name, before, transaction, invariant) in cases {
        let mut transactions = correct()[..before].to_vec();
        transactions.push(transaction);
        let broken = found(&mut entered(&transactions));
        assert!(broken.contains(&invariant), "{name}: {broken:?}");
    }
}

#[test]
fn miners_take_turns() {
    let (a, b) = (miner(1), miner(2));
    let mut transactions = correct()[..ACK].to_vec();
    transactions.push(ok(4, owner(), submit(), queued(1, &[a, b])));
    assert_eq!(
        found(&mut entered(&transactions)),
        BTreeSet::from([Invariant::ASSIGNMENT])
    );
}

#[test]
fn the_chain_must_say_what_the_events_came_to() {
    let [available, reserved] = [100 - 2 * PRICE, 0].map(U256::from);
    let wei = U256::from(1);
    let mut model = entered(&correct());
    model.check_balance(0, [available, reserved]);
    model.check_earnings(miner(1), U256::from(PRICE));
    model.check_earnings(miner(3), U256::ZERO);
    model.check_solvency(U256::from(100));
    assert_eq!(found(&mut model), BTreeSet::new());

    model.check_balance(0, [available, wei]);
    assert_eq!(found(&mut model), BTreeSet::from([Invariant::PAYMENT]));
    model.check_earnings(miner(3), wei);
    assert_eq!(found(&mut model), BTreeSet::from([Invariant::PAYMENT]));
    model.check_solvency(U256::from(99));
    assert_eq!(found(&mut model), BTreeSet::from([Invariant::SOLVENCY]));
    model.check_task(key(), &TaskView::Deadlines { phase: 1, last: 0 });
    assert_eq!(found(&mut model), BTreeSet::from([Invariant::STATE]));
}

#[test]
fn a_task_that_nobody_ends_breaks_liveness() {
    let mut model = entered(&correct()[..END]);
    model.check_liveness(START + 60, 0);
    assert_eq!(found(&mut model), BTreeSet::new());
    // What faults kept back for long has its windows from then on.
    model.check_liveness(START + 1_000, START + 990);
    assert_eq!(found(&mut model), BTreeSet::new());
    model.check_liveness(START + 1_000, 0);
    assert_eq!(found(&mut model), BTreeSet::from([Invariant::LIVENESS]));
}

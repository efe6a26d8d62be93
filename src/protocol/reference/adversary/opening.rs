//! Openings of sequences: miners that register, sessions that open and get their nodes and money.

use std::collections::VecDeque;

use alloy::primitives::{Address, U256};
use rand::{RngExt, rngs::ChaCha8Rng};

use super::{super::Call, accounts::Accounts};
use crate::protocol::NewSession;

/// Tasks that a session's first deposit is enough for, at most.
const TASKS: u64 = 4;

pub(super) fn draw(accounts: &Accounts, price: U256, rng: &mut ChaCha8Rng) -> VecDeque<(Address, Call)> {
    let miners = accounts.miners();
    let mut calls: VecDeque<(Address, Call)> = miners.iter().map(|miner| (*miner, Call::Register)).collect();
    let sessions = if rng.random_bool(0.7) { 1 } else { 2 };
    for session in 0..sessions {
        let owner = accounts.owners()[rng.random_range(0..accounts.owners().len())];
        let terms = terms(miners.len() as u64, rng);
        let (mode, redundancy) = (terms.mode, terms.redundancy);
        calls.push_back((owner, Call::Create(terms)));
        if mode > 0 {
            let dedicated = rng.random_range(1..=miners.len().min(3));
            for node in miners.iter().rev().take(dedicated) {
                calls.push_back((*node, Call::AllowDedication { owner }));
                calls.push_back((owner, Call::AddDedicatedNode { session, node: *node }));
            }
        }
        // Sessions to be opened later than at deployment cost something even where tasks are free.
        if !price.is_zero() || rng.random_ratio(1, 5) {
            let tasks = rng.random_range(1..=TASKS);
            let cost = price.saturating_mul(U256::from(redundancy * tasks));
            let amount = cost + U256::from(rng.random_range(0..2_u64));
            calls.push_back((
                owner,
                Call::Deposit {
                    session,
                    amount: amount.max(U256::from(1)),
                },
            ));
        }
    }
    calls
}

/// Terms of a session of at most so many miners.
pub(super) fn terms(miners: u64, rng: &mut ChaCha8Rng) -> NewSession {
    let max_nodes = if rng.random_bool(0.7) {
        miners
    } else {
        rng.random_range(1..=miners + 1)
    };
    // Nine are more than a task's state has hints for.
    let redundancy = if miners > 8 {
        rng.random_range(max_nodes.min(7)..=max_nodes)
    } else {
        rng.random_range(1..=max_nodes)
    };
    NewSession {
        name: "hunt".to_owned(),
        min_nodes: rng.random_range(1..=max_nodes),
        max_nodes,
        redundancy,
        mode: if rng.random_bool(0.6) {
            0
        } else {
            rng.random_range(1..=2)
        },
        reserve: rng.random_bool(0.4),
    }
}

//! Actions that the actors may try.

use alloy::primitives::{Address, B256, U256};
use proptest::prelude::*;

use super::{
    super::{
        bindings::{SessionQueueV2 as Queue, SessionV2 as Session},
        world::{Contract, Id, Sent, World, account, miner, result_hash},
    },
    MINERS, SESSIONS,
};

/// An attempt. Sessions and tasks may not exist, miners may not be assigned: the model knows what follows.
#[derive(Clone, Debug)]
pub(super) enum Action {
    Wait(u64),
    /// What an honest actor would do next for one of the session's tasks; `choice` picks among the possible steps.
    Step {
        session: u64,
        task: u64,
        choice: usize,
    },
    Submit {
        session: u64,
        by_owner: bool,
    },
    Ack {
        session: u64,
        task: u64,
        miner: usize,
    },
    Precommit {
        session: u64,
        task: u64,
        miner: usize,
        hash: Hash,
    },
    Commit {
        session: u64,
        task: u64,
        miner: usize,
        honest: bool,
    },
    EndAck {
        session: u64,
        task: u64,
    },
    EndPrecommit {
        session: u64,
        task: u64,
    },
    EndCommit {
        session: u64,
        task: u64,
    },
    End {
        session: u64,
        task: u64,
        force: bool,
        by_oracle: bool,
    },
    Deposit {
        session: u64,
        amount: u128,
    },
    Withdraw {
        session: u64,
        amount: u128,
        by_owner: bool,
    },
    WithdrawEarnings {
        miner: usize,
    },
    SetPrice(u128),
    SetWindows([u64; 3]),
}

/// What a miner precommits.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hash {
    /// The hash of its own result.
    Own,
    /// A hash copied from the next miner, which must be useless to it.
    Copied,
    Zero,
}

/// The result that a miner works out: of 0 to 99 bytes, so that some fit into one slot and some do not.
pub(super) fn result(session: u64, task: u64, miner: Address) -> String {
    format!("{miner}{session}{task}").repeat(3)[..usize::from(miner[19]) % 100].to_owned()
}

impl Action {
    pub(super) fn hash(session: u64, task: u64, node: usize, hash: Hash) -> B256 {
        let id = (U256::from(session), U256::from(task));
        let own = |node| result_hash(id, miner(node), &result(session, task, miner(node)));
        match hash {
            Hash::Own => own(node),
            Hash::Copied => own((node + 1) % MINERS),
            Hash::Zero => B256::ZERO,
        }
    }

    pub(super) fn data(session: u64, task: u64, node: usize, honest: bool) -> String {
        let data = result(session, task, miner(node));
        if honest { data } else { data + "!" }
    }

    pub(super) fn send(&self, world: &mut World) -> Sent {
        let id = |session: u64, task: u64| -> Id { (U256::from(session), U256::from(task)) };
        let person = |world: &World, by_owner: bool| {
            if by_owner {
                world.owner
            } else {
                account("stranger")
            }
        };
        match *self {
            Self::Wait(_) | Self::Step { .. } => unreachable!("no transaction"),
            Self::Submit { session, by_owner } => {
                let call = Queue::submitTaskCall {
                    sessionId: U256::from(session),
                    taskData: "work".into(),
                };
                world.queue(person(world, by_owner), call)
            }
            Self::Ack {
                session,
                task,
                miner: node,
            } => world.ack(id(session, task), miner(node)),
            Self::Precommit {
                session,
                task,
                miner: node,
                hash,
            } => world.precommit_hash(
                id(session, task),
                miner(node),
                Self::hash(session, task, node, hash),
            ),
            Self::Commit {
                session,
                task,
                miner: node,
                honest,
            } => world.commit(
                id(session, task),
                miner(node),
                &Self::data(session, task, node, honest),
            ),
            Self::EndAck { session, task } => world.end_ack(id(session, task)),
            Self::EndPrecommit { session, task } => world.end_precommit(id(session, task)),
            Self::EndCommit { session, task } => world.end_commit(id(session, task)),
            Self::End {
                session,
                task,
                force,
                by_oracle,
            } => {
                let (session, task) = id(session, task);
                let call = Queue::endCall {
                    sessionId: session,
                    taskId: task,
                    forceEnd: force,
                };
                world.queue(
                    if by_oracle {
                        world.oracle
                    } else {
                        account("anyone")
                    },
                    call,
                )
            }
            Self::Deposit { session, amount } => world.deposit(world.owner, U256::from(session), amount),
            Self::Withdraw {
                session,
                amount,
                by_owner,
            } => {
                let (session, amount) = (U256::from(session), U256::from(amount));
                let call = Session::withdrawFromSessionCall {
                    sessionId: session,
                    amount,
                };
                world.session(person(world, by_owner), call)
            }
            Self::WithdrawEarnings { miner: node } => {
                world.session(miner(node), Session::withdrawEarningsCall {})
            }
            Self::SetPrice(price) => world.queue(
                world.deployer,
                Queue::setPriceCall {
                    price: U256::from(price),
                },
            ),
            Self::SetWindows(windows) => {
                let [ack, precommit, commit] = windows.map(U256::from);
                let call = Queue::setWindowsCall {
                    ackWindow: ack,
                    precommitWindow: precommit,
                    commitWindow: commit,
                };
                let Sent { outcome, .. } = world.queue(world.deployer, call);
                Sent {
                    contract: Contract::SessionQueueV2,
                    outcome,
                }
            }
        }
    }
}

/// Mostly what honest actors do, so that many tasks get to their end, mixed with anything at any time.
pub(super) fn action() -> impl Strategy<Value = Action> {
    let task = || (0..SESSIONS, 0..3_u64);
    let work = move || (task(), 0..MINERS);
    let hash = prop_oneof![8 => Just(Hash::Own), 1 => Just(Hash::Copied), 1 => Just(Hash::Zero)];
    prop_oneof![
        6 => (0..8_u64).prop_map(Action::Wait),
        2 => (8..200_u64).prop_map(Action::Wait),
        50 => (0..SESSIONS, 0..8_u64, 0..100_usize)
            .prop_map(|(session, task, choice)| Action::Step { session, task, choice }),
        8 => (0..SESSIONS + 1, prop::bool::weighted(0.9))
            .prop_map(|(session, by_owner)| Action::Submit { session, by_owner }),
        4 => work().prop_map(|((session, task), miner)| Action::Ack { session, task, miner }),
        4 => (work(), hash)
            .prop_map(|(((session, task), miner), hash)| Action::Precommit { session, task, miner, hash }),
        4 => (work(), prop::bool::weighted(0.8))
            .prop_map(|(((session, task), miner), honest)| Action::Commit { session, task, miner, honest }),
        3 => task().prop_map(|(session, task)| Action::EndAck { session, task }),
        3 => task().prop_map(|(session, task)| Action::EndPrecommit { session, task }),
        3 => task().prop_map(|(session, task)| Action::EndCommit { session, task }),
        3 => (task(), any::<bool>(), any::<bool>())
            .prop_map(|((session, task), force, by_oracle)| Action::End { session, task, force, by_oracle }),
        4 => (0..SESSIONS, 0..900_u128).prop_map(|(session, amount)| Action::Deposit { session, amount }),
        1 => (0..SESSIONS, 0..300_u128, any::<bool>())
            .prop_map(|(session, amount, by_owner)| Action::Withdraw { session, amount, by_owner }),
        2 => (0..MINERS).prop_map(|miner| Action::WithdrawEarnings { miner }),
        1 => (0..50_u128).prop_map(Action::SetPrice),
        1 => [0..60_u64, 1..200, 1..100].prop_map(Action::SetWindows),
    ]
}

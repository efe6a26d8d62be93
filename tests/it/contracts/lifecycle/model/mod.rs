//! The protocol once more, in Rust: what each attempt must lead to.

use std::collections::BTreeMap;

use alloy::{
    primitives::{Address, B256, U256},
    sol_types::{SolError, SolEvent},
};

use super::{
    super::{
        bindings::{SessionQueueV2 as Queue, SessionV2 as Session},
        world::{ACK, COMMIT, PRECOMMIT, account, miner},
    },
    MINERS,
    actions::{Action, Hash},
};

mod tasks;

pub(in crate::contracts::lifecycle) const ASSIGNED: u8 = 1;
pub(in crate::contracts::lifecycle) const ACKED: u8 = 2;
pub(in crate::contracts::lifecycle) const PRECOMMITTED: u8 = 3;
pub(in crate::contracts::lifecycle) const COMMITTED: u8 = 4;
pub(in crate::contracts::lifecycle) const ENDED: u8 = 5;

/// The events' topics in order, or the error's data.
pub(in crate::contracts::lifecycle) type Expectation = Result<Vec<B256>, Vec<u8>>;

#[derive(Debug)]
pub(in crate::contracts::lifecycle) struct Model {
    pub(in crate::contracts::lifecycle) now: u64,
    pub(in crate::contracts::lifecycle) sessions: Vec<SessionModel>,
    pub(in crate::contracts::lifecycle) tasks_submitted: u64,
    pub(in crate::contracts::lifecycle) deposited: u128,
    pub(in crate::contracts::lifecycle) withdrawn: u128,
    windows: [u64; 3],
    price: u128,
    earnings: BTreeMap<Address, u128>,
}

#[derive(Debug)]
pub(in crate::contracts::lifecycle) struct SessionModel {
    pub(in crate::contracts::lifecycle) available: u128,
    pub(in crate::contracts::lifecycle) reserved: u128,
    pub(in crate::contracts::lifecycle) tasks: Vec<TaskModel>,
    miners: Vec<Address>,
    redundant: usize,
}

#[derive(Clone, Debug)]
pub(in crate::contracts::lifecycle) struct TaskModel {
    pub(in crate::contracts::lifecycle) global_id: u64,
    pub(in crate::contracts::lifecycle) status: u8,
    pub(in crate::contracts::lifecycle) miners: Vec<MinerModel>,
    pub(in crate::contracts::lifecycle) ended_at: u64,
    deadline: u64,
    windows: [u64; 3],
    price: u128,
}

#[derive(Clone, Debug)]
pub(in crate::contracts::lifecycle) struct MinerModel {
    pub(in crate::contracts::lifecycle) address: Address,
    acked: bool,
    precommit: Option<B256>,
    result: Option<String>,
}

impl TaskModel {
    pub(in crate::contracts::lifecycle) fn results(&self) -> impl Iterator<Item = (Address, &str)> {
        self.miners
            .iter()
            .filter_map(|miner| Some((miner.address, miner.result.as_deref()?)))
    }

    fn count(&self, which: impl Fn(&MinerModel) -> bool) -> usize {
        self.miners.iter().filter(|miner| which(miner)).count()
    }

    fn acked(&self) -> usize {
        self.count(|miner| miner.acked)
    }

    fn precommitted(&self) -> usize {
        self.count(|miner| miner.precommit.is_some())
    }

    fn enter(&mut self, status: u8, deadline: u64) {
        (self.status, self.deadline) = (status, deadline);
    }

    fn last_deadline(&self) -> u64 {
        let [_, precommit, commit] = self.windows;
        match self.status {
            ASSIGNED if self.acked() > 0 => self.deadline + precommit + commit,
            ACKED if self.precommitted() > 0 => self.deadline + commit,
            COMMITTED => 0,
            _ => self.deadline,
        }
    }

    /// Begins the commit phase if nobody is waited for.
    fn try_end_precommit(&mut self, now: u64) -> Vec<B256> {
        if self.precommitted() < self.acked() {
            return vec![];
        }
        self.enter(PRECOMMITTED, now.min(self.deadline) + self.windows[2]);
        vec![
            Queue::TaskAllPrecommitted::SIGNATURE_HASH,
            Queue::TaskPrecommitEnded::SIGNATURE_HASH,
        ]
    }

    /// Closes the phases before the commit phase that are over by the clock. Refuses with the task's status if the
    /// commit phase has not begun then.
    fn end_overdue_phases(&mut self, now: u64) -> Result<Vec<B256>, u8> {
        let status = self.status;
        let mut events = vec![];
        if status != PRECOMMITTED && self.precommitted() == 0 {
            return Err(status);
        }
        if self.status == ASSIGNED && now > self.deadline {
            self.enter(ACKED, self.deadline + self.windows[1]);
            events.extend(self.try_end_precommit(now));
        }
        if self.status == ACKED && now > self.deadline {
            self.enter(PRECOMMITTED, self.deadline + self.windows[2]);
            events.push(Queue::TaskPrecommitEnded::SIGNATURE_HASH);
        }
        if self.status == PRECOMMITTED {
            Ok(events)
        } else {
            Err(status)
        }
    }

    fn end_with_nothing(&mut self) -> Vec<B256> {
        self.enter(COMMITTED, 0);
        vec![
            Queue::TaskPrecommitEnded::SIGNATURE_HASH,
            Queue::TaskCommitEnded::SIGNATURE_HASH,
        ]
    }
}

fn refuse<T>(error: impl SolError) -> Result<T, Vec<u8>> {
    Err(error.abi_encode())
}

impl Model {
    pub(in crate::contracts::lifecycle) fn new(now: u64) -> Self {
        Self {
            now,
            sessions: vec![],
            tasks_submitted: 0,
            deposited: 0,
            withdrawn: 0,
            windows: [ACK, PRECOMMIT, COMMIT],
            price: 0,
            earnings: BTreeMap::new(),
        }
    }

    pub(in crate::contracts::lifecycle) fn add_session(&mut self, miners: Vec<Address>, redundant: usize) {
        self.sessions.push(SessionModel {
            available: 0,
            reserved: 0,
            tasks: vec![],
            miners,
            redundant,
        });
    }

    pub(in crate::contracts::lifecycle) fn earnings(&self, miner: Address) -> u128 {
        self.earnings.get(&miner).copied().unwrap_or_default()
    }

    /// What the session contract must hold.
    pub(in crate::contracts::lifecycle) fn balance(&self) -> u128 {
        let sessions: u128 = self
            .sessions
            .iter()
            .map(|session| session.available + session.reserved)
            .sum();
        sessions + self.earnings.values().sum::<u128>()
    }

    /// What an honest actor can do next for a task of the session, if it has any.
    pub(in crate::contracts::lifecycle) fn next_step(
        &self,
        session: u64,
        task: u64,
        choice: usize,
    ) -> Option<Action> {
        let tasks = &self.sessions[session as usize].tasks;
        let task = task.checked_rem(tasks.len() as u64)?;
        let found = &tasks[task as usize];
        let overdue = self.now > found.deadline;
        let mut steps = vec![];
        for entry in &found.miners {
            let miner = (0..MINERS).find(|&index| miner(index) == entry.address)?;
            match found.status {
                ASSIGNED if !entry.acked && !overdue => steps.push(Action::Ack { session, task, miner }),
                ASSIGNED | ACKED if entry.acked && entry.precommit.is_none() => {
                    steps.push(Action::Precommit {
                        session,
                        task,
                        miner,
                        hash: Hash::Own,
                    });
                }
                PRECOMMITTED if entry.precommit.is_some() && entry.result.is_none() => {
                    steps.push(Action::Commit {
                        session,
                        task,
                        miner,
                        honest: true,
                    });
                }
                _ => {}
            }
        }
        match found.status {
            ASSIGNED if overdue => steps.push(Action::EndAck { session, task }),
            ACKED if overdue => steps.push(Action::EndPrecommit { session, task }),
            PRECOMMITTED if overdue => steps.push(Action::EndCommit { session, task }),
            COMMITTED => steps.push(Action::End {
                session,
                task,
                force: false,
                by_oracle: false,
            }),
            _ => {}
        }
        let chosen = choice.checked_rem(steps.len())?;
        Some(steps.swap_remove(chosen))
    }

    pub(in crate::contracts::lifecycle) fn apply(&mut self, action: &Action) -> Expectation {
        match *action {
            Action::Wait(_) | Action::Step { .. } => unreachable!("no transaction"),
            Action::Submit { session, by_owner } => self.submit(session, by_owner),
            Action::Ack {
                session,
                task,
                miner: node,
            } => self.ack(session, task, miner(node)),
            Action::Precommit {
                session,
                task,
                miner: node,
                hash,
            } => self.precommit(
                session,
                task,
                miner(node),
                Action::hash(session, task, node, hash),
            ),
            Action::Commit {
                session,
                task,
                miner: node,
                honest,
            } => self.commit(
                session,
                task,
                miner(node),
                Action::data(session, task, node, honest),
            ),
            Action::EndAck { session, task } => self.end_ack(session, task),
            Action::EndPrecommit { session, task } => self.end_precommit(session, task),
            Action::EndCommit { session, task } => {
                self.overdue(session, task, PRECOMMITTED)?.enter(COMMITTED, 0);
                Ok(vec![Queue::TaskCommitEnded::SIGNATURE_HASH])
            }
            Action::End {
                session,
                task,
                force,
                by_oracle,
            } => self.end(session, task, force, by_oracle),
            Action::Deposit { session, amount } => self.deposit(session, amount),
            Action::Withdraw {
                session,
                amount,
                by_owner,
            } => self.withdraw(session, amount, by_owner),
            Action::WithdrawEarnings { miner: node } => {
                let amount = self.earnings.remove(&miner(node)).unwrap_or_default();
                if amount == 0 {
                    return refuse(Session::NothingToWithdraw { miner: miner(node) });
                }
                self.withdrawn += amount;
                Ok(vec![Session::EarningsWithdrawn::SIGNATURE_HASH])
            }
            Action::SetPrice(price) => {
                self.price = price;
                Ok(vec![Queue::PriceChanged::SIGNATURE_HASH])
            }
            Action::SetWindows(windows) => {
                if windows.contains(&0) {
                    return refuse(Queue::InvalidWindow {
                        window: U256::ZERO,
                        limit: U256::from(65_534),
                    });
                }
                self.windows = windows;
                Ok(vec![Queue::WindowsChanged::SIGNATURE_HASH])
            }
        }
    }

    // ---- Money ----

    fn deposit(&mut self, session: u64, amount: u128) -> Expectation {
        if amount == 0 {
            return refuse(Session::ZeroAmount {});
        }
        self.sessions[session as usize].available += amount;
        self.deposited += amount;
        Ok(vec![Session::DepositToSession::SIGNATURE_HASH])
    }

    fn withdraw(&mut self, number: u64, amount: u128, by_owner: bool) -> Expectation {
        let session_id = U256::from(number);
        if !by_owner {
            return refuse(Session::NotSessionOwner {
                sessionId: session_id,
                caller: account("stranger"),
            });
        }
        if amount == 0 {
            return refuse(Session::ZeroAmount {});
        }
        let session = &mut self.sessions[number as usize];
        if session.available < amount {
            return refuse(Session::InsufficientDeposit {
                sessionId: session_id,
                available: U256::from(session.available),
                required: U256::from(amount),
            });
        }
        session.available -= amount;
        self.withdrawn += amount;
        Ok(vec![Session::WithdrawFromSession::SIGNATURE_HASH])
    }
}

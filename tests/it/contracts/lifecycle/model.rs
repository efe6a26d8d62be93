//! The protocol once more, in Rust: what each attempt must lead to.

use std::collections::BTreeMap;

use alloy::{
    primitives::{Address, B256, U256},
    sol_types::{SolError, SolEvent},
};

use super::{
    super::{
        bindings::{SessionQueueV2 as Queue, SessionV2 as Session},
        world::{ACK, COMMIT, PRECOMMIT, account, miner, result_hash},
    },
    actions::Action,
};

pub(super) const ASSIGNED: u8 = 1;
pub(super) const ACKED: u8 = 2;
pub(super) const PRECOMMITTED: u8 = 3;
pub(super) const COMMITTED: u8 = 4;
pub(super) const ENDED: u8 = 5;

/// The events' topics in order, or the error's data.
pub(super) type Expectation = Result<Vec<B256>, Vec<u8>>;

#[derive(Debug)]
pub(super) struct Model {
    pub(super) now: u64,
    pub(super) sessions: Vec<SessionModel>,
    pub(super) tasks_submitted: u64,
    pub(super) deposited: u128,
    pub(super) withdrawn: u128,
    windows: [u64; 3],
    price: u128,
    earnings: BTreeMap<Address, u128>,
}

#[derive(Debug)]
pub(super) struct SessionModel {
    pub(super) available: u128,
    pub(super) reserved: u128,
    pub(super) tasks: Vec<TaskModel>,
    miners: Vec<Address>,
    redundant: usize,
}

#[derive(Debug)]
pub(super) struct TaskModel {
    pub(super) global_id: u64,
    pub(super) status: u8,
    pub(super) miners: Vec<MinerModel>,
    pub(super) ended_at: u64,
    deadline: u64,
    windows: [u64; 3],
    price: u128,
}

#[derive(Debug)]
pub(super) struct MinerModel {
    pub(super) address: Address,
    acked: bool,
    precommit: Option<B256>,
    result: Option<String>,
}

impl TaskModel {
    pub(super) fn results(&self) -> impl Iterator<Item = (Address, &str)> {
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
        self.enter(PRECOMMITTED, now + self.windows[2]);
        vec![
            Queue::TaskAllPrecommitted::SIGNATURE_HASH,
            Queue::TaskPrecommitEnded::SIGNATURE_HASH,
        ]
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
    pub(super) fn new(now: u64) -> Self {
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

    pub(super) fn add_session(&mut self, miners: Vec<Address>, redundant: usize) {
        self.sessions.push(SessionModel {
            available: 0,
            reserved: 0,
            tasks: vec![],
            miners,
            redundant,
        });
    }

    pub(super) fn earnings(&self, miner: Address) -> u128 {
        self.earnings.get(&miner).copied().unwrap_or_default()
    }

    /// What the session contract must hold.
    pub(super) fn books(&self) -> u128 {
        let sessions: u128 = self
            .sessions
            .iter()
            .map(|session| session.available + session.reserved)
            .sum();
        sessions + self.earnings.values().sum::<u128>()
    }

    pub(super) fn apply(&mut self, action: &Action) -> Expectation {
        match *action {
            Action::Wait(_) => unreachable!("no transaction"),
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

    // ---- Tasks ----

    fn submit(&mut self, number: u64, by_owner: bool) -> Expectation {
        let session_id = U256::from(number);
        let Some(session) = self.sessions.get_mut(number as usize) else {
            return refuse(Session::SessionNotFound {
                sessionId: session_id,
            });
        };
        if !by_owner {
            return refuse(Session::NotSessionOwner {
                sessionId: session_id,
                caller: account("stranger"),
            });
        }
        let required = self.price * session.redundant as u128;
        if session.available < required {
            return refuse(Session::InsufficientDeposit {
                sessionId: session_id,
                available: U256::from(session.available),
                required: U256::from(required),
            });
        }
        session.available -= required;
        session.reserved += required;
        let first = session.tasks.len() * session.redundant;
        let turn = |place| session.miners[(first + place) % session.miners.len()];
        let fresh = |address| MinerModel {
            address,
            acked: false,
            precommit: None,
            result: None,
        };
        session.tasks.push(TaskModel {
            global_id: self.tasks_submitted,
            status: ASSIGNED,
            miners: (0..session.redundant).map(turn).map(fresh).collect(),
            ended_at: 0,
            deadline: self.now + self.windows[0],
            windows: self.windows,
            price: self.price,
        });
        self.tasks_submitted += 1;
        Ok(vec![
            Queue::TaskQueued::SIGNATURE_HASH,
            Queue::TaskAssigned::SIGNATURE_HASH,
        ])
    }

    fn ack(&mut self, session: u64, task: u64, miner: Address) -> Expectation {
        let now = self.now;
        let (session_id, task_id) = (U256::from(session), U256::from(task));
        let task = self.task(session, task)?;
        if task.status != ASSIGNED {
            return refuse(wrong_phase(session_id, task_id, task.status));
        }
        if now > task.deadline {
            return refuse(closed(session_id, task_id, task.deadline));
        }
        let Some(entry) = task.miners.iter_mut().find(|entry| entry.address == miner) else {
            return refuse(Queue::NotAssigned {
                sessionId: session_id,
                taskId: task_id,
                miner,
            });
        };
        if entry.acked {
            return refuse(Queue::AlreadyAcked {
                sessionId: session_id,
                taskId: task_id,
                miner,
            });
        }
        entry.acked = true;
        if task.acked() == task.miners.len() {
            task.enter(ACKED, now + task.windows[1]);
        }
        Ok(vec![Queue::TaskAcked::SIGNATURE_HASH])
    }

    fn precommit(&mut self, session: u64, task: u64, miner: Address, hash: B256) -> Expectation {
        let now = self.now;
        let (session_id, task_id) = (U256::from(session), U256::from(task));
        let task = self.task(session, task)?;
        if task.status != ASSIGNED && task.status != ACKED {
            return refuse(wrong_phase(session_id, task_id, task.status));
        }
        if task.status == ACKED && now > task.deadline {
            return refuse(closed(session_id, task_id, task.deadline));
        }
        let Some(entry) = task.miners.iter_mut().find(|entry| entry.address == miner) else {
            return refuse(Queue::NotAssigned {
                sessionId: session_id,
                taskId: task_id,
                miner,
            });
        };
        if !entry.acked {
            return refuse(Queue::NotAcked {
                sessionId: session_id,
                taskId: task_id,
                miner,
            });
        }
        if entry.precommit.is_some() {
            return refuse(Queue::AlreadyPrecommitted {
                sessionId: session_id,
                taskId: task_id,
                miner,
            });
        }
        if hash.is_zero() {
            return refuse(Queue::EmptyHash {
                sessionId: session_id,
                taskId: task_id,
                miner,
            });
        }
        entry.precommit = Some(hash);
        let mut events = vec![Queue::TaskPrecommitted::SIGNATURE_HASH];
        if task.status == ACKED {
            events.extend(task.try_end_precommit(now));
        }
        Ok(events)
    }

    fn commit(&mut self, session: u64, task: u64, miner: Address, data: String) -> Expectation {
        let now = self.now;
        let (session_id, task_id) = (U256::from(session), U256::from(task));
        let task = self.task(session, task)?;
        if task.status != PRECOMMITTED {
            return refuse(wrong_phase(session_id, task_id, task.status));
        }
        if now > task.deadline {
            return refuse(closed(session_id, task_id, task.deadline));
        }
        let Some(entry) = task.miners.iter_mut().find(|entry| entry.address == miner) else {
            return refuse(Queue::NotAssigned {
                sessionId: session_id,
                taskId: task_id,
                miner,
            });
        };
        let Some(precommitted) = entry.precommit else {
            return refuse(Queue::NotPrecommitted {
                sessionId: session_id,
                taskId: task_id,
                miner,
            });
        };
        if entry.result.is_some() {
            return refuse(Queue::AlreadyCommitted {
                sessionId: session_id,
                taskId: task_id,
                miner,
            });
        }
        let revealed = result_hash((session_id, task_id), miner, &data);
        if revealed != precommitted {
            let (session, task) = (session_id, task_id);
            return refuse(Queue::HashMismatch {
                sessionId: session,
                taskId: task,
                miner,
                precommitted,
                revealed,
            });
        }
        entry.result = Some(data);
        let mut events = vec![Queue::TaskCommitted::SIGNATURE_HASH];
        if task.results().count() == task.precommitted() {
            task.enter(COMMITTED, 0);
            events.extend([
                Queue::TaskAllCommitted::SIGNATURE_HASH,
                Queue::TaskCommitEnded::SIGNATURE_HASH,
            ]);
        }
        Ok(events)
    }

    fn end_ack(&mut self, session: u64, task: u64) -> Expectation {
        let now = self.now;
        let task = self.overdue(session, task, ASSIGNED)?;
        if task.acked() == 0 {
            return Ok(task.end_with_nothing());
        }
        task.enter(ACKED, now + task.windows[1]);
        Ok(task.try_end_precommit(now))
    }

    fn end_precommit(&mut self, session: u64, task: u64) -> Expectation {
        let now = self.now;
        let task = self.overdue(session, task, ACKED)?;
        if task.precommitted() == 0 {
            return Ok(task.end_with_nothing());
        }
        task.enter(PRECOMMITTED, now + task.windows[2]);
        Ok(vec![Queue::TaskPrecommitEnded::SIGNATURE_HASH])
    }

    fn end(&mut self, session: u64, task: u64, force: bool, by_oracle: bool) -> Expectation {
        let now = self.now;
        let (session_id, task_id) = (U256::from(session), U256::from(task));
        let task = self.task(session, task)?;
        if force && !by_oracle {
            return refuse(Queue::NotOracle {
                caller: account("anyone"),
            });
        }
        if task.status == ENDED || (!force && task.status != COMMITTED) {
            return refuse(wrong_phase(session_id, task_id, task.status));
        }
        if force && now <= task.last_deadline() {
            return refuse(open(session_id, task_id, task.last_deadline()));
        }
        (task.status, task.ended_at) = (ENDED, now);
        let (price, assigned) = (task.price, task.miners.len() as u128);
        let paid: Vec<_> = task.results().map(|(miner, _)| miner).collect();
        let session = &mut self.sessions[session as usize];
        session.reserved -= price * assigned;
        session.available += price * (assigned - paid.len() as u128);
        for miner in paid {
            *self.earnings.entry(miner).or_default() += price;
        }
        Ok(vec![Queue::TaskEnded::SIGNATURE_HASH])
    }

    fn task(&mut self, session: u64, task: u64) -> Result<&mut TaskModel, Vec<u8>> {
        let found = self
            .sessions
            .get_mut(session as usize)
            .and_then(|found| found.tasks.get_mut(task as usize));
        let error = Queue::TaskNotFound {
            sessionId: U256::from(session),
            taskId: U256::from(task),
        };
        found.ok_or_else(|| error.abi_encode())
    }

    fn overdue(&mut self, session: u64, task: u64, status: u8) -> Result<&mut TaskModel, Vec<u8>> {
        let now = self.now;
        let (session_id, task_id) = (U256::from(session), U256::from(task));
        let task = self.task(session, task)?;
        if task.status != status {
            return refuse(wrong_phase(session_id, task_id, task.status));
        }
        if now <= task.deadline {
            return refuse(open(session_id, task_id, task.deadline));
        }
        Ok(task)
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

fn wrong_phase(session: U256, task: U256, status: u8) -> Queue::WrongPhase {
    Queue::WrongPhase {
        sessionId: session,
        taskId: task,
        status,
    }
}

fn closed(session: U256, task: U256, deadline: u64) -> Queue::WindowClosed {
    Queue::WindowClosed {
        sessionId: session,
        taskId: task,
        deadline: U256::from(deadline),
    }
}

fn open(session: U256, task: U256, deadline: u64) -> Queue::WindowOpen {
    Queue::WindowOpen {
        sessionId: session,
        taskId: task,
        deadline: U256::from(deadline),
    }
}

//! Expected outcomes of each attempt on a task.

use alloy::{
    primitives::{Address, B256, U256},
    sol_types::{SolError, SolEvent},
};

use super::{
    ACKED, ASSIGNED, COMMITTED, ENDED, Expectation, MinerModel, Model, PRECOMMITTED, TaskModel, refuse,
};
use crate::contracts::{
    bindings::{SessionQueueV2 as Queue, SessionV2 as Session},
    world::{account, result_hash},
};

impl Model {
    pub(super) fn submit(&mut self, number: u64, by_owner: bool) -> Expectation {
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

    pub(super) fn ack(&mut self, session: u64, task: u64, miner: Address) -> Expectation {
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

    pub(super) fn precommit(&mut self, session: u64, task: u64, miner: Address, hash: B256) -> Expectation {
        let now = self.now;
        let (session_id, task_id) = (U256::from(session), U256::from(task));
        let task = self.task(session, task)?;
        if task.status != ASSIGNED && task.status != ACKED {
            return refuse(wrong_phase(session_id, task_id, task.status));
        }
        let latest = task.deadline
            + if task.status == ASSIGNED {
                task.windows[1]
            } else {
                0
            };
        if now > latest {
            return refuse(closed(session_id, task_id, latest));
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

    pub(super) fn commit(&mut self, session: u64, task: u64, miner: Address, data: String) -> Expectation {
        let before = self.task(session, task)?.clone();
        let expected = self.reveal(session, task, miner, data);
        if expected.is_err() {
            *self.task(session, task)? = before;
        }
        expected
    }

    fn reveal(&mut self, session: u64, task: u64, miner: Address, data: String) -> Expectation {
        let now = self.now;
        let (session_id, task_id) = (U256::from(session), U256::from(task));
        let task = self.task(session, task)?;
        let mut events = task
            .end_overdue_phases(now)
            .map_err(|status| wrong_phase(session_id, task_id, status).abi_encode())?;
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
        events.push(Queue::TaskCommitted::SIGNATURE_HASH);
        if task.results().count() == task.precommitted() {
            task.enter(COMMITTED, 0);
            events.extend([
                Queue::TaskAllCommitted::SIGNATURE_HASH,
                Queue::TaskCommitEnded::SIGNATURE_HASH,
            ]);
        }
        Ok(events)
    }

    pub(super) fn end_ack(&mut self, session: u64, task: u64) -> Expectation {
        let now = self.now;
        let task = self.overdue(session, task, ASSIGNED)?;
        if task.acked() == 0 {
            return Ok(task.end_with_nothing());
        }
        task.enter(ACKED, task.deadline + task.windows[1]);
        Ok(task.try_end_precommit(now))
    }

    pub(super) fn end_precommit(&mut self, session: u64, task: u64) -> Expectation {
        let task = self.overdue(session, task, ACKED)?;
        if task.precommitted() == 0 {
            return Ok(task.end_with_nothing());
        }
        task.enter(PRECOMMITTED, task.deadline + task.windows[2]);
        Ok(vec![Queue::TaskPrecommitEnded::SIGNATURE_HASH])
    }

    pub(super) fn end(&mut self, session: u64, task: u64, force: bool, by_oracle: bool) -> Expectation {
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

    pub(super) fn overdue(&mut self, session: u64, task: u64, status: u8) -> Result<&mut TaskModel, Vec<u8>> {
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

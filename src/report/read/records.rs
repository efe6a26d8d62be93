//! Rows of a run's tables → what was recorded.

use alloy::primitives::{Address, B256};

use super::rows::{BadCell, Cells, CsvRow};
use crate::{
    protocol::{ActorId, Function, Phase, Role, TaskKey, TaskPhase, being_read},
    record::{BlockRecord, TaskOutcome, TaskRecord, TxOutcome, TxRecord},
    text,
};

impl Cells<'_> {
    fn actor(&mut self) -> Result<ActorId, BadCell> {
        Ok(ActorId {
            role: self.one_of(being_read().roles, Role::name, "a role of the protocol")?,
            index: self.small()?,
        })
    }

    /// Session and task ids.
    fn task(&mut self) -> Result<(Option<u64>, Option<TaskKey>), BadCell> {
        let (session, task) = (self.maybe_number()?, self.maybe_number()?);
        let key = session.zip(task).map(|(session, task)| TaskKey { session, task });
        Ok((session, key))
    }
}

impl CsvRow for TxRecord {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "role",
        "actor_index",
        "from",
        "nonce",
        "hash",
        "function",
        "phase",
        "session_id",
        "task_id",
        "intended_us",
        "sent_us",
        "accepted_us",
        "included_us",
        "block_number",
        "block_timestamp",
        "gas_used",
        "effective_gas_price_wei",
        "attempts",
        "outcome",
        "reason",
    ];

    fn take(cells: &mut Cells<'_>) -> Result<Self, BadCell> {
        let id = cells.number()?;
        let actor = cells.actor()?;
        let from = cells.maybe_hex("an address")?;
        let from = Address::from(from.ok_or_else(|| cells.bad("an address"))?);
        let nonce = cells.maybe_number()?;
        let hash = cells.maybe_hex("a transaction's hash")?.map(B256::new);
        let function = cells.one_of(
            being_read().functions,
            Function::name,
            "a function of the contracts",
        )?;
        let phase = cells.one_of(being_read().phases, Phase::name, "a phase of transactions")?;
        let (session, task) = cells.task()?;
        Ok(Self {
            id,
            actor,
            from,
            nonce,
            hash,
            function,
            phase,
            session,
            task,
            intended: cells.moment()?,
            sent: cells.maybe_moment()?,
            accepted: cells.maybe_moment()?,
            included: cells.maybe_moment()?,
            block_number: cells.maybe_number()?,
            block_timestamp: cells.maybe_number()?,
            gas_used: cells.maybe_number()?,
            gas_breakdown: None,
            effective_gas_price: cells.maybe_number()?,
            attempts: cells.small()?,
            outcome: transaction_outcome(cells)?,
        })
    }
}

fn transaction_outcome(cells: &mut Cells<'_>) -> Result<TxOutcome, BadCell> {
    let kinds: [fn(String) -> TxOutcome; 4] = [
        |_| TxOutcome::Included,
        TxOutcome::Reverted,
        TxOutcome::Refused,
        TxOutcome::Lost,
    ];
    let name = |kind: fn(String) -> TxOutcome| kind(String::new()).name();
    let kind = cells.one_of(&kinds, name, "included, reverted, refused or lost")?;
    Ok(kind(reason(cells)))
}

impl CsvRow for TaskRecord {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "session_id",
        "task_id",
        "global_id",
        "role",
        "actor_index",
        "intended_us",
        "queued_us",
        "assigned_us",
        "first_ack_us",
        "last_ack_us",
        "precommit_ended_us",
        "first_commit_us",
        "last_commit_us",
        "commit_ended_us",
        "ended_us",
        "miners",
        "acks",
        "precommits",
        "commits",
        "phase",
        "outcome",
        "reason",
    ];

    fn take(cells: &mut Cells<'_>) -> Result<Self, BadCell> {
        let id = cells.number()?;
        let (_, key) = cells.task()?;
        Ok(Self {
            id,
            key,
            global_id: cells.maybe_number()?,
            owner: cells.actor()?,
            intended: cells.moment()?,
            queued: cells.maybe_moment()?,
            assigned: cells.maybe_moment()?,
            first_ack: cells.maybe_moment()?,
            last_ack: cells.maybe_moment()?,
            precommit_ended: cells.maybe_moment()?,
            first_commit: cells.maybe_moment()?,
            last_commit: cells.maybe_moment()?,
            commit_ended: cells.maybe_moment()?,
            ended: cells.maybe_moment()?,
            miners: cells.small()?,
            acks: cells.small()?,
            precommits: cells.small()?,
            commits: cells.small()?,
            phase: cells.one_of(being_read().task_phases, TaskPhase::name, "a phase of a task")?,
            outcome: task_outcome(cells)?,
        })
    }
}

fn task_outcome(cells: &mut Cells<'_>) -> Result<TaskOutcome, BadCell> {
    let kinds: [fn(String) -> TaskOutcome; 4] = [
        |_| TaskOutcome::Ended,
        TaskOutcome::Failed,
        |_| TaskOutcome::Unfinished,
        |_| TaskOutcome::Dropped,
    ];
    let name = |kind: fn(String) -> TaskOutcome| kind(String::new()).name();
    let kind = cells.one_of(&kinds, name, "ended, failed, unfinished or dropped")?;
    Ok(kind(reason(cells)))
}

/// A reason, as the journal wrote it.
fn reason(cells: &mut Cells<'_>) -> String {
    text::from_csv_cell(&cells.text()).to_owned()
}

impl CsvRow for BlockRecord {
    const COLUMNS: &'static [&'static str] = &[
        "number",
        "timestamp",
        "seen_us",
        "gas_used",
        "gas_limit",
        "base_fee_wei",
        "transactions",
    ];

    fn take(cells: &mut Cells<'_>) -> Result<Self, BadCell> {
        Ok(Self {
            number: cells.number()?,
            timestamp: cells.number()?,
            seen: cells.moment()?,
            gas_used: cells.number()?,
            gas_limit: cells.number()?,
            base_fee: cells.number()?,
            transactions: cells.small()?,
        })
    }
}

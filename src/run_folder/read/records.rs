//! Rows of a run's tables → what was recorded.

use alloy::primitives::{Address, B256, U256};

use super::rows::{BadCell, Cells, CsvRow};
use crate::{
    protocol::{
        ActorId, Behaviour, Function, Misdeed, Owed, Phase, ProtocolSchema, Role, TaskKey, TaskPhase,
    },
    record::{BlockRecord, TaskOutcome, TaskRecord, TxOutcome, TxRecord},
    text,
};

/// The names of columns.
pub(super) fn named(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|column| (*column).to_owned()).collect()
}

impl Cells<'_> {
    fn actor(&mut self) -> Result<ActorId, BadCell> {
        Ok(ActorId {
            role: self.one_of(self.protocol.roles, Role::name, "a role of the protocol")?,
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
    fn columns(_: &ProtocolSchema) -> Vec<String> {
        named(&[
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
        ])
    }

    fn optional_columns() -> &'static [&'static str] {
        &["behaviour", "owed", "task_phase"]
    }

    fn take(cells: &mut Cells<'_>) -> Result<Self, BadCell> {
        let id = cells.number()?;
        let actor = cells.actor()?;
        let from = cells.maybe_hex("an address")?;
        let from = Address::from(from.ok_or_else(|| cells.bad("an address"))?);
        let nonce = cells.maybe_number()?;
        let hash = cells.maybe_hex("a transaction's hash")?.map(B256::new);
        let function = cells.one_of(
            cells.protocol.functions,
            Function::name,
            "a function of the contracts",
        )?;
        let phase = cells.one_of(cells.protocol.phases, Phase::name, "a phase of transactions")?;
        let (session, task) = cells.task()?;
        Ok(Self {
            id,
            actor,
            from,
            nonce,
            hash,
            function,
            phase,
            value: U256::ZERO,
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
            misdeed: misdeed(cells)?,
            task_phase: cells.maybe_one_of(
                cells.protocol.task_phases,
                TaskPhase::name,
                "a phase of a task",
            )?,
        })
    }
}

/// The misdeed of a row in a file that tells misdeeds.
fn misdeed(cells: &mut Cells<'_>) -> Result<Option<Misdeed>, BadCell> {
    let behaviour = cells.maybe_one_of(&Behaviour::ALL, Behaviour::name, "a behaviour")?;
    let owed = cells.maybe_one_of(&Owed::ALL, Owed::name, "what a dishonest call is owed")?;
    Ok(behaviour
        .zip(owed)
        .map(|(behaviour, owed)| Misdeed { behaviour, owed }))
}

fn transaction_outcome(cells: &mut Cells<'_>) -> Result<TxOutcome, BadCell> {
    let kinds: [fn(String) -> TxOutcome; 6] = [
        |_| TxOutcome::Included,
        TxOutcome::Reverted,
        TxOutcome::Outrun,
        TxOutcome::Repelled,
        TxOutcome::Refused,
        TxOutcome::Lost,
    ];
    let name = |kind: fn(String) -> TxOutcome| kind(String::new()).name();
    let kind = cells.one_of(
        &kinds,
        name,
        "included, reverted, outrun, repelled, refused or lost",
    )?;
    Ok(kind(reason(cells)))
}

impl CsvRow for TaskRecord {
    fn columns(protocol: &ProtocolSchema) -> Vec<String> {
        let moments = [protocol.opened]
            .into_iter()
            .chain(protocol.steps.iter().copied());
        let mut columns = named(&[
            "id",
            "session_id",
            "task_id",
            "global_id",
            "role",
            "actor_index",
            "intended_us",
        ]);
        columns.extend(moments.chain(["ended"]).map(|name| format!("{name}_us")));
        columns.extend(named(protocol.counts));
        columns.extend(named(&["phase", "outcome", "reason"]));
        columns.extend(protocol.names.map(|_| "key".to_owned()));
        columns
    }

    fn take(cells: &mut Cells<'_>) -> Result<Self, BadCell> {
        let protocol = cells.protocol;
        let id = cells.number()?;
        let (_, key) = cells.task()?;
        let mut row = Self {
            id,
            key,
            key_text: None,
            global_id: cells.maybe_number()?,
            owner: cells.actor()?,
            intended: cells.moment()?,
            opened: cells.maybe_moment()?,
            steps: [None; ProtocolSchema::MOST_STEPS],
            ended: None,
            counts: [0; ProtocolSchema::MOST_COUNTS],
            phase: protocol.task_phases[0],
            ended_as: None,
            outcome: TaskOutcome::Unfinished,
        };
        for (step, _) in row.steps.iter_mut().zip(protocol.steps) {
            *step = cells.maybe_moment()?;
        }
        row.ended = cells.maybe_moment()?;
        for (count, _) in row.counts.iter_mut().zip(protocol.counts) {
            *count = cells.small()?;
        }
        row.phase = cells.one_of(protocol.task_phases, TaskPhase::name, "a phase of a task")?;
        let (outcome, reason) = task_outcome(cells)?;
        row.outcome = outcome;
        if protocol.names.is_some() {
            let text = cells.text().into_owned();
            row.key_text = (!text.is_empty()).then_some(text);
        }
        row.ended_as = protocol.outcomes.iter().copied().find(|name| *name == reason);
        Ok(row)
    }
}

/// The outcome of a task, and the reason or the way in which it ended.
fn task_outcome(cells: &mut Cells<'_>) -> Result<(TaskOutcome, String), BadCell> {
    let kinds: [fn(String) -> TaskOutcome; 4] = [
        |_| TaskOutcome::Ended,
        TaskOutcome::Failed,
        |_| TaskOutcome::Unfinished,
        |_| TaskOutcome::Dropped,
    ];
    let name = |kind: fn(String) -> TaskOutcome| kind(String::new()).name();
    let kind = cells.one_of(&kinds, name, "ended, failed, unfinished or dropped")?;
    let reason = reason(cells);
    Ok((kind(reason.clone()), reason))
}

/// A reason, as the journal wrote it.
fn reason(cells: &mut Cells<'_>) -> String {
    text::from_csv_cell(&cells.text()).to_owned()
}

impl CsvRow for BlockRecord {
    fn columns(_: &ProtocolSchema) -> Vec<String> {
        named(&[
            "number",
            "timestamp",
            "seen_us",
            "gas_used",
            "gas_limit",
            "base_fee_wei",
            "transactions",
        ])
    }

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

//! The columns of `transactions.csv`, `tasks.csv` and `blocks.csv`: the fields of these rows, in this order.

use std::borrow::Cow;

use serde::Serialize;

use super::{BlockRecord, TaskOutcome, TaskRecord, TxRecord};
use crate::{
    protocol::{Behaviour, Owed, ProtocolSchema, TaskPhase},
    text,
    time::Micros,
};

/// A row of `transactions.csv`. Moments are µs since the run started; an empty cell means that it never came to it.
#[derive(Default, Serialize)]
pub(super) struct TransactionRow<'a> {
    id: u64,
    role: &'a str,
    actor_index: u32,
    from: &'a str,
    nonce: Option<u64>,
    hash: Option<&'a str>,
    function: &'a str,
    phase: &'a str,
    session_id: Option<u64>,
    task_id: Option<u64>,
    intended_us: Micros,
    sent_us: Option<Micros>,
    accepted_us: Option<Micros>,
    included_us: Option<Micros>,
    response_us: Option<u64>,
    service_us: Option<u64>,
    block_number: Option<u64>,
    block_timestamp: Option<u64>,
    gas_used: Option<u64>,
    effective_gas_price_wei: Option<u64>,
    attempts: u32,
    outcome: &'a str,
    reason: Option<Cow<'a, str>>,
    part: &'a str,
}

impl<'a> TransactionRow<'a> {
    /// The row of a transaction whose account and hash read `from` and `hash` in hexadecimal.
    pub(super) fn new(
        transaction: &'a TxRecord,
        part: &'a str,
        from: &'a str,
        hash: Option<&'a str>,
    ) -> Self {
        Self {
            id: transaction.id,
            role: transaction.actor.role.name(),
            actor_index: transaction.actor.index,
            from,
            nonce: transaction.nonce,
            hash,
            function: transaction.function.name(),
            phase: transaction.phase.name(),
            session_id: transaction.session.or(transaction.task.map(|key| key.session)),
            task_id: transaction.task.map(|key| key.task),
            intended_us: transaction.intended,
            sent_us: transaction.sent,
            accepted_us: transaction.accepted,
            included_us: transaction.included,
            response_us: transaction.response_us(),
            service_us: transaction.service_us(),
            block_number: transaction.block_number,
            block_timestamp: transaction.block_timestamp,
            gas_used: transaction.gas_used,
            effective_gas_price_wei: transaction.effective_gas_price,
            attempts: transaction.attempts,
            outcome: transaction.outcome.name(),
            reason: transaction.outcome.reason().map(text::csv_cell),
            part,
        }
    }
}

/// The columns that `transactions.csv` has beside those of [`TransactionRow`] where actors misbehave.
#[derive(Default, Serialize)]
pub(super) struct MisdeedRow {
    behaviour: Option<Behaviour>,
    owed: Option<Owed>,
    task_phase: Option<TaskPhase>,
}

impl From<&TxRecord> for MisdeedRow {
    fn from(transaction: &TxRecord) -> Self {
        Self {
            behaviour: transaction.misdeed.map(|misdeed| misdeed.behaviour),
            owed: transaction.misdeed.map(|misdeed| misdeed.owed),
            task_phase: transaction.task_phase,
        }
    }
}

/// A row of `tasks.csv`: the columns of [`task_columns`]. Moments are µs since the run started; an empty cell means that it
/// never came to it.
#[derive(Serialize)]
pub(super) struct TaskRow<'a> {
    head: TaskHead<'a>,
    steps: &'a [Option<Micros>],
    ended_us: Option<Micros>,
    durations_us: Vec<Option<u64>>,
    counts: &'a [u32],
    tail: TaskTail<'a>,
    /// The key as the contracts have it, of a protocol whose tasks have no other name.
    key: Vec<Option<&'a str>>,
}

/// What stands before a task's moments.
#[derive(Default, Serialize)]
struct TaskHead<'a> {
    id: u64,
    session_id: Option<u64>,
    task_id: Option<u64>,
    global_id: Option<u64>,
    role: &'a str,
    actor_index: u32,
    intended_us: Micros,
    opened_us: Option<Micros>,
}

/// What stands at the end of a task's row.
#[derive(Default, Serialize)]
struct TaskTail<'a> {
    phase: &'a str,
    outcome: &'a str,
    reason: Option<Cow<'a, str>>,
    part: &'a str,
}
impl<'a> TaskRow<'a> {
    /// The row of a task of a protocol.
    pub(super) fn new(task: &'a TaskRecord, protocol: &ProtocolSchema, part: &'a str) -> Self {
        Self {
            head: TaskHead {
                id: task.id,
                session_id: task.key.map(|key| key.session),
                task_id: task.key.map(|key| key.task),
                global_id: task.global_id,
                role: task.owner.role.name(),
                actor_index: task.owner.index,
                intended_us: task.intended,
                opened_us: task.opened,
            },
            steps: &task.steps[..protocol.steps.len()],
            ended_us: task.ended,
            durations_us: protocol.spans.iter().map(|span| task.span_us(*span)).collect(),
            counts: &task.counts[..protocol.counts.len()],
            key: protocol
                .names
                .map(|_| task.key_text.as_deref())
                .into_iter()
                .collect(),
            tail: TaskTail {
                phase: task.phase.name(),
                outcome: task.outcome.name(),
                reason: match &task.outcome {
                    TaskOutcome::Failed(reason) => Some(text::csv_cell(reason)),
                    TaskOutcome::Ended => task.ended_as.map(Cow::Borrowed),
                    TaskOutcome::Unfinished | TaskOutcome::Dropped => None,
                },
                part,
            },
        }
    }
}

/// The columns of `tasks.csv` for tasks of a protocol.
pub(super) fn task_columns(protocol: &ProtocolSchema) -> Vec<String> {
    let known = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let moments = [protocol.opened]
        .into_iter()
        .chain(protocol.steps.iter().copied());
    let moments = moments.chain(["ended"]).map(|name| format!("{name}_us"));
    let durations = protocol
        .spans
        .iter()
        .map(|span| format!("{}_duration_us", span.name()));
    let head = [
        "id",
        "session_id",
        "task_id",
        "global_id",
        "role",
        "actor_index",
        "intended_us",
    ];
    let mut columns = known(&head);
    columns.extend(moments.chain(durations));
    columns.extend(known(protocol.counts));
    columns.extend(known(&["phase", "outcome", "reason", "part"]));
    columns.extend(protocol.names.map(|_| "key".to_owned()));
    columns
}

/// A row of `blocks.csv`.
#[derive(Default, Serialize)]
pub(super) struct BlockRow {
    number: u64,
    timestamp: u64,
    seen_us: Micros,
    gas_used: u64,
    gas_limit: u64,
    base_fee_wei: u64,
    transactions: u32,
}

impl From<&BlockRecord> for BlockRow {
    fn from(block: &BlockRecord) -> Self {
        Self {
            number: block.number,
            timestamp: block.timestamp,
            seen_us: block.seen,
            gas_used: block.gas_used,
            gas_limit: block.gas_limit,
            base_fee_wei: block.base_fee,
            transactions: block.transactions,
        }
    }
}

//! Helpers for the tables of actor tests.

use alloy::primitives::Address;
use taskstorm::{
    plan::Plan,
    protocol::{Action, Actor, Call, Event, Input, Reference, State, TaskKey, Timer},
    record::TxOutcome,
    scenario::Loaded,
    time::Micros,
};

pub(super) const KEY: TaskKey = TaskKey { session: 4, task: 2 };

pub(super) const fn ms(ms: u64) -> Micros {
    Micros(ms * 1000)
}

/// The plan of a scenario: an owner, a miner and an oracle that behave as these tables say.
pub(super) fn plan(owners: &str, miners: &str) -> Plan {
    let text = format!(
        "name = \"tables\"\n[owners]\ncount = 1\n{owners}\n[miners]\ncount = 3\n{miners}\n[oracle]\ncheck_interval = \"1s\"\n"
    );
    let loaded = Loaded::from_toml("tables", &text).unwrap_or_else(|error| panic!("{error:?}"));
    Plan::of(&loaded.scenario)
}

/// What an actor does on one input, in words that fit in a table.
pub(super) fn told(actor: &mut impl Actor<Reference>, at: u64, input: Input<'_, Reference>) -> Vec<String> {
    let mut actions = Vec::new();
    actor.step(ms(at), input, &State::default(), &mut actions);
    actions.iter().map(words).collect()
}

pub(super) fn event(actor: &mut impl Actor<Reference>, at: u64, event: &Event, chain: u64) -> Vec<String> {
    told(actor, at, Input::Event(event, chain))
}

pub(super) fn outcome(
    actor: &mut impl Actor<Reference>,
    at: u64,
    call: &Call,
    outcome: &TxOutcome,
) -> Vec<String> {
    told(actor, at, Input::Outcome(call, outcome, &[]))
}

pub(super) fn timer(actor: &mut impl Actor<Reference>, at: u64, timer: Timer) -> Vec<String> {
    told(actor, at, Input::Timer(timer))
}

pub(super) fn reverted() -> TxOutcome {
    TxOutcome::Reverted("WindowClosed".to_owned())
}

pub(super) fn miners(count: u8) -> Vec<Address> {
    (1..=count).map(Address::with_last_byte).collect()
}

fn words(action: &Action<Reference>) -> String {
    match action {
        Action::Send { call, intended } => format!("{} at {}", call_words(call), intended.0 / 1000),
        Action::Announce { call, .. } => format!("sign {}", call_words(call)),
        Action::Misbehave { call, .. } => format!("dishonestly {}", call_words(call)),
        Action::Read(query) => format!("read {query:?}"),
        Action::LoadOver => "load over".to_owned(),
        Action::CannotAct { reason, .. } => format!("cannot act: {reason}"),
        Action::SetTimer(at, timer) => {
            let name = match timer {
                Timer::Arrival => "arrival",
                Timer::Start => "start",
                Timer::Think(_) => "thinking",
                Timer::Manage(_) => "management",
                Timer::Join => "joining",
                Timer::Leave => "leaving",
                Timer::Ack(_) => "ack",
                Timer::WorkDone(_) => "work done",
                Timer::Commit(_) => "commit",
                Timer::Check => "check",
                Timer::Misdeed(_) => "misdeed",
            };
            format!("wake for {name} at {}", at.0 / 1000)
        }
    }
}

fn call_words(call: &Call) -> String {
    match call {
        Call::End { force: true, .. } => "end by force".to_owned(),
        Call::Submit { session, .. } => format!("submitTask to {session}"),
        Call::Deposit { session, amount } => format!("deposit {amount} to {session}"),
        Call::Withdraw { session, amount } => format!("withdraw {amount} from {session}"),
        Call::Deactivate { session } => format!("deactivate {session}"),
        Call::Update {
            session, metadata, ..
        } => format!("update {session}: {metadata}"),
        Call::Router { session, .. } => format!("{} of {session}", call.function().name()),
        Call::AddDedicatedNode { session, node } => format!("add {} to {session}", tail(*node)),
        Call::RemoveDedicatedNode { session, node } => format!("remove {} from {session}", tail(*node)),
        other => other.function().name().to_owned(),
    }
}

/// The end of an address, enough to tell it from the others.
pub(super) fn tail(address: Address) -> String {
    address.to_string()[38..].to_owned()
}

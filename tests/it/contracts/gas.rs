//! Costs of every function, compared with `gas.snap`: a task of 64 bytes for three miners, results of 32 bytes.
//!
//! After a change that is meant to move gas: `UPDATE_GAS_SNAPSHOT=1 cargo test --test it gas`, and read the diff.

use std::{env, fmt::Write as _, fs, path::PathBuf};

use alloy::primitives::U256;
use taskstorm::chain::embedded::Outcome;

use super::{
    artifacts::root,
    bindings::{NodePool as Pool, SessionQueueV2 as Queue, SessionV2 as Session},
    world::{ACK, COMMIT, Id, PRECOMMIT, Sent, Shape, World, account, miner},
};

const PAYLOAD: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const RESULT: &str = "a result of exactly 32 bytes, ok";
/// Bytes of large payloads, and what the queue took for them when it kept every text in storage slots: a submission with
/// as much task data for three miners, and the first commit of a result as long.
const LARGE: [(usize, u64, u64); 3] = [
    (1_024, 879_433, 746_657),
    (10_240, 7_507_404, 7_302_609),
    (61_440, 44_335_367, 43_730_465),
];
const PLACES: [&str; 3] = ["first", "middle", "last"];

/// The lines of the snapshot.
struct Table(String);

impl Table {
    fn section(&mut self, title: &str) {
        writeln!(self.0, "\n# {title}").expect("a string");
    }

    fn gas(&mut self, name: &str, gas: u64) {
        writeln!(self.0, "{name:<32}{gas:>10}").expect("a string");
    }

    #[track_caller]
    fn row(&mut self, name: &str, sent: Sent) -> Outcome {
        let outcome = sent.ok();
        self.gas(name, outcome.gas_used);
        outcome
    }
}

/// A task from its submission to its end, each transaction in its own block.
fn lifecycle(world: &mut World, table: &mut Table, session: U256) {
    let call = Queue::submitTaskCall {
        sessionId: session,
        taskData: PAYLOAD.into(),
    };
    let task = world.view_queue(Queue::getTaskCountBySessionIdCall { sessionId: session });
    let mut total = table.row("submitTask", world.queue(world.owner, call)).gas_used;
    let id = (session, task);
    let miners = world.task(id).assignedMiners;
    for (miner, place) in miners.iter().zip(PLACES) {
        world.advance(1);
        total += table
            .row(&format!("ack, {place}"), world.ack(id, *miner))
            .gas_used;
    }
    for (miner, place) in miners.iter().zip(PLACES) {
        world.advance(1);
        total += table
            .row(
                &format!("precommit, {place}"),
                world.precommit(id, *miner, RESULT),
            )
            .gas_used;
    }
    for (miner, place) in miners.iter().zip(PLACES) {
        world.advance(1);
        total += table
            .row(&format!("commit, {place}"), world.commit(id, *miner, RESULT))
            .gas_used;
    }
    world.advance(1);
    total += table.row("end", world.end(id)).gas_used;
    table.gas("total of the task", total);
}

fn tasks(table: &mut Table, price: u128) {
    let mut world = World::with([ACK, PRECOMMIT, COMMIT], price);
    let (session, _) = world.session_of(3);
    if price != 0 {
        world.deposit(world.owner, session, price * 100).ok();
    }
    let suffix = if price == 0 { "free" } else { "with a price" };
    for place in ["first", "second"] {
        table.section(&format!("the session's {place} task, {suffix}"));
        lifecycle(&mut world, table, session);
    }
}

fn overdue(table: &mut Table) {
    table.section("closing what is overdue");
    let mut world = World::new();
    let (session, miners) = world.session_of(3);
    let ids: [Id; 3] = std::array::from_fn(|_| (session, world.submit(session, PAYLOAD)));
    let [silent, slow, forced] = ids;
    world.ack(slow, miners[0]).ok();
    world.ack(slow, miners[1]).ok();
    world.advance(ACK + 1);
    table.row("endAck, no ack", world.end_ack(silent));
    table.row("endAck, two acks", world.end_ack(slow));
    world.precommit(slow, miners[0], RESULT).ok();
    world.advance(PRECOMMIT + 1);
    table.row("endPrecommit", world.end_precommit(slow));
    world.advance(COMMIT + 1);
    table.row("endCommit", world.end_commit(slow));
    table.row("end, no result", world.end(slow));
    table.row("end, forced", world.force_end(forced));
}

/// Text as client programs produce it, for large payloads.
fn text(length: usize) -> String {
    (0..length)
        .map(|index| char::from(b'!' + (index * 7 % 89) as u8))
        .collect()
}

/// The gas of a submission with `length` bytes of task data for three miners, and of each commit of as long a result.
fn payload(length: usize) -> (u64, [u64; 3]) {
    let mut world = World::new();
    let (session, miners) = world.session_of(3);
    let call = Queue::submitTaskCall {
        sessionId: session,
        taskData: text(length),
    };
    let submit = world.queue(world.owner, call).ok().gas_used;
    let id = (session, U256::ZERO);
    for &miner in &miners {
        world.ack(id, miner).ok();
    }
    for &miner in &miners {
        world.precommit(id, miner, &text(length)).ok();
    }
    let commit = |index: usize| world.commit(id, miners[index], &text(length)).ok().gas_used;
    (submit, [0, 1, 2].map(commit))
}

/// Short payloads, those on both sides of the border between storage slots and code, and large ones.
fn payloads(table: &mut Table) {
    table.section("data and results of other lengths");
    for length in [64, 96, 97, 256]
        .into_iter()
        .chain(LARGE.map(|(length, ..)| length))
    {
        let (submit, commits) = payload(length);
        table.gas(&format!("submitTask, {length} bytes"), submit);
        table.gas(&format!("commit, first, {length} bytes"), commits[0]);
    }
}

fn sessions(table: &mut Table) {
    table.section("sessions and miners");
    let mut world = World::new();
    table.row("register, first", world.pool(miner(0), Pool::registerCall {}));
    table.row("register", world.pool(miner(1), Pool::registerCall {}));
    for index in 2..20 {
        world.pool(miner(index), Pool::registerCall {}).ok();
    }
    let small = Shape::ephemeral(3);
    let owner = world.owner;
    table.row("create, 3 miners, first", world.session(owner, small.call()));
    table.row("create, 3 miners", world.session(owner, small.call()));
    table.row(
        "create, 3 miners reserved",
        world.session(
            owner,
            Shape {
                reserve: true,
                ..small
            }
            .call(),
        ),
    );
    table.row(
        "create, dedicated",
        world.session(owner, Shape { mode: 2, ..small }.call()),
    );
    let [shared, spare, reserved, dedicated] = [0, 1, 2, 3].map(U256::from);
    let node = account("node");
    let add = Session::addDedicatedNodeCall {
        sessionId: dedicated,
        nodeAddress: node,
    };
    let allow = Pool::allowDedicationCall { sessionOwner: owner };
    table.row("allowDedication", world.pool(node, allow));
    table.row("addDedicatedNode", world.session(owner, add));
    let remove = Session::removeDedicatedNodeCall {
        sessionId: dedicated,
        nodeAddress: node,
    };
    table.row("removeDedicatedNode", world.session(owner, remove));
    let update = Session::updateSessionCall {
        sessionId: spare,
        name: "session".into(),
        metadata: "metadata".into(),
        minNumOfNodes: U256::from(2),
        maxNumOfNodes: U256::from(4),
        redundant: U256::from(2),
    };
    table.row("updateSession, one miner more", world.session(owner, update));
    let router = account("router");
    let call = Session::addRouterCall {
        sessionId: shared,
        routerAddress: router,
        routerInfo: "http://router".into(),
    };
    table.row("addRouter", world.session(owner, call));
    table.row("depositToSession, first", world.deposit(owner, shared, 1_000));
    table.row("depositToSession", world.deposit(owner, shared, 1_000));
    let withdraw = Session::withdrawFromSessionCall {
        sessionId: shared,
        amount: U256::from(500),
    };
    table.row("withdrawFromSession", world.session(owner, withdraw));
    let submit = Session::submitCall {
        sessionId: shared,
        taskData: PAYLOAD.into(),
    };
    table.row("submit, through SessionV2", world.session(owner, submit));
    let held = world.view_session(Session::getSessionMinersCall { sessionId: reserved });
    let release = Session::releaseByNodeIdCall {
        nodeId: super::world::node_id(held[0]),
    };
    table.row("releaseByNodeId", world.session(owner, release));
    table.row(
        "deactivateSession",
        world.session(owner, Session::deactivateSessionCall { sessionId: shared }),
    );
    table.row("unregister", world.pool(miner(0), Pool::unregisterCall {}));
}

fn snapshot() -> PathBuf {
    root().join("tests/it/contracts/gas.snap")
}

#[test]
fn gas_is_what_the_snapshot_says() {
    let mut table = Table("Gas per transaction, as receipts state it (hardfork prague).\n".into());
    tasks(&mut table, 0);
    tasks(&mut table, 1_000_000);
    payloads(&mut table);
    overdue(&mut table);
    sessions(&mut table);
    if env::var_os("UPDATE_GAS_SNAPSHOT").is_some() {
        fs::write(snapshot(), &table.0).expect("a writable snapshot");
    }
    let recorded = fs::read_to_string(snapshot())
        .unwrap_or_default()
        .replace("\r\n", "\n");
    assert_eq!(recorded, table.0, "gas changed; see the top of gas.rs");
}

/// Text beyond 96 bytes is kept as the code of contracts.
#[test]
fn large_payloads_cost_at_most_60_percent_of_storage_slots() {
    for (length, submit_in_slots, commit_in_slots) in LARGE {
        let (submit, commits) = payload(length);
        for (name, gas, in_slots) in [
            ("submitTask", submit, submit_in_slots),
            ("commit", commits[0], commit_in_slots),
        ] {
            assert!(
                gas * 10 <= in_slots * 6,
                "{name}, {length} bytes: {gas} gas, {in_slots} in storage slots"
            );
        }
    }
}

/// Drawing must not search: neither registered nor reserved miners may make a session dearer.
#[test]
fn creating_a_session_costs_the_same_in_a_large_pool() {
    let cost = |miners: usize, reserved: u64| {
        let mut world = World::new();
        world.register(miners);
        for _ in 0..reserved {
            world.create(Shape {
                reserve: true,
                ..Shape::ephemeral(50)
            });
        }
        world.create(Shape::ephemeral(3));
        world
            .session(world.owner, Shape::ephemeral(3).call())
            .ok()
            .gas_used
    };
    let (small, large) = (cost(20, 0), cost(2_000, 0));
    let (some_held, crowded) = (cost(120, 1), cost(2_000, 30));
    assert!(
        large <= small + 1_000,
        "{small} with 20 miners, {large} with 2,000"
    );
    assert!(
        crowded <= some_held + 1_000,
        "{some_held} with 50 of 120 reserved, {crowded} with 1,500 of 2,000"
    );
}

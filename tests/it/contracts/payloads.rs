//! Data and results of every awkward length, redundancy small and large, and what readers get back.

use alloy::{
    primitives::{Address, U256},
    sol_types::SolCall,
};
use taskstorm::{chain::embedded::Status, hardfork::Hardfork};

use super::{
    bindings::{NodePool as Pool, SessionQueueV2 as Queue},
    world::{ACK, COMMIT, Contract, PRECOMMIT, START, Shape, World, result_hash},
};

/// The longest task data or result.
const MAX_LENGTH: usize = 65_535;

/// Lengths around every border: of words, of what storage slots hold (96 bytes), and of the contracts that hold longer
/// texts (24,575 bytes each).
const LENGTHS: [usize; 30] = [
    0, 1, 31, 32, 33, 63, 64, 65, 95, 96, 97, 98, 128, 129, 160, 161, 1_000, 5_000, 24_574, 24_575, 24_576,
    24_577, 49_149, 49_150, 49_151, 49_152, 60_000, 65_533, 65_534, 65_535,
];

/// Text without a zero byte or a repeating word, so that a shifted or cut word shows.
fn text(length: usize) -> String {
    (0..length)
        .map(|index| char::from(b'!' + (index * 7 % 89) as u8))
        .collect()
}

#[test]
fn data_and_results_of_any_length_come_back_as_they_were() {
    for length in LENGTHS {
        let mut world = World::new();
        let (session, miners) = world.session_of(2);
        // The other task's length differs, so that a slot shared by two tasks would show.
        let other_data = text((length + 40).min(MAX_LENGTH));
        let other = world.submit(session, &other_data);
        let id = (session, world.submit(session, &text(length)));
        assert_eq!(world.task(id).data, text(length));
        assert_eq!(world.task((session, other)).data, other_data);
        let page = Queue::getTasksBySessionIdPagedCall {
            sessionId: session,
            start: U256::ZERO,
            limit: U256::from(2),
        };
        let pages: Vec<_> = world.view_queue(page).into_iter().map(|task| task.data).collect();
        assert_eq!(pages, [other_data, text(length)], "{length} bytes");
        for &miner in &miners {
            world.ack(id, miner).ok();
        }
        let results = [text(length), text((length + 1).min(MAX_LENGTH))];
        for (&miner, result) in miners.iter().zip(&results) {
            world.precommit(id, miner, result).ok();
        }
        // Results of later tasks start at the other miner: ids decide, not the order of calls.
        for (&miner, result) in miners.iter().zip(&results) {
            world.commit(id, miner, result).ok();
        }
        world.end(id).ok();
        let assigned = world.task(id).assignedMiners;
        let found = world.results(id);
        assert_eq!(found.miners, assigned);
        for (miner, result) in found.miners.iter().zip(&found.results) {
            let place = miners
                .iter()
                .position(|other| other == miner)
                .expect("a miner of the session");
            assert_eq!(*result, results[place], "{length} bytes");
        }
        let call = Queue::getTaskResultHashesCall {
            sessionId: id.0,
            taskId: id.1,
        };
        let hashes = world.view_queue(call);
        for ((miner, result), hash) in found.miners.iter().zip(&found.results).zip(&hashes.hashes) {
            assert_eq!(*hash, result_hash(id, *miner, result), "{length} bytes");
        }
    }
}

/// A client may leave anything behind the end of a string; readers must get zeros there, as the ABI demands.
#[test]
fn dirty_bytes_behind_the_calldata_of_a_string_reach_no_reader() {
    for length in [33, 97] {
        let mut world = World::new();
        let (session, _) = world.session_of(1);
        let mut data = Queue::submitTaskCall {
            sessionId: session,
            taskData: text(length),
        }
        .abi_encode();
        let padding = data.len() - 31;
        data[padding..].fill(0xff);
        world.send(world.owner, Contract::SessionQueueV2, 0, data).ok();

        let call = Queue::getTaskCall {
            sessionId: session,
            taskId: U256::ZERO,
        }
        .abi_encode();
        let output = world
            .send(world.owner, Contract::SessionQueueV2, 0, call)
            .ok()
            .output;
        let task = Queue::getTaskCall::abi_decode_returns(&output).expect("a task");
        assert_eq!(task.data, text(length));
        assert_eq!(
            output,
            Queue::getTaskCall::abi_encode_returns(&task),
            "nothing but zeros fill the words up"
        );
    }
}

#[test]
fn any_redundancy_works() {
    for redundant in [1, 2, 6, 7, 20, 100] {
        let mut world = World::new();
        let (session, miners) = world.session_of(redundant);
        let id = (session, world.submit(session, "work"));
        world.complete(id, &miners, "result");
        assert_eq!(world.results(id).miners, miners);
    }
}

#[test]
fn every_hardfork_runs_a_task_to_its_end() {
    let mut gas = vec![];
    for hardfork in Hardfork::ALL {
        let mut world = World::on(hardfork, [ACK, PRECOMMIT, COMMIT], 0);
        let (session, miners) = world.session_of(3);
        let id = (session, world.submit(session, "work"));
        world.complete(id, &miners, "result");
        assert_eq!(world.results(id).miners, miners);
        let call = Queue::submitTaskCall {
            sessionId: session,
            taskData: text(8_000),
        };
        gas.push(world.queue(world.owner, call).ok().gas_used);
    }
    assert_eq!(gas[1], gas[2], "prague's floor price of calldata holds in osaka");
}

/// A hint is one byte of the address; miners that share it must not be taken for one another.
#[test]
fn miners_with_the_same_hint_are_told_apart() {
    let mut world = World::new();
    let miners: Vec<_> = (1..=8_u8)
        .map(|first| Address::right_padding_from(&[first]))
        .collect();
    for &miner in &miners {
        world.pool(miner, Pool::registerCall {}).ok();
    }
    let session = world.create(Shape::ephemeral(8));
    let id = (session, world.submit(session, "work"));
    let stranger = Address::right_padding_from(&[9]);
    world.ack(id, stranger).refused(Queue::NotAssigned {
        sessionId: id.0,
        taskId: id.1,
        miner: stranger,
    });
    for &miner in &miners {
        world.ack(id, miner).ok();
        assert_eq!(
            world.ack(id, miner).outcome.status,
            Status::Reverted,
            "acked twice"
        );
    }
    for &miner in miners.iter().rev() {
        world.precommit(id, miner, &miner.to_string()).ok();
    }
    for &miner in &miners {
        world.commit(id, miner, &miner.to_string()).ok();
    }
    let found = world.results(id);
    for (miner, result) in found.miners.iter().zip(&found.results) {
        assert_eq!(*result, miner.to_string());
    }
}

#[test]
fn readers_see_times_states_and_every_task() {
    let mut world = World::new();
    let (session, miners) = world.session_of(2);
    let id = (session, world.submit(session, "first"));
    world.submit(session, "second");
    world.ack(id, miners[0]).ok();
    world.advance(3);
    world.ack(id, miners[1]).ok();
    world.advance(4);
    world.precommit(id, miners[1], "r").ok();
    let state = |world: &mut World, miner| {
        let (session, task) = id;
        world.view_queue(Queue::getTaskResultStateCall {
            sessionId: session,
            taskId: task,
            miner,
        })
    };
    assert_eq!(
        (state(&mut world, miners[0]), state(&mut world, miners[1])),
        (1, 2)
    );
    world.advance(5);
    world.precommit(id, miners[0], "r").ok();
    world.advance(6);
    world.commit(id, miners[0], "r").ok();
    assert_eq!(
        (state(&mut world, miners[0]), state(&mut world, miners[1])),
        (3, 2)
    );
    assert_eq!(
        world.results(id).miners,
        [miners[0]],
        "commits can be read before the end"
    );
    world.advance(100);
    world.end_commit(id).ok();
    world.end(id).ok();

    let times = |offsets: [Option<u64>; 2]| {
        offsets
            .map(|offset| offset.map_or(U256::ZERO, |offset| U256::from(START + offset)))
            .to_vec()
    };
    let (session_id, task_id) = id;
    let acks = Queue::getAllTaskResultAckedTimestampsCall {
        sessionId: session_id,
        taskId: task_id,
    };
    assert_eq!(world.view_queue(acks).timestamps, times([Some(0), Some(3)]));
    let precommits = Queue::getAllTaskResultPrecommitTimestampsCall {
        sessionId: session_id,
        taskId: task_id,
    };
    assert_eq!(
        world.view_queue(precommits).timestamps,
        times([Some(12), Some(7)])
    );
    let commits = Queue::getAllTaskResultCommitTimestampsCall {
        sessionId: session_id,
        taskId: task_id,
    };
    assert_eq!(world.view_queue(commits).timestamps, times([Some(18), None]));

    let tasks = world.view_queue(Queue::getTasksBySessionIdCall { sessionId: session });
    assert_eq!(
        tasks.iter().map(|task| task.data.as_str()).collect::<Vec<_>>(),
        ["first", "second"]
    );
    let first = &tasks[0];
    assert!(first.ended && !tasks[1].ended);
    assert_eq!(first.createdAt, U256::from(START));
    assert_eq!(first.lastPrecommitAt, U256::from(START + 12));
    assert_eq!(first.lastCommitAt, U256::from(START + 18));
    assert_eq!(first.finishedAt, U256::from(START + 118));
    assert_eq!(first.assignedMiners, miners);
}

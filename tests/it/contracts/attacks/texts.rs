//! Attacks with texts: bytes that are no UTF-8, and texts so long that contracts hold them.

use alloy::{primitives::U256, sol_types::SolCall};
use taskstorm::chain::embedded::{Message, Status};

use super::{Kind, Queue, Session, task_of};
use crate::contracts::world::{Contract, MARK, Shape, World, account, not_utf8};

attacks! {
    no_text_that_is_not_utf8_gets_in,
    utf8_is_what_the_standard_says,
    the_code_of_a_long_text_cannot_be_executed,
    a_long_text_is_stored_whole_or_not_at_all,
}

/// Every function that stores or announces a text, with bytes in it that ethers.js would throw at.
fn no_text_that_is_not_utf8_gets_in(kind: Kind) {
    let (mut world, (session, task), miners) = task_of(kind, 1, 0);
    let id = (session, task);
    let owner = world.owner;
    let router = account("router");
    let mark = || String::from(MARK);
    let add = Session::addRouterCall {
        sessionId: session,
        routerAddress: router,
        routerInfo: "http://router".into(),
    };
    world.session(owner, add.clone()).ok();
    let update = Session::updateSessionCall {
        sessionId: session,
        name: "n".into(),
        metadata: "m".into(),
        minNumOfNodes: U256::ONE,
        maxNumOfNodes: U256::ONE,
        redundant: U256::ONE,
    };
    let create = Shape::ephemeral(1).call();
    let sessions = [
        not_utf8(&Session::createCall {
            name: mark(),
            ..create.clone()
        }),
        not_utf8(&Session::createCall {
            metadata: mark(),
            ..create
        }),
        not_utf8(&Session::updateSessionCall {
            name: mark(),
            ..update.clone()
        }),
        not_utf8(&Session::updateSessionCall {
            metadata: mark(),
            ..update
        }),
        not_utf8(&Session::addRouterCall {
            routerAddress: account("another"),
            routerInfo: mark(),
            ..add
        }),
        not_utf8(&Session::updateRouterCall {
            sessionId: session,
            routerAddress: router,
            routerInfo: mark(),
        }),
        not_utf8(&Session::submitCall {
            sessionId: session,
            taskData: mark(),
        }),
    ];
    let error = || Session::InvalidUtf8 { place: U256::ZERO };
    for data in sessions {
        world.send(owner, Contract::SessionV2, 0, data).refused(error());
    }
    let queue = Contract::SessionQueueV2;
    let submit = not_utf8(&Queue::submitTaskCall {
        sessionId: session,
        taskData: mark(),
    });
    world.send(owner, queue, 0, submit).refused(error());
    world.ack(id, miners[0]).ok();
    let precommit = not_utf8(&Queue::precommitCall {
        sessionId: session,
        taskId: task,
        hash: [1; 32].into(),
        data: mark(),
    });
    world.send(miners[0], queue, 0, precommit).refused(error());
    world.precommit(id, miners[0], "r").ok();
    let commit = not_utf8(&Queue::commitCall {
        sessionId: session,
        taskId: task,
        data: mark(),
    });
    world.send(miners[0], queue, 0, commit).refused(error());
}

/// The contracts agree with Rust on what is UTF-8, for every pair of bytes and the borders of longer characters.
fn utf8_is_what_the_standard_says(kind: Kind) {
    let mut world = World::on_chain(kind, 0);
    let (session, _) = world.session_of(1);
    let mut texts: Vec<Vec<u8>> = Vec::new();
    for first in [
        0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff,
    ] {
        for second in [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff] {
            texts.push(vec![first, second]);
            for tail in [&[0x80][..], &[0xc0], &[0x80, 0xbf], &[0x7f, 0x80], &[0x80, 0x41]] {
                texts.push([&[first, second], tail].concat());
            }
        }
    }
    // Characters across and at the borders of words.
    for place in 28..36 {
        for character in ["é", "€", "𝄞"] {
            texts.push([&b"x".repeat(place), character.as_bytes()].concat());
            texts.push([&b"x".repeat(place), &character.as_bytes()[..character.len() - 1]].concat());
        }
    }
    for text in texts {
        let mut data = Queue::submitTaskCall {
            sessionId: session,
            taskData: "x".repeat(text.len()),
        }
        .abi_encode();
        data[100..100 + text.len()].copy_from_slice(&text);
        let sent = world.send(world.owner, Contract::SessionQueueV2, 0, data);
        match std::str::from_utf8(&text) {
            Ok(_) => assert_eq!(sent.outcome.status, Status::Success, "{text:x?}"),
            Err(error) => sent.refused(Queue::InvalidUtf8 {
                place: U256::from(error.valid_up_to()),
            }),
        }
    }
}

/// A text in the code of a contract is a program of its author's.
fn the_code_of_a_long_text_cannot_be_executed(kind: Kind) {
    let mut world = World::on_chain(kind, 0);
    let (session, miners) = world.session_of(1);
    // As code: an opcode that does not exist, so executing it would fail.
    let data = "!".repeat(200);
    let task = world.submit(session, &data);
    // A contract's first creation has the nonce 1 (EIP-161).
    let holder = world.queue.create(1);
    let outcome = world.chain.transact(Message {
        from: miners[0],
        to: Some(holder),
        ..Message::default()
    });
    assert_eq!((outcome.status, outcome.gas_used), (Status::Success, 21_000));
    assert_eq!(world.task((session, task)).data, data);
}

/// A submission with too little gas for the last of the contracts that hold its data.
fn a_long_text_is_stored_whole_or_not_at_all(kind: Kind) {
    let mut world = World::on_chain(kind, 0);
    // Assigning so many miners leaves too little for the last of three contracts.
    let (session, _) = world.session_of(150);
    let data = "x".repeat(65_535);
    let call = Queue::submitTaskCall {
        sessionId: session,
        taskData: data.clone(),
    };
    let error = Queue::DataNotStored {
        length: U256::from(65_535),
    };
    world.queue(world.owner, call).refused(error);
    let count = Queue::getTaskCountBySessionIdCall { sessionId: session };
    assert_eq!(world.view_queue(count), U256::ZERO);

    let shape = Shape {
        redundant: 1,
        ..Shape::ephemeral(3)
    };
    let small = world.create(shape);
    let task = world.submit(small, &data);
    assert_eq!(world.task((small, task)).data, data);
}

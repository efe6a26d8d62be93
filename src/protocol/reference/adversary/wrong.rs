//! Steps that are wrong: of another account, at another moment, with other arguments, twice, or none of an actor's.

use alloy::primitives::{Address, B256, U256};
use rand::RngExt;

use super::{
    super::{Call, Model, RouterChange, WindowSeconds, commit_hash, model::SessionLook},
    ReferenceAdversary, Sent, opening, texts,
};
use crate::protocol::{Invocation, NewSession, TaskKey};

/// Bytes that the info of a router may not have.
const TOO_LONG: usize = 1_025;
/// What any but the first byte of a character can be.
const CONTINUATION: u8 = 0x80;

impl ReferenceAdversary {
    /// A step that is most likely wrong.
    pub(super) fn wrong(&mut self, model: &Model, timestamp: u64) -> Sent {
        if self.rng.random_ratio(1, 5)
            && let Some(sent) = self.almost_bound(model)
        {
            return sent;
        }
        match self.rng.random_range(0..23) {
            20 => self.unreadable(model),
            21 | 22 => self.relayed(model, timestamp),
            0..=9 => self.wrong_on_task(model),
            10..=13 => self.wrong_on_session(model),
            14 => self.wrong_terms(model),
            15..=16 => self.repeated(),
            17 => {
                let from = if self.rng.random_ratio(1, 4) {
                    self.accounts.deployer()
                } else {
                    self.anybody()
                };
                self.earnings(from)
            }
            18 if self.has_admin => self.setting(),
            18 => self.forbidden_setting(),
            _ if self.rng.random_ratio(1, 4) => self.held_by_stranger(model),
            _ => {
                let miner = self.anybody();
                let call = match self.rng.random_range(0..3) {
                    0 => Call::Register,
                    1 => Call::Unregister,
                    _ => Call::AllowDedication { owner: self.owner() },
                };
                self.sent(miner, &call, "pool")
            }
        }
    }

    /// A miner that lets itself be a dedicated node is held past the session contract.
    fn held_by_stranger(&mut self, model: &Model) -> Sent {
        let mut miners = self.accounts.miners().iter();
        let willing = miners.find_map(|miner| Some((*miner, model.consent(*miner)?)));
        let (node, owner) = willing.unwrap_or_else(|| (self.miner(), self.owner()));
        let session = self.some_session(model).map_or(0, |session| session.id);
        let from = self.anybody();
        Sent {
            refuse: Some("only the session contract holds miners"),
            ..self.raw(
                from,
                self.contracts.hold(session, owner, node),
                "held by a stranger",
            )
        }
    }

    /// The commit of what a miner almost bound itself to, or of a second result that the first one binds it to, if one did.
    fn almost_bound(&self, model: &Model) -> Option<Sent> {
        let tasks = model.open_tasks().into_iter();
        let mut seats = tasks.flat_map(|key| model.seats(key).into_iter().map(move |seat| (key, seat)));
        seats.find_map(|(key, seat)| {
            let (data, kind) = if seat.committed {
                let first = texts::first_of_two(key, seat.miner)?;
                let bound = commit_hash(key, seat.miner, first) == seat.hash?;
                (bound.then(|| texts::SECOND_OF_TWO.to_owned())?, "second result")
            } else {
                (texts::almost_bound(key, seat.miner, seat.hash?)?, "almost bound")
            };
            Some(self.sent(seat.miner, &Call::Commit { key, data }, kind))
        })
    }

    /// A task; now and then one that ended, or that is not there.
    fn some_task(&mut self, model: &Model) -> TaskKey {
        let tasks = match self.rng.random_range(0..10) {
            0..=6 => model.open_tasks(),
            _ => model.all_tasks(),
        };
        if tasks.is_empty() || self.rng.random_ratio(1, 20) {
            return TaskKey {
                session: self.rng.random_range(0..3),
                task: self.rng.random_range(0..4),
            };
        }
        tasks[self.rng.random_range(0..tasks.len())]
    }

    fn wrong_on_task(&mut self, model: &Model) -> Sent {
        let key = self.some_task(model);
        let seats = model.seats(key);
        // A miner of the task is refused for less.
        let from = match seats.len() {
            0 => self.anybody(),
            _ if self.rng.random_bool(0.4) => self.anybody(),
            count => seats[self.rng.random_range(0..count)].miner,
        };
        let others: Vec<B256> = seats.iter().filter_map(|seat| seat.hash).collect();
        let other = |rng: &mut rand::rngs::ChaCha8Rng| {
            (!others.is_empty()).then(|| others[rng.random_range(0..others.len())])
        };
        let (call, kind) = match self.rng.random_range(0..12) {
            0 | 1 => (Call::Ack(key), "any ack"),
            2 => (self.precommit(key, from), "any precommit"),
            3 => {
                let hash = other(&mut self.rng).unwrap_or_default();
                (self.precommit_of(key, hash), "copied hash")
            }
            4 => (self.precommit_of(key, B256::ZERO), "empty hash"),
            5 => (
                Call::Commit {
                    key,
                    data: texts::result(key, from, &mut self.rng),
                },
                "any commit",
            ),
            6 => {
                // What another miner bound itself to.
                let revealed = seats
                    .iter()
                    .filter(|seat| seat.miner != from)
                    .find_map(|seat| texts::bound(key, seat.miner, seat.hash?));
                let own = seats.iter().find(|seat| seat.miner == from);
                let own = own.and_then(|seat| {
                    let hash = seat.hash?;
                    texts::bound(key, from, hash).or_else(|| texts::almost_bound(key, from, hash))
                });
                let data = if self.rng.random_bool(0.5) {
                    revealed.or(own)
                } else {
                    own.or(revealed)
                };
                (
                    Call::Commit {
                        key,
                        data: data.unwrap_or_default(),
                    },
                    "early or copied commit",
                )
            }
            7 => (Call::EndAck(key), "any endAck"),
            8 => (Call::EndPrecommit(key), "any endPrecommit"),
            9 => (Call::EndCommit(key), "any endCommit"),
            10 => (Call::End { key, force: false }, "any end"),
            _ => {
                let oracle = self.accounts.oracle().filter(|_| self.rng.random_bool(0.5));
                let from = oracle.unwrap_or(from);
                return self.sent(from, &Call::End { key, force: true }, "any forced end");
            }
        };
        self.sent(from, &call, kind)
    }

    /// The withdrawal of what an account earned.
    pub(super) fn earnings(&self, from: Address) -> Sent {
        let refuse = if self.accounts.refuses(from) {
            Some("the account takes no payment")
        } else if from == self.accounts.deployer() {
            Some("the deployer never is a miner")
        } else {
            None
        };
        Sent {
            refuse,
            ..self.raw(from, self.contracts.withdraw_earnings(), "earnings")
        }
    }

    /// Bytes that are no text as task data, as the note of a precommit or as a result.
    fn unreadable(&mut self, model: &Model) -> Sent {
        let key = self.some_task(model);
        let seats = model.seats(key);
        let bytes = texts::invalid(&mut self.rng);
        let bound = seats.iter().find_map(|seat| {
            let result = texts::invalid_bound(key, seat.miner, seat.hash?)?;
            Some((seat.miner, result))
        });
        let ready = seats.iter().find(|seat| seat.acked && !seat.precommitted);
        let (from, invocation) = match (bound, ready) {
            (Some((miner, result)), _) => (miner, self.contracts.commit_bytes(key, result)),
            (None, Some(seat)) if self.rng.random_bool(0.7) => {
                let hash = texts::hash(key, seat.miner, &mut self.rng);
                let invocation = self.contracts.precommit_with_note(key, hash, bytes);
                (seat.miner, invocation)
            }
            _ => {
                let session = self.some_session(model);
                let from = session
                    .as_ref()
                    .map_or_else(|| self.owner(), |session| session.owner);
                let id = session.map_or(0, |session| session.id);
                (from, self.contracts.submit_bytes(id, bytes))
            }
        };
        let invocation = if self.rng.random_bool(0.5) {
            continued(invocation, bytes)
        } else {
            invocation
        };
        Sent {
            refuse: Some("it is no UTF-8"),
            ..self.raw(from, invocation, "unreadable")
        }
    }

    /// What somebody may do, by a contract in between: the contracts must go by their caller, never by who signed.
    fn relayed(&mut self, model: &Model, timestamp: u64) -> Sent {
        if self.rng.random_ratio(1, 6) {
            let setting = self.any_setting();
            return Sent {
                refuse: Some("only the deployer changes settings"),
                ..self.raw(self.accounts.deployer(), self.accounts.relay(&setting), "relayed")
            };
        }
        let Some((from, call)) = self.valid(model, timestamp) else {
            return self.wrong_on_task(model);
        };
        let is_anybodys = matches!(
            call,
            Call::Register
                | Call::AllowDedication { .. }
                | Call::Create(_)
                | Call::Deposit { .. }
                | Call::EndAck(_)
                | Call::EndPrecommit(_)
                | Call::EndCommit(_)
                | Call::End { force: false, .. }
        );
        if is_anybodys {
            return self.sent(from, &call, "valid");
        }
        let invocation = self.accounts.relay(&self.contracts.encode(&call));
        Sent {
            refuse: Some("its caller is another contract"),
            ..self.raw(from, invocation, "relayed")
        }
    }

    fn precommit(&mut self, key: TaskKey, from: Address) -> Call {
        let hash = texts::hash(key, from, &mut self.rng);
        self.precommit_of(key, hash)
    }

    fn precommit_of(&self, key: TaskKey, hash: B256) -> Call {
        Call::Precommit {
            key,
            hash,
            binds: None,
        }
    }

    fn some_session(&mut self, model: &Model) -> Option<SessionLook> {
        let sessions = model.sessions();
        (!sessions.is_empty()).then(|| sessions[self.rng.random_range(0..sessions.len())].clone())
    }

    fn wrong_on_session(&mut self, model: &Model) -> Sent {
        let Some(session) = self.some_session(model) else {
            let from = self.anybody();
            let call = Call::Submit {
                session: 0,
                data: String::new(),
            };
            return self.sent(from, &call, "no session");
        };
        let id = session.id;
        let from = if self.rng.random_bool(0.5) {
            session.owner
        } else {
            self.anybody()
        };
        let node = self.miner();
        let router = session.routers.first().copied().unwrap_or(node);
        let info = || "a router".to_owned();
        let change = |change| Call::Router { session: id, change };
        let call = match self.rng.random_range(0..16) {
            15 => Call::Update {
                session: id,
                terms: NewSession {
                    mode: 0,
                    reserve: false,
                    ..self.terms()
                },
                metadata: texts::data(&mut self.rng),
            },
            0 | 1 => Call::Submit {
                session: id,
                data: texts::data(&mut self.rng),
            },
            2 => Call::Withdraw {
                session: id,
                amount: self.too_much(&session),
            },
            3 => Call::Withdraw {
                session: id,
                amount: U256::ZERO,
            },
            4 => Call::Withdraw {
                session: id,
                amount: session.available,
            },
            5 => Call::Deposit {
                session: id,
                amount: U256::from(self.rng.random_range(0..2_u64)),
            },
            6 => Call::Deactivate { session: id },
            7 => Call::AddDedicatedNode { session: id, node },
            8 => Call::RemoveDedicatedNode { session: id, node },
            9 => Call::Release { node },
            10 => change(RouterChange::Add { router, info: info() }),
            11 => change(RouterChange::Update {
                router: node,
                info: info(),
            }),
            12 => change(RouterChange::Remove { router: node }),
            13 => change(RouterChange::Reset),
            _ => {
                let call = change(RouterChange::Add {
                    router: node,
                    info: "x".repeat(TOO_LONG),
                });
                return Sent {
                    refuse: Some("router info of 1,024 bytes at most"),
                    ..self.sent(from, &call, "long info")
                };
            }
        };
        self.sent(from, &call, "any on session")
    }

    /// Terms that no session may have, of a new session or one that is there.
    fn wrong_terms(&mut self, model: &Model) -> Sent {
        let count = self.accounts.miners().len() as u64;
        let terms = opening::terms(count, &mut self.rng);
        let bad = match self.rng.random_range(0..4) {
            0 => NewSession {
                min_nodes: 0,
                ..terms
            },
            1 => NewSession {
                min_nodes: terms.max_nodes + 1,
                ..terms
            },
            2 => NewSession {
                redundancy: 0,
                ..terms
            },
            _ => NewSession {
                redundancy: terms.max_nodes + 1,
                ..terms
            },
        };
        let from = self.owner();
        let session = self.some_session(model).filter(|_| self.rng.random_bool(0.5));
        let (from, call) = match session {
            None => (from, Call::Create(bad)),
            Some(session) => {
                let update = Call::Update {
                    session: session.id,
                    terms: NewSession {
                        mode: 0,
                        reserve: false,
                        ..bad
                    },
                    metadata: String::new(),
                };
                (session.owner, update)
            }
        };
        Sent {
            refuse: Some("terms that no session may have"),
            ..self.sent(from, &call, "wrong terms")
        }
    }

    /// What was sent last once more, by the same account or another.
    fn repeated(&mut self) -> Sent {
        let from = self.anybody();
        match self.last.clone() {
            Some(last) => Sent {
                // What takes no payment is no owner: the model says of an owner that it can withdraw.
                from: if self.rng.random_bool(0.5) || self.accounts.refuses(from) {
                    last.from
                } else {
                    from
                },
                kind: "repeated",
                refuse: None,
                ..last
            },
            None => self.sent(from, &Call::Register, "repeated"),
        }
    }

    /// A change of settings by the deployer.
    fn setting(&mut self) -> Sent {
        let deployer = self.accounts.deployer();
        let invocation = self.any_setting();
        self.raw(deployer, invocation, "setting")
    }

    fn forbidden_setting(&mut self) -> Sent {
        let from = self.anybody();
        let invocation = self.any_setting();
        Sent {
            refuse: Some("only the deployer changes settings"),
            ..self.raw(from, invocation, "forbidden setting")
        }
    }

    fn any_setting(&mut self) -> Invocation {
        match self.rng.random_range(0..3) {
            0 => {
                let mut window = || match self.rng.random_range(0..12) {
                    // What fits one byte, and more.
                    0 => 255,
                    1 => 300,
                    _ => self.rng.random_range(1..=9),
                };
                let windows = WindowSeconds {
                    ack: window(),
                    precommit: window(),
                    commit: window(),
                };
                self.contracts.set_windows(windows)
            }
            1 => {
                let price = if self.rng.random_ratio(1, 3) {
                    U256::ZERO
                } else {
                    self.wei()
                };
                self.contracts.set_price(price)
            }
            _ => {
                let oracle = self.accounts.oracle().filter(|_| self.rng.random_bool(0.3));
                let account = oracle.unwrap_or_else(|| self.anybody());
                let is_oracle = self.rng.random_bool(0.5);
                self.contracts.set_oracle(account, is_oracle)
            }
        }
    }
}

/// The call, in which what fills up the last word behind the text, its last argument, could be more of a character.
fn continued(call: Invocation, text: &[u8]) -> Invocation {
    let mut input = call.input.to_vec();
    let text_ends = input.len() - (text.len().next_multiple_of(32) - text.len());
    input[text_ends..].fill(CONTINUATION);
    Invocation {
        input: input.into(),
        ..call
    }
}

//! The schema of the reference protocol.

use crate::protocol::{
    Function, Invariant, Moment, Phase, PhaseKind, ProtocolSchema, Role, TaskPhase, TaskSpan,
};

/// The schema of the reference protocol.
pub const REFERENCE: &ProtocolSchema = &ProtocolSchema {
    name: "reference",
    names: None,
    roles: &Role::ALL,
    watcher: Some(Role::ORACLE),
    phases: &Phase::ALL,
    functions: &Function::ALL,
    opened: "queued",
    steps: &[
        "assigned",
        "first_ack",
        "last_ack",
        "precommit_ended",
        "first_commit",
        "last_commit",
        "commit_ended",
    ],
    counts: &["miners", "acks", "precommits", "commits"],
    task_phases: &TaskPhase::ALL,
    spans: &TaskSpan::ALL,
    answers: Invariant::AGREEMENT,
    misbehaviour: Invariant::MISBEHAVIOUR,
    invariants: &Invariant::ALL,
    outcomes: &[],
    work_ends: Some((Role::MINER, Function::PRECOMMIT)),
};

const ASSIGNED: Moment = Moment::Step(0);
const LAST_ACK: Moment = Moment::Step(2);
const PRECOMMIT_ENDED: Moment = Moment::Step(3);
const COMMIT_ENDED: Moment = Moment::Step(6);

impl Role {
    /// Creates sessions, deposits, submits tasks and reads results.
    pub const OWNER: Self = Self::new(0, "owner");
    /// Acks, precommits and commits the tasks it is assigned.
    pub const MINER: Self = Self::new(1, "miner");
    /// Ends finished tasks, and closes phases and tasks that miners did not finish in time.
    pub const ORACLE: Self = Self::new(2, "oracle");

    pub(super) const ALL: [Self; 3] = [Self::OWNER, Self::MINER, Self::ORACLE];
}

impl Phase {
    /// What comes before any task: registering miners, creating sessions, deposits, giving sessions their dedicated
    /// nodes. Empty transfers that fill nonces count here, too.
    pub const SETUP: Self = Self::new(0, PhaseKind::Setup, "setup");
    /// Submitting tasks.
    pub const SUBMIT: Self = Self::new(1, PhaseKind::Lifecycle, "submit");
    /// Acks, and the closing of ack phases that miners left open.
    pub const ACK: Self = Self::new(2, PhaseKind::Lifecycle, "ack");
    /// Precommits, and the closing of precommit phases that miners left open.
    pub const PRECOMMIT: Self = Self::new(3, PhaseKind::Lifecycle, "precommit");
    /// Commits, and the closing of commit phases that miners left open.
    pub const COMMIT: Self = Self::new(4, PhaseKind::Lifecycle, "commit");
    /// Ending tasks.
    pub const END: Self = Self::new(5, PhaseKind::Lifecycle, "end");
    /// What owners and miners do beside the tasks while the load goes on: updating, funding, reopening and deactivating
    /// sessions, routers and dedicated nodes, miners that leave and join.
    pub const MANAGE: Self = Self::new(6, PhaseKind::Beside, "manage");

    pub(super) const ALL: [Self; 7] = [
        Self::SETUP,
        Self::SUBMIT,
        Self::ACK,
        Self::PRECOMMIT,
        Self::COMMIT,
        Self::END,
        Self::MANAGE,
    ];
}

impl TaskPhase {
    /// Its submission has been planned and not been included yet.
    pub const SUBMITTING: Self = Self::new(0, "submitting", Moment::Intended, Phase::SUBMIT, "submission");
    /// Assigned; some miner has not acked.
    pub const ACK: Self = Self::new(1, "ack", Moment::Opened, Phase::ACK, "acks");
    /// All that acked are at work or have precommitted; the phase has not ended.
    pub const PRECOMMIT: Self = Self::new(2, "precommit", LAST_ACK, Phase::PRECOMMIT, "precommits");
    /// Miners may reveal; the phase has not ended.
    pub const COMMIT: Self = Self::new(3, "commit", PRECOMMIT_ENDED, Phase::COMMIT, "commits");
    /// Waiting to be ended.
    pub const END: Self = Self::new(4, "end", COMMIT_ENDED, Phase::END, "end");
    /// Ended: nothing about it changes any more.
    pub const ENDED: Self = Self::new(5, "ended", Moment::Ended, Phase::END, "");

    pub(super) const ALL: [Self; 6] = [
        Self::SUBMITTING,
        Self::ACK,
        Self::PRECOMMIT,
        Self::COMMIT,
        Self::END,
        Self::ENDED,
    ];
}

impl TaskSpan {
    /// Assigned → last ack.
    pub const ACK: Self = Self::new(
        0,
        "ack",
        [ASSIGNED, LAST_ACK],
        Some(Phase::ACK),
        "the time from a task's assignment to its last ack",
    );
    /// Last ack → end of the precommit phase.
    pub const PRECOMMIT: Self = Self::new(
        1,
        "precommit",
        [LAST_ACK, PRECOMMIT_ENDED],
        Some(Phase::PRECOMMIT),
        "the time from a task's last ack to the end of its precommit phase",
    );
    /// End of the precommit phase → end of the commit phase.
    pub const COMMIT: Self = Self::new(
        2,
        "commit",
        [PRECOMMIT_ENDED, COMMIT_ENDED],
        Some(Phase::COMMIT),
        "the time from the end of a task's precommit phase to that of its commit phase",
    );
    /// End of the commit phase → end of the task.
    pub const END: Self = Self::new(
        3,
        "end",
        [COMMIT_ENDED, Moment::Ended],
        Some(Phase::END),
        "the time from the end of a task's commit phase to its end",
    );
    /// Intended submission → end of the task.
    pub const TOTAL: Self = Self::new(
        4,
        "total",
        [Moment::Intended, Moment::Ended],
        None,
        "the time from a task's intended submission to its end",
    );

    pub(super) const ALL: [Self; 5] = [Self::ACK, Self::PRECOMMIT, Self::COMMIT, Self::END, Self::TOTAL];
}

impl Function {
    /// `NodePool.register`
    pub const REGISTER: Self = Self::new(0, "register", Phase::SETUP, Phase::MANAGE);
    /// `SessionV2.create`
    pub const CREATE: Self = Self::new(1, "create", Phase::SETUP, Phase::MANAGE);
    /// `SessionV2.depositToSession`
    pub const DEPOSIT: Self = Self::new(2, "depositToSession", Phase::SETUP, Phase::MANAGE);
    /// `SessionQueueV2.submitTask`
    pub const SUBMIT: Self = Self::new(3, "submitTask", Phase::SUBMIT, Phase::SUBMIT);
    /// `SessionQueueV2.ack`
    pub const ACK: Self = Self::new(4, "ack", Phase::ACK, Phase::ACK);
    /// `SessionQueueV2.precommit`
    pub const PRECOMMIT: Self = Self::new(5, "precommit", Phase::PRECOMMIT, Phase::PRECOMMIT);
    /// `SessionQueueV2.commit`
    pub const COMMIT: Self = Self::new(6, "commit", Phase::COMMIT, Phase::COMMIT);
    /// `SessionQueueV2.endAck`
    pub const END_ACK: Self = Self::new(7, "endAck", Phase::ACK, Phase::ACK);
    /// `SessionQueueV2.endPrecommit`
    pub const END_PRECOMMIT: Self = Self::new(8, "endPrecommit", Phase::PRECOMMIT, Phase::PRECOMMIT);
    /// `SessionQueueV2.endCommit`
    pub const END_COMMIT: Self = Self::new(9, "endCommit", Phase::COMMIT, Phase::COMMIT);
    /// `SessionQueueV2.end`
    pub const END: Self = Self::new(10, "end", Phase::END, Phase::END);
    /// `NodePool.unregister`
    pub const UNREGISTER: Self = Self::new(11, "unregister", Phase::MANAGE, Phase::MANAGE);
    /// `SessionV2.releaseByNodeId`
    pub const RELEASE: Self = Self::new(12, "releaseByNodeId", Phase::MANAGE, Phase::MANAGE);
    /// `SessionV2.updateSession`
    pub const UPDATE: Self = Self::new(13, "updateSession", Phase::MANAGE, Phase::MANAGE);
    /// `SessionV2.withdrawFromSession`
    pub const WITHDRAW: Self = Self::new(14, "withdrawFromSession", Phase::MANAGE, Phase::MANAGE);
    /// `SessionV2.deactivateSession`
    pub const DEACTIVATE: Self = Self::new(15, "deactivateSession", Phase::MANAGE, Phase::MANAGE);
    /// `SessionV2.addRouter`
    pub const ADD_ROUTER: Self = Self::new(16, "addRouter", Phase::MANAGE, Phase::MANAGE);
    /// `SessionV2.updateRouter`
    pub const UPDATE_ROUTER: Self = Self::new(17, "updateRouter", Phase::MANAGE, Phase::MANAGE);
    /// `SessionV2.removeRouter`
    pub const REMOVE_ROUTER: Self = Self::new(18, "removeRouter", Phase::MANAGE, Phase::MANAGE);
    /// `SessionV2.resetAllRouters`
    pub const RESET_ROUTERS: Self = Self::new(19, "resetAllRouters", Phase::MANAGE, Phase::MANAGE);
    /// `SessionV2.addDedicatedNode`
    pub const ADD_DEDICATED_NODE: Self = Self::new(20, "addDedicatedNode", Phase::SETUP, Phase::MANAGE);
    /// `SessionV2.removeDedicatedNode`
    pub const REMOVE_DEDICATED_NODE: Self =
        Self::new(21, "removeDedicatedNode", Phase::MANAGE, Phase::MANAGE);
    /// `NodePool.allowDedication`
    pub const ALLOW_DEDICATION: Self = Self::new(22, "allowDedication", Phase::SETUP, Phase::MANAGE);
    /// No function: an empty transfer to nobody, which fills a nonce.
    pub const FILL_NONCE: Self = Self::new(23, "fill_nonce", Phase::SETUP, Phase::SETUP);

    /// In lifecycle order, and then those beside it. The first twelve keep their places: files that list functions list them
    /// in this order.
    pub(super) const ALL: [Self; 24] = [
        Self::REGISTER,
        Self::CREATE,
        Self::DEPOSIT,
        Self::SUBMIT,
        Self::ACK,
        Self::END_ACK,
        Self::PRECOMMIT,
        Self::END_PRECOMMIT,
        Self::COMMIT,
        Self::END_COMMIT,
        Self::END,
        Self::UNREGISTER,
        Self::RELEASE,
        Self::UPDATE,
        Self::WITHDRAW,
        Self::DEACTIVATE,
        Self::ADD_ROUTER,
        Self::UPDATE_ROUTER,
        Self::REMOVE_ROUTER,
        Self::RESET_ROUTERS,
        Self::ADD_DEDICATED_NODE,
        Self::REMOVE_DEDICATED_NODE,
        Self::ALLOW_DEDICATION,
        Self::FILL_NONCE,
    ];
}

/// A step of setup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupStep {
    /// A miner joins the pool.
    MinerJoins,
    /// An owner opens a session.
    SessionOpens,
    /// What an open session needs before the load.
    SessionFollows,
}

impl Function {
    /// The step of setup that it is, if it is one.
    #[must_use]
    pub fn setup_step(self) -> Option<SetupStep> {
        match self {
            Self::REGISTER => Some(SetupStep::MinerJoins),
            Self::CREATE => Some(SetupStep::SessionOpens),
            function if function.is_setup() => Some(SetupStep::SessionFollows),
            _ => None,
        }
    }
}

impl Invariant {
    /// I1: a miner's ack, precommit and commit on a task happen once each, in that order, by an assigned miner.
    pub const ORDER: Self = Self::new(
        0,
        "order",
        "I1",
        "A miner's ack, precommit and commit on a task happen once each, in that order, by an assigned miner.",
    );
    /// I2: a committed result hashes to that miner's own precommit.
    pub const BINDING: Self = Self::new(
        1,
        "binding",
        "I2",
        "A committed result hashes to that miner's own precommit.",
    );
    /// I3: no commit is accepted before the task's precommit phase ended.
    pub const HIDING: Self = Self::new(
        2,
        "hiding",
        "I3",
        "No commit is accepted before the task's precommit phase ended.",
    );
    /// I4: a task ends exactly once, nothing about it changes afterwards, and its results are the accepted commits.
    pub const FINALITY: Self = Self::new(
        3,
        "finality",
        "I4",
        "A task ends exactly once, nothing about it changes afterwards, and its results are the accepted commits.",
    );
    /// I5: a reserved miner belongs to one session at a time.
    pub const RESERVATION: Self = Self::new(
        4,
        "reservation",
        "I5",
        "A reserved miner belongs to one session at a time.",
    );
    /// I6: deposits = payouts + withdrawals + balances, to the wei.
    pub const CONSERVATION: Self = Self::new(
        5,
        "conservation",
        "I6",
        "Deposits = payouts + withdrawals + balances, to the wei.",
    );
    /// I7: with one live oracle, every queued task ends by its last deadline plus a bounded slack.
    pub const LIVENESS: Self = Self::new(
        6,
        "liveness",
        "I7",
        "With one live oracle, every queued task ends by its last deadline plus a bounded slack.",
    );
    /// I8: global ids are unique and dense; task ids are dense within a session.
    pub const IDENTITY: Self = Self::new(
        7,
        "identity",
        "I8",
        "Global ids are unique and dense; task ids are dense within a session.",
    );
    /// I9: what clients saw in events equals what the chain's state says.
    pub const AGREEMENT: Self = Self::new(
        8,
        "agreement",
        "I9",
        "The events seen by clients agree with the chain's state.",
    );
    /// I10: an accepted call emits exactly its events, with the arguments that it must.
    pub const EVENTS: Self = Self::new(
        9,
        "events",
        "I10",
        "An accepted call emits exactly its events, with the arguments that it must.",
    );
    /// I11: only a session's owner, an oracle, or the node itself does what is theirs to do.
    pub const AUTHORITY: Self = Self::new(
        10,
        "authority",
        "I11",
        "Only the session's owner, an oracle or the node itself performs its privileged actions.",
    );
    /// I12: a task is assigned to as many different miners of its session as it asks for, dedicated ones first, in turns.
    pub const ASSIGNMENT: Self = Self::new(
        11,
        "assignment",
        "I12",
        "A task is assigned to as many different miners of its session as it asks for, dedicated ones first, in turns.",
    );
    /// I13: an accepted action lies in its phase and within its window.
    pub const WINDOWS: Self = Self::new(
        12,
        "windows",
        "I13",
        "An accepted action lies in its phase and within its window.",
    );
    /// I14: each session and each miner has what its deposits, tasks and withdrawals come to.
    pub const PAYMENT: Self = Self::new(
        13,
        "payment",
        "I14",
        "The balance of each session and miner equals its deposits less payments and withdrawals.",
    );
    /// I15: the session contract holds the wei that sessions and miners have.
    pub const SOLVENCY: Self = Self::new(
        14,
        "solvency",
        "I15",
        "The session contract holds the wei that sessions and miners have.",
    );
    /// I16: what the chain says of a task or session is what its events came to.
    pub const STATE: Self = Self::new(
        15,
        "state",
        "I16",
        "The chain's state of a task or session agrees with its events.",
    );
    /// I17: what the protocol allows is not refused.
    pub const REFUSALS: Self = Self::new(16, "refusals", "I17", "What the protocol allows is not refused.");

    /// Dishonest calls that must be refused are refused.
    pub const MISBEHAVIOUR: Self = Self::new(
        17,
        "misbehaviour",
        "I18",
        "Dishonest calls that must be refused are refused.",
    );

    pub(super) const ALL: [Self; 18] = [
        Self::ORDER,
        Self::BINDING,
        Self::HIDING,
        Self::FINALITY,
        Self::RESERVATION,
        Self::CONSERVATION,
        Self::LIVENESS,
        Self::IDENTITY,
        Self::AGREEMENT,
        Self::EVENTS,
        Self::AUTHORITY,
        Self::ASSIGNMENT,
        Self::WINDOWS,
        Self::PAYMENT,
        Self::SOLVENCY,
        Self::STATE,
        Self::REFUSALS,
        Self::MISBEHAVIOUR,
    ];
}

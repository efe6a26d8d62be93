//! Submissions of a group: its tasks, when they are due, and their payloads.

use std::{collections::BTreeMap, time::Duration};

#[cfg(doc)]
use super::Limits;
use super::{Assignment, Distribution, Load, Replay, SizeDistribution, TaskCount, units::ByteSize};

/// What a group of owners, or a group of a profile's submitting role, submits.
#[derive(Clone, Debug, PartialEq)]
pub struct Submissions {
    /// Tasks that the group submits at most; `None` if its load ends by time alone, by `duration` or with its stages.
    pub tasks: Option<TaskCount>,
    /// How long its load lasts, from `start` on, unless its tasks are used up before; at most [`Limits::MAX`], and at
    /// most the length of its stages. `None` for no end but its tasks' or its stages'.
    pub duration: Option<Duration>,
    /// When its load begins, since the load of the run began; at most [`Limits::MAX`]. Default 0.
    pub start: Duration,
    /// How it spaces its submissions.
    pub load: Load,
    /// Which of its sessions submits each of its tasks; of an open load that is no trace.
    pub assignment: Assignment,
    /// Tasks of the group that may be in flight at once, from 1; an open load's arrivals beyond that are dropped, and
    /// counted. `None` for no limit.
    pub max_in_flight: Option<u32>,
    /// Bytes of a task's payload.
    pub payload_size: SizeDistribution,
}

impl Submissions {
    /// The keys of a group that say it.
    pub(super) const KEYS: [&'static str; 7] = [
        "tasks",
        "duration",
        "start",
        "load",
        "assignment",
        "max_in_flight",
        "payload_size",
    ];
    /// The default of [`Submissions::payload_size`].
    pub const PAYLOAD_SIZE: SizeDistribution = Distribution::Constant(ByteSize(32));

    /// How long the load lasts at most, from its start on; `None` if only its tasks end it.
    #[must_use]
    pub fn longest(&self) -> Option<Duration> {
        match (self.duration, self.load.length()) {
            (Some(duration), Some(length)) => Some(duration.min(length)),
            (duration, length) => duration.or(length),
        }
    }
}

/// A group that submits tasks: what owners and the groups of a profile's submitting role have alike.
#[derive(Clone, Copy, Debug)]
pub struct SubmittingGroup<'a> {
    /// Its name.
    pub name: &'a str,
    /// Members, from 1.
    pub count: u32,
    /// Sessions of each member, from 1; a profile knows none, so that each member is like one session.
    pub sessions: u32,
    /// What it submits.
    pub submissions: &'a Submissions,
}

impl SubmittingGroup<'_> {
    /// Sessions of the whole group.
    #[must_use]
    pub fn total_sessions(&self) -> u64 {
        u64::from(self.count) * u64::from(self.sessions)
    }

    /// How many tasks the group submits at most, by its count alone; saturates.
    #[must_use]
    pub fn task_limit(&self) -> Option<u64> {
        Some(match self.submissions.tasks? {
            TaskCount::Total(tasks) => tasks,
            TaskCount::PerSession(tasks) => tasks.saturating_mul(self.total_sessions()),
        })
    }

    /// Tasks that the group is expected to submit, with blocks of this length: exactly so many where arrivals are evenly
    /// spaced or counted, so many in the mean where they are random and end by time. Those that `max_in_flight` drops are
    /// among them. Saturates; `None` for a closed load that ends by its duration alone.
    #[must_use]
    pub fn expected_tasks(&self, block_time: Duration) -> Option<u64> {
        let submissions = self.submissions;
        let by_time = submissions
            .longest()
            .and_then(|longest| submissions.load.expected(longest, block_time))
            // Evenly spaced, the first task comes at 0: so many as begin in the time. What is within a millionth of a
            // whole number is one.
            .map(|tasks| (tasks - 1e-6).ceil() as u64);
        match (self.task_limit(), by_time) {
            (Some(limit), Some(tasks)) => Some(limit.min(tasks)),
            (limit, tasks) => limit.or(tasks),
        }
    }

    /// Rows of the replay that the group submits.
    #[must_use]
    pub(crate) fn rows_of(&self, replay: &Replay) -> usize {
        let in_time = replay.due_before(self.submissions.duration.unwrap_or(Duration::MAX));
        let limit = self.task_limit().and_then(|limit| usize::try_from(limit).ok());
        limit.map_or(in_time, |limit| limit.min(in_time))
    }

    /// Tasks of the session that has the most of them in a replay.
    pub(super) fn largest_share(&self, replay: &Replay) -> u64 {
        let mut shares = BTreeMap::new();
        for seat in replay.seats(self.count, self.sessions).take(self.rows_of(replay)) {
            *shares.entry(seat).or_insert(0) += 1;
        }
        shares.into_values().max().unwrap_or(0)
    }
}

//! The load of a group that submits tasks, and the share that each of its members has.

use rand::{Rng, RngExt};

use super::{
    Arrival, Choice, LoadPlan, StreamSeed, group_arrivals,
    replay::{share_out, tasks_by_session},
    round_robin::RoundRobin,
};
use crate::{
    scenario::{Assignment, Distribution, Load, Scenario, SubmittingGroup, units::Count},
    time::Micros,
};

/// The load of a group as a whole.
pub(crate) struct GroupLoad {
    /// When its tasks arrive; empty if it is closed.
    pub(crate) arrivals: Vec<Micros>,
    /// Tasks that it submits; `None` if that depends on how fast they go.
    pub(crate) tasks: Option<u64>,
    /// Tasks to assign to its sessions; `None` for no limit.
    assigned: Option<u64>,
    /// The arrivals of each of its members, if a trace or chance says whose they are: then none is assigned round-robin.
    shares: Option<Vec<Vec<Arrival>>>,
    /// When it is planned to end, since the load of the run began; `None` if that depends on how fast tasks go.
    pub(super) end: Option<Micros>,
}

impl GroupLoad {
    /// The load of the group `spec`.
    pub(crate) fn of(scenario: &Scenario, spec: SubmittingGroup<'_>) -> Self {
        let submissions = spec.submissions;
        let end = submissions
            .longest()
            .map(|longest| Micros::from(submissions.start) + longest);
        let limit = spec.task_limit();
        let Some(arrivals) = group_arrivals(scenario, spec) else {
            return Self {
                arrivals: Vec::new(),
                tasks: limit.filter(|_| end.is_none()),
                assigned: limit,
                shares: None,
                end,
            };
        };
        let tasks = Some(arrivals.len() as u64);
        let last = arrivals.last().copied().unwrap_or_default();
        Self {
            end: Some(end.filter(|_| tasks < limit || limit.is_none()).unwrap_or(last)),
            tasks,
            assigned: tasks,
            shares: match (&submissions.load, submissions.assignment) {
                (Load::Trace(replay), _) => Some(share_out(spec, replay)),
                (_, Assignment::Random) => Some(draw_sessions(scenario.seed, spec, &arrivals)),
                (_, Assignment::RoundRobin) => None,
            },
            arrivals,
        }
    }

    /// Tasks of each session of the member `index`; `None` for no limit.
    pub(crate) fn session_tasks(&self, spec: SubmittingGroup<'_>, index: u32) -> Vec<Option<u64>> {
        if let Some(share) = self.share(index) {
            let tasks = tasks_by_session(share, spec.sessions);
            return tasks.into_iter().map(Some).collect();
        }
        let assignment = self.assignment(spec);
        (0..spec.sessions)
            .map(|session| assignment.map(|assignment| assignment.tasks(index, session)))
            .collect()
    }

    fn share(&self, index: u32) -> Option<&Vec<Arrival>> {
        self.shares.as_ref()?.get(index as usize)
    }

    fn assignment(&self, spec: SubmittingGroup<'_>) -> Option<RoundRobin> {
        self.assigned
            .map(|tasks| RoundRobin::new(spec.count, spec.sessions, tasks))
    }

    /// When the member `index` submits; `in_flight` are the tasks that each of its sessions keeps open if the load is closed.
    pub(super) fn member(&self, spec: SubmittingGroup<'_>, index: u32, in_flight: Vec<u32>) -> LoadPlan {
        let submissions = spec.submissions;
        let start = submissions.start;
        match &submissions.load {
            Load::BackToBack { think_time, .. } => LoadPlan::Closed {
                in_flight,
                think_time: think_time.clone(),
                start,
                end: submissions.duration.map(|duration| start + duration),
            },
            _ => LoadPlan::Open(match &self.shares {
                Some(shares) => shares.get(index as usize).cloned().unwrap_or_default(),
                None => self
                    .assignment(spec)
                    .map_or_else(Vec::new, |assignment| assignment.arrivals(index, &self.arrivals)),
            }),
        }
    }
}

/// The arrivals of each member of the group, each of a session that is drawn for it.
fn draw_sessions(seed: u64, spec: SubmittingGroup<'_>, arrivals: &[Micros]) -> Vec<Vec<Arrival>> {
    let mut draws = StreamSeed::derive_arrivals(seed, spec.name).rng_of(Choice::Assignment);
    let mut shares = vec![Vec::new(); spec.count as usize];
    for at in arrivals {
        let member = draws.random_range(0..spec.count);
        let session = draws.random_range(0..spec.sessions);
        if let Some(share) = shares.get_mut(member as usize) {
            share.push(Arrival {
                at: *at,
                session,
                payload: None,
            });
        }
    }
    shares
}

/// The tasks in flight that each session of a member of the group `spec` draws for a closed load; none for an open one.
pub(crate) fn in_flight(spec: SubmittingGroup<'_>, member: StreamSeed) -> Vec<u32> {
    match &spec.submissions.load {
        Load::BackToBack { in_flight, .. } => each(in_flight, member.rng_of(Choice::InFlight), spec.sessions),
        _ => Vec::new(),
    }
}

/// A count for each of so many sessions, in their order.
pub(super) fn each<const MOST: u32>(
    counts: &Distribution<Count<MOST>>,
    mut draws: impl Rng,
    sessions: u32,
) -> Vec<u32> {
    (0..sessions).map(|_| counts.sample(&mut draws)).collect()
}

//! Actors that submit tasks, whatever the protocol.

use crate::{
    plan::{Key, LoadPlan, OwnerPlan, Plan},
    time::Micros,
};

/// An owner, or an actor of a profile's submitting role.
#[derive(Clone, Copy, Debug)]
pub(super) struct Submitter<'a> {
    /// Its group, as a place in [`crate::scenario::Scenario::submitting`].
    pub(super) group: usize,
    /// Its account.
    pub(super) key: &'a Key,
    /// When it submits.
    pub(super) load: &'a LoadPlan,
    /// Tasks that it submits, where the plan says it.
    pub(super) tasks: Option<u64>,
}

impl<'a> Submitter<'a> {
    /// All of them, group after group.
    pub(super) fn all(plan: &'a Plan) -> Vec<Self> {
        let owners = plan.owners.iter().map(|owner| Self {
            group: owner.group as usize,
            key: &owner.key,
            load: &owner.load,
            tasks: planned_tasks(owner),
        });
        let actors = plan.profile.iter().flat_map(|profile| &profile.actors);
        let actors = actors.filter_map(|actor| {
            let load = actor.load.as_ref()?;
            Some(Self {
                group: actor.group as usize,
                key: &actor.key,
                load: &load.plan,
                tasks: load.tasks,
            })
        });
        owners.chain(actors).collect()
    }

    /// When its tasks arrive, since the load began, each with its session; none for a closed load.
    pub(super) fn arrivals(self) -> impl Iterator<Item = (Micros, u32)> + 'a {
        let arrivals = match self.load {
            LoadPlan::Open(arrivals) => arrivals.as_slice(),
            LoadPlan::Closed { .. } => &[],
        };
        arrivals.iter().map(|arrival| (arrival.at, arrival.session))
    }

    /// Tasks that each of its sessions keeps in flight; none for an open load.
    pub(super) fn in_flight(self) -> impl Iterator<Item = u64> + 'a {
        let in_flight = match self.load {
            LoadPlan::Closed { in_flight, .. } => in_flight.as_slice(),
            LoadPlan::Open(_) => &[],
        };
        in_flight.iter().copied().map(u64::from)
    }
}

/// Tasks that an owner submits, where the plan says it.
fn planned_tasks(owner: &OwnerPlan) -> Option<u64> {
    owner.sessions.iter().map(|session| session.tasks).sum()
}

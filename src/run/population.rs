//! The actors of a plan, as the driver takes them.

use crate::{
    driver::{ActorRegistry, Population},
    plan::Plan,
    protocol::{
        Actor, ActorId, Directory, LoadPlan, Miner, Oracle, Owner, OwnerPlan, Reference, Role, WindowSeconds,
    },
};

/// The actors of `plan`, each with its own random streams, on contracts with these windows.
#[must_use]
pub fn actors(plan: &Plan, windows: WindowSeconds) -> ActorRegistry<Reference> {
    let owners = plan.owners.iter().cloned().map(Owner::new);
    let miners = plan.miners.iter().cloned().map(Miner::new);
    let oracles = plan.oracles.iter().map(|plan| Oracle::new(plan, windows));
    ActorRegistry::from(Population {
        actors: vec![
            owners.map(boxed).collect(),
            miners.map(boxed).collect(),
            oracles.map(boxed).collect(),
        ],
        directory: directory(plan),
        setup: setup(plan),
        groups: plan.owners.iter().map(|owner| owner.group).collect(),
        max_in_flight: plan.max_in_flight.clone(),
    })
}

/// The accounts of the actors of `plan`.
#[must_use]
pub fn directory(plan: &Plan) -> Directory {
    Directory::of(
        plan.accounts()
            .map(|account| (account.actor, account.key.address)),
    )
}

/// Miners register first; then owners whose sessions reserve their miners open them, while nobody shares those; then the others.
fn setup(plan: &Plan) -> Vec<Vec<ActorId>> {
    let of = |role: Role, places: Vec<usize>| -> Vec<ActorId> {
        let actor = |place| ActorId {
            role,
            index: place as u32,
        };
        places.into_iter().map(actor).collect()
    };
    let miners = of(Role::MINER, (0..plan.miners.len()).collect());
    let (reserving, others): (Vec<usize>, Vec<usize>) =
        (0..plan.owners.len()).partition(|place| reserves(&plan.owners[*place]));
    let reserving = of(Role::OWNER, reserving);
    let others = of(Role::OWNER, others);
    if reserving.is_empty() {
        vec![miners, others]
    } else {
        vec![miners, reserving, others]
    }
}

/// Whether an owner's sessions have miners to themselves that others draw from the same pool.
fn reserves(owner: &OwnerPlan) -> bool {
    owner.sessions.iter().any(|session| session.spec.reserve)
}

/// Whether somebody submits a task because another ended.
pub(super) fn awaits_ends(plan: &Plan) -> bool {
    let mut loads = plan.owners.iter().map(|owner| &owner.load);
    loads.any(|load| matches!(load, LoadPlan::Closed { .. }))
}

fn boxed(actor: impl Actor<Reference> + 'static) -> Box<dyn Actor<Reference>> {
    Box::new(actor)
}

//! Hunts and replays of a scenario, of whichever protocol it is.

use tokio_util::sync::CancellationToken;

use super::{
    Arena, CHAIN_ID, Cases, Evidence, Field, Hunt, HuntObserver, HuntSettings, Kept, Look, Observation,
    Participants, Replayed, TracedTransaction, World, hunt, observe, replay,
};
use crate::{
    plan::Plan,
    protocol::{ContractBuild, Hunted, Reference, profile::interpreter::Profile},
    scenario::Scenario,
};

/// A scenario cannot be hunted in.
#[derive(Debug, thiserror::Error)]
pub enum HuntError {
    /// Its contracts cannot be deployed.
    #[error("the contracts cannot be deployed: {0}")]
    Deployment(String),
}

/// Hunts in these variants of a scenario, of which the first is run whole, too. Replays first what earlier hunts kept.
///
/// # Errors
/// If the contracts of one cannot be deployed.
pub fn hunt_variants(
    variants: &[Scenario],
    settings: &HuntSettings,
    earlier: Vec<Kept>,
    stop: &CancellationToken,
    observer: &mut dyn HuntObserver,
) -> Result<Hunt, HuntError> {
    let cases = Cases::of(&variants[0]);
    let plans: Vec<Plan> = variants.iter().map(Plan::of).collect();
    let (mut of_profile, mut of_reference) = (Vec::new(), Vec::new());
    for (plan, scenario) in plans.iter().zip(variants) {
        match plan.profile_setup(scenario, CHAIN_ID) {
            Some(setup) => of_profile.push(arena::<Profile>(setup, plan, scenario)?),
            None => of_reference.push(arena::<Reference>(plan.setup(scenario), plan, scenario)?),
        }
    }
    if of_profile.is_empty() {
        let field = Field {
            arenas: of_reference,
            cases,
            deploy: &|scenario| {
                let plan = Plan::of(scenario);
                World::deploy(&plan.setup(scenario), plan.deployer.address, scenario)
            },
        };
        return Ok(hunt(&field, settings, earlier, stop, observer));
    }
    let field = Field {
        arenas: of_profile,
        cases,
        deploy: &|scenario| {
            let plan = Plan::of(scenario);
            let setup = plan
                .profile_setup(scenario, CHAIN_ID)
                .ok_or("it has no profile")?;
            World::deploy(&setup, plan.deployer.address, scenario)
        },
    };
    Ok(hunt(&field, settings, earlier, stop, observer))
}

/// Replays a trace in a scenario, looking for one finding alone, by its identity, if it is `wanted`.
///
/// # Errors
/// If its contracts cannot be deployed.
pub fn replay_in(
    scenario: &Scenario,
    participants: &Participants,
    trace: &[TracedTransaction],
    look: Look,
    wanted: Option<&str>,
) -> Result<Replayed, HuntError> {
    let plan = Plan::of(scenario);
    Ok(match plan.profile_setup(scenario, CHAIN_ID) {
        Some(setup) => {
            let arena = arena::<Profile>(setup, &plan, scenario)?;
            replay(&arena.world, participants, trace, look, wanted)
        }
        None => {
            let arena = arena::<Reference>(plan.setup(scenario), &plan, scenario)?;
            replay(&arena.world, participants, trace, look, wanted)
        }
    })
}

/// What a trace does in a scenario, and what is seen after it.
///
/// # Errors
/// If its contracts cannot be deployed.
pub fn observe_in(
    scenario: &Scenario,
    participants: &Participants,
    trace: &[TracedTransaction],
    evidence: &Evidence,
) -> Result<Observation, HuntError> {
    let plan = Plan::of(scenario);
    Ok(match plan.profile_setup(scenario, CHAIN_ID) {
        Some(setup) => observe(
            &arena::<Profile>(setup, &plan, scenario)?.world,
            participants,
            trace,
            evidence,
        ),
        None => {
            let setup = plan.setup(scenario);
            observe(
                &arena::<Reference>(setup, &plan, scenario)?.world,
                participants,
                trace,
                evidence,
            )
        }
    })
}

/// What a trace would do with the reference contracts; `None` where the scenario runs these, or another protocol.
///
/// # Errors
/// If these cannot be deployed as the scenario has them.
pub fn observe_right(
    scenario: &Scenario,
    participants: &Participants,
    trace: &[TracedTransaction],
    evidence: &Evidence,
) -> Result<Option<Observation>, HuntError> {
    if scenario.profile.is_some() || scenario.contracts.is_reference() {
        return Ok(None);
    }
    let right = Scenario {
        contracts: ContractBuild::built_in(),
        ..scenario.clone()
    };
    observe_in(&right, participants, trace, evidence).map(Some)
}

fn arena<'a, P: Hunted>(
    setup: P::Setup<'a>,
    plan: &Plan,
    scenario: &Scenario,
) -> Result<Arena<'a, P>, HuntError> {
    let world = World::deploy(&setup, plan.deployer.address, scenario).map_err(HuntError::Deployment)?;
    Ok(Arena { setup, world })
}

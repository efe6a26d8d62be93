//! A run on a node, in real time.

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{
    ChainChoice, Funding, FundingError, Node, RunError, Setup,
    existing::Existing,
    facts::{facts, node_facts},
    funding::{purse, purses},
    overrides, setup,
    threshold_monitor::ThresholdMonitor,
};
use crate::{
    chain::rpc::{RunClock, Survey},
    driver::{
        EndCondition, Ended, Engine, RunObserver,
        real_time::{self, RealTimeSettings},
    },
    plan::Plan,
    protocol::{Checks, Protocol, Reference, State},
    record::{ChainFacts, Histograms, Recorder, RunResult, StopReason, WindowSpec},
    scenario::Scenario,
};

/// Runs `scenario` on a node.
///
/// # Errors
/// [`RunError`] if it could not begin: nothing was recorded then.
pub(super) async fn run(
    scenario: &Scenario,
    chain: &ChainChoice,
    recorder: Recorder,
    stop: CancellationToken,
    observer: impl RunObserver,
) -> Result<(RunResult, Histograms), RunError> {
    let started_at = Timestamp::now();
    let clock = RunClock::start();
    let plan = Plan::of(scenario);
    let (monitor, recorder) = ThresholdMonitor::new(
        scenario,
        plan.tasks,
        recorder.measuring(WindowSpec::new(scenario.measure, plan.load_end)),
        &stop,
    );
    let shares = chain.deployment().is_some();
    let finish = |recorder: Recorder, ended: Ended, chain: ChainFacts| {
        let mut facts = facts(scenario, &plan, Some(started_at), chain, ended);
        if shares {
            facts
                .checked
                .retain(|invariant| State::CHECKED_IF_SHARED.contains(invariant));
        }
        let (mut result, histograms) = recorder.finish(facts);
        monitor.evaluate(&mut result);
        (result, histograms)
    };

    let opened = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        opened = open(scenario, &plan, chain) => Some(opened?),
    };
    let Some(Opened {
        node,
        funding,
        survey,
        existing,
    }) = opened
    else {
        let ended = Ended::before_it_began(clock.now());
        return Ok(finish(recorder, ended, ChainFacts::default()));
    };
    // The rest of the run goes by the windows and the price that the contracts have.
    let applied = existing.as_ref().map(|existing| existing.applied_to(scenario));
    let asked = scenario;
    let scenario = applied.as_ref().unwrap_or(asked);
    let replanned = applied.as_ref().map(Plan::of);
    let plan = replanned.as_ref().unwrap_or(&plan);
    let set_up = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        () = node.ended() => Some(Err(RunError::Lost("anvil ended".to_owned()))),
        set_up = Setup::run_as(&node.endpoint, scenario, plan, funding.as_ref(), existing.as_ref()) => Some(set_up),
    };
    let setup = match set_up {
        Some(Ok(setup)) => setup,
        failed => {
            // Accounts may have been paid by now.
            if let Some(funding) = &funding {
                funding.sweep().await;
            }
            let Some(Err(error)) = failed else {
                node.close(false).await;
                let ended = Ended::before_it_began(clock.now());
                return Ok(finish(recorder, ended, ChainFacts::default()));
            };
            return Err(match node.close(error.is_silence()).await {
                Some(exit) => RunError::Lost(exit),
                None => error,
            });
        }
    };
    let mut chain = node_facts(scenario, &node, &setup.contracts, survey.as_ref());
    if let Some(existing) = &existing {
        chain.overrides.extend(existing.overrides(asked));
    }
    let settings = RealTimeSettings {
        endpoint: node.endpoint.clone(),
        start: setup.start,
        clock,
        accounts: setup.accounts,
        end_condition: EndCondition::of(scenario, plan),
        transaction_deadline: scenario.limits.transaction_deadline,
        market: funding.as_ref().map(|funding| funding.market().clone()),
    };
    let of_run = plan.setup(scenario);
    let state = if existing.is_some() {
        State::shared()
    } else {
        Reference::state(&of_run, Checks::Transactions { in_order: false })
    };
    let population = Reference::population(&of_run).into();
    let engine = Engine::new(population, setup.contracts, state, recorder);
    let mut dry = None;
    let lost = async {
        tokio::select! {
            () = node.ended() => {}
            why = keep_up(funding.as_ref()) => dry = Some(why),
        }
    };
    let (recorder, mut ended) = real_time::run(engine, settings, lost, monitor.stop(), observer).await;
    if let Some(why) = dry {
        ended.message = Some(format!("accounts cannot pay for transactions any more: {why}"));
    }
    if let Some(funding) = &funding {
        let result = funding.sweep().await;
        if let Some(node) = &mut ended.node {
            node.funding = Some(result);
        }
    }
    if let Some(exit) = node.close(ended.reason == StopReason::ChainLost).await {
        ended.message = Some(exit);
    }
    Ok(finish(recorder, ended, chain))
}

/// Keeps accounts paid, until the funder has run dry; for ever where nobody pays them.
async fn keep_up(funding: Option<&Funding>) -> FundingError {
    match funding {
        Some(funding) => funding.keep_up().await,
        None => std::future::pending().await,
    }
}

/// A node, and for an endpoint who pays the accounts there and what its chain is set to.
struct Opened {
    node: Node,
    funding: Option<Funding>,
    survey: Option<Survey>,
    existing: Option<Existing>,
}

async fn open(scenario: &Scenario, plan: &Plan, chain: &ChainChoice) -> Result<Opened, RunError> {
    let mut node = Node::open(chain, &scenario.chain).await?;
    node.endpoint.http = node.endpoint.http.with_patience(scenario.limits.node_timeout);
    let existing = match chain.deployment() {
        Some(file) => Some(Existing::find(&node.endpoint, file, plan, chain.funder()).await?),
        None => None,
    };
    if let Some(existing) = &existing {
        for setting in existing.overrides(scenario) {
            let found = setting.endpoint.unwrap_or_default();
            let file = existing.path.display();
            tracing::warn!(
                "{} is {found} in the contracts of {file}, not {}",
                setting.setting,
                setting.scenario
            );
        }
    }
    let mut opened = Opened {
        node,
        funding: None,
        survey: None,
        existing,
    };
    let ChainChoice::Endpoint(chosen) = chain else {
        return Ok(opened);
    };
    let survey = opened.node.endpoint.survey().await?;
    overrides::report(&scenario.chain, &overrides::overrides(&scenario.chain, &survey));
    if let Some(funder) = &chosen.funder {
        let block_time = survey
            .block_time
            .map_or(scenario.chain.block_time, |(time, _)| time);
        let patience = setup::patience(block_time);
        let mut purses = purses(scenario, plan, &Reference::deployment(&plan.setup(scenario), 0));
        if opened.existing.is_some() {
            purse::without_deployment(&mut purses, plan);
        }
        let allowance = chosen.allowance.or(scenario.chain.allowance);
        let endpoint = &opened.node.endpoint;
        opened.funding = Some(Funding::open(endpoint, funder.clone(), purses, allowance, patience).await?);
    }
    opened.survey = Some(survey);
    Ok(opened)
}

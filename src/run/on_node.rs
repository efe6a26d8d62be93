//! A run on a node, in real time.

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{
    ChainChoice, Funding, FundingError, Node, RunError, Setup,
    existing::{Existing, on_chain},
    facts::{DeployedFacts, facts, node_facts, reached},
    funding::purses,
    gas_limits::GasLimits,
    in_process::checked,
    overrides,
    profile_sample::ProfileSample,
    setup,
    threshold_monitor::ThresholdMonitor,
};
use crate::{
    chain::{
        anvil,
        rpc::{RunClock, Survey},
    },
    driver::{
        EndCondition, Ended, Engine, FaultSettings, RunObserver,
        real_time::{self, RealTimeSettings},
    },
    plan::{Key, Plan},
    protocol::{
        Checks, Contracts, DeployedContracts as _, Protocol, Reference, ReferenceSetup,
        profile::{
            ProfileSetup,
            interpreter::{Profile, ProfileContracts},
        },
    },
    proxy::Names,
    record::{ChainFacts, Histograms, Recorder, RunResult, SettingOverride, StopReason, WindowSpec},
    scenario::Scenario,
    time::Micros,
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
    observer: &mut dyn RunObserver,
) -> Result<(RunResult, Histograms), RunError> {
    let limits = GasLimits::of(scenario)?;
    let begun = (Timestamp::now(), RunClock::start());
    let node = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        node = open(scenario, chain) => Some(node?),
    };
    let (existing, applied) = match (&node, chain.deployment()) {
        (Some(node), Some(file)) if scenario.profile.is_some() => {
            (None, Some(on_chain(scenario, &node.endpoint, file).await?))
        }
        (Some(node), Some(file)) => {
            let plan = Plan::of(scenario);
            let found = Existing::find(&node.endpoint, file, &plan, chain.funder()).await?;
            found.report(scenario);
            // The rest of the run goes by the windows and the price that the contracts have.
            let applied = found.applied_to(scenario);
            (Some(found), Some(applied))
        }
        _ => (None, None),
    };
    let asked = scenario;
    let scenario = applied.as_ref().unwrap_or(asked);
    let plan = Plan::of(scenario);
    let own_id = anvil::Config::default().chain_id;
    let chain_id = node.as_ref().map_or(own_id, |node| node.endpoint.chain_id);
    let run = NodeRun {
        scenario,
        plan: &plan,
        chain,
        deployer: existing.as_ref().and_then(|existing| existing.owner.as_ref()),
        overrides: existing.as_ref().map(|existing| existing.overrides(asked)),
        begun,
        stop,
    };
    if let Some(setup) = plan.profile_setup(scenario, chain_id) {
        let setup = ProfileSetup {
            gas_limits: limits.of_functions(),
            ..setup
        };
        let facts = |contracts: &ProfileContracts| DeployedFacts::of_profile(scenario, contracts);
        return run
            .drive::<Profile>(node, recorder, observer, &setup, limits.sample(), facts)
            .await;
    }
    let setup = ReferenceSetup {
        gas_limit_percent: limits.percent(),
        existing: existing.as_ref().map(|existing| &existing.contracts),
        ..plan.setup(scenario)
    };
    let facts = |contracts: &Contracts| DeployedFacts::of_reference(scenario, contracts);
    run.drive::<Reference>(node, recorder, observer, &setup, None, facts)
        .await
}

/// The states that an anvil keeps where faults go back to them.
const PAST_STATES: u32 = 64;

/// The node of a run, behind a proxy if it is to fail.
async fn open(scenario: &Scenario, chain: &ChainChoice) -> Result<Node, RunError> {
    let faults = &scenario.faults;
    if faults.is_empty() {
        let mut node = Node::open(chain, &scenario.chain).await?;
        node.endpoint.http = node.endpoint.http.with_patience(scenario.limits.node_timeout);
        return Ok(node);
    }
    let node = Node::open_with_past(chain, &scenario.chain, PAST_STATES).await?;
    if !node.endpoint.is_anvil()
        && let Some((fault, method)) = faults.anvil_methods().next()
    {
        let client = node.endpoint.client.clone();
        node.close(false).await;
        return Err(RunError::NotAnvil {
            fault: fault.name(),
            method,
            client,
        });
    }
    let mut node = node.behind_proxy(chain).await?;
    node.endpoint.http = node.endpoint.http.with_patience(scenario.limits.node_timeout);
    Ok(node)
}

/// A run on a node, whatever its protocol.
struct NodeRun<'a> {
    scenario: &'a Scenario,
    plan: &'a Plan,
    chain: &'a ChainChoice,
    /// Who sends the transactions of setup, if it is not the plan's deployer.
    deployer: Option<&'a Key>,
    /// What contracts that are there already have other than the scenario asks.
    overrides: Option<Vec<SettingOverride>>,
    /// When the run began.
    begun: (Timestamp, RunClock),
    stop: CancellationToken,
}

impl NodeRun<'_> {
    /// Runs on `node`, which is `None` if the run was stopped before there was one. `sample` tells what calls of a profile need.
    async fn drive<P: Protocol>(
        self,
        node: Option<Node>,
        recorder: Recorder,
        observer: &mut dyn RunObserver,
        setup: &P::Setup<'_>,
        sample: Option<&ProfileSample>,
        deployed: impl FnOnce(&P::Contracts) -> DeployedFacts,
    ) -> Result<(RunResult, Histograms), RunError> {
        let (scenario, plan, (started_at, clock)) = (self.scenario, self.plan, self.begun);
        let recorder = match scenario.faults.is_empty() {
            true => recorder,
            false => recorder.with_faults(),
        };
        let (monitor, recorder) = ThresholdMonitor::new(
            scenario,
            plan.tasks,
            recorder.measuring(WindowSpec::new(scenario.measure, plan.load_end)),
            &self.stop,
        );
        let finish = |recorder: Recorder, ended: Ended, chain: ChainFacts| {
            let (mut result, histograms) = recorder.finish(facts(
                scenario,
                checked::<P>(setup, plan, scenario, reached(&ended, false)),
                Some(started_at),
                chain,
                ended,
            ));
            monitor.evaluate(&mut result);
            (result, histograms)
        };
        let stopped = |recorder| {
            let ended = Ended::before_it_began(clock.now());
            Ok(finish(recorder, ended, ChainFacts::default()))
        };

        let Some(node) = node else {
            return stopped(recorder);
        };
        let prepared = tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            prepared = self.prepare::<P>(&node, setup, sample) => Some(prepared?),
        };
        let Some((survey, funding)) = prepared else {
            node.close(false).await;
            return stopped(recorder);
        };
        let set_up = tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            () = node.ended() => Some(Err(RunError::Lost("anvil ended".to_owned()))),
            set_up = self.set_up::<P>(&node, setup, funding.as_ref()) => Some(set_up),
        };
        let found = match set_up {
            Some(Ok(found)) => found,
            failed => {
                // Accounts may have been paid by now.
                if let Some(funding) = &funding {
                    funding.sweep().await;
                }
                let Some(Err(error)) = failed else {
                    node.close(false).await;
                    return stopped(recorder);
                };
                return Err(match node.close(error.is_silence()).await {
                    Some(exit) => RunError::Lost(exit),
                    None => error,
                });
            }
        };
        let mut chain = node_facts(scenario, &node, deployed(&found.contracts), survey.as_ref());
        chain.overrides.extend(self.overrides.unwrap_or_default());
        let faults = FaultSettings::of(scenario, plan);
        if let Some(proxy) = &node.proxy {
            let names = Names::of(plan.accounts().map(|account| {
                let group = faults.groups.get(&account.actor).cloned();
                let role = account.actor.role.name();
                (account.key.address, role, group.unwrap_or_default())
            }));
            proxy.inject(&faults.plan, faults.seed, names, clock.instant(Micros::ZERO));
        }
        let settings = RealTimeSettings {
            proxy: node.proxy.clone(),
            old_replies: scenario.chain.block_time * faults.plan.oldest_reply(),
            endpoint: node.endpoint.clone(),
            start: found.start,
            clock,
            accounts: found.accounts,
            end_condition: EndCondition::of(scenario, plan),
            transaction_deadline: scenario.limits.transaction_deadline,
            market: funding.as_ref().map(|funding| funding.market().clone()),
        };
        let checks = Checks::Transactions { in_order: false };
        let (population, state) = (
            P::population(setup, &found.contracts).misbehaving(&plan.misbehaviour, &found.contracts),
            P::state(setup, &found.contracts, checks),
        );
        let engine = Engine::new(population.into(), found.contracts, state, recorder);
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

    /// What an endpoint's chain is set to, and who pays the accounts there; nothing of a chain that taskstorm started.
    async fn prepare<P: Protocol>(
        &self,
        node: &Node,
        setup: &P::Setup<'_>,
        sample: Option<&ProfileSample>,
    ) -> Result<(Option<Survey>, Option<Funding>), RunError> {
        let ChainChoice::Endpoint(chosen) = self.chain else {
            return Ok((None, None));
        };
        let spec = &self.scenario.chain;
        let survey = node.endpoint.survey().await?;
        let deployed = P::deployment(setup, 0).map_err(RunError::Deployment)?;
        if deployed.contracts.log_priority().returns && !node.endpoint.tells_returns().await? {
            return Err(RunError::NoReturns(node.endpoint.http.url().to_owned()));
        }
        overrides::report(spec, &overrides::overrides(spec, &survey));
        let Some(funder) = chosen.funder.clone() else {
            return Ok((Some(survey), None));
        };
        let block_time = survey.block_time.map_or(spec.block_time, |(time, _)| time);
        let patience = setup::patience(block_time);
        let purses = purses(self.scenario, self.plan, &deployed.steps, sample);
        let allowance = chosen.allowance.or(spec.allowance);
        let funding = Funding::open(&node.endpoint, funder, purses, allowance, patience).await?;
        Ok((Some(survey), Some(funding)))
    }

    async fn set_up<P: Protocol>(
        &self,
        node: &Node,
        setup: &P::Setup<'_>,
        funding: Option<&Funding>,
    ) -> Result<Setup<P>, RunError> {
        let deployer = self.deployer.unwrap_or(&self.plan.deployer);
        Setup::run_as(&node.endpoint, self.scenario, self.plan, setup, funding, deployer).await
    }
}

/// Keeps accounts paid, until the funder has run dry; for ever where nobody pays them.
async fn keep_up(funding: Option<&Funding>) -> FundingError {
    match funding {
        Some(funding) => funding.keep_up().await,
        None => std::future::pending().await,
    }
}

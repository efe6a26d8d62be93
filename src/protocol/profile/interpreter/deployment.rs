//! The deployment of a profile's contracts, with the steps of set-up that go before one of them.

use std::{collections::BTreeMap, sync::Arc};

use alloy::primitives::{Address, U256};

use super::{
    super::{
        definition::{ContractDefinition, Origin},
        expression::{Answers, Expression, Read, Value, encode},
        plan::ProfileSetup,
        rule::{Rule, Trigger},
    },
    ProfileContracts, World,
    no_draws::NoDraws,
    protocol::Profile,
    query::encode_read,
    view::View,
};
use crate::protocol::{
    Deployed, DeploymentStep, Invocation, LateStep, Prepared, StepAnswers, StepContent, StepRead,
};

/// Gas that creating a contract may use besides its code: the transaction, and what its constructor does. As much as a step
/// before it may use.
const CREATE_GAS: u64 = 3_000_000;
/// Gas per byte of init code: 16 of calldata, 200 for keeping it as code, and the few that reading it takes.
const CODE_BYTE_GAS: u64 = 220;
/// The most gas that a transaction may have from the Osaka hardfork on (EIP-7825).
const MOST_GAS: u64 = 1 << 24;

impl ProfileSetup<'_> {
    /// The deployment of the contracts by their deployer, whose next nonce is `first_nonce`.
    ///
    /// # Errors
    /// If a constructor's argument or a parameter has no value.
    pub(super) fn deployment(&self, first_nonce: u64) -> Result<Deployed<Profile>, String> {
        let world = Arc::new(World::new(self, first_nonce)?);
        let steps = steps(self).into_iter().map(|step| prepare_early(&world, step));
        Ok(Deployed {
            steps: steps.collect::<Result<_, _>>()?,
            contracts: ProfileContracts::new(world),
        })
    }
}

/// A transaction of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It creates the contract at this place.
    Create(usize),
    /// It is that of the rule at this place, for an account of a role if it is repeated for each.
    Call(usize, Option<Address>),
}

/// The transactions of the deployment, in order: contracts, each behind the steps of set-up that go before it. A contract that
/// is there already needs none.
pub(super) fn steps(setup: &ProfileSetup<'_>) -> Vec<Step> {
    let mut steps = Vec::new();
    let definition = setup.definition;
    for (place, contract) in definition.contracts.iter().enumerate() {
        if !matches!(contract.origin, Origin::Deployed { .. }) {
            continue;
        }
        for (rule, definition) in definition.rules.iter().enumerate() {
            match definition.trigger {
                Trigger::SetUp {
                    before: Some(before), ..
                } if before != place => {}
                Trigger::SetUp {
                    before: Some(_),
                    for_each: Some(role),
                } => {
                    let accounts = setup.accounts(role).into_iter();
                    steps.extend(accounts.map(|account| Step::Call(rule, Some(account))));
                }
                Trigger::SetUp { before: Some(_), .. } => steps.push(Step::Call(rule, None)),
                _ => {}
            }
        }
        steps.push(Step::Create(place));
    }
    steps
}

/// A step whose transaction follows from reads of the chain.
#[derive(Debug)]
struct ReadingStep {
    world: Arc<World>,
    step: Step,
}

impl LateStep for ReadingStep {
    fn prepare(&self, answers: &StepAnswers) -> Result<Prepared, String> {
        prepare(&self.world, self.step, answers)
    }
}

/// A step with its transaction if that is known before anything is on the chain.
fn prepare_early(world: &Arc<World>, step: Step) -> Result<DeploymentStep, String> {
    let name = name(world, step);
    match prepare(world, step, &StepAnswers::new())? {
        Prepared::Transaction(invocation) => Ok(DeploymentStep::known(name, invocation)),
        Prepared::Reads(_) => Ok(DeploymentStep {
            name,
            gas_limit: gas_limit(world, step),
            value: U256::ZERO,
            content: StepContent::Late(Arc::new(ReadingStep {
                world: Arc::clone(world),
                step,
            })),
        }),
    }
}

/// What a step is, for people.
fn name(world: &World, step: Step) -> String {
    match step {
        Step::Create(place) => {
            format!("the constructor of {}", world.definition.contracts[place].shown())
        }
        Step::Call(place, _) => {
            let rule = &world.definition.rules[place];
            format!("the step of set-up {} ({})", rule.call.function(), rule.at)
        }
    }
}

/// The most gas that a step may use, the arguments of a constructor left out.
fn gas_limit(world: &World, step: Step) -> u64 {
    match step {
        Step::Create(place) => {
            let contract = &world.definition.contracts[place];
            let bytes = contract.code().to_hex().len() as u64 / 2;
            match contract.origin {
                Origin::Deployed { gas: Some(gas), .. } => gas,
                _ => (CREATE_GAS + CODE_BYTE_GAS * bytes).min(MOST_GAS),
            }
        }
        Step::Call(place, _) => world.definition.rules[place].gas.unwrap_or(CREATE_GAS),
    }
}

fn prepare(world: &World, step: Step, answers: &StepAnswers) -> Result<Prepared, String> {
    let failed = |reason: String| format!("{}: {reason}", name(world, step));
    let mut reader = Reader {
        view: View::of(world),
        answers,
        wanted: Vec::new(),
    };
    let invocation = match step {
        Step::Create(place) => create(&world.definition.contracts[place], world, &mut reader),
        Step::Call(place, account) => {
            reader.view.account = account;
            call(
                &world.definition.rules[place],
                gas_limit(world, step),
                &mut reader,
            )
        }
    };
    match invocation.map_err(failed)? {
        Some(invocation) => Ok(Prepared::Transaction(invocation)),
        None => Ok(Prepared::Reads(reader.wanted)),
    }
}

/// The transaction that creates a contract; `None` as long as something must be read for it.
fn create(
    contract: &ContractDefinition,
    world: &World,
    reader: &mut Reader<'_>,
) -> Result<Option<Invocation>, String> {
    let Origin::Deployed {
        code,
        arguments,
        value,
        gas,
    } = &contract.origin
    else {
        return Err("it is there already".to_owned());
    };
    let libraries: BTreeMap<String, Address> = world
        .definition
        .contracts
        .iter()
        .zip(&world.addresses)
        .map(|(contract, address)| (contract.qualified.clone(), *address))
        .collect();
    let code = code.link(&libraries).map_err(|missing| {
        let names: Vec<String> = missing.iter().map(ToString::to_string).collect();
        format!("not linked: {}", names.join(", "))
    })?;
    let mut values = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let value = reader.evaluate(argument)?;
        values.extend(value.map(|value| (value, argument.ty().clone())));
    }
    let value = reader.wei(value.as_deref())?;
    if !reader.wanted.is_empty() {
        return Ok(None);
    }
    let encoded = encode(&values).ok_or_else(|| "an argument is not of its type".to_owned())?;
    let input: Vec<u8> = [code.as_ref(), encoded.as_ref()].concat();
    Ok(Some(Invocation {
        to: None,
        value,
        gas_limit: gas.unwrap_or((CREATE_GAS + CODE_BYTE_GAS * input.len() as u64).min(MOST_GAS)),
        input: input.into(),
    }))
}

/// The transaction of a step of set-up; `None` as long as something must be read for it.
fn call(rule: &Rule, gas_limit: u64, reader: &mut Reader<'_>) -> Result<Option<Invocation>, String> {
    let value = reader.wei(rule.value.as_ref())?;
    let mut answers = Answers::new();
    let is_read = reader.read(&mut answers, |view, answers| rule.call.reads(view, answers));
    if !is_read || !reader.wanted.is_empty() {
        return Ok(None);
    }
    let call = rule
        .call
        .evaluate(&reader.view, &mut NoDraws::default(), &answers)
        .map_err(|error| error.to_string())?;
    Ok(Some(Invocation {
        to: Some(call.to),
        value,
        gas_limit,
        input: call.calldata,
    }))
}

/// Evaluates expressions of a step with what was read for it, and notes what is still to be read.
struct Reader<'a> {
    view: View<'a>,
    answers: &'a StepAnswers,
    wanted: Vec<StepRead>,
}

impl Reader<'_> {
    /// The value of an expression; `None` as long as something must be read for it.
    fn evaluate(&mut self, expression: &Expression) -> Result<Option<Value>, String> {
        let mut answers = Answers::new();
        if !self.read(&mut answers, |view, answers| expression.reads(view, answers)) {
            return Ok(None);
        }
        let value = expression.evaluate(&self.view, &mut NoDraws::default(), &answers);
        value.map(Some).map_err(|error| error.to_string())
    }

    /// Wei sent along; none as long as something must be read for it.
    fn wei(&mut self, expression: Option<&Expression>) -> Result<U256, String> {
        let value = expression
            .map(|value| self.evaluate(value))
            .transpose()?
            .flatten();
        Ok(value.and_then(|value| value.as_word()).unwrap_or(U256::ZERO))
    }

    /// Gives an expression the answers to its reads, each round as far as they are there. Returns whether all are.
    fn read(&mut self, answers: &mut Answers, reads: impl Fn(&View<'_>, &mut Answers) -> Vec<Read>) -> bool {
        loop {
            let round = reads(&self.view, answers);
            if round.is_empty() {
                return true;
            }
            let mut is_answered = true;
            for read in &round {
                let wanted = encode_read(read);
                match self.answers.get(&wanted) {
                    Some(answer) => answers.set(read, answer.clone()),
                    None => {
                        is_answered = false;
                        self.wanted.push(wanted);
                    }
                }
            }
            if !is_answered {
                return false;
            }
        }
    }
}

//! A profile's contracts: calls to calldata, logs to events, and revert data to words.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use alloy::{
    dyn_abi::{DynSolValue, JsonAbiExt},
    json_abi::{Error as AbiError, Function as FunctionAbi},
    primitives::{Address, Bytes, Selector, hex, map::HashMap},
    sol_types::{Panic, Revert, SolError},
};

use rand::rngs::ChaCha8Rng;

use super::{
    super::{
        definition::Origin,
        expression::{Answers, Expression, Value},
        plan::ProfileSetup,
        rule::{Rule, Trigger},
    },
    ProfileCall, ProfileEvent, ProfileQuery, ProfileReply, ProfileState, World, misbehaviour,
    no_draws::NoDraws,
    protocol::Profile,
    query::encode_read,
    view::View,
    world::task_key,
};
use crate::{
    block::{Log, LogPriority},
    protocol::{
        ActorId, Behaviour, Cue, DeployedContracts, Directory, DishonestCall, Invocation, Owed, ProtocolCall,
        ProtocolEvent, ProtocolSchema, TaskKey, Temptation,
    },
};

/// The deployed contracts of a profile.
#[derive(Clone, Debug)]
pub struct ProfileContracts {
    world: Arc<World>,
    errors: Arc<HashMap<Selector, AbiError>>,
    /// Events of blocks that are no longer the chain's, with how often, until they are back.
    undone: Arc<Mutex<HashMap<ProfileEvent, u32>>>,
}

impl ProfileContracts {
    pub(super) fn new(world: Arc<World>) -> Self {
        let abis = world.definition.contracts.iter().map(|contract| &contract.abi);
        let errors = abis.flat_map(|abi| abi.errors().cloned().map(|error| (error.selector(), error)));
        Self {
            errors: Arc::new(errors.collect()),
            undone: Arc::default(),
            world,
        }
    }

    /// What never changes in the run.
    #[must_use]
    pub const fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// Whether an event is back that a reorg took back.
    pub(super) fn comes_back(&self, event: &ProfileEvent) -> bool {
        let mut undone = self.undone.lock().unwrap_or_else(PoisonError::into_inner);
        if undone.is_empty() {
            return false;
        }
        let event = event.identity();
        let Some(times) = undone.get_mut(&event) else {
            return false;
        };
        *times -= 1;
        if *times == 0 {
            undone.remove(&event);
        }
        true
    }

    fn named(&self, output: &[u8]) -> Option<String> {
        let error = self.errors.get(output.get(..4)?)?;
        let values = error.abi_decode_input(&output[4..]).ok()?;
        let values = error.inputs.iter().zip(&values);
        let arguments: Vec<String> = values
            .map(|(input, value)| match input.name.as_str() {
                "" => self.shown(value),
                name => format!("{name}: {}", self.shown(value)),
            })
            .collect();
        Some(match arguments.as_slice() {
            [] => error.name.clone(),
            _ => format!("{} {{ {} }}", error.name, arguments.join(", ")),
        })
    }

    /// A value for people; the address of a contract is its name.
    fn shown(&self, value: &DynSolValue) -> String {
        let all = |values: &[DynSolValue]| {
            let shown = values.iter().map(|value| self.shown(value));
            shown.collect::<Vec<_>>().join(", ")
        };
        match value {
            DynSolValue::Bool(truth) => truth.to_string(),
            DynSolValue::Int(number, _) => number.to_string(),
            DynSolValue::Uint(number, _) => number.to_string(),
            DynSolValue::FixedBytes(word, size) => hex::encode_prefixed(&word[..(*size).min(32)]),
            DynSolValue::Address(address) => self.named_address(*address),
            DynSolValue::Function(function) => function.to_string(),
            DynSolValue::Bytes(bytes) => hex::encode_prefixed(bytes),
            DynSolValue::String(text) => format!("{text:?}"),
            DynSolValue::Array(values) | DynSolValue::FixedArray(values) => format!("[{}]", all(values)),
            DynSolValue::Tuple(values) => format!("({})", all(values)),
        }
    }

    fn named_address(&self, address: Address) -> String {
        let mut places = self.world.addresses.iter();
        let place = places.position(|known| *known == address && !known.is_zero());
        match place {
            Some(place) => self.world.definition.contracts[place].name.clone(),
            None => address.to_string(),
        }
    }
}

impl DeployedContracts<Profile> for ProfileContracts {
    fn schema(&self) -> &'static ProtocolSchema {
        self.world.definition.schema
    }

    fn by_name(&self) -> BTreeMap<String, Address> {
        let contracts = self.world.definition.contracts.iter();
        let contracts = contracts.zip(self.world.addresses.iter().copied());
        let one = contracts.filter(|(contract, _)| !matches!(contract.origin, Origin::Created { .. }));
        one.map(|(contract, address)| (contract.name.clone(), address))
            .collect()
    }

    fn expected(&self) -> Vec<(String, Address)> {
        let contracts = self.world.definition.contracts.iter();
        let there = contracts.filter_map(|contract| match contract.origin {
            Origin::At(address) => Some((contract.shown(), address)),
            Origin::Deployed { .. } | Origin::Created { .. } => None,
        });
        // A library that others are linked with may have no place in a file of a deployment.
        there.filter(|(_, address)| !address.is_zero()).collect()
    }

    /// Actors act on whole blocks.
    fn log_priority(&self) -> LogPriority {
        LogPriority {
            contract: self.world.addresses.first().copied().unwrap_or_default(),
            immediate: Vec::new(),
            next: Vec::new(),
            returns: self
                .world
                .definition
                .rules
                .iter()
                .any(|rule| rule.returned.is_some()),
        }
    }

    fn encode(&self, call: &ProfileCall) -> Invocation {
        let rule = call
            .rule
            .map(|rule| &self.world.definition.rules[usize::from(rule)]);
        let found = || {
            self.world
                .gas_limits
                .get(call.function.index())
                .copied()
                .flatten()
        };
        Invocation {
            to: Some(call.to.unwrap_or_default()),
            value: call.value,
            input: call.input.clone(),
            gas_limit: match rule {
                None => 21_000,
                Some(rule) => rule.gas.or_else(found).unwrap_or(ProfileSetup::GAS_LIMIT),
            },
        }
    }

    /// As a call of the first rule that calls this function of this contract. Calldata does not tell the task that it is about.
    fn decode_call(&self, _: Address, invocation: &Invocation) -> Option<ProfileCall> {
        let definition = &self.world.definition;
        let to = invocation.to?;
        if to.is_zero() && invocation.input.is_empty() {
            return Some(ProfileCall::filler(definition.schema));
        }
        let selector = invocation.input.get(..4)?;
        let is_called = |rule: &Rule| {
            let contract = rule.call.contract().map(|contract| contract.0);
            let address = contract.and_then(|contract| self.world.addresses.get(contract));
            address == Some(&to) && rule.call.selector() == selector
        };
        let place = definition.rules.iter().position(is_called)?;
        let rule = &definition.rules[place];
        Some(ProfileCall {
            rule: Some(place as u16),
            function: rule.function,
            to: Some(to),
            input: invocation.input.clone(),
            value: invocation.value,
            submits: matches!(rule.trigger, Trigger::Arrival),
            races: rule.races,
            ..ProfileCall::filler(definition.schema)
        })
    }

    fn decode(&self, log: &Log) -> Option<ProfileEvent> {
        let (kind, decoder) = self.world.event(log.address, *log.topics.first()?)?;
        let definition = &self.world.definition.events[usize::from(kind)];
        let decoded = decoder
            .decode_log_parts(log.topics.iter().copied(), &log.data)
            .ok()?;
        let (mut indexed, mut body) = (decoded.indexed.into_iter(), decoded.body.into_iter());
        let arguments = definition.abi.inputs.iter().map(|input| {
            let next = if input.indexed {
                indexed.next()
            } else {
                body.next()
            };
            next.map(Value::from)
        });
        let arguments = arguments.chain([Some(log.address.into())]);
        let arguments: Arc<[Value]> = arguments.collect::<Option<Vec<Value>>>()?.into();
        let view = View {
            event: Some(&arguments),
            ..View::of(&self.world)
        };
        let none = Answers::new();
        let evaluate =
            |expression: &Expression| expression.evaluate(&view, &mut NoDraws::default(), &none).ok();
        let words = match &definition.key {
            None => None,
            Some(key) => Some(key.iter().map(evaluate).collect::<Option<Vec<Value>>>()?),
        };
        let opens = definition.effects.iter().any(|effect| {
            effect.opens
                && effect
                    .when
                    .as_ref()
                    .is_none_or(|when| evaluate(when).and_then(|truth| truth.as_bool()) == Some(true))
        });
        let closes = definition.effects.iter().any(|effect| effect.closes.is_some());
        Some(ProfileEvent {
            kind,
            task: words.as_deref().map(task_key),
            words: words.unwrap_or_default().into(),
            headline: (opens || closes).then(|| definition.abi.name.as_str().into()),
            arguments,
            opens,
            is_found: false,
        })
    }

    fn returned(
        &self,
        call: &ProfileCall,
        from: Address,
        output: Option<&Bytes>,
    ) -> Result<Option<ProfileEvent>, String> {
        let rule = call
            .rule
            .map(|rule| &self.world.definition.rules[usize::from(rule)]);
        let Some((rule, kind)) = rule.and_then(|rule| Some((rule, rule.returned?))) else {
            return Ok(None);
        };
        let function = rule.call.function();
        let Some(output) = output else {
            return Err(format!(
                "what {function} returned is not known: the node has no debug_traceTransaction"
            ));
        };
        let result = rule.call.decode_result(output);
        let result = result.ok_or_else(|| format!("what {function} returned is not of its ABI's types"))?;
        let view = View {
            result: Some(&result),
            mine: call.mine.as_deref(),
            sender: from,
            ..View::of(&self.world)
        };
        let evaluate = |word: &Expression| {
            let value = word.evaluate(&view, &mut NoDraws::default(), &Answers::new());
            value.map_err(|error| format!("the key of the task that {function} opened: {error}"))
        };
        let opens = rule.opens.as_deref().filter(|_| rule.opens_by_result);
        let words: Vec<Value> = opens
            .unwrap_or_default()
            .iter()
            .map(evaluate)
            .collect::<Result<_, _>>()?;
        Ok(Some(ProfileEvent {
            kind: kind as u16,
            task: opens.map(|_| task_key(&words)),
            words: words.into(),
            arguments: [result].into(),
            opens: opens.is_some(),
            headline: opens.map(|_| function.into()),
            is_found: false,
        }))
    }

    fn decode_error(&self, output: Option<&Bytes>) -> String {
        let Some(output) = output else {
            return "no revert data".to_owned();
        };
        if output.is_empty() {
            return "no error data (out of gas, a bare revert, or no such function)".to_owned();
        }
        if let Ok(revert) = Revert::abi_decode(output) {
            return revert.reason;
        }
        if let Ok(panic) = Panic::abi_decode(output) {
            return panic.to_string();
        }
        self.named(output)
            .unwrap_or_else(|| format!("unknown error {output}"))
    }

    fn encode_query(&self, query: &ProfileQuery) -> (Option<Address>, Bytes) {
        encode_read(&query.read)
    }

    fn decode_reply(&self, query: &ProfileQuery, data: &Bytes) -> Result<ProfileReply, String> {
        Ok(ProfileReply {
            query: query.clone(),
            data: data.clone(),
        })
    }

    fn watcher(&self, _: TaskKey, _: &Directory) -> Option<ActorId> {
        None
    }

    /// The state says who acts, after each block.
    fn concerned(&self, _: &ProfileEvent, _: &ProfileState, _: &Directory, _: &mut Vec<ActorId>) {}

    fn can_route(&self, _: &ProfileEvent, _: &ProfileState) -> bool {
        false
    }

    fn is_asked_for(&self, _: TaskKey, _: &ProfileState, _: &Directory) -> bool {
        false
    }

    fn function_abi(&self, invocation: &Invocation) -> Option<FunctionAbi> {
        self.abi_of(invocation)
    }

    fn dishonest(
        &self,
        tempting: &mut Temptation<'_, Profile>,
        random: &mut ChaCha8Rng,
    ) -> Option<Vec<DishonestCall<Profile>>> {
        misbehaviour::dishonest(self, tempting, random)
    }

    fn cues(&self, tempting: &Temptation<'_, Profile>, random: &mut ChaCha8Rng) -> Vec<Cue<Profile>> {
        misbehaviour::cues(tempting, &self.world, random)
    }

    /// The profile says what its calls refuse.
    fn owed(&self, behaviour: Behaviour, _: Address, call: &ProfileCall, _: bool, _: &ProfileState) -> Owed {
        let rule = call
            .rule
            .and_then(|rule| self.world.definition.rules.get(usize::from(rule)));
        match rule.is_some_and(|rule| rule.refuses.contains(&behaviour)) {
            true => Owed::MustBeRefused,
            false => Owed::MayBeAccepted,
        }
    }

    fn undone(&mut self, event: &ProfileEvent, _: &Directory) {
        let mut undone = self.undone.lock().unwrap_or_else(PoisonError::into_inner);
        *undone.entry(event.identity()).or_default() += 1;
    }
}

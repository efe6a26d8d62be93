//! The constants of a run of a profile: the definition, addresses, accounts, and values of parameters.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use alloy::{
    dyn_abi::{DynSolEvent, Specifier},
    primitives::{Address, B256, keccak256, map::HashMap},
};
use rand::{SeedableRng, rngs::ChaCha8Rng, seq::index};

use super::{
    super::{
        definition::{Definition, Origin},
        expression::{Answers, Value},
        plan::ProfileSetup,
        rule::Trigger,
        schema::SchemaNames,
    },
    deployment::{self, Step},
    no_draws::{FieldDraws, NoDraws},
    state::Timed,
    view::View,
};
use crate::protocol::TaskKey;

/// What never changes in a run of a profile.
#[derive(Debug)]
pub struct World {
    /// The profile.
    pub definition: Arc<Definition>,
    /// The address of each contract; zero of those that are created in the run.
    pub addresses: Vec<Address>,
    /// The value of each parameter; `None` of the built-in ones.
    pub parameters: Vec<Option<Value>>,
    /// The accounts of each role.
    pub accounts: Vec<Value>,
    /// The deployer's account.
    pub deployer: Address,
    /// The chain's id.
    pub chain_id: u64,
    /// The gas limit of each function.
    pub gas_limits: Vec<Option<u64>>,
    /// Actors of each role.
    counts: Vec<u32>,
    seed: u64,
    /// The secret keys of all accounts, to sign with.
    keys: HashMap<Address, [u8; 32]>,
    /// The place of an event by its contract's address and its topic; by the topic and the address zero of one that contracts
    /// write which are created in the run.
    events: HashMap<(Address, B256), u16>,
    /// The events as they are decoded; `None` of one whose ABI is none.
    decoders: Vec<Option<DynSolEvent>>,
    /// What falls due by the chain's time or height.
    pub(super) timed: Vec<Timed>,
    /// Warnings that were given.
    warned: Mutex<HashSet<String>>,
}

impl World {
    /// The world of a run whose deployer has this next nonce.
    ///
    /// # Errors
    /// If a parameter has no value.
    pub fn new(setup: &ProfileSetup<'_>, first_nonce: u64) -> Result<Self, String> {
        let definition = Arc::clone(setup.definition);
        let mut addresses: Vec<Address> = definition
            .contracts
            .iter()
            .map(|contract| match contract.origin {
                Origin::At(address) => address,
                Origin::Created { .. } | Origin::Deployed { .. } => Address::ZERO,
            })
            .collect();
        for (nonce, step) in (first_nonce..).zip(deployment::steps(setup)) {
            if let Step::Create(place) = step {
                addresses[place] = setup.deployer.address.create(nonce);
            }
        }
        let keys = setup
            .actors
            .iter()
            .map(|actor| &actor.key)
            .chain([setup.deployer]);
        let logged = definition.events.iter().enumerate();
        let logged = logged.filter(|(_, event)| event.returned_by.is_none());
        let events = logged.map(|(place, event)| {
            let address = addresses[event.contract.0];
            ((address, event.abi.selector()), place as u16)
        });
        let counts = (0..definition.roles.len()).map(|role| setup.accounts(role).len() as u32);
        let mut world = Self {
            keys: keys.map(|key| (key.address, key.secret)).collect(),
            events: events.collect(),
            decoders: definition
                .events
                .iter()
                .map(|event| event.abi.resolve().ok())
                .collect(),
            counts: counts.collect(),
            timed: Timed::all(&definition),
            warned: Mutex::default(),
            addresses,
            parameters: vec![None; definition.parameters.len()],
            accounts: setup.all_accounts(),
            deployer: setup.deployer.address,
            chain_id: setup.chain_id,
            gas_limits: setup.gas_limits.to_vec(),
            seed: setup.seed,
            definition,
        };
        world.set_parameters(setup)?;
        Ok(world)
    }

    /// Gives the parameters their values, each from those before it.
    fn set_parameters(&mut self, setup: &ProfileSetup<'_>) -> Result<(), String> {
        let definition = Arc::clone(&self.definition);
        for (place, parameter) in definition.parameters.iter().enumerate() {
            let set = setup.parameters.iter().find(|(set, _)| *set == place);
            let Some(value) = set.map(|(_, value)| value).or(parameter.value.as_ref()) else {
                continue;
            };
            let evaluated = value.evaluate(&View::of(self), &mut NoDraws::default(), &Answers::new());
            let evaluated = evaluated.map_err(|error| format!("parameter {}: {error}", parameter.name))?;
            self.parameters[place] = Some(evaluated);
        }
        Ok(())
    }

    /// The rules with such a trigger, in the order of the file.
    pub(super) fn rules_of(&self, is_meant: impl Fn(&Trigger) -> bool) -> impl Iterator<Item = u16> {
        let rules = (0..).zip(&self.definition.rules);
        rules
            .filter(move |(_, rule)| is_meant(&rule.trigger))
            .map(|(place, _)| place)
    }

    /// The names of the schema.
    pub(super) fn names(&self) -> Option<&'static SchemaNames> {
        self.definition.schema.names
    }

    /// Warns, once.
    pub(super) fn warn(&self, warning: &str) {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.insert(warning.to_owned()) {
            tracing::warn!("{warning}");
        }
    }

    /// The event that a contract at this address writes with this topic, and how to decode it.
    pub(super) fn event(&self, address: Address, topic: B256) -> Option<(u16, &DynSolEvent)> {
        let of_created = || self.events.get(&(Address::ZERO, topic));
        let place = *self.events.get(&(address, topic)).or_else(of_created)?;
        Some((place, self.decoders[usize::from(place)].as_ref()?))
    }

    /// The number of actors of a role.
    pub(super) fn count(&self, role: usize) -> u32 {
        self.counts[role]
    }

    /// The secret key of an account of the run.
    pub(super) fn key(&self, account: Address) -> Option<&[u8; 32]> {
        self.keys.get(&account)
    }

    /// What a field of a task is drawn from that an event sets, or a call if `by_call`, of which so many events came before.
    pub(super) fn field_draws(&self, field: usize, by_call: bool, task: TaskKey, events: u64) -> FieldDraws {
        // Rules have the numbers from 0 on.
        let purpose = u64::MAX - 2 * field as u64 - u64::from(by_call);
        FieldDraws(self.random(purpose, Some(task), events))
    }

    /// The stream of random values of this purpose, of a task with so many draws before.
    fn random(&self, purpose: u64, task: Option<TaskKey>, drawn: u64) -> ChaCha8Rng {
        let task = task.unwrap_or(TaskKey { session: 0, task: 0 });
        let words = [self.seed, purpose, task.session, task.task, drawn];
        let bytes: Vec<u8> = words.into_iter().flat_map(u64::to_be_bytes).collect();
        ChaCha8Rng::from_seed(keccak256(bytes).0)
    }

    /// So many different actors of the rule's role, or all, drawn for a task of which so many draws were made before.
    pub(super) fn pick(&self, rule: u16, count: u32, task: Option<TaskKey>, drawn: u64) -> Vec<u32> {
        let all = self.count(self.definition.rules[usize::from(rule)].role);
        let mut random = self.random(u64::from(rule), task, drawn);
        index::sample(&mut random, all as usize, count.min(all) as usize)
            .into_iter()
            .map(|index| index as u32)
            .collect()
    }
}

/// The name of a task in a run: a number if its key is one of at most 64 bits, or else 128 bits of the key's hash.
pub(super) fn task_key(words: &[Value]) -> TaskKey {
    if let [Value::Word(word)] = words
        && let Ok(task) = u64::try_from(*word)
    {
        return TaskKey { session: 0, task };
    }
    let mut bytes = Vec::with_capacity(32 * words.len());
    words.iter().for_each(|word| append(word, &mut bytes));
    let hash = keccak256(bytes);
    let half = |from: usize| u64::from_be_bytes(hash[from..from + 8].try_into().unwrap_or_default());
    TaskKey {
        session: half(0),
        task: half(8),
    }
}

/// Appends a value in a form that no other value of its type has.
fn append(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Word(word) => bytes.extend(word.to_be_bytes::<32>()),
        Value::Bytes(text) => {
            bytes.extend((text.len() as u64).to_be_bytes());
            bytes.extend(text.iter());
        }
        Value::List(values) => {
            bytes.extend((values.len() as u64).to_be_bytes());
            values.iter().for_each(|value| append(value, bytes));
        }
    }
}

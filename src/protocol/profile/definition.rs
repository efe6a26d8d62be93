//! A profile as it was read: names resolved, expressions checked and compiled.
//!
//! Places are indices: of a role in [`Definition::roles`], a phase in [`Definition::phases`], an event in
//! [`Definition::events`], and so on.

use std::sync::Arc;

use alloy::{
    json_abi::{Event, JsonAbi},
    primitives::Address,
};

use super::{
    expression::{ContractId, Expression, Type},
    place::FilePlace,
    replaced::ReplacedContracts,
    rule::{Rule, Trigger},
};
use crate::{
    artifacts::{CreationCode, Digest, digest_of_parts},
    distribution::DelayDistribution,
    protocol::ProtocolSchema,
};

/// A protocol as its profile describes it.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The schema that results, tables and files follow.
    pub schema: &'static ProtocolSchema,
    /// What it is, for people.
    pub description: String,
    /// The profile as it is written.
    pub text: String,
    /// Contracts in the order of their deployment; [`ContractId`] counts them. Libraries come before those that they are
    /// linked to.
    pub contracts: Vec<ContractDefinition>,
    /// The contracts among these that other artifacts have put in the place of the profile's own; `None` if all are its own.
    pub replaced: Option<ReplacedContracts>,
    /// Roles as the profile lists them, and last that of the deployer. In the order of the schema's.
    pub roles: Vec<RoleDefinition>,
    /// The words of a task's key.
    pub key: Vec<Named>,
    /// What is known of a task.
    pub fields: Vec<Field>,
    /// What an actor remembers of a task: `mine.…`.
    pub mine: Vec<Named>,
    /// What an actor remembers of no task: `actor.…`.
    pub actor: Vec<Named>,
    /// What all know: `shared.…`.
    pub shared: Vec<Named>,
    /// Names that stand alone: those of [`Definition::BUILT_IN`], then the profile's parameters.
    pub parameters: Vec<Parameter>,
    /// Phases of a task's lifecycle; the first is that of its submission.
    pub phases: Vec<String>,
    /// How tasks may end.
    pub outcomes: Vec<Outcome>,
    /// The contracts' events that the profile speaks of.
    pub events: Vec<EventDefinition>,
    /// Places of the fields by which events find their tasks, each list in ascending order; [`Find::ByFields`] counts them.
    pub finders: Vec<Vec<usize>>,
    /// Events that are counted of a task: for each of the schema's counts the place of its event.
    pub counts: Vec<usize>,
    /// What becomes of a task without an event.
    pub transitions: Vec<Transition>,
    /// What actors do, set-up included, in the order of the file.
    pub rules: Vec<Rule>,
    /// What must hold; in the order of the schema's, behind those that every profile has.
    pub invariants: Vec<Invariant>,
}

impl Definition {
    /// The parameters that every profile has: the size of a task's payload that the load drew, the place of the actor in its
    /// role, the deployer's account, the account that a step of set-up is repeated for, that which submitted the task, and how many
    /// tasks the actor submitted before.
    pub const BUILT_IN: [(&'static str, Type); 6] = [
        ("payload", Type::UINT),
        ("index", Type::UINT),
        ("deployer", Type::Address),
        ("account", Type::Address),
        ("opener", Type::Address),
        ("submitted", Type::UINT),
    ];
    /// The place of `payload` among the parameters.
    pub const PAYLOAD: usize = 0;
    /// The place of `index`.
    pub const INDEX: usize = 1;
    /// The place of `deployer`.
    pub const DEPLOYER: usize = 2;
    /// The place of `account`.
    pub const ACCOUNT: usize = 3;
    /// The place of `opener`.
    pub const OPENER: usize = 4;
    /// The place of `submitted`.
    pub const SUBMITTED: usize = 5;

    /// The artifacts of the contracts, by their names: ABI, and bytecode where it is deployed.
    #[must_use]
    pub fn artifacts(&self) -> Vec<(String, String)> {
        let artifact = |contract: &ContractDefinition| {
            let mut artifact = serde_json::json!({ "contractName": contract.name, "abi": contract.abi });
            if let Origin::Deployed { code, .. } = &contract.origin {
                artifact["bytecode"] = format!("0x{}", code.to_hex()).into();
            }
            (contract.name.clone(), format!("{artifact:#}\n"))
        };
        self.contracts.iter().map(artifact).collect()
    }

    /// The events that logs tell.
    pub fn logged_events(&self) -> impl Iterator<Item = &EventDefinition> {
        self.events.iter().filter(|event| event.returned_by.is_none())
    }

    /// The digest of the profile and the contracts that it deploys.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let contracts = self.contracts.iter().map(ContractDefinition::parts);
        digest_of_parts(contracts, Some(&self.text))
    }

    /// The digest of the contracts that it deploys alone.
    #[must_use]
    pub fn contracts_digest(&self) -> Digest {
        digest_of_parts(self.contracts.iter().map(ContractDefinition::parts), None)
    }

    /// Whether a contract is a library that others are linked to.
    #[must_use]
    pub fn is_linked(&self, library: &ContractDefinition) -> bool {
        let mut libraries = self
            .contracts
            .iter()
            .flat_map(|contract| contract.code().libraries());
        libraries.any(|name| name.is(&library.qualified))
    }

    /// The role whose actors submit tasks: that of the first rule for arrivals.
    #[must_use]
    pub fn submitting_role(&self) -> Option<usize> {
        let arrival = |rule: &&Rule| matches!(rule.trigger, Trigger::Arrival);
        self.rules.iter().find(arrival).map(|rule| rule.role)
    }

    /// A contract that is on a node's chain already, which no other chain has.
    #[must_use]
    pub fn contract_there(&self) -> Option<&ContractDefinition> {
        let is_there = |contract: &&ContractDefinition| matches!(contract.origin, Origin::At(_));
        self.contracts.iter().find(is_there)
    }

    /// The place of the deployer's role.
    #[must_use]
    pub fn deployer(&self) -> usize {
        self.roles.len() - 1
    }
}

/// A name with its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The type.
    pub ty: Type,
}

/// A contract.
#[derive(Clone, Debug)]
pub struct ContractDefinition {
    /// The name by which expressions know it.
    pub name: String,
    /// Its fully qualified name, by which libraries are linked: `src/X.sol:X`.
    pub qualified: String,
    /// Its ABI.
    pub abi: Arc<JsonAbi>,
    /// How it comes onto the chain.
    pub origin: Origin,
    /// Bytes of the code that stays on the chain, if its artifact says them.
    pub deployed_bytes: Option<usize>,
    /// The compiler's version, if its artifact says it.
    pub compiler: Option<String>,
    /// Where the profile lists it, or the contract that needs it.
    pub at: FilePlace,
    /// The storage layout, as the compiler wrote it, if its artifact has it.
    pub storage_layout: Option<serde_json::Value>,
}

impl ContractDefinition {
    /// The digest of it alone: name, ABI and creation code.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of_parts([self.parts()], None)
    }

    /// It as messages name it, with its place.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("`{}` ({})", self.name, self.at)
    }

    /// The creation code; none of one that is there already.
    #[must_use]
    pub fn code(&self) -> &CreationCode {
        static NONE: CreationCode = CreationCode::none();
        match &self.origin {
            Origin::Deployed { code, .. } => code,
            Origin::At(_) | Origin::Created { .. } => &NONE,
        }
    }

    fn parts(&self) -> (&str, &JsonAbi, &CreationCode) {
        (&self.name, &self.abi, self.code())
    }
}

/// How a contract comes onto the chain.
#[derive(Clone, Debug)]
pub enum Origin {
    /// The deployer deploys it.
    Deployed {
        /// The creation code.
        code: CreationCode,
        /// The constructor's arguments, of the constructor's types.
        arguments: Vec<Expression>,
        /// Wei sent along.
        value: Option<Box<Expression>>,
        /// The most gas that the deployment may use; `None` for what its code takes, and some more.
        gas: Option<u64>,
    },
    /// It is there already.
    At(Address),
    /// There are several, which transactions of the run create.
    Created {
        /// The event that tells of one, as a place among [`Definition::events`].
        event: usize,
        /// Its address, from the event's arguments.
        address: Expression,
    },
}

/// A role.
#[derive(Clone, Debug)]
pub struct RoleDefinition {
    /// Its name.
    pub name: String,
    /// Its delays by name, with their defaults.
    pub delays: Vec<(String, DelayDistribution)>,
}

/// A field of a task.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name.
    pub name: String,
    /// The type.
    pub ty: Type,
    /// Its value until an event sets it; `None` for none.
    pub initial: Option<Expression>,
}

/// A name that stands alone in expressions.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name.
    pub name: String,
    /// The type.
    pub ty: Type,
    /// Its value unless the scenario gives another; `None` for the built-in ones.
    pub value: Option<Expression>,
}

/// How a task may end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The name.
    pub name: String,
    /// Whether such a task counts as failed.
    pub failed: bool,
}

/// An event of a contract, and what it says of a task.
#[derive(Clone, Debug)]
pub struct EventDefinition {
    /// The contract.
    pub contract: ContractId,
    /// The event.
    pub abi: Event,
    /// The types of its arguments, in the order of the ABI. Behind their values stands the address of the contract that wrote
    /// it, where a log tells it.
    pub arguments: Vec<Type>,
    /// The words of the key of the task that it is about, from its arguments; `None` if it does not tell one.
    pub key: Option<Vec<Expression>>,
    /// How the task is found that it is about, if it tells no key; `None` if it is about none.
    pub find: Option<Find>,
    /// The rule whose call's return value it stands for: no log tells it.
    pub returned_by: Option<usize>,
    /// What becomes of the task, each in turn.
    pub effects: Vec<Effect>,
}

impl EventDefinition {
    /// Whether it is about a task.
    #[must_use]
    pub const fn is_about_task(&self) -> bool {
        self.key.is_some() || self.find.is_some()
    }
}

/// How an event that does not tell the key of its task finds it.
#[derive(Clone, Debug)]
pub enum Find {
    /// It is the task whose fields have these values; of several, the one that took them last.
    ByFields {
        /// The fields, as a place among [`Definition::finders`].
        finder: usize,
        /// Their values in the order of the fields, from the event's arguments.
        values: Vec<Expression>,
    },
    /// It is the task of the run's call that caused it.
    OfCall,
}

/// What an event says of its task.
#[derive(Clone, Debug)]
pub struct Effect {
    /// Whether it applies; of one that opens a task a condition on the event's arguments alone.
    pub when: Option<Expression>,
    /// Whether it brings the task onto the chain.
    pub opens: bool,
    /// Fields that it sets.
    pub set: Vec<(usize, Expression)>,
    /// The phase that the task enters.
    pub enters: Option<usize>,
    /// How the task ends.
    pub closes: Option<usize>,
}

/// What becomes of a task without an event.
#[derive(Clone, Debug)]
pub struct Transition {
    /// The phase that the task is in; `None` for any.
    pub phase: Option<usize>,
    /// When.
    pub at: Moment,
    /// The phase that the task enters.
    pub enters: Option<usize>,
    /// How the task ends.
    pub closes: Option<usize>,
}

/// A moment in a task's life that no event tells.
#[derive(Clone, Debug)]
pub enum Moment {
    /// The chain reaches this time, in seconds since the Unix epoch.
    Time(Expression),
    /// The chain reaches this block.
    Block(Expression),
    /// The condition comes true with an event.
    When(Expression),
}

/// What must hold of the chain.
#[derive(Clone, Debug)]
pub struct Invariant {
    /// The condition.
    pub check: Expression,
    /// After every so many blocks where reads cost nothing; at the end of a run always.
    pub every: u64,
}

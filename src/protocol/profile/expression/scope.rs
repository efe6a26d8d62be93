//! The names that an expression may use, with their types.

use std::sync::Arc;

use alloy::json_abi::{Event, InternalType, JsonAbi, Param};
use thiserror::Error;

use super::{check::is_builtin, parse::parse, syntax::NodeKind, types::Type};

/// A variable of an expression: where its value is kept, and at which place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Variable {
    /// Where its value is kept.
    pub source: Source,
    /// Its place there, in the order of declaration from zero.
    pub index: usize,
}

/// Where the value of a variable is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// A word of the task's key, named alone: `question`.
    Key,
    /// What is known of the task: `task.bond`.
    Task,
    /// What this actor remembers for this task: `mine.answer`.
    Mine,
    /// What this actor remembers of no task: `actor.subscription`.
    Actor,
    /// What all know: `shared.token`.
    Shared,
    /// The accounts of a role: `accounts.answerer`.
    Accounts,
    /// An argument of the event that led here: `event.question_id`.
    Event,
    /// A constant or a parameter of the scenario, named alone: `payload`.
    Parameter,
    /// What the call returned, named alone: `result`.
    Result,
}

impl Source {
    const ALL: [Self; 9] = [
        Self::Key,
        Self::Task,
        Self::Mine,
        Self::Actor,
        Self::Shared,
        Self::Accounts,
        Self::Event,
        Self::Parameter,
        Self::Result,
    ];

    /// The word before the dot; `None` if names stand alone.
    pub(super) const fn prefix(self) -> Option<&'static str> {
        match self {
            Self::Task => Some("task"),
            Self::Mine => Some("mine"),
            Self::Actor => Some("actor"),
            Self::Shared => Some("shared"),
            Self::Accounts => Some("accounts"),
            Self::Event => Some("event"),
            Self::Key | Self::Parameter | Self::Result => None,
        }
    }

    /// Whether each task has its own.
    pub(super) const fn is_of_task(self) -> bool {
        matches!(self, Self::Key | Self::Task)
    }
}

/// A contract of a scope, by its place in the order of declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContractId(pub usize);

/// A contract as a scope knows it.
#[derive(Clone, Debug)]
struct ScopeContract {
    name: String,
    abi: Arc<JsonAbi>,
    /// Whether there are several, created in the run, and the name alone is no address.
    is_created: bool,
}

/// A declaration that a scope refuses.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScopeError {
    /// The name cannot be written in an expression.
    #[error("`{0}` is no name of Solidity; use letters, digits and `_`, and no reserved word")]
    Name(String),
    /// The name means something else already.
    #[error("the name `{0}` is in use already; choose another")]
    Taken(String),
    /// The ABI names a type that does not exist.
    #[error("the type of `{name}` is not known: {reason}")]
    Type {
        /// The name of the argument.
        name: String,
        /// What alloy says of it.
        reason: String,
    },
}

/// The names that an expression may use, with their types.
///
/// ```
/// use taskstorm::protocol::profile::expression::{Expression, Scope, Type};
///
/// let mut scope = Scope::new();
/// scope.task("bond", Type::UINT)?;
/// let bond = Expression::parse("max(2 * task.bond, 0.001 ether)", &scope)?;
/// assert_eq!(bond.ty(), &Type::UINT);
///
/// let error = Expression::parse("2 * task.bnod", &scope).unwrap_err();
/// assert_eq!(error.to_string(), "`task` has no `bnod`; did you mean `bond`?");
/// assert_eq!(error.span, 9..13);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Scope {
    variables: [Vec<(String, Type)>; 9],
    contracts: Vec<ScopeContract>,
    pub(super) event_name: Option<String>,
    pub(super) has_sender: bool,
    pub(super) has_tasks: bool,
}

impl Scope {
    /// The sources whose names stand alone.
    const ALONE: [Source; 3] = [Source::Key, Source::Parameter, Source::Result];

    /// A scope without names: literals, operators and functions only.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares a word of the task's key.
    ///
    /// # Errors
    /// If the name cannot be written or is in use.
    pub fn key(&mut self, name: &str, ty: Type) -> Result<Variable, ScopeError> {
        self.declare(Source::Key, name, ty)
    }

    /// Declares a field of the task.
    ///
    /// # Errors
    /// If the name cannot be written or is in use.
    pub fn task(&mut self, name: &str, ty: Type) -> Result<Variable, ScopeError> {
        self.declare(Source::Task, name, ty)
    }

    /// Declares a value that the actor remembers.
    ///
    /// # Errors
    /// If the name cannot be written or is in use.
    pub fn mine(&mut self, name: &str, ty: Type) -> Result<Variable, ScopeError> {
        self.declare(Source::Mine, name, ty)
    }

    /// Declares a value that the actor remembers of no task.
    ///
    /// # Errors
    /// If the name cannot be written or is in use.
    pub fn actor(&mut self, name: &str, ty: Type) -> Result<Variable, ScopeError> {
        self.declare(Source::Actor, name, ty)
    }

    /// Declares a value that all know.
    ///
    /// # Errors
    /// If the name cannot be written or is in use.
    pub fn shared(&mut self, name: &str, ty: Type) -> Result<Variable, ScopeError> {
        self.declare(Source::Shared, name, ty)
    }

    /// Declares a role, whose accounts are an array of addresses.
    ///
    /// # Errors
    /// If the name cannot be written or is in use.
    pub fn accounts(&mut self, role: &str) -> Result<Variable, ScopeError> {
        self.declare(Source::Accounts, role, Type::Array(Type::Address.into()))
    }

    /// Declares a constant or a parameter of the scenario.
    ///
    /// # Errors
    /// If the name cannot be written or is in use.
    pub fn parameter(&mut self, name: &str, ty: Type) -> Result<Variable, ScopeError> {
        self.declare(Source::Parameter, name, ty)
    }

    /// Declares `result`, which a call returned.
    ///
    /// # Errors
    /// If the name is in use.
    pub fn result(&mut self, ty: Type) -> Result<Variable, ScopeError> {
        self.declare(Source::Result, "result", ty)
    }

    /// Declares the arguments of an event, in the ABI's order, and behind them `address`, that of the contract that wrote it.
    /// One without a name has a place, and no way to be named.
    ///
    /// # Errors
    /// If the ABI names a type that does not exist.
    pub fn event(&mut self, event: &Event) -> Result<(), ScopeError> {
        let arguments = event.inputs.iter().map(|param| {
            let ty = Type::of_event_param(param);
            let ty = ty.map_err(|error| ScopeError::Type {
                name: param.name.clone(),
                reason: error.to_string(),
            });
            Ok((param.name.clone(), ty?))
        });
        let mut arguments = arguments.collect::<Result<Vec<_>, ScopeError>>()?;
        arguments.push(("address".to_owned(), Type::Address));
        self.variables[Source::Event as usize] = arguments;
        self.event_name = Some(event.name.clone());
        Ok(())
    }

    /// Declares a contract, whose name is its address and gives access to its functions.
    ///
    /// # Errors
    /// If the name cannot be written or is in use.
    pub fn contract(&mut self, name: &str, abi: impl Into<Arc<JsonAbi>>) -> Result<ContractId, ScopeError> {
        self.declare_contract(name, abi.into(), false)
    }

    /// Declares contracts of one ABI that are created in the run: their functions are those of `name(address)`.
    ///
    /// # Errors
    /// If the name cannot be written or is in use.
    pub fn created_contracts(
        &mut self,
        name: &str,
        abi: impl Into<Arc<JsonAbi>>,
    ) -> Result<ContractId, ScopeError> {
        self.declare_contract(name, abi.into(), true)
    }

    fn declare_contract(
        &mut self,
        name: &str,
        abi: Arc<JsonAbi>,
        is_created: bool,
    ) -> Result<ContractId, ScopeError> {
        self.check_name(name, true)?;
        self.contracts.push(ScopeContract {
            name: name.to_owned(),
            abi,
            is_created,
        });
        Ok(ContractId(self.contracts.len() - 1))
    }

    /// Lets expressions name the `sender`, and sign as it.
    #[must_use]
    pub fn with_sender(mut self) -> Self {
        self.has_sender = true;
        self
    }

    /// Lets expressions go over several tasks with `sum`, `count` and `list`: the open ones of an invariant, or those of a
    /// batch. A task's key and fields then have a value inside these only.
    #[must_use]
    pub fn with_tasks(mut self) -> Self {
        self.has_tasks = true;
        self
    }

    fn declare(&mut self, source: Source, name: &str, ty: Type) -> Result<Variable, ScopeError> {
        self.check_name(name, source.prefix().is_none())?;
        let variables = &mut self.variables[source as usize];
        if variables.iter().any(|(taken, _)| taken == name) {
            return Err(ScopeError::Taken(name.to_owned()));
        }
        variables.push((name.to_owned(), ty));
        Ok(Variable {
            source,
            index: variables.len() - 1,
        })
    }

    fn check_name(&self, name: &str, stands_alone: bool) -> Result<(), ScopeError> {
        // After a dot every word is a name, reserved or not.
        let (text, place) = match stands_alone {
            true => (name.to_owned(), 0),
            false => (format!("task.{name}"), "task.".len()),
        };
        let is_name = match parse(&text).map(|node| node.kind) {
            Ok(NodeKind::Name(found)) => found == text,
            Ok(NodeKind::Member(_, found)) => found.span.start == place && found.text == name,
            _ => false,
        };
        if !is_name {
            return Err(ScopeError::Name(name.to_owned()));
        }
        let is_taken = self.names().any(|taken| taken == name)
            || Source::ALL.iter().any(|source| source.prefix() == Some(name))
            || is_builtin(name);
        match stands_alone && is_taken {
            true => Err(ScopeError::Taken(name.to_owned())),
            false => Ok(()),
        }
    }

    /// The variable of a name that stands alone.
    pub(super) fn find(&self, name: &str) -> Option<(Variable, &Type)> {
        Self::ALONE
            .into_iter()
            .find_map(|source| self.find_in(source, name))
    }

    /// The variable of a name in one source.
    pub(super) fn find_in(&self, source: Source, name: &str) -> Option<(Variable, &Type)> {
        let variables = &self.variables[source as usize];
        let index = variables.iter().position(|(known, _)| known == name)?;
        Some((Variable { source, index }, &variables[index].1))
    }

    /// The source whose names stand after this word and a dot.
    pub(super) fn source(word: &str) -> Option<Source> {
        Source::ALL
            .into_iter()
            .find(|source| source.prefix() == Some(word))
    }

    /// The names of one source.
    pub(super) fn names_in(&self, source: Source) -> Vec<&str> {
        let names = self.variables[source as usize]
            .iter()
            .map(|(name, _)| name.as_str());
        names.filter(|name| !name.is_empty()).collect()
    }

    /// The name by which a variable is known.
    pub(super) fn name_of(&self, variable: Variable) -> String {
        let name = &self.variables[variable.source as usize][variable.index].0;
        match variable.source.prefix() {
            Some(prefix) => format!("{prefix}.{name}"),
            None => name.clone(),
        }
    }

    /// The contract of this name.
    pub(super) fn find_contract(&self, name: &str) -> Option<ContractId> {
        self.contracts
            .iter()
            .position(|known| known.name == name)
            .map(ContractId)
    }

    /// Whether the contracts of this name are created in the run.
    pub(super) fn is_created(&self, id: ContractId) -> bool {
        self.contracts[id.0].is_created
    }

    /// The name of a contract.
    pub(super) fn contract_name(&self, id: ContractId) -> &str {
        &self.contracts[id.0].name
    }

    /// The ABI of a contract.
    pub(super) fn abi(&self, id: ContractId) -> &JsonAbi {
        &self.contracts[id.0].abi
    }

    /// The enum of a contract's ABI whose name has this word: `Market.Kind`.
    pub(super) fn enum_with(&self, word: &str) -> Option<String> {
        let abis = self.contracts.iter().map(|contract| &contract.abi);
        let params = abis.flat_map(|abi| {
            let of_functions = abi
                .functions()
                .flat_map(|function| function.inputs.iter().chain(&function.outputs));
            let constructor = abi.constructor.iter();
            of_functions.chain(constructor.flat_map(|constructor| &constructor.inputs))
        });
        params.into_iter().find_map(|param| enum_of(param, word))
    }

    /// Every name that stands alone and was declared.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let variables = Self::ALONE.into_iter();
        let variables = variables.flat_map(|source| self.variables[source as usize].iter());
        let contracts = self.contracts.iter().map(|contract| contract.name.as_str());
        variables.map(|(name, _)| name.as_str()).chain(contracts)
    }
}

/// The enum of a parameter, or of a member of it, whose name has this word.
fn enum_of(param: &Param, word: &str) -> Option<String> {
    if let Some(InternalType::Enum { contract, ty }) = &param.internal_type {
        let name = ty.split('[').next().unwrap_or(ty);
        if name == word || contract.as_deref() == Some(word) {
            return Some(match contract {
                Some(contract) => format!("{contract}.{name}"),
                None => name.to_owned(),
            });
        }
    }
    param.components.iter().find_map(|member| enum_of(member, word))
}

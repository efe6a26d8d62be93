//! The names of a profile with their types, and the scopes that they make.

use std::sync::Arc;

use alloy::json_abi::{Event, JsonAbi};

use crate::protocol::profile::{
    DEPLOYER, Definition, Named,
    expression::{ContractId, Scope, ScopeError, Type},
};

/// A contract, or several of one ABI.
#[derive(Clone, Debug)]
pub(super) struct NamedContract {
    /// Its name.
    pub(super) name: String,
    /// Its functions, events and errors.
    pub(super) abi: Arc<JsonAbi>,
    /// Whether there are several, created in the run.
    pub(super) is_created: bool,
    /// Whether the deployer deploys it.
    pub(super) is_deployed: bool,
}

impl NamedContract {
    fn declare(&self, scope: &mut Scope) -> Result<ContractId, ScopeError> {
        let abi = Arc::clone(&self.abi);
        match self.is_created {
            true => scope.created_contracts(&self.name, abi),
            false => scope.contract(&self.name, abi),
        }
    }
}

/// An event of a contract that the profile speaks of.
#[derive(Clone, Debug)]
pub(super) struct NamedEvent {
    /// The contract.
    pub(super) contract: ContractId,
    /// The event.
    pub(super) abi: Event,
    /// The types of its arguments.
    pub(super) arguments: Vec<Type>,
}

/// The names of a profile, in the order of declaration.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) contracts: Vec<NamedContract>,
    /// Without the deployer's.
    pub(super) roles: Vec<String>,
    pub(super) parameters: Vec<Named>,
    pub(super) key: Vec<Named>,
    pub(super) fields: Vec<Named>,
    pub(super) mine: Vec<Named>,
    pub(super) actor: Vec<Named>,
    pub(super) shared: Vec<Named>,
    pub(super) events: Vec<NamedEvent>,
    /// All of them at once, so that no two are the same.
    all: Scope,
}

/// Which values an expression may draw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum MayDraw {
    /// None.
    #[default]
    Nothing,
    /// Random ones: `random(…)`, `text(…)`.
    Random,
    /// These, and `unique()`.
    All,
}

/// What an expression may speak of, beside contracts, parameters, accounts and what is shared.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Context {
    /// The task: its key and fields.
    pub(super) task: bool,
    /// What the actor remembers of the task.
    pub(super) mine: bool,
    /// The actor: `sender`, `index`, and what it remembers.
    pub(super) actor: bool,
    /// This event.
    pub(super) event: Option<usize>,
    /// Several tasks: a batch's or the open ones.
    pub(super) tasks: bool,
    /// `payload`.
    pub(super) payload: bool,
    /// `account`.
    pub(super) account: bool,
    /// The call is in a block: what its actor knows of itself has no value.
    pub(super) included: bool,
    /// Contracts: only so many, the first ones; `None` for all.
    pub(super) contracts: Option<usize>,
    /// Parameters: only so many, the first ones; `None` for all.
    pub(super) parameters: Option<usize>,
    /// The chain may be read.
    pub(super) reads: bool,
    /// Which values may be drawn.
    pub(super) draws: MayDraw,
    /// What is shared, and what actors remember, has no value yet.
    pub(super) early: bool,
}

impl Context {
    /// Whether a built-in parameter has a value.
    pub(super) fn gives(&self, parameter: usize) -> bool {
        match parameter {
            Definition::PAYLOAD | Definition::SUBMITTED => self.payload,
            Definition::INDEX => self.actor && !self.included,
            Definition::ACCOUNT => self.account,
            Definition::OPENER => self.task,
            _ => true,
        }
    }
}

impl Names {
    /// The names that every profile has.
    pub(super) fn new() -> Self {
        let mut names = Self {
            contracts: Vec::new(),
            roles: Vec::new(),
            parameters: Vec::new(),
            key: Vec::new(),
            fields: Vec::new(),
            mine: Vec::new(),
            actor: Vec::new(),
            shared: Vec::new(),
            events: Vec::new(),
            all: Scope::new(),
        };
        for (name, ty) in Definition::BUILT_IN {
            names.parameter(name, ty).expect("the built-in names differ");
        }
        names
    }

    pub(super) fn contract(&mut self, contract: NamedContract) -> Result<(), ScopeError> {
        contract.declare(&mut self.all)?;
        self.contracts.push(contract);
        Ok(())
    }

    pub(super) fn role(&mut self, name: &str) -> Result<(), ScopeError> {
        self.all.accounts(name)?;
        self.roles.push(name.to_owned());
        Ok(())
    }

    pub(super) fn parameter(&mut self, name: &str, ty: Type) -> Result<(), ScopeError> {
        self.all.parameter(name, ty.clone())?;
        self.parameters.push(named(name, ty));
        Ok(())
    }

    pub(super) fn key(&mut self, name: &str, ty: Type) -> Result<(), ScopeError> {
        self.all.key(name, ty.clone())?;
        self.key.push(named(name, ty));
        Ok(())
    }

    pub(super) fn field(&mut self, name: &str, ty: Type) -> Result<(), ScopeError> {
        self.all.task(name, ty.clone())?;
        self.fields.push(named(name, ty));
        Ok(())
    }

    pub(super) fn mine(&mut self, name: &str, ty: Type) -> Result<(), ScopeError> {
        self.all.mine(name, ty.clone())?;
        self.mine.push(named(name, ty));
        Ok(())
    }

    pub(super) fn actor(&mut self, name: &str, ty: Type) -> Result<(), ScopeError> {
        self.all.actor(name, ty.clone())?;
        self.actor.push(named(name, ty));
        Ok(())
    }

    pub(super) fn shared(&mut self, name: &str, ty: Type) -> Result<(), ScopeError> {
        self.all.shared(name, ty.clone())?;
        self.shared.push(named(name, ty));
        Ok(())
    }

    /// Whether a name that stands alone is in use, or cannot be used.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.all.clone().contract(name, JsonAbi::new()).is_err()
    }

    /// The place of an event, which is known from now on.
    pub(super) fn event(&mut self, contract: ContractId, abi: &Event) -> Result<usize, String> {
        let same = |known: &NamedEvent| known.contract == contract && known.abi == *abi;
        if let Some(place) = self.events.iter().position(same) {
            return Ok(place);
        }
        let arguments = abi
            .inputs
            .iter()
            .map(Type::of_event_param)
            .collect::<Result<_, _>>();
        self.events.push(NamedEvent {
            contract,
            abi: abi.clone(),
            arguments: arguments.map_err(|error| error.to_string())?,
        });
        Ok(self.events.len() - 1)
    }

    /// The roles, that of the deployer among them.
    pub(super) fn all_roles(&self) -> Vec<&str> {
        self.roles.iter().map(String::as_str).chain([DEPLOYER]).collect()
    }

    /// The names that an expression in this context may use. All of them were declared before, so that none is refused.
    pub(super) fn scope(&self, context: Context) -> Scope {
        let mut scope = Scope::new();
        let most = context.parameters.unwrap_or(self.parameters.len());
        for Named { name, ty } in &self.parameters[..most] {
            let _ = scope.parameter(name, ty.clone());
        }
        let most = context.contracts.unwrap_or(self.contracts.len());
        for contract in &self.contracts[..most] {
            let _ = contract.declare(&mut scope);
        }
        for role in self.all_roles() {
            let _ = scope.accounts(role);
        }
        let with = |on: bool, names: &'_ [Named]| if on { names.to_vec() } else { Vec::new() };
        for Named { name, ty } in with(!context.early, &self.shared) {
            let _ = scope.shared(&name, ty);
        }
        for Named { name, ty } in with(context.task, &self.key) {
            let _ = scope.key(&name, ty);
        }
        for Named { name, ty } in with(context.task, &self.fields) {
            let _ = scope.task(&name, ty);
        }
        for Named { name, ty } in with(context.mine, &self.mine) {
            let _ = scope.mine(&name, ty);
        }
        for Named { name, ty } in with(context.actor && !context.early, &self.actor) {
            let _ = scope.actor(&name, ty);
        }
        if let Some(event) = context.event {
            let _ = scope.event(&self.events[event].abi);
        }
        if context.actor {
            scope = scope.with_sender();
        }
        if context.tasks {
            scope = scope.with_tasks();
        }
        scope
    }
}

fn named(name: &str, ty: Type) -> Named {
    Named {
        name: name.to_owned(),
        ty,
    }
}

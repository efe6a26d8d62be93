//! Calls of contracts' functions: overloads, arguments, selectors, and reads of view functions.

use alloy::{
    json_abi::{Function, StateMutability},
    primitives::{B256, U256},
};

use super::{
    super::{
        code::{Code, ReadCode, ReadKind},
        error::{ExpressionError, Span},
        scope::ContractId,
        syntax::{Name, Node, NodeKind},
        types::Type,
        value::Value,
    },
    Checked, Checker, Kind, Result,
    names::choice,
};
use crate::suggest;

/// What a transfer of ether is called.
pub(in super::super) const TRANSFER: &str = "transfer";
/// Most functions of a contract that a message lists.
const LISTED: usize = 20;

/// The arguments of a call as they are written.
#[derive(Clone, Copy)]
pub(in super::super) enum Arguments<'a> {
    InOrder(&'a [Node]),
    ByName(&'a [(Name, Node)]),
}

impl Arguments<'_> {
    const fn len(&self) -> usize {
        match self {
            Self::InOrder(nodes) => nodes.len(),
            Self::ByName(nodes) => nodes.len(),
        }
    }
}

/// A call whose function is found and whose arguments are checked.
pub(in super::super) struct ResolvedCall {
    pub(in super::super) contract: ContractId,
    pub(in super::super) address: Code,
    pub(in super::super) function: Function,
    /// `Code::Encode`
    pub(in super::super) calldata: Code,
    pub(in super::super) outputs: Type,
}

/// `submitAnswer(bytes32, bytes32, uint256)`
fn signature(function: &Function) -> String {
    format!("{}({})", function.name, parameter_types(function))
}

fn parameter_types(function: &Function) -> String {
    let types = function.inputs.iter().map(|param| param.selector_type());
    types.collect::<Vec<_>>().join(", ")
}

fn plural(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    }
}

fn were(count: usize) -> String {
    match count {
        1 => "1 was given".to_owned(),
        count => format!("{count} were given"),
    }
}

/// `takes 2 arguments (a, b); 1 was given`, for a function or a built-in.
pub(super) fn wrong_count(
    span: &Span,
    name: &str,
    takes: &str,
    given: usize,
    remedy: String,
) -> ExpressionError {
    ExpressionError::new(
        span,
        format!("`{name}` takes {takes}, and {}", were(given)),
        remedy,
    )
}

pub(super) fn selector_code(selector: [u8; 4]) -> Code {
    let word = U256::from_be_slice(&selector) << 224;
    Code::Constant(Value::Word(word))
}

impl<'s> Checker<'s> {
    /// Resolves the call that is the whole of an expression: `oracle.submitAnswer(…)`.
    pub(in super::super) fn resolve_root(&mut self, node: &Node) -> Result<ResolvedCall> {
        let (callee, arguments) = match &node.kind {
            NodeKind::Call(callee, args) => (callee, Arguments::InOrder(args)),
            NodeKind::CallByName(callee, args) => (callee, Arguments::ByName(args)),
            _ => return Err(self.no_call(&node.span)),
        };
        let NodeKind::Member(base, name) = &callee.kind else {
            return Err(self.no_call(&node.span));
        };
        if let NodeKind::Name(word) = &base.kind
            && self.scope.find_contract(word).is_none()
            && self.scope.find(word).is_none()
        {
            let contracts = self.contract_names();
            let message = format!("there is no contract `{}`", suggest::shortened(word));
            return Err(ExpressionError::new(
                &base.span,
                message,
                choice(word, &contracts, "contracts"),
            ));
        }
        match self.check(base)?.kind {
            Kind::Contract(contract, address) => self.resolve(contract, address, name, arguments),
            Kind::Created(id) => Err(self.which_created(&base.span, id, name)),
            _ => Err(self.no_call(&node.span)),
        }
    }

    /// A function of contracts that are created in the run, without the address of one.
    pub(super) fn which_created(&self, span: &Span, id: ContractId, function: &Name) -> ExpressionError {
        let contract = self.scope.contract_name(id);
        let message = format!("`{contract}` has no address of its own: it is created in the run");
        let remedy = format!("say which is meant: `{contract}(address).{}(…)`", function.text);
        ExpressionError::new(span, message, remedy)
    }

    /// The receiver of `transfer(address)`, which is a transfer of ether and no call of a contract.
    pub(in super::super) fn transfer(&mut self, node: &Node) -> Result<Option<Code>> {
        match &node.kind {
            NodeKind::Call(callee, arguments) if matches!(&callee.kind, NodeKind::Name(name) if name == TRANSFER) =>
            {
                let to = self.one(callee, TRANSFER, "1 argument (address)", arguments)?;
                to.convert(&Type::Address, "the receiver").map(Some)
            }
            _ => Ok(None),
        }
    }

    fn contract_names(&self) -> Vec<&'s str> {
        self.scope
            .names()
            .filter(|name| self.scope.find_contract(name).is_some())
            .collect()
    }

    fn no_call(&self, span: &Span) -> ExpressionError {
        let remedy = match self.contract_names().as_slice() {
            [] => "there are no contracts here".to_owned(),
            names => format!(
                "write `contract.function(…)`, or `transfer(address)` to send ether; the contracts are {}",
                suggest::list(names)
            ),
        };
        ExpressionError::new(span, "this is no call of a contract", remedy)
    }

    /// A member of a contract stands without its arguments.
    pub(super) fn function_not_called(&self, id: ContractId, name: &Name) -> ExpressionError {
        match self.overloads(id, name) {
            Ok(_) => {
                let message = format!("`{}` is a function", name.text);
                let remedy = format!(
                    "call it: `{0}(…)`, or name its selector: `{0}.selector`",
                    name.text
                );
                ExpressionError::new(&name.span, message, remedy)
            }
            Err(error) => error,
        }
    }

    fn overloads(&self, id: ContractId, name: &Name) -> Result<&'s [Function]> {
        let abi = self.scope.abi(id);
        if let Some(functions) = abi.functions.get(&name.text) {
            return Ok(functions);
        }
        let contract = self.scope.contract_name(id);
        let known: Vec<&str> = abi.functions.keys().map(String::as_str).collect();
        let message = format!(
            "`{contract}` has no function `{}`",
            suggest::shortened(&name.text)
        );
        let remedy = match suggest::nearest(&name.text, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.len() <= LISTED => format!("its functions are {}", suggest::list(&known)),
            None => "name a function of its ABI".to_owned(),
        };
        Err(ExpressionError::new(&name.span, message, remedy))
    }

    /// `oracle.submitAnswer.selector`, or the topic of an event.
    pub(super) fn selector(&self, span: &Span, id: ContractId, name: &Name) -> Result<Checked> {
        if let Some([event]) = self.scope.abi(id).events.get(&name.text).map(Vec::as_slice) {
            return Ok(Checked::constant(span, Type::WORD, event.selector()));
        }
        let function = self.only_overload(id, name)?;
        let code = selector_code(function.selector().0);
        Ok(Checked::typed(span, Type::FixedBytes(4), code))
    }

    pub(super) fn only_overload(&self, id: ContractId, name: &Name) -> Result<&'s Function> {
        match self.overloads(id, name)? {
            [function] => Ok(function),
            several => {
                let signatures: Vec<_> = several.iter().map(Function::signature).collect();
                Err(ExpressionError::new(
                    &name.span,
                    format!("`{}` has {} overloads", name.text, several.len()),
                    format!(
                        "name one by its signature: `bytes4(keccak256(\"{}\"))`",
                        signatures[0]
                    ),
                ))
            }
        }
    }

    /// Finds the function that a call means, and checks its arguments.
    pub(super) fn resolve(
        &mut self,
        contract: ContractId,
        address: Code,
        name: &Name,
        arguments: Arguments<'_>,
    ) -> Result<ResolvedCall> {
        let overloads = self.overloads(contract, name)?;
        let given = arguments.len();
        let fitting: Vec<&Function> = overloads.iter().filter(|f| f.inputs.len() == given).collect();
        let signatures = || {
            overloads
                .iter()
                .map(|f| format!("`{}`", signature(f)))
                .collect::<Vec<_>>()
                .join(", ")
        };
        if fitting.is_empty() {
            if let [function] = overloads {
                let count = plural(function.inputs.len(), "argument");
                let takes = format!("{count} ({})", parameter_types(function));
                let names: Vec<_> = function.inputs.iter().map(|param| param.name.as_str()).collect();
                let remedy = format!("write `{}({})`", name.text, names.join(", "));
                return Err(wrong_count(&name.span, &name.text, &takes, given, remedy));
            }
            let message = format!(
                "no overload of `{}` takes {}",
                name.text,
                plural(given, "argument")
            );
            return Err(ExpressionError::new(
                &name.span,
                message,
                format!("there are {}", signatures()),
            ));
        }
        // Arguments by name are put in the order of each overload; each is checked once.
        let checked = match arguments {
            Arguments::InOrder(nodes) => nodes
                .iter()
                .map(|node| self.check(node))
                .collect::<Result<Vec<_>>>()?,
            Arguments::ByName(nodes) => nodes
                .iter()
                .map(|(_, node)| self.check(node))
                .collect::<Result<Vec<_>>>()?,
        };
        let attempt = |function: &Function| -> Result<(Vec<Code>, Type)> {
            let inputs = inputs_of(function, name)?;
            let ordered = in_order(function, arguments, &checked)?;
            let values = convert_arguments(function, &inputs, &ordered)?;
            Ok((values, inputs))
        };
        let (function, (values, types)) = match fitting.as_slice() {
            [function] => (*function, attempt(function)?),
            several => {
                let mut found = several
                    .iter()
                    .filter_map(|f| attempt(f).ok().map(|values| (*f, values)));
                match (found.next(), found.next()) {
                    (Some(only), None) => only,
                    (None, _) => {
                        let given: Vec<_> = checked.iter().map(Checked::description).collect();
                        let message = format!("no overload of `{}` takes {}", name.text, given.join(", "));
                        return Err(ExpressionError::new(
                            &name.span,
                            message,
                            format!("there are {}", signatures()),
                        ));
                    }
                    (Some(_), Some(_)) => {
                        let message = format!("several overloads of `{}` take these arguments", name.text);
                        let remedy = format!(
                            "convert arguments to the types that are meant, for example `uint256(…)`; there are {}",
                            signatures()
                        );
                        return Err(ExpressionError::new(&name.span, message, remedy));
                    }
                }
            }
        };
        let outputs = Type::of_params(&function.outputs).map_err(|error| unknown_type(name, &error))?;
        Ok(ResolvedCall {
            contract,
            address,
            function: function.clone(),
            calldata: Code::Encode {
                selector: Some(Box::new(selector_code(function.selector().0))),
                types,
                values,
            },
            outputs,
        })
    }

    /// A call inside an expression: the read of a view function.
    pub(super) fn view(
        &mut self,
        span: &Span,
        (contract, address): (ContractId, Code),
        name: &Name,
        arguments: Arguments<'_>,
        draws_before: usize,
    ) -> Result<Checked> {
        let call = self.resolve(contract, address, name, arguments)?;
        let mutability = call.function.state_mutability;
        if !matches!(mutability, StateMutability::Pure | StateMutability::View) {
            return Err(ExpressionError::new(
                &name.span,
                format!("`{}` changes state and cannot be read", name.text),
                "read view functions only; send others with `call`",
            ));
        }
        let outputs = call.outputs;
        let Type::Tuple(members) = &outputs else {
            return Err(returns_nothing(name));
        };
        let read = |checker: &mut Self| {
            let read = ReadCode {
                target: call.address.clone(),
                kind: ReadKind::View {
                    calldata: call.calldata.clone(),
                    outputs: outputs.clone(),
                },
                span: span.clone(),
            };
            checker.read(read, checker.needs.draws - draws_before)
        };
        match members.members.as_slice() {
            [] => Err(returns_nothing(name)),
            [only] => {
                let code = read(self)?;
                Ok(Checked::typed(
                    span,
                    only.ty.clone(),
                    Code::Member(Box::new(code), 0),
                ))
            }
            _ => {
                let code = read(self)?;
                Ok(Checked::typed(span, outputs.clone(), code))
            }
        }
    }

    /// Registers a read whose target and arguments drew so many random values.
    pub(super) fn read(&mut self, read: ReadCode, draws: usize) -> Result<Code> {
        if draws > 0 {
            return Err(ExpressionError::new(
                &read.span,
                "a read cannot have random arguments",
                "keep the value with `let` first, and read with `mine.…`",
            ));
        }
        if self.in_tasks {
            return Err(ExpressionError::new(
                &read.span,
                "a read for each task is not possible",
                "keep the value as a field of the task",
            ));
        }
        let code = Code::Read(self.needs.reads.len(), read.span.clone());
        self.needs.reads.push(read);
        Ok(code)
    }
}

fn returns_nothing(name: &Name) -> ExpressionError {
    let message = format!("`{}` returns nothing", name.text);
    ExpressionError::new(&name.span, message, "read a function that returns a value")
}

fn unknown_type(name: &Name, error: &alloy::dyn_abi::Error) -> ExpressionError {
    let message = format!("the ABI of `{}` names an unknown type ({error})", name.text);
    ExpressionError::new(&name.span, message, "correct the ABI")
}

fn inputs_of(function: &Function, name: &Name) -> Result<Type> {
    Type::of_params(&function.inputs).map_err(|error| unknown_type(name, &error))
}

/// The arguments in the order of the function's parameters.
fn in_order<'a>(
    function: &Function,
    arguments: Arguments<'_>,
    checked: &'a [Checked],
) -> Result<Vec<&'a Checked>> {
    let Arguments::ByName(given) = arguments else {
        return Ok(checked.iter().collect());
    };
    let names: Vec<&str> = function.inputs.iter().map(|param| param.name.as_str()).collect();
    let mut ordered = vec![None; names.len()];
    for ((name, _), value) in given.iter().zip(checked) {
        let place = names.iter().position(|known| *known == name.text);
        let Some(place) = place else {
            let message = format!(
                "`{}` has no argument `{}`",
                function.name,
                suggest::shortened(&name.text)
            );
            return Err(ExpressionError::new(
                &name.span,
                message,
                choice(&name.text, &names, "arguments"),
            ));
        };
        if ordered[place].replace(value).is_some() {
            let message = format!("argument `{}` is given twice", name.text);
            return Err(ExpressionError::new(
                &name.span,
                message,
                choice("", &names, "arguments"),
            ));
        }
    }
    // As many as there are parameters, each known and none twice: all are there.
    Ok(ordered.into_iter().flatten().collect())
}

/// Converts the arguments of a call to the types of the function's parameters.
pub(super) fn convert_arguments(
    function: &Function,
    inputs: &Type,
    values: &[&Checked],
) -> Result<Vec<Code>> {
    let Type::Tuple(inputs) = inputs else {
        return Ok(Vec::new());
    };
    let pairs = inputs.members.iter().zip(values).enumerate();
    let codes = pairs.map(|(place, (param, value))| {
        let what = match param.name.as_str() {
            "" => format!("argument {} of `{}`", place + 1, function.name),
            name => format!("argument `{name}` of `{}`", function.name),
        };
        value.convert(&param.ty, &what)
    });
    codes.collect()
}

/// The first four bytes of a hash, as a function selector is.
pub(super) fn selector_of(signature: &[u8]) -> Code {
    let hash: B256 = alloy::primitives::keccak256(signature);
    selector_code([hash[0], hash[1], hash[2], hash[3]])
}

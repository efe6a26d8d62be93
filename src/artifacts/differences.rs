//! Compares the ABI of a contract with that of one that is to take its place.

use alloy::json_abi::{Event, EventParam, Function, JsonAbi, Param, StateMutability};

/// The differences that matter to who calls the functions that `is_called` names and reads the events that `is_read` names:
/// a sentence for each function, event or constructor of the contract called `contract` that `found` lacks or has otherwise
/// than `needed`.
pub fn abi_differences(
    contract: &str,
    needed: &JsonAbi,
    found: &JsonAbi,
    is_called: impl Fn(&Function) -> bool,
    is_read: impl Fn(&Event) -> bool,
) -> Vec<String> {
    let mut differences = Vec::new();
    let mut differ = |expected: String, found: &[String]| {
        let found = match found {
            [] => "nothing of that name".to_owned(),
            found => found.join(" and "),
        };
        differences.push(format!("{contract}: expected {expected}, found {found}"));
    };
    if constructor(needed) != constructor(found) {
        differ(constructor(needed), &[constructor(found)]);
    }
    for expected in needed.functions().filter(|expected| is_called(expected)) {
        let candidates = found.function(&expected.name);
        let all: Vec<String> = candidates.into_iter().flatten().map(function).collect();
        if !all.contains(&function(expected)) {
            differ(function(expected), &all);
        }
    }
    for expected in needed.events().filter(|expected| is_read(expected)) {
        let candidates = found.event(&expected.name);
        let all: Vec<String> = candidates.into_iter().flatten().map(event).collect();
        if !all.contains(&event(expected)) {
            differ(event(expected), &all);
        }
    }
    differences
}

fn constructor(abi: &JsonAbi) -> String {
    let constructor = abi.constructor.as_ref();
    let inputs = constructor.map(|constructor| types(&constructor.inputs));
    format!("constructor({})", inputs.unwrap_or_default())
}

/// A function as far as a caller depends on it: inputs, whether it takes ether, and what a read returns.
fn function(function: &Function) -> String {
    let mut text = format!("function {}", function.signature());
    match function.state_mutability {
        StateMutability::Payable => text.push_str(" payable"),
        StateMutability::View | StateMutability::Pure => {
            text.push_str(&format!(" view returns ({})", types(&function.outputs)));
        }
        StateMutability::NonPayable => {}
    }
    text
}

fn event(event: &Event) -> String {
    let input = |input: &EventParam| {
        let indexed = if input.indexed { " indexed" } else { "" };
        format!("{}{indexed}", input.selector_type())
    };
    let inputs: Vec<String> = event.inputs.iter().map(input).collect();
    let anonymous = if event.anonymous { " anonymous" } else { "" };
    format!("event {}({}){anonymous}", event.name, inputs.join(", "))
}

fn types(parameters: &[Param]) -> String {
    let types: Vec<_> = parameters
        .iter()
        .map(|parameter| parameter.selector_type())
        .collect();
    types.join(", ")
}

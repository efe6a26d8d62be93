//! The text of a draft.

use std::fmt::Write as _;

use alloy::json_abi::{Event, EventParam, Function, Param, StateMutability};

use super::{
    Guess,
    guess::{is_failing, title, words},
};
use crate::{
    protocol::profile::expression::{Member, Type},
    scenario::profile::functions::snake_case,
};

/// The profile.
pub(super) fn profile(guess: &Guess<'_>, artifact: &str) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = head(&mut text, guess, artifact);
    let _ = task(&mut text, guess);
    let _ = events(&mut text, guess);
    let _ = rules(&mut text, guess);
    text
}

fn head(text: &mut String, guess: &Guess<'_>, artifact: &str) -> std::fmt::Result {
    let contract = guess.contract;
    writeln!(
        text,
        "# A first profile of {}, guessed from its ABI. Decide what is marked TODO.",
        title(&contract.name)
    )?;
    writeln!(
        text,
        "name = {}\n",
        quoted(&words(title(&contract.name)).join(" "))
    )?;
    writeln!(
        text,
        "[contracts.{}]\nartifact = {}\ncontract = {}",
        guess.name,
        quoted(artifact),
        quoted(&contract.name)
    )?;
    if contract.code.is_empty() {
        writeln!(
            text,
            "address = \"0x0000000000000000000000000000000000000001\"   # TODO: its address, or bytecode = \"….bin\""
        )?;
    } else if let Some(constructor) = contract
        .abi
        .constructor
        .as_ref()
        .filter(|made| !made.inputs.is_empty())
    {
        let arguments: Vec<String> = constructor
            .inputs
            .iter()
            .map(|input| quoted(&value(input, guess, "deployer")))
            .collect();
        writeln!(
            text,
            "arguments = [{}]   # TODO: {}",
            arguments.join(", "),
            named(&constructor.inputs)
        )?;
    }
    writeln!(text, "\n[roles.user]\ndelays = {{ think = \"1s\" }}\n")
}

fn task(text: &mut String, guess: &Guess<'_>) -> std::fmt::Result {
    writeln!(
        text,
        "[task]\nkey = {{ {} = \"{}\" }}",
        guess.key_name, guess.key.ty
    )?;
    writeln!(
        text,
        "# fields = {{ amount = \"uint256\" }}   # TODO: what is to be known of a task"
    )?;
    match guess.closing {
        Some(_) => writeln!(
            text,
            "phases = [\"submit\", \"work\"]   # TODO: phases of a task's life"
        )?,
        None => writeln!(
            text,
            "phases = [\"submit\"]   # TODO: no event was found that comes after the first"
        )?,
    }
    let outcomes = match guess.events.iter().any(|(event, _)| is_failing(&event.name)) {
        true => "done = \"ended\", failed = \"failed\" }   # TODO: how may a task end?",
        false => "done = \"ended\" }   # TODO: add failures: expired = \"failed\"",
    };
    writeln!(text, "outcomes = {{ {outcomes}\n")
}

fn events(text: &mut String, guess: &Guess<'_>) -> std::fmt::Result {
    let closes = if guess.closing.is_none() {
        "\ncloses = \"done\""
    } else {
        ""
    };
    event(
        text,
        guess,
        guess.opening,
        guess.key,
        &format!("opens = true{closes}"),
    )?;
    for (other, key) in &guess.events {
        let is_closing = guess.closing == Some(other);
        let effect = match (is_failing(&other.name), is_closing) {
            (true, _) => "closes = \"failed\"   # TODO: does it end a task?",
            (false, true) => "closes = \"done\"   # TODO: does it end a task?",
            (false, false) => "",
        };
        event(text, guess, other, key, effect)?;
    }
    let about_none: Vec<&Event> = guess
        .contract
        .abi
        .events()
        .filter(|event| *event != guess.opening && guess.events.iter().all(|(other, _)| other != event))
        .collect();
    if !about_none.is_empty() {
        writeln!(
            text,
            "# Events without a key; add key = {{ … }}, or key = false, to use one:"
        )?;
        for event in about_none {
            writeln!(text, "#   {}", event.full_signature())?;
        }
        writeln!(text)?;
    }
    Ok(())
}

fn event(
    text: &mut String,
    guess: &Guess<'_>,
    event: &Event,
    key: &EventParam,
    effect: &str,
) -> std::fmt::Result {
    let overloads = guess
        .contract
        .abi
        .events()
        .filter(|other| other.name == event.name)
        .count();
    let name = if overloads > 1 {
        event.signature()
    } else {
        event.name.clone()
    };
    writeln!(
        text,
        "[[event]]   # {}\nname = {}",
        event.full_signature(),
        quoted(&name)
    )?;
    if key.name != guess.key_name {
        writeln!(text, "key = {{ {} = \"event.{}\" }}", guess.key_name, key.name)?;
    }
    match effect {
        "" => writeln!(
            text,
            "# set = {{ amount = \"event.…\" }}   # TODO: what it says of the task\n"
        ),
        effect => writeln!(text, "{effect}\n"),
    }
}

fn rules(text: &mut String, guess: &Guess<'_>) -> std::fmt::Result {
    if !guess.owners.is_empty() {
        writeln!(
            text,
            "# TODO: set-up by the deployer, for what must be set before tasks come:"
        )?;
        for function in &guess.owners {
            writeln!(
                text,
                "#   [[setup]]\n#   call = {}",
                quoted(&call(guess, function, "deployer"))
            )?;
        }
        writeln!(text)?;
    }
    writeln!(
        text,
        "[[on]]   # TODO: is this what submits a task?\narrival = true\nrole = \"user\""
    )?;
    writeln!(text, "call = {}", quoted(&call(guess, guess.submit, "payload")))?;
    if guess.submit.state_mutability == StateMutability::Payable {
        writeln!(text, "value = \"0.01 ether\"   # TODO: what it costs")?;
    }
    writeln!(text)?;
    if let Some(function) = guess.finish {
        let opening = if guess
            .contract
            .abi
            .events()
            .filter(|other| other.name == guess.opening.name)
            .count()
            > 1
        {
            guess.opening.signature()
        } else {
            guess.opening.name.clone()
        };
        writeln!(
            text,
            "[[on]]   # TODO: who does this, and when?\nevent = {}\nrole = \"user\"\nwho = {{ pick = 1 }}",
            quoted(&opening)
        )?;
        writeln!(
            text,
            "after = \"think\"\ncall = {}",
            quoted(&call(guess, function, "sender"))
        )?;
        if function.state_mutability == StateMutability::Payable {
            writeln!(text, "value = \"0.01 ether\"")?;
        }
        writeln!(text, "phase = \"work\"\n")?;
    }
    if !guess.others.is_empty() {
        writeln!(text, "# TODO: functions that no rule calls yet:")?;
        for function in &guess.others {
            writeln!(text, "#   call = {}", quoted(&call(guess, function, "sender")))?;
        }
    }
    Ok(())
}

/// A call with a value for each argument.
fn call(guess: &Guess<'_>, function: &Function, purpose: &str) -> String {
    let arguments: Vec<String> = function
        .inputs
        .iter()
        .map(|input| value(input, guess, purpose))
        .collect();
    format!("{}.{}({})", guess.name, function.name, arguments.join(", "))
}

/// A value that an argument may have. `purpose` is `payload` in an arrival, `deployer` in set-up, `sender` in other rules.
fn value(input: &Param, guess: &Guess<'_>, purpose: &str) -> String {
    let is_key = purpose == "sender" && input.ty == guess.key.ty;
    let called_so = input.name == guess.key.name
        || input.name == guess.key_name
        || input.name.ends_with("Id")
        || input.name.ends_with("id");
    if is_key && called_so {
        return guess.key_name.clone();
    }
    Type::of_param(input).map_or_else(
        |_| "0".to_owned(),
        |ty| of_type(&ty, &snake_case(&input.name), purpose),
    )
}

fn of_type(ty: &Type, name: &str, purpose: &str) -> String {
    match ty {
        Type::Bool => "true".to_owned(),
        Type::Address if purpose == "deployer" => "deployer".to_owned(),
        Type::Address => "sender".to_owned(),
        Type::Uint(256) if purpose != "deployer" && is_unique(name) => "unique()".to_owned(),
        Type::Uint(_) | Type::Int(_) => "1".to_owned(),
        Type::FixedBytes(32) if purpose != "deployer" => "random(bytes32)".to_owned(),
        Type::FixedBytes(size) => format!("bytes{size}(0)"),
        Type::Bytes if purpose == "payload" => "bytes(text(payload))".to_owned(),
        Type::Bytes => "bytes(text(32))".to_owned(),
        Type::String if purpose == "payload" => "text(payload)".to_owned(),
        Type::String => "text(32)".to_owned(),
        Type::Array(element) => format!("[{}]", of_type(element, name, purpose)),
        Type::FixedArray(element, size) => {
            let element = of_type(element, name, purpose);
            format!("[{}]", vec![element; *size].join(", "))
        }
        Type::Tuple(tuple) => {
            let members = tuple
                .members
                .iter()
                .map(|Member { name, ty }| of_type(ty, &snake_case(name), purpose));
            let members: Vec<String> = members.collect();
            format!("({})", members.join(", "))
        }
    }
}

/// Whether an argument of this name must differ from call to call.
fn is_unique(name: &str) -> bool {
    name.split('_')
        .any(|word| matches!(word, "nonce" | "salt" | "id" | "seed"))
}

fn named(inputs: &[Param]) -> String {
    let inputs: Vec<String> = inputs
        .iter()
        .map(|input| format!("{} {}", input.ty, input.name))
        .collect();
    inputs.join(", ")
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// The scenario.
pub(super) fn scenario(name: &str) -> String {
    format!(
        "# A first scenario of the profile {name}.toml.\nname = {}\nprotocol = {}\n\n[chain]\nblock_time = \"1s\"\n\n\
         [[user]]\ncount = 10\ntasks = 100\nload = {{ constant = \"5/s\" }}\n# think = \"1s\"\n",
        quoted(&format!("{name}-first")),
        quoted(&format!("{name}.toml"))
    )
}

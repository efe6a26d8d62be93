//! Contracts: their artifacts, the libraries that they need, and their constructors' arguments.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use alloy::{
    json_abi::{JsonAbi, StateMutability},
    primitives::Address,
};

use super::{
    expressions::Text,
    names::{Context, NamedContract},
    paths,
    reader::{Reader, refuse_beside},
};
use crate::{
    artifacts::{Artifacts, ArtifactsError, Contract, CreationCode, LibraryName},
    protocol::profile::{
        ContractDefinition, Origin,
        expression::{Expression, Type},
    },
    scenario::read::{table::Table, value::Value},
};

/// A contract whose constructor's arguments are not read yet.
pub(super) struct Found<'a> {
    name: String,
    artifact: Contract,
    origin: FoundOrigin<'a>,
}

enum FoundOrigin<'a> {
    /// To deploy, with the values of `arguments` and `value`.
    Code(CreationCode, Constructor<'a>),
    At(Address),
    /// What the file says of how such contracts are created, and as it was read.
    Created(Value<'a>, Option<Creation>),
}

/// How contracts are created in the run.
struct Creation {
    /// The event that tells of one.
    event: usize,
    /// Its address.
    address: Text,
}

#[derive(Default)]
struct Constructor<'a> {
    /// The table's place, where missing arguments are missing.
    table: Option<Value<'a>>,
    arguments: Option<Value<'a>>,
    value: Option<Value<'a>>,
}

/// Where a contract is looked for.
struct Place<'a> {
    artifact: Value<'a>,
    artifacts: Artifacts,
    /// Whether these take the place of the profile's own.
    is_replaced: bool,
}

impl Place<'_> {
    /// A library of a contract: of an artifact that is a file also among the files beside it, and those of the folders
    /// beside `X.sol/`.
    fn library(&self, name: &LibraryName) -> Option<Contract> {
        if let Ok(library) = self.artifacts.library(name) {
            return Some(library);
        }
        let file = self.artifacts.path();
        let beside = file.parent().filter(|_| file.is_file())?;
        let beside = if beside.as_os_str().is_empty() {
            Path::new(".")
        } else {
            beside
        };
        let above = beside
            .extension()
            .is_some_and(|kind| kind == "sol")
            .then(|| beside.parent());
        [Some(beside), above.flatten()]
            .into_iter()
            .flatten()
            .find_map(|folder| {
                let artifacts = Artifacts::open(folder).ok()?;
                artifacts.library(name).ok()
            })
    }
}

/// Finds the contracts and their libraries.
pub(super) fn read<'a>(root: &Table<'a>, reader: &mut Reader<'a>) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    let tables = root.required(
        "contracts",
        "[contracts.oracle] with artifact = \"out/Oracle.sol/Oracle.json\" below it",
        Value::members,
    );
    for (name, value) in tables.unwrap_or_default() {
        if one(&name, value, reader, &mut found).is_none() {
            reader.contract_is_missing.set(true);
            reader.poison(&name);
        }
    }
    found
}

fn one<'a>(name: &str, value: Value<'a>, reader: &mut Reader<'a>, found: &mut Vec<Found<'a>>) -> Option<()> {
    let table = Table::of(&value)?;
    let artifact = table.required("artifact", "artifact = \"out/Oracle.sol/Oracle.json\"", Some);
    let [contract, abi, bytecode, address, created, arguments, sent] = [
        "contract",
        "abi",
        "bytecode",
        "address",
        "created",
        "arguments",
        "value",
    ]
    .map(|key| table.value(key));
    table.finish();
    let artifact = artifact?;
    let contract = match contract {
        Some(contract) => Some(contract.text()?),
        None => None,
    };
    if let Some(address) = address {
        let because = "beside `address`: the contract is there already";
        for value in [&abi, &bytecode, &created, &arguments, &sent] {
            refuse_beside(reader, value.as_ref(), because, "leave out one of the two");
        }
        let address = account(address)?;
        let place = open(artifact, reader)?;
        let contract = found_in(&place, contract.as_deref(), name, true)?;
        return add(name, &value, contract, FoundOrigin::At(address), reader, found);
    }
    if let Some(created) = created {
        let because = "beside `created`: the run's transactions create such contracts";
        for value in [&abi, &bytecode, &arguments, &sent] {
            refuse_beside(reader, value.as_ref(), because, "leave out one of the two");
        }
        let place = open(artifact, reader)?;
        let contract = found_in(&place, contract.as_deref(), name, true)?;
        let origin = FoundOrigin::Created(created, None);
        return add(name, &value, contract, origin, reader, found);
    }
    let replaced = replaced(name, contract.as_deref(), &artifact, bytecode.as_ref(), reader);
    let (mut contract, place) = match bytecode {
        _ if replaced.is_some() => replaced.flatten().map(|(found, place)| (found, Some(place)))?,
        Some(bytecode) => {
            let abi = path(artifact.clone(), reader)?;
            let code = path(bytecode.clone(), reader)?;
            let read = Artifacts::of_abi_and_bytecode(&abi, &code);
            let mut read = read
                .map_err(|error| {
                    refuse(
                        if is_of(&error, &code) {
                            &bytecode
                        } else {
                            &artifact
                        },
                        &error,
                    )
                })
                .ok()?;
            read.name = contract.unwrap_or(read.name);
            let folder = abi.parent().map(PathBuf::from).unwrap_or_default();
            (
                read,
                Artifacts::open(folder).ok().map(|artifacts| Place {
                    artifact,
                    artifacts,
                    is_replaced: false,
                }),
            )
        }
        None => {
            let place = open(artifact, reader)?;
            (found_in(&place, contract.as_deref(), name, false)?, Some(place))
        }
    };
    if let Some(place) = &place {
        libraries(&contract, place, reader, found)?;
    }
    if let Some(abi) = abi {
        let place = open(abi, reader)?;
        let behind = found_in(&place, None, name, true)?;
        contract.abi = JsonAbi {
            constructor: contract.abi.constructor.take(),
            ..behind.abi
        };
    }
    let constructor = Constructor {
        table: Some(value.clone()),
        arguments,
        value: sent,
    };
    let origin = FoundOrigin::Code(contract.code.clone(), constructor);
    add(name, &value, contract, origin, reader, found)
}

/// What takes the place of a contract: `None` if it keeps its own, `Some(None)` if what is there cannot be used.
fn replaced<'a>(
    name: &str,
    contract: Option<&str>,
    artifact: &Value<'a>,
    bytecode: Option<&Value<'a>>,
    reader: &Reader<'a>,
) -> Option<Option<(Contract, Place<'a>)>> {
    let replacement = reader.replacement?;
    let file = |value: &Value<'a>| Some(paths::resolve(&reader.folder, value.get().as_str()?));
    // The profile's own artifact need not be there: it may not be compiled yet.
    let own = file(artifact);
    let found = own.as_ref().and_then(|own| match bytecode.and_then(file) {
        Some(code) => Artifacts::of_abi_and_bytecode(own, &code)
            .ok()
            .map(|own| own.name),
        None => Artifacts::open(own).ok()?.only_or_named(name).ok(),
    });
    let stem = own
        .as_ref()
        .and_then(|own| own.file_stem()?.to_str())
        .map(str::to_owned);
    let names: Vec<String> = match contract {
        Some(contract) => vec![contract.to_owned()],
        None => found.or(stem).into_iter().collect(),
    };
    let found = replacement.contract(name, &names)?;
    Some(found.map(|found| {
        let place = Place {
            artifact: artifact.clone(),
            artifacts: replacement.artifacts().clone(),
            is_replaced: true,
        };
        (found, place)
    }))
}

fn add<'a>(
    name: &str,
    value: &Value<'a>,
    artifact: Contract,
    origin: FoundOrigin<'a>,
    reader: &mut Reader<'a>,
    found: &mut Vec<Found<'a>>,
) -> Option<()> {
    let named = NamedContract {
        name: name.to_owned(),
        abi: Arc::new(artifact.abi.clone()),
        is_created: matches!(origin, FoundOrigin::Created(..)),
    };
    reader
        .declare(value.path(), name, |names| names.contract(named))
        .then(|| {
            found.push(Found {
                name: name.to_owned(),
                artifact,
                origin,
            });
        })
}

/// The libraries of a contract before it, and those of these before them.
fn libraries<'a>(
    contract: &Contract,
    place: &Place<'a>,
    reader: &mut Reader<'a>,
    found: &mut Vec<Found<'a>>,
) -> Option<()> {
    for library in contract.code.libraries() {
        if found
            .iter()
            .any(|known| library.is(&known.artifact.qualified_name()))
        {
            continue;
        }
        // A library of the profile's own would be another build's.
        let replaced = reader
            .replacement
            .and_then(|replacement| replacement.library(library));
        if let (true, None, Some(replacement)) = (place.is_replaced, &replaced, reader.replacement) {
            replacement.lacks(contract, library);
            return None;
        }
        let Some(artifact) = replaced.or_else(|| place.library(library)) else {
            let message = format!(
                "{} needs the library {library}, which is not among its artifacts",
                contract.name
            );
            return reader.refuse_at(
                place.artifact.path(),
                message,
                "its libraries are looked for here",
                "give the folder that holds the artifacts of both",
            );
        };
        libraries(&artifact, place, reader, found)?;
        let mut name = artifact.name.clone();
        let mut number = 2;
        while reader.names.is_taken(&name) {
            name = format!("{}_{number}", artifact.name);
            number += 1;
        }
        let origin = FoundOrigin::Code(artifact.code.clone(), Constructor::default());
        add(&name, &place.artifact, artifact, origin, reader, found)?;
    }
    Some(())
}

/// The contract that is meant among artifacts.
fn found_in(place: &Place<'_>, contract: Option<&str>, key: &str, abi_alone: bool) -> Option<Contract> {
    let artifacts = &place.artifacts;
    let name = match contract {
        Some(name) => Ok(name.to_owned()),
        None => artifacts.only_or_named(key),
    };
    let found = name.and_then(|name| match abi_alone {
        true => artifacts.interface(&name),
        false => artifacts.contract(&name),
    });
    found.map_err(|error| refuse(&place.artifact, &error)).ok()
}

fn open<'a>(artifact: Value<'a>, reader: &Reader<'a>) -> Option<Place<'a>> {
    let path = path(artifact.clone(), reader)?;
    match Artifacts::open(path) {
        Ok(artifacts) => Some(Place {
            artifact,
            artifacts,
            is_replaced: false,
        }),
        Err(error) => {
            refuse(&artifact, &error);
            None
        }
    }
}

fn path<'a>(value: Value<'a>, reader: &Reader<'a>) -> Option<PathBuf> {
    let named = value.text()?;
    Some(paths::resolve(&reader.folder, &named))
}

/// Whether the error is about this file.
fn is_of(error: &ArtifactsError, file: &Path) -> bool {
    match error {
        ArtifactsError::Unreadable { path, .. } | ArtifactsError::Invalid { path, .. } => path == file,
        _ => false,
    }
}

fn refuse(value: &Value<'_>, error: &ArtifactsError) {
    let help = match error {
        ArtifactsError::NoCode { .. } => {
            "add bytecode = \"Oracle.bin\", a file of its creation code; or address = \"0x…\" if it is deployed already".to_owned()
        }
        ArtifactsError::Missing { .. } => format!("{}; say which is meant: contract = \"…\"", error.help()),
        ArtifactsError::Unreadable { .. } => format!("{}; paths are relative to the profile", error.help()),
        _ => error.help(),
    };
    let path = value.path();
    let problem = crate::scenario::problem::Problem::new(format!("`{path}`: {error}"), help);
    value
        .report()
        .broken(path.clone(), problem.at(path.clone(), "of this"));
}

fn account(value: Value<'_>) -> Option<Address> {
    let help = "write 40 hexadecimal digits behind 0x";
    value.parsed("an address", help, |text| {
        text.parse().map_err(|_| "is none".to_owned())
    })
}

/// The contracts with the arguments of their constructors.
pub(super) fn complete(found: Vec<Found<'_>>, reader: &Reader<'_>) -> Option<Vec<ContractDefinition>> {
    let mut contracts = Vec::with_capacity(found.len());
    let mut whole = true;
    for (
        place,
        Found {
            name,
            artifact,
            origin,
        },
    ) in found.into_iter().enumerate()
    {
        let origin = match origin {
            FoundOrigin::At(address) => Some(Origin::At(address)),
            FoundOrigin::Created(_, creation) => creation.and_then(|creation| creation.complete(reader)),
            FoundOrigin::Code(code, constructor) => {
                constructor
                    .complete(&artifact, place, reader)
                    .map(|(arguments, value)| Origin::Deployed {
                        code,
                        arguments,
                        value: value.map(Box::new),
                    })
            }
        };
        let Some(origin) = origin else {
            whole = false;
            continue;
        };
        contracts.push(ContractDefinition {
            name,
            qualified: artifact.qualified_name(),
            deployed_bytes: artifact.deployed_bytes,
            compiler: artifact.compiler,
            abi: Arc::new(artifact.abi),
            origin,
        });
    }
    whole.then_some(contracts)
}

/// Reads how contracts are created in the run, now that the contracts and events are known:
/// `{ event = "factory.ProxyCreation", address = "event.proxy" }`.
pub(super) fn creations<'a>(found: &mut [Found<'a>], reader: &mut Reader<'a>) {
    for found in found {
        let FoundOrigin::Created(value, creation) = &mut found.origin else {
            continue;
        };
        let Some(table) = Table::of(value) else { continue };
        let event = table.required("event", "event = \"factory.ProxyCreation\"", Some);
        let address = table.required("address", "address = \"event.proxy\"", |value| {
            reader.text_of(&value)
        });
        table.finish();
        let event = event.and_then(|event| reader.event_to_remember(event));
        if let (Some(event), Some(address)) = (event, address) {
            *creation = Some(Creation { event, address });
        }
    }
}

impl Creation {
    fn complete(&self, reader: &Reader<'_>) -> Option<Origin> {
        let context = Context {
            event: Some(self.event),
            early: true,
            ..Context::default()
        };
        let address = reader.typed(&self.address, &Type::Address, context)?;
        if address.reads_chain() || address.draws() {
            let help = "use an argument of the event: event.…";
            return reader.refuse_text(
                &self.address,
                "an address follows from the event alone",
                "more than that",
                help,
            );
        }
        Some(Origin::Created {
            event: self.event,
            address,
        })
    }
}

impl<'a> Constructor<'a> {
    fn complete(
        &self,
        artifact: &Contract,
        place: usize,
        reader: &Reader<'a>,
    ) -> Option<(Vec<Expression>, Option<Expression>)> {
        let context = Context {
            contracts: Some(place),
            early: true,
            ..Context::default()
        };
        let constructor = artifact.abi.constructor.as_ref();
        let inputs = constructor
            .map(|constructor| constructor.inputs.as_slice())
            .unwrap_or_default();
        let texts = match &self.arguments {
            Some(value) => reader.texts(value)?,
            None => Vec::new(),
        };
        let signature: Vec<String> = inputs
            .iter()
            .map(|input| format!("{} {}", input.ty, input.name).trim_end().to_owned())
            .collect();
        let signature = format!("constructor({})", signature.join(", "));
        if texts.len() != inputs.len() {
            let path = self.arguments.as_ref().or(self.table.as_ref())?.path();
            let takes = count(inputs.len(), "argument");
            let message = format!(
                "the constructor of {} takes {takes}, and {} given",
                artifact.name,
                were(texts.len())
            );
            return reader.refuse_at(
                path,
                message,
                format!("for {signature}"),
                "give one expression for each: arguments = [\"1 ether\"]",
            );
        }
        let mut arguments = Vec::new();
        for (input, text) in inputs.iter().zip(&texts) {
            match Type::of_param(input) {
                Ok(ty) => arguments.push(reader.typed(text, &ty, context)),
                Err(error) => {
                    reader.refuse_text::<()>(
                        text,
                        &format!("the ABI is broken: {error}"),
                        "for this",
                        "correct the ABI",
                    );
                    arguments.push(None);
                }
            }
        }
        let value = match &self.value {
            None => None,
            Some(value) => {
                let text = reader.text_of(value)?;
                if constructor
                    .is_none_or(|constructor| constructor.state_mutability != StateMutability::Payable)
                {
                    let message = format!("the constructor of {} is not payable", artifact.name);
                    return reader.refuse_text(&text, &message, "wei that it refuses", "leave `value` out");
                }
                Some(reader.typed(&text, &Type::UINT, context)?)
            }
        };
        Some((arguments.into_iter().collect::<Option<_>>()?, value))
    }
}

impl<'a> Reader<'a> {
    /// The expressions of a list.
    pub(super) fn texts(&self, value: &Value<'a>) -> Option<Vec<Text>> {
        let Some(elements) = value.elements() else {
            return value.refuse(
                "a list of expressions",
                "is no list",
                "put it in brackets: [\"1 ether\", \"oracle\"]",
            );
        };
        let texts: Vec<_> = elements.iter().map(|element| self.text_of(element)).collect();
        texts.into_iter().collect()
    }
}

/// `2 arguments`, `1 argument`, `no arguments`
fn count(number: usize, what: &str) -> String {
    match number {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

fn were(number: usize) -> String {
    match number {
        0 => "none is".to_owned(),
        1 => "1 is".to_owned(),
        _ => format!("{number} are"),
    }
}

//! Contracts: their artifacts, the libraries that they need, and their constructors' arguments.

mod constructor;
mod creation;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use alloy::{json_abi::JsonAbi, primitives::Address};

pub(super) use self::creation::creations;
use self::{constructor::Constructor, creation::Creation};
use super::{
    names::NamedContract,
    paths,
    reader::{Reader, refuse_beside},
    rules::GAS,
};
use crate::{
    artifacts::{Artifacts, ArtifactsError, Contract, CreationCode, LibraryName},
    protocol::profile::{ContractDefinition, FilePlace, Origin},
    scenario::read::{table::Table, value::Value},
};

/// A contract whose constructor's arguments are not read yet.
pub(super) struct Found<'a> {
    name: String,
    at: FilePlace,
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
    let [contract, abi, bytecode, address, created, arguments, sent, gas] = [
        "contract",
        "abi",
        "bytecode",
        "address",
        "created",
        "arguments",
        "value",
        "gas",
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
        for value in [&abi, &bytecode, &created, &arguments, &sent, &gas] {
            refuse_beside(reader, value.as_ref(), because, "leave out one of the two");
        }
        let address = account(address)?;
        let place = open(artifact, reader)?;
        let contract = found_in(&place, contract.as_deref(), name, true)?;
        return add(name, &value, contract, FoundOrigin::At(address), reader, found);
    }
    if let Some(created) = created {
        let because = "beside `created`: the run's transactions create such contracts";
        for value in [&abi, &bytecode, &arguments, &sent, &gas] {
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
        let own = found_in(&place, None, name, true)?;
        let replaced = reader
            .replacement
            .and_then(|replacement| replacement.interface(&own.name));
        let behind = replaced.unwrap_or(own);
        contract.abi = JsonAbi {
            constructor: contract.abi.constructor.take(),
            ..behind.abi
        };
    }
    let constructor = Constructor {
        table: Some(value.clone()),
        arguments,
        value: sent,
        gas: match gas {
            Some(gas) => Some(gas.whole(GAS)?),
            None => None,
        },
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
        is_deployed: matches!(origin, FoundOrigin::Code(..)),
    };
    reader
        .declare(value.path(), name, |names| names.contract(named))
        .then(|| {
            found.push(Found {
                name: name.to_owned(),
                at: reader.place_in_file(value),
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
            at,
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
                        gas: constructor.gas,
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
            storage_layout: artifact.storage_layout,
            abi: Arc::new(artifact.abi),
            origin,
            at,
        });
    }
    whole.then_some(contracts)
}

//! The layouts of artifacts: Foundry, Hardhat, solc's standard JSON and combined JSON, and plain ABI and bytecode.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use alloy::{
    json_abi::{AbiItem, JsonAbi},
    primitives::{B256, keccak256},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{ArtifactsError, Contract, CreationCode};
use crate::input::read_regular;

/// Largest artifact that is read. Build info of large projects has some 100 MiB.
const MAX_BYTES: u64 = 512 << 20;
/// Deepest nesting of a type in an ABI, far above what contracts have.
const MAX_DEPTH: usize = 32;

/// A file as JSON.
pub(super) fn read_json(path: &Path) -> Result<Value, ArtifactsError> {
    let bytes = read_regular(path, MAX_BYTES).map_err(|error| ArtifactsError::unreadable(path, error))?;
    // Windows tools put a byte-order mark in front.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    serde_json::from_slice(bytes).map_err(|error| invalid(path, error.to_string()))
}

/// All contracts in the file at `path`; none if it is JSON of something else.
///
/// # Errors
/// If it cannot be read or is not JSON, or a contract in it is broken.
pub(super) fn contracts_in(path: &Path) -> Result<Vec<Contract>, ArtifactsError> {
    if path.extension().is_some_and(|extension| extension == "abi") {
        return Ok(vec![abi_with_bytecode(path, &path.with_extension("bin"))?]);
    }
    let value = read_json(path)?;
    let read = match &value {
        Value::Array(_) => return Ok(vec![abi_with_bytecode(path, &beside(path))?]),
        Value::Object(object) => {
            if object.get("contracts").is_some_and(Value::is_object) {
                compiled(path, &value, None)
            } else if object.get("output").is_some_and(Value::is_object) {
                // Build info: what went into the compiler, and what came out.
                compiled(path, &value["output"], value["solcLongVersion"].as_str())
            } else if object.get("abi").is_some_and(Value::is_array) {
                single(path, object).map(|contract| vec![contract])
            } else {
                Ok(Vec::new())
            }
        }
        _ => Ok(Vec::new()),
    };
    read.map_err(|reason| invalid(path, reason))
}

/// The contract of an ABI and a file of bytecode; without code if the latter is not there.
///
/// # Errors
/// If one of them cannot be read or is something else.
pub(super) fn abi_with_bytecode(abi: &Path, bytecode: &Path) -> Result<Contract, ArtifactsError> {
    let value = read_json(abi)?;
    let parsed = abi_of(&value).map_err(|reason| invalid(abi, reason))?;
    let code = if bytecode.exists() {
        let text =
            read_regular(bytecode, MAX_BYTES).map_err(|error| ArtifactsError::unreadable(bytecode, error))?;
        let text = String::from_utf8_lossy(&text);
        // solc lists the libraries below the code: `// $hash$ -> path/L.sol:L`.
        let (code, comments) = text.split_once("//").unwrap_or((&text, ""));
        let known = comments
            .lines()
            .filter_map(|line| Some(line.split_once("-> ")?.1.trim().to_owned()));
        CreationCode::parse(code, &known.collect()).map_err(|reason| invalid(bytecode, reason))?
    } else {
        CreationCode::default()
    };
    Ok(Contract {
        name: stem(abi).to_owned(),
        source: None,
        file: abi.to_owned(),
        abi: parsed,
        code,
        deployed_bytes: None,
        compiler: None,
        storage_layout: None,
        sources: BTreeMap::new(),
    })
}

/// The bytecode beside `X.abi.json` or `X.json`: `X.bin`.
fn beside(path: &Path) -> PathBuf {
    path.with_file_name(format!("{}.bin", stem(path)))
}

/// A file's name up to its first dot.
pub(super) fn stem(path: &Path) -> &str {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    name.split('.').next().unwrap_or(name)
}

fn invalid(path: &Path, reason: impl Into<String>) -> ArtifactsError {
    ArtifactsError::Invalid {
        path: path.to_owned(),
        reason: reason.into(),
    }
}

/// The artifact of one contract: of Foundry, Hardhat, Truffle, or our own.
pub(super) fn single(path: &Path, object: &Map<String, Value>) -> Result<Contract, String> {
    let metadata = metadata(object);
    let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    let target = metadata
        .as_ref()
        .and_then(|metadata| metadata["settings"]["compilationTarget"].as_object())
        .and_then(|target| target.iter().next())
        .and_then(|(source, name)| Some((source.clone(), name.as_str()?.to_owned())));
    let (source, named) = target.map_or((None, None), |(source, name)| (Some(source), Some(name)));
    let bytecode = object
        .get("bytecode")
        .or_else(|| object.get("evm").and_then(|evm| evm.get("bytecode")));
    let beside = object.get("linkReferences");
    let compiler = metadata
        .as_ref()
        .and_then(|metadata| metadata["compiler"]["version"].as_str());
    let ours = object
        .get("compiler")
        .and_then(|compiler| compiler["version"].as_str());
    let name = text("contractName")
        .or(named)
        .unwrap_or_else(|| stem(path).to_owned());
    let source = text("sourceName")
        .or(source)
        .or_else(|| own_source(object, &name));
    let sources = match (&metadata, object.get("sources").and_then(Value::as_object)) {
        (Some(metadata), _) => hashes(metadata),
        (None, Some(sources)) => sources
            .iter()
            .filter_map(|(path, hash)| Some((path.clone(), parsed(hash)?)))
            .collect(),
        (None, None) => BTreeMap::new(),
    };
    let mut contract = Contract {
        name,
        source,
        file: path.to_owned(),
        abi: abi_of(&object["abi"])?,
        code: code(bytecode, beside)?,
        deployed_bytes: object.get("deployedBytecode").and_then(bytes),
        compiler: compiler.or(ours).map(str::to_owned),
        storage_layout: object
            .get("storageLayout")
            .filter(|layout| layout.is_object())
            .cloned(),
        sources,
    };
    if contract.sources.is_empty() {
        add_build_info(&mut contract, object);
    }
    Ok(contract)
}

/// The source among an artifact's own list that a contract is named after.
fn own_source(object: &Map<String, Value>, name: &str) -> Option<String> {
    let file = format!("{name}.sol");
    let mut sources = object.get("sources")?.as_object()?.keys();
    sources
        .find(|source| source.rsplit('/').next() == Some(&file))
        .cloned()
}

/// The contracts of a compiler's output: `contracts` by source and name, or by `source:name`.
fn compiled(path: &Path, output: &Value, version: Option<&str>) -> Result<Vec<Contract>, String> {
    let mut contracts = Vec::new();
    let version = version.or(output["version"].as_str()).map(str::to_owned);
    for (source, of_source) in output["contracts"].as_object().into_iter().flatten() {
        let at = |reason: String| format!("contracts[{source:?}]: {reason}");
        if let Some((source, name)) = source.rsplit_once(':').filter(|_| of_source.get("abi").is_some()) {
            let code = code(of_source.get("bin"), None).map_err(at)?;
            contracts
                .push(contract_of(path, (source, name), of_source, code, version.as_deref()).map_err(at)?);
            continue;
        }
        for (name, of_contract) in of_source.as_object().into_iter().flatten() {
            let at = |reason: String| format!("contracts[{source:?}][{name:?}]: {reason}");
            let code = code(of_contract.get("evm").and_then(|evm| evm.get("bytecode")), None).map_err(at)?;
            contracts
                .push(contract_of(path, (source, name), of_contract, code, version.as_deref()).map_err(at)?);
        }
    }
    Ok(contracts)
}

fn contract_of(
    path: &Path,
    (source, name): (&str, &str),
    value: &Value,
    code: CreationCode,
    version: Option<&str>,
) -> Result<Contract, String> {
    let metadata = value.as_object().and_then(metadata);
    let compiler = metadata
        .as_ref()
        .and_then(|metadata| metadata["compiler"]["version"].as_str());
    Ok(Contract {
        name: name.to_owned(),
        source: Some(source.to_owned()),
        file: path.to_owned(),
        abi: value.get("abi").map_or_else(|| Ok(JsonAbi::new()), abi_of)?,
        code,
        deployed_bytes: value
            .get("evm")
            .and_then(|evm| evm.get("deployedBytecode"))
            .or(value.get("bin-runtime"))
            .and_then(bytes),
        compiler: compiler.or(version).map(str::to_owned),
        storage_layout: value
            .get("storageLayout")
            .filter(|layout| layout.is_object())
            .cloned(),
        sources: metadata.as_ref().map(hashes).unwrap_or_default(),
    })
}

/// An ABI, which combined JSON of old compilers has as a text.
fn abi_of(value: &Value) -> Result<JsonAbi, String> {
    let of = |abi: &Value| {
        let items = abi.as_array().ok_or("the ABI is not a list")?;
        let item = |(index, item): (usize, &Value)| {
            if depth(item) > MAX_DEPTH {
                return Err(format!("abi[{index}] has a type that is nested too deeply"));
            }
            AbiItem::deserialize(item).map_err(|error| format!("abi[{index}]: {error}"))
        };
        items.iter().enumerate().map(item).collect()
    };
    match value {
        Value::String(text) => {
            of(&serde_json::from_str(text).map_err(|error| format!("the ABI is broken: {error}"))?)
        }
        abi => of(abi),
    }
}

/// How deep a value nests.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or_default(),
        Value::Object(values) => 1 + values.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Bytecode as text, or as an object with its link references; those of Hardhat stand `beside` it.
fn code(bytecode: Option<&Value>, beside: Option<&Value>) -> Result<CreationCode, String> {
    let (object, references) = match bytecode {
        None | Some(Value::Null) => return Ok(CreationCode::default()),
        Some(Value::String(object)) => (object.as_str(), beside),
        Some(value) => (
            value["object"].as_str().unwrap_or_default(),
            value.get("linkReferences").or(beside),
        ),
    };
    let references = references.map(places).transpose()?.unwrap_or_default();
    let known: BTreeSet<String> = references.iter().map(|(library, _)| library.clone()).collect();
    let mut code = CreationCode::parse(object, &known)?;
    code.mark(&references)?;
    Ok(code)
}

/// The length of bytecode, as text or as an object.
fn bytes(bytecode: &Value) -> Option<usize> {
    let digits = bytecode.as_str().or(bytecode["object"].as_str())?;
    Some(digits.trim_start_matches("0x").len() / 2)
}

/// Link references: `{"path/L.sol": {"L": [{"start": 1, "length": 20}]}}`.
fn places(references: &Value) -> Result<Vec<(String, Vec<usize>)>, String> {
    let mut places = Vec::new();
    for (source, libraries) in references.as_object().into_iter().flatten() {
        for (library, offsets) in libraries.as_object().into_iter().flatten() {
            let starts = offsets.as_array().into_iter().flatten().map(|place| {
                let start = place["start"]
                    .as_u64()
                    .filter(|start| *start < u64::from(u32::MAX));
                start.map(|start| start as usize)
            });
            let starts: Option<Vec<usize>> = starts.collect();
            let starts =
                starts.ok_or_else(|| format!("the link references of {source}:{library} have no start"))?;
            places.push((format!("{source}:{library}"), starts));
        }
    }
    Ok(places)
}

/// The compiler's metadata, which some write as text in the JSON.
fn metadata(object: &Map<String, Value>) -> Option<Value> {
    match object.get("metadata") {
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        Some(metadata @ Value::Object(_)) => Some(metadata.clone()),
        _ => None,
    }
}

/// The hashes of sources in metadata.
fn hashes(metadata: &Value) -> BTreeMap<String, B256> {
    let sources = metadata["sources"].as_object().into_iter().flatten();
    sources
        .filter_map(|(path, source)| Some((path.clone(), parsed(&source["keccak256"])?)))
        .collect()
}

fn parsed(hash: &Value) -> Option<B256> {
    hash.as_str()?.parse().ok()
}

/// Adds what Hardhat keeps in files of its own: the compiler's version and the sources. An artifact without them is
/// whole, so what cannot be read is left out.
fn add_build_info(contract: &mut Contract, artifact: &Map<String, Value>) {
    let Some((info, output)) = build_info(&contract.file, artifact) else {
        return;
    };
    let Ok(info) = read_json(&info) else { return };
    let version = info["solcLongVersion"].as_str().or(info["solcVersion"].as_str());
    contract.compiler = contract.compiler.take().or(version.map(str::to_owned));
    let output = output.and_then(|output| read_json(&output).ok());
    let output = output.as_ref().unwrap_or(&info);
    let name = artifact
        .get("inputSourceName")
        .and_then(Value::as_str)
        .or(contract.source.as_deref());
    let compiled = name.and_then(|source| output["output"]["contracts"][source][&contract.name].as_object());
    contract.sources = match compiled.and_then(metadata) {
        Some(metadata) => hashes(&metadata),
        None => {
            let sources = info["input"]["sources"].as_object().into_iter().flatten();
            let content = |source: &Value| source["content"].as_str().map(keccak256);
            sources
                .filter_map(|(path, source)| Some((path.clone(), content(source)?)))
                .collect()
        }
    };
    // Hardhat 3 puts what is not of a package below `project/`.
    let sources = std::mem::take(&mut contract.sources).into_iter();
    contract.sources = sources
        .map(|(path, hash)| {
            (
                path.strip_prefix("project/").map_or(path.clone(), str::to_owned),
                hash,
            )
        })
        .collect();
}

/// The files of Hardhat's build info: named by `X.dbg.json` beside the artifact, or by the artifact itself.
fn build_info(file: &Path, artifact: &Map<String, Value>) -> Option<(PathBuf, Option<PathBuf>)> {
    if let Some(id) = artifact.get("buildInfoId").and_then(Value::as_str) {
        let folder = file
            .ancestors()
            .map(|above| above.join("build-info"))
            .find(|folder| folder.is_dir())?;
        return Some((
            folder.join(format!("{id}.json")),
            Some(folder.join(format!("{id}.output.json"))),
        ));
    }
    let debug = read_json(&file.with_extension("dbg.json")).ok()?;
    Some((file.parent()?.join(debug["buildInfo"].as_str()?), None))
}

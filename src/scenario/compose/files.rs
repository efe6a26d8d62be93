//! Reading a scenario's file and those that it extends.

use std::{
    fs,
    path::{Path, PathBuf},
};

use miette::Severity;
use toml::de::{DeTable, DeValue};

use super::{EXTENDS, Fault};
use crate::{
    input::{read_named, read_regular},
    scenario::{
        Finding, ScenarioError,
        source::{Source, Sources},
    },
};

/// Largest scenario file: 4 MiB. What is read of it takes some fifty times as much memory.
const MAX_BYTES: u64 = 4 << 20;
/// Most files that extend one another.
const MAX_FILES: usize = 32;

/// Reads the file at `path`, the one that it extends, the one that this extends, and so on, in this order.
///
/// # Errors
/// [`ScenarioError::Unreadable`] if the first cannot be read; otherwise if one is no TOML, or extends what cannot be
/// extended.
pub(in crate::scenario) fn load(path: &Path) -> Result<Sources, ScenarioError> {
    let bytes = read_named(path, MAX_BYTES).map_err(|error| ScenarioError::Unreadable {
        path: path.to_owned(),
        reason: error.into(),
    })?;
    let name = path.display().to_string();
    let mut sources = Sources::default();
    let mut chain = vec![identity(path)];
    let invalid = |findings| ScenarioError::invalid(&name, findings);
    let decoded = decode(&mut sources, &name, bytes, folder(path));
    decoded.map_err(|fault| invalid(vec![fault.finding(&sources)]))?;
    while let Some(last) = sources.all().last() {
        let base = match base(last) {
            Ok(Some(base)) => base,
            Ok(None) => break,
            Err(Trouble::Syntax(errors)) => {
                return Err(invalid(
                    errors.iter().map(|error| syntax(&sources, last, error)).collect(),
                ));
            }
            Err(Trouble::Extends(fault)) => return Err(invalid(vec![fault.finding(&sources)])),
        };
        let added = add(&mut sources, &mut chain, base);
        added.map_err(|fault| invalid(vec![fault.finding(&sources)]))?;
    }
    Ok(sources)
}

/// The text of a scenario that is no file.
///
/// # Errors
/// If it is no TOML, or extends a file.
pub(in crate::scenario) fn of_text(name: &str, text: &str) -> Result<Sources, Vec<Finding>> {
    let mut sources = Sources::default();
    sources.add(name, text.to_owned(), None);
    let only = &sources.all()[0];
    match base(only) {
        Ok(None) => Ok(sources),
        Ok(Some(Base { span, .. })) => {
            let fault = Fault::new(
                "a scenario that is not a file cannot extend another",
                span,
                "relative to what?",
                "write it to a file, or leave out `extends`",
            );
            Err(vec![fault.finding(&sources)])
        }
        Err(Trouble::Syntax(errors)) => {
            Err(errors.iter().map(|error| syntax(&sources, only, error)).collect())
        }
        Err(Trouble::Extends(fault)) => Err(vec![fault.finding(&sources)]),
    }
}

/// The file that another extends.
struct Base {
    path: PathBuf,
    /// Where the other says so.
    span: std::ops::Range<usize>,
}

/// The reason why it is not known which file is extended.
enum Trouble {
    Syntax(Vec<toml::de::Error>),
    Extends(Fault),
}

/// The file that `source` extends, if it extends one.
fn base(source: &Source) -> Result<Option<Base>, Trouble> {
    let (tree, errors) = DeTable::parse_recoverable(source.text());
    if !errors.is_empty() {
        return Err(Trouble::Syntax(errors));
    }
    let Some(value) = tree.get_ref().get(EXTENDS) else {
        return Ok(None);
    };
    let span = source.place(value.span());
    match value.get_ref() {
        DeValue::String(text) if !text.is_empty() => Ok(Some(Base {
            path: source.folder().cloned().unwrap_or_default().join(text.as_ref()),
            span,
        })),
        _ => Err(Trouble::Extends(Fault::new(
            format!("`{EXTENDS}` must be the path of a scenario file"),
            span,
            "is none",
            format!("relative to the file that says it: {EXTENDS} = \"base.toml\""),
        ))),
    }
}

/// Reads `base` and adds it to the `chain` of files that extend one another.
fn add(sources: &mut Sources, chain: &mut Vec<PathBuf>, base: Base) -> Result<(), Fault> {
    let Base { path, span } = base;
    let identity = identity(&path);
    if let Some(first) = chain.iter().position(|file| *file == identity) {
        let circle = sources.all()[first..].iter().chain(sources.all().get(first));
        let circle: Vec<_> = circle.map(Source::name).collect();
        return Err(Fault::new(
            format!(
                "files that extend one another in a circle: {}",
                circle.join(" → ")
            ),
            span,
            "leads back to the start",
            format!("let one of them stand on its own: take `{EXTENDS}` out of it"),
        ));
    }
    if chain.len() == MAX_FILES {
        return Err(Fault::new(
            format!("more than {MAX_FILES} files extend one another"),
            span,
            "one file too many",
            format!("let one of them stand on its own: take `{EXTENDS}` out of it"),
        ));
    }
    let bytes = read_regular(&path, MAX_BYTES).map_err(|reason| {
        Fault::new(
            format!("`{EXTENDS}`: cannot read {}: {reason}", path.display()),
            span,
            "cannot be read",
            "the path is relative to the folder of the file that says it",
        )
    })?;
    decode(sources, &path.display().to_string(), bytes, folder(&path))?;
    // What a scenario names may be any file: one that is called otherwise is not quoted in messages.
    if identity.extension().is_none_or(|extension| extension != "toml") {
        sources.hide_last();
    }
    chain.push(identity);
    Ok(())
}

/// Adds the text that `bytes` encode.
///
/// # Errors
/// If it is not UTF-8; with the place of the first byte that is not.
fn decode(sources: &mut Sources, name: &str, bytes: Vec<u8>, folder: PathBuf) -> Result<(), Fault> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => {
            sources.add(name, text, Some(folder));
            return Ok(());
        }
        Err(error) => error,
    };
    let at = error.utf8_error().valid_up_to();
    let bytes = error.into_bytes();
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    sources.add(name, String::from_utf8_lossy(&bytes).into_owned(), Some(folder));
    sources.hide_last();
    let last = sources.all().last();
    let span = last.map_or(0..0, |source| source.place(at..at));
    let what = if utf16 { "is UTF-16" } else { "is not UTF-8" };
    Err(Fault::new(
        format!("the file {what} text"),
        span,
        "here",
        "save it as UTF-8: a scenario is TOML",
    ))
}

/// The same for all paths that lead to one file.
fn identity(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn folder(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

fn syntax(sources: &Sources, source: &Source, error: &toml::de::Error) -> Finding {
    let span = error.span().unwrap_or_default();
    let help = match has_quotes_within(source.text(), span.start) {
        true => "for quotes within quotes write single ones around them: call = 'oracle.ask(\"what?\")'",
        false => "the format is described at https://toml.io",
    };
    sources.finding(
        Severity::Error,
        format!("this is not TOML: {}", error.message()),
        &[(source.place(span), "here".into())],
        help,
    )
}

/// Whether the line at this byte has text in double quotes that has some itself: `"ask("what?")"`.
fn has_quotes_within(text: &str, at: usize) -> bool {
    let begin = text.get(..at).and_then(|before| before.rfind('\n'));
    let line = text.get(begin.map_or(0, |begin| begin + 1)..).unwrap_or_default();
    let line = line.lines().next().unwrap_or_default();
    let calls = line.contains("(\"") || line.contains(" \"") && line.contains(")\"");
    calls && line.matches('"').count() > 2
}

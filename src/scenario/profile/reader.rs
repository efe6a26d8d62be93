//! The state that all parts of the reader share: the file, the names that are known so far, and how problems are noted.

use std::{
    cell::Cell,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{events::KeyOf, names::Names, replacement::Replacement};
use crate::{
    protocol::profile::{FilePlace, expression::ScopeError},
    scenario::{
        path::KeyPath,
        problem::Problem,
        read::{report::Report, table::Table, value::Value},
        source::Source,
        suggest::{self, list},
    },
};

/// The state of reading one profile.
pub(super) struct Reader<'a> {
    /// The file's name without its folders: results are the same wherever it is.
    file: Arc<str>,
    /// The file's text.
    pub(super) text: &'a str,
    /// The folder that relative paths start from.
    pub(super) folder: PathBuf,
    /// Names and their types.
    pub(super) names: Names,
    /// Words whose declaration is broken: expressions with them are not reported on as well.
    pub(super) broken: Vec<String>,
    /// Whether a contract could not be read, so that nothing is said of events that are not found.
    pub(super) contract_is_missing: Cell<bool>,
    /// Whether a table could not be read, so that nothing is said of what is not there.
    pub(super) table_is_missing: Cell<bool>,
    /// How each event tells the key of its task.
    pub(super) key_of: Vec<KeyOf>,
    /// Events of which the profile says whether they are about a task.
    pub(super) told: Vec<usize>,
    /// The names of each role's delays, the deployer's last.
    pub(super) delays: Vec<Vec<String>>,
    /// The names of phases.
    pub(super) phases: Vec<String>,
    /// What takes the place of the contracts.
    pub(super) replacement: Option<&'a Replacement<'a>>,
    report: &'a Report,
}

impl<'a> Reader<'a> {
    /// A reader that knows no names yet.
    pub(super) fn new(
        file: &'a Source,
        report: &'a Report,
        replacement: Option<&'a Replacement<'a>>,
    ) -> Self {
        Self {
            file: file_name(file.name()).into(),
            text: file.text(),
            folder: file.folder().cloned().unwrap_or_default(),
            names: Names::new(),
            broken: Vec::new(),
            contract_is_missing: Cell::new(false),
            table_is_missing: Cell::new(false),
            key_of: Vec::new(),
            told: Vec::new(),
            delays: Vec::new(),
            phases: Vec::new(),
            replacement,
            report,
        }
    }

    /// The place of a value in the file.
    pub(super) fn place_in_file(&self, value: &Value<'_>) -> FilePlace {
        let before = self.text.get(..value.begin()).unwrap_or(self.text);
        FilePlace {
            file: Arc::clone(&self.file),
            line: before.matches('\n').count() + 1,
        }
    }

    fn refuse<T>(&self, path: &KeyPath, problem: Problem) -> Option<T> {
        self.report.broken(path.clone(), problem);
        None
    }

    /// Notes a problem with the value at `path`.
    pub(super) fn refuse_at<T>(
        &self,
        path: &KeyPath,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<T> {
        self.refuse(path, Problem::new(message, help).at(path.clone(), label))
    }

    /// Notes a problem with the key at `path`.
    pub(super) fn refuse_key<T>(
        &self,
        path: &KeyPath,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<T> {
        self.refuse(path, Problem::new(message, help).at_key(path.clone(), label))
    }

    /// Notes a problem with some bytes of the file, which belong to the value at `path`.
    pub(super) fn refuse_part<T>(
        &self,
        path: &KeyPath,
        part: Range<usize>,
        [message, label, help]: [String; 3],
    ) -> Option<T> {
        self.refuse(
            path,
            Problem::new(message, help).at_part(path.clone(), part, label),
        )
    }

    /// Declares a name, or says why it cannot be used. Expressions that use it are then not reported on.
    pub(super) fn declare(
        &mut self,
        path: &KeyPath,
        name: &str,
        declare: impl FnOnce(&mut Names) -> Result<(), ScopeError>,
    ) -> bool {
        let Err(error) = declare(&mut self.names) else {
            return true;
        };
        let text = error.to_string();
        let (message, help) = text.split_once("; ").unwrap_or((&text, "choose another name"));
        self.refuse_key::<()>(path, format!("`{path}`: {message}"), "this name", help);
        self.poison(name);
        false
    }

    /// Keeps expressions that use this word from being reported on: its declaration is.
    pub(super) fn poison(&mut self, word: &str) {
        self.broken.push(word.to_owned());
    }

    /// The title of the profile.
    pub(super) fn title(&self, value: Value<'_>) -> Option<String> {
        const MUST: &str =
            "1 to 64 letters, digits, spaces, `-`, `_` or `.`, and begin with a letter or a digit";
        let text = value.clone().text()?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.');
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        match begins && text.len() <= 64 && text.chars().all(plain) {
            true => Some(text),
            false => value.refuse(MUST, "is no such name", "for example name = \"question market\""),
        }
    }

    /// The place of the name that `value` gives among `names`, which are of this kind: `phase`.
    pub(super) fn place<S: AsRef<str>>(&self, value: Value<'_>, kind: &str, names: &[S]) -> Option<usize> {
        let path = value.path().clone();
        let text = value.text()?;
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        if let Some(place) = names.iter().position(|name| *name == text) {
            return Some(place);
        }
        if self.broken.contains(&text) {
            return None;
        }
        if names.is_empty() {
            // A profile has some of each: that there are none was said already.
            return None;
        }
        let help =
            suggest::meant(&text, &names).unwrap_or_else(|| format!("the {kind}s are {}", list(&names)));
        let message = format!("`{path}`: there is no {kind} `{}`", suggest::shortened(&text));
        self.refuse_at(&path, message, format!("no {kind}"), help)
    }

    /// The place of a contract that the deployer deploys.
    pub(super) fn contract_to_deploy(&self, value: Value<'_>) -> Option<usize> {
        let names: Vec<&str> = self
            .names
            .contracts
            .iter()
            .map(|contract| contract.name.as_str())
            .collect();
        let place = self.place(value.clone(), "contract", &names)?;
        if self.names.contracts[place].is_deployed {
            return Some(place);
        }
        let message = format!(
            "`{}`: the contract `{}` is not deployed by the profile",
            value.path(),
            names[place]
        );
        self.refuse_at(
            value.path(),
            message,
            "there already, or created in the run",
            "leave `before` out",
        )
    }

    /// The tables of an array of tables: `[[on]]`.
    pub(super) fn tables(&self, value: Option<Value<'a>>) -> Vec<Value<'a>> {
        let Some(value) = value else { return Vec::new() };
        let Some(elements) = value.elements() else {
            let help = format!("write [[{}]], in two brackets", value.path());
            value.refuse::<()>("a list of tables", "is no list", help);
            self.table_is_missing.set(true);
            return Vec::new();
        };
        let all = elements.len();
        let tables: Vec<_> = elements
            .into_iter()
            .filter(|element| Table::of(element).is_some())
            .collect();
        self.table_is_missing
            .set(self.table_is_missing.get() || tables.len() < all);
        tables
    }
}

/// A file's name without its folders.
fn file_name(path: &str) -> &str {
    let name = Path::new(path).file_name();
    name.and_then(|name| name.to_str()).unwrap_or(path)
}

/// Refuses keys that have no meaning beside another.
pub(super) fn refuse_beside(reader: &Reader<'_>, value: Option<&Value<'_>>, because: &str, help: &str) {
    if let Some(value) = value {
        let path = value.path();
        reader.refuse_key::<()>(
            path,
            format!("`{path}` has no meaning {because}"),
            "no meaning here",
            help,
        );
    }
}

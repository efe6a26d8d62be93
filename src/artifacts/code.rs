//! Creation code with the places of libraries, as compilers write it before linking.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use alloy::primitives::{Address, Bytes, hex, keccak256};

/// Digits of a placeholder: those of an address.
const PLACEHOLDER: usize = 40;

/// A library that code calls, as precisely as its artifact names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LibraryName {
    /// `path/L.sol:L`, or `L` alone where an old compiler did not say the path.
    Named(String),
    /// The first 34 digits of the Keccak-256 of `path/L.sol:L`, where the artifact says no more.
    Hashed(String),
    /// `path/L.sol:L` cut off by an old compiler at 36 characters.
    Cut(String),
}

impl LibraryName {
    /// Whether a library with this fully qualified name (`path/L.sol:L`) is meant.
    #[must_use]
    pub fn is(&self, qualified: &str) -> bool {
        let short = qualified.rsplit(':').next().unwrap_or(qualified);
        match self {
            Self::Named(name) if name.contains(':') => name == qualified,
            Self::Named(name) => name == short,
            Self::Hashed(digits) => *digits == hash(qualified),
            Self::Cut(name) => qualified.starts_with(name.as_str()) || short.starts_with(name.as_str()),
        }
    }

    /// The name to look for among artifacts; `None` if only its hash is known.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Hashed(_) | Self::Cut(_) => None,
        }
    }
}

impl fmt::Display for LibraryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Hashed(digits) => write!(f, "__${digits}$__"),
            Self::Cut(name) => write!(f, "{name}…"),
        }
    }
}

/// The digits that stand for a library in a placeholder.
fn hash(qualified: &str) -> String {
    hex::encode(&keccak256(qualified)[..17])
}

/// Creation code whose libraries may not be linked yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreationCode {
    /// The code, zeros where a library's address goes.
    bytes: Vec<u8>,
    /// The offsets of each library's addresses.
    links: BTreeMap<LibraryName, Vec<usize>>,
}

impl CreationCode {
    /// Code that is linked, or needs no libraries.
    #[must_use]
    pub fn linked(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            links: BTreeMap::new(),
        }
    }

    /// No code.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            bytes: Vec::new(),
            links: BTreeMap::new(),
        }
    }

    /// Reads hexadecimal digits, with or without `0x`, with placeholders of any style in the places of libraries:
    /// `__$hash$__`, or `__path/L.sol:L____` of old compilers. `known` are the fully qualified names of the libraries that
    /// the artifact's link references name.
    ///
    /// # Errors
    /// What is wrong and at which digit.
    pub fn parse(text: &str, known: &BTreeSet<String>) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.strip_prefix("0x").unwrap_or(text);
        if !digits.is_ascii() {
            return Err("the bytecode has characters that are no hexadecimal digits".to_owned());
        }
        let by_hash: BTreeMap<String, &String> = known.iter().map(|name| (hash(name), name)).collect();
        let mut plain = digits.to_owned();
        let mut links: BTreeMap<LibraryName, Vec<usize>> = BTreeMap::new();
        let mut from = 0;
        while let Some(found) = digits[from..].find("__") {
            let at = from + found;
            let placeholder = digits.get(at..at + PLACEHOLDER).filter(|_| at % 2 == 0);
            let placeholder = placeholder
                .ok_or_else(|| format!("the bytecode has half a library placeholder at digit {at}"))?;
            plain.replace_range(at..at + PLACEHOLDER, &"0".repeat(PLACEHOLDER));
            links
                .entry(library(placeholder, known, &by_hash))
                .or_default()
                .push(at / 2);
            from = at + PLACEHOLDER;
        }
        let bytes =
            hex::decode(&plain).map_err(|error| format!("the bytecode is not hexadecimal: {error}"))?;
        Ok(Self { bytes, links })
    }

    /// Marks the places of libraries that link references name and the digits do not mark: some tools write zeros there.
    ///
    /// # Errors
    /// If a place is outside of the code.
    pub(super) fn mark(&mut self, references: &[(String, Vec<usize>)]) -> Result<(), String> {
        let mut marked: BTreeSet<usize> = self.links.values().flatten().copied().collect();
        for (library, offsets) in references {
            for offset in offsets {
                let Some(place) = self.bytes.get(*offset..offset + 20) else {
                    return Err(format!(
                        "the link references place {library} at byte {offset}, outside of the bytecode"
                    ));
                };
                if place.iter().all(|byte| *byte == 0) && marked.insert(*offset) {
                    let name = LibraryName::Named(library.clone());
                    self.links.entry(name).or_default().push(*offset);
                }
            }
        }
        Ok(())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The code, zeros in the places of libraries.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The libraries that are not linked yet.
    pub fn libraries(&self) -> impl Iterator<Item = &LibraryName> {
        self.links.keys()
    }

    /// The libraries with the offsets of their addresses.
    pub(super) const fn links(&self) -> &BTreeMap<LibraryName, Vec<usize>> {
        &self.links
    }

    /// The code with the addresses of libraries, by fully qualified name (`path/L.sol:L`).
    ///
    /// # Errors
    /// The libraries that have no address.
    pub fn link(&self, deployed: &BTreeMap<String, Address>) -> Result<Bytes, Vec<LibraryName>> {
        let mut bytes = self.bytes.clone();
        let mut unlinked = Vec::new();
        for (library, offsets) in &self.links {
            let Some((_, address)) = deployed.iter().find(|(name, _)| library.is(name)) else {
                unlinked.push(library.clone());
                continue;
            };
            for offset in offsets {
                bytes[*offset..offset + 20].copy_from_slice(address.as_slice());
            }
        }
        if unlinked.is_empty() {
            Ok(bytes.into())
        } else {
            Err(unlinked)
        }
    }

    /// The places of libraries whose names are known, as solc writes them: `{"path/L.sol": {"L": [{"start": 1, "length": 20}]}}`.
    #[must_use]
    pub fn link_references(&self) -> serde_json::Value {
        let mut references = serde_json::json!({});
        for (library, offsets) in &self.links {
            if let Some((source, name)) = library.name().and_then(|name| name.rsplit_once(':')) {
                let place = |start: &usize| serde_json::json!({ "start": start, "length": 20 });
                references[source][name] = offsets.iter().map(place).collect();
            }
        }
        references
    }

    /// As a compiler writes it, placeholders in the places of libraries that are known by name or hash.
    #[must_use]
    pub fn to_hex(&self) -> String {
        let mut digits = hex::encode(&self.bytes);
        for (library, offsets) in &self.links {
            let placeholder = match library {
                LibraryName::Named(name) if name.contains(':') => format!("__${}$__", hash(name)),
                LibraryName::Hashed(hashed) => format!("__${hashed}$__"),
                LibraryName::Named(name) | LibraryName::Cut(name) => format!("{:_<40}", format!("__{name}")),
            };
            for offset in offsets {
                digits.replace_range(2 * offset..2 * offset + PLACEHOLDER, &placeholder);
            }
        }
        digits
    }
}

/// The library that a placeholder stands for.
fn library(placeholder: &str, known: &BTreeSet<String>, by_hash: &BTreeMap<String, &String>) -> LibraryName {
    let hashed = placeholder
        .strip_prefix("__$")
        .and_then(|rest| rest.strip_suffix("$__"));
    if let Some(digits) = hashed {
        return match by_hash.get(digits) {
            Some(name) => LibraryName::Named((*name).clone()),
            None => LibraryName::Hashed(digits.to_owned()),
        };
    }
    let written = placeholder[2..].trim_end_matches('_');
    let full = known.iter().find(|name| {
        let short = name.rsplit(':').next().unwrap_or(name);
        name.starts_with(written) || short == written
    });
    match full {
        Some(name) => LibraryName::Named(name.clone()),
        // A name that fills the placeholder may go on.
        None if written.len() >= PLACEHOLDER - 4 => LibraryName::Cut(written.to_owned()),
        None => LibraryName::Named(written.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "src/L.sol:L";

    #[test]
    fn placeholders_of_every_style_are_linked() {
        let hashed = format!("__${}$__", hash(NAME));
        let known = BTreeSet::from([NAME.to_owned()]);
        let address = Address::repeat_byte(0xaa);
        let deployed = BTreeMap::from([(NAME.to_owned(), address)]);
        let expected = [&[0x60, 0x01][..], address.as_slice(), &[0x02]].concat();
        for (placeholder, known) in [
            (hashed.clone(), known.clone()),
            (hashed, BTreeSet::new()),
            (format!("{:_<40}", "__src/L.sol:L"), BTreeSet::new()),
            (format!("{:_<40}", "__L"), BTreeSet::new()),
            (format!("{:_<40}", "__L"), known),
        ] {
            let code = CreationCode::parse(&format!("0x6001{placeholder}02"), &known).unwrap();
            assert_eq!(code.link(&deployed).unwrap(), expected, "{placeholder}");
            let missing = code.link(&BTreeMap::new()).unwrap_err();
            assert_eq!(missing.len(), 1, "{placeholder}");
            assert_eq!(code.to_hex().len(), 2 * expected.len());
        }
    }

    #[test]
    fn broken_bytecode_is_refused() {
        for (text, why) in [
            ("60010", "not hexadecimal"),
            ("60zz", "not hexadecimal"),
            ("6001__$12", "half a library placeholder at digit 4"),
            ("é", "no hexadecimal digits"),
        ] {
            let error = CreationCode::parse(text, &BTreeSet::new()).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}

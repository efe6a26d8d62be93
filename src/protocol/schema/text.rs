//! Ids as text: files hold their names, which are resolved against the schema of the protocol whose file is read.

use std::cell::Cell;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::{Function, Invariant, Phase, ProtocolSchema, Role, TaskPhase, TaskSpan};
use crate::protocol::{REFERENCE, profile::SchemaNames};

thread_local! {
    static BEING_READ: Cell<&'static ProtocolSchema> = const { Cell::new(REFERENCE) };
}

/// The schema against which names are resolved: that of [`ProtocolSchema::while_reading`], otherwise the reference protocol's.
#[must_use]
pub fn being_read() -> &'static ProtocolSchema {
    BEING_READ.get()
}

impl ProtocolSchema {
    /// Resolves names against this schema from now on, on this thread: what a command does is of one protocol.
    pub fn read_from_now_on(&'static self) {
        BEING_READ.set(self);
    }

    /// Reads something of this protocol: names in it are resolved against this schema.
    pub fn while_reading<T>(&'static self, read: impl FnOnce() -> T) -> T {
        struct Restore(&'static ProtocolSchema);
        impl Drop for Restore {
            fn drop(&mut self) {
                BEING_READ.set(self.0);
            }
        }
        let _restore = Restore(BEING_READ.replace(self));
        read()
    }
}

impl ProtocolSchema {
    /// The schema of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Some(REFERENCE).filter(|schema| schema.name == name)
    }
}

/// A built-in protocol is its name, that of a profile all its names.
impl Serialize for ProtocolSchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.names {
            None => serializer.serialize_str(self.name),
            Some(names) => names.serialize(serializer),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    BuiltIn(String),
    Profile(SchemaNames),
}

impl<'de> Deserialize<'de> for &'static ProtocolSchema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::BuiltIn(name) => ProtocolSchema::named(&name)
                .ok_or_else(|| D::Error::custom(format!("no protocol is called {name:?}"))),
            Written::Profile(names) => names.checked().map(SchemaNames::schema).map_err(D::Error::custom),
        }
    }
}

macro_rules! by_name {
    ($($id:ident: $all:ident, $what:literal;)*) => {$(
        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                let known = being_read().$all.iter().find(|id| id.name() == name);
                known.copied().ok_or_else(|| D::Error::custom(format!("no {} is called {name:?}", $what)))
            }
        }
    )*};
}

by_name! {
    Phase: phases, "phase";
    Function: functions, "function";
    TaskPhase: task_phases, "phase of a task";
    TaskSpan: spans, "span";
    Role: roles, "role";
    Invariant: invariants, "invariant";
}

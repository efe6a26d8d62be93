//! Keys of how a group's actors misbehave.

use serde_json::{Value, json};

use super::{
    Key, inline,
    kind::{any_of, choice, defined, described, duration, list, table, text, whole},
    literal::{self, array, bare, quoted},
};
use crate::{
    protocol::{Behaviour, BehaviourSpec},
    scenario::Scenario,
};

/// The key of a group; `of` gives what the group has.
pub(super) fn key<T: 'static>(of: fn(&T) -> &Vec<BehaviourSpec>) -> Key<T> {
    let about = "How its actors misbehave; default: they are honest. docs/hunt.md explains the kinds.";
    let key = Key::new("behaviour", about, kind(), |specs: &Vec<BehaviourSpec>| {
        written(specs)
    });
    let examples = json!([
        "lazy",
        { "kind": "silent", "phase": "commit", "probability": 0.5 },
        ["late", { "kind": "copycat", "probability": 0.1 }],
    ]);
    key.examples(examples).within(of)
}

/// One behaviour or several.
fn kind() -> Value {
    any_of([defined("behaviour"), list(defined("behaviour"))])
}

/// A behaviour by its name, or with settings.
pub(super) fn definition() -> Value {
    let names = Behaviour::ALL.map(|kind| described(kind.about(), json!({ "const": kind.name() })));
    any_of([any_of(names), table(&keys())])
}

fn keys() -> Vec<Key<BehaviourSpec>> {
    keys! { BehaviourSpec:
        required "kind", "The kind.",
            choice(&Behaviour::ALL, Behaviour::name), examples ["lazy"] => |spec| quoted(spec.kind);
        "probability", "The probability of it at each opportunity, 0 to 1. Default: that of the kind.",
            json!({ "type": "number", "minimum": 0, "maximum": 1 }), examples [0.5]
            => |spec| bare(spec.probability);
        "phase", "The phase of the calls that it is about; of one that is silent, the first. Default: all.",
            text(), examples ["commit"] => |spec| quoted(spec.phase?.name());
        "by", "How long after its window one acts that is late.",
            duration(), default "1s", examples ["5s"] => |spec| literal::duration(spec.by);
        "members", "How many of the group collude with each other, of those that do.",
            whole(2..=Scenario::MAX_ACTORS), default 3, examples [3] => |spec| bare(spec.members);
    }
}

fn written(specs: &[BehaviourSpec]) -> Option<String> {
    match specs {
        [] => None,
        [one] => inline(&keys(), one),
        several => array(several.iter().map(|spec| inline(&keys(), spec))),
    }
}

//! Keys and sections of a scenario file.

use serde_json::{Value, json};

use super::{
    Key, behaviour, chain, inline,
    kind::{
        amount, any_of, boolean, defined, described, duration, list, name, open_table, table, text, whole,
    },
    lines,
    literal::{self, bare, quoted},
    management, population, profile,
    quantity::Quantity,
    required,
};
use crate::{
    metric::Threshold,
    protocol::ContractBuild,
    scenario::{DataFile, Limits, Measure, Scenario, WarmUp, units::ByteSize},
};

/// Keys outside of all sections.
pub(in crate::scenario) fn root() -> Vec<Key<Scenario>> {
    keys! { Scenario:
        "extends", "The scenario file to begin with, relative to this one. What this file says takes the place of what \
             that one says.",
            json!({ "type": "string", "minLength": 1 }), examples ["base.toml"] => |_| None;
        "protocol", "The profile of the protocol to run, relative to this file. Default: the reference protocol. With it, \
             tables named like the profile's roles say who takes part.",
            json!({ "type": "string", "minLength": 1 }), examples ["question-market.toml"]
            => |scenario| quoted(scenario.profile.as_ref()?.file.display());
        required "name", "Names the run's folder: 1 to 64 letters, digits, -, _ and ., the first a letter or a \
             digit.",
            name(), examples ["bulk"] => |scenario| quoted(&scenario.name);
        "description", "What it shows, for people.",
            text(), examples ["300 tasks at 30/s"] => |scenario| quoted(&scenario.description);
        "seed", "What every key and every random choice of a run follows from.",
            whole(0..=Scenario::MAX_SEED), default 1, examples [42] => |scenario| bare(scenario.seed);
        "price", "What each miner that commits is paid per task.",
            amount(), default 0, examples ["10 gwei", "0.001 ether", 0]
            => |scenario| literal::amount(scenario.price).filter(|_| scenario.profile.is_none());
    }
}

/// A table of a scenario file, an array of tables, or another value of several lines.
pub(in crate::scenario) struct Section {
    /// Its key.
    pub(in crate::scenario) name: &'static str,
    /// The JSON Schema of its value.
    pub(in crate::scenario) schema: Value,
    /// The keys that each of its tables must have, and with them the section; empty if it may be left out.
    pub(in crate::scenario) required: Vec<&'static str>,
    /// Its lines.
    pub(in crate::scenario) text: Box<dyn Fn(&Scenario) -> String + Send + Sync>,
}

impl Section {
    /// A table that may be left out.
    fn one<T: 'static>(
        name: &'static str,
        about: &'static str,
        keys: Vec<Key<T>>,
        of: fn(&Scenario) -> &T,
    ) -> Self {
        Self {
            name,
            schema: described(about, table(&keys)),
            required: Vec::new(),
            text: Box::new(move |scenario| format!("\n[{name}]\n{}", lines(&keys, of(scenario)))),
        }
    }

    /// The same, or groups of a profile's role of that name.
    fn or_groups(self) -> Self {
        Self {
            schema: any_of([
                self.schema,
                described("With protocol: groups.", json!({ "type": "array" })),
            ]),
            ..self
        }
    }

    /// The same, left out of a scenario that runs a profile.
    fn of_reference(self) -> Self {
        let text = self.text;
        Self {
            text: Box::new(move |scenario| match scenario.profile {
                Some(_) => String::new(),
                None => text(scenario),
            }),
            ..self
        }
    }

    /// A table for each group, as the definition of the same name describes it.
    fn groups<T: 'static>(
        name: &'static str,
        about: &'static str,
        keys: Vec<Key<T>>,
        of: fn(&Scenario) -> &[T],
    ) -> Self {
        let changes = json!({ "type": "object", "additionalProperties": defined(name) });
        let kinds = [
            defined(name),
            described("Several groups.", list(defined(name))),
            described(
                "With extends: changes to the base's groups, by their names.",
                changes,
            ),
        ];
        Self {
            name,
            schema: described(about, any_of(kinds)),
            required: required(&keys),
            text: Box::new(move |scenario| {
                let groups = of(scenario).iter();
                groups
                    .map(|group| format!("\n[[{name}]]\n{}", lines(&keys, group)))
                    .collect()
            }),
        }
    }
}

/// The sections, in the order in which a file has them.
pub(in crate::scenario) fn sections() -> Vec<Section> {
    vec![
        thresholds(),
        Section::one(
            "chain",
            "The chain that the run drives.",
            chain::chain(),
            |scenario| &scenario.chain,
        ),
        Section::one(
            "windows",
            "How long each phase of a task may last.",
            chain::windows(),
            |scenario| &scenario.windows,
        )
        .of_reference(),
        contracts(),
        Section::groups(
            "owners",
            "Who submits tasks: [owners] for one group, [[owners]] for several.",
            population::owners(),
            |scenario| &scenario.owners,
        ),
        Section::groups(
            "miners",
            "Who works on tasks: [miners] for one group, [[miners]] for several.",
            population::miners(),
            |scenario| &scenario.miners,
        ),
        Section::one(
            "oracle",
            "Who closes what miners did not finish in time.",
            population::oracle(),
            |scenario| &scenario.oracle,
        )
        .of_reference()
        .or_groups(),
        profile::section(),
        Section::one(
            "measure",
            "Which part of the load the main figures are of.",
            measure(),
            |scenario| &scenario.measure,
        ),
        Section::one("limits", "When the run stops waiting.", limits(), |scenario| {
            &scenario.limits
        }),
    ]
}

fn contracts() -> Section {
    let about = "Contracts of your own in the place of the built-in reference contracts or the profile's.";
    let mut schema = described(about, table(&build()));
    schema["additionalProperties"] = described(
        "With protocol: the contract in the place of the profile's contract of this name.",
        text(),
    );
    Section {
        name: "contracts",
        schema,
        required: Vec::new(),
        text: Box::new(|scenario| {
            if let Some(run) = &scenario.profile {
                return profile::contracts_text(run);
            }
            if scenario.contracts.is_built_in() {
                return String::new();
            }
            format!("\n[contracts]\n{}", lines(&build(), &scenario.contracts))
        }),
    }
}

/// A resolved scenario has its contracts in a file of its own, by the reference contracts' names.
fn build() -> Vec<Key<ContractBuild>> {
    keys! { ContractBuild:
        "artifacts", "The artifacts: a folder of Foundry (out/) or Hardhat (artifacts/), the root of such a project, or a file \
             of solc's JSON output; relative to this file.",
            text() => |_| quoted(format!("{}/contracts.json", DataFile::FOLDER));
        "node_pool", "The contract in the place of NodePool: its name, or path/X.sol:X. Default: NodePool.",
            text() => |_| None;
        "session", "The contract in the place of SessionV2. Default: SessionV2.",
            text() => |_| None;
        "session_queue", "The contract in the place of SessionQueueV2. Default: SessionQueueV2.",
            text() => |_| None;
    }
}

fn thresholds() -> Section {
    let about = "Conditions that the result must meet; exit code 4 if one fails. `taskstorm metrics` lists the metrics.";
    let items = any_of([text(), table(&threshold())]);
    let kind = json!({
        "type": "array",
        "items": items,
        "examples": [
            ["task.total.p99 < 10s"],
            [{ "hold": "tasks.failed.count < 10", "stop_early": true }],
        ],
    });
    Section {
        name: "thresholds",
        schema: described(about, kind),
        required: Vec::new(),
        text: Box::new(|scenario| thresholds_text(&scenario.thresholds)),
    }
}

fn threshold() -> Vec<Key<Threshold>> {
    keys! { Threshold:
        required "hold", "The condition.", text() => |threshold| quoted(threshold.expression());
        "stop_early", "Whether the run stops as soon as the condition can no longer hold.",
            boolean(), default false => |threshold| bare(threshold.stop_early);
    }
}

fn thresholds_text(thresholds: &[Threshold]) -> String {
    // Reading the scenario adds the default again, but not that it stops early.
    let (defaults, written): (Vec<_>, Vec<_>) = thresholds
        .iter()
        .partition(|threshold| threshold.is_default && !threshold.stop_early);
    let mut text: String = defaults
        .into_iter()
        .map(|default| format!("# default threshold: {default}\n"))
        .collect();
    if !written.is_empty() {
        text += "thresholds = [\n";
        for condition in written {
            let value = if condition.stop_early {
                inline(&threshold(), condition)
            } else {
                quoted(condition.expression())
            };
            text += &format!("    {},\n", value.unwrap_or_default());
        }
        text += "]\n";
    }
    text
}

fn measure() -> Vec<Key<Measure>> {
    keys! { Measure:
        "warm_up", "How long the load goes on before it is measured; auto cuts where MSER-5 finds that tasks' times \
             are steady.",
            json!({ "type": "string", "anyOf": [{ "const": "auto" }, duration()] }), default "0s",
            examples ["10s", "auto"]
            => |measure| match measure.warm_up {
                WarmUp::Fixed(time) => literal::duration(time),
                WarmUp::Auto => quoted("auto"),
            };
        "cool_down", "How much of the load's end is not measured.",
            duration(), default "0s", examples ["5s"] => |measure| literal::duration(measure.cool_down);
    }
}

fn limits() -> Vec<Key<Limits>> {
    keys! { Limits:
        "transaction_deadline", "A transaction not in a block by then is looked for, sent again, and at last counted \
             as lost.",
            duration(), default "60s", examples ["30s"] => |limits| literal::duration(limits.transaction_deadline);
        "drain", "How long after the last submission open tasks are waited for. Default: the windows' sum and 30s, of a profile 2m.",
            duration(), examples ["2m"] => |limits| literal::duration(limits.drain);
        "node_timeout", "How long a node may fail to give a usable answer before the run ends with exit code 3. \
             Failed requests are repeated until then.",
            duration(), default "30s", examples ["10s"] => |limits| literal::duration(limits.node_timeout);
    }
}

/// The kinds that others refer to by name.
pub(in crate::scenario) fn definitions() -> Value {
    json!({
        "duration": { "type": "string", "pattern": r"^\s*[0-9].*[a-zµ]\s*$" },
        "rate": {
            "type": "string",
            "pattern": r"^\s*[0-9][0-9_.]*\s*/\s*(s|sec|second|m|min|minute|h|hour|block)\s*$",
        },
        "size": any_of([
            whole(0..=ByteSize::MAX.0),
            json!({ "type": "string", "pattern": r"^\s*[0-9][0-9_.]*\s*[A-Za-z]+\s*$" }),
        ]),
        "count": described("A whole number.", whole(1..=Scenario::MAX_ACTORS)),
        "amount": any_of([
            json!({ "description": "Wei.", "type": "integer", "minimum": 0 }),
            json!({ "type": "string", "pattern": r"^\s*[0-9][0-9_.]*\s*([Ee]ther|[Gg]wei|[Ww]ei)\s*$" }),
        ]),
        "behaviour": behaviour::definition(),
        "funding": table(&management::funding()),
        "delays": Quantity::Delay.schema(),
        "sizes": Quantity::Size.schema(),
        "counts": Quantity::Count.schema(),
        "owners": described(
            "Owners that behave alike: they open sessions and submit tasks.",
            open_table(&population::owners()),
        ),
        "role": profile::definition(),
        "miners": described(
            "Miners that behave alike: they ack, work, precommit and commit.",
            open_table(&population::miners()),
        ),
    })
}

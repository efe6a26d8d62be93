//! Keys of loads.

use std::fmt;

use serde_json::{Value, json};

use super::{
    Key, inline,
    kind::{alternatives, any_of, choice, described, duration, list, pair, positive, rate, table, text},
    literal::{self, array, bare, quoted},
    quantity::{counts, delays},
};
use crate::scenario::{Bursts, Load, Mmpp, Replay, Spacing, Stage, Stages};

const ARRIVALS: &str = "Whether arrivals come evenly spaced or at random.";

/// The kind of a load.
pub(super) fn kind() -> Value {
    let closed = described(
        "Closed loop: a session submits its next task when one ends.",
        json!({ "const": "back_to_back" }),
    );
    let stages = table(&stages());
    any_of([closed].into_iter().chain(alternatives(&kinds())).chain([stages]))
}

impl fmt::Display for Load {
    /// As a scenario file writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Stages(load) => inline(&stages(), load),
            _ => inline(&kinds(), self),
        };
        f.write_str(&text.unwrap_or_default())
    }
}

/// Kinds of loads, each the only key of its table.
fn kinds() -> Vec<Key<Load>> {
    keys! { Load:
        required "back_to_back", "Closed loop: each session keeps tasks open and submits the next one when one ends.",
            table(&back_to_back()) => |load| inline(&back_to_back(), load);
        required "constant", "Open loop: tasks per time for the whole group, evenly spaced.",
            rate() => |load| match load { Load::Constant { rate } => quoted(rate), _ => None };
        required "poisson", "Open loop, a Poisson process: tasks per time for the whole group, in the mean.",
            rate() => |load| match load { Load::Poisson { rate } => quoted(rate), _ => None };
        required "trace", "Open loop: arrivals that were recorded, from a CSV file.",
            any_of([described("The file, relative to this one.", text()), table(&trace())])
            => |load| match load { Load::Trace(replay) => inline(&trace(), replay), _ => None };
        required "bursts", "Open loop that is on and off in turn.",
            table(&bursts()) => |load| match load { Load::Bursts(load) => inline(&bursts(), load), _ => None };
        required "mmpp", "Open loop, a Poisson process that changes between two rates at random.",
            table(&mmpp()) => |load| match load { Load::Mmpp(load) => inline(&mmpp(), load), _ => None };
    }
}

fn back_to_back() -> Vec<Key<Load>> {
    keys! { Load:
        "in_flight", "Tasks in flight of a session; drawn once for each session.",
            counts(), default 1
            => |load| match load { Load::BackToBack { in_flight, .. } => bare(in_flight), _ => None };
        "think_time", "From the end of a task to the submission of the next in its place.",
            delays(), default "0s"
            => |load| match load { Load::BackToBack { think_time, .. } => bare(think_time), _ => None };
    }
}

fn trace() -> Vec<Key<Replay>> {
    keys! { Replay:
        required "file", "The file, relative to this one.", text() => |replay| quoted(replay.file());
        "speed", "How many times faster than recorded.", positive(), default 1 => |replay| bare(replay.speed());
    }
}

fn bursts() -> Vec<Key<Bursts>> {
    keys! { Bursts:
        required "rate", "Tasks per time during a burst.", rate() => |bursts| quoted(bursts.rate);
        "idle", "Tasks per time between bursts.", rate(), default "0/s" => |bursts| quoted(bursts.idle);
        required "on", "How long a burst lasts.", duration() => |bursts| literal::duration(bursts.on);
        required "off", "From the end of a burst to the next.", duration() => |bursts| literal::duration(bursts.off);
        "arrivals", ARRIVALS,
            choice(&Spacing::ALL, Spacing::name), default "even" => |bursts| quoted(bursts.arrivals.name());
    }
}

fn mmpp() -> Vec<Key<Mmpp>> {
    keys! { Mmpp:
        required "rates", "Tasks per time in each state.", pair(rate()) => |mmpp| array(mmpp.rates.map(quoted));
        required "sojourns", "The mean time in each state.",
            pair(duration()) => |mmpp| array(mmpp.sojourns.map(literal::duration));
    }
}

fn stages() -> Vec<Key<Stages>> {
    keys! { Stages:
        "from", "The rate that the first stage begins with.", rate(), default "0/s" => |load| quoted(load.from);
        required "stages", "Open loop along a line of rates, one stage after the other.",
            list(table(&stage())) => |load| array(load.stages.iter().map(|one| inline(&stage(), one)));
        "arrivals", ARRIVALS,
            choice(&Spacing::ALL, Spacing::name), default "even" => |load| quoted(load.arrivals.name());
    }
}

fn stage() -> Vec<Key<Stage>> {
    keys! { Stage:
        required "for", "How long the stage lasts.", duration() => |stage| literal::duration(stage.length);
        required "to", "The rate that it comes to, in a straight line.", rate() => |stage| quoted(stage.to);
    }
}

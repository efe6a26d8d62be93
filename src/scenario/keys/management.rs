//! Keys of dedicated nodes, session management and churn.

use super::{
    Key, inline,
    kind::{amount, any_of, choice, defined, name, rate, table, whole},
    literal::{self, bare, quoted},
    quantity::delays,
};
use crate::scenario::{
    Churn, DedicatedNodes, Departure, Funding, Management, OwnerGroup, Reopening, Scenario,
};

pub(super) fn dedicated() -> Vec<Key<DedicatedNodes>> {
    keys! { DedicatedNodes:
        required "group", "The group of miners that they come from: these serve owners, and are in no pool.",
            name() => |dedicated| quoted(&dedicated.group);
        required "nodes", "Nodes of each session.",
            whole(1..=OwnerGroup::MAX_NODES.into()) => |dedicated| bare(dedicated.nodes);
    }
}

pub(super) fn manage() -> Vec<Key<Management>> {
    keys! { Management:
        "update", "How often a session is updated.", rate() => |manage| manage.update.and_then(quoted);
        "top_up", "How often money is added to a session, and how much.",
            defined("funding") => |manage| inline(&funding(), &manage.top_up?);
        "withdraw", "How often money is taken out of a session, and how much.",
            defined("funding") => |manage| inline(&funding(), &manage.withdraw?);
        "routers", "How often a session's routers change.", rate() => |manage| manage.routers.and_then(quoted);
        "dedicated", "How often a session's dedicated nodes rotate.",
            rate() => |manage| manage.dedicated.and_then(quoted);
        "reopen", "How often a session is opened in the place of another: by time, or after so many tasks.",
            any_of([rate(), table(&reopen())])
            => |manage| match manage.reopen? {
                Reopening::Rate(rate) => quoted(rate),
                tasks @ Reopening::EveryTasks(_) => inline(&reopen(), &tasks),
            };
    }
}

/// Keys of money that moves at a rate.
pub(super) fn funding() -> Vec<Key<Funding>> {
    keys! { Funding:
        required "rate", "How often.", rate() => |funding| quoted(funding.rate);
        required "amount", "How much.", amount() => |funding| literal::amount(funding.amount);
    }
}

fn reopen() -> Vec<Key<Reopening>> {
    keys! { Reopening:
        required "every_tasks", "Tasks of a session until it makes room for another.",
            whole(1..=Scenario::MAX_TASKS), examples [100]
            => |reopening| match reopening {
                Reopening::EveryTasks(tasks) => bare(tasks),
                Reopening::Rate(_) => None,
            };
    }
}

pub(super) fn churn() -> Vec<Key<Churn>> {
    keys! { Churn:
        "kind", "How they go.",
            choice(&Departure::ALL, Departure::name), default "leave" => |churn| quoted(churn.kind.name());
        required "lifetime", "How long one stays.", delays() => |churn| bare(&churn.lifetime);
        "away", "How long one is away. Default: it does not come back.",
            delays() => |churn| churn.away.as_ref().and_then(bare);
    }
}

//! Keys of `[chain]` and `[windows]`.

use serde_json::json;

use super::{
    Key, inline,
    kind::{amount, any_of, choice, duration, list, table, text, whole},
    literal::{self, bare, gas_price, quoted},
    quantity::delays,
};
use crate::{
    hardfork::Hardfork,
    mempool::BelowBaseFee,
    scenario::{BlockOrder, ChainKind, ChainSpec, Windows},
};

pub(super) fn chain() -> Vec<Key<ChainSpec>> {
    keys! { ChainSpec:
        "kind", "A real anvil in wall-clock time, or an EVM inside the process in virtual time.",
            choice(&ChainKind::ALL, ChainKind::name), default "anvil", examples ["anvil", "embedded"]
            => |chain| quoted(chain.kind);
        "block_time", "Time between blocks, 50ms to 60s.",
            duration(), default "1s", examples ["250ms", "2s"] => |chain| literal::duration(chain.block_time);
        "gas_limit", "Gas that a block holds.",
            whole(ChainSpec::MIN_GAS_LIMIT..=ChainSpec::MAX_GAS_LIMIT), default 36_000_000, examples [60_000_000]
            => |chain| bare(chain.gas_limit);
        "hardfork", "The rules that transactions are executed and priced by.",
            choice(&Hardfork::ALL, Hardfork::name), default "prague", examples ["prague"]
            => |chain| quoted(chain.hardfork);
        "base_fee", "Base fee of the first block, per gas.",
            amount(), default "1 gwei", examples ["1 gwei"] => |chain| gas_price(chain.base_fee);
        "below_base_fee", "What the mempool does with a transaction whose max fee is below the base fee: refuse, as \
             anvil, or wait. anvil knows refuse only.",
            choice(&BelowBaseFee::ALL, BelowBaseFee::name), default "refuse", examples ["refuse", "wait"]
            => |chain| quoted(chain.below_base_fee);
        "order", "How blocks order pending transactions. anvil knows fees and fifo.",
            any_of([json!({ "enum": BlockOrder::PLAIN.map(|order| order.name()) }), table(&order())]), default "fees",
            examples ["fees", "fifo", "random", { "adversarial": { "last": ["miners"] } }]
            => |chain| order_text(&chain.order);
        "submission_delay", "On the embedded chain: from an actor's decision to send a transaction to the chain's \
             having it.",
            delays(), default "0s" => |chain| bare(&chain.submission_delay);
        "allowance", "With a funder (--funder-key-file): what each account gets for gas. Without it: what the account is \
             expected to spend.",
            amount(), examples ["0.05 ether"] => |chain| chain.allowance.and_then(literal::amount);
        "fork", "On anvil: the endpoint whose chain it forks, or $ and the environment variable that holds its address.",
            text(), examples ["$RPC_URL"] => |chain| chain.fork.as_ref().and_then(quoted);
        "state", "The state that the chain starts from, a dump of anvil's; relative to this file. The embedded chain takes \
             its accounts.",
            text() => |chain| quoted(&chain.state.as_ref()?.name);
    }
}

/// Keys of an order that a name alone does not tell.
fn order() -> Vec<Key<BlockOrder>> {
    keys! { BlockOrder:
        required "adversarial", "Transactions of some groups come last.",
            table(&last()) => |order| inline(&last(), order);
    }
}

fn last() -> Vec<Key<BlockOrder>> {
    keys! { BlockOrder:
        required "last", "Groups whose transactions come last.",
            list(text()) => |order| match order {
                BlockOrder::Adversarial { last } => literal::array(last.iter().map(quoted)),
                _ => None,
            };
    }
}

/// The order as a scenario file writes it.
fn order_text(order: &BlockOrder) -> Option<String> {
    inline(&self::order(), order).or_else(|| quoted(order.name()))
}

pub(super) fn windows() -> Vec<Key<Windows>> {
    keys! { Windows:
        "ack", "From assignment to the last ack, in whole seconds.",
            duration(), default "30s", examples ["30s"] => |windows| literal::duration(windows.ack);
        "precommit", "From there to the last precommit, in whole seconds.",
            duration(), default "2m", examples ["2m"] => |windows| literal::duration(windows.precommit);
        "commit", "From there to the last commit, in whole seconds.",
            duration(), default "1m", examples ["1m"] => |windows| literal::duration(windows.commit);
    }
}

//! The actors as tables: at this moment, told this, they want that. And the engine's books of what they asked for.

mod consistency;
mod managing;
mod miner;
mod oracle;
mod owner;
mod presence;
mod stage;

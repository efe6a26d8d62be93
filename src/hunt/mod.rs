//! The hunt: looks for the shortest sequence of transactions that breaks what must hold.
//!
//! [`World`] is a chain with the contracts on it, [`Judge`] holds whatever happens there against the protocol's state.

mod broken;
mod corpus;
mod coverage;
mod deployment;
mod file;
mod finding;
mod judge;
mod observe;
mod replay;
mod scenario;
mod search;
mod sequence;
mod shrink;
mod trace;
mod variant;
mod world;

pub use broken::{Broken, Evidence};
pub use corpus::{Corpus, CorpusError};
pub use coverage::{Coverage, CoverageMap, Outcome};
pub use deployment::{DeploymentPlan, DeploymentStep};
pub use file::{ReplayFile, ReplayFileError, Traced, contracts_digest};
pub use finding::Finding;
pub use judge::Judge;
pub use observe::{Observation, Seen, observe};
pub use replay::{Cast, Look, Replayed, replay};
pub use scenario::{HuntError, hunt_variants, observe_in, observe_right, replay_in};
pub use search::{Arena, Hunt, HuntObserver, HuntProgress, HuntSettings, Kept, hunt};
pub use sequence::{Played, Sequence};
pub use trace::TracedTransaction;
pub use variant::variants;
pub use world::{CHAIN_ID, ContractAccounts, HuntChain, START, World};

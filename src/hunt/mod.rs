//! The hunt: looks for the shortest sequence of transactions that breaks what must hold.
//!
//! [`World`] is a chain with the contracts on it, [`Checker`] holds whatever happens there against the protocol's state.
//! [`Cases`] are whole runs with dishonest actors and faults.

mod broken;
mod case;
mod checker;
mod corpus;
mod coverage;
mod deployment;
mod field;
mod file;
mod finding;
mod kept;
mod observe;
mod replay;
mod scenario;
mod search;
mod sequence;
mod shorter;
mod shrink;
mod simpler;
mod trace;
mod variant;
mod world;

pub use broken::{Broken, Evidence};
pub use case::{CasePlayed, Cases, run_case, traced_case};
pub use checker::Checker;
pub use corpus::{Corpus, CorpusError};
pub use coverage::{Coverage, CoverageMap, Outcome};
pub use deployment::{DeploymentPlan, DeploymentStep};
pub use field::{Arena, Deploy, Field};
pub use file::{ReplayFile, ReplayFileError, Traced, contracts_digest};
pub use finding::Finding;
pub use kept::Kept;
pub use observe::{Observation, Seen, observe};
pub use replay::{Look, Participants, Replayed, replay};
pub use scenario::{HuntError, hunt_variants, observe_in, observe_right, replay_in};
pub use search::{Hunt, HuntObserver, HuntProgress, HuntSettings, hunt};
pub use sequence::{Played, Sequence};
pub use trace::TracedTransaction;
pub use variant::variants;
pub use world::{CHAIN_ID, ContractAccounts, HuntChain, START, World};

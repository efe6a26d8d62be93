//! Plans of dishonest actors, and what they draw at an opportunity.

use rand::{RngExt, rngs::ChaCha8Rng};

use super::{Behaviour, BehaviourSpec};
use crate::{
    protocol::{ActorId, ProtocolCall},
    seed::StreamSeed,
};

/// Who misbehaves, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct MisbehaviourPlan {
    /// The actor.
    pub actor: ActorId,
    /// Its random choices; those of the honest actor stay as they are.
    pub stream: StreamSeed,
    /// The random choices of the coalition that it belongs to, if it colludes.
    pub coalition: StreamSeed,
    /// Whether the load has it submit tasks.
    pub submits: bool,
    /// What it does, in the order in which it is tempted.
    pub behaviours: Vec<BehaviourSpec>,
}

/// Whether a behaviour is drawn at an opportunity; one that is about whole tasks decides once for each.
pub(super) fn draws<C: ProtocolCall>(
    spec: &BehaviourSpec,
    call: &C,
    [own, coalition]: [StreamSeed; 2],
    random: &mut ChaCha8Rng,
) -> bool {
    let probability = spec.probability.value().min(1.0);
    match call.task() {
        Some(task) if spec.kind.is_of_tasks() => {
            let stream = if spec.kind == Behaviour::Collude {
                coalition
            } else {
                own
            };
            let mut of_task = stream.rng_of_decision([spec.kind as u64, 0, task.session, task.task]);
            of_task.random_bool(probability)
        }
        _ => random.random_bool(probability),
    }
}

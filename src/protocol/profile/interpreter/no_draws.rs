//! Evaluations without an actor: nothing is drawn in them, or random values of a task alone.

use alloy::primitives::U256;
use rand::{Rng, SeedableRng, rngs::ChaCha8Rng};

use super::super::expression::Draws;

/// Draws of an expression that makes none: conditions on events, constructor's arguments, parameters. Should it draw, it always
/// draws the same.
#[derive(Debug)]
pub(super) struct NoDraws(ChaCha8Rng, u64);

impl Default for NoDraws {
    fn default() -> Self {
        Self(ChaCha8Rng::from_seed([0; 32]), 0)
    }
}

impl Draws for NoDraws {
    fn rng(&mut self) -> &mut dyn Rng {
        &mut self.0
    }

    fn unique(&mut self) -> U256 {
        self.1 += 1;
        U256::from(self.1)
    }
}

/// Draws of a task's field. No expression of one draws unique values.
#[derive(Debug)]
pub(super) struct FieldDraws(pub(super) ChaCha8Rng);

impl Draws for FieldDraws {
    fn rng(&mut self) -> &mut dyn Rng {
        &mut self.0
    }

    fn unique(&mut self) -> U256 {
        U256::ZERO
    }
}

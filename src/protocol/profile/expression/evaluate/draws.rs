//! Random and unique values.

use alloy::primitives::{Bytes, I256, U256};
use rand::{Rng, RngExt, distr::Alphanumeric};

use super::{
    super::{
        code::{Code, Conversion, Integer},
        environment::Draws,
        error::{EvaluationError, EvaluationErrorKind, Span},
        types::Type,
        value::Value,
    },
    Evaluator, Result, arithmetic, misshapen,
};

/// Longest random text. A transaction of 128 KiB is refused by most nodes.
const MAX_TEXT: usize = 1 << 17;

fn random_word(rng: &mut dyn Rng) -> U256 {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    U256::from_be_bytes(bytes)
}

/// A number below a limit, each with the same probability; any word if the limit is zero.
fn random_below(rng: &mut dyn Rng, limit: U256) -> U256 {
    if limit.is_zero() {
        return random_word(rng);
    }
    let unused = 256 - (limit - U256::ONE).bit_len();
    loop {
        // A limit of 1 leaves no bit.
        let drawn = random_word(rng) >> unused;
        if drawn < limit {
            return drawn;
        }
    }
}

impl Evaluator<'_> {
    /// Expressions that draw are refused where nothing can be drawn, when they are read.
    fn draws(&mut self) -> Result<&mut dyn Draws> {
        match &mut self.draws {
            Some(draws) => Ok(&mut **draws),
            None => Err(misshapen()),
        }
    }

    pub(super) fn unique(&mut self) -> Result<U256> {
        Ok(self.draws()?.unique())
    }

    pub(super) fn random(&mut self, ty: &Type) -> Result<U256> {
        let word = random_word(self.draws()?.rng());
        Ok(match ty {
            Type::Bool => word & U256::ONE,
            Type::Address => word >> 96,
            Type::FixedBytes(size) => {
                let truncated = arithmetic::convert(&Value::Word(word), Conversion::TruncateBytes(*size));
                truncated.ok_or_else(misshapen)?
            }
            ty => {
                let integer = Integer::of(ty).ok_or_else(misshapen)?;
                let wrapped = arithmetic::convert(&Value::Word(word), Conversion::Wrap(integer));
                wrapped.ok_or_else(misshapen)?
            }
        })
    }

    pub(super) fn random_range(&mut self, bounds: &[Code; 2], integer: Integer, span: &Span) -> Result<U256> {
        let [lowest, highest] = self.words(bounds)?;
        let shown = |word: U256| match integer.signed {
            true => I256::from_raw(word).to_string(),
            false => word.to_string(),
        };
        if arithmetic::compare(super::Binary::Greater, lowest, highest, integer.signed) {
            let kind = EvaluationErrorKind::EmptyRange {
                lowest: shown(lowest),
                highest: shown(highest),
            };
            return Err(EvaluationError::new(span, kind));
        }
        // In two's complement the distance is right for numbers with a sign, too.
        let values = highest.wrapping_sub(lowest).wrapping_add(U256::ONE);
        let drawn = random_below(self.draws()?.rng(), values);
        Ok(lowest.wrapping_add(drawn))
    }

    pub(super) fn random_text(&mut self, length: &Code, span: &Span) -> Result<Bytes> {
        let length = self.word(length)?;
        let small = usize::try_from(length).ok().filter(|length| *length <= MAX_TEXT);
        let length = small.ok_or_else(|| {
            let kind = EvaluationErrorKind::Text {
                length: length.to_string(),
                limit: MAX_TEXT,
            };
            EvaluationError::new(span, kind)
        })?;
        let rng = self.draws()?.rng();
        Ok((0..length)
            .map(|_| rng.sample(Alphanumeric))
            .collect::<Vec<u8>>()
            .into())
    }
}

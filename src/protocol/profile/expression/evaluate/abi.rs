//! ABI encoding and decoding, with alloy's dynamic ABI.

use alloy::{
    dyn_abi::DynSolValue,
    primitives::{Bytes, U256},
};

use super::{
    super::{
        code::Code,
        types::{Tuple, Type},
        value::Value,
    },
    Evaluator, Result, misshapen,
};

impl Evaluator<'_> {
    /// The bytes of `abi.encode…` or `concat`.
    pub(super) fn encoded(&mut self, code: &Code) -> Result<Bytes> {
        match code {
            Code::Encode {
                selector,
                types: Type::Tuple(types),
                values,
            } => {
                let selector = selector
                    .as_deref()
                    .map(|selector| self.word(selector))
                    .transpose()?;
                self.encode(selector, types, values)
            }
            Code::EncodePacked(values) => {
                let mut packed = Vec::new();
                for (ty, value) in values {
                    let value = self.value(value)?.to_dynamic(ty).ok_or_else(misshapen)?;
                    value.abi_encode_packed_to(&mut packed);
                }
                Ok(packed.into())
            }
            Code::Concat(codes) => {
                let mut joined = Vec::new();
                for code in codes {
                    joined.extend_from_slice(&self.bytes(code)?);
                }
                Ok(joined.into())
            }
            _ => Err(misshapen()),
        }
    }

    fn encode(&mut self, selector: Option<U256>, types: &Tuple, values: &[Code]) -> Result<Bytes> {
        let mut members = Vec::with_capacity(values.len());
        for (member, value) in types.members.iter().zip(values) {
            members.push(self.value(value)?.to_dynamic(&member.ty).ok_or_else(misshapen)?);
        }
        let encoded = DynSolValue::Tuple(members).abi_encode_params();
        let Some(selector) = selector else {
            return Ok(encoded.into());
        };
        let mut data = Vec::with_capacity(4 + encoded.len());
        data.extend_from_slice(&selector.to_be_bytes::<32>()[..4]);
        data.extend_from_slice(&encoded);
        Ok(data.into())
    }
}

/// Decodes what a function returned, as a tuple of this type.
pub(in super::super) fn decode(data: &[u8], outputs: &Type) -> Option<Value> {
    let decoded = outputs.to_dynamic().abi_decode_params(data).ok()?;
    Some(Value::from(decoded))
}

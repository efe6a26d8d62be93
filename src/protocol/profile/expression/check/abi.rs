//! `abi.encode…`, `bytes.concat` and `string.concat`.

use super::{
    super::{
        code::Code,
        error::{ExpressionError, Span},
        syntax::{Name, Node, NodeKind},
        types::Type,
    },
    Checked, Checker, Kind, Result,
    builtins::abi_member,
    contracts::{convert_arguments, selector_code, selector_of, wrong_count},
    tuple_of,
};

impl Checker<'_> {
    pub(super) fn check_abi(&mut self, span: &Span, name: &Name, args: &[Node]) -> Result<Checked> {
        if name.text == "decode" {
            return self.decode(span, name, args);
        }
        let missing = |usage: &str| {
            let remedy = format!("write `{usage}`");
            let full = format!("abi.{}", name.text);
            Err(wrong_count(&name.span, &full, "1 argument or more", 0, remedy))
        };
        let code = match (name.text.as_str(), args) {
            ("encode", args) => self.encode(None, args)?,
            ("encodePacked", args) => self.encode_packed(args)?,
            ("encodeWithSelector", [selector, args @ ..]) => {
                let selector = self
                    .check(selector)?
                    .convert(&Type::FixedBytes(4), "the selector")?;
                self.encode(Some(selector), args)?
            }
            ("encodeWithSignature", [signature, args @ ..]) => {
                let checked = self.check(signature)?;
                let Kind::Text(text) = &checked.kind else {
                    return Err(ExpressionError::new(
                        &signature.span,
                        "the signature must be a string literal",
                        "write it out: `\"transfer(address,uint256)\"`",
                    ));
                };
                self.encode(Some(selector_of(text)), args)?
            }
            ("encodeCall", [function, args]) => self.encode_call(function, args)?,
            ("encodeCall", args) => {
                let usage = "write `abi.encodeCall(contract.function, (arguments))`";
                return Err(wrong_count(
                    &name.span,
                    "abi.encodeCall",
                    "2 arguments",
                    args.len(),
                    usage.to_owned(),
                ));
            }
            ("encodeWithSelector", []) => return missing("abi.encodeWithSelector(selector, …)"),
            ("encodeWithSignature", []) => return missing("abi.encodeWithSignature(\"f(uint256)\", …)"),
            _ => return Err(abi_member(name)),
        };
        Ok(Checked::typed(span, Type::Bytes, code))
    }

    /// `abi.decode(event.data, (uint256, address))`: a value, or a tuple of several.
    fn decode(&mut self, span: &Span, name: &Name, args: &[Node]) -> Result<Checked> {
        let [data, types] = args else {
            let usage = "write `abi.decode(data, (uint256, address))`";
            return Err(wrong_count(
                &name.span,
                "abi.decode",
                "2 arguments",
                args.len(),
                usage.to_owned(),
            ));
        };
        let data = self
            .check(data)?
            .convert(&Type::Bytes, "the data of `abi.decode`")?;
        let types = match &types.kind {
            NodeKind::Tuple(types) => types.iter().map(type_of).collect::<Result<Vec<_>>>()?,
            _ => vec![type_of(types)?],
        };
        let is_one = types.len() == 1;
        let tuple = tuple_of(types.iter().cloned());
        let decoded = Code::Decode(Box::new(data), tuple.clone(), span.clone());
        Ok(match types.into_iter().next().filter(|_| is_one) {
            Some(only) => Checked::typed(span, only, Code::Member(Box::new(decoded), 0)),
            None => Checked::typed(span, tuple, decoded),
        })
    }

    fn encode(&mut self, selector: Option<Code>, args: &[Node]) -> Result<Code> {
        let settled = args.iter().map(|arg| self.check(arg)?.settle_widely());
        let (types, values): (Vec<_>, Vec<_>) = settled.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        Ok(Code::Encode {
            selector: selector.map(Box::new),
            types: tuple_of(types),
            values,
        })
    }

    fn encode_packed(&mut self, args: &[Node]) -> Result<Code> {
        let packed = args.iter().map(|arg| {
            let checked = self.check(arg)?;
            if let Kind::Number { .. } = checked.kind {
                return Err(ExpressionError::new(
                    &arg.span,
                    "the width of a packed number is not known",
                    "convert it to its type: `uint256(…)`",
                ));
            }
            let (ty, code) = checked.settle()?;
            let is_packable = match &ty {
                Type::Array(element) | Type::FixedArray(element, _) => element.is_word(),
                Type::Tuple(_) => false,
                _ => true,
            };
            if !is_packable {
                let message = format!("`{ty}` cannot be packed");
                return Err(ExpressionError::new(&arg.span, message, "use `abi.encode(…)`"));
            }
            Ok((ty, code))
        });
        Ok(Code::EncodePacked(packed.collect::<Result<_>>()?))
    }

    /// `abi.encodeCall(oracle.submitAnswer, (question, answer, bond))`
    fn encode_call(&mut self, function: &Node, args: &Node) -> Result<Code> {
        let no_function = || {
            ExpressionError::new(
                &function.span,
                "this is no function of a contract",
                "write `abi.encodeCall(contract.function, (arguments))`",
            )
        };
        let NodeKind::Member(base, name) = &function.kind else {
            return Err(no_function());
        };
        let Kind::Contract(id, _) = self.check(base)?.kind else {
            return Err(no_function());
        };
        let function = self.only_overload(id, name)?;
        let values = match &args.kind {
            NodeKind::Tuple(values) => self.check_all(values)?,
            _ => vec![self.check(args)?],
        };
        if values.len() != function.inputs.len() {
            let takes = format!("{} arguments", function.inputs.len());
            let remedy = format!("give it those of `{}`", function.signature());
            return Err(wrong_count(&args.span, &name.text, &takes, values.len(), remedy));
        }
        let inputs = Type::of_params(&function.inputs);
        let inputs =
            inputs.map_err(|error| ExpressionError::new(&name.span, error.to_string(), "correct the ABI"))?;
        let values = convert_arguments(function, &inputs, &values.iter().collect::<Vec<_>>())?;
        Ok(Code::Encode {
            selector: Some(Box::new(selector_code(function.selector().0))),
            types: inputs,
            values,
        })
    }

    pub(super) fn concat(&mut self, span: &Span, ty: &Type, args: &[Node]) -> Result<Checked> {
        let what = format!("an argument of `{ty}.concat`");
        let mut parts = Vec::with_capacity(args.len());
        for arg in args {
            let checked = self.check(arg)?;
            parts.push(match (&checked.kind, ty) {
                (Kind::Typed(part @ Type::FixedBytes(_), code), Type::Bytes) => {
                    Code::EncodePacked(vec![(part.clone(), code.clone())])
                }
                _ => checked.convert(ty, &what)?,
            });
        }
        Ok(Checked::typed(span, ty.clone(), Code::Concat(parts)))
    }
}

/// The type that a node names: `uint256`, or a struct's members, `(uint256, bytes)`.
fn type_of(node: &Node) -> Result<Type> {
    match &node.kind {
        NodeKind::Type(ty) => Ok(ty.clone()),
        NodeKind::Tuple(types) => Ok(tuple_of(types.iter().map(type_of).collect::<Result<Vec<_>>>()?)),
        _ => Err(ExpressionError::new(
            &node.span,
            "this is no type",
            "write the types of what is decoded: `abi.decode(data, (uint256, address))`",
        )),
    }
}

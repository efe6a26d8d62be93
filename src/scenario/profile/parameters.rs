//! Parameters: constants that a scenario may set.

use toml::de::DeValue;

use super::{names::Context, reader::Reader};
use crate::{
    protocol::profile::{
        Definition, Parameter,
        expression::{Expression, Type},
    },
    scenario::read::{table::Table, value::Value},
};

/// The built-in parameters, then those of the profile. Each may use those before it.
pub(super) fn read<'a>(root: &Table<'a>, reader: &mut Reader<'a>) -> Option<Vec<Parameter>> {
    let built_in = Definition::BUILT_IN.into_iter().map(|(name, ty)| Parameter {
        name: name.to_owned(),
        ty,
        value: None,
    });
    let mut parameters: Vec<_> = built_in.collect();
    let mut whole = true;
    for (name, value) in root.optional("parameters", Value::members).unwrap_or_default() {
        let path = value.path().clone();
        let read = one(value, reader)
            .filter(|read| reader.declare(&path, &name, |names| names.parameter(&name, read.ty().clone())));
        match read {
            Some(value) => parameters.push(Parameter {
                name,
                ty: value.ty().clone(),
                value: Some(value),
            }),
            None => {
                reader.poison(&name);
                whole = false;
            }
        }
    }
    whole.then_some(parameters)
}

/// `"0.01 ether"`, or `{ type = "uint256", value = "0.01 ether" }`.
fn one<'a>(value: Value<'a>, reader: &Reader<'a>) -> Option<Expression> {
    let context = Context {
        contracts: Some(0),
        early: true,
        ..Context::default()
    };
    let DeValue::Table(_) = value.get() else {
        return reader.untyped(&reader.text_of(&value)?, context);
    };
    let table = Table::of(&value)?;
    let ty = table.required("type", "type = \"uint256\"", type_of);
    let text = table.required("value", "value = \"1 ether\"", |value| reader.text_of(&value));
    table.finish();
    reader.typed(&text?, &ty?, context)
}

/// A type as Solidity writes it.
pub(super) fn type_of(value: Value<'_>) -> Option<Type> {
    const HELP: &str =
        "for example \"uint256\", \"bytes32\", \"address\", \"bool\", \"string\" or \"uint256[]\"";
    value.parsed("a type of Solidity", HELP, |text| {
        Type::parse(text).map_err(|_| "is none".to_owned())
    })
}

//! Expressions and their values.

use std::fmt::Write;

use alloy::primitives::{Signature, eip191_hash_message};
use taskstorm::protocol::profile::expression::{Answers, Expression, Scope, Source};

use super::support::{Seeded, World, evaluate, scope, shown};

/// Each with its type and value, or why it has none.
fn table(expressions: &[&str]) -> String {
    let (scope, world) = (scope(), World::new());
    let mut table = String::new();
    for text in expressions {
        let expression = Expression::parse(text, &scope).unwrap_or_else(|error| panic!("{text}: {error}"));
        let line = match evaluate(text, &scope, &world) {
            Ok(value) => format!("{} {}", expression.ty(), shown(&value, expression.ty())),
            Err(error) => format!("! {error}, at `{}`", &text[error.span.clone()]),
        };
        writeln!(table, "{text}\n    {line}").expect("a string");
    }
    table
}

#[test]
fn literals_and_units() {
    let table = table(&[
        "42",
        "-7",
        "1_000",
        "0x1234",
        "1e3",
        "0.01 ether",
        "1.5 gwei",
        "3 wei",
        "90 minutes",
        "2 days - 1 seconds",
        "0.5 * 3 * 2",
        "2 ** 255 - 1 + 2 ** 255",
        "1 / 3 * 3",
        "7 % 4",
        "1 << 200 >> 198",
        "~0",
        "0xff & 0x0f | 0x30",
        "true",
        "\"text\"",
        "'it\\'s'",
        "hex\"1901\"",
        "unicode\"é\"",
        "\"a\" \"b\"",
        "0x00000000000000000000000000000000000000aa",
        "[1, 256, 3]",
        "(1, true, \"x\")",
        "type(uint8).max",
        "type(int256).min",
    ]);
    insta::assert_snapshot!(table);
}

#[test]
fn names_and_members() {
    let table = table(&[
        "question",
        "task.bond",
        "task.loss",
        "mine.answer",
        "mine.salt",
        "event.ts + 30",
        "event.question_id",
        "sender",
        "oracle",
        "address(token)",
        "block.timestamp",
        "block.number",
        "block.chainid",
        "payload",
        "task.list[1]",
        "task.list[payload]",
        "task.list.length",
        "task.list[1:]",
        "task.words[0] == question",
        "task.words.length",
        "task.workers[1][0]",
        "task.workers[1]",
        "task.data[3]",
        "task.data[1:3]",
        "task.data[3:1]",
        "task.tag[3]",
        "task.tag.length",
        "bytes(task.note).length",
        "oracle.submitAnswer.selector",
        "oracle.LogNewQuestion.selector",
    ]);
    insta::assert_snapshot!(table);
}

#[test]
fn operators() {
    let table = table(&[
        "max(2 * task.bond, 0.001 ether)",
        "min(task.bond, 3, payload)",
        "max(task.loss, -5)",
        "task.small + 55",
        "task.small + 56",
        "task.small + 256",
        "task.bond - 1001",
        "task.bond / (task.bond - 1000)",
        "task.bond % 7",
        "task.bond ** 3",
        "task.bond ** 26",
        "2 ** payload",
        "-task.loss",
        "-(task.loss - 28)",
        "task.loss * 2",
        "task.loss / 7",
        "task.loss % 7",
        "task.loss >> 1",
        "task.loss << 1",
        "~task.small",
        "~task.tag",
        "task.tag >> 8",
        "task.tag << 8",
        "task.tag & 0xff00ff00",
        "task.tag == 0x11223344",
        "mine.answer != 0",
        "task.small << 1",
        "task.small >> 300",
        "task.loss < 0",
        "task.loss >= task.loss",
        "sender == task.asker || task.open && !(task.bond < 5)",
        "task.open ? task.bond : 1 / (task.bond - 1000)",
        "task.open || 1 / (task.bond - 1000) == 1",
        "event.ts > block.timestamp ? 1 : 2",
    ]);
    insta::assert_snapshot!(table);
}

#[test]
fn conversions_and_hashes() {
    let table = table(&[
        "uint8(task.bond)",
        "uint8(uint256(question))",
        "int8(task.small)",
        "int256(task.loss)",
        "uint8(task.loss)",
        "bytes32(task.tag)",
        "bytes2(task.tag)",
        "bytes32(task.bond)",
        "bytes32(uint256(5))",
        "bytes4(0x12345678)",
        "bytes8(\"abc\")",
        "address(uint160(task.bond))",
        "bytes20(task.asker)",
        "uint256(uint160(task.asker))",
        "bytes32(task.data)",
        "string(task.data[0:0])",
        "payable(sender) == sender",
        "address(0)",
        "keccak256(\"\")",
        "keccak256(task.note)",
        "sha256(abi.encodePacked(task.note))",
        "keccak256(abi.encodePacked(sender, question, task.small))",
        "abi.encode(task.small, task.note, task.list)",
        "abi.encodePacked(task.small, task.tag, task.open, task.asker, task.note, task.list)",
        "abi.encodeWithSelector(oracle.claim.selector, [question], sender)",
        "abi.encodeWithSignature(\"set(uint256)\", 5)",
        "abi.encodeCall(oracle.claim, ([question], sender))",
        "abi.encodeCall(token.balanceOf, sender)",
        "bytes.concat(task.data, task.tag, \"x\", hex\"00\")",
        "string.concat(task.note, \", \", \"world\")",
    ]);
    insta::assert_snapshot!(table);
}

#[test]
fn random_values_come_from_the_stream_and_keep_their_range() {
    let (scope, world) = (scope(), World::new());
    let word = |text: &str, draws: &mut Seeded| {
        let expression = Expression::parse(text, &scope).expect("an expression");
        expression
            .evaluate(&world, draws, &Answers::new())
            .expect("a value")
    };
    // The same stream gives the same values, another gives others, and a stream does not repeat itself.
    let draw = |seed| [0; 3].map(|_| word("random(bytes32)", &mut Seeded::new(seed)));
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    let mut draws = Seeded::new(1);
    assert_ne!(
        word("random(uint256)", &mut draws),
        word("random(uint256)", &mut draws)
    );
    assert_eq!(
        [0; 3].map(|_| word("unique()", &mut draws).as_word().unwrap().to::<u64>()),
        [1, 2, 3]
    );

    let mut seen = [0; 6];
    for _ in 0..600 {
        let value = word("random(1, 6)", &mut draws).as_word().unwrap().to::<usize>();
        seen[value - 1] += 1;
    }
    assert!(seen.iter().all(|count| (50..150).contains(count)), "{seen:?}");
    for (text, ty) in [
        ("random(uint8)", "uint8"),
        ("random(int16)", "int16"),
        ("random(bytes4)", "bytes4"),
        ("random(address)", "address"),
        ("random(bool)", "bool"),
        ("random(type(int8).min, type(int8).max)", "int8"),
        ("random(0, type(uint256).max)", "uint256"),
        ("random(7, 7)", "uint256"),
    ] {
        let expression = Expression::parse(text, &scope).expect("an expression");
        assert_eq!(expression.ty().to_string(), ty);
        for _ in 0..100 {
            // The conversion to the type itself changes nothing: no bit lies outside.
            let value = word(text, &mut draws);
            let (mut scope, mut world) = (Scope::new(), World::new());
            world.values.insert((Source::Mine, 1), value.clone());
            scope.mine("x", expression.ty().clone()).expect("a name");
            scope.mine("y", expression.ty().clone()).expect("a name");
            let converted = evaluate(&format!("{ty}(mine.y)"), &scope, &world);
            assert_eq!(converted, Ok(value), "{text}");
        }
    }
    assert_eq!(word("random(7, 7)", &mut draws).as_word().unwrap().to::<u64>(), 7);
    let text = word("text(payload * 10)", &mut draws);
    let text = text.as_bytes().expect("a text");
    assert!(
        text.len() == 50 && text.iter().all(u8::is_ascii_alphanumeric),
        "{text:?}"
    );

    let refused = |text: &str| evaluate(text, &scope, &world).unwrap_err().to_string();
    assert_eq!(
        refused("random(task.bond, payload)"),
        "random number from 1000 to 5: the range is empty"
    );
    assert_eq!(
        refused("text(task.bond ** 3)"),
        "text of 1000000000 characters is too long: at most 131072"
    );
}

#[test]
fn signatures_are_those_of_the_account() {
    let (scope, world) = (scope(), World::new());
    let sign =
        |text: &str| evaluate(text, &scope, &world).map(|value| value.as_bytes().expect("bytes").to_vec());
    let personal = sign("sign(toEthSignedMessageHash(question))").expect("a signature");
    let signature = Signature::from_raw(&personal).expect("65 bytes");
    let recovered = signature
        .recover_address_from_msg(super::support::QUESTION)
        .expect("an address");
    assert_eq!(recovered, world.signer.address());
    assert!(matches!(personal[64], 27 | 28));
    assert_eq!(
        sign("sign(toEthSignedMessageHash(question), sender)"),
        Ok(personal)
    );

    let digest = evaluate("toEthSignedMessageHash(task.note)", &scope, &world).expect("a digest");
    assert_eq!(digest, eip191_hash_message("hello").into());

    // EIP-712's own formula, written out.
    let typed = evaluate("toTypedDataHash(question, mine.answer)", &scope, &world).expect("a digest");
    let formula = "keccak256(abi.encodePacked(hex\"1901\", question, mine.answer))";
    assert_eq!(Ok(&typed), evaluate(formula, &scope, &world).as_ref());
    let signed =
        Signature::from_raw(&sign("sign(toTypedDataHash(question, mine.answer))").expect("a signature"));
    let digest = typed.as_word().expect("a word").into();
    assert_eq!(
        signed
            .expect("65 bytes")
            .recover_address_from_prehash(&digest)
            .ok(),
        Some(world.signer.address())
    );

    let error = sign("sign(question, task.asker)").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no key of 0x0000000000000000000000000000000000000007 is known to sign with"
    );
}

#[test]
fn encoded_data_is_decoded() {
    let data = "abi.encode(7, true, \"text\")";
    let told = table(&[
        "abi.decode(abi.encode(7), (uint8))",
        &format!("abi.decode({data}, (uint256, bool, string))[2]"),
        &format!("abi.decode({data}, (uint256, bool, string))[0] + 1"),
        "abi.decode(abi.encode((1, true)), ((uint256, bool)))[1]",
        "abi.decode(hex\"00\", (uint256, bool))[0]",
    ]);
    let values: Vec<&str> = told.lines().skip(1).step_by(2).map(str::trim).collect();
    assert_eq!(
        values[..4],
        ["uint8 7", "string \"text\"", "uint256 8", "bool true"],
        "{told}"
    );
    assert!(
        values[4].starts_with("! the data is not of type (uint256, bool), at `abi.decode("),
        "{told}"
    );
}

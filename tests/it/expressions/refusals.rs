//! Expressions that are refused: what is said, and of which bytes.

use std::fmt::Write;

use taskstorm::protocol::profile::expression::{
    CallTemplate, Expression, ExpressionError, Scope, ScopeError, Type,
};

use super::support::scope;

/// The expression, its wrong bytes underlined, and what is said.
fn shown(text: &str, error: &ExpressionError) -> String {
    let column = |byte: usize| text[..byte].chars().count();
    let (start, end) = (column(error.span.start), column(error.span.end));
    let line = format!("{}{}", " ".repeat(start), "^".repeat((end - start).max(1)));
    format!("{text}\n{line}\n  {}\n  help: {}\n", error.message, error.remedy)
}

fn refused(text: &str) -> ExpressionError {
    match Expression::parse(text, &scope()) {
        Ok(expression) => panic!("{text} is of type {}", expression.ty()),
        Err(error) => error,
    }
}

fn table(expressions: &[&str]) -> String {
    let mut table = String::new();
    for text in expressions {
        writeln!(table, "{}", shown(text, &refused(text))).expect("a string");
    }
    table
}

#[test]
fn syntax() {
    let table = table(&[
        "",
        "  ",
        "1 +",
        "(1 + 2",
        "1 + 2)",
        "1 2",
        "task.",
        "\"open",
        "task.bond = 5",
        "payload++",
        "new oracle()",
        "delete payload",
        "1; 2",
        "oracle.set{value: 1}(1)",
        "payload[]",
        "0x",
        "01",
        "0b11",
        "1 >>> 2",
        "(1,,2)",
        "uint7(1)",
        "ufixed(1)",
        "mapping(uint => uint)",
        "\"é\"",
        "é",
        "0x00000000000000000000000000000000000000Aa",
        "1e999999",
    ]);
    insta::assert_snapshot!(table);
}

#[test]
fn names() {
    let table = table(&[
        "questoin",
        "bond",
        "task.bnod",
        "task.colour",
        "task",
        "mine.anwser",
        "event.qid",
        "event.question_ids",
        "block.time",
        "block",
        "msg.sender",
        "abi",
        "abi.encod(1)",
        "abi.encode",
        "orcale.bondOf(question)",
        "oracle.bondof(question)",
        "oracle.bondOf",
        "keccak256",
        "kecak256(\"x\")",
        "unknown(1)",
        "payload(1)",
        "task.asker.transfer(1)",
        "task.bond.length",
        "task.note.length",
        "task.workers[0].worker",
        "oracle.infoOf(question).dead_line",
        "type(bytes32).max",
        "sum(task.bond)",
    ]);
    insta::assert_snapshot!(table);
}

#[test]
fn types() {
    let table = table(&[
        "task.bond + task.loss",
        "task.bond + question",
        "task.note + \"x\"",
        "task.note == \"x\"",
        "task.bond && true",
        "!task.bond",
        "-task.bond",
        "-task.small",
        "~task.open",
        "task.open ? 1 : \"x\"",
        "task.bond ? 1 : 2",
        "task.bond ** task.loss",
        "task.bond + 0.5",
        "0.5",
        "2 ** 256",
        "2 ** 5000",
        "1 / 0",
        "uint8(256)",
        "uint256(-1)",
        "uint8(task.loss) + int16(task.small)",
        "bytes32(5)",
        "bytes4(0x1234)",
        "bytes4(\"abcde\")",
        "bytes32(task.asker)",
        "address(task.bond)",
        "address(question)",
        "uint256(task.asker)",
        "uint256(task.note)",
        "task.words[2]",
        "task.note[0]",
        "task.workers[0][payload]",
        "task.bond[0]",
        "task.note[1:]",
        "[]",
        "[1, true]",
        "uint256",
    ]);
    insta::assert_snapshot!(table);
}

#[test]
fn functions() {
    let table = table(&[
        "keccak256()",
        "keccak256(task.bond)",
        "keccak256(1, 2)",
        "uint256(1, 2)",
        "max(1)",
        "max(question, 0)",
        "random(bytes)",
        "random(5)",
        "random(true, false)",
        "text(\"x\")",
        "unique(1)",
        "sign(task.note)",
        "sign()",
        "balance(random(address))",
        "token.balanceOf(random(address))",
        "abi.encodePacked(1)",
        "abi.encodePacked(task.workers)",
        "abi.encodeWithSelector(5)",
        "abi.encodeWithSignature(task.note)",
        "abi.encodeCall(oracle.claim, (question, sender))",
        "abi.encodeCall(oracle.claim, sender)",
        "abi.encodeCall(oracle.set, 1)",
        "abi.encodeCall(sender, 1)",
        "oracle.set.selector",
        "string.concat(task.note, task.data)",
        "bytes.concat(task.note)",
        "string.join(task.note)",
        "oracle.bondOf()",
        "oracle.bondOf(task.note)",
        "oracle.claim([question], sender)",
        "token.transfer(sender, 1) ? 1 : 2",
        "keccak256({x: 1})",
        "oracle.isOpen({question: question})",
        "oracle.isOpen({question: question, bnod: 1})",
        "oracle.isOpen({question: question, question: question})",
    ]);
    insta::assert_snapshot!(table);
}

#[test]
fn calls() {
    let scope = scope();
    let mut table = String::new();
    for text in [
        "oracle.submitAnswer(question, mine.answer)",
        "oracle.submitAnswer(question, task.note, 0)",
        "oracle.submitAnswer(question, task.asker, 0)",
        "oracle.submitAnswer(question, \"yes\", -1)",
        "oracle.submitAnswer(question, mine.answer, event.bond)",
        "oracle.askQuestion(0, question, sender, 30, 0, unique())",
        "oracle.askQuestion(0, text(8), sender, task.bond, 0, unique())",
        "oracle.askQuestion(0, text(8), sender, 2 ** 32, 0, unique())",
        "oracle.submit(question)",
        "oracle.claim([task.bond], sender)",
        "oracle.assign([(sender, true)])",
        "oracle.assign([(sender, 1, 2)])",
        "oracle.set()",
        "oracle.set(true)",
        "oracle.put(1)",
        "orcale.set(1)",
        "oracle(task.bond).put(1)",
        "keccak256(\"x\")",
        "question",
    ] {
        let error = CallTemplate::parse(text, &scope).expect_err(text);
        writeln!(table, "{}", shown(text, &error)).expect("a string");
    }
    insta::assert_snapshot!(table);
}

#[test]
fn an_expected_type_is_held() {
    let scope = scope();
    let refused = |text: &str, ty: &Type| {
        Expression::parse_as(text, ty, &scope)
            .expect_err(text)
            .to_string()
    };
    assert_eq!(
        refused("task.note", &Type::WORD),
        "this must be `bytes32`, not `string`; hash it: `keccak256(…)`"
    );
    assert_eq!(
        refused("300", &Type::Uint(8)),
        "the number 300 does not fit `uint8`; `uint8` holds whole numbers from 0 to 2**8 - 1"
    );
    assert_eq!(
        refused("payload", &Type::Bool),
        "this must be `bool`, not `uint256`; give a value of type `bool`"
    );
    let fitting = Expression::parse_as("task.small", &Type::UINT, &scope).expect("a wider type");
    assert_eq!(fitting.ty(), &Type::UINT);
}

#[test]
fn names_that_cannot_be_used_are_refused_when_declared() {
    let mut scope = scope();
    let taken = |name: &str| Err(ScopeError::Taken(name.to_owned()));
    let no_name = |name: &str| Err(ScopeError::Name(name.to_owned()));
    for name in [
        "question",
        "payload",
        "oracle",
        "sender",
        "keccak256",
        "task",
        "block",
    ] {
        assert_eq!(scope.parameter(name, Type::UINT), taken(name));
    }
    for name in [
        "", "a-b", "a b", "1st", "uint256", "a.b", "a + b", "new", "true", "é",
    ] {
        assert_eq!(scope.key(name, Type::UINT), no_name(name), "{name}");
    }
    assert_eq!(scope.task("bond", Type::UINT), taken("bond"));
    assert_eq!(scope.task("a-b", Type::UINT), no_name("a-b"));
    // After a dot, reserved words are names, and so are those of others.
    assert!(scope.task("type", Type::UINT).is_ok());
    assert!(scope.mine("bond", Type::UINT).is_ok());
    assert!(Expression::parse("task.type + mine.bond", &scope).is_ok());
    // Without a sender nothing names or signs as it.
    let error = Expression::parse("sender", &Scope::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no sender here; `sender` is known in calls and values of an actor only"
    );
    assert!(Expression::parse("sign(keccak256(\"\"))", &Scope::new()).is_err());
}

//! Texts that nobody would write: no panic, no hang, and spans within the text.

use std::thread;

use proptest::prelude::*;
use taskstorm::protocol::profile::expression::{Answers, CallTemplate, Expression, Type};

use super::support::{Seeded, World, scope};

/// Pieces that expressions are made of, and some that they are not.
const PIECES: [&str; 64] = [
    "1",
    "0",
    "256",
    "0x12",
    "0.5",
    "1e77",
    "2e-3",
    "1 ether",
    "5 days",
    "\"x\"",
    "hex\"12\"",
    "true",
    "question",
    "task.bond",
    "task.loss",
    "task.small",
    "task.tag",
    "task.data",
    "task.note",
    "task.list",
    "task.words",
    "task.workers",
    "mine.salt",
    "event.ts",
    "sender",
    "oracle",
    "token",
    "payload",
    "(",
    ")",
    "[",
    "]",
    ",",
    ".",
    "+",
    "-",
    "*",
    "/",
    "%",
    "**",
    "<<",
    ">>",
    "&",
    "|",
    "^",
    "~",
    "!",
    "<",
    "==",
    "&&",
    "||",
    "?",
    ":",
    "uint8(",
    "int16(",
    "bytes4(",
    "address(",
    "keccak256(",
    "abi.encode(",
    "abi.encodePacked(",
    "max(",
    "oracle.bondOf(",
    "random(",
    "é",
];

/// Reads it in both ways, and evaluates what can be.
fn read(text: &str) {
    let scope = scope();
    let within = |span: &std::ops::Range<usize>| {
        assert!(
            span.start <= span.end && text.get(span.clone()).is_some(),
            "{text:?}: {span:?}"
        );
    };
    let (world, mut answers) = (World::new(), Answers::new());
    match Expression::parse(text, &scope) {
        Err(error) => within(&error.span),
        Ok(expression) => {
            expression.reads(&world, &mut answers);
            match expression.evaluate(&world, &mut Seeded::new(1), &answers) {
                Err(error) => within(&error.span),
                Ok(value) => assert!(value.has_shape_of(expression.ty()), "{text}"),
            }
        }
    }
    if let Err(error) = CallTemplate::parse(text, &scope) {
        within(&error.span);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,80}") {
        read(&text);
    }

    #[test]
    fn any_sequence_of_pieces_is_read_or_refused(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..24)) {
        read(&pieces.concat());
        read(&pieces.join(" "));
    }

    #[test]
    fn a_changed_expression_is_read_or_refused(
        text in prop::sample::select(&[
            "oracle.submitAnswer(question, keccak256(abi.encodePacked(mine.answer, task.list)), max(task.bond, 1 ether))",
            "task.open ? uint8(task.bond >> 3) ** 2 : type(uint8).max - task.small % 7",
            "bytes4(task.tag << 3) == 0x12345678 || task.workers[task.list.length - 2][1] > 0.5 gwei",
            "abi.encodeCall(oracle.claim, ([question, bytes32(\"x\")], token)).length + \"a\\x41\\u00e9\".length",
        ][..]),
        at in any::<prop::sample::Index>(),
        removed in 0..6_usize,
        piece in prop::sample::select(&PIECES[..]),
    ) {
        let start = at.index(text.len());
        let end = (start + removed).min(text.len());
        read(&format!("{}{piece}{}", &text[..start], &text[end..]));
    }
}

/// Deep and long texts, on a thread with the stack of tests.
#[test]
fn depth_and_length_are_bounded() {
    let deep = |open: &str, middle: &str, close: &str, times: usize| {
        format!("{}{middle}{}", open.repeat(times), close.repeat(times))
    };
    let texts = [
        deep("(", "1", ")", 1000),
        deep("[", "1", "]", 1000),
        deep("!", "true", "", 4000),
        deep("-", "1", "", 4000),
        deep("- ", "1", "", 2000),
        deep("~", "1", "", 4000),
        deep("1+", "1", "", 2000),
        deep("2**", "1", "", 1300),
        deep("true?1:", "1", "", 500),
        deep("true?", "1", ":1", 500),
        deep("uint8(", "1", ")", 500),
        deep("task.list[", "1", "]", 300),
        deep("", "task", ".a", 1500),
        deep("", "oracle", "(1)", 1300),
        deep("", "task.list", "[0]", 1300),
        deep("", "task.list", "[0:1]", 600),
        deep("type(", "uint8", ")", 500),
        deep("mapping(", "uint8", ")", 500),
        deep("function(", "uint8", ")", 400),
        deep("new ", "uint8", "", 1000),
        deep("delete ", "payload", "", 500),
        deep("{", "1", "}", 1000),
        deep("oracle.isOpen({question:", "1", "})", 150),
        deep("", "\"a\"", " \"b\"", 1000),
        deep("/*", "1", "*/", 1000),
        deep("", "1", "0", 4000),
        deep("", "0x1", "0", 4000),
        deep("", "1.", "0", 4000),
        "1e4000".to_owned(),
        "1e-4000".to_owned(),
        "2**4095*2**4095".to_owned(),
        "(2**4095)**4095".to_owned(),
        "1<<4096".to_owned(),
        format!("[{}1]", "1,-1,".repeat(800)),
        format!("[{}1]", "1,task.bond,".repeat(300)),
        "x".repeat(5_000_000),
    ];
    for text in texts {
        let read = thread::Builder::new()
            .stack_size(2 << 20)
            .spawn(move || read(&text));
        read.expect("a thread").join().expect("no panic");
    }
    // What people write lies well below the limits.
    let sum = vec!["task.bond"; 40].join(" + ");
    assert!(Expression::parse(&sum, &scope()).is_ok());
    assert!(Expression::parse(&deep("uint256(", "task.bond", ")", 30), &scope()).is_ok());
}

#[test]
fn types_are_bounded() {
    let refused = |text: &str| Type::parse(text).expect_err(text).to_string();
    assert_eq!(
        refused(&format!("uint8{}", "[]".repeat(17))),
        "the type is nested too deeply"
    );
    assert_eq!(
        refused(&format!("uint8{}", "[]".repeat(1_000_000))),
        "the type is nested too deeply"
    );
    assert_eq!(refused(&"(".repeat(100_000)), "the type is nested too deeply");
    assert_eq!(refused("uint8[4294967295]"), "the type has more than 65536 words");
    assert_eq!(refused("uint8[65536][2][]"), "the type has more than 65536 words");
    assert!(Type::parse("uint7").is_err() && Type::parse("").is_err() && Type::parse("uint8[-1]").is_err());
    let wide = format!("({}bool)", "uint8[],".repeat(40));
    assert!(Type::parse(&wide).is_ok() && Type::parse("((bytes32[2],string)[],uint)").is_ok());
}

//! Calls with expressions as arguments, and the reads that expressions need.

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    sol,
    sol_types::{SolCall, SolValue},
};
use taskstorm::protocol::profile::expression::{
    Answers, CallTemplate, Expression, Read, ReadRequest, Scope, Source, Type, Value,
};

use super::support::{ORACLE, QUESTION, Seeded, TOKEN, World, answer, scope};

sol! {
    struct Assigned { address worker; uint256 deadline; }
    function askQuestion(uint256, string, address, uint32, uint32, uint256);
    function submitAnswer(bytes32, bytes32, uint256);
    function claim(bytes32[], address);
    function assign(Assigned[]);
    function set(bytes32);
    function put(uint256);
    function bondOf(bytes32);
    function balanceOf(address);
    function isOpen(bytes32, uint256);
}

fn prepared(text: &str) -> (Address, Bytes) {
    let template = CallTemplate::parse(text, &scope()).unwrap_or_else(|error| panic!("{text}: {error}"));
    let (world, mut answers) = (World::new(), Answers::new());
    assert_eq!(template.reads(&world, &mut answers), []);
    let call = template
        .evaluate(&world, &mut Seeded::new(1), &answers)
        .expect("a call");
    assert_eq!(call.calldata[..4], template.selector().0);
    (call.to, call.calldata)
}

#[test]
fn calldata_is_what_alloy_encodes() {
    let sender = World::new().signer.address();
    let answer = B256::repeat_byte(0x22);
    let worker = |worker, deadline: u64| Assigned {
        worker,
        deadline: U256::from(deadline),
    };
    let yes = B256::right_padding_from(b"yes");
    for (text, calldata) in [
        (
            "oracle.submitAnswer(question, mine.answer, task.bond)",
            submitAnswerCall::new((QUESTION, answer, U256::from(1000))).abi_encode(),
        ),
        (
            "oracle.submitAnswer({maxPrevious: task.small, answer: \"yes\", question: question})",
            submitAnswerCall::new((QUESTION, yes, U256::from(200))).abi_encode(),
        ),
        (
            "oracle.askQuestion(0, string.concat(\"Q: \", task.note), token, 30, 1 hours, unique())",
            askQuestionCall::new((U256::ZERO, "Q: hello".to_owned(), TOKEN, 30, 3600, U256::ONE))
                .abi_encode(),
        ),
        (
            "oracle.claim([question, keccak256(\"\")], sender)",
            claimCall::new((vec![QUESTION, alloy::primitives::keccak256("")], sender)).abi_encode(),
        ),
        (
            "oracle.claim([], sender)",
            claimCall::new((vec![], sender)).abi_encode(),
        ),
        (
            "oracle.claim(task.words, sender)",
            claimCall::new((vec![QUESTION, B256::ZERO], sender)).abi_encode(),
        ),
        (
            "oracle.assign([(sender, 5), (task.asker, block.timestamp + 1)])",
            assignCall::new((vec![
                worker(sender, 5),
                worker(Address::with_last_byte(7), 1_800_000_001),
            ],))
            .abi_encode(),
        ),
        ("oracle.set(question)", setCall::new((QUESTION,)).abi_encode()),
        ("oracle.put(uint256(1))", putCall::new((U256::ONE,)).abi_encode()),
    ] {
        assert_eq!(prepared(text), (ORACLE, calldata.into()), "{text}");
    }
    // The same functions at another address.
    assert_eq!(
        prepared("oracle(task.asker).set(question)").0,
        Address::with_last_byte(7)
    );
}

#[test]
fn a_template_says_what_it_calls() {
    let scope = scope();
    let template =
        CallTemplate::parse("oracle.askQuestion(0, text(8), sender, 1, 0, 1)", &scope).expect("a call");
    assert_eq!(template.function(), "askQuestion");
    assert_eq!(
        template.signature(),
        "askQuestion(uint256,string,address,uint32,uint32,uint256)"
    );
    assert_eq!(template.contract().map(|id| id.0), Some(0));
    assert!(template.is_payable() && !template.is_view());
    assert_eq!(template.result_type(), Some(&Type::WORD));
    assert_eq!(
        template.decode_result(QUESTION.as_slice()),
        Some(Value::from(QUESTION))
    );
    assert_eq!(template.decode_result(&[1, 2, 3]), None);
    let view = CallTemplate::parse("token.balanceOf(sender)", &scope).expect("a call");
    assert!(view.is_view() && view.contract().map(|id| id.0) == Some(1));
}

/// What the world's contracts hold.
fn node(read: &Read) -> Result<Bytes, String> {
    let word = |number: u64| Ok(U256::from(number).abi_encode().into());
    match &read.kind {
        ReadRequest::Balance => word(if read.address == ORACLE { 5000 } else { 70 }),
        ReadRequest::Call(data) if data[..4] == bondOfCall::SELECTOR => word(300),
        ReadRequest::Call(data) if data[..4] == balanceOfCall::SELECTOR => word(40),
        ReadRequest::Call(data) if data[..4] == isOpenCall::SELECTOR => {
            // The bond that was read before.
            assert_eq!(data[36..], U256::from(300).to_be_bytes::<32>());
            word(1)
        }
        ReadRequest::Call(_) => Err("execution reverted".to_owned()),
    }
}

/// The value after so many rounds of reads.
fn read_through(text: &str, scope: &Scope) -> (usize, Result<Value, String>) {
    let expression = Expression::parse(text, scope).unwrap_or_else(|error| panic!("{text}: {error}"));
    let (world, mut answers) = (World::new(), Answers::new());
    let mut rounds = 0;
    loop {
        let reads = expression.reads(&world, &mut answers);
        if reads.is_empty() {
            break;
        }
        rounds += 1;
        answer(&reads, &mut answers, node);
    }
    let value = expression.evaluate(&world, &mut Seeded::new(1), &answers);
    (
        rounds,
        value.map_err(|error| format!("{error}, at `{}`", &text[error.span.clone()])),
    )
}

#[test]
fn reads_are_asked_for_in_rounds() {
    let scope = scope();
    for (text, rounds, expected) in [
        ("balance(oracle) - balance(sender)", 1, Ok(4930_u64)),
        ("sender.balance + token.balanceOf(sender)", 1, Ok(110)),
        ("oracle.bondOf(question) * 2", 1, Ok(600)),
        ("oracle(task.asker).bondOf(question)", 1, Ok(300)),
        (
            "oracle.isOpen(question, oracle.bondOf(question)) ? 1 : 0",
            2,
            Ok(1),
        ),
        // A failed read counts only if its value is used.
        ("task.open ? 1 : oracle.infoOf(question).deadline", 1, Ok(1)),
        (
            "oracle.infoOf(question).deadline",
            1,
            Err("the read failed: execution reverted, at `oracle.infoOf(question)`"),
        ),
        ("task.open ? 7 : oracle.bondOf(task.words[task.bond])", 0, Ok(7)),
        (
            "oracle.bondOf(task.words[task.bond])",
            0,
            Err("index 1000 is out of range: the length is 2, at `task.words[task.bond]`"),
        ),
        (
            "token.balanceOf(mine.salt == 0 ? sender : oracle)",
            0,
            Err("`mine.salt` has no value yet, at `mine.salt`"),
        ),
        ("5", 0, Ok(5)),
    ] {
        let (made, value) = read_through(text, &scope);
        let value = value.map(|value| value.as_word().expect("a word").to::<u64>());
        assert_eq!((made, value), (rounds, expected.map_err(str::to_owned)), "{text}");
    }
}

#[test]
fn several_returned_values_are_a_tuple() {
    let scope = scope();
    let world = World::new();
    let returned = (Address::with_last_byte(9), 77_u64, vec![QUESTION]).abi_encode_params();
    for (text, expected) in [
        ("oracle.infoOf(question).deadline", Value::from(77)),
        (
            "oracle.infoOf(question)[0]",
            Value::from(Address::with_last_byte(9)),
        ),
        ("oracle.infoOf(question).history[0]", Value::from(QUESTION)),
    ] {
        let expression = Expression::parse(text, &scope).expect("an expression");
        let mut answers = Answers::new();
        let reads = expression.reads(&world, &mut answers);
        answer(&reads, &mut answers, |_| Ok(returned.clone().into()));
        assert_eq!(expression.reads(&world, &mut answers), []);
        assert_eq!(
            expression.evaluate(&world, &mut Seeded::new(1), &answers),
            Ok(expected),
            "{text}"
        );
        // An answer of another type is an error, and so is none.
        let mut answers = Answers::new();
        let reads = expression.reads(&world, &mut answers);
        answer(&reads, &mut answers, |_| Ok(Bytes::from_static(&[1])));
        assert_eq!(expression.reads(&world, &mut answers), []);
        let error = expression
            .evaluate(&world, &mut Seeded::new(1), &answers)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the answer to the read is not of type (address, uint64, bytes32[])"
        );
        let error = expression
            .evaluate(&world, &mut Seeded::new(1), &Answers::new())
            .unwrap_err();
        assert_eq!(error.to_string(), "the result of this read is missing");
    }
}

#[test]
fn values_of_another_shape_are_an_error() {
    let (scope, mut world) = (scope(), World::new());
    world.values.insert((Source::Task, 0), "text".into());
    let expression = Expression::parse("1 + task.bond", &scope).expect("an expression");
    let error = expression
        .evaluate(&world, &mut Seeded::new(1), &Answers::new())
        .unwrap_err();
    assert_eq!(
        (error.span.clone(), error.to_string()),
        (
            4..13,
            "the value of `task.bond` is not of its declared type".to_owned()
        )
    );
}

#[test]
fn struct_members_have_the_names_of_the_abi() {
    let json = r#"[{"type":"function","name":"get","stateMutability":"view","inputs":[],"outputs":[{"name":"","type":"tuple[]",
        "internalType":"struct Market.Task[]","components":[{"name":"owner","type":"address"},{"name":"bond","type":"uint96"}]}]}]"#;
    let abi: alloy::json_abi::JsonAbi = serde_json::from_str(json).expect("an ABI");
    let ty = Type::of_param(&abi.functions["get"][0].outputs[0]).expect("a type");
    assert_eq!(ty.to_string(), "Task[]");
    let mut scope = Scope::new();
    scope.contract("market", abi).expect("a contract");
    let expression = Expression::parse("market.get()[1].bond", &scope).expect("an expression");
    assert_eq!(expression.ty(), &Type::Uint(96));
    let error = Expression::parse("market.get()[1].bnod", &scope).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`Task` has no member `bnod`; did you mean `bond`?"
    );
}

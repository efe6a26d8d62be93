//! Artifacts that cannot be used, and what is said about them.

use taskstorm::artifacts::Artifacts;

use super::support::{artifacts, build, copy};
use crate::support::place::Place;

#[test]
fn what_cannot_be_used_is_named_with_a_remedy() {
    let place = Place::new();
    place.write("empty/README.md", "nothing");
    place.write("broken/out.json", "{ \"contracts\": ");
    place.write("other/package.json", "{ \"name\": \"x\" }");
    place.write("uncompiled/foundry.toml", "");
    place.write("both/foundry.toml", "[profile.default]\nout = \"build\"\n");
    place.write("both/hardhat.config.ts", "");
    place.write("both/build/X.sol/X.json", "{}");
    place.write("both/artifacts/X.sol/X.json", "{}");
    place.write("hex/NodePool.json", r#"{ "abi": [], "bytecode": "0x60zz" }"#);
    place.write(
        "abi/NodePool.json",
        r#"{ "abi": [{ "type": "function" }], "bytecode": "0x60" }"#,
    );
    place.write(
        "links/NodePool.json",
        r#"{ "abi": [], "bytecode": "0x60", "linkReferences": { "L.sol": { "L": [{ "start": 5, "length": 20 }] } } }"#,
    );
    place.write(
        "deep/NodePool.json",
        format!("{{ \"abi\": {}{} }}", "[".repeat(400), "]".repeat(400)),
    );
    let mut told = String::new();
    for name in [
        "nowhere",
        "empty",
        "broken",
        "other",
        "uncompiled",
        "both",
        "hex",
        "abi",
        "links",
        "deep",
    ] {
        let error = build(place.path(name)).expect_err(name);
        let error = format!("{name}: {error}\n  help: {}\n", error.help());
        told.push_str(&error.replace(place.path("").to_str().unwrap(), "…"));
    }
    insta::assert_snapshot!("unusable", told);
}

#[test]
fn contracts_that_cannot_be_deployed_are_named() {
    let opened = Artifacts::open(artifacts("foundry")).unwrap();
    let mut told = String::new();
    for name in [
        "NodePol",
        "contracts/Other.sol:NodePool",
        "INodePool",
        "SessionV2.sol/SessionV2.0.8.json",
    ] {
        let error = opened.contract(name).expect_err(name);
        let error = format!("{name}: {error}\n  help: {}\n", error.help());
        told.push_str(&error.replace(artifacts("").to_str().unwrap(), "…/"));
    }
    insta::assert_snapshot!("undeployable", told);
}

#[test]
fn a_library_that_is_nowhere_is_named() {
    let place = copy("foundry");
    let path = "out/SessionQueueV2.sol/SessionQueueV2.json";
    let needs = Artifacts::open(artifacts("library.json"))
        .unwrap()
        .contract("SessionQueueV2")
        .unwrap();
    let artifact = serde_json::json!({
        "abi": needs.abi,
        "bytecode": { "object": needs.code.to_hex(), "linkReferences": needs.code.link_references() },
    });
    place.write(path, artifact.to_string());
    let error = build(place.path("")).unwrap_err().to_string();
    assert!(
        error.contains("has no contract contracts/SessionQueueV2.sol:Ones"),
        "{error}"
    );
    let unlinked = needs.link(&std::collections::BTreeMap::new()).unwrap_err();
    let expected = "SessionQueueV2 needs a library linked: contracts/SessionQueueV2.sol:Ones";
    assert_eq!(unlinked.to_string(), expected);
}

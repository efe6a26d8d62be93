//! Every layout of artifacts gives the same contracts.

use std::path::Path;

use taskstorm::{artifacts::Artifacts, protocol::ContractBuild};

use super::support::{artifacts, build, copy};
use crate::support::{node::root, place::Place};

#[test]
fn every_layout_gives_the_reference_contracts() {
    let committed = root().join("abi");
    let layouts = [
        "foundry",
        "foundry/out",
        "hardhat",
        "hardhat/artifacts",
        "standard.json",
        "abi",
    ];
    let paths = layouts.map(artifacts);
    for path in paths.iter().chain([&committed]) {
        let read = build(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(
            read.digest(),
            ContractBuild::built_in().digest(),
            "{}",
            path.display()
        );
        assert_eq!(read.warnings(), [""; 0], "{}", path.display());
        assert!(read.is_reference() && !read.is_built_in());
    }
}

#[test]
fn artifacts_tell_source_compiler_and_storage() {
    for (layout, has_storage) in [("foundry", true), ("hardhat", false), ("standard.json", true)] {
        let contract = Artifacts::open(artifacts(layout))
            .and_then(|artifacts| artifacts.contract("SessionQueueV2"))
            .unwrap();
        assert_eq!(
            contract.qualified_name(),
            "contracts/SessionQueueV2.sol:SessionQueueV2"
        );
        assert!(
            contract.compiler.unwrap().starts_with("0.8.37+commit"),
            "{layout}"
        );
        assert_eq!(contract.storage_layout.is_some(), has_storage, "{layout}");
        assert!(
            contract
                .sources
                .contains_key("contracts/interfaces/TaskTypes.sol"),
            "{layout}"
        );
    }
}

#[test]
fn a_build_is_written_and_read_back_equal() {
    for name in ["standard.json", "costly.json", "library.json"] {
        let read = build(artifacts(name)).unwrap();
        let place = Place::new();
        let mut written = Vec::new();
        read.write_json(&mut written).unwrap();
        place.write("contracts.json", &written);
        let again = build(place.path("contracts.json")).unwrap();
        assert_eq!(again.digest(), read.digest(), "{name}");
    }
}

#[test]
fn metadata_counts_as_other_code_and_is_told_apart() {
    let [one, other] =
        ["metadata-a.json", "metadata-b.json"].map(|name| build(artifacts(name)).unwrap().digest());
    assert_ne!(one, other);
    assert!(one.differs_in_metadata_only(&other));
    let costly = build(artifacts("costly.json")).unwrap().digest();
    assert!(!one.differs_in_metadata_only(&costly));
}

#[test]
fn a_contract_is_picked_by_source_or_file_where_its_name_is_ambiguous() {
    let place = copy("foundry");
    let old = place.read("out/NodePool.sol/NodePool.json");
    place.write(
        "out/Old.sol/NodePool.json",
        old.replace("contracts/NodePool.sol", "contracts/Old.sol"),
    );
    place.edit(
        "out/Old.sol/NodePool.json",
        "\"object\": \"0x60",
        "\"object\": \"0x61",
    );
    let opened = Artifacts::open(place.path("")).unwrap();
    let ambiguous = opened.contract("NodePool").unwrap_err();
    let candidates = "contracts/NodePool.sol:NodePool and contracts/Old.sol:NodePool";
    assert_eq!(
        ambiguous.to_string(),
        format!("NodePool is ambiguous: {candidates}")
    );
    for (asked, file) in [
        ("contracts/Old.sol:NodePool", "out/Old.sol/NodePool.json"),
        ("Old.sol:NodePool", "out/Old.sol/NodePool.json"),
        ("NodePool.sol:NodePool", "out/NodePool.sol/NodePool.json"),
        ("Old.sol/NodePool.json", "out/Old.sol/NodePool.json"),
    ] {
        let found = opened.contract(asked).unwrap();
        assert_eq!(found.file, place.path(Path::new(file)), "{asked}");
    }
}

#[test]
fn one_contract_found_twice_is_one() {
    let place = copy("foundry");
    place.write(
        "out/Copy.sol/NodePool.json",
        place.read("out/NodePool.sol/NodePool.json"),
    );
    assert!(build(place.path("")).unwrap().is_reference());
}

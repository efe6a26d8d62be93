//! Stale artifacts are told by content, not by the times of files.

use super::support::{artifacts, build, copy};

#[test]
fn a_source_that_changed_is_told_in_both_layouts() {
    for project in ["foundry", "hardhat"] {
        let place = copy(project);
        let source = "contracts/SessionV2.sol";
        // Written anew with the same content: newer than its artifact, and the same.
        place.write(source, place.read(source));
        assert_eq!(build(place.path("")).unwrap().warnings(), [""; 0], "{project}");
        place.write(source, place.read(source) + "// changed\n");
        let expected = "the artifact of SessionV2 is stale: contracts/SessionV2.sol changed since it was compiled; compile again";
        assert_eq!(build(place.path("")).unwrap().warnings(), [expected], "{project}");
    }
}

#[test]
fn contracts_of_different_compilations_are_told() {
    let place = copy("foundry");
    std::fs::remove_dir_all(place.path("contracts")).unwrap();
    let path = "out/SessionQueueV2.sol/SessionQueueV2.json";
    let whole: serde_json::Value = serde_json::from_str(&place.read(path)).unwrap();
    let hash = whole["metadata"]["sources"]["contracts/base/Owned.sol"]["keccak256"]
        .as_str()
        .unwrap();
    place.write(
        path,
        place.read(path).replace(hash, &format!("0x{}", "00".repeat(32))),
    );
    let expected = "NodePool and SessionQueueV2 were compiled from different versions of contracts/base/Owned.sol: \
                    compile all of them again";
    assert_eq!(build(place.path("")).unwrap().warnings(), [expected]);
}

#[test]
fn without_hashes_the_times_of_files_decide() {
    let place = copy("foundry");
    for name in ["NodePool", "SessionV2", "SessionQueueV2"] {
        let path = format!("out/{name}.sol/{name}.json");
        let whole: serde_json::Value = serde_json::from_str(&place.read(&path)).unwrap();
        let artifact = serde_json::json!({
            "abi": whole["abi"],
            "bytecode": whole["bytecode"],
            "sourceName": format!("contracts/{name}.sol"),
        });
        place.write(&path, artifact.to_string());
    }
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    let set = |path: &str, time| {
        let file = std::fs::File::options()
            .write(true)
            .open(place.path(path))
            .unwrap();
        file.set_modified(time).unwrap();
    };
    for name in ["NodePool", "SessionV2", "SessionQueueV2"] {
        set(&format!("contracts/{name}.sol"), long_ago);
    }
    assert_eq!(build(place.path("")).unwrap().warnings(), [""; 0]);
    set("out/NodePool.sol/NodePool.json", long_ago);
    set("contracts/NodePool.sol", std::time::SystemTime::now());
    let warnings = build(place.path("")).unwrap().warnings().to_vec();
    assert!(warnings[0].contains("NodePool is stale"), "{warnings:?}");
}

#[test]
fn errors_that_are_gone_are_doubtful() {
    let place = copy("foundry");
    let path = "out/SessionQueueV2.sol/SessionQueueV2.json";
    let mut whole: serde_json::Value = serde_json::from_str(&place.read(path)).unwrap();
    let items = whole["abi"].as_array_mut().unwrap();
    items.retain(|item| item["name"] != "AlreadyAcked");
    place.write(path, whole.to_string());
    let warnings = build(place.path("")).unwrap().warnings().to_vec();
    assert!(
        warnings[0].contains("SessionQueueV2 has no error AlreadyAcked"),
        "{warnings:?}"
    );
    assert!(build(artifacts("foundry")).unwrap().warnings().is_empty());
}

//! Profiles that are right, as they are read.

use std::fs;

use taskstorm::protocol::profile::{Moment, Origin, Trigger, Who, expression::Type};

use super::{changed, here, load};

#[test]
fn a_profile_is_read() {
    let market = taskstorm::scenario::profile::load(&here().join("market.toml")).unwrap();
    let contracts: Vec<_> = market
        .contracts
        .iter()
        .map(|contract| contract.name.as_str())
        .collect();
    assert_eq!(contracts, ["Fees", "market"], "the library comes first");
    let Origin::Deployed { arguments, .. } = &market.contracts[1].origin else {
        panic!("the market is deployed")
    };
    assert_eq!(arguments.len(), 2);
    let functions: Vec<_> = market
        .schema
        .functions
        .iter()
        .map(|function| function.name())
        .collect();
    assert_eq!(functions, ["join", "ask", "answer", "claim", "fill_nonce"]);
    assert_eq!(market.schema.counts, ["answered"]);
    assert_eq!(market.events[market.counts[0]].abi.name, "Answered");
    let rules: Vec<_> = market.rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(rules, ["join", "join-2", "ask", "answer", "claim"]);
    assert!(matches!(
        market.rules[0].trigger,
        Trigger::SetUp {
            for_each: Some(1),
            before: None
        }
    ));
    assert!(matches!(market.rules[3].who, Who::Pick(2)));
    assert_eq!(market.actor[0].ty, Type::Uint(64));
    assert_eq!(market.mine.len(), 2);
    assert!(matches!(market.transitions[0].at, Moment::Time(_)));
    assert_eq!(market.submitting_role(), Some(0));
    assert!(market.fields[0].initial.is_none() && market.fields[1].initial.is_some());
}

/// What is deployed is one contract, and what is called another: a proxy.
#[test]
fn a_proxy_has_the_functions_of_another_contract_and_its_own_constructor() {
    let folder = tempfile::tempdir().unwrap();
    let own = "artifact = \"artifacts\"\ncontract = \"Market\"\narguments = [\"deployer\", \"30\"]";
    let proxy = "artifact = \"artifacts/Market.sol/Fees.json\"\nabi = \"artifacts/Market.sol/Market.json\"";
    let profile = load(folder.path(), &changed(&[(own, proxy)])).unwrap();
    let [market] = profile.contracts.as_slice() else {
        panic!("{:?}", profile.contracts);
    };
    assert_eq!(market.qualified.rsplit(':').next(), Some("Fees"));
    assert!(market.abi.function("ask").is_some() && market.abi.constructor.is_none());
    assert!(matches!(&market.origin, Origin::Deployed { arguments, .. } if arguments.is_empty()));
}

#[test]
fn functions_of_several_phases_and_contracts_have_names_of_their_own() {
    let again = "\n[[on]]\nfailed = \"answer\"\nwhen = \"true\"\ncall = \"market.answer(question, mine.answer)\"\n\
                 value = \"task.bond\"\nphase = \"claim\"\n\n[[on]]\nevery = \"3s\"\nrole = \"deployer\"\n\
                 call = \"other.join(deployer)\"\n";
    let other = "[contracts.other]\nartifact = \"artifacts/Market.sol/Market.json\"\naddress = \"0x00000000000000000000000000000000000000aa\"\n\n[roles.asker]";
    let folder = tempfile::tempdir().unwrap();
    let mut text = changed(&[("[roles.asker]", other)]) + again;
    for event in ["Asked", "Answered", "Expired", "Joined"] {
        text = text.replace(&format!("\"{event}\""), &format!("\"market.{event}\""));
    }
    let market = load(folder.path(), &text).unwrap();
    let functions: Vec<_> = market
        .schema
        .functions
        .iter()
        .map(|function| function.name())
        .collect();
    assert_eq!(
        functions,
        [
            "market.join",
            "ask",
            "answer",
            "claim",
            "answer:claim",
            "other.join",
            "fill_nonce"
        ]
    );
    assert!(matches!(market.contracts[2].origin, Origin::At(_)));
}

#[test]
fn types_of_what_is_remembered_come_from_wherever_it_is_set_first() {
    let early = "[[on]]\nincluded = \"answer\"\ncall = \"market.join(accounts.answerer[uint256(mine.salt) % 2])\"\nphase = \"claim\"\n\n[[on]]\nentered";
    let folder = tempfile::tempdir().unwrap();
    let market = load(folder.path(), &changed(&[("[[on]]\nentered", early)])).unwrap();
    assert_eq!(
        market
            .mine
            .iter()
            .map(|named| named.name.as_str())
            .collect::<Vec<_>>(),
        ["salt", "answer"]
    );
}

#[test]
fn packages_are_found_in_folders_above() {
    let folder = tempfile::tempdir().unwrap();
    let package = folder.path().join("node_modules/@market/contracts");
    fs::create_dir_all(&package).unwrap();
    for name in ["Market.json", "Fees.json"] {
        fs::copy(here().join("artifacts/Market.sol").join(name), package.join(name)).unwrap();
    }
    let below = folder.path().join("load/profiles");
    fs::create_dir_all(&below).unwrap();
    let text = changed(&[(
        "artifact = \"artifacts\"",
        "artifact = \"node_modules/@market/contracts\"",
    )]);
    assert_eq!(load(&below, &text).unwrap().contracts.len(), 2);
}

//! Fuzz targets: the library's own functions.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use taskstorm::{
    artifacts::Artifacts,
    metric::Threshold,
    protocol::{ARTIFACTS, ContractBuild, ContractNames},
    report::{Style, run::summary_table},
    run_folder::RunFolder,
    scenario::{
        Loaded, Override, ScenarioError, Seeds,
        units::{ByteSize, Rate, parse_amount, parse_duration},
    },
    sweep::Vary,
};

use crate::{scenario::refusals::render, support::taskstorm::Taskstorm};

/// A reader of what users write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Scenario files.
    Scenario,
    /// Data files: traces, values, histograms.
    Data,
    /// What `--set` is given.
    Set,
    /// Thresholds, rates, amounts and other short expressions.
    Expression,
    /// The files of a run's folder: the first line names the file, the rest is its content.
    Run,
    /// Artifacts of contracts: the first line names the file, the rest is its content.
    Artifacts,
}

/// A scenario for `--set`, and for data files.
const BASE: &str = r#"
name = "base"
[chain]
kind = "embedded"
[[owners]]
count = 2
sessions = 2
tasks = 4
redundancy = 2
[[owners]]
name = "other"
count = 1
duration = "5s"
load = { stages = [{ for = "5s", to = "2/s" }] }
[miners]
count = 6
work_time = { uniform = ["50ms", "200ms"] }
"#;

/// What is done with one input.
pub(super) type Trial = Box<dyn FnMut(&[u8])>;

impl Target {
    /// Every target.
    pub(super) const ALL: [Self; 6] = [
        Self::Scenario,
        Self::Data,
        Self::Set,
        Self::Expression,
        Self::Run,
        Self::Artifacts,
    ];

    /// The target's name, also of its folder in the corpus.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Scenario => "scenario",
            Self::Data => "data",
            Self::Set => "set",
            Self::Expression => "expression",
            Self::Run => "run",
            Self::Artifacts => "artifacts",
        }
    }

    /// Inputs beside the corpus, once it is prepared: the files of a run as they are written now, and the committed artifacts.
    pub(super) fn seeds(self, folder: &Path) -> Vec<Vec<u8>> {
        let read = |file: &&str| {
            let content = fs::read(folder.join("whole").join(file)).expect("a file of a run");
            [file.as_bytes(), b"\n", &content].concat()
        };
        match self {
            Self::Run => FILES.iter().map(read).collect(),
            Self::Artifacts => reference_artifacts(),
            _ => Vec::new(),
        }
    }

    /// What to do with an input; `folder` is for files.
    pub(super) fn prepare(self, folder: &Path) -> Trial {
        let folder = folder.to_owned();
        match self {
            Self::Scenario => Box::new(move |bytes| scenario(&folder, bytes)),
            Self::Data => Box::new(move |bytes| data(&folder, bytes)),
            Self::Set => Box::new(|bytes| set(&String::from_utf8_lossy(bytes))),
            Self::Expression => Box::new(|bytes| expression(&String::from_utf8_lossy(bytes))),
            Self::Run => {
                let whole = finished_run(&folder);
                Box::new(move |bytes| run(&folder, &whole, bytes))
            }
            Self::Artifacts => Box::new(move |bytes| artifacts(&folder, bytes)),
        }
    }
}

/// Every error says where it is, and can be shown.
fn located(loaded: Result<Loaded, ScenarioError>) -> Option<Loaded> {
    match loaded {
        Ok(loaded) => {
            for warning in &loaded.warnings {
                render(warning);
            }
            Some(loaded)
        }
        Err(error) => {
            render(&error);
            let ScenarioError::Invalid { findings, .. } = error else {
                panic!("the file can be read: {error}");
            };
            assert!(!findings.is_empty());
            for finding in findings {
                let (line, column) = finding.position();
                assert!(line > 0 && column > 0 && !finding.to_string().is_empty());
            }
            None
        }
    }
}

fn scenario(folder: &Path, bytes: &[u8]) {
    let file = folder.join("s.toml");
    fs::write(&file, bytes).expect("a file");
    let Some(Loaded { scenario, .. }) = located(Loaded::from_file(&file)) else {
        return;
    };
    if scenario.data.is_empty() {
        let written = scenario.to_toml();
        let again = Loaded::from_toml("again", &written)
            .unwrap_or_else(|error| panic!("{}\n{written}", render(&error)));
        assert_eq!(again.scenario, scenario, "{written}");
    }
}

fn data(folder: &Path, bytes: &[u8]) {
    fs::write(folder.join("d.csv"), bytes).expect("a file");
    for key in [
        "owners[0].load={ trace = \"d.csv\" }",
        "owners[0].load={ trace = { file = \"d.csv\", speed = 0.5 } }",
        "miners.work_time={ empirical = \"d.csv\" }",
        "miners.work_time={ empirical = { file = \"d.csv\", column = \"x\" } }",
        "miners.result_size={ empirical = \"d.csv\" }",
        "owners[0].redundancy={ empirical = \"d.csv\" }",
    ] {
        let (key, value) = key.split_once('=').expect("an assignment");
        let value = value.replace("d.csv", &folder.join("d.csv").display().to_string());
        let over = Override::set(&format!("{key}={value}"));
        located(Loaded::from_toml_with("base", BASE, &[over]));
    }
}

fn set(text: &str) {
    let overrides: Vec<_> = text.split('\n').map(Override::set).collect();
    located(Loaded::from_toml_with("base", BASE, &overrides));
}

fn expression(text: &str) {
    if let Err(error) = Threshold::parse(text) {
        assert!(!error.fault().is_empty() && !error.help().is_empty());
    }
    let _ = (
        parse_duration(text),
        parse_amount(text),
        ByteSize::parse(text),
        Rate::parse(text),
        text.parse::<Seeds>().map(|seeds| seeds.len()).ok(),
        text.parse::<Vary>().ok(),
    );
    let _ = text.parse::<taskstorm::compare::Rule>();
    let _ = text.parse::<taskstorm::report::gas::Tolerance>();
}

/// The files of a small run.
fn finished_run(folder: &Path) -> PathBuf {
    let out = folder.join("whole");
    let _ = fs::remove_dir_all(&out);
    let run = ["run", "run.toml", "--quiet", "--no-charts", "--out"];
    Taskstorm::new(run).args([&out]).file("run.toml", BASE).end();
    out
}

/// The file of `known` that the first line of an input names, and its content.
fn named<'a>(known: &[&'static str], input: &'a [u8]) -> Option<(&'static str, &'a [u8])> {
    let mut lines = input.splitn(2, |byte| *byte == b'\n');
    let (name, content) = (lines.next()?, lines.next().unwrap_or_default());
    let file = known.iter().find(|file| file.as_bytes() == name)?;
    Some((*file, content))
}

/// An empty folder for the files of one input.
fn spoilt(folder: &Path) -> PathBuf {
    let spoilt = folder.join("spoilt");
    let _ = fs::remove_dir_all(&spoilt);
    fs::create_dir(&spoilt).expect("a folder");
    spoilt
}

fn run(folder: &Path, whole: &Path, input: &[u8]) {
    let Some((file, content)) = named(FILES, input) else {
        return;
    };
    let spoilt = spoilt(folder);
    for other in FILES {
        if *other != file && (file != "tasks.csv" || *other != "summary.json") {
            fs::copy(whole.join(other), spoilt.join(other)).expect("a copy");
        }
    }
    fs::write(spoilt.join(file), content).expect("a file");
    match RunFolder::open(&spoilt) {
        Ok(run) => {
            assert!(!summary_table(run.result(), None, Style::Plain).is_empty());
            let rows = run.transactions().map(|rows| rows.into_iter().flatten().count());
            let _ = (rows, run.tasks().map(|rows| rows.into_iter().flatten().count()));
            let _ = run.blocks().map(|rows| rows.into_iter().flatten().count());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

const FILES: &[&str] = &[
    "summary.json",
    "transactions.csv",
    "tasks.csv",
    "blocks.csv",
    "latency.hlog",
    "scenario.toml",
];

/// The reference contracts in the layouts that one file holds.
fn reference_artifacts() -> Vec<Vec<u8>> {
    let mut output = b"output.json\n".to_vec();
    ContractBuild::built_in()
        .write_json(&mut output)
        .expect("memory takes it");
    let artifacts = ARTIFACTS.into_iter();
    artifacts
        .map(|(name, json)| format!("{name}.json\n{json}").into_bytes())
        .chain([output])
        .collect()
}

/// An artifact of Hardhat, which leaves the compiler and the sources to its build info.
const HARDHAT: &str = r#"{ "contractName": "NodePool", "sourceName": "contracts/NodePool.sol", "abi": [], "bytecode": "0x60" }"#;

/// What cannot be used is told; what can be is written and read back equal.
fn artifacts(folder: &Path, input: &[u8]) {
    let Some((file, content)) = named(ARTIFACT_FILES, input) else {
        return;
    };
    let spoilt = spoilt(folder);
    let spoils = file.strip_suffix(".json").unwrap_or_default();
    let spoils = if spoils.starts_with("Session") {
        spoils
    } else {
        "NodePool"
    };
    for (name, json) in ARTIFACTS {
        if name != spoils || file == "foundry.toml" {
            fs::write(spoilt.join(name).with_extension("json"), json).expect("a file");
        }
    }
    let beside: &[(&str, &str)] = match file {
        "NodePool.abi" => &[("NodePool.bin", "60016002")],
        "NodePool.bin" => &[("NodePool.abi", "[]")],
        "NodePool.dbg.json" => &[("NodePool.json", HARDHAT), ("build-info/1.json", "{}")],
        "build-info/1.json" => &[
            ("NodePool.json", HARDHAT),
            ("NodePool.dbg.json", r#"{ "buildInfo": "build-info/1.json" }"#),
        ],
        _ => &[],
    };
    fs::create_dir(spoilt.join("build-info")).expect("a folder");
    for (name, content) in beside {
        fs::write(spoilt.join(name), content).expect("a file");
    }
    fs::write(spoilt.join(file), content).expect("a file");
    let told = |error: String, help: String| assert!(!error.is_empty() && !help.is_empty(), "{error}");
    let opened = match Artifacts::open(&spoilt) {
        Ok(opened) => opened,
        Err(error) => return told(error.to_string(), error.help()),
    };
    match opened.contract(spoils) {
        Ok(contract) => {
            let linked = contract.link(&BTreeMap::new());
            assert_eq!(linked.is_ok(), contract.code.libraries().next().is_none());
            assert_eq!(contract.code.to_hex().len(), 2 * contract.code.bytes().len());
        }
        Err(error) => return told(error.to_string(), error.help()),
    }
    let build =
        |artifacts: &Artifacts| ContractBuild::of(artifacts, &ContractNames::default(), "fuzz".into());
    match build(&opened) {
        Ok(read) => {
            let path = folder.join("contracts.json");
            let mut file = fs::File::create(&path).expect("a file");
            read.write_json(&mut file).expect("the file takes it");
            let again = Artifacts::open(&path).expect("a file of artifacts");
            let again = build(&again).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(again.digest(), read.digest());
        }
        Err(error) => told(error.to_string(), error.help()),
    }
}

const ARTIFACT_FILES: &[&str] = &[
    "NodePool.json",
    "SessionV2.json",
    "SessionQueueV2.json",
    "output.json",
    "NodePool.abi",
    "NodePool.bin",
    "NodePool.dbg.json",
    "build-info/1.json",
    "foundry.toml",
];

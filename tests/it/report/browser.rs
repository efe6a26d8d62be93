//! `report.html` in a real browser, headless: nothing is asked of anyone, nothing fails, and it does what it says, with
//! scripts and without.

use std::{
    env,
    io::{self, Write},
    path::PathBuf,
    process::Command,
};

use serde_json::Value;
use taskstorm::{
    report::{HtmlReport, REPORT_HTML, charts::ChartData, charts::pictures},
    run_folder::RunFolder,
};

use super::{
    read::written,
    sample::{good_run, trouble},
};
use crate::support::node;

/// Where screenshots are kept, for CI to show.
const ARTIFACTS: &str = "target/artifacts";
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// The machine's Chromium: `$CHROME`, or one on the path.
fn chromium() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROME") {
        return Some(named.into());
    }
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}

fn strings(value: &Value) -> Vec<&str> {
    let all = value.as_array().expect("a list");
    all.iter().map(|text| text.as_str().expect("text")).collect()
}

#[test]
fn the_page_works_in_chromium() {
    let Some(chromium) = chromium() else {
        let required = env::var_os("CI").is_some() || env::var_os("TASKSTORM_BROWSER").is_some();
        assert!(
            !required,
            "no Chromium: install Debian's package chromium, or name one with CHROME"
        );
        let why = "skipped: no Chromium here (apt-get install chromium, or name one with CHROME)";
        writeln!(io::stderr(), "{why}").unwrap();
        return;
    };
    let mut records = good_run(10);
    records.extend(trouble());
    let (dir, _) = written(&records);
    let folder = RunFolder::open(dir.path()).unwrap();
    let charts = pictures(&ChartData::of(&folder).unwrap());
    HtmlReport::of(&folder, &charts).write(dir.path()).unwrap();

    // A run to look at instead of the sample's, for those who work on the page.
    let page = env::var_os("TASKSTORM_REPORT").map_or_else(|| dir.path().join(REPORT_HTML), PathBuf::from);
    let output = Command::new("node")
        .arg("tests/js/browser.mjs")
        .arg(chromium)
        .arg(page)
        .arg(ARTIFACTS)
        .current_dir(node::root())
        .output()
        .expect("node");
    assert!(output.status.success(), "{}", node::stderr(&output));
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap();

    for view in ["light", "dark", "scriptless"] {
        let seen = &seen[view];
        assert_eq!(strings(&seen["failed"]), [""; 0], "{view}");
        assert_eq!(strings(&seen["console"]), [""; 0], "{view}");
        let requests = strings(&seen["requests"]);
        assert!(requests[0].starts_with("file:"), "the page itself: {requests:?}");
        // What is in the page already counts as a request; nothing else may be.
        assert!(
            requests[1..].iter().all(|url| url.starts_with("data:")),
            "{view}: {requests:?}"
        );
        assert_eq!(seen["charts"], charts.len(), "{view}");
        assert_eq!(seen["wide"], false, "{view}: it scrolls sideways");
        let text = seen["text"].as_str().unwrap();
        for said in [
            "Wall-clock time",
            "Failures by reason",
            "redundancy = 3",
            "anvil/v1.7.1",
        ] {
            assert!(text.contains(said), "{view}: {said}");
        }
    }

    // At every width the rows of the head's grids are full.
    for (width, view) in seen["widths"]["seen"].as_object().expect("views") {
        assert_eq!(view["wide"], false, "{width}: it scrolls sideways");
        for grid in view["grids"].as_array().expect("grids") {
            let [columns, cells] = [0, 1].map(|part| grid[part].as_u64().expect("a number"));
            assert_eq!(cells % columns, 0, "{width}: {cells} cells in {columns} columns");
        }
    }

    // The system's theme, and the charts with it.
    assert_eq!(seen["light"]["chart"], "rgb(255, 255, 255)");
    assert_eq!(seen["scriptless"]["chart"], "rgb(255, 255, 255)");
    assert_eq!(seen["dark"]["chart"], "rgb(22, 25, 29)");
    assert_ne!(seen["light"]["paper"], seen["dark"]["paper"]);

    // Without scripts there is nothing to press, and the browser itself shows values.
    assert_eq!(seen["scriptless"]["buttons"], 0);
    assert!(seen["scriptless"]["titles"].as_u64().unwrap() > 100);

    for view in ["light", "dark"] {
        let papers = strings(&seen[view]["papers"]);
        assert!(papers[0] == papers[2] && papers[0] != papers[1], "{papers:?}");
        let tips = seen[view]["tips"].as_array().unwrap();
        assert!(tips.len() >= 12, "{tips:?}");
        let told = |tip: &Value| tip.as_str().is_some_and(|text| text.contains('\n'));
        assert!(tips.iter().all(told), "{tips:?}");
        check_sorting(&seen[view]["sorted"]);
    }
}

/// Down, up, and as it was.
fn check_sorting(tables: &Value) {
    let tables = tables.as_array().unwrap();
    assert!(tables.len() >= 5);
    for table in tables {
        let numbers = |of: &Value| -> Vec<f64> {
            // What was not measured is a dash, and last either way.
            let values = strings(of).into_iter();
            values.filter_map(|text| text.parse().ok()).collect()
        };
        let states = table["states"].as_array().unwrap();
        assert_eq!(states[0][0], "descending");
        assert_eq!(states[1][0], "ascending");
        assert!(numbers(&states[0][1]).is_sorted_by(|a, b| a >= b), "{table}");
        assert!(numbers(&states[1][1]).is_sorted(), "{table}");
        assert_eq!(states[2][1], table["before"]);
    }
}

//! Charts: what is in them whatever became of the run, and that they are the same every time.

use std::{collections::BTreeMap, fs, path::Path};

use taskstorm::{
    record::Record,
    report::charts::{
        ChartData, LatencyVersusLoad, LoadStep, Picture, PictureFormat, SweepChart, SweepLine, SweepPoint,
        pictures, style_sheet, write_pictures,
    },
    run_folder::RunFolder,
};

use super::{
    read::written,
    sample::{good_run, trouble},
};

const NAMES: [&str; 9] = [
    "response-percentiles",
    "response-over-time",
    "task-percentiles",
    "task-time-over-time",
    "throughput",
    "tasks-in-flight",
    "blocks",
    "gas-per-phase",
    "slowest-tasks",
];

/// The charts of a run with these records, after its folder was spoilt like this; each drawn and taken apart.
fn charts(records: &[Record], spoil: impl FnOnce(&Path)) -> BTreeMap<&'static str, String> {
    let (dir, _) = written(records);
    spoil(dir.path());
    let folder = RunFolder::open(dir.path()).unwrap();
    let pictures = pictures(&ChartData::of(&folder).unwrap());
    let drawn: BTreeMap<_, _> = pictures
        .iter()
        .map(|picture| (picture.name(), checked(picture)))
        .collect();
    assert!(NAMES.iter().all(|name| drawn.contains_key(name)) && drawn.len() == NAMES.len());
    drawn
}

/// That the picture as PNG has its size, is dense enough for print, and has text.
fn check_png(picture: &Picture) {
    let (width, height) = picture.size();
    let png = picture.png().unwrap();
    let decoder = png::Decoder::new(std::io::Cursor::new(&png));
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    let info = reader.info();
    assert_eq!(
        (info.width, info.height),
        (2 * width, 2 * height),
        "{}",
        picture.name()
    );
    let density = info.pixel_dims.unwrap();
    assert!(f64::from(density.xppu) * 0.0254 > 200.0, "pixels per inch");
    // Text is drawn: ink stands on paper in the first lines, where nothing but text is.
    let row = info.width as usize * 3;
    let heading = &pixels[row * 40..row * 90];
    assert!(
        heading.chunks_exact(3).any(|pixel| pixel == [0x1a, 0x1d, 0x21]),
        "{}",
        picture.name()
    );
}

/// The picture as SVG, once it is sure that it is sound.
fn checked(picture: &Picture) -> String {
    let (width, height) = picture.size();
    let svg = picture.svg();
    assert!(svg.contains(&format!("<title>{}</title>", picture.title())));
    let addresses = svg.matches("http").count();
    let namespaces = svg.matches("xmlns=\"http://www.w3.org/2000/svg\"").count();
    assert_eq!(
        addresses,
        namespaces,
        "nothing but the namespace: {}",
        picture.name()
    );
    assert!(svg.contains("@font-face"), "it brings its font along");
    // No text begins or ends outside the page.
    for line in svg.lines().filter(|line| line.starts_with("<text")) {
        let place = |name: &str| {
            let (_, rest) = line.split_once(&format!(" {name}=\"")).unwrap();
            rest.split('"').next().unwrap().parse::<f64>().unwrap() / 10.0
        };
        let (x, y) = (place("x"), place("y"));
        assert!(
            (0.0..=f64::from(width)).contains(&x) && (0.0..=f64::from(height)).contains(&y),
            "{line}"
        );
    }
    svg
}

#[test]
fn pixels_are_those_of_the_drawing() {
    let (dir, _) = written(&good_run(2));
    let folder = RunFolder::open(dir.path()).unwrap();
    pictures(&ChartData::of(&folder).unwrap())
        .iter()
        .chain([&latency_versus_load().picture(), &sweep().picture()])
        .for_each(check_png);
}

#[test]
fn a_run_that_went_well_has_everything_in_its_charts() {
    let charts = charts(&good_run(10), |_| {});
    for (name, svg) in &charts {
        assert!(
            svg.contains("sample · seed 7 · anvil · prague · wall-clock time"),
            "{name}"
        );
        assert!(!svg.contains("INCOMPLETE") && !svg.contains("nothing"), "{name}");
    }
    for phase in ["submit", "ack", "precommit", "commit", "end"] {
        assert!(
            charts["response-percentiles"].contains(&format!("\n{phase}\n")),
            "{phase}"
        );
        assert!(
            charts["gas-per-phase"].contains(&format!("\n{phase}\n")),
            "{phase}"
        );
    }
    for label in ["0 %", "50 %", "90 %"] {
        for chart in ["response-percentiles", "task-percentiles"] {
            assert!(charts[chart].contains(&format!("\n{label}\n")), "{label}");
        }
    }
    for span in ["ack", "precommit", "commit", "end", "total"] {
        for chart in ["task-percentiles", "task-time-over-time"] {
            assert!(charts[chart].contains(&format!("\n{span}\n")), "{chart}: {span}");
        }
    }
    // The task times of a bin at the pointer: each arrived in a second of its own, and took 5 × 509 ms in the end.
    let over_time = &charts["task-time-over-time"];
    assert!(over_time.contains("tasks that arrived within each 1 s"));
    assert!(over_time.contains("task time, median (s)") && over_time.contains("task time, p99 (s)"));
    assert!(charts["slowest-tasks"].contains("Where the 10 slowest tasks spent their time"));
    assert!(charts["slowest-tasks"].contains("\nsession 0 · task 9\n"));
    assert!(
        charts["slowest-tasks"].contains("\n2.54 s\n"),
        "the slowest took 5 × 509 ms"
    );
    // A tenth of the gas limit in every block, at one base fee.
    assert!(charts["blocks"].contains("share of the gas limit used (%)"));
    assert!(!charts["blocks"].contains("base fee ("));
}

#[test]
fn a_run_without_anything_says_so() {
    let charts = charts(&[], |_| {});
    for (name, said) in [
        ("response-percentiles", "No transaction got into a block"),
        ("response-over-time", "No transaction got into a block"),
        ("task-percentiles", "No task got through a span"),
        ("task-time-over-time", "No task got through a span"),
        ("tasks-in-flight", "No task was ever in flight"),
        ("blocks", "No block was seen"),
        ("gas-per-phase", "No transaction got into a block"),
        ("slowest-tasks", "No task was ever queued"),
    ] {
        assert!(charts[name].contains(said), "{name}");
    }
}

#[test]
fn a_run_where_everything_failed_shows_what_it_spent() {
    let charts = charts(&trouble(), |_| {});
    // Three acks reverted in a block: they took time and gas.
    assert!(charts["response-percentiles"].contains("\nack\n"));
    assert!(charts["gas-per-phase"].contains("\nack\n") && !charts["gas-per-phase"].contains("\nsubmit\n"));
    assert!(charts["slowest-tasks"].contains("not ended"));
    assert!(charts["throughput"].contains("tasks ended, per second"));
}

#[test]
fn a_run_with_one_task_is_drawn() {
    let charts = charts(&good_run(1), |_| {});
    assert!(charts["slowest-tasks"].contains("Where the slowest task spent its time"));
    assert!(
        charts["gas-per-phase"].contains("\nall "),
        "one submission, one gas"
    );
}

#[test]
fn tables_that_a_run_did_not_write_are_named_in_the_charts_that_need_them() {
    let mut records = good_run(10);
    records.extend(trouble());
    let charts = charts(&records, |dir| {
        for file in ["transactions.csv", "blocks.csv"] {
            fs::remove_file(dir.join(file)).unwrap();
        }
    });
    for name in ["response-over-time", "throughput", "gas-per-phase"] {
        assert!(charts[name].contains("no transactions.csv"), "{name}");
    }
    assert!(charts["blocks"].contains("no blocks.csv"));
    // Histograms and the summary have these.
    assert!(charts["response-percentiles"].contains("\n90 %\n"));
    assert!(charts["gas-per-phase"].contains("\n52,003\n") || charts["gas-per-phase"].contains("median gas"));
}

/// Nothing known is not the same as nothing there.
#[test]
fn what_was_lost_with_a_table_is_not_told_as_nothing() {
    let charts = charts(&good_run(10), |dir| {
        for file in ["summary.json", "latency.hlog", "transactions.csv"] {
            fs::remove_file(dir.join(file)).unwrap();
        }
    });
    for name in [
        "response-percentiles",
        "response-over-time",
        "throughput",
        "gas-per-phase",
    ] {
        assert!(charts[name].contains("no transactions.csv"), "{name}");
        assert!(
            !charts[name].contains("No transaction got into a block"),
            "{name}"
        );
    }
    assert!(charts["slowest-tasks"].contains("\nsession 0 · task 9\n"));
}

#[test]
fn a_run_that_was_killed_says_that_it_is_incomplete() {
    let charts = charts(&good_run(10), |dir| {
        fs::remove_file(dir.join("summary.json")).unwrap()
    });
    for (name, svg) in &charts {
        assert!(svg.contains("simulated (virtual) time · INCOMPLETE"), "{name}");
    }
}

#[test]
fn the_same_files_give_the_same_pictures() {
    let (dir, _) = written(&good_run(10));
    let drawn = || {
        let folder = RunFolder::open(dir.path()).unwrap();
        let all = pictures(&ChartData::of(&folder).unwrap());
        write_pictures(dir.path(), &all, &[PictureFormat::Svg, PictureFormat::Png]).unwrap();
        let files = fs::read_dir(dir.path().join("charts")).unwrap();
        let files: BTreeMap<_, _> = files
            .map(|file| file.unwrap().path())
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        files
    };
    let first = drawn();
    assert_eq!(first.len(), 2 * NAMES.len());
    assert!(first == drawn());
}

#[test]
fn names_from_scenarios_cannot_break_a_picture() {
    let (dir, _) = written(&good_run(1));
    let summary = dir.path().join("summary.json");
    let text = fs::read_to_string(&summary).unwrap();
    let name = "<script>&\\\"".repeat(40);
    fs::write(
        &summary,
        text.replacen("\"name\": \"sample\"", &format!("\"name\": \"{name}\""), 1),
    )
    .unwrap();
    let folder = RunFolder::open(dir.path()).unwrap();
    for picture in pictures(&ChartData::of(&folder).unwrap()) {
        let svg = checked(&picture);
        assert!(!svg.contains("<script>"), "{}", picture.name());
        assert!(!picture.svg_for_html().contains("<script>"), "{}", picture.name());
    }
}

/// In a web page every colour is a property of the style sheet, in both themes.
#[test]
fn pictures_for_a_web_page_follow_its_theme() {
    let (dir, _) = written(&good_run(2));
    let folder = RunFolder::open(dir.path()).unwrap();
    let sheet = style_sheet();
    for picture in pictures(&ChartData::of(&folder).unwrap()) {
        let svg = picture.svg_for_html();
        assert!(
            !svg.contains("=\"#") && !svg.contains("@font-face"),
            "{}",
            picture.name()
        );
        for part in svg.split("var(").skip(1) {
            let (property, _) = part.split_once(')').unwrap();
            assert_eq!(sheet.matches(&format!("{property}:#")).count(), 3, "{property}");
        }
    }
    assert_eq!(sheet.matches("http").count(), 0);
}

fn latency_versus_load() -> LatencyVersusLoad {
    let step = |load: f64, repeat: f64| LoadStep {
        offered_per_s: load,
        p50_us: Some(4.9e6 + repeat * 5e4 + 4e6 * (load / 90.0).powi(8)),
        p90_us: Some(5.6e6 + repeat * 9e4 + 9e6 * (load / 90.0).powi(8)),
        p99_us: Some(6.1e6 + repeat * 2e5 + 2.2e7 * (load / 90.0).powi(8)),
        held: load <= 72.0,
    };
    let loads = [10.0, 20.0, 40.0, 60.0, 68.0, 72.0, 76.0, 80.0];
    LatencyVersusLoad {
        run: "gas-limited · seed 3 · embedded · prague · simulated (virtual) time".into(),
        metric: "time of a task from submission to end".into(),
        holds: vec!["task.total.p99 < 10s".into(), "tasks.ended.ratio >= 0.999".into()],
        limit_per_s: Some(72.0),
        steps: loads
            .iter()
            .flat_map(|load| [0.0, 1.0, -1.0].map(|repeat| step(*load, repeat)))
            .collect(),
    }
}

fn sweep() -> SweepChart {
    let line = |redundancy: f64| SweepLine {
        name: format!("redundancy {redundancy}"),
        points: [10.0, 30.0, 100.0, 300.0, 1000.0]
            .iter()
            .map(|miners| {
                let mean = 9e5 + 2.5e7 * redundancy / miners;
                let half = mean * 0.12;
                SweepPoint {
                    x: *miners,
                    mean,
                    low: mean - half,
                    high: mean + half,
                }
            })
            .collect(),
    };
    SweepChart {
        run: "redundancy · 5 seeds · embedded · prague · simulated (virtual) time".into(),
        metric: "p99 response time of commits".into(),
        unit: "µs".into(),
        varied: "miners.count".into(),
        band: "95 % confidence of the mean over 5 seeds".into(),
        lines: [1.0, 3.0, 5.0].map(line).into(),
    }
}

#[test]
fn searches_and_sweeps_are_drawn() {
    let capacity = latency_versus_load().picture();
    let svg = checked(&capacity);
    for said in [
        "holds up to 72 tasks/s",
        "no growing backlog, task.total.p99",
        "offered load (tasks per second)",
        "task.total.p99 &lt; 10s",
    ] {
        assert!(svg.contains(said), "{said}");
    }
    let sweep = sweep().picture();
    let svg = checked(&sweep);
    for said in [
        "P99 response time of commits, by miners.count",
        "redundancy 3",
        "95 % confidence",
        "\n1,000\n",
    ] {
        assert!(svg.contains(said), "{said}");
    }
    // For those who want to look at them.
    if let Some(folder) = std::env::var_os("TASKSTORM_PICTURES") {
        write_pictures(Path::new(&folder), &[capacity, sweep], &[PictureFormat::Png]).unwrap();
    }
}

/// A key that is too long for a row goes on in the next, and the chart is higher by it.
#[test]
fn long_keys_stay_on_the_page() {
    let line = |number: usize| SweepLine {
        name: format!("owners.load poisson {number}/s, chain.block_time {number}s, owners.redundancy 3"),
        ..sweep().lines[0].clone()
    };
    let long = SweepChart {
        lines: (1..=7).map(line).collect(),
        ..sweep()
    };
    let picture = long.picture();
    let svg = checked(&picture);
    for number in 1..=7 {
        assert!(svg.contains(&format!("\n{}\n", line(number).name)), "{number}");
    }
    assert_eq!(picture.size().1, sweep().picture().size().1 + 3 * 20);
    let endless = SweepChart {
        lines: vec![SweepLine {
            name: "miners.work_time ".repeat(20),
            ..line(1)
        }],
        ..sweep()
    };
    assert!(checked(&endless.picture()).contains("miners.work_time…\n"));
}

/// Only what the run had is in the key: a phase without a transaction is none to look for.
#[test]
fn keys_name_what_is_there() {
    let throughput = &charts(&good_run(3), |_| {})["throughput"];
    assert!(throughput.contains("\nsubmit\n") && !throughput.contains("\nmanage\n"));
}

#[test]
fn searches_and_sweeps_without_anything_say_so() {
    assert!(checked(&LatencyVersusLoad::default().picture()).contains("No step measured anything."));
    assert!(checked(&SweepChart::default().picture()).contains("No cell of the sweep has this metric."));
    let one = SweepChart {
        lines: vec![SweepLine {
            name: String::new(),
            points: vec![SweepPoint::default()],
        }],
        ..SweepChart::default()
    };
    checked(&one.picture());
}

//! `report.html`: what it says whatever became of the run, that it asks nothing of anyone, and that nothing breaks out of it.

use std::{fs, path::Path};

use taskstorm::{
    record::{NodeResult, Record, RunResult, StopReason, ThresholdVerdict, TimeSource},
    report::{
        HtmlReport,
        charts::{ChartData, pictures},
    },
    run_folder::{FinishedRun, RunFolder},
};

use super::{
    read::written,
    sample::{facts, good_run, node, result, trouble},
};

/// The page of a run with these records, after its folder was spoilt like this.
fn page(records: &[Record], spoil: impl FnOnce(&Path)) -> String {
    let (dir, _) = written(records);
    spoil(dir.path());
    let folder = RunFolder::open(dir.path()).unwrap();
    let pictures = pictures(&ChartData::of(&folder).unwrap());
    checked(HtmlReport::of(&folder, &pictures).html().unwrap())
}

/// The page of a result without charts.
fn page_of(records: &[Record], scenario: &str, change: impl FnOnce(&mut RunResult)) -> String {
    let (mut result, histograms) = result(records, facts());
    change(&mut result);
    let report = HtmlReport {
        run: FinishedRun {
            result: &result,
            histograms: &histograms,
            scenario,
        },
        pictures: &[],
        notes: &[],
    };
    checked(report.html().unwrap())
}

/// The page, once it is sure that it is whole and needs nothing from elsewhere.
fn checked(page: String) -> String {
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    for (tag, times) in [("<style", 1), ("<script", 1), ("<h1", 1), ("<section", 5)] {
        assert_eq!(page.matches(tag).count(), times, "{tag}");
    }
    for element in ["svg", "table", "figure", "td", "th", "rect", "section"] {
        let opened =
            page.matches(&format!("<{element} ")).count() + page.matches(&format!("<{element}>")).count();
        let closed = page.matches(&format!("</{element}>")).count() + empty(&page, element);
        assert_eq!(opened, closed, "{element}");
    }
    // The one address is the name of SVG.
    assert_eq!(
        page.matches("://").count(),
        page.matches("xmlns=\"http://www.w3.org/2000/svg\"").count()
    );
    for loads in [
        "src=\"",
        "@import",
        "<link rel=\"stylesheet",
        "fetch(",
        "XMLHttpRequest",
    ] {
        assert!(!page.contains(loads), "{loads}");
    }
    page
}

/// Elements of this name that close themselves.
fn empty(page: &str, element: &str) -> usize {
    let start = format!("<{element} ");
    page.split(&start)
        .skip(1)
        .filter(|rest| rest.split_once('>').is_some_and(|(tag, _)| tag.ends_with('/')))
        .count()
}

/// The text of the page between these, without tags.
fn text(page: &str, from: &str, to: &str) -> String {
    let (_, rest) = page.split_once(from).expect(from);
    let (part, _) = rest.split_once(to).expect(to);
    let mut text = String::new();
    for piece in part.split('<') {
        let piece = piece.split_once('>').map_or(piece, |(_, text)| text);
        text.push_str(piece);
        text.push(' ');
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace("&#x2f;", "/")
}

fn head(page: &str) -> String {
    text(page, "<header", "</header>")
}

#[test]
fn a_run_that_went_well_says_so_first() {
    let page = page(&good_run(10), |_| {});
    let head = head(&page);
    for said in [
        "Wall-clock time",
        "sample",
        "Ten tasks.",
        "seed 7",
        "prague",
        "2026-11-24 20:39 UTC",
        "run complete",
        "tasks all 10 ended",
        "thresholds none set",
        "invariants all 3 held",
        "tasks ended 10",
        "in blocks 115",
    ] {
        assert!(head.contains(said), "{said}: {head}");
    }
    assert!(page.contains("<p class=\"clock\">"));
    assert_eq!(page.matches("<figure ").count(), 9);
    // At the pointer: the last task arrived alone in its second, and took 5 × 509 ms.
    for said in ["total, median of 1: 2.54 s", "total, p99 of 1: 2.54 s"] {
        assert!(page.contains(said), "{said}");
    }
    let numbers = text(&page, "<section id=\"numbers\">", "</section>");
    for said in ["submitTask", "Service time", "p99.9", "Gas by function"] {
        assert!(numbers.contains(said), "{said}");
    }
    let verdicts = text(&page, "<section id=\"verdicts\">", "</section>");
    for said in [
        "Nothing failed.",
        "None was set.",
        "held I3 No commit is accepted before",
    ] {
        assert!(verdicts.contains(said), "{said}: {verdicts}");
    }
    let rest = text(&page, "<section id=\"scenario\">", "</main>");
    for said in ["redundancy = 3", "anvil/v1.7.1", "31337", "0x1111", "30,000,000"] {
        assert!(rest.contains(said), "{said}: {rest}");
    }
}

#[test]
fn what_went_wrong_is_all_there() {
    let mut records = good_run(10);
    records.extend(trouble());
    let page = page(&records, |_| {});
    let head = head(&page);
    for said in [
        "10 of 12 ended",
        "1 failed, 1 unfinished",
        "broken 1 time",
        "I3 did not hold",
    ] {
        assert!(head.contains(said), "{said}: {head}");
    }
    let verdicts = text(&page, "<section id=\"verdicts\">", "</section>");
    for said in [
        "ack reverted AlreadyAcked() 3",
        "task failed no result 1",
        "ack lost not in a block after 30 s 1",
        "failed I3",
        "committed before the precommit phase ended",
    ] {
        assert!(verdicts.contains(said), "{said}: {verdicts}");
    }
    // Reasons that differ in numbers alone are one, with an example.
    let nonces = "ack refused nonce too low: next …, asked …; first: nonce too low: next 0, asked";
    assert!(verdicts.contains(nonces), "{verdicts}");
}

#[test]
fn thresholds_have_verdicts() {
    let page = page_of(&good_run(2), "", |result| {
        result.thresholds = [
            ("task.total.p99 < 1ms", Some(2.5e6), false),
            ("tasks.ended.ratio >= 0.5", Some(1.0), true),
        ]
        .map(|(expression, measured, held)| ThresholdVerdict {
            expression: expression.to_owned(),
            measured,
            held,
        })
        .into();
    });
    let head = head(&page);
    assert!(
        head.contains("thresholds 1 of 2 failed task.total.p99 &lt; 1ms"),
        "{head}"
    );
    let verdicts = text(&page, "<section id=\"verdicts\">", "</section>");
    assert!(
        verdicts.contains("failed task.total.p99 &lt; 1ms 2.50 s"),
        "{verdicts}"
    );
    assert!(
        verdicts.contains("held tasks.ended.ratio &gt;= 0.5 100 %"),
        "{verdicts}"
    );
    assert!(page.contains("No charts were drawn") && page.contains("no <code>scenario.toml</code>"));
}

#[test]
fn simulated_time_is_labelled() {
    let page = page_of(&good_run(2), "", |result| {
        result.clock = TimeSource::Virtual;
        result.started_at = None;
    });
    let head = head(&page);
    assert!(
        head.contains("Simulated (virtual) time") && !head.contains("UTC"),
        "{head}"
    );
    assert!(page.contains("clock simulated"));
}

#[test]
fn runs_of_every_kind_give_something_true() {
    let empty = page(&[], |_| {});
    assert!(head(&empty).contains("tasks none submitted"));
    assert!(empty.contains("No transaction was sent."));

    let failed = page(&trouble(), |_| {});
    assert!(head(&failed).contains("tasks 0 of 2 ended"));
    assert!(failed.contains("AlreadyAcked()"));

    let one = page(&good_run(1), |_| {});
    assert!(head(&one).contains("all 1 ended"));

    let killed = page(&good_run(10), |dir| {
        fs::remove_file(dir.join("summary.json")).unwrap()
    });
    let said = head(&killed);
    assert!(
        said.contains("run incomplete") && said.contains("it left no summary"),
        "{said}"
    );
    assert!(said.contains("counted again"), "{said}");

    let interrupted = page_of(&good_run(1), "", |result| {
        result.complete = false;
        result.stop_reason = StopReason::Interrupted;
        result.stop_message = Some("by <Ctrl-C>".to_owned());
    });
    assert!(head(&interrupted).contains("interrupted: by &lt;Ctrl-C&gt;. The measurements"));
}

#[test]
fn troubles_with_the_node_are_told_if_there_were_any() {
    let title = "Troubles with the node";
    assert!(!page_of(&good_run(2), "", |_| {}).contains(title));
    let quiet = page_of(&good_run(2), "", |result| {
        result.node = Some(NodeResult::default())
    });
    assert!(!quiet.contains(title));
    let page = page_of(&good_run(2), "", |result| result.node = Some(node()));
    let verdicts = text(&page, "<section id=\"verdicts\">", "</section>");
    for said in [
        title,
        "2 reorgs took back 5 blocks, 3 at most; 12 requests repeated.",
        "eth_getLogs: timed out 5",
        "&lt;b&gt;HTTP 502",
    ] {
        assert!(verdicts.contains(said), "{said}: {verdicts}");
    }
}

/// Names, reasons and scenarios come from elsewhere; they are text, whatever is in them.
#[test]
fn nothing_breaks_out_of_the_page() {
    let evil =
        "</script></style></pre></svg><script>alert(1)</script><img src=x onerror=alert(2)>\"'{{ 7*7 }}&";
    let page = page_of(&trouble(), evil, |result| {
        result.scenario.name = evil.to_owned();
        result.scenario.description = evil.to_owned();
        result.chain.kind = evil.to_owned();
        result.chain.client_version = Some(evil.to_owned());
        result.stop_message = Some(evil.to_owned());
        result.complete = false;
        result.tasks.failed_by_reason = [(evil.to_owned(), 1)].into();
        result.thresholds = vec![ThresholdVerdict {
            expression: evil.to_owned(),
            measured: Some(1.0),
            held: false,
        }];
    });
    assert!(!page.contains("<img") && !page.contains("alert(1)</script>"));
    for (closes, times) in [("</script>", 1), ("</style>", 1), ("</pre>", 1)] {
        assert_eq!(page.matches(closes).count(), times, "{closes}");
    }
    assert!(
        page.matches("{{ 7*7 }}").count() >= 8,
        "all of them are there, as they are"
    );
}

#[test]
fn the_same_files_give_the_same_page_and_it_stays_small() {
    let many = good_run(2_000);
    let (first, second) = (page(&many, |_| {}), page(&many, |_| {}));
    assert!(first == second);
    assert!(first.len() < 800_000, "{} bytes", first.len());
}

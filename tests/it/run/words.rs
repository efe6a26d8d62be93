//! Normalized stderr: parts that differ from run to run are taken out.

use crate::support::taskstorm::Ended;

/// The run's stderr, with ports, places and times taken out.
pub(super) fn words(ended: &Ended) -> String {
    let place = ended.place().path("").display().to_string();
    // Which requests were on their way when a node died is chance.
    let lines = ended
        .stderr
        .lines()
        .filter(|line| !line.contains("it is asked again, and nothing is lost"));
    let mut words = lines.collect::<Vec<_>>().join("\n").replace(&place, "[place]");
    for port in ports(&words) {
        words = words
            .replace(&format!(":{port}"), ":[port]")
            .replace(&format!("port {port}"), "port [port]");
    }
    words
}

/// The numbers after `127.0.0.1:` and `port `.
fn ports(words: &str) -> Vec<String> {
    let after = |mark: &'static str| words.split(mark).skip(1);
    after("127.0.0.1:")
        .chain(after("port "))
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>())
        .filter(|digits| digits.len() > 1)
        .collect()
}

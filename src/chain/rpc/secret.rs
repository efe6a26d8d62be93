//! Addresses of endpoints as outputs show them: a user, a password and an API key stay secret.

use std::collections::BTreeSet;

/// Stands for what is kept secret.
const MASK: &str = "***";
/// Shorter parts of an address are not looked for in texts: they would be found in words, too.
const SHORTEST_SECRET: usize = 4;

/// The address with its user, password, path and query masked: `https://***@host:8545/***`. Providers put API keys into
/// each of these.
pub(crate) fn masked(url: &str) -> String {
    let Parts {
        scheme,
        user,
        host,
        rest,
    } = Parts::of(url);
    // A slash in a password that is not escaped ends the host: the password goes on in what looks like the path.
    if rest.contains('@') {
        return format!("{scheme}{MASK}");
    }
    let user = if user.is_some() { "***@" } else { "" };
    let rest = if rest.trim_matches('/').is_empty() {
        rest
    } else {
        "/***"
    };
    format!("{scheme}{user}{host}{rest}")
}

/// A text about the endpoint at `url`, its own or its node's, with everything masked that [`masked`] masks.
pub(crate) fn scrubbed(url: &str, text: &str) -> String {
    let mut text = text.replace(url, &masked(url));
    // The longest first: a part of it may be a secret, too.
    let mut secrets: Vec<String> = secrets(url).into_iter().collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    for secret in secrets {
        text = text.replace(&secret, MASK);
    }
    text
}

/// The parts of an address that are secret, as they are written in it and as they are meant.
fn secrets(url: &str) -> BTreeSet<String> {
    let Parts { user, rest, .. } = Parts::of(url);
    let mut parts: Vec<&str> = user
        .into_iter()
        .flat_map(|user| user.split(':').chain([user]))
        .collect();
    parts.extend(rest.split(['/', '?', '#', '&', '=', '@']));
    let decoded = parts.iter().map(|part| decoded(part)).collect::<Vec<_>>();
    let all = parts.into_iter().map(str::to_owned).chain(decoded);
    all.filter(|part| part.len() >= SHORTEST_SECRET).collect()
}

/// The text without percent-encoding, as a form decodes it.
fn decoded(part: &str) -> String {
    let pairs = reqwest::Url::parse(&format!("http://host/?{part}"));
    let first = |url: reqwest::Url| url.query_pairs().next().map(|(name, _)| name.into_owned());
    pairs.ok().and_then(first).unwrap_or_default()
}

/// An address by its punctuation alone: what is no valid URL has secrets, too.
struct Parts<'a> {
    /// With its `://`; empty if there is none.
    scheme: &'a str,
    user: Option<&'a str>,
    /// With its port.
    host: &'a str,
    rest: &'a str,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Self {
        let (scheme, after) = match url.find("://") {
            Some(at) => url.split_at(at + 3),
            None => ("", url),
        };
        let (authority, rest) = match after.find(['/', '\\', '?', '#']) {
            Some(at) => after.split_at(at),
            None => (after, ""),
        };
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        Self {
            scheme,
            user,
            host,
            rest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_their_host_and_lose_their_secrets() {
        for (url, shown) in [
            ("http://127.0.0.1:8545", "http://127.0.0.1:8545"),
            ("http://localhost:8545/", "http://localhost:8545/"),
            ("http://user:pass@host:8545", "http://***@host:8545"),
            ("https://token@host", "https://***@host"),
            ("wss://host/v3/0123456789abcdef", "wss://host/***"),
            ("http://host?apikey=secret", "http://host/***"),
            ("http://u:p@h/k?q=v#f", "http://***@h/***"),
            ("http://user:pa/ss@host", "http://***"),
            ("http://user:12/ss@host", "http://***"),
            ("http://user:p@ss@host", "http://***@host"),
            ("user:pass@host:8545", "***@host:8545"),
            ("embeded", "embeded"),
            ("localhost:8545", "localhost:8545"),
        ] {
            assert_eq!(masked(url), shown, "{url}");
        }
    }

    #[test]
    fn texts_lose_the_secrets_of_the_address() {
        let url = "http://user:p%40ssword@host:8545/v3/abcdef0123?key=topsecret";
        for (text, left) in [
            (
                "error for url (http://user:p%40ssword@host:8545/v3/abcdef0123?key=topsecret)",
                "error for url (http://***@host:8545/***)",
            ),
            ("invalid project id abcdef0123", "invalid project id ***"),
            (
                "bad credentials user:p%40ssword, p@ssword, topsecret",
                "bad credentials ***, ***, ***",
            ),
            ("nonce too low", "nonce too low"),
        ] {
            assert_eq!(scrubbed(url, text), left);
        }
    }
}

//! TLS for HTTPS and secure WebSockets.
//!
//! Servers are trusted whose certificates an authority of the machine signed; the environment variables `SSL_CERT_FILE` and
//! `SSL_CERT_DIR` name others instead. A machine without any gets Mozilla's list.

use std::{
    error::Error,
    io,
    sync::{Arc, OnceLock},
    time::Duration,
};

use rustls::{CertificateError, ClientConfig, InvalidMessage, RootCertStore, crypto::ring};
use tokio_tungstenite::Connector;

/// How long a server may take to show that it speaks TLS.
const PROBE: Duration = Duration::from_secs(2);
/// The variable with the file of trusted authorities.
const FILE: &str = "SSL_CERT_FILE";

/// A builder of HTTP clients that reach the endpoint at `url` themselves, without a proxy.
pub(crate) fn client_builder(url: &str) -> reqwest::ClientBuilder {
    let config = match is_secure(url) {
        true => ClientConfig::clone(&trusting()),
        // Nothing is asked of TLS, and reading the machine's authorities takes a while.
        false => configured(RootCertStore::empty()),
    };
    reqwest::Client::builder()
        .tcp_nodelay(true)
        .no_proxy()
        .tls_backend_preconfigured(config)
}

/// Whether an address is one of TLS.
pub(super) fn is_secure(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("wss://")
}

/// Whether a server at this address without TLS speaks it all the same: it has a certificate, whoever signed it.
pub(super) async fn is_spoken_at(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return false;
    };
    let secure = format!("https://{rest}");
    let Ok(client) = client_builder(&secure).timeout(PROBE).build() else {
        return false;
    };
    match client.head(&secure).send().await {
        Ok(_) => true,
        Err(error) => matches!(of_tls(&error), Some(rustls::Error::InvalidCertificate(_))),
    }
}

/// What a WebSocket to this address needs of TLS; `None` if nothing.
pub(crate) fn connector(url: &str) -> Option<Connector> {
    is_secure(url).then(|| Connector::Rustls(trusting()))
}

/// The configuration of a client that trusts the machine's authorities.
fn trusting() -> Arc<ClientConfig> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    Arc::clone(CONFIG.get_or_init(|| Arc::new(configured(authorities()))))
}

fn configured(roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has cipher suites of the versions that are safe")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// The authorities of the machine, or those that [`FILE`] names; Mozilla's if there are none.
fn authorities() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, ignored) = roots.add_parsable_certificates(found.certs);
    tracing::debug!("{added} certificate authorities are trusted, {ignored} cannot be used");
    if roots.is_empty() {
        let named = std::env::var_os(FILE).is_some();
        let why = found
            .errors
            .first()
            .map_or_else(|| "there are none".to_owned(), ToString::to_string);
        if named {
            tracing::warn!(
                "{FILE} names no certificate that can be used ({why}): Mozilla's authorities are trusted"
            );
        }
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

/// What keeps a connection from being secure, if that is what `error` is about: the problem and the remedy.
pub(super) fn problem(error: &(dyn Error + 'static)) -> Option<(String, String)> {
    let error = of_tls(error)?;
    let rustls::Error::InvalidCertificate(why) = error else {
        let remedy = match error {
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
                "it does not speak TLS: try http:// or ws:// in the place of https:// or wss://".to_owned()
            }
            _ => "it must speak TLS 1.2 or 1.3".to_owned(),
        };
        return Some((error.to_string(), remedy));
    };
    let (what, remedy) = match why {
        CertificateError::UnknownIssuer => (
            "no authority that is trusted here signed its certificate".to_owned(),
            format!(
                "put the certificate of the authority that signed it into a file (PEM), and name that in the environment \
                 variable {FILE}"
            ),
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            why.to_string(),
            "use a name of the host that its certificate has".to_owned(),
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
            why.to_string(),
            "its certificate must be renewed, or this machine's clock is wrong".to_owned(),
        ),
        _ => (
            why.to_string(),
            format!(
                "it needs a certificate of an authority that is trusted; {FILE} names others than the machine's"
            ),
        ),
    };
    Some((what, remedy))
}

/// The error of TLS among the causes of another.
fn of_tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        // What an I/O error was made of is not its source, but itself.
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| of_tls(inner as &(dyn Error + 'static))) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

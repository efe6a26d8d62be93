//! A server of TLS in front of a node, with a certificate of an authority that nobody knows.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};
use tokio_rustls::TlsAcceptor;

/// A server that ends TLS, for the names that its certificate has. It ends when dropped.
pub(crate) struct Terminator {
    address: SocketAddr,
    /// The certificate of the authority that signed the server's, as PEM.
    pub(crate) authority: String,
    _runtime: Runtime,
}

impl Terminator {
    /// A server in front of the node at `http://host:port`, with a certificate for these names.
    pub(crate) fn of(node: &str, names: &[&str]) -> Self {
        let node: SocketAddr = node
            .trim_start_matches("http://")
            .parse()
            .expect("the address of a node");
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let authority = CertifiedIssuer::self_signed(params, key).expect("an authority");
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(names).expect("names");
        let certificate = params.signed_by(&key, &authority).expect("a certificate");
        let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions of ring")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], secret)
            .expect("a certificate and its key");

        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .expect("a port");
        let address = listener.local_addr().expect("its address");
        runtime.spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), node));
        Self {
            address,
            authority: authority.pem(),
            _runtime: runtime,
        }
    }

    /// Where it listens.
    pub(crate) const fn port(&self) -> u16 {
        self.address.port()
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, node: SocketAddr) {
    while let Ok((client, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // A client that does not trust the certificate, or speaks no TLS, goes away.
            let Ok(mut client) = acceptor.accept(client).await else {
                return;
            };
            let mut node = TcpStream::connect(node).await.expect("the node");
            let _ = copy_bidirectional(&mut client, &mut node).await;
        });
    }
}

//! A TLS server on loopback with a certificate that a test has made, and the CA that may have signed it.

#![allow(dead_code, reason = "each test file uses a part")]

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{
    RootCertStore, ServerConfig,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::WebPkiClientVerifier,
};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n{\"servers\":{\"server\":[]}}";

/// How many there are.
static MADE: AtomicU32 = AtomicU32::new(0);

/// A CA, and a folder with its certificate.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // OpenSSL looks for an issuer by its name alone.
        let name = format!("A company's own CA {}", MADE.fetch_add(1, Relaxed));
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a CA");
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("ca.pem"), issuer.pem()).expect("a file");
        Self { issuer, folder }
    }

    /// For `SSL_CERT_FILE`.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Its certificate.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A server for this name, whose certificate is valid in these years.
    pub async fn server(&self, name: &str, years: [i32; 2]) -> TlsServer {
        TlsServer::start(self.config(name, years)).await
    }

    /// A server that asks for a certificate of this CA.
    pub async fn server_for_known_clients(&self, name: &str) -> TlsServer {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).expect("a CA");
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build();
        let (certificate, key) = self.signed(name, [2020, 2100]);
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_client_cert_verifier(verifier.expect("a verifier"))
            .with_single_cert(vec![certificate], PrivateKeyDer::Pkcs8(key.serialize_der().into()));
        TlsServer::start(config.expect("a certificate and its key")).await
    }

    /// The settings of a server for this name, whose certificate is valid in these years.
    pub fn config(&self, name: &str, years: [i32; 2]) -> ServerConfig {
        let (certificate, key) = self.signed(name, years);
        config(certificate, &key)
    }

    /// A certificate of a client, and its key.
    pub fn client(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let certificate = params(name, [2020, 2100]).signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }

    fn signed(&self, name: &str, years: [i32; 2]) -> (CertificateDer<'static>, KeyPair) {
        let (params, key) = (params(name, years), KeyPair::generate().expect("a key"));
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.der().clone(), key)
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(tokio_rustls::rustls::crypto::ring::default_provider())
}

fn config(certificate: CertificateDer<'static>, key: &KeyPair) -> ServerConfig {
    ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .expect("a certificate and its key")
}

fn params(name: &str, years: [i32; 2]) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    [params.not_before, params.not_after] = years.map(|year| date_time_ymd(year, 1, 1));
    params
}

pub struct TlsServer {
    pub port: u16,
    connections: Arc<AtomicU32>,
    requests: Arc<Mutex<Vec<u8>>>,
}

impl TlsServer {
    /// A server whose certificate nobody but itself has signed.
    pub async fn self_signed(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let certificate = params(name, [2020, 2100]).self_signed(&key).expect("a certificate");
        Self::start(config(certificate.der().clone(), &key)).await
    }

    async fn start(config: ServerConfig) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let this = Self { port, connections: Arc::default(), requests: Arc::default() };
        let (connections, requests) = (Arc::clone(&this.connections), Arc::clone(&this.requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Relaxed);
                let (acceptor, requests) = (acceptor.clone(), Arc::clone(&requests));
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut buffer = [0; 4096];
                    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                        requests.lock().expect("a lock").extend(&buffer[..length]);
                        if stream.write_all(ANSWER).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        this
    }

    /// How often somebody connected since the last time.
    pub fn connections(&self) -> u32 {
        self.connections.swap(0, Relaxed)
    }

    /// What came through TLS.
    pub fn requests(&self) -> String {
        String::from_utf8_lossy(&self.requests.lock().expect("a lock")).into_owned()
    }
}

//! A TLS configuration that is never used. reqwest makes no client without one as soon as any crate of the program has switched
//! TLS on, and asks for a provider that a client for plain HTTP does not need.

use std::sync::Arc;

use rustls::{
    CipherSuite, ClientConfig, ConnectionTrafficSecrets, NamedGroup, RootCertStore, SupportedCipherSuite,
    Tls13CipherSuite,
    crypto::{
        ActiveKeyExchange, CipherSuiteCommon, CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom,
        SupportedKxGroup, WebPkiSupportedAlgorithms,
        cipher::{AeadKey, Iv, MessageDecrypter, MessageEncrypter, Tls13AeadAlgorithm, UnsupportedOperationError},
        hash::{Context, Hash, HashAlgorithm, Output},
        hmac::{Hmac, Key},
        tls13::HkdfUsingHmac,
    },
    pki_types::PrivateKeyDer,
    sign::SigningKey,
    version::TLS13,
};

use crate::Error;

/// A provider without any cryptography: what can fail fails. A handshake begins with random numbers, of which there are none,
/// so it never gets to what cannot fail.
#[derive(Debug)]
struct Nothing;

static NOTHING: Nothing = Nothing;

/// rustls makes no configuration without a cipher suite.
static SUITE: Tls13CipherSuite = Tls13CipherSuite {
    common: CipherSuiteCommon {
        suite: CipherSuite::TLS13_AES_128_GCM_SHA256,
        hash_provider: &NOTHING,
        confidentiality_limit: 0,
    },
    hkdf_provider: &HkdfUsingHmac(&NOTHING),
    aead_alg: &NOTHING,
    quic: None,
};

/// The configuration for a client that speaks plain HTTP only.
pub(super) fn config() -> Result<ClientConfig, Error> {
    let provider = CryptoProvider {
        cipher_suites: vec![SupportedCipherSuite::Tls13(&SUITE)],
        kx_groups: vec![&NOTHING],
        signature_verification_algorithms: WebPkiSupportedAlgorithms { all: &[], mapping: &[] },
        secure_random: &NOTHING,
        key_provider: &NOTHING,
    };
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS13])
        .map_err(|e| Error::configuration(format!("the HTTP client cannot be made: {e}")))?;
    Ok(config.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn no_handshake() -> ! {
    unreachable!("a client for plain HTTP shakes no hands")
}

impl SecureRandom for Nothing {
    fn fill(&self, _: &mut [u8]) -> Result<(), GetRandomFailed> {
        Err(GetRandomFailed)
    }
}

impl KeyProvider for Nothing {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General("there is no cryptography".to_owned()))
    }
}

impl SupportedKxGroup for Nothing {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, rustls::Error> {
        Err(rustls::Error::General("there is no cryptography".to_owned()))
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

impl Hash for Nothing {
    fn start(&self) -> Box<dyn Context> {
        no_handshake()
    }

    fn hash(&self, _: &[u8]) -> Output {
        no_handshake()
    }

    fn output_len(&self) -> usize {
        0
    }

    fn algorithm(&self) -> HashAlgorithm {
        HashAlgorithm::NONE
    }
}

impl Hmac for Nothing {
    fn with_key(&self, _: &[u8]) -> Box<dyn Key> {
        no_handshake()
    }

    fn hash_output_len(&self) -> usize {
        0
    }
}

impl Tls13AeadAlgorithm for Nothing {
    fn encrypter(&self, _: AeadKey, _: Iv) -> Box<dyn MessageEncrypter> {
        no_handshake()
    }

    fn decrypter(&self, _: AeadKey, _: Iv) -> Box<dyn MessageDecrypter> {
        no_handshake()
    }

    fn key_len(&self) -> usize {
        0
    }

    fn extract_keys(&self, _: AeadKey, _: Iv) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_fails_and_does_not_panic() {
        let name = "api.example.net".try_into().expect("a name");
        let failed = rustls::ClientConnection::new(Arc::new(config().expect("a configuration")), name);
        assert!(matches!(failed, Err(rustls::Error::FailedToGetRandomBytes)), "{failed:?}");
    }
}

//! TLS for `SSL_GET`. Nothing of it is made before the first check that needs it.
//!
//! **The server's certificate is not verified**, as keepalived does not verify it: the check asks whether the service
//! answers, at an address and often by a name that no certificate carries. It must never carry a secret.
//!
//! Differs: TLS 1.2 is the oldest version that is spoken; servers with nothing newer than 1.1 count as down.

use rustls::ClientConfig;
use rustls::DigitallySignedStruct;
use rustls::SignatureScheme;
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use std::sync::{Arc, OnceLock};

/// How checks speak TLS: with everybody, and without memory of sessions, so that each check is a whole handshake.
///
/// # Errors
/// If the cryptography offers no version of TLS.
pub fn client() -> Result<Arc<ClientConfig>, rustls::Error> {
    static CLIENT: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(client) = CLIENT.get() {
        return Ok(Arc::clone(client));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(Anybody { provider: Arc::clone(&provider) });
    let mut client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    client.resumption = Resumption::disabled();
    Ok(Arc::clone(CLIENT.get_or_init(|| Arc::new(client))))
}

/// Takes every certificate.
#[derive(Debug)]
struct Anybody {
    provider: Arc<CryptoProvider>,
}

/// Ways to sign that the cryptography here cannot verify, and need not: whom a signature comes from is not asked.
const UNVERIFIED: [SignatureScheme; 4] = [
    SignatureScheme::RSA_PKCS1_SHA1,
    SignatureScheme::ECDSA_SHA1_Legacy,
    SignatureScheme::ECDSA_NISTP521_SHA512,
    SignatureScheme::ED448,
];

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let mut schemes = self.provider.signature_verification_algorithms.supported_schemes();
        schemes.extend(UNVERIFIED.iter().filter(|scheme| !schemes.contains(scheme)).copied().collect::<Vec<_>>());
        schemes
    }
}

//! TLS for `SSL_GET`. Nothing of it is made before the first check that needs it.
//!
//! **The server's certificate is not verified**, as keepalived does not verify it: the check asks whether the service
//! answers, at an address and often by a name that no certificate carries. It must never carry a secret.
//!
//! Differs: TLS 1.2 is the oldest version that is spoken; servers with nothing newer than 1.1 count as down.

use kalc_ir::TlsClient;
use nix::libc;
use pkcs8::{EncryptedPrivateKeyInfo, SecretDocument};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WantsClientCert};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, ConfigBuilder, DigitallySignedStruct, InconsistentKeys, SignatureScheme};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Arc, OnceLock};

/// Longer files are no certificates and no keys.
const FILE_MAX: u64 = 1 << 20;

/// How checks speak TLS: with everybody, and without memory of sessions, so that each check is a whole handshake.
///
/// # Errors
/// If the cryptography offers no version of TLS.
pub fn client() -> Result<Arc<ClientConfig>, rustls::Error> {
    static CLIENT: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(client) = CLIENT.get() {
        return Ok(Arc::clone(client));
    }
    let client = forgetful(builder()?.with_no_client_auth());
    Ok(Arc::clone(CLIENT.get_or_init(|| Arc::new(client))))
}

/// The same for checks that say who they are (`SSL`); `None` if the block names no certificate or no key, since nothing is
/// shown then (measured with keepalived 2.2.7). Files are read here, once.
///
/// Differs: a file that cannot be used keeps the configuration from running; keepalived ends itself. Keys that are encrypted in
/// the old form (`DEK-Info`) are not read.
///
/// # Errors
/// Which file cannot be used, and why.
pub fn client_of(settings: &TlsClient) -> Result<Option<Arc<ClientConfig>>, Unusable> {
    let chain = settings.certificate.as_deref().map(|path| certificates(path).map_err(|why| Unusable::new(path, why)));
    let password = settings.password.as_ref().map(|secret| secret.bytes.as_slice());
    let key = settings.key.as_deref().map(|path| (path, key(path, password).map_err(|why| Unusable::new(path, why))));
    let chain = chain.transpose()?;
    let Some((path, key)) = key else { return Ok(None) };
    let (Some(chain), key) = (chain, key?) else { return Ok(None) };
    let client = identified(chain, key).map_err(|error| Unusable::new(path, error.to_string()))?;
    Ok(Some(Arc::new(client)))
}

fn identified(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<ClientConfig, rustls::Error> {
    let builder = builder()?;
    let own = CertifiedKey::new(chain, builder.crypto_provider().key_provider.load_private_key(key)?);
    // A certificate has the key as it is written; that of one of version 1 nothing here reads, and servers do.
    let is_of = |certificate: &CertificateDer<'_>, key: &[u8]| certificate.windows(key.len()).any(|part| part == key);
    if let (Some(certificate), Some(key)) = (own.cert.first(), own.key.public_key())
        && !is_of(certificate, &key)
    {
        return Err(InconsistentKeys::KeyMismatch.into());
    }
    Ok(forgetful(builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(own)))))
}

/// A file that is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {why}")]
pub struct Unusable {
    path: String,
    why: String,
}

impl Unusable {
    fn new(path: &str, why: String) -> Unusable {
        Unusable { path: path.to_owned(), why }
    }
}

fn certificates(path: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let text = contents(path)?;
    let chain =
        CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    if chain.is_empty() { Err("there is no certificate in it".to_owned()) } else { Ok(chain) }
}

fn key(path: &str, password: Option<&[u8]>) -> Result<PrivateKeyDer<'static>, String> {
    let text = contents(path)?;
    let is_old = text.windows(8).any(|window| window == b"DEK-Info");
    if is_old {
        return Err("it is encrypted in an old form; `openssl pkcs8 -topk8` makes a new one of it".to_owned());
    }
    let encrypted = std::str::from_utf8(&text).ok().and_then(|text| {
        let start = text.find("-----BEGIN ENCRYPTED PRIVATE KEY-----")?;
        Some(SecretDocument::from_pem(text.get(start..)?))
    });
    let Some(encrypted) = encrypted else {
        return PrivateKeyDer::from_pem_slice(&text).map_err(|error| error.to_string());
    };
    let (_, document) = encrypted.map_err(|error| error.to_string())?;
    let password = password.ok_or("it is encrypted, and `SSL` has no password")?;
    let info = EncryptedPrivateKeyInfo::try_from(document.as_bytes()).map_err(|error| error.to_string())?;
    let plain = info.decrypt(password).map_err(|_| "the password does not open it".to_owned())?;
    Ok(PrivatePkcs8KeyDer::from(plain.as_bytes().to_vec()).into())
}

/// What is in a file. Opening never waits, whatever the name leads to.
fn contents(path: &str) -> Result<Vec<u8>, String> {
    let read = || -> io::Result<Vec<u8>> {
        let file = File::options().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is no file"));
        }
        let mut bytes = Vec::new();
        file.take(FILE_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error| error.to_string())
}

fn builder() -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Arc::new(Anybody { provider: Arc::clone(&provider) });
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier))
}

fn forgetful(mut client: ClientConfig) -> ClientConfig {
    client.resumption = Resumption::disabled();
    client
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

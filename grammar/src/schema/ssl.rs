//! `SSL`: what the TLS checks present to the real servers.
//!
//! One block for the whole file; `SSL_GET` (in [`checker`](super::checker)) is what uses it.

use super::prelude::*;

rows! { ROWS:
    /// Client certificate and trust for all `SSL_GET` checks. It is for the whole file: a second block replaces the
    /// first. Without it the checks use TLS without a client certificate.
    SSL = block("SSL", &[SETTINGS]).once();
}

rows! { SETTINGS:
    /// Passphrase of the private key.
    PASSWORD = value("password", &[req(Arg::Secret { max: 0 })]);

    /// File with the certificates of the trusted authorities.
    CA = value("ca", &[req(Arg::Path)]);

    /// File with the client certificate.
    CERTIFICATE = value("certificate", &[req(Arg::Path)]);

    /// File with the private key of the client certificate.
    KEY = value("key", &[req(Arg::Path)]);
}

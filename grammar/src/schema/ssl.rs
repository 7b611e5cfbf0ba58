//! `SSL`: what the TLS checks present to the real servers.
//!
//! One block for the whole file; `SSL_GET` (in [`checker`](super::checker)) is what uses it.

use super::prelude::*;

rows! { ROWS:
    /// Client certificate and trust for all `SSL_GET` checks. It is for the whole file: a second block replaces the
    /// first. Without it the checks use TLS without a client certificate.
    SSL = block("SSL", &[SETTINGS]).once().runs();
}

rows! { SETTINGS:
    /// Passphrase of the private key.
    PASSWORD = value("password", &[req(Arg::Secret { max: 0 })]).runs();

    /// File with the certificates of the trusted authorities.
    CA = value("ca", &[req(Arg::Path)])
        .without_effect("keepalived reads the file and verifies no server's certificate with it, and nor does kalc");

    /// File with the client certificate.
    CERTIFICATE = value("certificate", &[req(Arg::Path)]).runs();

    /// File with the private key of the client certificate.
    KEY = value("key", &[req(Arg::Path)]).runs();
}

//! `SMTP_CHECK`: a check of a mail server.

use super::{connection, timing};
use crate::schema::prelude::*;

rows! { SETTINGS:
    /// Name by which the check introduces itself. Set one that the mail server accepts; some refuse names that do not
    /// resolve.
    HELO_NAME = value("helo_name", &[req(text(0)).label("host name")]).default("smtpchecker.keepalived.org").runs();
}

rows! { HOST_ROWS:
    /// Old way to check several addresses in one block. Write several `SMTP_CHECK` blocks instead.
    HOST = block("host", &[connection::ROWS, timing::ROWS]).deprecated("SMTP_CHECK").runs();
}

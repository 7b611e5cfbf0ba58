//! `HTTP_GET` and `SSL_GET`: checks by web page.

use super::url;
use crate::schema::prelude::*;

rows! { SETTINGS:
    /// Old word for `retry`, known in these two checks only: in a `TCP_CHECK` it is an unknown keyword without effect.
    NB_GET_RETRY = value("nb_get_retry", &[req(int(0, U32))]).deprecated("retry").runs();

    /// Host name to ask for, unless a url has its own. Without it many web servers answer with their default site.
    VIRTUALHOST = value("virtualhost", &[req(text(0)).label("host name")]).runs();

    /// Version of HTTP in the request. 1.1 needs a `virtualhost`; `1.0C` and `1.0c` are 1.0 with a header that asks the
    /// server to close the connection.
    HTTP_PROTOCOL = value("http_protocol", &[req(choice(&["1.0", "1.1", "1.0C", "1.0c"]))]).default("1.0").runs();

    /// Names the wanted host when TLS begins, so that a server with several certificates finds the right one. It has no
    /// effect without TLS.
    ENABLE_SNI = switch("enable_sni").default("off").runs();

    /// Host name for TLS where it is not the `virtualhost`; it turns `enable_sni` on.
    SNI_NAME = value("sni_name", &[opt(text(0)).label("host name")])
        .default("value of virtualhost").new_in_2_4_3().runs();

    /// Asks for all urls of a returning server at once instead of one every `delay_loop`.
    FAST_RECOVERY = switch("fast_recovery").default("off").runs();
}

rows! { HTTP_URL:
    /// One page to ask for. With several, each must pass.
    URL = block("url", &[url::ROWS]).runs();
}

rows! { TLS:
    /// Insists that the server ends TLS with the message that the standard demands. Off, a connection that just ends is
    /// good enough.
    TLS_COMPLIANT = switch("tls_compliant").default("off").new_in_2_4_3().runs();

    /// One page to ask for. With several, each must pass.
    TLS_URL = block("url", &[url::ROWS, url::TLS_ROWS]).runs();
}

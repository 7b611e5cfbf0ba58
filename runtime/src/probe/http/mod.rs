//! `HTTP_GET` and `SSL_GET`: one page, its status, its digest, a pattern.
//!
//! ```text
//! request ──▶ server ──▶ answer (head, framing of the body) ──▶ digest (MD5 of the body as it comes)
//!                                                           └─▶ pattern (regex on the whole answer)
//! ```
//!
//! As with keepalived 2.2.7 (measured): the status counts always, 200 to 299 where none is written; the digest is that of
//! the bytes behind the headers, framing of chunks included, as far as `Content-Length` goes; the expression looks at
//! the headers, too, and its offsets count from their beginning; a page that ends before its `Content-Length` is a page.
//!
//! Differs: an answer is whole with its `Content-Length` or its last chunk, where keepalived waits until the server closes.

pub mod answer;
mod chunks;
pub mod pattern;
mod request;

use super::connect::{self, limit, within};
use super::{failure, limits, tls};
use answer::{Answer, Digest, Step};
use kalc_core::check::Failure;
use kalc_ir::checker::{Connection, Http, HttpProtocol};
use pattern::Pattern;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A web check, made ready.
#[derive(Debug)]
pub struct Check {
    connection: Connection,
    tls: bool,
    sni: bool,
    sni_name: Option<String>,
    client: Option<Arc<ClientConfig>>,
    pages: Vec<Page>,
}

/// One page, made ready.
#[derive(Debug)]
struct Page {
    request: String,
    host: Option<String>,
    statuses: Vec<(u16, u16)>,
    digest: Option<String>,
    pattern: Option<Pattern>,
    tls_compliant: bool,
}

impl Check {
    /// Makes a check ready; `client` is who it is where TLS asks, if anybody.
    pub fn new(http: &Http, client: Option<Arc<ClientConfig>>) -> Check {
        let pages = http.urls.iter().map(|url| Page {
            request: request::of(&url.path, url.virtualhost.as_deref(), &http.connection, http.protocol),
            host: url.virtualhost.clone(),
            statuses: url.status_codes.clone(),
            digest: url.digest.clone(),
            pattern: Pattern::of(url),
            tls_compliant: url.tls_compliant,
        });
        Check {
            connection: http.connection.clone(),
            tls: http.tls,
            client,
            sni: http.sni,
            sni_name: http.sni_name.clone(),
            pages: pages.collect(),
        }
    }

    pub(super) async fn probe(&self, page: u16) -> Result<(), Failure> {
        // A check without pages is none.
        let Some(page) = self.pages.get(usize::from(page)) else { return Ok(()) };
        let answer = Answer::new(&page.statuses, page.digest.is_some(), page.pattern.is_some());
        page.judge(self.fetch(page, answer).await?)
    }

    async fn fetch(&self, page: &Page, answer: Answer) -> Result<Answer, Failure> {
        let whole = limits::whole(limit(&self.connection));
        timeout(whole, self.exchange(page, answer)).await.unwrap_or(Err(Failure::AnswerTimeout))
    }

    async fn exchange(&self, page: &Page, answer: Answer) -> Result<Answer, Failure> {
        let stream = connect::tcp(&self.connection).await?;
        if !self.tls {
            return talk(&self.connection, stream, page, answer).await;
        }
        let stream = self.agree(page, stream).await?;
        talk(&self.connection, stream, page, answer).await
    }

    /// Agrees on TLS.
    async fn agree(&self, page: &Page, stream: TcpStream) -> Result<TlsStream<TcpStream>, Failure> {
        let client = self.client.clone().map_or_else(tls::client, Ok);
        let client = client.map_err(|error| Failure::Tls(error.to_string().into()))?;
        let name = self.sni_name.as_deref().or(page.host.as_deref()).filter(|_| self.sni);
        // Without a name that TLS can carry, none is sent, which an address stands for.
        let name = name.and_then(|name| ServerName::try_from(without_port(name).to_owned()).ok());
        let name = name.unwrap_or_else(|| ServerName::from(self.connection.address));
        let handshake = TlsConnector::from(client).connect(name, stream);
        match timeout(limit(&self.connection), handshake).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(of_tls(&error)),
            Err(_) => Err(Failure::Tls("no handshake in time".into())),
        }
    }
}

impl Page {
    fn judge(&self, answer: Answer) -> Result<(), Failure> {
        let (digest, text) = answer.finish();
        if let (Some(wanted), Some(Digest(seen))) = (&self.digest, digest)
            && *wanted != Digest(seen).to_string()
        {
            return Err(Failure::Digest(seen));
        }
        match (&self.pattern, text) {
            (Some(pattern), Some(text)) => pattern.judge(&text),
            (Some(_), None) | (None, _) => Ok(()),
        }
    }
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    connection: &Connection,
    mut stream: S,
    page: &Page,
    mut answer: Answer,
) -> Result<Answer, Failure> {
    let sending = async {
        stream.write_all(page.request.as_bytes()).await?;
        stream.flush().await
    };
    within(connection, Failure::AnswerTimeout, sending).await?;
    let mut chunk = vec![0; limits::CHUNK];
    loop {
        let length = match timeout(limit(connection), stream.read(&mut chunk)).await {
            Err(_) => return Err(Failure::AnswerTimeout),
            Ok(Ok(length)) => length,
            // TLS that just ends.
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                if page.tls_compliant {
                    return Err(Failure::TlsTruncated);
                }
                0
            }
            Ok(Err(error)) => return Err(of_tls(&error)),
        };
        if length == 0 {
            answer.close()?;
            return Ok(answer);
        }
        if answer.push(&chunk[..length])? == Step::Whole {
            return Ok(answer);
        }
    }
}

/// A failure of a stream that may be TLS.
fn of_tls(error: &io::Error) -> Failure {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    inner.map_or_else(|| failure::of(error), |inner| Failure::Tls(inner.to_string().into()))
}

/// A host name as it stands in `Host`, without its port.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    }
}

/// What `kalc ctl digest` wants to know of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digested {
    /// MD5 of the page.
    pub digest: Digest,
    /// HTTP status.
    pub status: u16,
    /// Length in bytes of what was digested.
    pub bytes: u64,
}

/// Asks for a page as a web check would, and digests it whatever its status.
///
/// # Errors
/// If there is no answer.
pub async fn digest(http: &Http) -> Result<Digested, Failure> {
    let check = Check::new(http, None);
    let page = check.pages.first().ok_or(Failure::NotHttp("no page to ask for"))?;
    let answer = check.fetch(page, Answer::new(&[(0, u16::MAX)], true, false)).await?;
    let (status, bytes) = (answer.status(), answer.bytes());
    match (answer.finish().0, status) {
        (Some(digest), Some(status)) => Ok(Digested { digest, status, bytes }),
        (None, _) | (_, None) => Err(Failure::ClosedEarly),
    }
}

/// Words of `http_protocol`.
pub fn protocol(word: &str) -> Option<HttpProtocol> {
    match word {
        "1.0" => Some(HttpProtocol::V1_0),
        "1.0C" | "1.0c" => Some(HttpProtocol::V1_0Close),
        "1.1" => Some(HttpProtocol::V1_1),
        _ => None,
    }
}

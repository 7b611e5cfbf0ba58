//! How a probe ends, in words that a person understands.

use std::fmt;

/// How a probe ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server answered as it should.
    Passed,
    /// A script ended with a status from 2 to 255 and `misc_dynamic` is on: the server is well, with this weight.
    PassedWithWeight(u32),
    /// It did not.
    Failed(Failure),
}

/// What is wrong with a server. Texts are short and hold what the server said only in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody listens there (`ECONNREFUSED`, ICMP port unreachable).
    Refused,
    /// No route, or the host does not answer (ICMP unreachable, no neighbour).
    Unreachable,
    /// No connection within `connect_timeout`.
    ConnectTimeout,
    /// A connection, and then no whole answer within `connect_timeout`.
    AnswerTimeout,
    /// The connection was reset.
    Reset,
    /// The connection ended before the answer did.
    ClosedEarly,
    /// Something else that the system says, as its error number.
    System(i32),
    /// Sending or receiving failed without a number.
    Io(&'static str),
    /// TLS could not be agreed on, or broke.
    Tls(Box<str>),
    /// TLS ended without the message that says so, and `tls_compliant` asks for it.
    TlsTruncated,
    /// The answer is not HTTP.
    NotHttp(&'static str),
    /// Another HTTP status.
    Status(u16),
    /// The page has another MD5 digest: this one.
    Digest([u8; 16]),
    /// `regex` does not match the page.
    NoMatch,
    /// `regex` matches the page, and `regex_no_match` says that it must not.
    Match,
    /// `regex` cannot be used.
    BadRegex,
    /// The answer is longer than a check reads; the limit in bytes.
    TooLong(u64),
    /// The mail server said something else: its code, while that was done.
    Smtp {
        /// The step: `greeting`, `HELO`, `QUIT`.
        step: &'static str,
        /// Its code; `None` if what it said has none.
        code: Option<u16>,
    },
    /// The name server answered with an error, by its number (`RCODE`).
    Rcode(u16),
    /// The answer is not DNS, or not to the question.
    NotDns(&'static str),
    /// No answer, where one is required.
    NoReply,
    /// An answer of another length, in bytes.
    ReplyLength(usize),
    /// An answer with other bytes.
    ReplyContent,
    /// The script ended with this status.
    Exit(u8),
    /// The script was ended by this signal.
    Signal(i32),
    /// The script was still running after its timeout.
    ScriptTimeout,
    /// The number in the file, times the weight, takes the server down; the product.
    File(i64),
    /// The BFD session with the server is down.
    Bfd,
    /// This host could not look. It counts as a failure of the server: who cannot look must not say that all is well.
    Local(LocalFault),
}

/// Why this host could not look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalFault {
    /// The source address or the interface is not there (`bindto`, `bind_if`); the error number.
    Bind(i32),
    /// The source port is in use (`bind_port`).
    PortInUse,
    /// No socket, or an option that was refused; the error number.
    Socket(i32),
    /// A script that cannot be started; the error number, 0 if it was refused when the configuration was read.
    Script(i32),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused => f.write_str("connection refused"),
            Failure::Unreachable => f.write_str("host unreachable"),
            Failure::ConnectTimeout => f.write_str("no connection in time"),
            Failure::AnswerTimeout => f.write_str("no answer in time"),
            Failure::Reset => f.write_str("connection reset"),
            Failure::ClosedEarly => f.write_str("connection closed in the middle of the answer"),
            Failure::System(number) => write!(f, "system error {number}"),
            Failure::Io(what) => f.write_str(what),
            Failure::Tls(why) => write!(f, "TLS failed: {why}"),
            Failure::TlsTruncated => f.write_str("TLS ended without its closing message"),
            Failure::NotHttp(why) => write!(f, "the answer is not HTTP: {why}"),
            Failure::Status(code) => write!(f, "HTTP status {code}"),
            Failure::Digest(digest) => {
                f.write_str("digest of the page is ")?;
                digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Failure::NoMatch => f.write_str("regex does not match the page"),
            Failure::Match => f.write_str("regex matches the page"),
            Failure::BadRegex => f.write_str("regex cannot be used"),
            Failure::TooLong(limit) => write!(f, "the answer is longer than {limit} bytes"),
            Failure::Smtp { step, code: Some(code) } => write!(f, "mail server answers {code} to {step}"),
            Failure::Smtp { step, code: None } => write!(f, "the answer to {step} is not SMTP"),
            Failure::Rcode(code) => write!(f, "name server answers {}", rcode(*code)),
            Failure::NotDns(why) => write!(f, "the answer is not DNS: {why}"),
            Failure::NoReply => f.write_str("no reply"),
            Failure::ReplyLength(bytes) => write!(f, "a reply of {bytes} bytes"),
            Failure::ReplyContent => f.write_str("the reply has other bytes"),
            Failure::Exit(status) => write!(f, "script ended with status {status}"),
            Failure::Signal(signal) => write!(f, "script ended by signal {signal}"),
            Failure::ScriptTimeout => f.write_str("script still running after its timeout"),
            Failure::File(product) => write!(f, "tracked file gives {product}"),
            Failure::Bfd => f.write_str("the BFD session is down"),
            Failure::Local(fault) => write!(f, "{fault}"),
        }
    }
}

impl fmt::Display for LocalFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LocalFault::Bind(number) => write!(f, "cannot bind to source (system error {number})"),
            LocalFault::PortInUse => f.write_str("the source port is in use"),
            LocalFault::Socket(number) => write!(f, "cannot make a socket (system error {number})"),
            LocalFault::Script(0) => f.write_str("the script cannot run"),
            LocalFault::Script(number) => write!(f, "cannot start the script (system error {number})"),
        }
    }
}

/// RFC 1035 4.1.1 and RFC 2136 2.2: names of response codes.
fn rcode(code: u16) -> String {
    const NAMES: [&str; 11] = [
        "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH",
        "NOTZONE",
    ];
    NAMES.get(usize::from(code)).map_or_else(|| format!("code {code}"), |name| (*name).to_owned())
}

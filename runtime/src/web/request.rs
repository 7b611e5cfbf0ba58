//! What a client asks for.

/// What there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// `/metrics`
    Metrics,
    /// `/healthz`
    Health,
    /// `/status`
    Status,
    /// `/`
    Page,
}

/// How it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The whole answer.
    Get,
    /// Its headers only.
    Head,
}

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is not HTTP.
    Malformed,
    /// Longer than any good one.
    TooLong,
    /// It would change something.
    Method,
    /// There is no such thing.
    NotFound,
}

impl Refused {
    /// The status line.
    pub const fn status(self) -> &'static str {
        match self {
            Refused::Malformed => "400 Bad Request",
            Refused::TooLong => "431 Request Header Fields Too Large",
            Refused::Method => "405 Method Not Allowed",
            Refused::NotFound => "404 Not Found",
        }
    }

    /// For people.
    pub const fn word(self) -> &'static str {
        match self {
            Refused::Malformed => "this is no request",
            Refused::TooLong => "the request is too long",
            Refused::Method => "things can only be looked at here",
            Refused::NotFound => "there are /metrics, /healthz, /status and /",
        }
    }
}

/// Headers that a client may send.
const HEADERS_MAX: usize = 64;

/// Reads the beginning of a request; `None` if more must come. Total: whatever the bytes, there is an answer.
///
/// # Errors
/// If it cannot become a request that is answered.
pub fn parse(text: &[u8]) -> Result<Option<(Resource, Method)>, Refused> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(text) {
        Ok(httparse::Status::Partial) => return Ok(None),
        Ok(httparse::Status::Complete(_)) => {}
        Err(httparse::Error::TooManyHeaders) => return Err(Refused::TooLong),
        Err(_) => return Err(Refused::Malformed),
    }
    let method = match request.method {
        Some("GET") => Method::Get,
        Some("HEAD") => Method::Head,
        Some(_) => return Err(Refused::Method),
        None => return Err(Refused::Malformed),
    };
    let path = request.path.unwrap_or_default();
    let resource = match path.split('?').next().unwrap_or(path) {
        "/metrics" => Resource::Metrics,
        "/healthz" => Resource::Health,
        "/status" => Resource::Status,
        "/" => Resource::Page,
        _ => return Err(Refused::NotFound),
    };
    Ok(Some((resource, method)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_things_can_be_looked_at() {
        let get = |path: &str| parse(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
        assert_eq!(get("/metrics"), Ok(Some((Resource::Metrics, Method::Get))));
        assert_eq!(get("/healthz"), Ok(Some((Resource::Health, Method::Get))));
        assert_eq!(get("/status?x"), Ok(Some((Resource::Status, Method::Get))));
        assert_eq!(get("/"), Ok(Some((Resource::Page, Method::Get))));
        assert_eq!(get("/etc/passwd"), Err(Refused::NotFound));
        assert_eq!(parse(b"HEAD / HTTP/1.0\r\n\r\n"), Ok(Some((Resource::Page, Method::Head))));
        assert_eq!(parse(b"POST / HTTP/1.1\r\n\r\n"), Err(Refused::Method));
        assert_eq!(parse(b"GET / HTTP/1.1\r\nHos"), Ok(None));
        assert_eq!(parse(b"\x16\x03\x01"), Err(Refused::Malformed));
        assert_eq!(parse(format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(65)).as_bytes()), Err(Refused::TooLong));
    }
}

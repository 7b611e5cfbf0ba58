//! What a daemon tells over HTTP, with `kalc run --metrics ADDRESS:PORT`: metrics for Prometheus, whether it is well, its
//! state as JSON and as a page.
//!
//! It runs on the side thread and asks the driver for a snapshot, as the control socket does; nothing can be changed
//! from here. Clients are bounded in number, time and bytes, and get one answer each.

mod metrics;
mod page;
mod request;
mod servers;

pub use metrics::of as metrics;
pub use page::of as page;
pub use request::{Refused, Resource, parse};

use crate::control::server::Desk;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

/// Clients at the same time; further ones are cut off at once.
const CLIENTS_MAX: usize = 32;
/// Longest request, in bytes.
const REQUEST_MAX: usize = 8192;
/// How long a request may take to come, and an answer to be read.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the driver may take to answer before the daemon counts as unwell.
const SNAPSHOT: Duration = Duration::from_secs(2);

/// Serves clients, for ever.
pub(crate) async fn serve(listener: TcpListener, desk: Desk) {
    let places = Arc::new(Semaphore::new(CLIENTS_MAX));
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!("cannot accept a client of --metrics: {error}");
                // Out of descriptors, most likely: let some be closed.
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::debug!("{CLIENTS_MAX} clients use --metrics already, one more was turned away");
            continue;
        };
        let desk = desk.clone();
        tokio::spawn(async move {
            if let Err(error) = client(stream, &desk).await {
                tracing::debug!("a client of --metrics: {error}");
            }
            drop(place);
        });
    }
}

async fn client(mut stream: TcpStream, desk: &Desk) -> io::Result<()> {
    let request = timeout(PATIENCE, read(&mut stream)).await??;
    let answer = match request {
        Ok((resource, _)) => answer(resource, desk).await,
        Err(refused) => Answer::text(refused.status(), refused.word()),
    };
    let without_body = matches!(request, Ok((_, request::Method::Head)));
    let text = answer.to_bytes(without_body);
    timeout(PATIENCE, stream.write_all(&text)).await??;
    stream.shutdown().await
}

/// Reads a request as far as the end of its headers.
async fn read(stream: &mut TcpStream) -> io::Result<Result<(Resource, request::Method), Refused>> {
    let mut text = Vec::with_capacity(1024);
    loop {
        let limit = (REQUEST_MAX - text.len()) as u64;
        let length = stream.take(limit).read_buf(&mut text).await?;
        match parse(&text) {
            Ok(None) if length == 0 && text.len() < REQUEST_MAX => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(None) if text.len() >= REQUEST_MAX => return Ok(Err(Refused::TooLong)),
            Ok(None) => {}
            Ok(Some(request)) => return Ok(Ok(request)),
            Err(refused) => return Ok(Err(refused)),
        }
    }
}

struct Answer {
    status: &'static str,
    kind: &'static str,
    body: String,
}

impl Answer {
    fn text(status: &'static str, line: &str) -> Answer {
        Answer { status, kind: "text/plain; charset=utf-8", body: format!("{line}\n") }
    }

    fn to_bytes(&self, without_body: bool) -> Vec<u8> {
        let Answer { status, kind, body } = self;
        let mut text = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
             X-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n\
             Connection: close\r\n\r\n",
            body.len()
        );
        if !without_body {
            text.push_str(body);
        }
        text.into_bytes()
    }
}

async fn answer(resource: Resource, desk: &Desk) -> Answer {
    let Ok(Some(status)) = timeout(SNAPSHOT, desk.snapshot()).await else {
        return Answer::text("503 Service Unavailable", "the daemon does not answer");
    };
    let (kind, body) = match resource {
        Resource::Health => return Answer::text("200 OK", "ok"),
        Resource::Metrics => ("text/plain; version=0.0.4; charset=utf-8", metrics(&status)),
        Resource::Status => match serde_json::to_string(&status) {
            Ok(text) => ("application/json", text),
            Err(error) => return Answer::text("500 Internal Server Error", &error.to_string()),
        },
        Resource::Page => ("text/html; charset=utf-8", page(&status)),
    };
    Answer { status: "200 OK", kind, body }
}

//! Probes against servers that do what servers do: answer, refuse, stall, lie, break off. The servers are threads of
//! the test on loopback; what keepalived 2.2.7 says of the same answers was measured, and is told where kalc differs.

use kalc_compiler::host::Host;
use kalc_core::check::{Failure, Outcome};
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use kalc_runtime::probe::Probes;
use md5::{Digest, Md5};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

/// What a server does with a connection, one after the other.
#[derive(Clone, Debug)]
enum Act {
    Send(Vec<u8>),
    /// Reads until an empty line, or one line if it is not HTTP.
    Request,
    Line,
    Pause(u64),
    /// Sends this again and again until nobody wants it.
    Endless(&'static [u8]),
    /// Sends such a byte every so many milliseconds until nobody wants it.
    Drip(u8, u64),
    /// Keeps the connection open until the other side closes it.
    Hold,
    Reset,
}

fn send(text: &[u8]) -> Act {
    Act::Send(text.to_vec())
}

/// A TCP server on a port of its own.
fn server(acts: Vec<Act>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let acts = acts.clone();
            thread::spawn(move || serve(stream, &acts));
        }
    });
    port
}

fn serve(mut stream: TcpStream, acts: &[Act]) {
    for act in acts {
        let done = match act {
            Act::Send(text) => stream.write_all(text),
            Act::Request => read_until(&mut stream, b"\r\n\r\n"),
            Act::Line => read_until(&mut stream, b"\n"),
            Act::Pause(millis) => {
                thread::sleep(Duration::from_millis(*millis));
                Ok(())
            }
            Act::Endless(text) => loop {
                if let Err(error) = stream.write_all(text) {
                    break Err(error);
                }
            },
            Act::Drip(byte, millis) => loop {
                if let Err(error) = stream.write_all(&[*byte]) {
                    break Err(error);
                }
                thread::sleep(Duration::from_millis(*millis));
            },
            Act::Hold => std::io::copy(&mut stream, &mut std::io::sink()).map(drop),
            Act::Reset => {
                let socket = socket2::SockRef::from(&stream);
                socket.set_linger(Some(Duration::ZERO))
            }
        };
        if done.is_err() {
            return;
        }
    }
}

fn read_until(stream: &mut TcpStream, end: &[u8]) -> std::io::Result<()> {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(end) {
        if stream.read(&mut byte)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        text.push(byte[0]);
    }
    Ok(())
}

/// A port where nobody listens.
fn closed() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Makes the only probe of a configuration with that check.
fn probe(port: u16, check: &str) -> Outcome {
    probe_at("127.0.0.1", port, check)
}

fn probe_at(address: &str, port: u16, check: &str) -> Outcome {
    let service = if address.contains(':') { "2001:db8::1" } else { "192.0.2.1" };
    let text =
        format!("virtual_server {service} 80 {{\nprotocol TCP\nreal_server {address} {port} {{\n{check}\n}}\n}}\n");
    let file = SourceFile::new("keepalived.conf", text.as_bytes().to_vec());
    let host = Host::read(file, &MemoryFiles::default(), &Profile::default());
    let probes = Probes::alone(&host.ir).expect("a thread");
    let probe = probes.get(0, 0, 0).unwrap_or_else(|| panic!("no check in {text}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(probe.run(0))
}

fn failed(failure: Failure) -> Outcome {
    Outcome::Failed(failure)
}

fn hex(text: &[u8]) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A web check with these words in its url; half a second for each step.
fn web(settings: &str, url: &str) -> String {
    format!("HTTP_GET {{\nconnect_timeout 0.5\n{settings}\nurl {{\npath /p\n{url}\n}}\n}}")
}

fn page(acts: &[Act], url: &str) -> Outcome {
    let acts = [&[Act::Request][..], acts].concat();
    probe(server(acts), &web("", url))
}

const OK: &[u8] = b"HTTP/1.0 200 OK\r\n\r\nhello";

#[test]
fn tcp_asks_whether_somebody_listens() {
    let check = "TCP_CHECK {\nconnect_timeout 1\n}";
    assert_eq!(probe(server(vec![Act::Hold]), check), Outcome::Passed);
    assert_eq!(probe(closed(), check), failed(Failure::Refused));
    assert_eq!(probe_at("::1", closed(), check), failed(Failure::Refused));
}

#[test]
fn a_source_port_and_a_source_address_are_used() {
    let port = server(vec![Act::Hold]);
    let source = closed();
    let check = format!("TCP_CHECK {{\nbindto 127.0.0.9\nbind_port {source}\n}}");
    assert_eq!(probe(port, &check), Outcome::Passed);
    let taken = TcpListener::bind(("127.0.0.9", 0)).expect("a port");
    let source = taken.local_addr().expect("an address").port();
    let check = format!("TCP_CHECK {{\nbindto 127.0.0.9\nbind_port {source}\n}}");
    let outcome = probe(port, &check);
    assert!(matches!(outcome, Outcome::Failed(Failure::Local(_))), "{outcome:?}");
    let outcome = probe(port, "TCP_CHECK {\nbindto 192.0.2.77\n}");
    assert!(matches!(outcome, Outcome::Failed(Failure::Local(_))), "{outcome:?}");
}

#[test]
fn a_status_must_be_wanted() {
    assert_eq!(page(&[send(OK)], ""), Outcome::Passed);
    assert_eq!(page(&[send(OK)], "status_code 204 200-201"), Outcome::Passed);
    assert_eq!(page(&[send(OK)], "status_code 404"), failed(Failure::Status(200)));
    assert_eq!(page(&[send(b"HTTP/1.0 404 No\r\n\r\n")], "status_code 404"), Outcome::Passed);
    assert_eq!(page(&[send(b"HTTP/1.1 503 No\r\n\r\n")], ""), failed(Failure::Status(503)));
    assert_eq!(page(&[send(b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")], ""), failed(Failure::Status(100)));
    // A digest does not make up for a status.
    let digest = format!("digest {}", hex(b"hello"));
    assert_eq!(page(&[send(b"HTTP/1.0 404 No\r\n\r\nhello")], &digest), failed(Failure::Status(404)));
}

#[test]
fn a_digest_is_of_the_bytes_behind_the_headers() {
    let digest = |text: &[u8]| format!("digest {}", hex(text));
    assert_eq!(page(&[send(OK)], &digest(b"hello")), Outcome::Passed);
    let other: [u8; 16] = Md5::digest(b"hello").into();
    assert_eq!(page(&[send(OK)], &digest(b"other")), failed(Failure::Digest(other)));
    assert_eq!(page(&[send(b"HTTP/1.0 200 OK\r\n\r\n")], &digest(b"")), Outcome::Passed);
    // As far as Content-Length goes; and what breaks off before it is what there is.
    let long = b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello world";
    assert_eq!(page(&[send(long)], &digest(b"hello")), Outcome::Passed);
    let short = b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhel";
    assert_eq!(page(&[send(short)], &digest(b"hel")), Outcome::Passed);
    // Chunks with their framing.
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    assert_eq!(page(&[send(chunked)], &digest(b"5\r\nhello\r\n0\r\n\r\n")), Outcome::Passed);
    // Differs: keepalived waits for the end of the connection, and fails.
    assert_eq!(page(&[send(chunked), Act::Hold], &digest(b"5\r\nhello\r\n0\r\n\r\n")), Outcome::Passed);
    assert_eq!(page(&[send(long), Act::Hold], &digest(b"hello")), Outcome::Passed);
}

#[test]
fn an_expression_looks_at_the_whole_answer() {
    let passes = |url: &str| assert_eq!(page(&[send(OK)], url), Outcome::Passed, "{url}");
    let fails = |url: &str, failure: Failure| assert_eq!(page(&[send(OK)], url), failed(failure), "{url}");
    passes("regex \"h.l+o\"");
    passes("regex \"^HTTP/1.0 200\"");
    passes("regex \"HELLO\"\nregex_options caseless");
    passes("regex \"zzz\"\nregex_no_match");
    fails("regex \"^hello\"", Failure::NoMatch);
    passes("regex \"^hello\"\nregex_options multiline");
    fails("regex \"ell\"\nregex_no_match", Failure::Match);
    // The headers are 19 bytes: `lo` begins at 22.
    passes("regex \"lo\"\nregex_max_offset 22");
    fails("regex \"lo\"\nregex_max_offset 21", Failure::NoMatch);
    passes("regex \"lo\"\nregex_min_offset 22");
    fails("regex \"lo\"\nregex_min_offset 23", Failure::NoMatch);
    fails("regex \"lo\"\nregex_min_offset 2300", Failure::NoMatch);
    fails("regex \"el(l\"", Failure::BadRegex);
    fails("regex \"(?=l)lo\"", Failure::BadRegex);
    // Differs: keepalived 2.2.7 finds neither.
    passes("regex \"hello$\"");
    passes("regex \"h.*o\"");
    let late = [b"HTTP/1.0 200 OK\r\n\r\n".to_vec(), vec![b'a'; 20_000], b"he".to_vec()].concat();
    let split = [Act::Send(late), Act::Pause(50), send(b"llo\n")];
    assert_eq!(page(&split, "regex \"hello$\""), Outcome::Passed);
    assert_eq!(page(&split, "regex \"hello$\"\nregex_options dollar_endonly"), failed(Failure::NoMatch));
}

#[test]
fn what_is_not_http_fails() {
    for (answer, expect) in [
        (&b"hello"[..], Failure::ClosedEarly),
        (b"", Failure::ClosedEarly),
        (b"HTTP/1.0 200 OK\r\nContent-", Failure::ClosedEarly),
    ] {
        assert_eq!(page(&[send(answer)], ""), failed(expect), "{answer:?}");
    }
    for answer in [&b"hello\r\n\r\n"[..], b"SSH-2.0-x\r\n\r\n", b"HTTP/1.0 2000 OK\r\n\r\n", b"\x16\x03\x01\r\n\r\n"] {
        let outcome = page(&[send(answer)], "");
        assert!(matches!(outcome, Outcome::Failed(Failure::NotHttp(_))), "{answer:?}: {outcome:?}");
    }
    let reset = page(&[send(b"HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nhel"), Act::Pause(50), Act::Reset], "");
    assert_eq!(reset, failed(Failure::Reset));
}

#[test]
fn an_answer_in_pieces_is_an_answer() {
    let pieces = OK.chunks(3).flat_map(|piece| [send(piece), Act::Pause(5)]).collect::<Vec<_>>();
    assert_eq!(page(&pieces, &format!("digest {}\nregex \"OK\"", hex(b"hello"))), Outcome::Passed);
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let begun = Instant::now();
    assert_eq!(page(&[Act::Hold], ""), failed(Failure::AnswerTimeout));
    assert_eq!(page(&[send(b"HTTP/1.0 200 OK\r\n\r\nhel"), Act::Hold], ""), failed(Failure::AnswerTimeout));
    assert!(begun.elapsed() >= Duration::from_secs(1), "each has half a second");
}

#[test]
fn a_server_that_never_ends_is_given_up() {
    // Bytes of a head without end, quickly and slowly; Differs: keepalived waits on the slow one for ever.
    assert_eq!(page(&[Act::Endless(b"HTTP/1.0 200 OK\r\nX: y\r\n")], ""), failed(Failure::TooLong(32 * 1024)));
    let slow = [Act::Request, Act::Drip(b'x', 20)];
    let check = "HTTP_GET {\nconnect_timeout 0.1\nurl {\npath /\n}\n}";
    assert_eq!(probe(server(slow.to_vec()), check), failed(Failure::AnswerTimeout));
    // A body without end: nothing of it is kept, but for an expression.
    let endless = [send(b"HTTP/1.0 200 OK\r\n\r\n"), Act::Endless(&[b'x'; 65_536])];
    assert_eq!(page(&endless, ""), failed(Failure::TooLong(64 * 1024 * 1024)));
    assert_eq!(page(&endless, "regex \"y\""), failed(Failure::TooLong(1024 * 1024)));
    // A page longer than 4,096 bytes of headers is none for keepalived.
    let large = [b"HTTP/1.0 200 OK\r\nX: ".to_vec(), vec![b'a'; 8000], b"\r\n\r\nhello".to_vec()].concat();
    assert_eq!(page(&[Act::Send(large)], ""), Outcome::Passed);
}

#[test]
fn tls_needs_tls() {
    let check = "SSL_GET {\nconnect_timeout 0.5\nurl {\npath /\n}\n}";
    let outcome = probe(server(vec![send(b"hello, this is no TLS at all"), Act::Request]), check);
    assert!(matches!(outcome, Outcome::Failed(Failure::Tls(_))), "{outcome:?}");
    let outcome = probe(server(vec![Act::Hold]), check);
    assert!(matches!(outcome, Outcome::Failed(Failure::Tls(_))), "{outcome:?}");
    assert_eq!(probe(closed(), check), failed(Failure::Refused));
    let outcome = probe(server(vec![]), check);
    assert!(matches!(outcome, Outcome::Failed(Failure::ClosedEarly | Failure::Reset)), "{outcome:?}");
}

#[test]
fn mail_servers_greet_and_say_goodbye() {
    let check = "SMTP_CHECK {\nconnect_timeout 0.5\nhelo_name probe.example\n}";
    let talk = |greeting: &[u8], helo: &[u8], quit: &[u8]| {
        probe(server(vec![send(greeting), Act::Line, send(helo), Act::Line, send(quit)]), check)
    };
    assert_eq!(talk(b"220 hi\r\n", b"250 ok\r\n", b"221 bye\r\n"), Outcome::Passed);
    // Differs: keepalived 2.2.7 understands one line only.
    assert_eq!(talk(b"220-a\r\n220 b\r\n", b"250 ok\r\n", b"221 bye\r\n"), Outcome::Passed);
    let smtp = |step, code| failed(Failure::Smtp { step, code });
    assert_eq!(talk(b"421 busy\r\n", b"", b""), smtp("the greeting", Some(421)));
    assert_eq!(talk(b"220 hi\r\n", b"550 who?\r\n", b""), smtp("HELO", Some(550)));
    assert_eq!(talk(b"220 hi\r\n", b"250 ok\r\n", b"500 no\r\n"), smtp("QUIT", Some(500)));
    assert_eq!(talk(b"SSH-2.0-x\r\n", b"", b""), smtp("the greeting", None));
    assert_eq!(probe(server(vec![send(b"22")]), check), failed(Failure::ClosedEarly));
    assert_eq!(probe(server(vec![send(b"220-a\r\n"), Act::Hold]), check), failed(Failure::AnswerTimeout));
    assert_eq!(probe(server(vec![Act::Endless(b"220-a\r\n")]), check), failed(Failure::TooLong(16 * 1024)));
    assert_eq!(probe(closed(), check), failed(Failure::Refused));
}

/// A UDP server that answers each datagram with these.
fn datagrams(answer: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let port = socket.local_addr().expect("an address").port();
    thread::spawn(move || {
        let mut asked = [0; 2048];
        while let Ok((length, from)) = socket.recv_from(&mut asked) {
            for reply in answer(&asked[..length]) {
                if socket.send_to(&reply, from).is_err() {
                    return;
                }
            }
        }
    });
    port
}

fn closed_udp() -> u16 {
    UdpSocket::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}

#[test]
fn datagrams_are_answered_or_not() {
    let check = |settings: &str| format!("UDP_CHECK {{\nconnect_timeout 0.3\n{settings}\n}}");
    let silent = datagrams(|_| Vec::new());
    let echo = datagrams(|asked| vec![asked.to_vec()]);
    // Silence is good, unless an answer is required; what comes is good, unless it is to be looked at.
    assert_eq!(probe(silent, &check("payload 01")), Outcome::Passed);
    assert_eq!(probe(silent, &check("payload 01\nrequire_reply")), failed(Failure::NoReply));
    assert_eq!(probe(echo, &check("payload 616263\nrequire_reply 6x62")), Outcome::Passed);
    assert_eq!(probe(echo, &check("payload 616263\nrequire_reply 62")), failed(Failure::ReplyContent));
    assert_eq!(probe(echo, &check("")), Outcome::Passed);
    assert_eq!(probe(closed_udp(), &check("")), failed(Failure::Refused));
    assert_eq!(probe(closed_udp(), &check("require_reply")), failed(Failure::Refused));
    // Differs: keepalived 2.2.7 does not look at the length.
    let short = check("payload 616263\nrequire_reply\nmin_reply_length 4");
    assert_eq!(probe(echo, &short), failed(Failure::ReplyLength(3)));
}

#[test]
fn name_servers_answer_without_error() {
    let check = "DNS_CHECK {\nconnect_timeout 0.3\ntype SOA\nname example.com\n}";
    let with = |flags: [u8; 2]| {
        datagrams(move |asked| vec![[&asked[..2], &flags[..], &asked[4..6], &[0; 6][..], &asked[12..]].concat()])
    };
    assert_eq!(probe(with([0x81, 0x80]), check), Outcome::Passed);
    assert_eq!(probe(with([0x83, 0x80]), check), Outcome::Passed);
    assert_eq!(probe(with([0x81, 0x83]), check), failed(Failure::Rcode(3)));
    assert_eq!(probe(with([0x81, 0x85]), check), failed(Failure::Rcode(5)));
    assert_eq!(probe(with([0x01, 0x80]), check), failed(Failure::NoReply));
    // What is to somebody else's question is waited out.
    let late = datagrams(|asked| {
        let answer = |id: [u8; 2]| [&id[..], &[0x81, 0x80][..], &asked[4..]].concat();
        vec![answer([asked[0], !asked[1]]), vec![asked[0]], Vec::new(), answer([asked[0], asked[1]])]
    });
    assert_eq!(probe(late, check), Outcome::Passed);
    assert_eq!(probe(closed_udp(), check), failed(Failure::Refused));
}

#[test]
fn scripts_have_a_status_and_a_time() {
    let misc = |command: &str, settings: &str| {
        probe(1, &format!("MISC_CHECK {{\nmisc_path \"/bin/sh -c '{command}'\"\nmisc_timeout 1\n{settings}\n}}"))
    };
    assert_eq!(misc("exit 0", ""), Outcome::Passed);
    assert_eq!(misc("exit 3", ""), failed(Failure::Exit(3)));
    assert_eq!(misc("exit 3", "misc_dynamic"), Outcome::PassedWithWeight(1));
    assert_eq!(misc("exit 1", "misc_dynamic"), failed(Failure::Exit(1)));
    assert_eq!(misc("kill -9 0", ""), failed(Failure::Signal(9)));
    // Differs: keepalived takes the status of the script that it has ended.
    let begun = Instant::now();
    assert_eq!(misc("trap exit\\ 3 TERM; sleep 60 & wait", "misc_dynamic"), failed(Failure::ScriptTimeout));
    assert!(begun.elapsed() < Duration::from_secs(30), "it and its children are ended");
    // One that cannot run was told of when the configuration was read, and does not count.
    assert_eq!(probe(1, "MISC_CHECK {\nmisc_path /nowhere/probe\n}"), Outcome::Passed);
}

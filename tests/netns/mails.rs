//! Mails on changes of state, to a server on the host: the same under kalc and under keepalived.

use crate::support::lab::{Lab, PATIENCE, Program, has_keepalived};
use crate::support::skip;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a mail is about: envelope, headers but for the date and the program, text.
type Mail = Vec<String>;

/// A server that takes every mail; its answers have several lines now and then.
fn serve(stream: TcpStream, mails: &Mutex<Vec<Mail>>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut out = stream.try_clone()?;
    out.write_all(b"220-mail.example.org\r\n220 at your service\r\n")?;
    let (mut mail, mut is_data) = (Mail::new(), false);
    for line in BufReader::new(stream).lines() {
        let line = line?;
        let is_noise = line.starts_with("Date: ") || line.starts_with("X-Mailer: ");
        if !is_noise {
            mail.push(line.clone());
        }
        match line.as_str() {
            "." if is_data => {
                is_data = false;
                out.write_all(b"250 taken\r\n")?;
            }
            _ if is_data => {}
            "DATA" => {
                is_data = true;
                out.write_all(b"354 go on\r\n")?;
            }
            "QUIT" => {
                mails.lock().expect("nobody panics").push(mail);
                return out.write_all(b"221 bye\r\n");
            }
            _ => out.write_all(b"250-yes\r\n250 fine\r\n")?,
        }
    }
    Ok(())
}

/// Listens on the first host for as long as the test lasts.
fn listen(lab: &Lab) -> Arc<Mutex<Vec<Mail>>> {
    let listener = lab.inside(1, || TcpListener::bind("10.99.0.1:2525").expect("the port is free"));
    let mails = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&mails);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { return };
            let mails = Arc::clone(&kept);
            // A client that goes away in the middle has sent no mail.
            std::thread::spawn(move || serve(stream, &mails).is_ok());
        }
    });
    mails
}

fn config(global: &str) -> String {
    let instance = |number: u8, more: &str| {
        format!(
            "vrrp_instance VI_{number} {{\n state BACKUP\n interface eth0\n virtual_router_id {number}\n version 3\n \
             priority 200\n advert_int 0.3\n {more}\n virtual_ipaddress {{\n  10.99.0.{number}/24\n }}\n}}\n"
        )
    };
    format!(
        "global_defs {{\n notification_email {{\n  ops@example.org\n  dev@example.org two@example.org\n }}\n \
         notification_email_from kalc@example.org\n smtp_server 10.99.0.1 2525\n smtp_helo_name me.example.org\n \
         router_id myrouter\n {global}\n}}\n{}{}{}{}vrrp_sync_group G {{\n group {{\n  VI_101\n  VI_102\n }}\n smtp_alert on\n}}\n",
        instance(101, "smtp_alert"),
        instance(102, ""),
        instance(103, "smtp_alert on"),
        instance(104, "smtp_alert off"),
    )
}

#[test]
fn changes_are_mailed_in_the_same_words() {
    let test = "changes_are_mailed_in_the_same_words";
    // How many mails come of the start, of a lost link, and of its return.
    for (global, counts) in [("", [6, 3, 6]), ("smtp_alert\n no_email_faults", [8, 0, 8])] {
        let mut seen: Vec<Vec<Mail>> = Vec::new();
        for program in [Program::Kalc, Program::Keepalived] {
            if program == Program::Keepalived && !has_keepalived() {
                skip(test, "there is no keepalived 2.2.7 here");
                continue;
            }
            let Some(lab) = Lab::new(test, 1) else { return };
            let mails = listen(&lab);
            let count = || mails.lock().expect("nobody panics").len();
            let daemon = lab.start(1, program, &config(global));
            lab.wait(|| count() >= counts[0], &[&daemon], &format!("{program:?}: mails of the start"));
            lab.carrier(1, "down");
            lab.wait(|| !lab.has(1, "10.99.0.104/24"), &[&daemon], "it lets go");
            lab.wait(|| count() >= counts[0] + counts[1], &[&daemon], &format!("{program:?}: mails of the fault"));
            lab.carrier(1, "up");
            let all: usize = counts.iter().sum();
            lab.wait(|| count() >= all, &[&daemon], &format!("{program:?}: mails of the return"));
            assert_eq!(daemon.stop(), 0);
            // Nothing is mailed about the end.
            std::thread::sleep(Duration::from_millis(300));
            let mut mails = mails.lock().expect("nobody panics").clone();
            mails.sort();
            assert_eq!(mails.len(), all, "{program:?}: {mails:#?}");
            seen.push(mails);
        }
        if let [kalc, keepalived] = &seen[..] {
            assert_eq!(kalc, keepalived);
        }
    }
}

#[test]
fn a_mail_server_that_says_no_or_nothing_delays_nobody() {
    let test = "a_mail_server_that_says_no_or_nothing_delays_nobody";
    let Some(lab) = Lab::new(test, 1) else { return };
    let listener = lab.inside(1, || TcpListener::bind("10.99.0.1:2525").expect("the port is free"));
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        for (number, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { return };
            if number == 0 {
                let _ = stream.write_all(b"554 go \x1b[31maway\r\n");
            }
            kept.push(stream);
        }
    });
    let daemon = lab.start(1, Program::Kalc, &config("smtp_alert\n smtp_connect_timeout 1"));
    lab.wait(|| lab.has(1, "10.99.0.104/24"), &[&daemon], "it holds");
    lab.wait(|| daemon.log().contains("it says `554 go \\u{1b}[31maway`"), &[&daemon], "the refusal is told");
    lab.wait(|| daemon.log().matches("mail not sent").count() >= 3, &[&daemon], "silence is told");
    assert_eq!(daemon.stop(), 0);
}

//! The schema's column about kalc's daemon, held against the daemon: what it says of a keyword is what happens to a
//! file with that keyword.

use kalc_compiler::check::check_host;
use kalc_compiler::host::Host;
use kalc_compiler::settings::Target;
use kalc_core::Plan;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::{FileSystem, ReadError};
use kalc_grammar::schema::{self, Arg, Keyword, Kind, Param, Presence, Runtime, Symbol};
use kalc_grammar::source::SourceFile;
use std::fmt::Write;
use std::sync::Arc;

/// Nothing is included.
struct Nothing;

impl FileSystem for Nothing {
    fn read(&self, _: &str) -> Result<Vec<u8>, ReadError> {
        Err(ReadError::NotFound)
    }

    fn glob(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn canonical(&self, path: &str) -> String {
        path.to_owned()
    }

    fn is_executable(&self, _: &str) -> bool {
        true
    }
}

/// What other statements may name.
const DEFINITIONS: &str = "\
vrrp_script chk {
    script \"/bin/true\"
}
vrrp_track_process proc {
    process sshd
}
track_file mark {
    file /run/mark
}
bfd_instance far {
    neighbor_ip 192.0.2.77
}
track_group lot {
    group {
        VI_1
    }
}
";

/// Text before and behind a statement, by the block that it is in (with the blocks around it).
const PLACES: [(&[&str], &str, &str); 6] = [
    (
        &["vrrp_instance"],
        "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\n",
        "\nvirtual_ipaddress {\n192.0.2.10/24\n}\n}\n",
    ),
    (
        &["global_defs"],
        "global_defs {\n",
        "\n}\nvrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\naccept\nvirtual_ipaddress {\n192.0.2.10/24\n}\n}\n",
    ),
    (
        &["vrrp_sync_group"],
        "vrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\nvirtual_ipaddress {\n192.0.2.10/24\n}\n}\n\
         vrrp_instance VI_2 {\ninterface eth0\nvirtual_router_id 52\nvirtual_ipaddress {\n192.0.2.20/24\n}\n}\n\
         vrrp_sync_group G {\ngroup {\nVI_1\nVI_2\n}\n",
        "\n}\n",
    ),
    (
        &["virtual_server"],
        "virtual_server 192.0.2.10 80 {\nprotocol UDP\nlb_algo sh\nlb_kind NAT\nsorry_server 198.51.100.9 80\n",
        "\nreal_server 198.51.100.1 80 {\n}\n}\n",
    ),
    (
        &["virtual_server", "real_server"],
        "virtual_server 192.0.2.10 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\nreal_server 198.51.100.1 80 {\n",
        "\n}\n}\n",
    ),
    (
        &["virtual_server_group"],
        "virtual_server_group VSG {\n192.0.2.11 80\n",
        "\n}\nvirtual_server group VSG {\nprotocol TCP\nreal_server 198.51.100.1 80 {\n}\n}\n",
    ),
];

/// Checks of real servers, with what a page of a web check is written in.
const CHECKS: [(&[&str], &str); 10] = [
    (&["TCP_CHECK"], ""),
    (&["HTTP_GET"], "url {\npath /\n}\n"),
    (&["HTTP_GET", "url"], "path /\n"),
    (&["SSL_GET"], "url {\npath /\n}\n"),
    (&["SMTP_CHECK"], ""),
    (&["DNS_CHECK"], ""),
    (&["PING_CHECK"], ""),
    (&["UDP_CHECK"], ""),
    (&["MISC_CHECK"], "misc_path /bin/true\n"),
    (&["FILE_CHECK"], "track_file mark\n"),
];

#[test]
fn the_column_says_what_the_daemon_does_with_checks() {
    let real_server = ["virtual_server", "real_server"].iter().fold(&schema::root::FILE, inner);
    let (mut wrong, mut count) = (String::new(), 0);
    for (path, beside) in CHECKS {
        let block = path.iter().fold(real_server, inner);
        let opened = path.iter().map(|name| format!("{name} {{\n")).collect::<String>();
        for keyword in block.rows() {
            for (statement, words) in statements(keyword) {
                count += 1;
                // The file of a FILE_CHECK is the one that it must have anyway.
                let beside = if statement.starts_with("track_file") { "" } else { beside };
                let closed = "\n}".repeat(path.len() + 2);
                let text = format!(
                    "{DEFINITIONS}virtual_server 192.0.2.10 80 {{\nprotocol TCP\nlb_kind NAT\n\
                     real_server 198.51.100.1 80 {{\n{opened}{beside}{statement}{closed}\n"
                );
                if let Some(complaint) = compare(&text, &words) {
                    let _ = writeln!(wrong, "{}.{statement:?}: {complaint}", block.name);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > 80, "{count} statements are too few to be all");
}

fn inner(outer: &'static Keyword, name: &&str) -> &'static Keyword {
    outer.lookup(name).expect("a block")
}

#[test]
fn the_column_says_what_the_daemon_does() {
    let mut wrong = String::new();
    let mut count = 0;
    for (block, before, behind) in PLACES {
        let block = block.iter().fold(&schema::root::FILE, inner);
        for keyword in block.rows().chain(block.entry) {
            for (statement, words) in statements(keyword) {
                count += 1;
                let text = format!("{DEFINITIONS}{before}{statement}{behind}");
                if let Some(complaint) = compare(&text, &words) {
                    let _ = writeln!(wrong, "{}.{statement:?}: {complaint}", block.name);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count > 200, "{count} statements are too few to be all");
}

/// One text with the keyword, and one for each word that may stand on its line or in its block; each with the keywords
/// that it is about.
fn statements(keyword: &'static Keyword) -> Vec<(String, Vec<&'static Keyword>)> {
    let mut found = Vec::new();
    let line = |keyword: &'static Keyword| {
        let options = keyword.options.iter().flat_map(|group| group.iter().copied());
        let plain = words(keyword);
        let with = options.map(move |option| (format!("{} {}", words(keyword), words(option)), vec![keyword, option]));
        std::iter::once((plain, vec![keyword])).chain(with).collect::<Vec<_>>()
    };
    match keyword.kind {
        Kind::Flag | Kind::Value | Kind::Entry => found.extend(line(keyword)),
        Kind::ListBlock => {
            for (entry, mut about) in keyword.entry.map(line).unwrap_or_default() {
                about.push(keyword);
                found.push((format!("{} {{\n{entry}\n}}", keyword.name), about));
            }
        }
        // Blocks of settings have companions that they need; the cases below write them whole.
        Kind::Block | Kind::NamedBlock => {}
    }
    found
}

fn words(keyword: &Keyword) -> String {
    let name = if keyword.name.starts_with('<') { None } else { Some(keyword.name.to_owned()) };
    name.into_iter()
        .chain(keyword.params.iter().map(sample))
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A word that the parameter takes; none for booleans, which may be left out.
fn sample(param: &Param) -> String {
    let is_needed = matches!(param.presence, Presence::Required);
    match param.arg {
        Arg::Int { min, max } | Arg::CInt { min, max } | Arg::IntOr { min, max, .. } => 1.clamp(min, max).to_string(),
        Arg::Uint64 => "1".to_owned(),
        Arg::Seconds { min_us, .. } => (min_us.div_ceil(1_000_000)).max(1).to_string(),
        Arg::Millis { .. } => "100".to_owned(),
        Arg::Bool => if is_needed { "on" } else { "" }.to_owned(),
        Arg::Choice(words) | Arg::ChoiceNoCase(words) => words[0].to_owned(),
        Arg::IntOrChoiceNoCase { .. } => "1".to_owned(),
        Arg::Text { .. } | Arg::Secret { .. } | Arg::User | Arg::Group => "word".to_owned(),
        Arg::Interface => "eth1".to_owned(),
        Arg::Define(_) => "name".to_owned(),
        Arg::Use(symbol) => match symbol {
            Symbol::VrrpInstance => "VI_1",
            Symbol::SyncGroup => "G",
            Symbol::Script => "chk",
            Symbol::Process => "proc",
            Symbol::File => "mark",
            Symbol::Bfd => "far",
            Symbol::TrackGroup => "lot",
            Symbol::VirtualServerGroup => "VSG",
        }
        .to_owned(),
        Arg::Ip | Arg::Ipv4 | Arg::Host => "192.0.2.33".to_owned(),
        Arg::Ipv6 => "2001:db8::33".to_owned(),
        Arg::IpPrefix => "192.0.2.44/24".to_owned(),
        Arg::Network => "198.51.100.0/24".to_owned(),
        Arg::Multicast | Arg::Multicast4 => "224.0.0.18".to_owned(),
        Arg::Multicast6 => "ff02::12".to_owned(),
        Arg::Broadcast => "192.0.2.255".to_owned(),
        Arg::Netmask => "255.255.255.0".to_owned(),
        Arg::IpRange => "192.0.2.1-9".to_owned(),
        Arg::Port | Arg::PortOrAny => "80".to_owned(),
        Arg::Script => "/bin/true".to_owned(),
        Arg::Path => "/run/x".to_owned(),
        Arg::Email => "ops@example.org".to_owned(),
        Arg::NumberOrName { .. } | Arg::Mark => "1".to_owned(),
        Arg::Range { .. } => "1-2".to_owned(),
        Arg::StatusRange => "200".to_owned(),
        Arg::HexBytes { .. } => "0a".to_owned(),
        Arg::Digest => "0".repeat(32),
        Arg::Regex => "x".to_owned(),
        Arg::Mac => "02:00:00:00:00:01".to_owned(),
        Arg::Domain => "example.org".to_owned(),
        Arg::RouteTime => "100".to_owned(),
        Arg::Realms | Arg::MplsLabels | Arg::IlaLocator | Arg::Words(_) => "1".to_owned(),
        Arg::Umask => "022".to_owned(),
        Arg::Literal(word) => word.to_owned(),
        Arg::HmacKey => "secret:0123456789abcdef0123456789abcdef".to_owned(),
    }
}

/// What is wrong with what is said of a file with these keywords.
fn compare(text: &str, about: &[&'static Keyword]) -> Option<String> {
    // The definitions of trackers that are not executed are no part of the question.
    let file = SourceFile::new("keepalived.conf", text.as_bytes().to_vec());
    let mut host = Host::read(file, &Nothing, &Profile::default());
    host.settings.target = Some(Target::Kalc);
    let refused: Vec<String> = check_host(&host)
        .into_iter()
        .filter(|finding| finding.code == "KA931")
        .map(|finding| finding.message)
        .collect();
    let plan = Plan::new(Arc::new(host.ir)).err().unwrap_or_default();
    let is_missing = about.iter().any(|keyword| matches!(keyword.runtime, Runtime::Refused(_)));
    match (is_missing, refused.is_empty()) {
        (true, true) => return Some("the schema says that it is not executed, and no rule tells".to_owned()),
        (false, false) => return Some(format!("the schema says that it is executed, and a rule tells: {refused:?}")),
        (true, false) | (false, true) => {}
    }
    (!plan.is_empty() && refused.is_empty()).then(|| format!("the core refuses it, and nothing tells: {plan:?}"))
}

/// Of each keyword somebody has said what the daemon does with it.
#[test]
fn nothing_is_left_open() {
    let rows = schema::walk().into_iter();
    let open: Vec<String> =
        rows.filter(|row| row.keyword.runtime == Runtime::Refused(schema::UNSAID)).map(|row| row.path).collect();
    assert!(open.is_empty(), "{open:?}");
}

/// Blocks of settings, which the core executes and no rule tells of.
#[test]
fn blocks_of_settings_are_executed() {
    for statement in [
        "authentication {\nauth_type PASS\nauth_pass word\n}",
        "authentication {\nauth_type AH\nauth_pass word\n}",
        "version 3\nauth_hmac {\nkey 1 hex:000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\nactive_key 1\n}",
        "use_vmac",
        "use_ipvlan 10.99.0.50/24",
        "nopreempt\nstate BACKUP\ntimer_expired_backup",
        "virtual_routes {\n198.51.100.0/24 dev eth0\n}",
        "virtual_routes {\n198.51.100.0/24 encap mpls 100 dev eth0\n}",
        "virtual_rules {\nfrom 198.51.100.0/24 table 7\n}",
        "virtual_rules {\nfrom 198.51.100.0/24 l3mdev preference 7\n}",
        "track_bfd {\nfar\n}",
    ] {
        let (_, before, behind) = PLACES[0];
        let text = format!("{DEFINITIONS}{before}{statement}{behind}");
        let file = SourceFile::new("keepalived.conf", text.into_bytes());
        let mut host = Host::read(file, &Nothing, &Profile::default());
        host.settings.target = Some(Target::Kalc);
        let told: Vec<String> =
            check_host(&host).into_iter().filter(|found| found.code == "KA931").map(|found| found.message).collect();
        assert!(told.is_empty(), "{statement}: {told:?}");
        assert_eq!(Plan::new(Arc::new(host.ir)).err(), None, "{statement}");
    }
}

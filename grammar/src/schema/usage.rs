//! How the words of a line are written, for people: `<seconds 0.01..255>`, `[MASTER|BACKUP]`.

use super::{Arg, Keyword, Param, Presence, Symbol};

/// The parameters and options of a keyword, as a line of usage.
pub fn usage(keyword: &Keyword) -> String {
    let mut parts: Vec<String> = keyword.params.iter().map(param).collect();
    let options: Vec<&str> = keyword.options.iter().flat_map(|group| group.iter().map(|row| row.name)).collect();
    if !options.is_empty() {
        parts.push(if options.len() > 6 { "[option...]".to_owned() } else { format!("[{}]...", options.join("|")) });
    }
    parts.join(" ")
}

/// One parameter.
pub fn param(param: &Param) -> String {
    let word = match (&param.arg, param.label) {
        (Arg::Literal(word), _) => (*word).to_owned(),
        (arg, "") => format!("<{}>", arg_words(arg)),
        (Arg::Choice(_) | Arg::ChoiceNoCase(_) | Arg::Words(_), _) => format!("<{}>", arg_words(&param.arg)),
        (Arg::Bool, _) => "<on|true|yes|off|false|no>".to_owned(),
        (arg, label) => match limits(arg) {
            Some(limits) => format!("<{label} {limits}>"),
            None => format!("<{label}>"),
        },
    };
    match param.presence {
        Presence::Required => word,
        Presence::Optional => format!("[{word}]"),
        Presence::Repeated => format!("{word}..."),
        Presence::OptionalRepeated => format!("[{word}]..."),
    }
}

/// From what to what, for numbers.
pub fn limits(arg: &Arg) -> Option<String> {
    match *arg {
        Arg::Int { min, max }
        | Arg::CInt { min, max }
        | Arg::IntOr { min, max, .. }
        | Arg::IntOrChoiceNoCase { min, max, .. } => Some(format!("{min}..{max}")),
        Arg::Seconds { min_us, max_us, .. } => Some(format!("{}..{}", decimal(min_us, 6), decimal(max_us, 6))),
        Arg::Millis { min_us, max_us } => Some(format!("{}..{}", decimal(min_us, 3), decimal(max_us, 3))),
        Arg::Port => Some("1..65535".to_owned()),
        Arg::PortOrAny => Some("0..65535".to_owned()),
        Arg::NumberOrName { max } | Arg::Range { max } => Some(format!("0..{max}")),
        _ => None,
    }
}

/// Microseconds as a decimal of the unit that has `digits` decimals.
pub fn decimal(micros: u64, digits: u32) -> String {
    let unit = 10u64.pow(digits);
    let fraction = format!("{:0width$}", micros % unit, width = digits as usize);
    match fraction.trim_end_matches('0') {
        "" => format!("{}", micros / unit),
        fraction => format!("{}.{fraction}", micros / unit),
    }
}

/// What a word has to be.
pub fn arg_words(arg: &Arg) -> String {
    let plain = match *arg {
        Arg::Int { .. } | Arg::CInt { .. } | Arg::Uint64 => "number",
        Arg::Seconds { .. } => "seconds",
        Arg::Millis { .. } => "milliseconds",
        Arg::Bool => return "on|true|yes|off|false|no".to_owned(),
        Arg::Choice(words) | Arg::ChoiceNoCase(words) => return words.join("|"),
        Arg::IntOr { words, .. } | Arg::IntOrChoiceNoCase { words, .. } => {
            return format!("{}|number {}", words.join("|"), limits(arg).unwrap_or_default());
        }
        Arg::Words(words) => return words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join("|"),
        Arg::Literal(word) => word,
        Arg::Text { .. } => "text",
        Arg::Secret { .. } => "secret",
        Arg::Interface => "interface",
        Arg::Define(symbol) | Arg::Use(symbol) => symbol_words(symbol),
        Arg::Ip => "address",
        Arg::Ipv4 => "IPv4 address",
        Arg::Ipv6 => "IPv6 address",
        Arg::IpPrefix => "address[/prefix]",
        Arg::Network => "address[/prefix]|default|any|all",
        Arg::Multicast => "multicast address",
        Arg::Multicast4 => "IPv4 multicast address",
        Arg::Multicast6 => "IPv6 multicast address",
        Arg::Broadcast => "IPv4 address|+|-",
        Arg::Netmask => "netmask",
        Arg::IpRange => "address or range",
        Arg::Port | Arg::PortOrAny => "port",
        Arg::Host => "address or host name",
        Arg::Script => "command",
        Arg::User => "user",
        Arg::Group => "group",
        Arg::Path => "path",
        Arg::Email => "mail address",
        Arg::NumberOrName { .. } => "number or name",
        Arg::Mark => "mark[/mask]",
        Arg::Range { .. } => "first-last",
        Arg::StatusRange => "status[-status]",
        Arg::HexBytes { .. } => "hexadecimal bytes",
        Arg::Digest => "32 hexadecimal digits",
        Arg::Regex => "regular expression",
        Arg::Mac => "MAC address",
        Arg::Domain => "domain name",
        Arg::RouteTime => "time[s|ms]",
        Arg::Realms => "[realm/]realm",
        Arg::MplsLabels => "label[/label]",
        Arg::IlaLocator => "four groups of 16 bits in hexadecimal",
        Arg::Umask => "file mode",
        Arg::HmacKey => "secret|hex:digits|file:path",
    };
    match limits(arg) {
        Some(limits) => format!("{plain} {limits}"),
        None => plain.to_owned(),
    }
}

/// What a name names, by the keyword that gives it.
pub fn symbol_words(symbol: Symbol) -> &'static str {
    match symbol {
        Symbol::VrrpInstance => "vrrp_instance",
        Symbol::SyncGroup => "vrrp_sync_group",
        Symbol::Script => "vrrp_script",
        Symbol::Process => "vrrp_track_process",
        Symbol::File => "track_file",
        Symbol::Bfd => "bfd_instance",
        Symbol::TrackGroup => "track_group",
        Symbol::VirtualServerGroup => "virtual_server_group",
    }
}

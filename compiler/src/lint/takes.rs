//! What a keyword takes, in words for people.

use kalc_grammar::schema::{Arg, Keyword, Unit};

/// The largest number that is worth naming as a limit.
const LARGE: i64 = i32::MAX as i64;

/// What a kind of word must look like: `a whole number from 1 to 255`.
pub fn describe(arg: &Arg, keyword: &Keyword) -> String {
    match *arg {
        Arg::Int { min, max } => whole(min, max, keyword.unit),
        Arg::CInt { min, max } => format!("{}, which may be hexadecimal", whole(min, max, keyword.unit)),
        Arg::IntOr { min, max, words } | Arg::IntOrChoiceNoCase { min, max, words } => {
            format!("{} or {}", whole(min, max, keyword.unit), list(words))
        }
        Arg::Uint64 => "a whole number that is not negative".to_owned(),
        Arg::Seconds { min_us, max_us, decimals } => {
            let digits = if decimals == 6 { "" } else { " with up to three decimals" };
            format!("seconds{} {}", digits, range(min_us, max_us, 1_000_000))
        }
        Arg::Millis { min_us, max_us } => format!("milliseconds {}", range(min_us, max_us, 1_000)),
        Arg::Bool => "`on` or `off`, `true` or `false`, `yes` or `no`".to_owned(),
        Arg::Choice(words) => list(words),
        Arg::ChoiceNoCase(words) => format!("{}, in capitals or not", list(words)),
        Arg::Text { max: 0 } | Arg::Secret { max: 0 } => "a word".to_owned(),
        Arg::Text { max } | Arg::Secret { max } => format!("a word of at most {max} bytes"),
        Arg::Interface => "the name of an interface, of at most 15 bytes".to_owned(),
        Arg::Define(_) | Arg::Use(_) => "a name".to_owned(),
        Arg::Ip => "an IPv4 or IPv6 address in numbers".to_owned(),
        Arg::Ipv4 => "an IPv4 address".to_owned(),
        Arg::Ipv6 => "an IPv6 address".to_owned(),
        Arg::IpPrefix => "an IPv4 or IPv6 address with an optional prefix length".to_owned(),
        Arg::Network => "a network such as `192.0.2.0/24`, or `default`".to_owned(),
        Arg::Multicast => "a multicast address".to_owned(),
        Arg::Multicast4 => "an IPv4 multicast address, 224.0.0.0 to 239.255.255.255".to_owned(),
        Arg::Multicast6 => "an IPv6 multicast address, which starts with ff".to_owned(),
        Arg::Broadcast => "an IPv4 address, `+` or `-`".to_owned(),
        Arg::Netmask => "a netmask such as `255.255.255.0`, or for IPv6 a prefix length".to_owned(),
        Arg::IpRange => "an address, a range such as `192.0.2.1-9`, or a network without host bits".to_owned(),
        Arg::Port => "a port number from 1 to 65535".to_owned(),
        Arg::PortOrAny => "a port number from 1 to 65535, or 0 for every port".to_owned(),
        Arg::Host => "an address or a host name".to_owned(),
        Arg::Script => "a command".to_owned(),
        Arg::User => "a user".to_owned(),
        Arg::Group => "a group".to_owned(),
        Arg::Path => "a path".to_owned(),
        Arg::Email => "a mail address".to_owned(),
        Arg::NumberOrName { max } => format!("{} or a name", whole(0, i64::from(max), Unit::None)),
        Arg::Mark => "a number, or a number and a mask as in `0x1/0xff`".to_owned(),
        Arg::Range { max } => format!("two numbers up to {max} as in `80-90`, the smaller one first"),
        Arg::StatusRange => "a status from 100 to 599, or two as in `200-299`".to_owned(),
        Arg::HexBytes { wildcards: false } => "hexadecimal digits".to_owned(),
        Arg::HexBytes { wildcards: true } => "hexadecimal digits, with `x` for any digit".to_owned(),
        Arg::Digest => "32 hexadecimal digits".to_owned(),
        Arg::Regex => "a regular expression".to_owned(),
        Arg::Mac => "an Ethernet address such as `02:00:00:00:00:01`".to_owned(),
        Arg::Domain => "a domain name, without empty parts".to_owned(),
        Arg::RouteTime => "a number with `s` or `ms`".to_owned(),
        Arg::Realms => "a realm, or two joined by `/`".to_owned(),
        Arg::MplsLabels => "numbers below 1048576 joined by `/`".to_owned(),
        Arg::IlaLocator => "four hexadecimal groups joined by `:`".to_owned(),
        Arg::Umask => "a file mode such as `0177`, or names of bits joined by `|`".to_owned(),
        Arg::Literal(word) => format!("`{word}`"),
        Arg::HmacKey => "32 to 64 bytes of text, as digits after `hex:`, or in a file after `file:`".to_owned(),
        Arg::Words(words) => {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            list(&words)
        }
    }
}

/// The words of a closed list: "`a`, `b` or `c`".
pub fn list(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

fn whole(min: i64, max: i64, unit: Unit) -> String {
    let unit = match unit {
        Unit::None => "",
        Unit::Seconds => " of seconds",
        Unit::Milliseconds => " of milliseconds",
        Unit::Microseconds => " of microseconds",
        Unit::Bytes => " of bytes",
    };
    if max < LARGE {
        format!("a whole number{unit} from {min} to {max}")
    } else if min < -LARGE {
        format!("a whole number{unit}")
    } else {
        format!("a whole number{unit}, at least {min}")
    }
}

fn range(min_us: u64, max_us: u64, unit: u64) -> String {
    let (min, max) = (fraction(min_us, unit), fraction(max_us, unit));
    // Beyond an hour or so the limit is one of the program's numbers, not of the protocol.
    if max_us < 4_000_000_000 { format!("from {min} to {max}") } else { format!("of at least {min}") }
}

/// Microseconds in a larger unit, without zeros that say nothing: `0.01`.
pub fn fraction(micros: u64, unit: u64) -> String {
    let digits = unit.ilog10() as usize;
    let text = format!("{}.{:0digits$}", micros / unit, micros % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

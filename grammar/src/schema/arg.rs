//! The kinds of words that may follow a keyword, and how often they may stand there.

/// The kinds of things that have names of their own in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Symbol {
    /// `vrrp_instance NAME`
    VrrpInstance,
    /// `vrrp_sync_group NAME`
    SyncGroup,
    /// `vrrp_script NAME`
    Script,
    /// `vrrp_track_process NAME`
    Process,
    /// `track_file NAME`
    File,
    /// `bfd_instance NAME`
    Bfd,
    /// `track_group NAME`
    TrackGroup,
    /// `virtual_server_group NAME`
    VirtualServerGroup,
}

/// The kind of one word (or, where said, of the rest of the line). Limits are part of the kind, both ends included.
#[allow(missing_docs, reason = "`min`, `max`, `words` and `decimals` say what they are")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg {
    /// Decimal integer in a range, both ends included. keepalived refuses hexadecimal and units here.
    Int { min: i64, max: i64 },
    /// Integer in C notation: decimal, `0x` hexadecimal, `0` octal.
    CInt { min: i64, max: i64 },
    /// Decimal integer in a range, or one of the words; case counts.
    IntOr { min: i64, max: i64, words: &'static [&'static str] },
    /// Decimal unsigned 64 bit integer.
    Uint64,
    /// Decimal seconds with a point, kept as microseconds; `decimals` digits count (6, or 3).
    Seconds { min_us: u64, max_us: u64, decimals: u8 },
    /// Decimal milliseconds with a point, kept as microseconds.
    Millis { min_us: u64, max_us: u64 },
    /// `on true yes off false no`, lower case only.
    Bool,
    /// One of a closed list; case counts.
    Choice(&'static [&'static str]),
    /// One of a closed list; case does not count.
    ChoiceNoCase(&'static [&'static str]),
    /// Decimal integer in a range, or one of a closed list of words whose case does not count.
    IntOrChoiceNoCase {
        /// Smallest number.
        min: i64,
        /// Largest number.
        max: i64,
        /// The words.
        words: &'static [&'static str],
    },
    /// Any word of at most so many bytes; 0 means no limit.
    Text { max: u16 },
    /// A secret: as text, but never shown in full.
    Secret { max: u16 },
    /// The name of an interface, at most 15 bytes.
    Interface,
    /// Defines a name.
    Define(Symbol),
    /// Uses a name that is defined elsewhere.
    Use(Symbol),
    /// IPv4 or IPv6 address, without prefix.
    Ip,
    /// IPv4 address.
    Ipv4,
    /// IPv6 address.
    Ipv6,
    /// Address with optional `/prefix`.
    IpPrefix,
    /// Address with optional `/prefix`, or `default`, `default6`, `any`, `all`.
    Network,
    /// IPv4 or IPv6 multicast address.
    Multicast,
    /// IPv4 multicast address.
    Multicast4,
    /// IPv6 multicast address.
    Multicast6,
    /// Broadcast address of an entry: IPv4 address, `+` or `-`.
    Broadcast,
    /// IPv4 netmask or prefix length 1 to 128 (persistence_granularity).
    Netmask,
    /// Address, address range `a.b.c.d-e` or network, of a virtual server group.
    IpRange,
    /// Port, 1 to 65535.
    Port,
    /// Port, 0 to 65535, where 0 means any.
    PortOrAny,
    /// Address or host name.
    Host,
    /// A command line: the words are split a second time as keepalived does for scripts.
    Script,
    /// User name or number.
    User,
    /// Group name or number.
    Group,
    /// Path of a file or folder.
    Path,
    /// Mail address.
    Email,
    /// Number up to the limit, or a name that the system's tables (rt_tables, rt_scopes, ...) know.
    NumberOrName { max: u32 },
    /// `number[/mask]` in C notation.
    Mark,
    /// `first-last` of two unsigned numbers up to the limit.
    Range { max: u32 },
    /// HTTP status, or `first-last` of them.
    StatusRange,
    /// Hexadecimal bytes, blanks allowed, optionally with `x` for any digit.
    HexBytes { wildcards: bool },
    /// 32 hexadecimal digits.
    Digest,
    /// A quoted regular expression.
    Regex,
    /// Ethernet address of five or six octets.
    Mac,
    /// Domain name.
    Domain,
    /// Decimal with an optional unit `s` or `ms` (route metrics).
    RouteTime,
    /// `[realm/]realm`.
    Realms,
    /// MPLS labels joined by `/`.
    MplsLabels,
    /// Four groups of 16 bit hexadecimal joined by `:`.
    IlaLocator,
    /// File mode: octal or number, or mode names joined by `|`.
    Umask,
    /// A word that stands for itself, such as `lock`.
    Literal(&'static str),
    /// A secret of 32 to 64 bytes, `hex:` digits or `file:` path.
    HmacKey,
    /// One of these words, followed by parameters of its own.
    Words(&'static [(&'static str, &'static [Param])]),
}

/// How often a parameter may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must be there.
    Required,
    /// It may be left out.
    Optional,
    /// Any number of them, at least one.
    Repeated,
    /// Any number of them, none too.
    OptionalRepeated,
}

/// One parameter of a keyword.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Param {
    /// Kind of the word.
    pub arg: Arg,
    /// How often it may stand.
    pub presence: Presence,
    /// What people call it (`seconds`, `interface`); empty where the kind says enough.
    pub label: &'static str,
}

impl Param {
    /// The same parameter with a name for people.
    pub const fn label(mut self, label: &'static str) -> Self {
        self.label = label;
        self
    }
}

/// A parameter that must be there.
pub const fn req(arg: Arg) -> Param {
    Param { arg, presence: Presence::Required, label: "" }
}

/// A parameter that may be left out.
pub const fn opt(arg: Arg) -> Param {
    Param { arg, presence: Presence::Optional, label: "" }
}

/// One or more.
pub const fn many(arg: Arg) -> Param {
    Param { arg, presence: Presence::Repeated, label: "" }
}

/// None or more.
pub const fn any(arg: Arg) -> Param {
    Param { arg, presence: Presence::OptionalRepeated, label: "" }
}

/// Largest unsigned 32 bit number.
pub const U32: i64 = u32::MAX as i64;
/// Largest signed 32 bit number.
pub const I32: i64 = i32::MAX as i64;

/// Decimal integer from `min` to `max`.
pub const fn int(min: i64, max: i64) -> Arg {
    Arg::Int { min, max }
}

/// Integer in C notation from `min` to `max`.
pub const fn c_int(min: i64, max: i64) -> Arg {
    Arg::CInt { min, max }
}

/// Seconds with up to six decimals; limits in microseconds.
pub const fn seconds(min_us: u64, max_us: u64) -> Arg {
    Arg::Seconds { min_us, max_us, decimals: 6 }
}

/// Seconds with up to three decimals; limits in microseconds.
pub const fn seconds3(min_us: u64, max_us: u64) -> Arg {
    Arg::Seconds { min_us, max_us, decimals: 3 }
}

/// One of these words.
pub const fn choice(words: &'static [&'static str]) -> Arg {
    Arg::Choice(words)
}

/// Any word of at most `max` bytes (0: no limit).
pub const fn text(max: u16) -> Arg {
    Arg::Text { max }
}

/// The command and, optionally, the user and group it runs as.
pub const SCRIPT: &[Param] = &[req(Arg::Script), opt(Arg::User), opt(Arg::Group)];

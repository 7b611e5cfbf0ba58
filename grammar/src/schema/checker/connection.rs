//! Where a check connects to, and from where.

use crate::schema::prelude::*;
use crate::schema::virtual_server::TIMEOUT;

rows! { ROWS:
    /// Address to check, where it is not the real server's own. A link-local address needs `bind_if`.
    CONNECT_IP = value("connect_ip", &[req(Arg::Ip)]).default("address of the real server").runs();

    /// Port to check, where it is not the real server's own. Needed where the real server has no port, and useful for a
    /// health page on another port.
    CONNECT_PORT = value("connect_port", &[req(Arg::Port)]).default("port of the real server").runs();

    /// Source address of the check, of the same family as the address that is checked. Without it the kernel picks one.
    BINDTO = value("bindto", &[req(Arg::Ip)]).runs();

    /// Source port of the check. A fixed one may be in use when the next check begins.
    BIND_PORT = value("bind_port", &[req(Arg::Port)]).runs();

    /// Interface that the check leaves by. Whether it exists is not looked at.
    BIND_IF = value("bind_if", &[req(Arg::Interface)]).runs();

    /// Seconds until a connection or an answer that does not come counts as a failure. Keep it below `delay_loop`.
    CONNECT_TIMEOUT = value("connect_timeout", TIMEOUT).default("value of the real server").unit(Unit::Seconds).runs();

    /// Firewall mark of the check's packets, for rules that route or filter by it; 0 is none.
    FWMARK = value("fwmark", &[req(int(0, U32)).label("mark")]).default("0").runs();
}

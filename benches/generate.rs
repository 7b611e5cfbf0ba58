//! Large configurations in which nothing is wrong, for the benchmarks and for `compare.sh`.
//!
//! `cargo run --release --example generate -- KIND LINES` prints one; KIND is `vrrp`, `servers`, `mixed` or `unclosed`.

use std::fmt::Write;

/// Interfaces in turn: 250 virtual routers fit on each, as an identifier is a byte.
const ROUTERS_ON_AN_INTERFACE: usize = 250;

/// VRRP instances, 15 lines each, on interfaces `eth0`, `eth1` and so on.
pub fn vrrp(lines: usize) -> String {
    let mut text = String::new();
    for n in 0..lines.div_ceil(15) {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "vrrp_instance router_{n} {{\n    state BACKUP\n    interface eth{}\n    virtual_router_id {}\n    priority {}\n    \
             advert_int 1\n    garp_master_delay 5\n    garp_master_refresh 60\n    authentication {{\n        auth_type \
             PASS\n        auth_pass k{n:06}\n    }}\n    virtual_ipaddress {{ 10.{}.{}.{}/32 }}\n    nopreempt\n}}\n",
            n / ROUTERS_ON_AN_INTERFACE,
            n % ROUTERS_ON_AN_INTERFACE + 1,
            50 + n % 150,
            n >> 16,
            n >> 8 & 255,
            n & 255,
        );
    }
    text
}

/// Virtual servers of two real servers, 26 lines each.
pub fn servers(lines: usize) -> String {
    let mut text = String::new();
    for n in 0..lines.div_ceil(26) {
        let host = format!("{}.{}.{}", n >> 16, n >> 8 & 255, n & 255);
        let _ = write!(
            text,
            "virtual_server 10.{host} 80 {{\n    delay_loop 5\n    lb_algo wlc\n    lb_kind NAT\n    protocol TCP\n    \
             persistence_timeout 300\n\n"
        );
        for side in [172, 173] {
            let _ = write!(
                text,
                "    real_server {side}.{host} 8080 {{\n        weight 10\n        TCP_CHECK {{\n            \
                 connect_timeout 3\n            retry 2\n            delay_before_retry 1\n        }}\n    }}\n"
            );
        }
        text.push_str("    # the next one\n}\n\n");
    }
    text
}

/// Half of each.
pub fn mixed(lines: usize) -> String {
    vrrp(lines / 2) + &servers(lines / 2)
}

/// Blocks that nothing closes.
pub fn unclosed(lines: usize) -> String {
    "vrrp_instance a {\n".repeat(lines)
}

#[allow(dead_code, reason = "the benchmark takes this file as a module")]
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let lines = args.get(1).and_then(|lines| lines.parse().ok());
    match (args.first().map(String::as_str), lines) {
        (Some("vrrp"), Some(lines)) => print!("{}", vrrp(lines)),
        (Some("servers"), Some(lines)) => print!("{}", servers(lines)),
        (Some("mixed"), Some(lines)) => print!("{}", mixed(lines)),
        (Some("unclosed"), Some(lines)) => print!("{}", unclosed(lines)),
        (_, _) => {
            eprintln!("usage: generate vrrp|servers|mixed|unclosed LINES");
            std::process::exit(2);
        }
    }
}

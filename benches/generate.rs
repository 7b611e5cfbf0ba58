//! Large configurations in which nothing is wrong, for the benchmarks, `compare.sh` and `fleet.sh`.
//!
//! `cargo run --release --example generate -- KIND LINES` prints one; KIND is `vrrp`, `servers`, `mixed` or `unclosed`.
//! `generate fleet HOSTS FOLDER` writes hosts of 300 lines, for `fleet.sh`.

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

/// The configuration of one host of a fleet of pairs: 300 lines, eight instances and four virtual servers.
pub fn host(n: usize) -> String {
    let (pair, side) = (n / 2, n % 2);
    let network = format!("10.{}.{}", pair >> 8, pair & 255);
    let mut text = format!(
        "# Host {n} of a fleet: one of pair {pair}.\n\nglobal_defs {{\n    router_id host{n}\n    enable_script_security\n    \
         script_user root\n    vrrp_garp_master_refresh 60\n}}\n\nvrrp_script answers {{\n    script \"/usr/bin/true\"\n    \
         interval 2\n    timeout 2\n    fall 2\n    rise 2\n}}\n\n"
    );
    for instance in 0..8 {
        // The two sides take turns in being preferred.
        let priority = if (instance + side) % 2 == 0 { 150 } else { 100 };
        let _ = write!(
            text,
            "# Router {instance} of the pair.\nvrrp_instance router_{instance} {{\n    state BACKUP\n    interface eth0\n    \
             virtual_router_id {}\n    priority {priority}\n    advert_int 1\n    garp_master_delay 5\n    authentication {{\n        \
             auth_type PASS\n        auth_pass p{pair:05}{instance}\n    }}\n    virtual_ipaddress {{\n        \
             {network}.{}/24 dev eth0\n    }}\n    track_script {{\n        answers\n    }}\n}}\n\n",
            instance + 1,
            instance + 1,
        );
    }
    for service in 0..4 {
        let _ = write!(
            text,
            "virtual_server {network}.{} 80 {{\n    delay_loop 5\n    lb_algo wlc\n    lb_kind NAT\n    protocol TCP\n",
            service + 1
        );
        for server in 0..2 {
            let _ = write!(
                text,
                "    real_server 172.16.{}.{} 8080 {{\n        weight 10\n        TCP_CHECK {{\n            connect_timeout 3\n            \
                 retry 2\n            delay_before_retry 1\n        }}\n    }}\n",
                pair & 255,
                service * 2 + server + 1
            );
        }
        text.push_str("}\n\n");
    }
    let lines = text.lines().count();
    text.push_str(&"# The fleet's hosts have 300 lines each.\n".repeat(300usize.saturating_sub(lines)));
    text
}

/// Writes so many hosts, a folder each.
#[allow(dead_code, reason = "the benchmark takes this file as a module")]
fn fleet(folder: &str, hosts: usize) -> std::io::Result<()> {
    for n in 0..hosts {
        let folder = std::path::Path::new(folder).join(format!("host{n:04}"));
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("keepalived.conf"), host(n))?;
    }
    Ok(())
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
        (Some("fleet"), Some(hosts)) => {
            let Some(folder) = args.get(2) else { return usage() };
            if let Err(error) = fleet(folder, hosts) {
                eprintln!("{folder}: {error}");
                std::process::exit(1);
            }
        }
        (_, _) => usage(),
    }
}

#[allow(dead_code, reason = "the benchmark takes this file as a module")]
fn usage() {
    eprintln!("usage: generate vrrp|servers|mixed|unclosed LINES, or generate fleet HOSTS FOLDER");
    std::process::exit(2);
}

//! Hosts on a switch, made of network namespaces: a bridge in a namespace of its own, and a cable to each host.
//!
//! Host `i` (from 1) has `eth0` with `10.99.0.i/24`, `fd99::i/64` and the address `02:00:00:00:00:i`. Everything is
//! inside the lab's namespaces; dropping the lab ends what runs in them and removes them.

use super::skip;
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long something may take that is bound to happen: the machine may be busy with other things.
pub const PATIENCE: Duration = Duration::from_secs(60);

static LABS: AtomicUsize = AtomicUsize::new(0);

/// A lab.
#[derive(Debug)]
pub struct Lab {
    name: String,
    hosts: usize,
    folder: TempDir,
}

/// A daemon on a host of a lab.
#[derive(Debug)]
pub struct Daemon {
    /// Which host it runs on.
    pub host: usize,
    /// What it writes.
    log: PathBuf,
    namespace: String,
    child: Child,
}

/// What runs on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The one under test.
    Kalc,
    /// Debian's keepalived.
    Keepalived,
}

impl Lab {
    /// Makes a lab, or says why it cannot.
    pub fn new(test: &str, hosts: usize) -> Option<Lab> {
        match Lab::try_new(hosts) {
            Ok(lab) => Some(lab),
            Err(reason) => {
                skip(test, &reason);
                None
            }
        }
    }

    fn try_new(hosts: usize) -> Result<Lab, String> {
        let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"));
        if !is_root {
            return Err("it takes root to make network namespaces".to_owned());
        }
        let number = LABS.fetch_add(1, Ordering::Relaxed);
        let name = format!("kalc{}-{number}", std::process::id());
        let folder = tempfile::tempdir().expect("a folder");
        let lab = Lab { name, hosts: 0, folder };
        let switch = lab.switch();
        ip(&format!("netns add {switch}"))?;
        // From here on dropping the lab removes what is there.
        let mut lab = lab;
        ip(&format!("-n {switch} link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0"))?;
        ip(&format!("-n {switch} link set br0 up"))?;
        for host in 1..=hosts {
            let space = lab.space(host);
            ip(&format!("netns add {space}"))?;
            lab.hosts = host;
            for setting in ["all.accept_dad=0", "default.accept_dad=0", "default.router_solicitations=0"] {
                let setting = format!("net.ipv6.conf.{setting}");
                run(Command::new("ip").args(["netns", "exec", &space, "sysctl", "-qw", &setting]))?;
            }
            let peer = format!("peer name eth0 netns {space} address 02:00:00:00:00:{host:02x}");
            ip(&format!("-n {switch} link add p{host} type veth {peer}"))?;
            ip(&format!("-n {switch} link set p{host} master br0 up"))?;
            for command in [
                "link set lo up".to_owned(),
                "link set eth0 up".to_owned(),
                format!("addr add 10.99.0.{host}/24 dev eth0"),
                format!("addr add fd99::{host:x}/64 dev eth0 nodad"),
            ] {
                ip(&format!("-n {space} {command}"))?;
            }
        }
        Ok(lab)
    }

    fn switch(&self) -> String {
        format!("{}-sw", self.name)
    }

    /// The name of a host's namespace.
    pub fn space(&self, host: usize) -> String {
        format!("{}-{host}", self.name)
    }

    /// A folder for files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `ip` on a host.
    pub fn ip(&self, host: usize, arguments: &str) {
        ip(&format!("-n {} {arguments}", self.space(host))).expect("ip does it");
    }

    /// Runs `ip` on a host, for what may be in vain.
    pub fn try_ip(&self, host: usize, arguments: &str) {
        // In the meantime somebody else may have done it.
        let _ = ip(&format!("-n {} {arguments}", self.space(host)));
    }

    /// Takes a host's carrier away, or gives it back.
    pub fn carrier(&self, host: usize, state: &str) {
        ip(&format!("-n {} link set p{host} {state}", self.switch())).expect("ip does it");
    }

    /// Cuts a host off without taking its carrier (`disabled`), or joins it again (`forwarding`).
    pub fn port(&self, host: usize, state: &str) {
        let port = format!("p{host}");
        let state = if state == "disabled" { "0" } else { "3" };
        run(Command::new("bridge").args(["-n", &self.switch(), "link", "set", "dev", &port, "state", state]))
            .expect("bridge does it");
    }

    /// Loses so many percent of what goes to and from a host.
    pub fn lose(&self, host: usize, percent: u32) {
        let rules = format!(
            "add table bridge lab\ndelete table bridge lab\nadd table bridge lab\n\
             add chain bridge lab drops {{ type filter hook forward priority 0; }}\n\
             add rule bridge lab drops iifname p{host} numgen random mod 100 < {percent} drop\n\
             add rule bridge lab drops oifname p{host} numgen random mod 100 < {percent} drop\n"
        );
        let file = self.folder().join("rules");
        std::fs::write(&file, rules).expect("a file");
        run(Command::new("ip").args(["netns", "exec", &self.switch(), "nft", "-f"]).arg(&file)).expect("nft does it");
    }

    /// The addresses of a host, with their prefix lengths, in the kernel's order.
    pub fn addresses(&self, host: usize) -> Vec<String> {
        let output = run(Command::new("ip").args(["-n", &self.space(host), "-json", "addr", "show"]))
            .expect("ip shows addresses");
        let json: Value = serde_json::from_slice(&output.stdout).expect("ip prints JSON");
        let links = json.as_array().expect("a list");
        let infos = links.iter().filter_map(|link| link["addr_info"].as_array()).flatten();
        infos.filter_map(|info| Some(format!("{}/{}", info["local"].as_str()?, info["prefixlen"].as_u64()?))).collect()
    }

    /// Whether a host has an address.
    pub fn has(&self, host: usize, address: &str) -> bool {
        self.addresses(host).iter().any(|own| own == address)
    }

    /// Waits until exactly that host of all has the addresses, every one of them.
    pub fn wait_for_holder(&self, holder: usize, addresses: &[&str], daemons: &[&Daemon], scene: &str) {
        let is_so = || {
            (1..=self.hosts).all(|host| {
                let own = self.addresses(host);
                let held = addresses.iter().filter(|address| own.iter().any(|own| own == *address)).count();
                held == if host == holder { addresses.len() } else { 0 }
            })
        };
        self.wait(is_so, daemons, &format!("{scene}: host {holder} alone holds {addresses:?}"));
    }

    /// Waits until something holds.
    pub fn wait(&self, mut is_so: impl FnMut() -> bool, daemons: &[&Daemon], what: &str) {
        let end = Instant::now() + PATIENCE;
        while !is_so() {
            if Instant::now() > end {
                let have: Vec<_> = (1..=self.hosts).map(|host| self.addresses(host)).collect();
                let logs: Vec<String> =
                    daemons.iter().map(|daemon| format!("host {}:\n{}", daemon.host, daemon.log())).collect();
                panic!("not within {PATIENCE:?}: {what}\naddresses: {have:#?}\n{}", logs.join("\n"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Does something with the network of a host, in a thread of its own.
    pub fn inside<T: Send>(&self, host: usize, act: impl FnOnce() -> T + Send) -> T {
        let space = File::open(Path::new("/run/netns").join(self.space(host))).expect("a namespace");
        std::thread::scope(|scope| {
            let thread = scope.spawn(move || {
                nix::sched::setns(space, nix::sched::CloneFlags::CLONE_NEWNET).expect("root may enter it");
                act()
            });
            thread.join().expect("it does not panic")
        })
    }

    /// The folder for the state of kalc on a host.
    pub fn run_dir(&self, host: usize) -> PathBuf {
        self.folder().join(format!("run-{host}"))
    }

    /// Where a host's configuration is.
    pub fn config(&self, host: usize) -> PathBuf {
        self.folder().join(format!("{host}.conf"))
    }

    /// Starts a daemon with a configuration.
    pub fn start(&self, host: usize, program: Program, config: &str) -> Daemon {
        let file = self.config(host);
        std::fs::write(&file, config).expect("a configuration");
        self.start_again(host, program)
    }

    /// Starts a daemon with the configuration that is there.
    pub fn start_again(&self, host: usize, program: Program) -> Daemon {
        let namespace = self.space(host);
        let (file, log) = (self.config(host), self.folder().join(format!("{host}.log")));
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &namespace]);
        match program {
            Program::Kalc => {
                command.arg(env!("CARGO_BIN_EXE_kalc")).arg("run").arg("-f").arg(&file);
                command.arg("--run-dir").arg(self.run_dir(host));
            }
            Program::Keepalived => {
                // Without `-G` and a syslog each of its messages waits for a millisecond.
                command.args(["keepalived", "-G", "-n", "-l", "-D", "-f"]).arg(&file);
                for (option, name) in [("-p", "parent"), ("-r", "vrrp"), ("-c", "checkers"), ("-b", "bfd")] {
                    command.arg(option).arg(self.folder().join(format!("{name}-{host}.pid")));
                }
            }
        }
        let out = File::options().create(true).append(true).open(&log).expect("a log");
        let err = out.try_clone().expect("a log");
        let leftovers =
            ["parent", "vrrp", "checkers", "bfd"].map(|name| self.folder().join(format!("{name}-{host}.pid")));
        for file in leftovers {
            // A killed keepalived whose process nobody has waited for yet seems to run to the next one.
            let _ = std::fs::remove_file(file);
        }
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().expect("it starts");
        Daemon { host, log, namespace, child }
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for space in (1..=self.hosts).map(|host| self.space(host)).chain([self.switch()]) {
            for pid in pids(&space) {
                signal(&pid, "KILL");
            }
            // It may not be there: the lab was made in part.
            let _ = ip(&format!("netns del {space}"));
        }
    }
}

impl Daemon {
    /// What it has written.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal to it.
    pub fn signal(&self, name: &str) {
        signal(&self.child.id().to_string(), name);
    }

    /// Stops all its processes where they are (`STOP`), or lets them go on (`CONT`).
    pub fn signal_all(&self, name: &str) {
        pids(&self.namespace).iter().for_each(|pid| signal(pid, name));
    }

    /// Ends it as an operator does. Gives its exit status.
    pub fn stop(mut self) -> i32 {
        self.signal("TERM");
        self.child.wait().expect("it ends").code().unwrap_or(-1)
    }

    /// As [`stop`](Daemon::stop), for a while; `None` if it does not end and was killed.
    pub fn stop_within(mut self, patience: Duration) -> Option<i32> {
        self.signal("TERM");
        let began = Instant::now();
        while began.elapsed() < patience {
            if let Some(status) = self.child.try_wait().expect("it can be asked") {
                return Some(status.code().unwrap_or(-1));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.kill();
        None
    }

    /// Kills it with all its children, without a chance to say goodbye.
    pub fn kill(mut self) {
        // Stopped first, so that none can see another one die.
        let mut all = pids(&self.namespace);
        // One that has just been started may not have entered the namespace yet.
        all.push(self.child.id().to_string());
        for name in ["STOP", "KILL"] {
            all.iter().for_each(|pid| signal(pid, name));
        }
        self.child.wait().expect("it ends");
    }

    /// CPU time that it has used, of all its threads.
    pub fn cpu(&self) -> Duration {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).expect("it runs");
        // The name may hold spaces; it ends with the last bracket.
        let (_, fields) = text.rsplit_once(')').expect("a name");
        let ticks: u64 =
            fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number")).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("it can be asked").is_none()
    }
}

fn pids(space: &str) -> Vec<String> {
    let output = Command::new("ip").args(["netns", "pids", space]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.split_whitespace().map(str::to_owned).collect()
}

fn signal(pid: &str, name: &str) {
    // It may have ended by itself in the meantime.
    let _ = Command::new("kill").args([&format!("-{name}"), pid]).stderr(Stdio::null()).status();
}

fn ip(arguments: &str) -> Result<Output, String> {
    run(Command::new("ip").args(arguments.split_whitespace()))
}

fn run(command: &mut Command) -> Result<Output, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        Ok(output)
    } else {
        Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }
}

/// Whether the keepalived that the tests know is installed.
pub fn has_keepalived() -> bool {
    let output = Command::new("keepalived").arg("--version").output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stderr).contains("v2.2.7"))
}

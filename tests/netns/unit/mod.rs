//! The unit under a real systemd, which is booted in namespaces of its own.

use crate::support::lab::PATIENCE;
use crate::support::skip;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

struct Systemd {
    child: Child,
    folder: TempDir,
    /// Its process id outside.
    pid: u32,
}

impl Systemd {
    fn boot(config: &str) -> Result<Systemd, String> {
        if !nix::unistd::geteuid().is_root() || !Path::new("/lib/systemd/systemd").exists() {
            return Err("it takes root and systemd".to_owned());
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("keepalived.conf");
        std::fs::write(&file, config).expect("a file");
        let log = std::fs::File::create(folder.path().join("log")).expect("a file");
        let child = Command::new("unshare")
            .arg("--mount")
            .arg(root.join("tests/netns/unit/boot.sh"))
            .arg(root.join("systemd/kalc.service"))
            .args([Path::new(env!("CARGO_BIN_EXE_kalc")), &file, folder.path()])
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file"))
            .stderr(log)
            .spawn()
            .map_err(|error| format!("there is no unshare: {error}"))?;
        let mut systemd = Systemd { child, folder, pid: 0 };
        let began = Instant::now();
        loop {
            if let Some(pid) = systemd.first() {
                systemd.pid = pid;
                return Ok(systemd);
            }
            let has_ended = systemd.child.try_wait().expect("it can be asked").is_some();
            if has_ended || began.elapsed() > PATIENCE {
                return Err(format!("systemd does not boot here: {}", systemd.log()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The first process of its namespace, once it is systemd.
    fn first(&self) -> Option<u32> {
        // `unshare --mount` becomes the script, which starts another `unshare`, whose child is it.
        let child = |pid: u32| -> Option<u32> {
            let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
            children.split_whitespace().next()?.parse().ok()
        };
        let first = child(child(self.child.id())?)?;
        let name = std::fs::read_to_string(format!("/proc/{first}/comm")).ok()?;
        (name.trim() == "systemd").then_some(first)
    }

    /// Runs a program inside.
    fn run(&self, words: &[&str]) -> Output {
        let pid = self.pid.to_string();
        let output = Command::new("nsenter").args(["-a", "-t", &pid]).args(words).output();
        output.expect("nsenter is where unshare is")
    }

    fn text(&self, words: &[&str]) -> String {
        String::from_utf8_lossy(&self.run(words).stdout).trim().to_owned()
    }

    fn property(&self, name: &str) -> String {
        self.text(&["systemctl", "show", "kalc", "--value", "-p", name])
    }

    /// A file as it is inside.
    fn path(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.pid))
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    fn has(&self, address: &str) -> bool {
        self.text(&["ip", "-o", "addr", "show"]).contains(&format!(" {address} "))
    }

    fn wait(&self, what: &str, is_so: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_so() {
            let status = || self.text(&["systemctl", "status", "kalc", "--no-pager", "--full"]);
            assert!(began.elapsed() < PATIENCE, "{what}\n{}\n{}{}", status(), self.read("/run/kalc.log"), self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Systemd {
    fn drop(&mut self) {
        // The end of the first process is that of all; the script then tidies up.
        if let Some(pid) = self.first() {
            let _ = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
        }
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(5) && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn config(address: &str) -> String {
    format!(
        "global_defs {{\n script_user root\n}}\nvrrp_script check {{\n script /bin/true\n interval 1\n user nobody\n}}\n\
         vrrp_instance VI_1 {{\n state MASTER\n interface eth0\n virtual_router_id 51\n version 3\n priority 200\n \
         advert_int 0.1\n promote_secondaries\n track_script {{\n  check\n }}\n virtual_ipaddress {{\n  {address}\n }}\n \
         notify_master \"/bin/cp /proc/self/status /run/kalc/seen\"\n notify \"/bin/touch /var/tmp/kalc-unit /var/kalc-unit \
         /etc/kalc-unit /run/kalc-unit\"\n}}\n"
    )
}

#[test]
fn the_unit_runs_under_systemd() {
    let systemd = match Systemd::boot(&config("10.99.0.100/24")) {
        Ok(systemd) => systemd,
        Err(reason) => return skip("the_unit_runs_under_systemd", &reason),
    };
    // `Type=notify`: it is active once it says so.
    systemd.wait("the unit is active", || systemd.property("ActiveState") == "active");
    systemd.wait("it holds", || systemd.has("10.99.0.100/24"));
    systemd.wait("its script has run", || systemd.read("/run/kalc/seen").contains("CapBnd:"));
    let script = systemd.read("/run/kalc/seen");
    assert!(script.contains("NoNewPrivs:\t1\n") && script.contains("Seccomp:\t2\n"), "{script}");
    let promotes = systemd.text(&["cat", "/proc/sys/net/ipv4/conf/eth0/promote_secondaries"]);
    assert_eq!(promotes, "1", "it may set what belongs to interfaces");
    // Nobody below the unit writes elsewhere: `/var/tmp` is one of its own, the others are not there or not to be written.
    std::thread::sleep(Duration::from_millis(300));
    for path in ["/var/tmp/kalc-unit", "/var/kalc-unit", "/etc/kalc-unit", "/run/kalc-unit"] {
        assert!(
            !systemd.path(path).exists(),
            "{path}\n{}",
            systemd.text(&["sh", "-c", "cat /proc/$(systemctl show kalc --value -p MainPID)/mounts"])
        );
    }
    // A reload, as systemd asks for it.
    std::fs::write(systemd.path("/run/keepalived.conf"), config("10.99.0.101/24")).expect("a file");
    let reload = systemd.run(&["systemctl", "reload", "kalc"]);
    assert!(reload.status.success(), "{reload:?}");
    systemd.wait("the other address is there", || systemd.has("10.99.0.101/24") && !systemd.has("10.99.0.100/24"));
    // A crash: another one follows, with nothing left of the first.
    let before = systemd.property("MainPID");
    assert!(systemd.run(&["kill", "-KILL", &before]).status.success());
    systemd.wait("it is there again", || {
        systemd.property("ActiveState") == "active" && !["0", &before].contains(&systemd.property("MainPID").as_str())
    });
    systemd.wait("it holds again", || systemd.has("10.99.0.101/24"));
    assert_eq!(systemd.property("NRestarts"), "1");
    // The end.
    let stop = systemd.run(&["systemctl", "stop", "kalc"]);
    assert!(stop.status.success(), "{stop:?}");
    assert_eq!(
        (systemd.property("ActiveState").as_str(), systemd.property("Result").as_str()),
        ("inactive", "success")
    );
    assert!(!systemd.has("10.99.0.101/24"));
    assert!(!systemd.path("/run/kalc").exists(), "its folder goes with it");
}

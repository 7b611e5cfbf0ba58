//! The guest: what it needs of this machine, what is put into it, what it says.

use crate::archive::{add_program, copy, pack};
use crate::support::{files, root};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long the guest may run.
const PATIENCE: Duration = Duration::from_secs(420);

/// Programs of this machine that scenes use, with their Debian packages.
const PROGRAMS: [(&str, &str); 10] = [
    ("nginx", "nginx-light"),
    ("bash", "bash"),
    ("bridge", "iproute2"),
    ("flock", "util-linux"),
    ("ip", "iproute2"),
    ("ipvsadm", "ipvsadm"),
    ("keepalived", "keepalived"),
    ("nft", "nftables"),
    ("strace", "strace"),
    ("timeout", "coreutils"),
];

/// Parts of the kernel that scenes use, as folders and files below `kernel/` of the modules.
const MODULES: [&str; 10] = [
    "net/",
    "lib/",
    "drivers/net/dummy.ko",
    "drivers/net/veth.ko",
    "crypto/crc32c_generic.ko",
    "arch/x86/crypto/crc32c-intel.ko",
    "drivers/net/tun.ko",
    "drivers/net/macvlan.ko",
    "drivers/net/ipvlan/ipvlan.ko",
    "drivers/net/vrf.ko",
];

/// What a guest has played.
#[derive(Debug)]
pub struct Played {
    /// By name.
    pub scenes: BTreeMap<String, Scene>,
    /// The last lines of its console.
    pub console: String,
}

/// One scene.
#[derive(Debug)]
pub struct Scene {
    /// Exit status of its script.
    pub status: i32,
    /// What it wrote.
    pub log: String,
}

/// Boots a guest and has it play all scenes, or says why that cannot be done here.
pub fn play() -> Result<Played, String> {
    if !cfg!(target_arch = "x86_64") {
        return Err("the guest's kernel is for x86-64".to_owned());
    }
    let qemu = find("qemu-system-x86_64").ok_or("there is no qemu-system-x86_64 (qemu-system-x86)")?;
    let busybox = find("busybox").ok_or("there is no busybox (busybox-static)")?;
    let is_dynamic = Command::new("ldd").arg(&busybox).output().is_ok_and(|output| output.status.success());
    if is_dynamic {
        return Err("busybox needs libraries; install busybox-static".to_owned());
    }
    let mut programs = Vec::new();
    for (program, package) in PROGRAMS {
        programs.push((program, find(program).ok_or_else(|| format!("there is no {program} ({package})"))?));
    }
    let kernel = kernel()?;
    boot(&qemu, &busybox, &programs, &kernel).map_err(|error| format!("the guest cannot be made: {error}"))
}

/// The unpacked package of a kernel: `KALC_GUEST_KERNEL`, or where `kernel.sh` puts it.
fn kernel() -> Result<PathBuf, String> {
    let own = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().map(|target| target.join("guest-kernel"));
    let folder = std::env::var_os("KALC_GUEST_KERNEL").map(PathBuf::from).or(own).unwrap_or_default();
    let has_kernel = folder.join("boot").is_dir() && files(&folder.join("boot"), "").iter().any(|path| is_kernel(path));
    if has_kernel {
        Ok(folder)
    } else {
        Err(format!("there is no kernel in {}; tests/guest/kernel.sh fetches one", folder.display()))
    }
}

fn is_kernel(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("vmlinuz-"))
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(system).map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn boot(qemu: &Path, busybox: &Path, programs: &[(&str, PathBuf)], kernel: &Path) -> io::Result<Played> {
    let folder = tempfile::tempdir()?;
    let image =
        files(&kernel.join("boot"), "").into_iter().find(|path| is_kernel(path)).ok_or(io::ErrorKind::NotFound)?;
    let tree = folder.path().join("root");
    furnish(&tree, busybox, programs)?;
    add_modules(&tree, busybox, kernel)?;
    let initrd = folder.path().join("initrd");
    let mut out = BufWriter::new(fs::File::create(&initrd)?);
    pack(&tree, &mut out)?;
    out.flush()?;
    fs::remove_dir_all(&tree)?;

    let (console, said) = (folder.path().join("console"), folder.path().join("said"));
    let mut guest = Command::new(qemu)
        .args(["-accel", "tcg", "-m", "1024", "-smp", "2", "-nodefaults", "-no-user-config", "-display", "none"])
        .arg("-no-reboot")
        .arg("-kernel")
        .arg(&image)
        .arg("-initrd")
        .arg(&initrd)
        .args(["-append", "console=ttyS0 quiet panic=-1 mitigations=off"])
        .arg("-serial")
        .arg(format!("file:{}", console.display()))
        .arg("-serial")
        .arg(format!("file:{}", said.display()))
        .stdin(Stdio::null())
        .spawn()?;
    let end = Instant::now() + PATIENCE;
    while guest.try_wait()?.is_none() {
        if Instant::now() > end {
            guest.kill()?;
            guest.wait()?;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    let console = String::from_utf8_lossy(&fs::read(&console)?).into_owned();
    let console: Vec<&str> = console.lines().collect();
    let said = String::from_utf8_lossy(&fs::read(&said)?).into_owned();
    Ok(Played { scenes: understand(&said), console: console[console.len().saturating_sub(30)..].join("\n") })
}

/// Programs, scenes and what a system has.
fn furnish(tree: &Path, busybox: &Path, programs: &[(&str, PathBuf)]) -> io::Result<()> {
    for name in ["usr/bin", "usr/lib", "usr/lib64", "proc", "sys", "dev", "run", "tmp", "root", "etc", "var", "guest"] {
        fs::create_dir_all(tree.join(name))?;
    }
    for (name, target) in [
        ("bin", "usr/bin"),
        ("sbin", "usr/bin"),
        ("lib", "usr/lib"),
        ("lib64", "usr/lib64"),
        ("usr/sbin", "bin"),
        ("var/run", "../run"),
    ] {
        symlink(target, tree.join(name))?;
    }
    copy(busybox, &tree.join("usr/bin/busybox"))?;
    for (name, path) in programs {
        add_program(tree, path, name)?;
    }
    add_program(tree, Path::new(env!("CARGO_BIN_EXE_kalc")), "kalc")?;
    let applets = Command::new(busybox).arg("--list").output()?;
    for applet in String::from_utf8_lossy(&applets.stdout).lines() {
        let path = tree.join("usr/bin").join(applet);
        if fs::symlink_metadata(&path).is_err() {
            symlink("busybox", path)?;
        }
    }
    fs::write(tree.join("etc/passwd"), "root:x:0:0:root:/root:/bin/bash\n")?;
    fs::write(tree.join("etc/group"), "root:x:0:\n")?;
    fs::write(tree.join("etc/hosts"), "127.0.0.1 localhost\n")?;
    let own = root().join("tests/guest");
    for name in ["init", "play.sh", "lib.sh"] {
        copy(&own.join(name), &tree.join("guest").join(name))?;
    }
    fs::rename(tree.join("guest/init"), tree.join("init"))?;
    fs::set_permissions(tree.join("init"), fs::Permissions::from_mode(0o755))?;
    // To play a few only: parts of their names.
    let only = std::env::var("KALC_GUEST_SCENES").unwrap_or_default();
    let other = std::env::var_os("KALC_GUEST_PLAY").map(|folder| root().join(folder));
    for part in ["scenes", "tables"] {
        let from = other.clone().filter(|_| part == "scenes").unwrap_or_else(|| own.join(part));
        for file in files(&from, "") {
            let is_wanted = only.is_empty() || only.split(',').any(|name| file.to_string_lossy().contains(name));
            if part == "scenes" && !is_wanted {
                continue;
            }
            copy(&file, &tree.join("guest").join(part).join(file.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}

/// Modules, unpacked, with the list of who needs whom.
fn add_modules(tree: &Path, busybox: &Path, kernel: &Path) -> io::Result<()> {
    let places = ["lib/modules", "usr/lib/modules"].map(|place| kernel.join(place));
    let modules = places.into_iter().find(|place| place.is_dir()).ok_or(io::ErrorKind::NotFound)?;
    let version = fs::read_dir(&modules)?.next().ok_or(io::ErrorKind::NotFound)??.file_name();
    let from = modules.join(&version).join("kernel");
    let to = tree.join("usr/lib/modules").join(&version);
    for file in files(&from, "") {
        let name = file.strip_prefix(&from).map_err(io::Error::other)?.to_string_lossy().into_owned();
        if !MODULES.iter().any(|part| name.starts_with(part)) {
            continue;
        }
        let plain = to.join("kernel").join(name.trim_end_matches(".xz"));
        if name.ends_with(".xz") {
            if let Some(folder) = plain.parent() {
                fs::create_dir_all(folder)?;
            }
            let unpacked =
                Command::new("xz").args(["-d", "-c"]).arg(&file).stdout(fs::File::create(&plain)?).status()?;
            if !unpacked.success() {
                return Err(io::Error::other("xz cannot unpack a module"));
            }
        } else {
            copy(&file, &plain)?;
        }
    }
    for name in ["modules.builtin", "modules.order"] {
        copy(&modules.join(&version).join(name), &to.join(name))?;
    }
    let listed =
        Command::new(busybox).arg("depmod").arg("-b").arg(tree).arg(&version).stderr(Stdio::null()).status()?;
    if listed.success() { Ok(()) } else { Err(io::Error::other("depmod fails")) }
}

/// Scenes as the guest tells them: `@scene NAME STATUS`, then lines that begin with `| `.
fn understand(said: &str) -> BTreeMap<String, Scene> {
    let mut scenes = BTreeMap::new();
    let mut current: Option<(String, Scene)> = None;
    for line in said.lines() {
        let line = line.trim_end_matches('\r');
        if let Some(rest) = line.strip_prefix("@scene ") {
            scenes.extend(current.take());
            let mut words = rest.split_whitespace();
            let name = words.next().unwrap_or_default().to_owned();
            let status = words.next().and_then(|word| word.parse().ok()).unwrap_or(-1);
            current = Some((name, Scene { status, log: String::new() }));
        } else if let (Some((_, scene)), Some(text)) = (&mut current, line.strip_prefix("| ")) {
            scene.log.push_str(text);
            scene.log.push('\n');
        }
    }
    scenes.extend(current);
    scenes
}

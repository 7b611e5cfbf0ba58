//! What the process that starts scripts does for a daemon, and what it does for nobody.

use kalc_compiler::host::Host;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use kalc_runtime::fingerprint::Fingerprint;
use kalc_runtime::load::{Loaded, Namer};
use kalc_runtime::script::Program;
use kalc_runtime::starter::Starter;
use nix::libc;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// A configuration with such commands.
fn loaded(commands: &[&str], reading: u64) -> Loaded {
    let names = ["notify_master", "notify_backup", "notify_fault"];
    let lines = names.iter().zip(commands).map(|(name, command)| format!(" {name} \"{command}\"\n"));
    let text =
        format!("vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 51\n{}}}\n", lines.collect::<String>());
    let host =
        Host::read(SourceFile::new("keepalived.conf", text.into_bytes()), &MemoryFiles::default(), &Profile::default());
    Loaded::new(host.ir, Fingerprint::known(""), reading, Vec::new()).expect("the core executes it")
}

fn programs(loaded: &Loaded) -> Vec<Program> {
    loaded.configuration.programs.runnable().cloned().collect()
}

/// How a run ends: its status, or an error number.
fn end(starter: &Starter, program: &Program, more: &[&str]) -> Result<i32, i32> {
    let more: Vec<String> = more.iter().map(|&word| word.to_owned()).collect();
    let status = starter.run(program, &more).wait_until(Instant::now() + PATIENCE);
    let status = status.map(|status| status.expect("it ends").code().unwrap_or(-1));
    status.map_err(|error| error.raw_os_error().unwrap_or(0))
}

fn wait_for(path: &Path) {
    let until = Instant::now() + PATIENCE;
    while !path.exists() {
        assert!(Instant::now() < until, "{} does not come", path.display());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn only_what_is_named_runs_and_as_it_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = folder.path().join("made").display().to_string();
    let loaded = loaded(&["/bin/touch", "/bin/false"], 0);
    let starter = Starter::in_thread(&loaded.configuration, None).expect("a thread");
    let mut known = programs(&loaded);
    known.sort_by(|a, b| a.path.cmp(&b.path));
    let [fails, touches] = &known[..] else { panic!("{known:?}") };
    assert_eq!(end(&starter, touches, &[&made]), Ok(0));
    assert!(Path::new(&made).exists());
    assert_eq!(end(&starter, fails, &[]), Ok(1));
    let other = |change: fn(&mut Program)| {
        let mut program = touches.clone();
        change(&mut program);
        program
    };
    let others = [
        other(|program| program.path = PathBuf::from("/bin/rm")),
        other(|program| program.arguments.push("more".to_owned())),
        other(|program| program.arguments.clear()),
        other(|program| program.identity = Some(kalc_runtime::script::Identity { uid: 1, gid: 1, groups: Vec::new() })),
    ];
    for program in &others {
        assert_eq!(end(&starter, program, &[&made]), Err(libc::EPERM), "{program:?}");
    }
    assert!(Path::new(&made).exists());
    // A command line that no script can get.
    assert_eq!(end(&starter, touches, &["x".repeat(1 << 20).as_str()]), Err(libc::E2BIG));
    // The process goes on.
    assert_eq!(end(&starter, fails, &[]), Ok(1));
}

#[test]
fn what_was_read_runs_beside_what_runs_and_in_the_end_in_its_place() {
    let old = loaded(&["/bin/true"], 1);
    let next = Arc::new(Mutex::new(None));
    let reads = Arc::clone(&next);
    let names: Namer = Arc::new(move || reads.lock().expect("no panic").clone());
    let starter = Starter::in_thread(&old.configuration, Some(names)).expect("a thread");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let read = |loaded: &Loaded| {
        *next.lock().expect("no panic") = Some((*loaded.configuration).clone());
        runtime.block_on(starter.read()).expect("it is read")
    };
    // What cannot be read changes nothing, and there is nothing to go over to.
    let refused = runtime.block_on(starter.read()).expect_err("it cannot be read");
    assert_eq!(refused.raw_os_error(), Some(libc::EAGAIN));
    assert_eq!(runtime.block_on(starter.go_over()).expect_err("to what").raw_os_error(), Some(libc::EPERM));
    let (new, newest) = (loaded(&["/bin/false"], 2), loaded(&["/bin/false 1"], 3));
    let [old, new_one, newest_one] = [&old, &new, &newest].map(|loaded| programs(loaded).remove(0));
    let runs = |program: &Program| end(&starter, program, &[]);
    assert_eq!((runs(&old), runs(&new_one)), (Ok(0), Err(libc::EPERM)));
    // Read and not fit to run, again and again: the old one goes on.
    for _ in 0..3 {
        assert_eq!(read(&newest), 3);
    }
    assert_eq!(read(&new), 2);
    assert_eq!((runs(&old), runs(&new_one), runs(&newest_one)), (Ok(0), Ok(1), Err(libc::EPERM)));
    runtime.block_on(starter.go_over()).expect("it was read");
    assert_eq!((runs(&old), runs(&new_one), runs(&newest_one)), (Ok(0), Ok(1), Err(libc::EPERM)));
    assert_eq!(read(&newest), 3);
    runtime.block_on(starter.go_over()).expect("it was read");
    assert_eq!((runs(&old), runs(&new_one), runs(&newest_one)), (Err(libc::EPERM), Ok(1), Ok(1)));
}

/// A script that goes on until it is ended, and the files that it makes when it begins and when it is ended.
fn endless(folder: &Path) -> (Loaded, PathBuf, PathBuf) {
    let (begun, ended) = (folder.join("begun"), folder.join("ended"));
    let script = folder.join("script.sh");
    let text = format!(
        "#!/bin/sh\ntrap 'touch {}; exit 0' TERM\ntouch {}\nwhile :; do sleep 0.02; done\n",
        ended.display(),
        begun.display()
    );
    std::fs::write(&script, text).expect("a file");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, mode).expect("a mode");
    (loaded(&[script.to_str().expect("plain")], 0), begun, ended)
}

#[test]
fn what_runs_at_the_end_is_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let (loaded, begun, ended) = endless(folder.path());
    let starter = Starter::in_thread(&loaded.configuration, None).expect("a thread");
    let mut run = starter.run(&programs(&loaded)[0], &[]);
    wait_for(&begun);
    starter.finish();
    wait_for(&ended);
    // Nobody answers any more.
    let error = run.wait_until(Instant::now() + PATIENCE).expect_err("the starter is gone");
    assert_eq!(error.raw_os_error(), Some(libc::ESRCH));
    assert_eq!(end(&starter, &programs(&loaded)[0], &[]), Err(libc::ESRCH));
}

#[test]
fn a_run_that_nobody_waits_for_is_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let (loaded, begun, ended) = endless(folder.path());
    let starter = Starter::in_thread(&loaded.configuration, None).expect("a thread");
    let run = starter.run(&programs(&loaded)[0], &[]);
    wait_for(&begun);
    drop(run);
    wait_for(&ended);
}

//! `kalc run` in a guest with a real kernel: as a director of IPVS beside keepalived and with real requests, and with macvlans.
//!
//! One guest is booted (QEMU without KVM, Debian's cloud kernel, a root file system in memory) and plays all scenes, a few
//! at a time, each in network namespaces of its own. A scene is a shell script in `scenes/`; its test says what it shows
//! and fails with what the scene wrote. `kernel.sh` fetches the kernel.

mod archive;
mod machine;
#[path = "../support/mod.rs"]
mod support;

use machine::Played;
use std::sync::OnceLock;

static PLAYED: OnceLock<Result<Played, String>> = OnceLock::new();

/// Fails unless a scene went well.
fn scene(name: &str) {
    let played = PLAYED.get_or_init(machine::play);
    let played = match played {
        Ok(played) => played,
        Err(reason) => return support::skip(name, reason),
    };
    match played.scenes.get(name) {
        Some(scene) if scene.status == 0 => {}
        Some(scene) => panic!("{name} ended with status {}:\n{}", scene.status, scene.log),
        None => panic!("{name} was not played; the guest's console ends with:\n{}", played.console),
    }
}

/// Each scene with what it shows.
macro_rules! scenes {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                scene(stringify!($name));
            }
        )*

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

scenes! {
    the_kernels_module_is_loaded
    the_same_tables_as_keepalived
    nat_dr_and_tun_balance_requests
    scripts_and_pipes_hear_what_keepalived_says
    clients_stay_with_their_server
    marks_ipv6_and_groups_balance_requests
    a_reload_edits_one_weight_and_drops_no_connection
    the_end_empties_exactly_our_table
    a_killed_daemon_is_cleaned_up_after
    foreign_edits_are_put_right
    connections_are_copied_as_the_instance_says
    two_directors_serve_and_fail_over
    macvlans_move_with_the_master
    macvlans_of_ipv6_are_silent
    ipvlans_vrfs_and_labels_are_keepaliveds
    servers_follow_bfd_sessions
    mails_tell_of_servers_as_keepaliveds_do
}

/// `KALC_GUEST_PLAY=FOLDER`: plays what is there instead of the scenes, and prints what it says. For measurements.
#[test]
fn what_is_asked_for_by_hand() {
    if std::env::var_os("KALC_GUEST_PLAY").is_none() {
        return;
    }
    match machine::play() {
        Ok(played) => {
            for (name, scene) in &played.scenes {
                println!("{name}: status {}\n{}", scene.status, scene.log);
            }
            assert!(!played.scenes.is_empty(), "{}", played.console);
        }
        Err(reason) => support::skip("what_is_asked_for_by_hand", &reason),
    }
}

#[test]
fn every_scene_has_a_test() {
    let folder = support::root().join("tests/guest/scenes");
    let mut files: Vec<String> =
        support::files(&folder, ".sh").iter().filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    files.sort();
    let mut names: Vec<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    names.sort();
    assert_eq!(files, names);
}

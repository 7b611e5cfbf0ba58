//! Virtual servers as keepalived 2.2.7 runs them: what the kernel holds, who is told of what, in which order.
//!
//! Every expectation here was measured with keepalived 2.2.7 in a guest with a kernel's IPVS, unless its test says that
//! kalc differs.

mod reload;
mod stand;

use kalc_core::director::Input;
use kalc_core::kernel::Table;
use stand::Stand;

const SORRY: &str = "sorry_server 198.51.100.99 80";

/// A real server whose check script is named by its number.
pub fn real(number: u32, rest: &str) -> String {
    format!(
        "real_server 198.51.100.1{number} 80 {{\n{rest}\nnotify_up \"/bin/true up{number}\"\nnotify_down \"/bin/true down{number}\"\n\
         MISC_CHECK {{\nmisc_path \"/bin/true {number}\"\n}}\n}}\n"
    )
}

/// A virtual server at an address.
pub fn at(address: &str, rest: &str, reals: &[String]) -> String {
    format!(
        "virtual_server {address} {{\ndelay_loop 1\nwarmup 0\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n\
         quorum_up \"/bin/true qup\"\nquorum_down \"/bin/true qdown\"\n{rest}\n{}}}\n",
        reals.concat()
    )
}

/// A virtual server at 192.0.2.100.
pub fn service(rest: &str, reals: &[String]) -> String {
    at("192.0.2.100 80", rest, reals)
}

/// So many real servers of weight 1.
pub fn reals(count: u32) -> Vec<String> {
    (1..=count).map(|number| real(number, "")).collect()
}

fn start(text: &str, down: &[&str]) -> Stand {
    let mut stand = Stand::start(text, Table::new(), &[], down);
    stand.run(3);
    stand
}

/// Runs steps (`-1`: server 1 fails; `+1`: it is well again; `stop`) and compares what is told and what the kernel holds.
#[track_caller]
fn check(stand: &mut Stand, steps: &[(&str, &str, &str)]) {
    for (step, told, table) in steps {
        match step.split_at(1) {
            ("-", name) => stand.set(name, 1),
            ("+", name) => stand.set(name, 0),
            _ if *step == "stop" => stand.step(Input::Stop),
            _ if step.contains('=') => {
                let (name, status) = step.split_once('=').expect("a name and a status");
                stand.set(name, status.parse().expect("a status"));
            }
            _ => assert_eq!(*step, "start"),
        }
        if *step != "stop" {
            stand.run(3);
        }
        let short = stand.told().replace("[192.0.2.100]:tcp:80", "VIP").replace("[198.51.100.", "[");
        let short = short.replace("]:tcp:80", "]");
        assert_eq!(short, *told, "told at {step}");
        assert_eq!(stand.table().replace("[192.0.2.100]:tcp:80 rr:", "").trim(), *table, "table at {step}");
    }
}

#[test]
fn servers_that_fail_leave_and_the_sorry_server_stands_in() {
    let mut stand = start(&service(SORRY, &reals(2)), &[]);
    check(
        &mut stand,
        &[
            ("start", "VS VIP UP; ! qup", "11*1 12*1"),
            ("-1", "RS [11] VIP DOWN; ! down1", "12*1"),
            ("-2", "RS [12] VIP DOWN; ! down2; VS VIP DOWN; ! qdown", "99*1"),
            ("+1", "RS [11] VIP UP; ! up1; VS VIP UP; ! qup", "11*1"),
            ("+2", "RS [12] VIP UP; ! up2", "11*1 12*1"),
            ("stop", "", ""),
        ],
    );
}

#[test]
fn servers_are_believed_in_until_their_first_check_fails() {
    let mut stand = start(&service(SORRY, &reals(2)), &["1", "2"]);
    let told = "VS VIP UP; ! qup; RS [11] VIP DOWN; ! down1; RS [12] VIP DOWN; ! down2; VS VIP DOWN; ! qdown";
    check(&mut stand, &[("start", told, "99*1"), ("stop", "", "")]);
}

#[test]
fn alpha_begins_without_servers_and_omega_ends_without_them() {
    let text = service(&format!("alpha\nomega\n{SORRY}"), &reals(2));
    let up = "VS VIP DOWN; ! qdown; RS [11] VIP UP; ! up1; VS VIP UP; ! qup; RS [12] VIP UP; ! up2";
    let mut stand = start(&text, &[]);
    check(
        &mut stand,
        &[
            ("start", up, "11*1 12*1"),
            ("-2", "RS [12] VIP DOWN; ! down2", "11*1"),
            ("stop", "RS [11] VIP DOWN; ! down1; VS VIP DOWN; ! qdown", ""),
        ],
    );
    let down = "VS VIP DOWN; ! qdown; RS [11] VIP DOWN; ! down1; RS [12] VIP DOWN; ! down2";
    let mut stand = start(&text, &["1", "2"]);
    check(&mut stand, &[("start", down, "99*1"), ("stop", "VS VIP DOWN; ! qdown", "")]);
}

#[test]
fn without_a_sorry_server_nothing_is_told_of_a_quorum_that_was_never_held() {
    let mut stand = start(&service("alpha\nomega", &reals(2)), &["2"]);
    check(
        &mut stand,
        &[
            ("start", "RS [11] VIP UP; ! up1; VS VIP UP; ! qup; RS [12] VIP DOWN; ! down2", "11*1"),
            ("stop", "RS [11] VIP DOWN; ! down1; VS VIP DOWN; ! qdown", ""),
        ],
    );
    let mut stand = start(&service("quorum 2\nhysteresis 1", &reals(2)), &[]);
    check(&mut stand, &[("start", "", "11*1 12*1")]);
}

#[test]
fn hysteresis_is_a_margin_on_both_sides() {
    let mut stand = start(&service("quorum 2\nhysteresis 1", &reals(4)), &[]);
    check(
        &mut stand,
        &[
            ("start", "VS VIP UP; ! qup", "11*1 12*1 13*1 14*1"),
            ("-1", "RS [11] VIP DOWN; ! down1", "12*1 13*1 14*1"),
            ("-2", "RS [12] VIP DOWN; ! down2", "13*1 14*1"),
            ("-3", "RS [13] VIP DOWN; ! down3", "14*1"),
            ("-4", "RS [14] VIP DOWN; ! down4; VS VIP DOWN; ! qdown", ""),
            ("+1", "RS [11] VIP UP; ! up1", "11*1"),
            ("+2", "RS [12] VIP UP; ! up2", "11*1 12*1"),
            ("+3", "RS [13] VIP UP; ! up3; VS VIP UP; ! qup", "11*1 12*1 13*1"),
        ],
    );
    let mut stand = start(&service(&format!("quorum 2\nhysteresis 1\n{SORRY}"), &reals(3)), &[]);
    check(
        &mut stand,
        &[
            ("start", "VS VIP UP; ! qup", "11*1 12*1 13*1"),
            ("-1", "RS [11] VIP DOWN; ! down1", "12*1 13*1"),
            ("-2", "RS [12] VIP DOWN; ! down2", "13*1"),
            ("-3", "RS [13] VIP DOWN; ! down3; VS VIP DOWN; ! qdown", "99*1"),
            ("+1", "RS [11] VIP UP; ! up1", "99*1"),
            ("+2", "RS [12] VIP UP; ! up2", "99*1"),
            ("+3", "RS [13] VIP UP; ! up3; VS VIP UP; ! qup", "11*1 12*1 13*1"),
        ],
    );
}

#[test]
fn inhibited_servers_stay_with_weight_0() {
    let rest = format!("inhibit_on_failure\n{SORRY}\nsorry_server_inhibit");
    let mut stand = start(&service(&rest, &reals(2)), &[]);
    check(
        &mut stand,
        &[
            ("start", "VS VIP UP; ! qup", "11*1 12*1 99*0"),
            ("-1", "RS [11] VIP DOWN; ! down1", "11*0 12*1 99*0"),
            ("-2", "RS [12] VIP DOWN; ! down2; VS VIP DOWN; ! qdown", "11*0 12*0 99*1"),
            ("+1", "RS [11] VIP UP; ! up1; VS VIP UP; ! qup", "11*1 12*0 99*0"),
        ],
    );
    // Without the quorum, those that are up are inhibited, too.
    let mut stand = start(&service(&format!("inhibit_on_failure\nquorum 2\n{SORRY}"), &reals(2)), &[]);
    check(
        &mut stand,
        &[
            ("start", "VS VIP UP; ! qup", "11*1 12*1"),
            ("-1", "RS [11] VIP DOWN; ! down1; VS VIP DOWN; ! qdown", "11*0 12*0 99*1"),
            ("+1", "RS [11] VIP UP; ! up1; VS VIP UP; ! qup", "11*1 12*1"),
        ],
    );
}

#[test]
fn weights_follow_dynamic_checks_and_count_for_the_quorum() {
    let dynamic = real(1, "weight 20").replace("misc_path", "misc_dynamic\nmisc_path");
    let mut stand = start(&service(&format!("quorum 10\n{SORRY}"), &[dynamic, real(2, "weight 7")]), &[]);
    check(
        &mut stand,
        &[
            ("start", "VS VIP UP; ! qup", "11*20 12*7"),
            ("1=50", "", "11*48 12*7"),
            ("1=2", "VS VIP DOWN; ! qdown", "99*1"),
            ("-1", "RS [11] VIP DOWN; ! down1", "99*1"),
            ("1=5", "RS [11] VIP UP; ! up1; VS VIP UP; ! qup", "11*3 12*7"),
            ("+1", "", "11*20 12*7"),
        ],
    );
}

#[test]
fn a_server_is_up_while_all_its_checks_are() {
    let two = real(1, "alpha on").replacen("}\n}\n", "}\nMISC_CHECK {\nmisc_path \"/bin/true 2\"\n}\n}\n", 1);
    let mut stand = start(&service(SORRY, &[two]), &["1"]);
    check(
        &mut stand,
        &[
            ("start", "VS VIP DOWN; ! qdown; RS [11] VIP DOWN; ! down1", "99*1"),
            ("+1", "RS [11] VIP UP; ! up1; VS VIP UP; ! qup", "11*1"),
            ("-2", "RS [11] VIP DOWN; ! down1; VS VIP DOWN; ! qdown", "99*1"),
            ("-1", "", "99*1"),
            ("+2", "", "99*1"),
        ],
    );
}

#[test]
fn servers_that_begin_as_up_are_told_if_that_is_wished_for() {
    let globals = "global_defs {\nrs_init_notifies\n}\n";
    let mut stand = start(&format!("{globals}{}", service(SORRY, &reals(2))), &["2"]);
    let told = "RS [11] VIP UP; ! up1; RS [12] VIP UP; ! up2; VS VIP UP; ! qup; RS [12] VIP DOWN; ! down2";
    check(&mut stand, &[("start", told, "11*1")]);
}

#[test]
fn a_table_that_goes_in_one_step_is_told_without_its_servers() {
    for flush in ["lvs_flush_on_stop", "lvs_flush_on_stop VS"] {
        let text = format!("global_defs {{\n{flush}\n}}\n{}", service("omega", &reals(1)));
        let mut stand = start(&text, &[]);
        check(&mut stand, &[("start", "VS VIP UP; ! qup", "11*1"), ("stop", "VS VIP DOWN; ! qdown", "")]);
    }
}

#[test]
fn two_virtual_servers_of_one_service_share_it() {
    let text = format!(
        "{}{}",
        at("192.0.2.100 80", "", &reals(1)),
        at("192.0.2.100 80", "", &[real(2, ""), real(1, "weight 7")]).replace("lb_algo rr", "lb_algo wrr")
    );
    let mut stand = start(&text, &[]);
    check(&mut stand, &[("start", "VS VIP UP; ! qup; VS VIP UP; ! qup", "11*1 12*1")]);
}

#[test]
fn groups_stand_for_many_services() {
    let group = "virtual_server_group g {\n192.0.2.110-112 80\n192.0.2.120 443\nfwmark 9\n}\n";
    let text = |kind: &str| {
        format!("{group}{}", at("group g", "", &reals(1)).replace("lb_kind NAT", &format!("lb_kind {kind}")))
    };
    let ports = |stand: &Stand| {
        let ports = stand.kernel.values().flat_map(|service| service.destinations.keys().map(|to| to.port));
        ports.collect::<Vec<_>>()
    };
    let stand = start(&text("NAT"), &[]);
    let names: Vec<String> = stand.kernel.keys().map(ToString::to_string).collect();
    let addresses = ["[192.0.2.110]:tcp:80", "[192.0.2.111]:tcp:80", "[192.0.2.112]:tcp:80", "[192.0.2.120]:tcp:443"];
    assert_eq!(names, [&addresses[..], &["FWM 9"]].concat());
    assert_eq!(ports(&stand), [80; 5]);
    // DR cannot rewrite ports.
    assert_eq!(ports(&start(&text("DR"), &[])), [80, 80, 80, 443, 0]);
    let mut stand = start(&text("DR"), &["1"]);
    assert_eq!(
        stand.told(),
        "VS [g]:0 UP; ! qup; RS [198.51.100.11]:tcp:80 [g]:0 DOWN; ! down1; VS [g]:0 DOWN; ! qdown"
    );
}

#[test]
fn checks_wait_for_the_address_and_servers_are_up_meanwhile() {
    let mut stand = start(&service("ha_suspend", &reals(1)), &["1"]);
    check(&mut stand, &[("start", "VS VIP UP; ! qup", "11*1")]);
    let address = "192.0.2.100".parse().expect("an address");
    stand.step(Input::Address { address, is_here: true });
    check(&mut stand, &[("start", "RS [11] VIP DOWN; ! down1; VS VIP DOWN; ! qdown", "")]);
    stand.step(Input::Address { address, is_here: false });
    check(&mut stand, &[("+1", "", "")]);
}

/// Differs: keepalived 2.2.7 leaves what it finds as it is, scheduler, weights and foreign servers, and loses its own.
#[test]
fn a_service_that_is_there_already_is_made_right_in_place() {
    let old = start(&service("", &[real(1, "weight 7"), real(7, "")]), &[]).kernel;
    let mut stand = Stand::start(&service(SORRY, &reals(2)), old, &[], &[]);
    stand.run(3);
    assert!(stand.edits.iter().all(|edit| !matches!(edit, kalc_core::kernel::Edit::AddService { .. })));
    check(&mut stand, &[("start", "VS VIP UP; ! qup", "11*1 12*1")]);
}

#[test]
fn what_a_killed_daemon_left_goes_and_what_others_have_stays() {
    let left = start(&at("192.0.2.1 80", "", &reals(1)), &[]).kernel;
    let foreign = start(&at("192.0.2.2 80", "", &reals(1)), &[]).kernel;
    let keys: Vec<_> = left.keys().copied().collect();
    let both: Table = left.into_iter().chain(foreign.clone()).collect();
    let mut stand = Stand::start(&service("", &reals(1)), both, &keys, &[]);
    assert_eq!(stand.table(), "[192.0.2.2]:tcp:80 rr: 11*1; [192.0.2.100]:tcp:80 rr: 11*1");
    assert_eq!(stand.director.owned().len(), 1);
    stand.step(Input::Stop);
    assert_eq!(stand.kernel, foreign);
    assert!(stand.director.owned().is_empty());
}

#[test]
fn what_others_change_in_our_services_is_put_right() {
    let mut stand = start(&service("", &reals(2)), &[]);
    stand.told();
    let foreign = start(&at("192.0.2.2 80", "", &reals(1)), &[]).kernel;
    stand.kernel.extend(foreign);
    let right = stand.kernel.clone();
    let key = *right.keys().find(|key| key.to_string().contains(".100")).expect("ours");
    stand.kernel.get_mut(&key).expect("ours").destinations.pop_first();
    let actual = stand.kernel.clone();
    stand.step(Input::Audit(&actual));
    assert_eq!(stand.kernel, right);
    assert!(stand.told().starts_with("drift AddDestination"));
    stand.step(Input::Audit(&right));
    assert_eq!(stand.told(), "");
}

/// Servers that flap at random, with dynamic weights, quorum, hysteresis and all kinds of inhibition: the laws of the
/// stand hold at every edit.
#[test]
fn a_service_is_never_empty_while_a_server_is_up() {
    use kalc_core::sim::random::Chance;
    for seed in 0..200 {
        let mut chance = Chance::new(seed);
        let mut pick = |words: &[&str]| words[chance.below(words.len() as u64) as usize].to_owned();
        let rest = [
            pick(&["", "quorum 2", "quorum 3\nhysteresis 1"]),
            pick(&["", SORRY, "sorry_server 198.51.100.99 80\nsorry_server_inhibit", "sorry_server 198.51.100.11 80"]),
            pick(&["", "inhibit_on_failure"]),
            pick(&["", "alpha"]),
        ];
        let dynamic = |number| real(number, "").replace("misc_path", "misc_dynamic\nmisc_path");
        let reals: Vec<String> = (1..=4).map(dynamic).collect();
        let text = service(&rest.join("\n"), &reals);
        let mut stand = start(&text, &[]);
        for _ in 0..60 {
            let name = (1 + chance.below(4)).to_string();
            stand.set(&name, chance.below(5) as u8);
            if chance.permille(100) {
                stand.reload(&text);
            }
            stand.run(chance.below(3));
        }
        stand.step(Input::Stop);
        assert!(stand.kernel.is_empty(), "seed {seed}");
    }
}

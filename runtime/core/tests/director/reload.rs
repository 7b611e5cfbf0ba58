//! Reloads: what did not change goes on.

use super::stand::Stand;
use super::{SORRY, at, check, real, service, start};
use kalc_core::kernel::Edit;

#[track_caller]
fn reloaded(stand: &mut Stand, text: &str, told: &str, table: &str) {
    stand.reload(text);
    check(stand, &[("start", told, table)]);
}

#[test]
fn the_same_configuration_changes_nothing() {
    let text = service(SORRY, &[real(1, ""), real(2, "")]);
    let mut stand = start(&text, &["2"]);
    stand.told();
    let edits = stand.edits.len();
    reloaded(&mut stand, &text, "", "11*1");
    assert_eq!(stand.edits.len(), edits);
}

#[test]
fn health_and_quorum_are_carried_over() {
    let text = |rest: &str, weight: u32, more: &str| {
        service(&format!("{SORRY}\n{rest}"), &[real(1, &format!("weight {weight}")), real(2, ""), more.to_owned()])
    };
    let mut stand = start(&text("", 1, ""), &["2", "4"]);
    stand.told();
    reloaded(&mut stand, &text("", 5, ""), "", "11*5");
    assert!(matches!(stand.edits.last(), Some(Edit::SetDestination { .. })), "a weight is one edit");
    reloaded(&mut stand, &text("", 5, &real(3, "")), "", "11*5 13*1");
    let told = "RS [13] VIP DOWN; ! down3; RS [14] VIP DOWN; ! down4";
    reloaded(&mut stand, &text("", 5, &real(4, "")), told, "11*5");
    reloaded(&mut stand, &text("quorum 4", 5, ""), "", "11*5");
    reloaded(&mut stand, &text("quorum 6", 5, ""), "VS VIP DOWN; ! qdown", "99*1");
    reloaded(&mut stand, &text("quorum 1", 5, ""), "VS VIP UP; ! qup", "11*5");
    let edits = stand.edits.len();
    reloaded(&mut stand, &text("persistence_timeout 60", 5, ""), "", "11*5");
    assert!(matches!(&stand.edits[edits..], [Edit::SetService { .. }]), "{:?}", &stand.edits[edits..]);
}

#[test]
fn another_address_is_another_service() {
    let mut stand = start(&service(SORRY, &[real(1, ""), real(2, "")]), &["2"]);
    stand.told();
    let told = "RS [11] VIP DOWN; ! down1; VS VIP DOWN; ! qdown; VS [192.0.2.101] UP; ! qup; \
                RS [12] [192.0.2.101] DOWN; ! down2";
    stand.reload(&at("192.0.2.101 80", SORRY, &[real(1, ""), real(2, "")]));
    check(&mut stand, &[("start", told, "[192.0.2.101]:tcp:80 rr: 11*1")]);
}

#[test]
fn new_servers_with_alpha_wait_for_their_first_check() {
    let text = |more: &str| service(&format!("alpha\nomega\n{SORRY}"), &[real(1, ""), real(2, ""), more.to_owned()]);
    let mut stand = start(&text(""), &["2"]);
    stand.told();
    stand.reload(&text(&real(3, "")));
    assert_eq!(stand.told(), "");
    check(&mut stand, &[("start", "RS [13] VIP UP; ! up3", "11*1 13*1")]);
    reloaded(&mut stand, &text(""), "RS [13] VIP DOWN; ! down3", "11*1");
}

#[test]
fn another_check_judges_anew() {
    let text = |path: &str, rest: &str| {
        service(&format!("{SORRY}\n{rest}"), &[real(1, ""), real(2, "").replace("/bin/true 2", path)])
    };
    let mut stand = start(&text("/bin/true 2", ""), &["2"]);
    stand.told();
    // Other times are no other check.
    reloaded(&mut stand, &text("/bin/true 2", "delay_loop 2"), "", "11*1");
    let told = "RS [12] VIP UP; ! up2; RS [12] VIP DOWN; ! down2";
    reloaded(&mut stand, &text("/bin/false 2", "delay_loop 1"), told, "11*1");
    let none = text("/bin/false 2", "").replace("MISC_CHECK {\nmisc_path \"/bin/false 2\"\n}\n", "");
    reloaded(&mut stand, &none, "RS [12] VIP UP; ! up2", "11*1 12*1");
}

/// Differs: keepalived would take the server out until the new check has looked.
#[test]
fn a_new_check_does_not_take_out_a_server_that_is_up() {
    let text = |path: &str| service("alpha", &[real(1, "").replace("/bin/true 1", path)]);
    let mut stand = start(&text("/bin/true 1"), &[]);
    stand.told();
    let edits = stand.edits.len();
    reloaded(&mut stand, &text("/bin/echo 1"), "", "11*1");
    assert_eq!(stand.edits.len(), edits);
    check(&mut stand, &[("-1", "RS [11] VIP DOWN; ! down1; VS VIP DOWN; ! qdown", "")]);
}

#[test]
fn the_sorry_server_follows_the_configuration() {
    let text = |rest: &str| service(rest, &[real(1, ""), real(2, "")]);
    let mut stand = start(&text(SORRY), &["1", "2"]);
    stand.told();
    // Differs: keepalived tells the loss of the quorum again.
    reloaded(&mut stand, &text("sorry_server 198.51.100.98 80"), "", "98*1");
    reloaded(&mut stand, &text(""), "", "");
    reloaded(&mut stand, &text("inhibit_on_failure"), "", "11*0 12*0");
    reloaded(&mut stand, &text(SORRY), "", "99*1");
}

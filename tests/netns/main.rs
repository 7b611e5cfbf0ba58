//! `kalc run` on real hosts: network namespaces on a switch, beside itself and beside keepalived.
//!
//! Only order and outcome are asserted, with generous patience; how long things take is measured elsewhere.

mod accept;
mod checks;
mod faults;
mod holdings;
mod hostile;
mod intruder;
mod mails;
mod neighbors;
mod options;
mod pairs;
mod privileges;
mod signed;
mod storm;
#[path = "../support/mod.rs"]
mod support;
mod unit;

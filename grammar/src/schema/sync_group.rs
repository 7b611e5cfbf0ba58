//! `vrrp_sync_group`: instances that change state together.

use super::prelude::*;
use super::{notify, track};

rows! { ROWS:
    /// Instances that move together: when one of them enters the fault state or loses its role, all do. It is for
    /// routers whose inside and outside addresses must sit on the same host. It takes exactly one name, a second
    /// block of the same name is skipped, and a block without `group` is dropped.
    VRRP_SYNC_GROUP = named_block(
        "vrrp_sync_group",
        &[req(Arg::Define(Symbol::SyncGroup))],
        &[SETTINGS, track::lists::ROWS, notify::ROWS],
    )
        .runs();
}

rows! { SETTINGS:
    /// The instances of the group, which may be defined later in the file. At least two make sense; a second list
    /// is skipped, and a name that no instance has is reported.
    GROUP = list("group", &GROUP_ENTRY).first_wins().runs();

    /// Earlier permission for weights in the instances of a group.
    GLOBAL_TRACKING = flag("global_tracking").default("off").deprecated("sync_group_tracking_weight").runs();

    /// Permits trackers with a weight in the instances of the group. The instances' priorities may then differ, and
    /// the hosts can pull the group to and fro; put the tracker into the group itself instead.
    SYNC_GROUP_TRACKING_WEIGHT = flag("sync_group_tracking_weight").default("off").runs();

    /// Reports changes of the members' priority to the named pipes even when the state stays the same; no script is
    /// run for them.
    NOTIFY_PRIORITY_CHANGES = switch("notify_priority_changes").default("value of `vrrp_notify_priority_changes`")
        .runs();
}

words! {
    /// One or more names of instances.
    GROUP_ENTRY = entry(&[many(Arg::Use(Symbol::VrrpInstance))]).runs();
}

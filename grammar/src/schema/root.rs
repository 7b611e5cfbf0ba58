//! The file itself, as the block that holds everything.

use super::prelude::*;
use super::{
    bfd, garp_group, global, ssl, static_, sync_group, track, virtual_server, virtual_server_group, vrrp_instance,
};

words! {
    /// A configuration file.
    FILE = block(
        "",
        &[
            global::ROWS,
            track::GROUP_ROWS,
            static_::ROWS,
            sync_group::ROWS,
            garp_group::ROWS,
            vrrp_instance::ROWS,
            track::ROWS,
            bfd::ROWS,
            ssl::ROWS,
            virtual_server_group::ROWS,
            virtual_server::ROWS,
        ],
    );
}

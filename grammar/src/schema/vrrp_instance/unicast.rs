//! `vrrp_instance`: from where and to whom adverts go.

use crate::schema::prelude::*;

rows! { SETTINGS:
    /// The other routers, by the address from which each sends, for networks without multicast such as most clouds.
    /// Every host lists all the others and not itself, without a prefix length. A list with at least one address
    /// turns multicast off for this instance, so all hosts must change together.
    UNICAST_PEER = list("unicast_peer", &UNICAST_PEER_ENTRY).runs();

    /// Source address of adverts, and in unicast the address on which they are heard: exactly the one that the
    /// peers list for this host. Without peers it is reported, and multicast is used.
    UNICAST_SRC_IP = value("unicast_src_ip", &[req(Arg::Ip)]).default("primary address of the interface").runs();

    /// Source address of multicast adverts, of the family of the virtual addresses and without a prefix length. It
    /// sets the same as `unicast_src_ip`, and the last of the two counts.
    MCAST_SRC_IP = value("mcast_src_ip", &[req(Arg::Ip)]).default("primary address of the interface").runs();

    /// Multicast group for this instance; all its routers need the same. For IPv6 the scope must be link-local, and
    /// with unicast it is ignored.
    MCAST_DST_IP = value("mcast_dst_ip", &[req(Arg::Multicast)])
        .default("value of `vrrp_mcast_group4` or `vrrp_mcast_group6`")
        .runs();

    /// Enters the fault state while the source address does not exist on the host. Without a source address it is
    /// dropped silently.
    TRACK_SRC_IP = flag("track_src_ip").default("off").runs();

    /// TTL or hop limit of unicast adverts. It needs `unicast_peer`.
    UNICAST_TTL = value("unicast_ttl", &[req(int(0, 255))]).default("255").runs();

    /// Enters the fault state when no usable peer is left, instead of turning to multicast.
    UNICAST_FAULT_NO_PEER = flag("unicast_fault_no_peer").default("off").runs();

    /// Ignores adverts whose source is none of the peers. Words after it are ignored.
    CHECK_UNICAST_SRC = flag("check_unicast_src").default("off").runs();

    /// Computes the checksum of version 3 unicast adverts as versions up to 1.3.6 did, for peers that old. `never`
    /// also stops noticing such peers by itself.
    OLD_UNICAST_CHECKSUM = flag_with("old_unicast_checksum", &[opt(choice(&["never"]))]).default("automatic").runs();
}

words! {
    /// One peer, of the family of the virtual addresses. Nothing warns of this host's own address here, and only
    /// 2.4.3 warns of an address that stands twice.
    UNICAST_PEER_ENTRY = entry(&[req(Arg::Ip)]).options(&[&[&MIN_TTL, &MAX_TTL]]).runs();

    /// Smallest TTL or hop limit with which adverts of this peer may arrive. It turns `check_unicast_src` on; a
    /// wrong number is as if it were not there.
    MIN_TTL = value("min_ttl", &[req(int(0, 255))]).default("0").runs();

    /// Largest TTL or hop limit with which adverts of this peer may arrive. It turns `check_unicast_src` on.
    MAX_TTL = value("max_ttl", &[req(int(0, 255))]).default("255").runs();
}

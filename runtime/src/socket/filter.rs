//! What the kernel drops before it wakes anybody: packets of other virtual routers.
//!
//! A packet filter of the old kind (`linux/filter.h`) on a raw socket. It compares the VRID and nothing else, so that
//! every packet for one of our virtual routers is seen, refused for a reason and counted; on a macvlan also who sent it.

use super::wanted::{Ear, Wanted};
use kalc_core::wire::PROTOCOL_AH;
use kalc_core::wire::ah;
use kalc_ir::Family;
use kalc_ir::net::Mac;
use socket2::SockFilter;
use std::collections::BTreeSet;

/// `BPF_LDX | BPF_B | BPF_MSH`: four times the lower half of a byte, which is the length of an IPv4 header.
const LOAD_HEADER_LENGTH: u16 = 0xb1;
/// `BPF_LD | BPF_B | BPF_IND`: a byte behind that length.
const LOAD_BEHIND: u16 = 0x50;
/// `BPF_LD | BPF_B | BPF_ABS`: a byte.
const LOAD: u16 = 0x30;
/// `BPF_JMP | BPF_JEQ | BPF_K`: jumps if equal.
const JUMP_IF_EQUAL: u16 = 0x15;
/// `BPF_RET | BPF_K`: ends, with the number of bytes to keep.
const RETURN: u16 = 0x06;
/// Place of the VRID in an advert.
const VRID_OFFSET: u32 = 1;
/// More comparisons than this cost more than they save; a jump cannot be longer than a byte says, either.
const VRIDS_MAX: usize = 128;

/// `BPF_LD | BPF_H | BPF_ABS`: two bytes.
const LOAD_TWO: u16 = 0x28;
/// `BPF_LD | BPF_W | BPF_ABS`: four bytes.
const LOAD_FOUR: u16 = 0x20;
/// Where the source is in the frame around a packet: `SKF_LL_OFF` and the length of the destination.
const FRAME_SOURCE: u32 = 0xffe0_0000 + 6;
/// Length of an IPv6 header.
pub const HEADER_LENGTH_V6: u32 = 40;

/// The filter for what a socket is to hear; `None` if it would be of no use.
pub fn filter(ear: &Ear, wanted: &Wanted) -> Option<Vec<SockFilter>> {
    let mut program = ear.frames_from.map(|mac| frames(ear, mac)).unwrap_or_default();
    if !wanted.hears_all && wanted.vrids.len() <= VRIDS_MAX {
        compare(&mut program, ear, &wanted.vrids)?;
    }
    if program.is_empty() {
        return None;
    }
    program.push(SockFilter::new(RETURN, 0, 0, u32::MAX));
    Some(program)
}

/// Goes on with those that come from a MAC address, with the protocol: these sockets get whole packets of any.
fn frames(ear: &Ear, mac: Mac) -> Vec<SockFilter> {
    let [a, b, c, d, e, f] = mac.0;
    // Where the header says which protocol follows.
    let protocol_at = match ear.family {
        Family::Ipv4 => 9,
        Family::Ipv6 => 6,
    };
    let demands = [
        (LOAD_FOUR, FRAME_SOURCE, u32::from_be_bytes([a, b, c, d])),
        (LOAD_TWO, FRAME_SOURCE + 4, u32::from_be_bytes([0, 0, e, f])),
        (LOAD, protocol_at, u32::from(ear.protocol)),
    ];
    let demand = |(load, at, value)| {
        [SockFilter::new(load, 0, 0, at), SockFilter::new(JUMP_IF_EQUAL, 1, 0, value), SockFilter::new(RETURN, 0, 0, 0)]
    };
    demands.into_iter().flat_map(demand).collect()
}

/// Goes on with those for one of some virtual routers.
fn compare(program: &mut Vec<SockFilter>, ear: &Ear, vrids: &BTreeSet<u8>) -> Option<()> {
    let before = if ear.protocol == PROTOCOL_AH { u32::try_from(ah::HEADER_LENGTH).ok()? } else { 0 };
    match (ear.family, ear.frames_from) {
        (Family::Ipv4, _) => {
            program.push(SockFilter::new(LOAD_HEADER_LENGTH, 0, 0, 0));
            program.push(SockFilter::new(LOAD_BEHIND, 0, 0, before + VRID_OFFSET));
        }
        // Raw IPv6 sockets begin behind the header.
        (Family::Ipv6, None) => program.push(SockFilter::new(LOAD, 0, 0, before + VRID_OFFSET)),
        (Family::Ipv6, Some(_)) => {
            program.push(SockFilter::new(LOAD, 0, 0, HEADER_LENGTH_V6 + before + VRID_OFFSET));
        }
    }
    for (index, vrid) in vrids.iter().enumerate() {
        // Over the comparisons that are left and the refusal.
        let jump = u8::try_from(vrids.len() - index).ok()?;
        program.push(SockFilter::new(JUMP_IF_EQUAL, jump, 0, u32::from(*vrid)));
    }
    program.push(SockFilter::new(RETURN, 0, 0, 0));
    Some(())
}

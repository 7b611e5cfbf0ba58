//! What the kernel drops before it wakes anybody: packets of other virtual routers.
//!
//! A packet filter of the old kind (`linux/filter.h`) on a raw socket. It compares the VRID and nothing else, so that
//! every packet for one of our virtual routers is seen, refused for a reason and counted.

use kalc_core::wire::PROTOCOL_AH;
use kalc_core::wire::ah;
use kalc_ir::Family;
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

/// The filter for some virtual routers; `None` if it would be of no use.
pub fn filter(family: Family, protocol: u8, vrids: &BTreeSet<u8>) -> Option<Vec<SockFilter>> {
    if vrids.len() > VRIDS_MAX {
        return None;
    }
    let mut program = Vec::with_capacity(vrids.len() + 4);
    let before = if protocol == PROTOCOL_AH { u32::try_from(ah::HEADER_LENGTH).ok()? } else { 0 };
    match family {
        Family::Ipv4 => {
            program.push(SockFilter::new(LOAD_HEADER_LENGTH, 0, 0, 0));
            program.push(SockFilter::new(LOAD_BEHIND, 0, 0, before + VRID_OFFSET));
        }
        // Raw IPv6 sockets begin behind the header.
        Family::Ipv6 => program.push(SockFilter::new(LOAD, 0, 0, before + VRID_OFFSET)),
    }
    for (index, vrid) in vrids.iter().enumerate() {
        // Over the comparisons that are left and the refusal.
        let jump = u8::try_from(vrids.len() - index).ok()?;
        program.push(SockFilter::new(JUMP_IF_EQUAL, jump, 0, u32::from(*vrid)));
    }
    program.push(SockFilter::new(RETURN, 0, 0, 0));
    program.push(SockFilter::new(RETURN, 0, 0, u32::MAX));
    Some(program)
}

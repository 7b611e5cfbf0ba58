//! Any bytes, to each layer alone: IPv4 header, authentication header, advert.
#![no_main]

use kalc_core::wire::checksum::Checksum;
use kalc_core::wire::{Advert, Packet, ah, ipv4};
use kalc_ir::net::Family;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    Packet::V4 { bytes: input }.peek();
    if let Ok((header, rest)) = ipv4::decode(input) {
        assert_eq!(header.fixed.len() + header.options.len() + rest.len(), input.len());
    }
    if let Ok((_, rest)) = ah::decode(input) {
        assert_eq!(rest.len() + ah::HEADER_LENGTH, input.len());
    }
    for family in [Family::Ipv4, Family::Ipv6] {
        let Ok(advert) = Advert::decode(family, input) else { continue };
        let mut pdu = Vec::new();
        advert.encode(family, Checksum::new(), &mut pdu);
        assert_eq!(pdu.len(), input.len());
        assert_eq!(Advert::decode(family, &pdu), Ok(advert));
    }
});

//! The number of the family, which each boot gives anew; the kernel's module is loaded if it is missing.

use super::wire::FAMILY;
use crate::starter::Starter;
use netlink_packet_core::{NLM_F_ACK, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_generic::GenlMessage;
use netlink_packet_generic::ctrl::nlas::GenlCtrlAttrs;
use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd};
use netlink_sys::Socket;
use std::io;
use std::time::Duration;

/// How long a module may take to be loaded.
const LIMIT: Duration = Duration::from_secs(30);

/// Why there is no way to the kernel's load balancer.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// This kernel has none.
    #[error("this kernel has no IPVS, and loading the module ip_vs has not helped")]
    Missing,
    /// The system refuses something.
    #[error("cannot speak to IPVS")]
    System(#[from] io::Error),
}

/// The number of the family.
pub fn find(socket: &Socket, starter: &Starter) -> Result<u16, OpenError> {
    if let Some(id) = ask(socket)? {
        return Ok(id);
    }
    // What comes of it shows at once.
    if let Err(error) = starter.load_ipvs(LIMIT) {
        tracing::warn!("the kernel's module ip_vs cannot be loaded: {error}");
    }
    ask(socket)?.ok_or(OpenError::Missing)
}

/// Asks the controller of generic netlink; `None` if there is no such family.
fn ask(socket: &Socket) -> io::Result<Option<u16>> {
    let question = GenlCtrl { cmd: GenlCtrlCmd::GetFamily, nlas: vec![GenlCtrlAttrs::FamilyName(FAMILY.to_owned())] };
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST | NLM_F_ACK;
    let mut message = NetlinkMessage::new(header, NetlinkPayload::from(GenlMessage::from_payload(question)));
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    socket.send(&bytes, 0)?;
    let mut found = None;
    loop {
        let (answer, _) = socket.recv_from_full()?;
        let mut is_done = false;
        crate::netlink::messages::<GenlMessage<GenlCtrl>>(&answer, |message| match message.payload {
            NetlinkPayload::InnerMessage(answer) => {
                let id = answer.payload.nlas.iter().find_map(|attribute| match attribute {
                    GenlCtrlAttrs::FamilyId(id) => Some(*id),
                    _ => None,
                });
                found = id.or(found);
            }
            // An acknowledgement, or that there is none.
            NetlinkPayload::Error(_) => is_done = true,
            _ => {}
        });
        if is_done {
            return Ok(found);
        }
    }
}

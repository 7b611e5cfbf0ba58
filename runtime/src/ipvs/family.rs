//! The number of the family, which each boot gives anew; the kernel's module is loaded if it is missing.

use super::wire::FAMILY;
use netlink_packet_core::{NLM_F_ACK, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_generic::GenlMessage;
use netlink_packet_generic::ctrl::nlas::GenlCtrlAttrs;
use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd};
use netlink_sys::Socket;
use std::io;
use std::process::{Command, Stdio};

/// Where the kernel says how modules are loaded.
const MODPROBE: &str = "/proc/sys/kernel/modprobe";

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
pub fn find(socket: &Socket) -> Result<u16, OpenError> {
    if let Some(id) = ask(socket)? {
        return Ok(id);
    }
    load();
    ask(socket)?.ok_or(OpenError::Missing)
}

/// Loads the module as the kernel itself would. What comes of it shows when the family is asked for again.
fn load() {
    let program = std::fs::read_to_string(MODPROBE).unwrap_or_default();
    let program = Some(program.trim()).filter(|program| !program.is_empty()).unwrap_or("/sbin/modprobe");
    let mut command = Command::new(program);
    command.args(["-s", "--", "ip_vs"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => tracing::info!("loaded the kernel's module ip_vs"),
        Ok(status) => tracing::warn!("{program} ip_vs: {status}"),
        Err(error) => tracing::warn!("cannot run {program}: {error}"),
    }
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

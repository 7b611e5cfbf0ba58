//! Any packets at any times, to two sessions: what counts is encoded to the same bytes, deadlines are ahead, and what is sent
//! can be read.
//!
//! The input is a row of steps: a byte that says how long to wait and who sends, and the packet.
#![no_main]

use kalc_core::Instant;
use kalc_core::bfd::{Action, Control, LENGTH, Origin, Sessions};
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use kalc_ir::Ir;
use libfuzzer_sys::fuzz_target;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

static CONFIG: LazyLock<Arc<Ir>> = LazyLock::new(|| {
    let text = b"bfd_instance A {\nneighbor_ip 10.99.0.1\nmin_rx 50\nmin_tx 60\nmultiplier 3\n}\n\
        bfd_instance B {\nneighbor_ip 10.99.0.2\npassive\nmax_hops 2\n}\n";
    let file = SourceFile::new("keepalived.conf", text.to_vec());
    Arc::new(kalc_compiler::host::Host::read(file, &MemoryFiles::default(), &Profile::default()).ir)
});

fuzz_target!(|input: &[u8]| {
    let mut now = Instant::ZERO;
    let mut sessions = Sessions::new(Arc::clone(&CONFIG), 1, now);
    let mut numbers = [0; 2];
    for step in input.chunks(LENGTH + 1) {
        let Some((&how, packet)) = step.split_first() else { return };
        now = now + Duration::from_millis(u64::from(how >> 2) * 16);
        let mut out = Vec::new();
        // Bounded: a session sends at most once in three quarters of 10 ms.
        sessions.tick(now, &mut out);
        assert!(sessions.deadline().is_none_or(|at| at > now));
        let mut bytes = packet.to_vec();
        // Otherwise hardly a packet would name a session.
        if how & 2 != 0
            && let Some(yours) = bytes.get_mut(8..12)
        {
            yours.copy_from_slice(&u32::to_be_bytes(numbers[usize::from(how & 1)]));
        }
        let source: IpAddr = Ipv4Addr::new(10, 99, 0, 1 + (how & 1)).into();
        let heard = sessions.hear(now, Origin { source, ttl: 255, is_multihop: false }, &bytes, &mut out);
        if heard.is_ok() {
            let control = Control::decode(&bytes).expect("it counted");
            let again = control.encode();
            // Bits without a meaning here, and what follows the packet, are not kept.
            assert_eq!((again[2], &again[4..]), (bytes[2], &bytes[4..LENGTH]));
        }
        for action in out {
            if let Action::Send { bfd, bytes } = action {
                let control = Control::decode(&bytes).expect("what is sent is right");
                numbers[bfd.index()] = control.mine;
            }
        }
    }
});

//! Any files: the whole check, of one host and of two that may be peers, and every way to print what it finds.
#![no_main]

use kalc_compiler::check::{check_fleet, check_host};
use kalc_compiler::host::Host;
use kalc_compiler::render::human::{Style, Texts};
use kalc_compiler::render::{Summary, human, json, short};
use kalc_grammar::expand::Profile;
use kalc_grammar::lex::lex;
use kalc_grammar::source::SourceFile;
use libfuzzer_sys::fuzz_target;

/// A sound host that an input can turn out to be the peer of.
const PEER: &str = "vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n priority 100\n advert_int 1\n \
                    authentication {\n auth_type PASS\n auth_pass s3cret01\n }\n virtual_ipaddress {\n 192.0.2.10/24\n }\n}\n";

fuzz_target!(|input: &[u8]| {
    let (main, files) = kalc_fuzz::files(input);
    let host = Host::read(main, &files, &kalc_fuzz::profile(input));
    let peer = Host::read(SourceFile::new("/peer", PEER.as_bytes().to_vec()), &files, &Profile::default());
    // A host keeps only the tokens with meaning.
    kalc_fuzz::tokens_hold_the_text(&host.logical.text, &lex(&host.logical.text));
    kalc_fuzz::tree_is_in_bounds(&host.tree, &host.tokens);
    let mut diagnostics = check_host(&host);
    kalc_fuzz::places_are_true(&diagnostics, std::iter::once(&host.sources));
    let hosts = [host, peer];
    diagnostics.extend(check_fleet(&hosts));
    kalc_fuzz::places_are_true(&diagnostics, hosts.iter().map(|host| &host.sources));
    short::render(&diagnostics);
    json::render(&diagnostics, Summary::new(hosts.len(), &diagnostics));
    // Reports are slow to draw; the first few have every shape.
    diagnostics.truncate(3);
    let mut texts = Texts::default();
    for (_, file) in hosts.iter().flat_map(|host| host.sources.iter()) {
        texts.add(file.name(), file.text());
    }
    human::render(&diagnostics, &mut texts, Style { color: false, unicode: true });
});

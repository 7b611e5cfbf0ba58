use std::time::Instant;
fn main() {
    let one = "vrrp_instance VI_1 {\n    state BACKUP\n    interface eth0\n    virtual_router_id 51\n    priority 100\n    advert_int 1\n    authentication {\n        auth_type PASS\n        auth_pass s3cret01\n    }\n    virtual_ipaddress {\n        192.0.2.10/24 dev eth0\n    }\n}\n";
    let text = one.repeat(10_000_000 / one.len());
    for _ in 0..5 {
        let t = Instant::now();
        let tokens = kalc_grammar::lex::lex(&text);
        let l = t.elapsed();
        let (tree, _) = kalc_grammar::syntax::parse(&text, &tokens);
        let p = t.elapsed() - l;
        println!(
            "lex {l:?} parse {p:?} nodes {} {:.0} MB/s",
            tree.nodes.len(),
            text.len() as f64 / 1e6 / t.elapsed().as_secs_f64()
        );
    }
}

//! How fast 10 MB are read: tokens, tree, and the whole check of one host.

#[path = "generate.rs"]
#[allow(dead_code, reason = "not every configuration is measured")]
mod generate;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kalc_compiler::check::check_host;
use kalc_compiler::host::Host;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::lex::lex;
use kalc_grammar::source::SourceFile;
use kalc_grammar::syntax::parse;
use std::hint::black_box;
use std::time::Duration;

fn ten_megabytes(make: fn(usize) -> String) -> String {
    let per_line = make(10_000).len() / 10_000;
    make(10_000_000 / per_line)
}

fn check(text: &str) -> usize {
    let host = Host::read(
        SourceFile::new("keepalived.conf", text.as_bytes().to_vec()),
        &MemoryFiles::default(),
        &Profile::default(),
    );
    check_host(&host).len()
}

fn speed(criterion: &mut Criterion) {
    for (name, make) in [("vrrp", generate::vrrp as fn(usize) -> String), ("servers", generate::servers)] {
        let text = ten_megabytes(make);
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(10).measurement_time(Duration::from_secs(5));
        group.bench_function("lex", |bencher| bencher.iter(|| black_box(lex(&text))));
        let tokens = lex(&text);
        group.bench_function("structure", |bencher| bencher.iter(|| black_box(parse(&text, &tokens))));
        group.bench_function("lex and structure", |bencher| {
            bencher.iter(|| {
                let tokens = lex(&text);
                black_box(parse(&text, &tokens))
            });
        });
        group.bench_function("check", |bencher| bencher.iter(|| black_box(check(&text))));
        group.finish();
    }
}

criterion_group!(benches, speed);
criterion_main!(benches);

//! All commands of a configuration, for the rules about scripts.

use crate::host::Host;
use kalc_grammar::config::{SettingId, unquote};
use kalc_grammar::source::Span;
use kalc_ir::checker::CheckerKind;
use kalc_ir::notify::{Command, Fifo};

/// Every command that keepalived runs, in the order of the IR.
pub fn commands(host: &Host) -> Vec<&Command> {
    let ir = &host.ir;
    let global = &ir.global;
    let mut all: Vec<&Command> = Vec::new();
    all.extend(ir.scripts.iter().filter_map(|script| script.command.as_ref()));
    all.extend(ir.vrrp_instances.iter().flat_map(|instance| instance.notify.commands()));
    all.extend(ir.sync_groups.iter().flat_map(|group| group.notify.commands()));
    all.extend(global.startup_script.iter().chain(&global.shutdown_script));
    let fifos: [&Fifo; 3] = [&global.notify_fifo, &global.vrrp_notify_fifo, &global.lvs_notify_fifo];
    all.extend(fifos.into_iter().filter_map(|fifo| fifo.script.as_ref()));
    for server in &ir.virtual_servers {
        all.extend(server.quorum_up.iter().chain(&server.quorum_down));
        for real in &server.real_servers {
            all.extend(real.notify_up.iter().chain(&real.notify_down));
            all.extend(real.checkers.iter().filter_map(|checker| match &checker.kind {
                CheckerKind::Misc { command, .. } => command.as_ref(),
                _ => None,
            }));
        }
    }
    all
}

/// Where a command is written: its first word, which holds the program and its arguments.
pub fn place(host: &Host, command: &Command) -> Span {
    let id = SettingId(command.origin.0);
    host.config.values(id).first().map_or(host.config.setting(id).span, |value| value.span)
}

/// The text of a command as it is written, without the quotes around it. The IR has its words; which of them were
/// quoted is here only.
pub fn text<'h>(host: &'h Host, command: &Command) -> &'h str {
    unquote(host.slice(place(host, command)))
}

/// The program's name without its folder.
pub fn program(command: &Command) -> &str {
    let path = command.arguments.first().map_or("", String::as_str);
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a program is a shell.
pub fn is_shell(program: &str) -> bool {
    ["sh", "bash", "dash", "ash", "ksh", "zsh", "busybox"].contains(&program)
}

/// The path of what is really run: the script behind an interpreter, else the program.
pub fn script_path(command: &Command) -> Option<&str> {
    let interpreters = ["python", "python2", "python3", "perl", "ruby", "php", "env", "sudo", "timeout", "nice"];
    let path = command.arguments.first()?;
    if !is_shell(program(command)) && !interpreters.contains(&program(command)) {
        return Some(path);
    }
    let script =
        command.arguments[1..].iter().find(|word| word.starts_with('/') && !word.contains(char::is_whitespace));
    Some(script.unwrap_or(path))
}

//! Which processes are those that are tracked.
//!
//! What was measured with keepalived 2.2.7: a program without arguments is compared with the name that the kernel shows
//! (`comm`, 15 bytes); with arguments, `full_command` or `param_match` with the command line, of which the first word
//! must be equal, not only its last component. Forks count, threads do not, and what has ended counts no longer although
//! nobody has waited for it.

use kalc_ir::Process;
use kalc_ir::track::ArgumentMatch;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};

/// As much of a command line is read.
const COMMAND_BYTES_MAX: u64 = 64 << 10;

/// Which processes count for which trackers.
#[derive(Debug)]
pub(super) struct Table {
    programs: Vec<Process>,
    /// Indices of the trackers that a process counts for; those of no interest are not in it.
    matches: BTreeMap<u32, Vec<usize>>,
}

impl Table {
    pub fn new(programs: &[Process]) -> Table {
        Table { programs: programs.to_vec(), matches: BTreeMap::new() }
    }

    /// How many run, by tracker.
    pub fn running(&self) -> Vec<u32> {
        let mut running = vec![0u32; self.programs.len()];
        for &index in self.matches.values().flatten() {
            if let Some(count) = running.get_mut(index) {
                *count = count.saturating_add(1);
            }
        }
        running
    }

    /// Looks at every process there is.
    pub fn look_at_all(&mut self) {
        self.matches.clear();
        let entries = match fs::read_dir("/proc") {
            Ok(entries) => entries,
            Err(error) => return tracing::error!("cannot look at processes: {error}"),
        };
        for entry in entries.flatten() {
            if let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
                self.look_at(pid);
            }
        }
    }

    /// Looks at a process that is new or has another name.
    pub fn look_at(&mut self, pid: u32) {
        let found = self.found(pid).unwrap_or_default();
        if found.is_empty() {
            self.matches.remove(&pid);
        } else {
            self.matches.insert(pid, found);
        }
    }

    /// A process has a child, which is the same until it executes something else.
    pub fn forked(&mut self, parent: u32, child: u32) {
        if let Some(found) = self.matches.get(&parent).cloned() {
            self.matches.insert(child, found);
        }
    }

    /// A process has ended.
    pub fn ended(&mut self, pid: u32) {
        self.matches.remove(&pid);
    }

    /// The trackers that a process counts for.
    fn found(&self, pid: u32) -> io::Result<Vec<usize>> {
        let mut stat = Vec::new();
        File::open(format!("/proc/{pid}/stat"))?.take(4096).read_to_end(&mut stat)?;
        let Some((name, is_alive)) = name_and_life(&stat) else { return Ok(Vec::new()) };
        if !is_alive {
            return Ok(Vec::new());
        }
        let mut command: Option<Vec<Vec<u8>>> = None;
        let mut found = Vec::new();
        for (index, program) in self.programs.iter().enumerate() {
            let is_it = if by_command_line(program) {
                let command = match &mut command {
                    Some(command) => command,
                    none @ None => none.insert(command_line(pid)?),
                };
                is_command(program, command)
            } else {
                name == program.program.as_bytes()
            };
            if is_it {
                found.push(index);
            }
        }
        Ok(found)
    }
}

/// From `PID (NAME) STATE …`, where NAME may hold anything: the name, and whether it has not ended.
fn name_and_life(stat: &[u8]) -> Option<(&[u8], bool)> {
    let start = stat.iter().position(|&byte| byte == b'(')? + 1;
    let end = stat.iter().rposition(|&byte| byte == b')')?;
    let state = stat.get(end + 2)?;
    Some((stat.get(start..end)?, !matches!(state, b'Z' | b'X' | b'x')))
}

fn by_command_line(program: &Process) -> bool {
    program.full_command || program.matching != ArgumentMatch::Any
}

fn command_line(pid: u32) -> io::Result<Vec<Vec<u8>>> {
    let mut text = Vec::new();
    File::open(format!("/proc/{pid}/cmdline"))?.take(COMMAND_BYTES_MAX).read_to_end(&mut text)?;
    if text.last() == Some(&0) {
        text.pop();
    }
    Ok(text.split(|&byte| byte == 0).map(<[u8]>::to_vec).collect())
}

fn is_command(program: &Process, command: &[Vec<u8>]) -> bool {
    let Some((first, arguments)) = command.split_first() else { return false };
    if first != program.program.as_bytes() {
        return false;
    }
    let wanted: Vec<&[u8]> = program.arguments.iter().map(String::as_bytes).collect();
    let equal = |wanted: &[&[u8]]| arguments.iter().zip(wanted).all(|(argument, wanted)| argument == wanted);
    match program.matching {
        ArgumentMatch::Any => true,
        ArgumentMatch::Exact => arguments.len() == wanted.len() && equal(&wanted),
        ArgumentMatch::Partial => arguments.len() >= wanted.len() && equal(&wanted),
        ArgumentMatch::Initial => match wanted.split_last() {
            None => true,
            Some((last, rest)) => {
                equal(rest) && arguments.get(rest.len()).is_some_and(|argument| argument.starts_with(last))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kalc_ir::{OriginId, Origins, Weight};

    fn program(words: &[&str], matching: ArgumentMatch, full_command: bool) -> Process {
        let (program, arguments) = words.split_first().expect("a name");
        Process {
            name: "tracker".to_owned(),
            program: (*program).to_owned(),
            arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
            matching,
            weight: Weight::FAULT,
            quorum: 1,
            quorum_max: None,
            terminate_delay_us: 0,
            fork_delay_us: 0,
            full_command,
            unknown: Vec::new(),
            dropped: Vec::new(),
            settings: Vec::new(),
            origin: OriginId::default(),
            origins: Origins::new(),
        }
    }

    #[test]
    fn command_lines_are_compared_as_asked() {
        use ArgumentMatch::{Any, Exact, Initial, Partial};
        // The words of the tracker, how they are compared, and whether they fit some command lines.
        let commands: [&[&str]; 4] =
            [&["proc", "300"], &["/bin/proc", "300"], &["proc", "300", "7"], &["proc", "300", "7", "8"]];
        let cases: [(&[&str], ArgumentMatch, [bool; 4]); 11] = [
            (&["proc", "300"], Exact, [true, false, false, false]),
            (&["proc", "30"], Exact, [false; 4]),
            (&["proc", "300", "7"], Exact, [false, false, true, false]),
            (&["proc"], Partial, [true, false, true, true]),
            (&["proc", "300"], Partial, [true, false, true, true]),
            (&["proc", "30"], Partial, [false; 4]),
            (&["proc", "300", "7"], Partial, [false, false, true, true]),
            (&["proc"], Initial, [true, false, true, true]),
            (&["proc", "30"], Initial, [true, false, true, true]),
            (&["/bin/proc", "300"], Exact, [false, true, false, false]),
            (&["proc"], Any, [true, false, true, true]),
        ];
        for (words, matching, expect) in cases {
            let program = program(words, matching, true);
            let fits = commands.map(|command| {
                let command: Vec<Vec<u8>> = command.iter().map(|word| word.as_bytes().to_vec()).collect();
                is_command(&program, &command)
            });
            assert_eq!(fits, expect, "{words:?} {matching:?}");
        }
    }

    #[test]
    fn names_may_hold_parentheses_and_the_dead_do_not_count() {
        assert_eq!(name_and_life(b"7 (a) b) S 1 7"), Some((&b"a) b"[..], true)));
        assert_eq!(name_and_life(b"7 (gone) Z 1 7"), Some((&b"gone"[..], false)));
        assert_eq!(name_and_life(b"nonsense"), None);
    }

    #[test]
    fn this_process_is_found_by_its_name() {
        let name = fs::read_to_string("/proc/self/comm").expect("a name");
        let mut table = Table::new(&[program(&[name.trim_end()], ArgumentMatch::Any, false)]);
        table.look_at(std::process::id());
        assert_eq!(table.running(), [1]);
        table.forked(std::process::id(), u32::MAX);
        assert_eq!(table.running(), [2]);
        table.ended(u32::MAX);
        table.ended(std::process::id());
        assert_eq!(table.running(), [0]);
    }
}

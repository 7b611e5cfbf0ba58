//! Reads and checks the file: a word that kalc does not know is an error with the nearest one, so that nothing is set in
//! vain.

use super::{Cluster, Level, Member, PerFile, Project};
use crate::diagnostic::Severity;
use crate::lint;
use crate::settings::{Cloud, CloudProfile, Limits, Network};
use globset::GlobBuilder;
use kalc_grammar::config::nearest;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use toml::Spanned;

/// What is wrong with a `kalc.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What, in words.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Where, in bytes.
    pub at: Option<Range<usize>>,
}

type Names = Vec<Spanned<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    target: Option<Spanned<String>>,
    #[serde(default)]
    profiles: Names,
    #[serde(default)]
    profile: BTreeMap<Spanned<String>, ProfileTable>,
    #[serde(default)]
    limits: LimitsTable,
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, Word>,
    #[serde(default)]
    per_file: BTreeMap<Spanned<String>, ByLevel>,
    #[serde(default)]
    cluster: Vec<ClusterTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ProfileTable {
    multicast: Option<bool>,
    #[serde(default)]
    mac_spoofing: bool,
    priority_tie: Option<Tie>,
    #[serde(default)]
    subnets: Names,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct LimitsTable {
    garp_burst: Option<u64>,
    garp_per_second: Option<u64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tie {
    Allow,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Error,
    Warning,
    Info,
    Hint,
    Off,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByLevel {
    #[serde(default)]
    error: Names,
    #[serde(default)]
    warning: Names,
    #[serde(default)]
    info: Names,
    #[serde(default)]
    hint: Names,
    #[serde(default)]
    off: Names,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ClusterTable {
    name: Spanned<String>,
    members: Vec<MemberTable>,
    max_failover: Option<Spanned<String>>,
    #[serde(default)]
    not_peers: Vec<(Spanned<String>, Spanned<String>)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct MemberTable {
    host: Spanned<String>,
    file: String,
    config_id: Option<String>,
    #[serde(default)]
    addresses: Names,
}

/// Reads the text; `folder` leads to the folder of the file.
pub(super) fn read(text: &str, folder: &Path) -> Result<Project, Problem> {
    let file: File = toml::from_str(text).map_err(|error| Problem::toml(&error))?;
    project(file, folder)
}

impl Problem {
    fn at(value: &Spanned<String>, message: String) -> Self {
        Problem { message, help: None, at: Some(value.span()) }
    }

    fn help(self, help: String) -> Self {
        Problem { help: Some(help), ..self }
    }

    /// An error of the TOML reader. Of a word that it does not know it says which it does, all in backquotes.
    fn toml(error: &toml::de::Error) -> Self {
        let message = error.message().to_owned();
        let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
        let help = match words.as_slice() {
            [wrong, known @ ..] if message.starts_with("unknown ") => match nearest(wrong, known.iter().copied()) {
                Some(near) => Some(format!("did you mean `{near}`?")),
                None => Some(format!("it is one of {}", known.join(", "))),
            },
            _ => None,
        };
        // The list of what is known is in the help, or too long to read.
        let message =
            if help.is_some() { message.split(", expected").next().unwrap_or("").to_owned() } else { message };
        Problem { message, help, at: error.span() }
    }
}

fn project(file: File, folder: &Path) -> Result<Project, Problem> {
    let target = match &file.target {
        Some(word) => Some(word.get_ref().parse().map_err(|message| Problem::at(word, message))?),
        None => None,
    };
    let profiles = profiles(&file)?;
    let rules: Vec<(&Spanned<String>, Level)> = file.rules.iter().map(|(name, word)| (name, level(*word))).collect();
    // Of several patterns for one file the longest counts most.
    let mut globs: Vec<(&Spanned<String>, &ByLevel)> = file.per_file.iter().collect();
    globs.sort_by_key(|(pattern, _)| pattern.get_ref().len());
    let mut per_file = Vec::new();
    for (pattern, by_level) in globs {
        let glob = GlobBuilder::new(pattern.get_ref())
            .literal_separator(true)
            .build()
            .map_err(|error| Problem::at(pattern, format!("this is no pattern for files: {}", error.kind())))?;
        let lists = [
            (&by_level.error, Word::Error),
            (&by_level.warning, Word::Warning),
            (&by_level.info, Word::Info),
            (&by_level.hint, Word::Hint),
            (&by_level.off, Word::Off),
        ];
        let rules = lists.into_iter().flat_map(|(names, word)| names.iter().map(move |name| (name, level(word))));
        per_file.push(PerFile { files: glob.compile_matcher(), rules: levels(rules.collect())? });
    }
    let mut names = BTreeSet::new();
    let mut clusters = Vec::new();
    for table in &file.cluster {
        if !names.insert(table.name.get_ref()) {
            return Err(Problem::at(&table.name, format!("there are two clusters `{}`", table.name.get_ref())));
        }
        clusters.push(cluster(table, folder)?);
    }
    let usual = Limits::default();
    let limits = Limits {
        garp_burst: file.limits.garp_burst.unwrap_or(usual.garp_burst),
        garp_per_second: file.limits.garp_per_second.unwrap_or(usual.garp_per_second),
    };
    let rules = levels(rules)?;
    Ok(Project { folder: folder.to_owned(), target, profiles, limits, rules, per_file, clusters })
}

/// The clouds that are named, each with what its table says is different there.
fn profiles(file: &File) -> Result<Vec<CloudProfile>, Problem> {
    let cloud = |word: &Spanned<String>| word.get_ref().parse::<Cloud>().map_err(|message| Problem::at(word, message));
    let mut profiles: Vec<CloudProfile> = Vec::new();
    for word in &file.profiles {
        profiles.push(cloud(word)?.into());
    }
    for (word, table) in &file.profile {
        let cloud = cloud(word)?;
        let Some(profile) = profiles.iter_mut().find(|profile| profile.cloud == cloud) else {
            let problem = Problem::at(word, format!("`{cloud}` is not among the `profiles`"));
            return Err(problem.help(format!("write `profiles = [\"{cloud}\"]` at the head of the file")));
        };
        profile.carries_multicast = table.multicast.unwrap_or(profile.carries_multicast);
        profile.permits_spoofing = table.mac_spoofing;
        profile.permits_priority_tie = matches!(table.priority_tie, Some(Tie::Allow));
        profile.subnets = networks(&table.subnets)?;
    }
    Ok(profiles)
}

fn networks(words: &Names) -> Result<Vec<Network>, Problem> {
    let network = |word: &Spanned<String>| {
        let example = "write it as in `10.0.0.11/24`".to_owned();
        word.get_ref().parse().map_err(|message| Problem::at(word, message).help(example))
    };
    words.iter().map(network).collect()
}

fn level(word: Word) -> Level {
    match word {
        Word::Error => Some(Severity::Error),
        Word::Warning => Some(Severity::Warning),
        Word::Info => Some(Severity::Info),
        Word::Hint => Some(Severity::Hint),
        Word::Off => None,
    }
}

/// Rules that exist; those that are named more exactly come later and so count more.
fn levels(mut rules: Vec<(&Spanned<String>, Level)>) -> Result<Vec<(String, Level)>, Problem> {
    for (name, _) in &rules {
        let word = name.get_ref();
        if !lint::rules::RULES.iter().any(|rule| rule.matches(word)) {
            let problem = Problem::at(name, format!("there is no rule `{word}`"));
            return Err(match lint::nearest(word) {
                Some(near) => problem.help(format!("did you mean `{near}`? `kalc rules` lists all")),
                None => problem.help("`kalc rules` lists all".to_owned()),
            });
        }
    }
    rules.sort_by_key(|(name, _)| if lint::find(name.get_ref()).is_some() { usize::MAX } else { name.get_ref().len() });
    Ok(rules.into_iter().map(|(name, level)| (name.get_ref().clone(), level)).collect())
}

fn cluster(table: &ClusterTable, folder: &Path) -> Result<Cluster, Problem> {
    let mut members: Vec<Member> = Vec::new();
    for member in &table.members {
        let host = member.host.get_ref();
        if members.iter().any(|known| known.host == *host) {
            let message = format!("cluster `{}` has two hosts `{host}`", table.name.get_ref());
            return Err(Problem::at(&member.host, message));
        }
        let addresses = networks(&member.addresses)?;
        let file = folder.join(&member.file).to_string_lossy().into_owned();
        members.push(Member { host: host.clone(), file, config_id: member.config_id.clone(), addresses });
    }
    let mut not_peers = Vec::new();
    for pair in &table.not_peers {
        for side in [&pair.0, &pair.1] {
            let hosts = members.iter().map(|member| member.host.as_str());
            match side.get_ref().split_once(':') {
                Some((host, instance)) if !instance.is_empty() => {
                    if !members.iter().any(|member| member.host == host) {
                        let problem = Problem::at(side, format!("no member is the host `{host}`"));
                        return Err(match nearest(host, hosts) {
                            Some(near) => problem.help(format!("did you mean `{near}`?")),
                            None => problem,
                        });
                    }
                }
                Some(_) | None => {
                    let message = "write a host and an instance, as in `web1:VI_1`".to_owned();
                    return Err(Problem::at(side, message));
                }
            }
        }
        not_peers.push((pair.0.get_ref().clone(), pair.1.get_ref().clone()));
    }
    let max_failover_us = match &table.max_failover {
        Some(word) => Some(duration_us(word.get_ref()).ok_or_else(|| {
            let message = format!("`{}` is no time", word.get_ref());
            Problem::at(word, message).help("write it as in `5s`, `1.5s` or `800ms`".to_owned())
        })?),
        None => None,
    };
    Ok(Cluster { name: table.name.get_ref().clone(), members, max_failover_us, not_peers })
}

/// `5s`, `1.5s`, `800ms` in microseconds.
fn duration_us(text: &str) -> Option<u64> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1_000.0),
        None => (text.strip_suffix('s')?, 1_000_000.0),
    };
    let plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = plain.then(|| number.trim().parse().ok())??;
    (number <= 1e9).then(|| (number * unit).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::duration_us;

    #[test]
    fn times() {
        for (text, us) in [("5s", 5_000_000), ("1.5s", 1_500_000), ("800ms", 800_000), ("0s", 0)] {
            assert_eq!(duration_us(text), Some(us));
        }
        for wrong in ["", "5", "s", "ms", "-1s", "5 s", "1e3s", "infs", "5m", "1.2.3s"] {
            assert_eq!(duration_us(wrong), None, "{wrong}");
        }
    }
}

//! Rules. Each is one file in `rules/`, named by its name: its module doc is its page, the examples there are its tests,
//! and one line in [`rules!`] makes it known everywhere.

pub(crate) mod announce;
pub mod commands;
pub mod crash;
pub mod expression;
mod faulty;
mod findings;
pub(crate) mod names;
pub mod page;
pub(crate) mod phrase;
pub mod place;
pub mod placeholder;
pub mod rules;
mod takes;
pub mod template;
pub mod values;

pub use findings::{Finding, Findings};

use crate::diagnostic::Severity;
use crate::fleet::Fleet;
use crate::host::Host;
use crate::settings::{Cloud, Settings};

/// What a rule needs to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One host's file with its includes.
    File,
    /// The files of several hosts.
    Cluster,
}

/// Whether a rule offers a way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixable {
    /// No.
    None,
    /// The daemon behaves the same afterwards.
    Safe,
    /// It changes what the daemon does.
    Suggested,
}

/// What must be known for a rule to say anything; otherwise it is not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing but the files.
    Nothing,
    /// That the host is to run in one of these clouds.
    Cloud(&'static [Cloud]),
    /// What will read the file.
    Target,
    /// The machine that the file is for.
    Machine,
}

impl Needs {
    /// Whether that is known.
    pub fn are_met(self, settings: &Settings) -> bool {
        match self {
            Needs::Nothing => true,
            Needs::Cloud(clouds) => settings.cloud(clouds).is_some(),
            Needs::Target => settings.target.is_some(),
            Needs::Machine => settings.facts.is_some(),
        }
    }
}

/// What a rule looks at.
#[derive(Clone, Copy)]
pub enum Check {
    /// Called for every host.
    Host(fn(&Host, &mut Findings<'_>)),
    /// Called once for all hosts.
    Fleet(fn(&Fleet<'_>, &mut Findings<'_>)),
    /// Both: what one file shows already, and what only several show.
    Both(fn(&Host, &mut Findings<'_>), fn(&Fleet<'_>, &mut Findings<'_>)),
    /// Called for every host, and again for all of them: what is true of one host by itself may be worse, or not true at
    /// all, in the company of its peers.
    Peers {
        /// What is found on a host by itself.
        alone: fn(&Host, &mut Findings<'_>),
        /// What is found at the same place takes its place; [`Findings::withdraw`] takes it back.
        together: fn(&Fleet<'_>, &mut Findings<'_>),
    },
}

/// What a rule says of itself; its file has one of these, named `META`.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// `KA401`. Codes never change their meaning and are never used again.
    pub code: &'static str,
    /// Unless a case is said to be better or worse.
    pub severity: Severity,
    /// Whether it offers a way out.
    pub fix: Fixable,
    /// Whether a finding means that the file cannot be run as keepalived would run it.
    pub blocks_run: bool,
}

/// A rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// `auth-pass-too-long`
    pub name: &'static str,
    /// What it says of itself.
    pub meta: &'static Meta,
    /// What it needs to know besides the files.
    pub needs: Needs,
    /// What it does.
    pub check: Check,
    /// The source of its file, which starts with its page.
    source: &'static str,
}

impl Rule {
    /// What it needs to see.
    pub fn scope(&self) -> Scope {
        match self.check {
            Check::Host(_) | Check::Peers { .. } => Scope::File,
            Check::Fleet(_) | Check::Both(..) => Scope::Cluster,
        }
    }

    /// The clouds it is about; none for one that is true everywhere.
    pub fn clouds(&self) -> &'static [Cloud] {
        match self.needs {
            Needs::Nothing | Needs::Target | Needs::Machine => &[],
            Needs::Cloud(clouds) => clouds,
        }
    }

    /// Whether a name that a user wrote means this rule: its code, the beginning of its code (`KA4`), or its name.
    pub fn matches(&self, name: &str) -> bool {
        self.name == name
            || (name.len() >= 3 && self.meta.code.get(..name.len()).is_some_and(|code| code.eq_ignore_ascii_case(name)))
    }

    /// Its page in Markdown.
    pub fn page(&self) -> String {
        page::module_doc(self.source)
    }

    /// Its page under a title, with how to silence it, in Markdown: what `kalc explain` prints.
    pub fn explanation(&self) -> String {
        let Meta { code, severity, .. } = *self.meta;
        format!(
            "# {code} {} ({})\n\n{}\nTo silence it at one place: `# kalc: allow({code})` behind the line or above the \
             block; for one run: `kalc check --ignore {code}`.\n",
            self.name,
            severity.word(),
            self.page(),
        )
    }

    /// The group that its code belongs to.
    pub fn group(&self) -> &'static str {
        match self.meta.code.as_bytes().get(2) {
            Some(b'1') => "syntax",
            Some(b'2') => "values",
            Some(b'3') => "instances",
            Some(b'4') => "security",
            Some(b'5') => "tracking",
            Some(b'6') => "cluster",
            Some(b'7') => "announcements",
            Some(b'8') => "virtual-servers",
            _ => "kalc",
        }
    }
}

/// The rule with that code or name.
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    rules::RULES.iter().find(|rule| rule.meta.code.eq_ignore_ascii_case(code_or_name) || rule.name == code_or_name)
}

/// The code or name of a rule that a user probably meant.
pub fn nearest(code_or_name: &str) -> Option<&'static str> {
    // Letters that look like digits.
    let digits = code_or_name.replace(['O', 'o'], "0").replace(['I', 'l'], "1");
    if let Some(rule) = rules::RULES.iter().find(|rule| rule.meta.code.eq_ignore_ascii_case(&digits)) {
        return Some(rule.meta.code);
    }
    kalc_grammar::config::nearest(code_or_name, rules::RULES.iter().flat_map(|rule| [rule.name, rule.meta.code]))
}

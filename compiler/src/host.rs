//! One host: a file with all it includes, read under one profile, from text to meaning.

use crate::diagnostic::Place;
use crate::lint::template;
use crate::lower;
use crate::settings::Settings;
use kalc_grammar::config::{self, Config, SettingId, Value};
use kalc_grammar::expand::{Logical, Profile, Via, ViaKind, expand};
use kalc_grammar::fault::{At, Fault, FaultKind};
use kalc_grammar::files::FileSystem;
use kalc_grammar::lex::{Tokens, lex};
use kalc_grammar::source::{FileSpan, SourceFile, Sources, Span};
use kalc_grammar::syntax::{self, Tree};
use kalc_ir::Ir;

/// Everything that is known of one host.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its files; the main one first.
    pub sources: Sources,
    /// What it was read under.
    pub profile: Profile,
    /// The text that keepalived understands.
    pub logical: Logical,
    /// That text as tokens; only those with meaning.
    pub tokens: Tokens,
    /// That text as a tree.
    pub tree: Tree,
    /// What is written.
    pub config: Config,
    /// What it means.
    pub ir: Ir,
    /// What is wrong with the text.
    pub faults: Vec<Fault>,
    /// Whether some of the configuration is missing, so that a name may be given or used there.
    pub is_partial: bool,
    /// What messages call it, where that is not the name of its main file: the folder's name, or the file's with a
    /// configuration id.
    pub title: Option<String>,
    /// What it is checked for; nothing in particular unless whoever read it says so.
    pub settings: Settings,
    /// Where it shows that the file is a template and no configuration yet.
    pub template: Option<At>,
}

fn takes_a_part_away(fault: &Fault) -> bool {
    match fault.kind {
        FaultKind::IncludeNotFound { wildcard, .. } => !wildcard,
        FaultKind::IncludeUnreadable { .. } | FaultKind::IncludeCycle { .. } | FaultKind::ExpansionLimit { .. } => true,
        _ => false,
    }
}

impl Host {
    /// Reads a file and all it includes.
    pub fn read(main: SourceFile, files: &dyn FileSystem, profile: &Profile) -> Host {
        let mut sources = Sources::default();
        let main = sources.add(main);
        let mut logical = expand(&mut sources, main, files, profile);
        let mut tokens = lex(&logical.text);
        let (tree, structure) = syntax::parse(&logical.text, &tokens);
        let (config, words) = config::read(&logical, &tokens, &tree);
        let mut faults = std::mem::take(&mut logical.faults);
        faults.extend(structure);
        faults.extend(words);
        let is_partial = faults.iter().any(takes_a_part_away);
        tokens.keep_significant();
        let ir = lower::lower(&config, &logical, profile);
        let profile = profile.clone();
        let settings = Settings::default();
        let (title, template) = (None, None);
        let mut host =
            Host { sources, profile, logical, tokens, tree, config, ir, faults, is_partial, title, settings, template };
        host.template = template::find(&host);
        host
    }

    /// What messages call it.
    pub fn name(&self) -> &str {
        self.title.as_deref().unwrap_or_else(|| self.file_name())
    }

    /// The name of the main file.
    pub fn file_name(&self) -> &str {
        self.sources.iter().next().map_or("", |(_, file)| file.name())
    }

    /// Where the user typed something, and what brought it to where it counts.
    pub fn place(&self, at: At) -> (Place, Vec<(Place, String)>) {
        let place = self.logical.place_of(at);
        let uses = place.uses.iter().map(|via| (self.file_place(via.at), describe(via))).collect();
        (self.file_place(place.typed), uses)
    }

    /// A place in a file.
    pub fn file_place(&self, at: FileSpan) -> Place {
        Place::new(&self.sources, at)
    }

    /// Where a definition is used, if it brought a word into a statement that was not typed in that definition.
    pub fn use_in_statement(&self, word: Span) -> Option<FileSpan> {
        let uses = self.logical.place_of(At::Logical(word)).uses;
        if uses.is_empty() {
            return None;
        }
        let statement = self.config.setting_at(word.start).map(|id| self.config.setting(id).name)?;
        let around = self.logical.place_of(At::Logical(statement)).uses;
        // What is not also around the statement came in between; the outermost of those is what the user wrote there.
        let own = uses.len().checked_sub(around.len()).filter(|&own| own > 0 && uses[own..] == around[..])?;
        let outermost = &uses[own - 1];
        matches!(outermost.kind, ViaKind::Definition(_) | ViaKind::Builtin(_)).then_some(outermost.at)
    }

    /// The text of a value, without quotes.
    pub fn text(&self, value: &Value) -> std::borrow::Cow<'_, str> {
        self.config.text_of(value)
    }

    /// The text of a range.
    pub fn slice(&self, span: Span) -> &str {
        self.config.slice(span)
    }

    /// From the first word of a statement to the end of its block.
    pub fn whole(&self, id: SettingId) -> Span {
        self.tree.whole(self.config.setting(id).node, &self.tokens.significant)
    }
}

fn describe(via: &Via) -> String {
    match &via.kind {
        ViaKind::Include => "included here".to_owned(),
        ViaKind::Definition(name) => format!("`{name}` is used here"),
        ViaKind::Sequence(values) => {
            let values: Vec<_> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("in the turn with {}", values.join(", "))
        }
        ViaKind::Builtin(name) => format!("the value of `{name}`"),
    }
}

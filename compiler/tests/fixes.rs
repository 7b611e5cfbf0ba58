//! Fixes: the laws that hold for those of every rule, on the examples of its page, and how they are made together.

use kalc_compiler::diagnostic::{Diagnostic, Severity};
use kalc_compiler::fix::{self, Allowed, Fixed, Request};
use kalc_compiler::ir_json::effect;
use kalc_compiler::lint::page::{Example, Shows, examples};
use kalc_compiler::lint::rules::RULES;
use kalc_compiler::lint::{Fixable, Rule};
use kalc_compiler::project::{Input, Origin, Overrides, Plan, Reader, Run, Unit};
use kalc_compiler::render::short;
use kalc_compiler::settings::Settings;
use kalc_compiler::suppress::Date;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::{FileSystem, MemoryFiles};
use kalc_grammar::source::SourceFile;
use std::collections::BTreeSet;

/// Files, and how they are checked.
struct World {
    files: MemoryFiles,
    settings: Settings,
    overrides: Overrides,
}

impl World {
    fn new(files: &[(&str, &str)]) -> Self {
        let files = MemoryFiles::new(files.iter().copied());
        // Cases are about these, whatever else there is to say of them.
        let select = ["KA105", "KA106", "KA115", "KA701"].map(str::to_owned).to_vec();
        World { files, settings: Settings::default(), overrides: Overrides { select, ..Overrides::default() } }
    }

    fn of(example: &Example, rule: Option<&Rule>) -> Self {
        let files = MemoryFiles::new(example.files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
        let select = rule.map(|rule| rule.meta.code.to_owned()).into_iter().collect();
        World { files, settings: example.settings.clone(), overrides: Overrides { select, ..Overrides::default() } }
    }

    fn reader(&self) -> Reader<'_> {
        Reader { files: &self.files, profile: Profile::default(), settings: self.settings.clone() }
    }

    fn units(&self) -> (Vec<Unit>, Vec<Input>) {
        let inputs: Vec<Input> = self.files.files.keys().map(|name| Input::new(name, Origin::Found)).collect();
        let reader = self.reader();
        let unit = |input: &Input| {
            let text = self.files.read(&input.path).expect("a file");
            let mut unit = reader.read(input, SourceFile::new(input.path.as_str(), text));
            unit.check();
            unit
        };
        (inputs.iter().map(unit).collect(), inputs)
    }

    fn plan(&self) -> Plan<'_> {
        Plan {
            project: None,
            overrides: &self.overrides,
            today: Date::parse("2026-11-21").expect("a date"),
            compares: true,
            is_folder: true,
            settings: &self.settings,
        }
    }

    fn findings(&self) -> Vec<Diagnostic> {
        let (mut units, _) = self.units();
        Run::new(units.iter_mut().collect()).findings(&self.plan(), &self.files)
    }

    /// Makes fixes, and keeps the texts.
    fn fix(&mut self, allowed: Allowed) -> Fixed {
        let (mut units, inputs) = self.units();
        let request = Request { allowed, least: Severity::Hint, unknown: &|_, found| found };
        let fixed = fix::run(&mut units, &inputs, &self.reader(), &self.plan(), &request);
        for file in fixed.files.values() {
            self.files.files.insert(file.name.clone(), file.after.clone());
        }
        fixed
    }

    fn text(&self, name: &str) -> &str {
        std::str::from_utf8(&self.files.files[name]).expect("text")
    }

    fn effects(&self) -> Vec<serde_json::Value> {
        let (units, _) = self.units();
        units.iter().map(|unit| effect(&unit.host.ir)).collect()
    }
}

fn with_fix(found: &[Diagnostic], safe: bool) -> usize {
    found.iter().filter(|d| d.fix.as_ref().is_some_and(|fix| fix.safe == safe)).count()
}

/// What is wrong with the fixes of a rule on one of its examples, and how many there were.
fn judge(rule: &Rule, example: &Example) -> (usize, Vec<String>) {
    let mut wrong = Vec::new();
    let world = World::of(example, Some(rule));
    let found = world.findings();
    let (safe, suggested) = (with_fix(&found, true), with_fix(&found, false));
    if safe > 0 {
        let mut world = World::of(example, Some(rule));
        let before = world.effects();
        let fixed = world.fix(Allowed::Safe);
        if before != world.effects() {
            wrong.push("a safe fix changed what the daemon does".to_owned());
        }
        if with_fix(&fixed.diagnostics, true) > 0 {
            wrong.push(format!("a safe fix cannot be made:\n{}", short::render(&fixed.diagnostics)));
        }
        let texts = world.files.files.clone();
        if world.fix(Allowed::Safe).count > 0 || world.files.files != texts {
            wrong.push("safe fixes made twice are not as made once".to_owned());
        }
    }
    if safe + suggested > 0 {
        let errors = |world: &World| -> BTreeSet<&'static str> {
            let all =
                World { overrides: Overrides::default(), settings: world.settings.clone(), files: world.files.clone() };
            // What the daemon does now may be wrong in another way; the text may not.
            let is_of_text = |d: &&Diagnostic| d.code.starts_with("KA1") || d.code.starts_with("KA2");
            let found = all.findings();
            found.iter().filter(|d| d.severity == Severity::Error).filter(is_of_text).map(|d| d.code).collect()
        };
        let mut world = World::of(example, Some(rule));
        let before = errors(&world);
        let fixed = world.fix(Allowed::Suggested);
        let left = with_fix(&fixed.diagnostics, true) + with_fix(&fixed.diagnostics, false);
        if left > 0 {
            wrong.push(format!("fixes cannot be made:\n{}", short::render(&fixed.diagnostics)));
        }
        let new: Vec<_> = errors(&world).difference(&before).copied().collect();
        if !new.is_empty() {
            let texts: Vec<_> = world.files.files.values().map(|text| String::from_utf8_lossy(text)).collect();
            wrong.push(format!("the fixed text is an error for {new:?}:\n{}", texts.join("\n")));
        }
        if world.fix(Allowed::Suggested).count > 0 {
            wrong.push("fixes made twice are not as made once".to_owned());
        }
    }
    (safe + suggested, wrong)
}

/// Rules whose examples offer no fix: it depends on a peer's file (KA318), or the example makes its many addresses with a
/// sequence, which is not edited (KA323).
const UNSHOWN: [&str; 2] = ["KA318", "KA323"];

#[test]
fn laws_hold_for_the_fixes_of_every_rule() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let mut offered = 0;
        for (index, example) in examples(&rule.page()).iter().enumerate() {
            if example.shows != Shows::Fail {
                continue;
            }
            let (count, faults) = judge(rule, example);
            offered += count;
            wrong.extend(faults.iter().map(|fault| format!("{} example {}: {fault}", rule.meta.code, index + 1)));
        }
        match (rule.meta.fix, offered) {
            (Fixable::None, 0) => {}
            (Fixable::None, _) => wrong.push(format!("{} says it has no fix and offers one", rule.meta.code)),
            (Fixable::Safe | Fixable::Suggested, 0) if UNSHOWN.contains(&rule.meta.code) => {}
            (Fixable::Safe | Fixable::Suggested, 0) => {
                wrong.push(format!("{} says it has a fix and no example of it offers one", rule.meta.code));
            }
            (Fixable::Safe | Fixable::Suggested, _) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const INSTANCE: &str = "vrrp_instance A {\n    state BACKUP\n    interface eth0\n    virtual_router_id 1\n    garp_master_delay 5\n    virtual_ipaddress {\n        192.0.2.1/24\n    }\n}\n";

#[test]
fn text_that_is_used_twice_is_not_edited() {
    let part = "state master\n";
    let main = |name: &str, vrid: u8| {
        INSTANCE
            .replace(" A ", &format!(" {name} "))
            .replace("id 1", &format!("id {vrid}"))
            .replace("state BACKUP", "include part")
    };
    // Once it may be edited, included by two instances or by two hosts of which one says otherwise it may not.
    let mut once = World::new(&[("keepalived.conf", &main("A", 1)), ("part", part)]);
    assert_eq!(once.fix(Allowed::Suggested).count, 1);
    assert_eq!(once.text("part"), "state MASTER\n");
    let both = main("A", 1) + &main("B", 2);
    let mut twice = World::new(&[("keepalived.conf", &both), ("part", part)]);
    assert_eq!(twice.fix(Allowed::Suggested).count, 0);
    let defined = format!("$S=master\n{}", INSTANCE.replace("state BACKUP", "state $S"));
    let mut defined = World::new(&[("keepalived.conf", &defined)]);
    assert_eq!(defined.fix(Allowed::Suggested).count, 0);
}

#[test]
fn one_configuration_id_does_not_change_what_another_reads() {
    let text = INSTANCE.replace("state BACKUP", "@web1 state master\n    @web2 state BACKUP");
    let mut own = World::new(&[("keepalived.conf", &text)]);
    own.fix(Allowed::Suggested);
    assert!(own.text("keepalived.conf").contains("@web1 state MASTER"), "a line of one id is its own");
    // A line above would have to be put behind the condition.
    let text = text.replace("    garp_master_delay 5\n", "");
    let mut other = World::new(&[("keepalived.conf", &text)]);
    other.fix(Allowed::Suggested);
    assert!(other.text("keepalived.conf").contains("\n    @web1 state MASTER\n"), "{}", other.text("keepalived.conf"));
}

#[test]
fn fixes_that_touch_each_other_are_made_in_rounds() {
    let text = INSTANCE.replace("state BACKUP", "state master\n    priority 100 100 \n    advert_int 1 one");
    let mut world = World::new(&[("keepalived.conf", &text)]);
    let fixed = world.fix(Allowed::Suggested);
    assert!(fixed.count >= 2, "{}", world.text("keepalived.conf"));
    assert_eq!(world.fix(Allowed::Suggested).count, 0);
}

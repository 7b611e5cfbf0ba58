//! Every place that mentions what stands under the cursor.

use super::View;
use super::company::Company;
use super::names::{Mention, Thing, mentions, thing};
use kalc_grammar::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Mentions by the one spelling of the path of their file, and their place there.
pub type Places = BTreeMap<(String, Span), Mention>;

/// All mentions of the thing at a position, on all hosts that share names with this one.
pub fn references(company: &Company, view: View<'_>, offset: u32) -> Option<Places> {
    let (thing, _) = thing(view, offset)?;
    let places = everywhere(company, view, &thing).1;
    (!places.is_empty()).then_some(places)
}

/// The mentions in the file itself, whichever host reads it.
pub fn highlights(views: &[View<'_>], offset: u32) -> Option<BTreeMap<Span, Mention>> {
    let (thing, _) = views.iter().find_map(|&view| thing(view, offset))?;
    let mut found = BTreeMap::new();
    for view in views {
        let here = mentions(view.host, &thing).into_iter().filter(|mention| mention.at.file == view.file);
        found.extend(here.map(|mention| (mention.at.span, mention)));
    }
    (!found.is_empty()).then_some(found)
}

/// The hosts that a name is shared with, and its mentions there: kin of the host, and whoever else reads a file with a
/// mention, since text that others read cannot be looked at for one of them only.
pub(super) fn everywhere(company: &Company, view: View<'_>, thing: &Thing) -> (BTreeSet<usize>, Places) {
    let mut hosts = BTreeSet::new();
    let mut next: Vec<usize> = company.kin(view.reading).into_iter().collect();
    let mut places = Places::new();
    while let Some(index) = next.pop() {
        let Some(reading) = company.readings.get(index) else { continue };
        if !hosts.insert(index) {
            continue;
        }
        for mention in mentions(&reading.host, thing) {
            let Some(path) = reading.files.get(mention.at.file.0 as usize) else { continue };
            let key = (path.clone(), mention.at.span);
            // One host may see as plain text what another one puts together.
            let is_plain = mention.is_plain && places.get(&key).is_none_or(|known| known.is_plain);
            if places.insert(key, Mention { is_plain, ..mention }).is_none() {
                next.extend(company.holders(path).filter(|holder| !hosts.contains(holder)));
            }
        }
    }
    (hosts, places)
}

//! The things with names in all files, by a part of their name.

use super::company::Company;
use super::symbols::{Symbol, symbols};
use kalc_grammar::source::Span;
use rustc_hash::FxHashSet;

/// More are not listed: nobody reads them, and the next letter leaves fewer.
pub const MOST: usize = 500;

/// A thing with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// Its keyword.
    pub keyword: &'static str,
    /// The host that it was found on.
    pub host: String,
    /// The one spelling of the path of its file.
    pub path: String,
    /// Its first line.
    pub span: Span,
}

/// The things whose name, or keyword and name, has the letters of the query in that order; case does not count.
pub fn workspace_symbols<'c>(companies: impl Iterator<Item = &'c Company>, query: &str) -> Vec<Found> {
    let query: Vec<char> = query.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let mut found = Vec::new();
    let mut seen: FxHashSet<(String, Span)> = FxHashSet::default();
    for company in companies {
        for (index, reading) in company.readings.iter().enumerate() {
            for path in &reading.files {
                let Some(view) = company.view(index, path) else { continue };
                let mut rest = symbols(view);
                while let Some(mut symbol) = rest.pop() {
                    let children = std::mem::take(&mut symbol.children);
                    if let Some(keyword) = symbol.detail
                        && matches(&format!("{keyword} {}", symbol.name), &query)
                        && seen.insert((path.clone(), symbol.selection))
                    {
                        let Symbol { name, selection: span, .. } = symbol;
                        let (host, path) = (reading.host.name().to_owned(), path.clone());
                        found.push(Found { name, keyword, host, path, span });
                    }
                    rest.extend(children);
                }
                if found.len() >= MOST {
                    found.truncate(MOST);
                    return found;
                }
            }
        }
    }
    found.sort_by(|a, b| (&a.path, a.span).cmp(&(&b.path, b.span)));
    found
}

fn matches(text: &str, query: &[char]) -> bool {
    let mut text = text.chars().flat_map(char::to_lowercase);
    query.iter().all(|wanted| text.any(|c| c == *wanted))
}

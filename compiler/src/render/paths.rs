//! File names as the services that read reports want them: relative to the folder that kalc ran in, without `./`; and a
//! number for each finding that outlives a change of lines.

use crate::diagnostic::Diagnostic;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

/// The folder to which names are relative.
#[derive(Clone, Debug, Default)]
pub struct Base(String);

impl Base {
    /// The folder of that name, as an absolute path; an empty name is no folder.
    pub fn new(folder: &str) -> Self {
        Base(folder.trim_end_matches('/').to_owned())
    }

    /// The name of a file: relative if it is in the folder.
    pub fn name<'f>(&self, file: &'f str) -> &'f str {
        let inside = file.strip_prefix(self.0.as_str()).and_then(|rest| rest.strip_prefix('/'));
        let mut name = inside.filter(|_| !self.0.is_empty()).unwrap_or(file);
        while let Some(rest) = name.strip_prefix("./") {
            name = rest.trim_start_matches('/');
        }
        name
    }

    /// The name as part of a URI reference.
    pub fn uri(&self, file: &str) -> String {
        let name = self.name(file);
        let mut uri = if name.starts_with('/') { "file://".to_owned() } else { String::new() };
        for byte in name.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'@' | b'+' | b',' => {
                    uri.push(char::from(byte));
                }
                _ => uri.push_str(&format!("%{byte:02X}")),
            }
        }
        uri
    }
}

/// A fingerprint for each finding: its rule, file and message, and which of several such it is. Lines have no part in it.
pub fn fingerprints(diagnostics: &[Diagnostic], base: &Base) -> Vec<String> {
    let mut seen: FxHashMap<(&str, &str, &str), u32> = FxHashMap::default();
    diagnostics
        .iter()
        .map(|d| {
            let key = (d.code, base.name(&d.place.file), d.message.as_str());
            let count = seen.entry(key).or_default();
            *count += 1;
            let (code, file, message) = key;
            let hash = Sha256::digest(format!("{code}\0{file}\0{message}\0{count}"));
            hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Base;

    #[test]
    fn names_are_relative_where_they_can_be() {
        let base = Base::new("/repo/");
        for (file, name) in [
            ("web1/keepalived.conf", "web1/keepalived.conf"),
            ("./web1/keepalived.conf", "web1/keepalived.conf"),
            (".//x.conf", "x.conf"),
            ("/repo/x.conf", "x.conf"),
            ("/repository/x.conf", "/repository/x.conf"),
            ("../x.conf", "../x.conf"),
        ] {
            assert_eq!(base.name(file), name);
        }
        assert_eq!(Base::default().name("/x.conf"), "/x.conf");
        assert_eq!(base.uri("a b/größe#1.conf"), "a%20b/gr%C3%B6%C3%9Fe%231.conf");
        assert_eq!(base.uri("/etc/x.conf"), "file:///etc/x.conf");
        assert_eq!(base.uri("<stdin>"), "%3Cstdin%3E");
    }
}

//! Skeletons of blocks for an editor to insert, in the format of VS Code, made from sketches and the schema.
//!
//! A sketch is a configuration as one would write it. The schema says which of its words are values: those become places
//! to fill in, with the listed words to choose from where there is a list. A block without a sketch gets its name, its
//! parameters and its braces. The server offers the same at the level of the file, and inside a block what fits there.

use kalc_grammar::schema::usage::arg_words;
use kalc_grammar::schema::{Arg, Keyword, Param, Presence, root};
use serde_json::{Map, Value, json};

/// A configuration to begin with.
struct Sketch {
    /// What is typed to get it; the first word is the keyword whose text explains it.
    prefix: &'static str,
    /// The configuration.
    text: &'static str,
}

const SKETCHES: &[Sketch] = &[
    Sketch {
        prefix: "global_defs",
        text: r#"
global_defs {
    router_id web1
    script_user nobody
    enable_script_security
}
"#,
    },
    Sketch {
        prefix: "vrrp_instance",
        text: r#"
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 61
    priority 100
    advert_int 1
    garp_master_delay 5
    garp_master_refresh 60
    virtual_ipaddress {
        192.0.2.61/24 dev eth0
    }
}
"#,
    },
    Sketch {
        prefix: "vrrp_instance unicast",
        text: r#"
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 61
    priority 100
    advert_int 1
    garp_master_delay 5
    garp_master_refresh 60
    unicast_src_ip 192.0.2.11
    unicast_peer {
        192.0.2.12
    }
    virtual_ipaddress {
        192.0.2.61/24 dev eth0
    }
}
"#,
    },
    Sketch {
        prefix: "vrrp_instance whole file",
        text: r#"
global_defs {
    router_id web1
    script_user nobody
    enable_script_security
}

vrrp_script chk_nginx {
    script "/usr/bin/pgrep nginx"
    interval 2
    timeout 1
    fall 3
    rise 2
    weight -60
}

vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 61
    priority 100
    advert_int 1
    garp_master_delay 5
    garp_master_refresh 60
    virtual_ipaddress {
        192.0.2.61/24 dev eth0
    }
    track_script {
        chk_nginx
    }
}
"#,
    },
    Sketch {
        prefix: "vrrp_script",
        text: r#"
vrrp_script chk_nginx {
    script "/usr/bin/pgrep nginx"
    interval 2
    timeout 1
    fall 3
    rise 2
    weight -60
}
"#,
    },
    Sketch {
        prefix: "virtual_server",
        text: r#"
virtual_server 192.0.2.80 80 {
    delay_loop 5
    lb_algo wlc
    lb_kind DR
    protocol TCP
    real_server 192.0.2.81 80 {
        weight 1
        TCP_CHECK {
            connect_timeout 3
            retry 2
            delay_before_retry 1
        }
    }
}
"#,
    },
    Sketch {
        prefix: "virtual_server HTTP_GET",
        text: r#"
virtual_server 192.0.2.80 80 {
    delay_loop 5
    lb_algo wlc
    lb_kind DR
    protocol TCP
    real_server 192.0.2.81 80 {
        weight 1
        HTTP_GET {
            url {
                path /health
                status_code 200
            }
            connect_timeout 3
            retry 2
            delay_before_retry 1
        }
    }
}
"#,
    },
    Sketch {
        prefix: "track_file",
        text: r#"
track_file maintenance {
    file /run/keepalived/maintenance
    weight -60
    init_file 0
}
"#,
    },
    Sketch {
        prefix: "vrrp_track_process",
        text: r#"
vrrp_track_process nginx {
    process nginx
    weight -60
    quorum 1
    delay 1
}
"#,
    },
    Sketch {
        prefix: "bfd_instance",
        text: r#"
bfd_instance peer {
    neighbor_ip 192.0.2.12
    source_ip 192.0.2.11
    min_rx 50
    min_tx 50
    multiplier 5
}
"#,
    },
];

/// The snippets as VS Code reads them; an error names what a sketch says and the schema does not know.
pub fn snippets() -> Result<Value, String> {
    let mut made = Map::new();
    for sketch in SKETCHES {
        let body = fill(sketch.text).map_err(|problem| format!("{}: {problem}", sketch.prefix))?;
        let word = sketch.prefix.split(' ').next().unwrap_or_default();
        let keyword = root::FILE.lookup(word).ok_or_else(|| format!("{word} opens no block of a file"))?;
        made.insert(sketch.prefix.to_owned(), snippet(sketch.prefix, keyword, &body));
    }
    for keyword in root::FILE.rows().filter(|row| row.opens_block() && !made.contains_key(row.name)).collect::<Vec<_>>()
    {
        let mut places = 0;
        let params = keyword.params.iter().filter(|param| param.presence == Presence::Required);
        let params = params.map(|param| {
            places += 1;
            format!(" {}", place(places, &arg_words(&param.arg), Some(param)))
        });
        let head: String = std::iter::once(keyword.name.to_owned()).chain(params).collect();
        let body = [format!("{head} {{"), "\t$0".to_owned(), "}".to_owned()];
        made.insert(keyword.name.to_owned(), snippet(keyword.name, keyword, &body));
    }
    Ok(Value::Object(made))
}

/// The sketches with places to fill in, in the language of LSP's snippets, by what is typed to get them.
pub fn skeletons() -> impl Iterator<Item = (&'static str, String)> {
    SKETCHES.iter().map(|sketch| {
        let body = fill(sketch.text).expect("sketches in words of the schema, as a test of this crate says");
        (sketch.prefix, body.join("\n"))
    })
}

/// The sketches as configurations, by what is typed to get them.
pub fn sketches() -> impl Iterator<Item = (&'static str, &'static str)> {
    SKETCHES.iter().map(|sketch| (sketch.prefix, sketch.text))
}

fn snippet(prefix: &str, keyword: &Keyword, body: &[String]) -> Value {
    let doc: Vec<&str> = keyword.doc.split_whitespace().collect();
    let doc = doc.join(" ");
    let sentence = doc.split_inclusive(". ").next().unwrap_or_default().trim_end();
    json!({ "prefix": prefix, "description": sentence, "body": body })
}

/// A sketch with its values as places to fill in; a name that comes again is the same place.
fn fill(text: &str) -> Result<Vec<String>, String> {
    let mut blocks: Vec<&'static Keyword> = vec![&root::FILE];
    let mut places: Vec<&str> = Vec::new();
    let mut lines = Vec::new();
    for line in text.trim().lines() {
        let line = line.trim();
        let depth = blocks.len() - 1;
        let (statement, opens) = line.strip_suffix('{').map_or((line, false), |statement| (statement.trim_end(), true));
        let block = *blocks.last().ok_or("more braces close than open")?;
        if line.is_empty() {
            lines.push(String::new());
        } else if line == "}" {
            blocks.pop();
            lines.push(format!("{}}}", "\t".repeat(depth.saturating_sub(1))));
        } else {
            let words = words(statement);
            let first = words.first().copied().unwrap_or_default();
            let row = block.lookup(first).or(block.entry).ok_or_else(|| format!("`{first}` in `{}`", block.name))?;
            let given = if block.lookup(first).is_some() { &words[1..] } else { &words[..] };
            let mut parts = if given.len() == words.len() { Vec::new() } else { vec![first.to_owned()] };
            parts.extend(values(row, given, &mut places)?);
            if opens {
                parts.push("{".to_owned());
                blocks.push(row);
            }
            lines.push(format!("{}{}", "\t".repeat(depth), parts.join(" ")));
        }
    }
    if blocks.len() == 1 { Ok(lines) } else { Err("a block is not closed".to_owned()) }
}

/// The words behind a keyword: those of its parameters and of its options' parameters are places.
fn values<'t>(row: &'static Keyword, words: &[&'t str], places: &mut Vec<&'t str>) -> Result<Vec<String>, String> {
    let mut params = row.params;
    let mut parts = Vec::new();
    for word in words {
        if let Some(option) = row.option(word).filter(|option| !option.is_bare()) {
            params = option.params;
            parts.push((*word).to_owned());
            continue;
        }
        let (param, rest) = params.split_first().ok_or_else(|| format!("`{word}` behind `{}`", row.name))?;
        if matches!(param.presence, Presence::Required | Presence::Optional) {
            params = rest;
        }
        // Two numbers that are equal by chance are two places.
        let known = match param.arg {
            Arg::Define(_) | Arg::Use(_) | Arg::Interface => places.iter().position(|known| known == word),
            _ => None,
        };
        if known.is_none() {
            places.push(word);
        }
        let number = known.unwrap_or(places.len() - 1) + 1;
        let inner = word.strip_prefix('"').and_then(|word| word.strip_suffix('"'));
        parts.push(match inner {
            Some(inner) => format!("\"{}\"", place(number, inner, None)),
            None => place(number, word, Some(param)),
        });
    }
    Ok(parts)
}

/// Words between blanks; a quoted one may hold blanks.
fn words(statement: &str) -> Vec<&str> {
    let mut is_quoted = false;
    let is_between = |c: char| {
        is_quoted ^= c == '"';
        c == ' ' && !is_quoted
    };
    statement.split(is_between).filter(|word| !word.is_empty()).collect()
}

/// A place to fill in: with a list to choose from, the sketch's word first, or with the word to type over.
fn place(number: usize, word: &str, param: Option<&Param>) -> String {
    match param.map(|param| param.arg) {
        Some(Arg::Choice(list) | Arg::ChoiceNoCase(list)) => {
            let others = list.iter().copied().filter(|other| *other != word);
            let first = list.contains(&word).then_some(word);
            let all: Vec<String> = first.into_iter().chain(others).map(|word| escape(word, "\\,|")).collect();
            format!("${{{number}|{}|}}", all.join(","))
        }
        _ => format!("${{{number}:{}}}", escape(word, "\\$}")),
    }
}

fn escape(word: &str, special: &str) -> String {
    word.chars().flat_map(|c| special.contains(c).then_some('\\').into_iter().chain([c])).collect()
}

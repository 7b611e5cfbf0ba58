//! Templates: one note for each, no error; and files that only look like one are checked.

mod support;

use support::run;

fn check(name: &str, text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(name), text).expect("a file");
    let found = run(folder.path(), &["check", "--format", "json", name]);
    let json = found.json();
    let list = json["diagnostics"].as_array().expect("a list");
    let word = |d: &serde_json::Value, key: &str| d[key].as_str().expect("a word").to_owned();
    list.iter().map(|d| format!("{} {}", word(d, "severity"), word(d, "code"))).collect()
}

const TEMPLATES: [(&str, &str); 8] = [
    // Jinja: control lines, and blocks that only the engine balances.
    (
        "keepalived.conf",
        "{% for v in pairs %}\nvrrp_instance {{ v.name }} {\n    {% if v.peer is defined %}\n    frob {\n    {% endif %}\n{% endfor %}\n",
    ),
    (
        "keepalived.conf",
        "vrrp_instance a {\n    interface {{ nic }}\n    state SLAVE\n    virtual_router_id {{ id | default(51) }}\n}\n",
    ),
    ("keepalived.conf", "vrrp_instance a {\n    state {% if first %}MASTER{% else %}BACKUP{% endif %}\n    frob\n}\n"),
    // Go, with quotes and dots inside.
    (
        "keepalived.conf",
        "{{$vips := splitList \",\" .VIP }}\n{{ range $key, $value := $vips}}    {{$value}} dev {{$iface}}\n{{ end }}\n",
    ),
    // ERB and sed.
    ("keepalived.conf", "vrrp_instance a {\n    <% if @peers -%>\n    priority <%= @priority %>\n    <% end -%>\n"),
    ("keepalived.conf", "vrrp_instance a {\n    interface __NIC__\n    virtual_ipaddress {\n        __VIP__/24\n"),
    // Shell.
    (
        "keepalived.conf",
        "vrrp_instance a {\n    interface ${NIC:-eth0}\n    priority ${PRIORITY}\n    virtual_router_id ${ID}\n}\n",
    ),
    // By its name alone.
    ("keepalived.conf.j2", "vrrp_instance a {\n    frob\n}\n"),
];

#[test]
fn a_template_gets_one_note() {
    for (name, text) in TEMPLATES {
        assert_eq!(check(name, text), ["info KA117"], "{text}");
    }
    for ending in ["tmpl", "erb", "epp", "j2"] {
        assert_eq!(check(&format!("keepalived.conf.{ending}"), "# kalc: allow(KA101)\nfrob {\n"), ["info KA117"]);
    }
}

#[test]
fn one_value_that_was_forgotten_makes_no_template() {
    for text in [
        "vrrp_instance a {\n    interface eth0\n    virtual_router_id 51\n    priority {{ priority }}\n}\n",
        "vrrp_instance a {\n    interface ${NIC}\n    virtual_router_id 51\n    priority ${PRIORITY}\n}\n",
        "$X=1\nvrrp_instance a {\n    interface ${A}\n    virtual_router_id ${B}\n    priority ${C}\n}\n",
        "vrrp_instance a {{\n    interface eth0\n    frob\n}}\n",
    ] {
        let found = check("keepalived.conf", text);
        assert!(found.iter().any(|found| found.starts_with("error")), "{text}: {found:?}");
    }
    let script = "vrrp_script a {\n    script \"/bin/sh -c 'echo ${A} ${B} ${C} ${D}'\"\n    interval 2\n}\n";
    assert!(!check("keepalived.conf", script).contains(&"info KA117".to_owned()));
}

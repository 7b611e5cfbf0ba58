//! What is in effect: values as the daemon takes them, and where they come from.

use kalc_compiler::host::Host;
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::usage::decimal;
use kalc_grammar::schema::vrrp_instance as instance;
use kalc_grammar::schema::vrrp_instance::garp;
use kalc_grammar::schema::{Keyword, global, track};
use kalc_ir::vrrp::Instance;
use kalc_ir::{Ir, OriginId, Origins};
use serde_json::Value;

/// A field of an object of the IR that can be in effect without being written there.
pub struct Field {
    /// Its name in the IR.
    pub name: &'static str,
    /// The keyword that sets it.
    pub keyword: &'static Keyword,
    /// The keyword of `global_defs` that counts where it is not written, with the field's name there.
    pub inherits: Option<(&'static str, &'static Keyword)>,
}

const fn own(name: &'static str, keyword: &'static Keyword) -> Field {
    Field { name, keyword, inherits: None }
}

const fn inherited(name: &'static str, keyword: &'static Keyword, from: (&'static str, &'static Keyword)) -> Field {
    Field { name, keyword, inherits: Some(from) }
}

/// Fields of `vrrp_instance`; the first three are what everybody wants to know.
pub static INSTANCE: [Field; 13] = [
    own("priority", &instance::PRIORITY),
    own("advert_interval_us", &instance::ADVERT_INT),
    inherited("version", &instance::VERSION, ("vrrp_version", &global::vrrp::VRRP_VERSION)),
    own("state", &instance::STATE),
    inherited(
        "down_timer_adverts",
        &instance::DOWN_TIMER_ADVERTS,
        ("vrrp_down_timer_adverts", &global::vrrp::VRRP_DOWN_TIMER_ADVERTS),
    ),
    inherited(
        "garp_master_delay_us",
        &garp::GARP_MASTER_DELAY,
        ("garp_master_delay_us", &global::garp::VRRP_GARP_MASTER_DELAY),
    ),
    inherited(
        "garp_master_repeat",
        &garp::GARP_MASTER_REPEAT,
        ("garp_master_repeat", &global::garp::VRRP_GARP_MASTER_REPEAT),
    ),
    inherited(
        "garp_master_refresh_us",
        &garp::GARP_MASTER_REFRESH,
        ("garp_master_refresh_us", &global::garp::VRRP_GARP_MASTER_REFRESH),
    ),
    inherited(
        "garp_master_refresh_repeat",
        &garp::GARP_MASTER_REFRESH_REPEAT,
        ("garp_master_refresh_repeat", &global::garp::VRRP_GARP_MASTER_REFRESH_REPEAT),
    ),
    inherited(
        "garp_lower_prio_delay_us",
        &garp::GARP_LOWER_PRIO_DELAY,
        ("garp_lower_prio_delay_us", &global::garp::VRRP_GARP_LOWER_PRIO_DELAY),
    ),
    inherited(
        "garp_lower_prio_repeat",
        &garp::GARP_LOWER_PRIO_REPEAT,
        ("garp_lower_prio_repeat", &global::garp::VRRP_GARP_LOWER_PRIO_REPEAT),
    ),
    inherited(
        "lower_prio_no_advert",
        &instance::LOWER_PRIO_NO_ADVERT,
        ("vrrp_lower_prio_no_advert", &global::vrrp::VRRP_LOWER_PRIO_NO_ADVERT),
    ),
    inherited(
        "higher_prio_send_advert",
        &instance::HIGHER_PRIO_SEND_ADVERT,
        ("vrrp_higher_prio_send_advert", &global::vrrp::VRRP_HIGHER_PRIO_SEND_ADVERT),
    ),
];

/// Fields of `vrrp_script`.
pub static SCRIPT: [Field; 4] = [
    own("interval_us", &track::script::INTERVAL),
    own("timeout_us", &track::script::TIMEOUT),
    own("rise", &track::script::RISE),
    own("fall", &track::script::FALL),
];

/// A value, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// The keyword that would set it.
    pub keyword: &'static Keyword,
    /// The value as people say it.
    pub value: String,
    /// The keyword of `global_defs` that gave it, with its statement; `None` for a default.
    pub from: Option<(&'static Keyword, SettingId)>,
}

/// What is in effect in a block of some fields without being written there.
pub fn unwritten(host: &Host, fields: &[Field], block: SettingId) -> Vec<Effective> {
    let Some((object, origins)) = object(&host.ir, block) else { return Vec::new() };
    let effective = |field: &Field| {
        if origins.contains(field.name) {
            return None;
        }
        let value = say(field.name, object.get(field.name)?)?;
        let global = field.inherits.and_then(|(name, keyword)| Some((keyword, host.ir.global.origins.get(name)?)));
        let from = global.map(|(keyword, origin)| (keyword, SettingId(origin.0)));
        Some(Effective { keyword: field.keyword, value, from })
    };
    fields.iter().filter_map(effective).collect()
}

/// What a statement comes to, where the IR says: the values of the fields that it sets.
pub fn of_statement(host: &Host, block: SettingId, statement: SettingId) -> Vec<String> {
    let Some((object, origins)) = object(&host.ir, block) else { return Vec::new() };
    let set = origins.iter().filter(|(_, origin)| origin.0 == statement.0);
    set.filter_map(|(name, _)| say(name, object.get(name)?)).collect()
}

/// The instances that a statement of `global_defs` counts for.
pub fn heirs(host: &Host, statement: SettingId) -> Vec<&str> {
    let keyword = host.config.setting(statement).keyword;
    let Some(field) = INSTANCE.iter().find(|field| field.inherits.is_some_and(|(_, from)| from == keyword)) else {
        return Vec::new();
    };
    let counts =
        field.inherits.and_then(|(name, _)| host.ir.global.origins.get(name)).is_some_and(|o| o.0 == statement.0);
    let instances = host.ir.vrrp_instances.iter().filter(|instance| counts && !instance.origins.contains(field.name));
    instances.map(|instance| instance.name.as_str()).collect()
}

/// The instance of a block, with its index.
pub fn instance_of(host: &Host, block: SettingId) -> Option<(usize, &Instance)> {
    host.ir.vrrp_instances.iter().enumerate().find(|(_, instance)| instance.origin.0 == block.0)
}

/// The object of a block as plain data, and where its fields were written.
fn object(ir: &Ir, block: SettingId) -> Option<(Value, &Origins)> {
    /// The first of some objects that the block is.
    macro_rules! find {
        ($list:expr) => {
            if let Some(found) = $list.iter().find(|object| object.origin.0 == block.0) {
                // Plain data whose keys are words cannot fail.
                return Some((serde_json::to_value(found).unwrap_or_default(), &found.origins));
            }
        };
    }
    find!(ir.vrrp_instances);
    find!(ir.sync_groups);
    find!(ir.scripts);
    find!(ir.processes);
    find!(ir.files);
    find!(ir.bfd_instances);
    find!(ir.virtual_servers);
    find!(ir.garp_groups);
    for server in &ir.virtual_servers {
        find!(server.real_servers);
    }
    let is_global = ir.global.origin.is_some_and(|OriginId(origin)| origin == block.0);
    is_global.then(|| (serde_json::to_value(&ir.global).unwrap_or_default(), &ir.global.origins))
}

/// A value as people say it; nothing for what is no single one.
fn say(name: &str, value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => match (name.strip_suffix("_us"), number.as_u64()) {
            (Some(_), Some(us)) => Some(format!("{} s", decimal(us, 6))),
            _ => Some(number.to_string()),
        },
        Value::Bool(on) => Some(if *on { "on" } else { "off" }.to_owned()),
        Value::String(text) => Some(if name == "state" { text.to_uppercase() } else { text.clone() }),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

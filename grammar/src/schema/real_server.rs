//! `real_server`: one server behind a virtual server.

use super::checker;
use super::prelude::*;
use super::virtual_server::{ADDRESS, DELAY, FORWARDING, TIMEOUT, TRIES, WAIT};

rows! { ROWS:
    /// One server that receives the clients. Without a checker in its block it is never found dead. With `DR` and `TUN`
    /// the port must be that of the virtual server, as it is not rewritten; the family must be the same except with
    /// `TUN`; a second server with the same address and port is removed.
    REAL_SERVER = named_block("real_server", ADDRESS, &[SETTINGS, checker::ROWS])
        .default("port of the virtual server").runs();
}

rows! { SETTINGS:
    /// Share of this server with schedulers that weigh; 0 takes no new clients. It also counts for `quorum`.
    WEIGHT = value("weight", &[req(int(0, I32))]).default("value of the virtual server").runs();

    /// How packets reach this server, where it differs from `lb_kind`.
    LVS_METHOD = value("lvs_method", FORWARDING).default("value of lb_kind").runs();

    /// Number of connections from which on the server gets no new ones; 0 is no limit.
    UTHRESHOLD = value("uthreshold", &[req(int(0, U32)).label("connections")]).default("0").runs();

    /// Number of connections below which a full server takes new ones again. It should be smaller than `uthreshold`,
    /// which is not checked.
    LTHRESHOLD = value("lthreshold", &[req(int(0, U32)).label("connections")]).default("0").runs();

    /// Keeps the server in the table with weight 0 when it fails instead of removing it, so that open connections may
    /// finish; clients with persistence may then stick to a dead server.
    INHIBIT_ON_FAILURE = switch("inhibit_on_failure").default("value of the virtual server").runs();

    /// Script that runs when the server comes back. Quote a command with arguments, or the second word is taken for the
    /// user. Of two, the first counts.
    NOTIFY_UP = value("notify_up", SCRIPT).first_wins().runs();

    /// Script that runs when the server fails. Quote a command with arguments, or the second word is taken for the
    /// user. Of two, the first counts.
    NOTIFY_DOWN = value("notify_down", SCRIPT).first_wins().runs();

    /// Takes the server for down until its first check succeeds.
    ALPHA = switch("alpha").default("value of the virtual server").runs();

    /// How often a failed check of this server is tried again before it counts as down. At least 1 here; only a checker
    /// can say 0.
    RETRY = value("retry", TRIES).default("value of the virtual server").runs();

    /// Seconds before a failed check of this server is tried again.
    DELAY_BEFORE_RETRY = value("delay_before_retry", WAIT).default("value of the virtual server")
        .unit(Unit::Seconds).runs();

    /// Longest random wait before the first check of this server.
    WARMUP = value("warmup", WAIT).default("value of the virtual server").unit(Unit::Seconds).runs();

    /// Seconds that a check of this server waits for a connection or an answer.
    CONNECT_TIMEOUT = value("connect_timeout", TIMEOUT)
        .default("value of the virtual server").unit(Unit::Seconds).runs();

    /// Seconds between two checks of this server.
    DELAY_LOOP = value("delay_loop", DELAY).default("value of the virtual server").unit(Unit::Seconds).runs();

    /// Sends mail when the server fails or comes back. Unlike every other `smtp_alert`, this one is on where nothing is
    /// said.
    SMTP_ALERT = switch("smtp_alert").default("value of smtp_alert_checker, else of smtp_alert, else on").runs();

    /// Host name that `HTTP_GET` and `SSL_GET` ask this server for, unless one is set closer to the url.
    VIRTUALHOST = value("virtualhost", &[req(text(0)).label("host name")]).runs();

    /// Name of the server in SNMP; one word, quoted if it holds blanks.
    SNMP_NAME = value("snmp_name", &[req(text(0)).label("name")])
        .without_effect("kalc has no SNMP");
}

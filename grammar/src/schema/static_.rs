//! Addresses, routes and rules that are there from start to stop.

use super::line;
use super::prelude::*;

rows! { ROWS:
    /// Addresses that every host keeps, master or not, from the start of the daemon to its stop. Several lists add up.
    STATIC_IPADDRESS = list("static_ipaddress", &line::address::STATIC_ENTRY).runs();

    /// Routes that every host keeps, master or not. Several lists add up.
    STATIC_ROUTES = list("static_routes", &line::route::STATIC_ENTRY).runs();

    /// Routing rules that every host keeps, master or not. Several lists add up.
    STATIC_RULES = list("static_rules", &line::rule::STATIC_ENTRY).runs();
}

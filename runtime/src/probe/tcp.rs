//! `TCP_CHECK`: somebody accepts a connection.

use super::connect;
use kalc_core::check::Failure;
use kalc_ir::checker::Connection;

/// Opens a connection and closes it.
pub(super) async fn probe(connection: &Connection) -> Result<(), Failure> {
    connect::tcp(connection).await.map(drop)
}

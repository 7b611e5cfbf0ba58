//! stub
/// stub
#[derive(Debug)]
pub struct Ir {}

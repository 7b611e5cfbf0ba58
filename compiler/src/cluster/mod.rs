//! Clusters: which instances of which hosts form one virtual router.
//!
//! [`face`] is what an instance shows to others, [`peers`] decides who belongs together. Rules of the 6xx group compare
//! the members of each virtual router.

pub mod face;
pub mod peers;

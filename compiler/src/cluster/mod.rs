//! Clusters: which instances of which hosts form one virtual router.
//!
//! [`face`] is what an instance shows to others, [`peers`] decides who belongs together. Rules of the 6xx group compare
//! the members of each virtual router. [`hears`], [`tracker`], [`timing`] and [`election`] work out what a virtual router
//! will do: who accepts whose adverts, which priorities follow from trackers, how long things take, who is master.

pub mod election;
pub mod face;
pub mod failover;
pub mod hears;
pub mod names;
pub mod peers;
pub mod report;
pub mod report_json;
pub mod timing;
pub mod tracker;

//! What goes out: JSON and text files for every morning, and a read-only API.
//!
//! Everything here takes `Approved<Advisory>`: an unreviewed advisory cannot be made into a
//! message, by type. Drafts are seen only by the review tools.

pub mod api;
pub mod atom;
pub mod cap;
pub mod channels;
pub mod chart;
pub mod client;
pub mod console;
pub mod doors;
pub mod error;
mod events;
pub mod farmer;
pub mod feed;
pub mod files;
pub mod heard;
mod pages;
pub mod receivers;
pub mod sms;
pub mod speak;
pub mod today;
mod xml;

pub use error::PublishError;

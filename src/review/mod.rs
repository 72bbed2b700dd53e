//! Who may let an advisory out, and the append-only record of who did.
//!
//! Pure: no I/O, no clock; the caller gives the log so far and stores what comes back. An advisory
//! is a draft until the policy file's class for it ([`policy`]) or a person ([`desk`]) approves
//! it. `publish` takes only [`Approved`], which nothing outside this room can make:
//!
//! ```compile_fail
//! # fn forge(advisory: muavu::frames::Advisory) {
//! let forged = muavu::review::Approved(advisory); // error[E0423]: the field is private
//! # }
//! ```
//!
//! (The example is for readers: doctests are off in this crate. What tests hold is the table of
//! [`transitions`] and that every way to an [`Approved`] passes it.)

pub mod approved;
pub mod desk;
pub mod error;
pub mod order;
pub mod policy;
pub mod taken_back;
pub mod transitions;

pub use approved::Approved;
pub use desk::{Act, Moved, Reviewed};
pub use desk::{
    amend, approve, decide_by_policy, expire, mark_published, reject, signed, supersede, withdraw,
};
pub use error::ReviewError;
pub use order::{Deed, Order, Outcome, Refusal};
pub use policy::{Class, Decision, Policy};
pub use taken_back::TakenBack;

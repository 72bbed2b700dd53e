//! CAP and Atom as others read them: by a parser, by the standard's schema, with hostile texts.

mod checks;
mod documents;
mod feed;
mod hostile;
mod sample;
pub mod schema;
mod thread;
mod tree;

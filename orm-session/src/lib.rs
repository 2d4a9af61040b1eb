//! Engine, connections and the unit of work of `orm`.
//!
//! `driver` speaks to one database each and knows nothing above it; `engine` holds the URL, the
//! pool, transactions and everything a program does without a session.

#[cfg(not(any(feature = "postgres", feature = "sqlite")))]
compile_error!("`orm-session` needs a database: turn on the feature `postgres`, `sqlite`, or both");

mod driver;
pub mod engine;
#[doc(hidden)]
pub mod faults;
pub mod session;

//! Metadata, types, expressions, statements and SQL dialects of `orm`. No I/O happens here.
//!
//! Modules from the bottom up; imports point down (kept by a test):
//! `error` · `types` · `dialect` · `schema` · `model` · `statement` · `expression` · `query` ·
//! `compile` · `ddl`.

pub mod compile;
pub mod ddl;
pub mod dialect;
pub mod error;
pub mod expression;
pub mod model;
pub mod query;
pub mod schema;
pub mod statement;
pub mod types;

// Crates whose types can be fields, so that programs take the version that is used here. Not
// `serde_json` and `rust_decimal`: they have names of their own (`String`, `One`), with which the
// compiler's messages would say `std::string::String` wherever a text is meant.
#[cfg(feature = "chrono")]
pub use chrono;
#[cfg(feature = "serde")]
#[doc(hidden)]
pub use serde;
#[cfg(feature = "uuid")]
pub use uuid;

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

// the crates whose types can be fields, so that programs take the version that is used here
#[cfg(feature = "chrono")]
pub use chrono;
#[cfg(feature = "decimal")]
pub use rust_decimal;
#[cfg(feature = "json")]
pub use serde_json;
#[cfg(feature = "uuid")]
pub use uuid;

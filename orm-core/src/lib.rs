//! Metadata, types, expressions, statements and SQL dialects of `orm`. No I/O happens here.
//!
//! Modules from the bottom up; imports point down (kept by a test):
//! `error` · `types` · `schema` · `model` · `expression` · `statement` · `query` · `dialect` ·
//! `compile` · `ddl`.

pub mod dialect;
pub mod error;
pub mod statement;
pub mod types;

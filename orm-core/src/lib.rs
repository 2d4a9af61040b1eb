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

//! Metadata: what the derive says of a model ([`ModelMeta`]), the table that follows from it
//! ([`Table`]), and the set of models an engine works with ([`Schema`]).
//!
//! A model's own words are constant data. What depends on other models (the columns of a foreign
//! key are named after the key they point to) is resolved once, at the first use of the table.

mod display;
mod meta;
pub mod names;
mod registry;
mod resolve;
mod table;

pub use meta::{FieldMeta, FieldSpec, ModelMeta, ReferentialAction};
pub use registry::Schema;
pub use table::{Check, Column, ForeignKey, Index, Table, Unique};

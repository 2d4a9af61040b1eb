//! Metadata: what the derive says of a model ([`ModelMeta`]), the table that follows from it
//! ([`Table`]), and the set of models an engine works with ([`Schema`]).
//!
//! A model's own words are constant data. What depends on other models (the columns of a foreign
//! key are named after the key they point to) is resolved once, at the first use of the table.

mod cascades;
mod constraints;
mod declared;
mod display;
mod embedded;
mod enums;
mod followers;
mod key_columns;
mod meta;
pub mod names;
mod registry;
mod relationship;
mod resolve;
mod source;
mod table;
mod uniqueness;
pub mod variants;
mod views;

pub use declared::{CheckMeta, ForeignKeyMeta, IndexMeta, TableMeta, UniqueMeta, ViewMeta};
pub use followers::{Follower, NotFollowed, Path, followers};
pub use meta::{
    Cascade, ConditionMeta, FieldMeta, FieldSpec, ModelMeta, ReadKey, ReferentialAction,
    RelationshipMeta, Target,
};
pub use registry::Schema;
pub use relationship::{Relationship, RelationshipKind};
pub use source::{ColumnRef, Source, intern};
pub use table::{Check, Column, ForeignKey, Index, Table, Unique};
pub use variants::VariantMeta;

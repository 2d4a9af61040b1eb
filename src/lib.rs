//! A blocking object-relational mapper with a unit of work, for PostgreSQL and SQLite.
//!
//! `use orm::prelude::*;` brings what most programs need.

pub use orm_core::expression::{all_of, any_of, avg, count, max, min, not, sum};
pub use orm_core::model::{Auto, Entity, Handle, Model, Ref};
pub use orm_core::query::select;
pub use orm_core::schema::Schema;
pub use orm_derive::Model;

/// What most programs need; small, because models have everyday names too.
pub mod prelude {
    pub use crate::{Auto, Handle, Model, Ref, Schema};
    pub use crate::{Entity as _, all_of, any_of, avg, count, max, min, not, select, sum};
}

/// What the code that the derive writes uses. Not for programs: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use core::any::TypeId;
    pub use core::clone::Clone;
    pub use core::convert::{From, Into};
    pub use core::fmt::{Debug, Formatter, Result as FmtResult};
    pub use core::marker::Copy;
    pub use core::option::Option::{None, Some};
    pub use core::primitive::{i64, str, usize};
    pub use core::result::Result::Ok;
    pub use orm_core::error::Result;
    pub use orm_core::expression::{Column, ToOne};
    pub use orm_core::model::emitted::*;
    pub use orm_core::model::{Auto, Field, IntoRef, Model};
    pub use orm_core::schema::{FieldMeta, ModelMeta, ReferentialAction, Table};
    pub use orm_core::statement::Source;
    pub use orm_core::types::RowReader;
    pub use std::sync::OnceLock;
}

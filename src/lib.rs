// The facade: what the crates below make, under the names that programs use. The page is docs/tour.md.
#![doc = include_str!("../docs/tour.md")]

mod accessor;
pub mod guide;

#[cfg(feature = "chrono")]
pub use orm_core::chrono;
#[cfg(feature = "uuid")]
pub use orm_core::uuid;

pub use orm_core::error::{Error, ErrorKind, Result};
pub use orm_core::expression::IntoOptional;
pub use orm_core::expression::{all_of, any_of, avg, count, count_all, max, min, not, sum};
pub use orm_core::model::{Auto, Entity, Handle, Many, Model, NotLoaded, One, Ref};
pub use orm_core::query::select;
pub use orm_core::schema::Schema;
#[cfg_attr(not(doctest), doc = concat!(include_str!("links.md"), "\n", include_str!("../docs/model.md")))]
pub use orm_derive::Model;
pub use orm_derive::{DbEnum, DbType, Embed, Row};
pub use orm_session::engine::{Connection, Echo, Engine, IsolationLevel, Url, text};
pub use orm_session::session::{LoadMode, Session, State};

/// The pieces of statements, by name.
pub mod sql {
    pub use orm_core::expression::*;
    pub use orm_core::query::*;
    pub use orm_core::statement::*;
}

/// Metadata of models and tables.
pub mod schema {
    pub use orm_core::schema::*;
}

/// The types of columns and how their values travel.
pub mod types {
    pub use orm_core::types::*;
}

/// The engine and what works without a session.
pub mod engine {
    pub use orm_session::engine::*;
}

/// The session and the states of its objects.
pub mod session {
    pub use orm_core::model::{HandleOf, IntoItem, MaybeHandle, NewObject};
    pub use orm_session::session::*;
}

/// What most programs need; small, because models have everyday names too.
pub mod prelude {
    pub use crate::{Auto, Engine, Handle, Many, Model, One, Ref, Schema, Session};
    pub use crate::{Entity as _, IntoOptional as _};
    pub use crate::{all_of, any_of, avg, count, count_all, max, min, not, sum};
    pub use crate::{select, text};
    pub use orm_derive::{DbEnum, DbType, Embed, Row}; // macros only: no names of types
}

/// What the code that the derive writes uses. Not for programs: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::accessor::{Absent as AbsentAccessor, Accessor};
    pub use core::any::TypeId;
    pub use core::clone::Clone;
    pub use core::convert::{From, Into};
    pub use core::fmt::{Debug, Formatter, Result as FmtResult};
    pub use core::marker::{Copy, Send, Sync};
    pub use core::option::Option::{self, None, Some};
    pub use core::primitive::{bool, i64, str, u16, usize};
    pub use core::result::Result::{self as StdResult, Err, Ok};
    pub use orm_core::error::Result;
    pub use orm_core::expression::named::*;
    pub use orm_core::expression::newtype::*;
    pub use orm_core::expression::{Assign, Operand, TextType};
    pub use orm_core::expression::{Assignment, Predicate, not};
    pub use orm_core::expression::{Column, OneToOne, ToMany, ToOne};
    pub use orm_core::model::emitted::*;
    #[cfg(feature = "serde")]
    pub use orm_core::model::serial::*;
    pub use orm_core::model::variant::*;
    pub use orm_core::model::{Auto, Field, Handle, IntoRef, Model, RawHandle, Relations};
    pub use orm_core::model::{Embed, Embedded, FieldValue};
    pub use orm_core::model::{IntoKey, NewObject, Object, Ref};
    pub use orm_core::query::variant::{AbsentRows, select_variant};
    pub use orm_core::query::{EmbeddedColumns, EntityRows};
    pub use orm_core::query::{Selection, Selects, Tracker, in_field};
    pub use orm_core::schema::variants::{merged, merged_len, places};
    pub use orm_core::schema::{
        Cascade, CheckMeta, ConditionMeta, FieldMeta, ForeignKeyMeta, IndexMeta, ModelMeta,
        ReferentialAction, RelationshipMeta, Table, TableMeta, Target, UniqueMeta, VariantMeta,
        ViewMeta,
    };
    #[cfg(feature = "serde")]
    pub use orm_core::serde::{self, de::MapAccess};
    pub use orm_core::statement::{ColumnRef, Node};
    pub use orm_core::statement::{SelectStatement, Source};
    pub use orm_core::types::ValueRef;
    pub use orm_core::types::enumeration::{EnumType, label, unknown_label};
    pub use orm_core::types::newtype::*;
    pub use orm_core::types::{BindWriter, Cell, ColumnType, DbType, Key, Mismatch, RowReader};
    pub use orm_session::engine::{AbsentRowField, FromRow, ResultRow, RowField};
    pub use orm_session::session::Session;
    pub use std::boxed::Box;
    pub use std::sync::OnceLock;
    pub use std::vec::Vec;
}

/// The code of the README compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

//! What a user's struct becomes: [`Model`] (emitted by the derive), the kinds of fields it can have
//! ([`Auto`], [`Ref`]), and [`Handle`], by which an object in a session is known.
//!
//! The derive emits data and thin implementations. What is the same for two models is written once,
//! over [`Object`] and [`Field`], which know a model only at run time.

mod arena;
mod auto;
mod auto_field;
mod chunks;
mod collection;
mod embed;
#[doc(hidden)]
pub mod emitted;
mod entities;
mod field;
mod handle;
mod key;
mod mistaken;
mod not_loaded;
mod object;
mod one;
mod reference;
#[cfg(feature = "serde")]
#[doc(hidden)]
pub mod serial;
mod value;
#[doc(hidden)]
pub mod variant;
mod version;

pub use arena::{Arena, TypedArena};
pub use auto::Auto;
pub use chunks::Chunks;
pub use collection::{Collection, IntoItem, Many};
pub use embed::{Embed, Embedded};
pub use entities::{Entities, IntoSchema};
pub use field::{Field, FieldType};
pub use handle::{Handle, HandleOf, RawHandle, Relations};
pub use key::{IntoKey, KeyType};
pub use mistaken::{AlwaysLoaded, MaybeHandle, NewObject};
pub use not_loaded::NotLoaded;
pub use object::Object;
pub use one::One;
pub use reference::{IntoRef, Ref, RefTarget, RefValue};
pub use value::{FieldValue, Shape, Single};
pub use version::VersionType;

use crate::error::Result;
use crate::schema::{ModelMeta, Table};
use crate::types::RowReader;

/// A struct that is a table's row. Implemented by `#[derive(Model)]` only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a model",
    label = "not a model",
    note = "write `#[derive(Model)]` on the struct `{Self}`"
)]
pub trait Model: Clone + Send + Sync + Sized + 'static {
    /// The type of the constant of the same name: typed columns and relationships.
    type Entity: Entity<Model = Self>;

    /// The primary key: the key field's type without `Auto`, or a tuple of these.
    type Key: KeyType;

    /// The accessors that a handle of the model has: `dyn ArticleRelations`.
    #[doc(hidden)]
    type Relations: ?Sized + 'static;

    /// What the derive says of the model.
    #[doc(hidden)]
    fn meta() -> &'static ModelMeta;

    /// The entity, as the constant holds it.
    #[doc(hidden)]
    fn entity() -> Self::Entity;

    /// Reads the model from the next columns of a row, in the order of the table's columns.
    #[doc(hidden)]
    fn decode(row: &mut RowReader<'_>) -> Result<Self>;

    /// The field at `index`, its type erased.
    #[doc(hidden)]
    fn field(&self, index: usize) -> &dyn Field;

    /// The field at `index`, its type erased.
    #[doc(hidden)]
    fn field_mut(&mut self, index: usize) -> &mut dyn Field;

    /// What the field at `index` becomes when a changed row is written; `None` where it has no
    /// `on_update = …`.
    #[doc(hidden)]
    fn on_update_value(index: usize) -> Option<Box<dyn Field>> {
        let _ = index;
        None
    }

    /// The version behind that of an object, or a first one; `None` where the model has none.
    #[doc(hidden)]
    fn next_version(last: Option<&Self>) -> Option<Box<dyn Field>> {
        let _ = last;
        None
    }

    /// The accessors of an object, by its handle.
    #[doc(hidden)]
    fn relations(handle: &RawHandle) -> &Self::Relations;
}

/// The value beside a model's struct: `Article` of `struct Article`.
///
/// Columns of it are fields (`Article.slug`); [`Entity::table`] is the table, [`Entity::alias`] the
/// same columns under another name in a statement.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no entity",
    label = "expected the name of a model, such as `Article`"
)]
pub trait Entity: Copy + Send + Sync + 'static {
    /// The struct.
    type Model: Model<Entity = Self>;

    /// The table with all names known; `println!("{}", Article.table())` shows it.
    fn table(&self) -> &'static Table {
        <Self::Model as Model>::meta().table()
    }

    /// The same columns under another name: `let boss = Employee.alias("boss");`
    ///
    /// Names are kept for the life of the program; use few.
    fn alias(&self, name: &str) -> Self {
        self.__aliased(crate::schema::intern(name))
    }

    /// What the columns come from.
    #[doc(hidden)]
    fn __source(&self) -> crate::schema::Source;

    /// The entity under an alias.
    #[doc(hidden)]
    fn __aliased(&self, name: &'static str) -> Self;
}

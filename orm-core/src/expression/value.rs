//! Types that expressions can have: column types and `Option` of them.

use crate::error::Result;
use crate::model::FieldType;
use crate::types::{DbType, RowReader};

/// The type of an expression: `T`, or `Option<T>` where it may be NULL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of an expression",
    label = "not a column type"
)]
pub trait SqlValue: Clone + Send + Sync + 'static {
    /// The type without `Option`: what it is compared with.
    type Base: DbType;
    /// Whether it may be NULL.
    const NULLABLE: bool;

    /// NULL, where the type has a place for it.
    #[doc(hidden)]
    const NULL: Option<Self>;

    /// The value that is not NULL.
    #[doc(hidden)]
    fn of_base(base: &Self::Base) -> Self;

    /// Reads it from the next column of a row.
    fn read(row: &mut RowReader<'_>) -> Result<Self>;
}

impl<T: DbType> SqlValue for T {
    type Base = T;
    const NULLABLE: bool = false;
    const NULL: Option<T> = None;

    fn of_base(base: &T) -> T {
        base.clone()
    }

    fn read(row: &mut RowReader<'_>) -> Result<T> {
        <T as FieldType>::read(row)
    }
}

impl<T: DbType> SqlValue for Option<T> {
    type Base = T;
    const NULLABLE: bool = true;
    const NULL: Option<Option<T>> = Some(None);

    fn of_base(base: &T) -> Option<T> {
        Some(base.clone())
    }

    fn read(row: &mut RowReader<'_>) -> Result<Option<T>> {
        <Option<T> as FieldType>::read(row)
    }
}

/// A type that is never NULL.
pub trait NotNull: DbType {}

impl<T: DbType> NotNull for T {}

/// A type that text operations work on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not text",
    label = "expected a column of type `String` or `Option<String>`"
)]
pub trait Text: SqlValue {}

#[diagnostic::do_not_recommend]
impl<T: TextType + DbType> Text for T {}
#[diagnostic::do_not_recommend]
impl<T: TextType + DbType> Text for Option<T> {}

/// A type of text that is never NULL: `String`, and newtypes of it.
pub trait TextType {}

impl TextType for String {}

/// A type that arithmetic works on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number",
    label = "expected a column of a number type, or `Option` of one"
)]
pub trait Number: SqlValue {}

macro_rules! numbers {
    ($($(#[$condition:meta])? $ty:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        $(#[$condition])? impl Number for $ty {}
        #[diagnostic::do_not_recommend]
        $(#[$condition])? impl Number for Option<$ty> {}
    )*};
}

numbers! { i16, i32, i64, f32, f64, #[cfg(feature = "decimal")] rust_decimal::Decimal }

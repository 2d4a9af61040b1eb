//! What the code that `#[derive(Row)]` writes asks of a field, and where its errors say they are.

use super::Selection;
use crate::error::Result;

/// Something whose plain value is a `T`: what a field of a `#[derive(Row)]` struct is selected by.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not select a `{T}`",
    label = "a field of this struct has another type",
    note = "a field is selected by what its type is the plain value of: `String` by a column of text, `Option<String>` by one that may be NULL or `.optional()`, `i64` by `count(…)`, a model by its entity"
)]
pub trait Selects<T>: Selection<Plain = T> {}

#[diagnostic::do_not_recommend]
impl<T, S: Selection<Plain = T>> Selects<T> for S {}

/// Says which field a value was read for.
///
/// # Errors
/// That of reading it.
pub fn in_field<T>(read: Result<T>, field: &str) -> Result<T> {
    read.map_err(|error| error.with_context(format!("reading the field `{field}`")))
}

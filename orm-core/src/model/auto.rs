//! A value that the database makes unless it is given: generated keys, columns with a default of the
//! database (`server_default`), and those it computes (`computed`).

use std::fmt;

/// `Unset` until the flush that inserts the row; then the value the database made.
///
/// Of any column type. A generated key (identity) is an integer; a field with
/// `#[orm(server_default = "…")]` may be given a value, which is then written; one with
/// `#[orm(computed = "…")]` is never given one, and is `Auto<Option<T>>` where it may be NULL.
///
/// ```
/// # use orm_core::model::Auto;
/// let mut id: Auto<i64> = Auto::Unset;
/// assert_eq!(id.to_string(), "<unset>");
/// id.set(7);
/// assert_eq!(id, 7);
/// assert_eq!(id.get(), Some(&7));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Auto<T> {
    /// Left to the database.
    #[default]
    Unset,
    /// Known.
    Set(T),
}

impl<T> Auto<T> {
    /// The value, where it is known.
    pub fn get(&self) -> Option<&T> {
        match self {
            Auto::Unset => None,
            Auto::Set(value) => Some(value),
        }
    }

    /// Gives the value; the database then makes none.
    pub fn set(&mut self, value: T) {
        *self = Auto::Set(value);
    }
}

impl<T> From<T> for Auto<T> {
    fn from(value: T) -> Auto<T> {
        Auto::Set(value)
    }
}

impl<T: PartialEq> PartialEq<T> for Auto<T> {
    fn eq(&self, other: &T) -> bool {
        self.get() == Some(other)
    }
}

impl<T: fmt::Display> fmt::Display for Auto<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Auto::Unset => f.pad("<unset>"),
            Auto::Set(value) => value.fmt(f),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Auto<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Auto::Unset => f.write_str("<unset>"),
            Auto::Set(value) => value.fmt(f),
        }
    }
}

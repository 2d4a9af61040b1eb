//! Typed primary keys and their erased form.

use super::Auto;
use crate::error::Result;
use crate::types::{Cell, DbType, Key, Mismatch, RowReader, moment};

/// A type that a primary key can have: a column type, or a tuple of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of a primary key",
    label = "not a column type that can be a key",
    note = "keys are bool, i16, i32, i64 (databases have no unsigned integers), String, Vec<u8>, NaiveDate, NaiveTime, NaiveDateTime, DateTime<Utc>, and Uuid, Decimal with their features, `Auto` of an integer, `Ref` of a model"
)]
pub trait KeyType: Clone + Send + Sync + 'static {
    /// How many columns it has.
    const WIDTH: usize;

    /// The key, erased.
    fn to_key(&self) -> Key;

    /// The typed key; `None` where the erased one is of another shape.
    fn from_key(key: &Key) -> Option<Self>;

    /// Reads it from the next columns of a row.
    fn read(row: &mut RowReader<'_>) -> Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: DbType> KeyType for T {
    const WIDTH: usize = 1;

    fn to_key(&self) -> Key {
        // floats and JSON are refused as keys when the models are registered
        Key::of_value(self).unwrap_or_else(|| Key::Composite(Box::default()))
    }

    fn from_key(key: &Key) -> Option<T> {
        let text;
        let cell = match key {
            Key::Int(value) => Cell::Integer(*value),
            Key::Text(value) => Cell::Text(value),
            Key::Uuid(value) => Cell::Blob(value),
            Key::Bytes(value) => Cell::Blob(value),
            Key::Moment(..) => {
                text = moment_text(key)?;
                Cell::Text(&text)
            }
            Key::Composite(_) => return None,
        };
        T::decode(cell).ok()
    }

    #[inline]
    fn read(row: &mut RowReader<'_>) -> Result<T> {
        T::decode(row.take()).map_err(|mismatch: Mismatch| row.mismatch(&mismatch))
    }
}

fn moment_text(key: &Key) -> Option<String> {
    use crate::types::ColumnType;
    match key {
        Key::Moment(ColumnType::Date, days) => moment::date(i32::try_from(*days).ok()?),
        Key::Moment(ColumnType::Time, micros) => Some(moment::time(*micros)),
        Key::Moment(_, micros) => moment::timestamp(*micros),
        _ => None,
    }
}

macro_rules! tuple_keys {
    ($(($($name:ident $index:tt),+))*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($name: KeyType),+> KeyType for ($($name,)+) {
            const WIDTH: usize = 0 $(+ $name::WIDTH)+;

            fn to_key(&self) -> Key {
                let mut parts = Vec::with_capacity(Self::WIDTH);
                $(push_flat(&mut parts, self.$index.to_key());)+
                Key::Composite(parts.into())
            }

            fn from_key(key: &Key) -> Option<Self> {
                let Key::Composite(parts) = key else { return None };
                let mut rest = &parts[..];
                let typed = ($($name::from_key(&split_flat(&mut rest, $name::WIDTH)?)?,)+);
                rest.is_empty().then_some(typed)
            }

            fn read(row: &mut RowReader<'_>) -> Result<Self> {
                Ok(($($name::read(row)?,)+))
            }
        }

    )*};
}

fn push_flat(parts: &mut Vec<Key>, key: Key) {
    match key {
        Key::Composite(inner) => parts.extend(inner.into_vec()),
        single => parts.push(single),
    }
}

fn split_flat(rest: &mut &[Key], width: usize) -> Option<Key> {
    let (head, tail) = rest.split_at_checked(width)?;
    *rest = tail;
    match head {
        [single] => Some(single.clone()),
        several => Some(Key::Composite(several.into())),
    }
}

tuple_keys! {
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
}

/// What can be given as a key of type `K`: the key itself, `&str` for text, an [`Auto`] that is
/// set, a tuple of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no primary key of type `{K}`",
    label = "expected a key of type `{K}`"
)]
pub trait IntoKey<K> {
    /// The key, erased; `None` for an `Auto` that is unset.
    fn into_key(self) -> Option<Key>;
}

impl<T: DbType> IntoKey<T> for T {
    fn into_key(self) -> Option<Key> {
        Key::of_value(&self)
    }
}

impl IntoKey<String> for &str {
    fn into_key(self) -> Option<Key> {
        Some(Key::Text(self.into()))
    }
}

impl IntoKey<String> for &String {
    fn into_key(self) -> Option<Key> {
        Some(Key::Text(self.as_str().into()))
    }
}

impl<T: DbType> IntoKey<T> for Auto<T> {
    fn into_key(self) -> Option<Key> {
        self.get().and_then(Key::of_value)
    }
}

macro_rules! tuple_into_keys {
    ($(($($given:ident $key:ident $index:tt),+))*) => {$(
        impl<$($given, $key),+> IntoKey<($($key,)+)> for ($($given,)+)
        where
            $($given: IntoKey<$key>),+
        {
            fn into_key(self) -> Option<Key> {
                let mut parts = Vec::new();
                $(push_flat(&mut parts, self.$index.into_key()?);)+
                Some(Key::Composite(parts.into()))
            }
        }
    )*};
}

tuple_into_keys! {
    (A Ka 0, B Kb 1)
    (A Ka 0, B Kb 1, C Kc 2)
    (A Ka 0, B Kb 1, C Kc 2, D Kd 3)
    (A Ka 0, B Kb 1, C Kc 2, D Kd 3, E Ke 4)
}

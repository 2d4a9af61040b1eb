//! The result of a statement: rows copied out of the driver, read by name, by index or as tuples.

use crate::driver::Receiver;
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::types::{Cell, FromCell, Row, decode_error, moment, oid};
use std::fmt;
use std::sync::Arc;

/// What a statement returned: its rows, and how many rows it changed.
///
/// ```
/// # use orm_session::engine::{Engine, text};
/// # let engine = Engine::new("sqlite::memory:")?;
/// # let mut connection = engine.connect()?;
/// let points = "select 1 as x, 'one' as name union all select 2, null";
/// let rows: Vec<(i32, Option<String>)> = connection.execute(text(points))?.all()?;
/// assert_eq!(rows, [(1, Some("one".to_owned())), (2, None)]);
///
/// let result = connection.execute(text(points))?;
/// assert_eq!(format!("{result:?}"), "[(1, 'one'), (2, NULL)]");
/// # Ok::<(), orm_core::error::Error>(())
/// ```
pub struct Rows {
    list: Vec<ResultRow>,
    columns: Arc<Vec<String>>,
    affected: u64,
}

impl Rows {
    /// All rows, each as a tuple, a [`ResultRow`], or what implements [`FromRow`].
    pub fn all<T: FromRow>(self) -> Result<Vec<T>> {
        self.list.iter().map(T::from_row).collect()
    }

    /// The first row, if there is one.
    pub fn first<T: FromRow>(self) -> Result<Option<T>> {
        self.list.first().map(T::from_row).transpose()
    }

    /// The only row.
    ///
    /// # Errors
    /// `NotFound` if there is none, `SeveralFound` if there are more.
    pub fn one<T: FromRow>(self) -> Result<T> {
        match self.list.as_slice() {
            [row] => T::from_row(row),
            [] => Err(Error::new(
                ErrorKind::NotFound,
                "the statement returned no row where one was expected",
            )),
            rows => Err(Error::new(
                ErrorKind::SeveralFound,
                format!("the statement returned {} rows where one was expected", rows.len()),
            )),
        }
    }

    /// The first column of the only row.
    pub fn scalar<T: FromCell>(self) -> Result<T> {
        self.one::<ResultRow>()?.get(0)
    }

    /// How many rows the statement changed, or returned if it returned rows; of a statement run for
    /// several sets of parameters, the sum.
    pub fn rows_affected(&self) -> u64 {
        self.affected
    }

    /// The names of the columns. Without prepared statements they are unknown of an empty result.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The rows, one after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, ResultRow> {
        self.list.iter()
    }
}

impl IntoIterator for Rows {
    type Item = ResultRow;
    type IntoIter = std::vec::IntoIter<ResultRow>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'a> IntoIterator for &'a Rows {
    type Item = &'a ResultRow;
    type IntoIter = std::slice::Iter<'a, ResultRow>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Rows {
    /// The rows with their values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.list).finish()
    }
}

/// One row of a result.
#[derive(Clone)]
pub struct ResultRow {
    columns: Arc<Vec<String>>,
    cells: Vec<OwnedCell>,
}

impl ResultRow {
    /// The value of a column, by its name or its place from 0.
    ///
    /// # Errors
    /// `Decode` if there is no such column (naming those there are) or its value is no `T`.
    // a name or a number is taken as it is written: `get(0)`
    #[allow(clippy::needless_pass_by_value)]
    pub fn get<T: FromCell>(&self, column: impl RowIndex) -> Result<T> {
        let index = column.place(&self.columns)?;
        let cell = self.cells.get(index).map_or(Cell::Null, OwnedCell::lend);
        T::from_cell(cell).map_err(|mismatch| {
            decode_error(self.columns.get(index).map_or("", String::as_str), &mismatch)
        })
    }

    /// All columns as a tuple, from left to right.
    pub fn into_tuple<T: FromRow>(self) -> Result<T> {
        T::from_row(&self)
    }

    /// The names of the columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many columns there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is no column.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

impl fmt::Debug for ResultRow {
    /// The values: `(1, 'one')`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (index, cell) in self.cells.iter().enumerate() {
            write!(f, "{}{cell}", if index > 0 { ", " } else { "" })?;
        }
        f.write_str(if self.cells.len() == 1 { ",)" } else { ")" })
    }
}

impl fmt::Display for ResultRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A column of a row: its name, or its place from 0.
pub trait RowIndex {
    /// The column's place.
    fn place(&self, columns: &[String]) -> Result<usize>;
}

impl RowIndex for usize {
    fn place(&self, columns: &[String]) -> Result<usize> {
        if *self < columns.len() {
            return Ok(*self);
        }
        Err(unknown(&format!("at place {self}"), columns))
    }
}

impl RowIndex for &str {
    fn place(&self, columns: &[String]) -> Result<usize> {
        columns
            .iter()
            .position(|column| column == self)
            .ok_or_else(|| unknown(&format!("`{self}`"), columns))
    }
}

fn unknown(what: &str, columns: &[String]) -> Error {
    let known: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
    Error::new(
        ErrorKind::Decode,
        format!("the result has no column {what}; it has {}", known.join(", ")),
    )
}

/// What a whole row can be read as: a tuple of column types, or your own struct.
///
/// ```
/// # use orm_session::engine::{Engine, FromRow, ResultRow, text};
/// struct Point { x: i32, y: i32 }
///
/// impl FromRow for Point {
///     fn from_row(row: &ResultRow) -> orm_core::error::Result<Point> {
///         Ok(Point { x: row.get("x")?, y: row.get("y")? })
///     }
/// }
/// # let engine = Engine::new("sqlite::memory:")?;
/// # let mut connection = engine.connect()?;
/// let point: Point = connection.execute(text("select 1 as y, 2 as x"))?.one()?;
/// assert_eq!((point.x, point.y), (2, 1));
/// # Ok::<(), orm_core::error::Error>(())
/// ```
pub trait FromRow: Sized {
    /// Reads the row.
    fn from_row(row: &ResultRow) -> Result<Self>;
}

impl FromRow for ResultRow {
    fn from_row(row: &ResultRow) -> Result<ResultRow> {
        Ok(row.clone())
    }
}

macro_rules! from_row {
    ($width:literal: $($type:ident $place:tt),+) => {
        impl<$($type: FromCell),+> FromRow for ($($type,)+) {
            fn from_row(row: &ResultRow) -> Result<Self> {
                check_width(row, $width)?;
                Ok(($(row.get::<$type>($place)?,)+))
            }
        }
    };
}

fn check_width(row: &ResultRow, wanted: usize) -> Result<()> {
    if row.len() == wanted {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Decode,
        format!("the result has {} columns and is read as a tuple of {wanted}", row.len()),
    ))
}

from_row!(1: A 0);
from_row!(2: A 0, B 1);
from_row!(3: A 0, B 1, C 2);
from_row!(4: A 0, B 1, C 2, D 3);
from_row!(5: A 0, B 1, C 2, D 3, E 4);
from_row!(6: A 0, B 1, C 2, D 3, E 4, F 5);
from_row!(7: A 0, B 1, C 2, D 3, E 4, F 5, G 6);
from_row!(8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
from_row!(9: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
from_row!(10: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
from_row!(11: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
from_row!(12: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);

/// Copies what a driver lends.
#[derive(Default)]
pub(super) struct Collector {
    columns: Option<Arc<Vec<String>>>,
    rows: Vec<ResultRow>,
}

impl Collector {
    pub(super) fn finish(self, affected: u64) -> Rows {
        Rows { list: self.rows, columns: self.columns.unwrap_or_default(), affected }
    }
}

impl Receiver for Collector {
    fn columns(&mut self, names: &mut dyn Iterator<Item = &str>) {
        self.columns.get_or_insert_with(|| Arc::new(names.map(str::to_owned).collect()));
    }

    fn row(&mut self, row: &dyn Row) -> Result<()> {
        let columns = Arc::clone(self.columns.get_or_insert_default());
        let cells = (0..row.width()).map(|index| OwnedCell::of(row.cell(index))).collect();
        self.rows.push(ResultRow { columns, cells });
        Ok(())
    }
}

/// A cell that is ours.
#[derive(Clone)]
enum OwnedCell {
    Null,
    Postgres { oid: u32, bytes: Box<[u8]> },
    Integer(i64),
    Real(f64),
    Text(Box<str>),
    Blob(Box<[u8]>),
}

impl OwnedCell {
    fn of(cell: Cell<'_>) -> OwnedCell {
        match cell {
            Cell::Null => OwnedCell::Null,
            Cell::Postgres { oid, bytes } => OwnedCell::Postgres { oid, bytes: bytes.into() },
            Cell::Integer(value) => OwnedCell::Integer(value),
            Cell::Real(value) => OwnedCell::Real(value),
            Cell::Text(text) => OwnedCell::Text(text.into()),
            Cell::Blob(bytes) => OwnedCell::Blob(bytes.into()),
        }
    }

    fn lend(&self) -> Cell<'_> {
        match self {
            OwnedCell::Null => Cell::Null,
            OwnedCell::Postgres { oid, bytes } => Cell::Postgres { oid: *oid, bytes },
            OwnedCell::Integer(value) => Cell::Integer(*value),
            OwnedCell::Real(value) => Cell::Real(*value),
            OwnedCell::Text(text) => Cell::Text(text),
            OwnedCell::Blob(bytes) => Cell::Blob(bytes),
        }
    }
}

impl fmt::Display for OwnedCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OwnedCell::Null => f.write_str("NULL"),
            OwnedCell::Postgres { oid, bytes } => print_binary(*oid, bytes, f),
            OwnedCell::Integer(value) => write!(f, "{value}"),
            OwnedCell::Real(value) => write!(f, "{value:?}"),
            OwnedCell::Text(text) => write!(f, "'{text}'"),
            OwnedCell::Blob(bytes) => write!(f, "<{} bytes>", bytes.len()),
        }
    }
}

/// Prints the common types of PostgreSQL; of the others, the type and the size.
fn print_binary(number: u32, bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let cell = Cell::Postgres { oid: number, bytes };
    let shown = match number {
        oid::BOOL => bool::from_cell(cell).ok().map(|value| value.to_string()),
        oid::INT2 | oid::INT4 | oid::INT8 | oid::OID => {
            i64::from_cell(cell).ok().map(|value| value.to_string())
        }
        oid::FLOAT4 => f32::from_cell(cell).ok().map(|value| format!("{value:?}")),
        oid::FLOAT8 => f64::from_cell(cell).ok().map(|value| format!("{value:?}")),
        oid::DATE => moment_of(bytes)
            .and_then(|days| moment::date(i32::try_from(days).ok()?))
            .map(|text| format!("'{text}'")),
        oid::TIME => moment_of(bytes).map(|micros| format!("'{}'", moment::time(micros))),
        oid::TIMESTAMP => {
            moment_of(bytes).and_then(moment::timestamp).map(|text| format!("'{text}'"))
        }
        oid::TIMESTAMPTZ => {
            moment_of(bytes).and_then(moment::timestamp).map(|text| format!("'{text}+00'"))
        }
        oid::NUMERIC => orm_core::types::numeric_text(bytes),
        oid::UUID => bytes
            .try_into()
            .ok()
            .map(|bytes: &[u8; 16]| format!("'{}'", orm_core::types::uuid_text(bytes))),
        oid::JSONB => {
            std::str::from_utf8(bytes.get(1..).unwrap_or_default()).ok().map(str::to_owned)
        }
        oid::JSON => std::str::from_utf8(bytes).ok().map(str::to_owned),
        _ => String::from_cell(cell).ok().map(|text| format!("'{text}'")),
    };
    match shown {
        Some(shown) => f.write_str(&shown),
        None => write!(f, "<{} of {} bytes>", oid::name(number), bytes.len()),
    }
}

/// A count of days or microseconds.
fn moment_of(bytes: &[u8]) -> Option<i64> {
    match bytes.len() {
        4 => bytes.try_into().ok().map(i32::from_be_bytes).map(i64::from),
        8 => bytes.try_into().ok().map(i64::from_be_bytes),
        _ => None,
    }
}

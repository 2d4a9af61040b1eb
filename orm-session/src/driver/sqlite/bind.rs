//! Parameters in the forms SQLite stores: booleans as 0/1, timestamps as text in UTC with six
//! fractional digits, UUIDs as 16 bytes, decimals and JSON as text.

use super::error::When;
use crate::driver::{ParameterFault, Why};
use orm_core::error::{Error, ErrorKind, Result};
use orm_core::statement::Parameters;
use orm_core::types::{BindWriter, ColumnType, ValueRef, moment, unkept};
use rusqlite::Statement;
use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef as Stored};

/// Binds all parameters to the placeholders `?1`, `?2`, ….
pub(super) fn bind(statement: &mut Statement<'_>, parameters: Parameters<'_>) -> Result<()> {
    let wanted = statement.parameter_count();
    let mut writer = Writer { statement, index: 0, ty: None, fault: None };
    match parameters {
        Parameters::Values(values) => {
            check_count(values.len(), wanted)?;
            for parameter in values {
                let Some(value) = parameter.value.lend() else {
                    return Err(no_arrays());
                };
                writer.ty = parameter.ty;
                writer.put(value);
                writer.check(None)?;
            }
        }
        Parameters::Arrays { .. } => return Err(no_arrays()),
        Parameters::Grid { types, rows } => {
            check_count(types.len() * rows.rows(), wanted)?;
            for row in 0..rows.rows() {
                for (column, ty) in types.iter().enumerate() {
                    writer.ty = Some(*ty);
                    rows.write(row, column, &mut writer);
                    writer.check(Some(row))?;
                }
            }
        }
    }
    Ok(())
}

fn check_count(bound: usize, wanted: usize) -> Result<()> {
    if bound == wanted {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidStatement,
        format!("the statement has {wanted} parameters and {bound} were bound"),
    ))
}

fn no_arrays() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "SQLite takes no arrays as parameters; bind the elements one by one",
    )
}

/// Binds values in the order of the placeholders.
struct Writer<'s, 'c> {
    statement: &'s mut Statement<'c>,
    index: usize,
    ty: Option<ColumnType>,
    fault: Option<Fault>,
}

enum Fault {
    Value(Why),
    Driver(rusqlite::Error),
}

impl Writer<'_, '_> {
    fn check(&mut self, row: Option<usize>) -> Result<()> {
        match self.fault.take() {
            None => Ok(()),
            Some(Fault::Value(why)) => {
                Err(ParameterFault { index: self.index - 1, row, why }.into())
            }
            Some(Fault::Driver(failure)) => Err(super::error::of_statement(
                failure,
                When { preparing: false, has_read: false, timeout: None },
            )),
        }
    }
}

impl BindWriter for Writer<'_, '_> {
    fn put(&mut self, value: ValueRef<'_>) {
        self.index += 1;
        self.fault = match stored(value, self.ty) {
            Err(why) => Some(Fault::Value(why)),
            Ok(stored) => {
                self.statement.raw_bind_parameter(self.index, stored).err().map(Fault::Driver)
            }
        };
    }
}

/// The form a value is stored in.
fn stored(value: ValueRef<'_>, ty: Option<ColumnType>) -> Result<ToSqlOutput<'_>, Why> {
    const YEAR: Why = Why::Value("the year is outside 0000 to 9999");
    let borrowed = |stored| Ok(ToSqlOutput::Borrowed(stored));
    let text = |text: String| Ok(ToSqlOutput::Owned(Owned::Text(text)));
    if let Some(why) = unkept(value) {
        return Err(Why::Value(why));
    }
    match value {
        ValueRef::Null => borrowed(Stored::Null),
        ValueRef::Bool(v) => borrowed(Stored::Integer(i64::from(v))),
        ValueRef::Int(v) if ty == Some(ColumnType::Decimal) => text(v.to_string()),
        ValueRef::Int(v) => {
            check_width(v, ty)?;
            borrowed(Stored::Integer(v))
        }
        ValueRef::Real(v) => number(f64::from(v)),
        ValueRef::Double(v) => number(v),
        ValueRef::Text(v) | ValueRef::Json(v) | ValueRef::Decimal(v) => {
            borrowed(Stored::Text(v.as_bytes()))
        }
        ValueRef::Bytes(v) => borrowed(Stored::Blob(v)),
        ValueRef::Uuid(v) => Ok(ToSqlOutput::Owned(Owned::Blob(v.to_vec()))),
        ValueRef::Date(v) => text(moment::date(v).ok_or(YEAR)?),
        ValueRef::Time(v) => text(moment::time(v)),
        ValueRef::Timestamp(v) | ValueRef::TimestampTz(v) => {
            text(moment::timestamp(v).ok_or(YEAR)?)
        }
    }
}

/// SQLite's integers are all as wide; the column's type is kept to as on a server.
fn check_width(value: i64, ty: Option<ColumnType>) -> Result<(), Why> {
    match ty {
        Some(ColumnType::SmallInt) if i16::try_from(value).is_err() => {
            Err(Why::Value("the integer does not fit SMALLINT"))
        }
        Some(ColumnType::Integer) if i32::try_from(value).is_err() => {
            Err(Why::Value("the integer does not fit INTEGER"))
        }
        _ => Ok(()),
    }
}

fn number(value: f64) -> Result<ToSqlOutput<'static>, Why> {
    if value.is_nan() {
        return Err(Why::Value(
            "SQLite can't keep NaN (it would be NULL); use `Option` and `None`",
        ));
    }
    Ok(ToSqlOutput::Borrowed(Stored::Real(value)))
}

//! Parameters in PostgreSQL's binary format, written once into a buffer the connection keeps.
//!
//! 1. A parameter of a declared type is written as that type; what does not fit is told before
//!    anything is sent.
//! 2. A parameter of no declared type (only `text()`) is adapted to the type the server reports
//!    ([`super::adapt`]).
//! 3. A batch is one array per column, written straight from the rows.

use super::adapt;
use super::numeric;
use crate::driver::{ParameterFault, Why};
use bytes::BytesMut;
use orm_core::error::{Error, Result};
use orm_core::statement::{BatchRows, Parameters};
use orm_core::types::{BindWriter, ColumnType, Value, ValueRef, unkept};
use postgres::types::{Format, IsNull, ToSql, Type};
use std::ops::Range;

/// Parameters written out, ready to be sent.
#[derive(Default)]
pub(super) struct Encoded {
    buffer: Vec<u8>,
    spans: Vec<Span>,
}

struct Span {
    /// Where it is in the buffer; `None` is NULL.
    place: Option<Range<usize>>,
    text: bool,
}

impl Encoded {
    /// Writes all parameters; `types` are the declared ones, or those the server reported.
    pub(super) fn write(&mut self, parameters: Parameters<'_>, types: &[Type]) -> Result<()> {
        self.buffer.clear();
        self.spans.clear();
        match parameters {
            Parameters::Values(values) => {
                check_count(values.len(), types.len())?;
                for (index, (parameter, server)) in values.iter().zip(types).enumerate() {
                    self.parameter(parameter.ty, &parameter.value, server)
                        .map_err(|why| ParameterFault { index, row: None, why })?;
                }
            }
            Parameters::Arrays { types: columns, rows } => {
                check_count(columns.len(), types.len())?;
                for (index, ty) in columns.iter().enumerate() {
                    self.column(index, *ty, rows)?;
                }
            }
            Parameters::Grid { types: columns, rows } => {
                check_count(columns.len() * rows.rows(), types.len())?;
                for row in 0..rows.rows() {
                    for (column, ty) in columns.iter().enumerate() {
                        self.grid_cell((row, column), *ty, rows, columns.len())?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The parameters as the client takes them.
    pub(super) fn bound(&self) -> impl Iterator<Item = Bound<'_>> {
        self.spans.iter().map(|span| Bound {
            bytes: span.place.clone().and_then(|place| self.buffer.get(place)),
            text: span.text,
        })
    }

    fn parameter(
        &mut self,
        ty: Option<ColumnType>,
        value: &Value,
        server: &Type,
    ) -> Result<(), Why> {
        let start = self.buffer.len();
        let mut text = false;
        let present = match (ty, value) {
            (Some(_), Value::Array(element, values)) => {
                array(&mut self.buffer, *element, values)?;
                true
            }
            (None, Value::Array(_, values)) => adapt::array(&mut self.buffer, values, server)?,
            (Some(ty), value) => put(&mut self.buffer, value.lend().unwrap_or(ValueRef::Null), ty)?,
            (None, value) => {
                let lent = value.lend().unwrap_or(ValueRef::Null);
                let (present, format) = adapt::single(&mut self.buffer, lent, server)?;
                text = format;
                present
            }
        };
        self.spans.push(Span { place: present.then_some(start..self.buffer.len()), text });
        Ok(())
    }

    fn column(&mut self, index: usize, ty: ColumnType, rows: &dyn BatchRows) -> Result<()> {
        let start = self.buffer.len();
        let mut elements = ArrayWriter::begin(&mut self.buffer, ty, rows.rows());
        for row in 0..rows.rows() {
            rows.write(row, index, &mut elements);
            if let Some(why) = elements.fault.take() {
                return Err(ParameterFault { index, row: Some(row), why }.into());
            }
        }
        elements.end();
        self.spans.push(Span { place: Some(start..self.buffer.len()), text: false });
        Ok(())
    }

    fn grid_cell(
        &mut self,
        (row, column): (usize, usize),
        ty: ColumnType,
        rows: &dyn BatchRows,
        width: usize,
    ) -> Result<()> {
        let start = self.buffer.len();
        let mut single = SingleWriter { out: &mut self.buffer, ty, put: Ok(false) };
        rows.write(row, column, &mut single);
        let present = single.put.map_err(|why| ParameterFault {
            index: row * width + column,
            row: Some(row),
            why,
        })?;
        let place = present.then_some(start..self.buffer.len());
        self.spans.push(Span { place, text: false });
        Ok(())
    }
}

fn check_count(bound: usize, wanted: usize) -> Result<()> {
    if bound == wanted {
        return Ok(());
    }
    Err(Error::new(
        orm_core::error::ErrorKind::InvalidStatement,
        format!("the statement has {wanted} parameters and {bound} were bound"),
    ))
}

/// The types that the parameters declare; `unknown` leaves the choice to the server. What the
/// server chose is told for `prepared` statements only, so that others declare arrays themselves.
pub(super) fn declared(parameters: Parameters<'_>, prepared: bool) -> Vec<Type> {
    match parameters {
        Parameters::Values(values) => values
            .iter()
            .map(|parameter| match (parameter.ty, &parameter.value) {
                (None, Value::Array(element, _)) if !prepared => array_of(*element),
                (None, _) => Type::UNKNOWN,
                (Some(_), Value::Array(element, _)) => array_of(*element),
                (Some(ty), _) => type_of(ty),
            })
            .collect(),
        Parameters::Arrays { types, .. } => types.iter().map(|ty| array_of(*ty)).collect(),
        Parameters::Grid { types, rows } => {
            (0..rows.rows()).flat_map(|_| types.iter().map(|ty| type_of(*ty))).collect()
        }
    }
}

/// One parameter as it is sent.
pub(super) struct Bound<'a> {
    bytes: Option<&'a [u8]>,
    text: bool,
}

/// Nothing of the value: the client's own log prints its parameters.
impl std::fmt::Debug for Bound<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("_")
    }
}

type Boxed = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Bound<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Boxed> {
        Ok(match self.bytes {
            None => IsNull::Yes,
            Some(bytes) => {
                out.extend_from_slice(bytes);
                IsNull::No
            }
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Boxed> {
        self.to_sql(ty, out)
    }

    fn encode_format(&self, _: &Type) -> Format {
        if self.text { Format::Text } else { Format::Binary }
    }
}

/// Writes one value of a declared type; `false` is NULL.
pub(super) fn put(out: &mut Vec<u8>, value: ValueRef<'_>, ty: ColumnType) -> Result<bool, Why> {
    check_kept(value)?;
    match (ty, value) {
        (_, ValueRef::Null) => return Ok(false),
        (ColumnType::Bool, ValueRef::Bool(v)) => out.push(u8::from(v)),
        (ColumnType::SmallInt, ValueRef::Int(v)) => {
            let v =
                i16::try_from(v).map_err(|_| Why::Value("the integer does not fit SMALLINT"))?;
            out.extend_from_slice(&v.to_be_bytes());
        }
        (ColumnType::Integer, ValueRef::Int(v)) => {
            let v = i32::try_from(v).map_err(|_| Why::Value("the integer does not fit INTEGER"))?;
            out.extend_from_slice(&v.to_be_bytes());
        }
        (ColumnType::BigInt, ValueRef::Int(v)) | (ColumnType::Time, ValueRef::Time(v)) => {
            out.extend_from_slice(&v.to_be_bytes());
        }
        (ColumnType::Timestamp, ValueRef::Timestamp(v))
        | (ColumnType::TimestampTz, ValueRef::TimestampTz(v)) => timestamp(out, v)?,
        (ColumnType::Real, ValueRef::Real(v)) => out.extend_from_slice(&v.to_be_bytes()),
        (ColumnType::Double, ValueRef::Double(v)) => out.extend_from_slice(&v.to_be_bytes()),
        (ColumnType::Double, ValueRef::Real(v)) => {
            out.extend_from_slice(&f64::from(v).to_be_bytes());
        }
        (
            ColumnType::Text | ColumnType::Enum(_),
            ValueRef::Text(v) | ValueRef::Json(v) | ValueRef::Decimal(v),
        ) => {
            out.extend_from_slice(v.as_bytes());
        }
        (ColumnType::Bytes, ValueRef::Bytes(v)) => out.extend_from_slice(v),
        (ColumnType::Date, ValueRef::Date(v)) => date(out, v)?,
        (ColumnType::Uuid, ValueRef::Uuid(v)) => out.extend_from_slice(&v),
        (ColumnType::Json, ValueRef::Json(v) | ValueRef::Text(v)) => {
            out.push(1); // the version of jsonb's binary form
            out.extend_from_slice(v.as_bytes());
        }
        (ColumnType::Decimal, ValueRef::Decimal(v)) => decimal(out, v)?,
        (ColumnType::Decimal, ValueRef::Int(v)) => decimal(out, &v.to_string())?,
        (ty, value) => {
            return Err(Why::Type { bound: bound_name(value), wanted: type_of(ty).to_string() });
        }
    }
    Ok(true)
}

pub(super) fn decimal(out: &mut Vec<u8>, text: &str) -> Result<(), Why> {
    numeric::write(text, out).ok_or(Why::Value("the decimal number does not fit NUMERIC"))
}

/// Refuses what no database keeps.
pub(super) fn check_kept(value: ValueRef<'_>) -> Result<(), Why> {
    unkept(value).map_or(Ok(()), |why| Err(Why::Value(why)))
}

/// A date, of those that the server keeps.
pub(super) fn date(out: &mut Vec<u8>, days: i32) -> Result<(), Why> {
    const KEPT: Range<i32> = -2_451_545..2_145_031_949; // 4714-11-24 BC to 5874897-12-31
    if !KEPT.contains(&days) {
        return Err(Why::Value("the date is outside the years -4713 to 5874897 of DATE"));
    }
    out.extend_from_slice(&days.to_be_bytes());
    Ok(())
}

/// A timestamp, of those that the server keeps.
pub(super) fn timestamp(out: &mut Vec<u8>, micros: i64) -> Result<(), Why> {
    const KEPT: Range<i64> = -211_813_488_000_000_000..9_223_371_331_200_000_000;
    if !KEPT.contains(&micros) {
        return Err(Why::Value("the moment is outside the years -4713 to 294276 of TIMESTAMP"));
    }
    out.extend_from_slice(&micros.to_be_bytes());
    Ok(())
}

/// What was bound, for messages.
pub(super) fn bound_name(value: ValueRef<'_>) -> &'static str {
    match value {
        ValueRef::Null => "NULL",
        ValueRef::Bool(_) => "a boolean",
        ValueRef::Int(_) => "an integer",
        ValueRef::Real(_) | ValueRef::Double(_) => "a floating-point number",
        ValueRef::Text(_) => "text",
        ValueRef::Bytes(_) => "bytes",
        ValueRef::Date(_) => "a date",
        ValueRef::Time(_) => "a time",
        ValueRef::Timestamp(_) => "a timestamp",
        ValueRef::TimestampTz(_) => "a timestamp with time zone",
        ValueRef::Uuid(_) => "a uuid",
        ValueRef::Json(_) => "json",
        ValueRef::Decimal(_) => "a decimal number",
    }
}

/// An owned array of a declared element type.
fn array(out: &mut Vec<u8>, ty: ColumnType, values: &[Value]) -> Result<(), Why> {
    let mut elements = ArrayWriter::begin(out, ty, values.len());
    for value in values {
        elements.put(value.lend().unwrap_or(ValueRef::Null));
        if let Some(why) = elements.fault.take() {
            return Err(why);
        }
    }
    elements.end();
    Ok(())
}

/// Writes the elements of a one-dimensional array behind its header.
struct ArrayWriter<'a> {
    out: &'a mut Vec<u8>,
    ty: ColumnType,
    start: usize,
    nulls: bool,
    fault: Option<Why>,
}

impl<'a> ArrayWriter<'a> {
    fn begin(out: &'a mut Vec<u8>, ty: ColumnType, count: usize) -> ArrayWriter<'a> {
        let start = out.len();
        header(out, type_of(ty).oid(), count);
        ArrayWriter { out, ty, start, nulls: false, fault: None }
    }

    /// Tells in the header whether there are NULLs.
    fn end(self) {
        if self.nulls
            && let Some(flag) = self.out.get_mut(self.start + 7)
        {
            *flag = 1;
        }
    }
}

impl BindWriter for ArrayWriter<'_> {
    #[inline]
    fn put(&mut self, value: ValueRef<'_>) {
        let at = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        let length = match put(self.out, value, self.ty) {
            Ok(true) => i32::try_from(self.out.len() - at - 4).unwrap_or(i32::MAX),
            Ok(false) => {
                self.nulls = true;
                -1
            }
            Err(why) => {
                self.fault = Some(why);
                -1
            }
        };
        if let Some(place) = self.out.get_mut(at..at + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }
}

/// Dimensions, a flag for NULLs, the element type, and the one dimension's length and lower bound.
pub(super) fn header(out: &mut Vec<u8>, element: u32, count: usize) {
    let dimensions = i32::from(count > 0);
    out.extend_from_slice(&dimensions.to_be_bytes());
    out.extend_from_slice(&0_i32.to_be_bytes());
    out.extend_from_slice(&element.to_be_bytes());
    if count > 0 {
        out.extend_from_slice(&i32::try_from(count).unwrap_or(i32::MAX).to_be_bytes());
        out.extend_from_slice(&1_i32.to_be_bytes());
    }
}

/// Writes one value of a declared type.
struct SingleWriter<'a> {
    out: &'a mut Vec<u8>,
    ty: ColumnType,
    put: Result<bool, Why>,
}

impl BindWriter for SingleWriter<'_> {
    fn put(&mut self, value: ValueRef<'_>) {
        self.put = put(self.out, value, self.ty);
    }
}

/// PostgreSQL's type of a column type.
fn type_of(ty: ColumnType) -> Type {
    match ty {
        ColumnType::Bool => Type::BOOL,
        ColumnType::SmallInt => Type::INT2,
        ColumnType::Integer => Type::INT4,
        ColumnType::BigInt => Type::INT8,
        ColumnType::Real => Type::FLOAT4,
        ColumnType::Double => Type::FLOAT8,
        // a label travels as text, which the statement casts
        ColumnType::Text | ColumnType::Enum(_) => Type::TEXT,
        ColumnType::Bytes => Type::BYTEA,
        ColumnType::Date => Type::DATE,
        ColumnType::Time => Type::TIME,
        ColumnType::Timestamp => Type::TIMESTAMP,
        ColumnType::TimestampTz => Type::TIMESTAMPTZ,
        ColumnType::Uuid => Type::UUID,
        ColumnType::Json => Type::JSONB,
        ColumnType::Decimal => Type::NUMERIC,
    }
}

/// PostgreSQL's type of an array of a column type.
fn array_of(ty: ColumnType) -> Type {
    match ty {
        ColumnType::Bool => Type::BOOL_ARRAY,
        ColumnType::SmallInt => Type::INT2_ARRAY,
        ColumnType::Integer => Type::INT4_ARRAY,
        ColumnType::BigInt => Type::INT8_ARRAY,
        ColumnType::Real => Type::FLOAT4_ARRAY,
        ColumnType::Double => Type::FLOAT8_ARRAY,
        ColumnType::Text | ColumnType::Enum(_) => Type::TEXT_ARRAY,
        ColumnType::Bytes => Type::BYTEA_ARRAY,
        ColumnType::Date => Type::DATE_ARRAY,
        ColumnType::Time => Type::TIME_ARRAY,
        ColumnType::Timestamp => Type::TIMESTAMP_ARRAY,
        ColumnType::TimestampTz => Type::TIMESTAMPTZ_ARRAY,
        ColumnType::Uuid => Type::UUID_ARRAY,
        ColumnType::Json => Type::JSONB_ARRAY,
        ColumnType::Decimal => Type::NUMERIC_ARRAY,
    }
}

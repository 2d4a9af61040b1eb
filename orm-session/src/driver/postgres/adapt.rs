//! Parameters of `text()`: a value adapted to the type that the server reports.
//!
//! An integer goes to any integer, numeric or float that holds it exactly; a float to floats and
//! numeric; anything printable to text; text, by its text format, to any type that is no boolean,
//! number or bytes (dates, enums, inet …). Everything else is an error naming both types.

use super::bind::{bound_name, check_kept, date, decimal, header, timestamp};
use crate::driver::Why;
use orm_core::types::{Value, ValueRef, moment, uuid_text};
use postgres::types::{Kind, Type};

/// Writes one value. Returns whether it is there (not NULL), and whether it is in text format.
pub(super) fn single(
    out: &mut Vec<u8>,
    value: ValueRef<'_>,
    server: &Type,
) -> Result<(bool, bool), Why> {
    if value == ValueRef::Null {
        return Ok((false, false));
    }
    check_kept(value)?;
    let server = base(server);
    if *server == Type::UNKNOWN {
        out.extend_from_slice(printed(value, server)?.as_bytes());
        return Ok((true, true));
    }
    if binary(out, value, server)? {
        return Ok((true, false));
    }
    match value {
        ValueRef::Text(text) if !is_plain(server) => {
            out.extend_from_slice(text.as_bytes());
            Ok((true, true))
        }
        _ => Err(refused(value, server)),
    }
}

/// Writes an array for a server type that is one. Returns whether it is there.
pub(super) fn array(out: &mut Vec<u8>, values: &[Value], server: &Type) -> Result<bool, Why> {
    let Kind::Array(element) = base(server).kind() else {
        return Err(Why::Type { bound: "an array", wanted: server.to_string() });
    };
    let start = out.len();
    header(out, element.oid(), values.len());
    for value in values {
        let lent = value.lend().unwrap_or(ValueRef::Null);
        let at = out.len();
        out.extend_from_slice(&[0; 4]);
        let length = if lent == ValueRef::Null {
            if let Some(flag) = out.get_mut(start + 7) {
                *flag = 1;
            }
            -1
        } else if binary(out, lent, base(element))? {
            i32::try_from(out.len() - at - 4).unwrap_or(i32::MAX)
        } else {
            return Err(refused(lent, server));
        };
        if let Some(place) = out.get_mut(at..at + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }
    Ok(true)
}

/// Writes the value in the binary format of `server`; `false` if it has none there.
fn binary(out: &mut Vec<u8>, value: ValueRef<'_>, server: &Type) -> Result<bool, Why> {
    check_kept(value)?;
    if is_text(server) {
        out.extend_from_slice(printed(value, server)?.as_bytes());
        return Ok(true);
    }
    match value {
        ValueRef::Int(v) => return integer(out, v, server),
        ValueRef::Real(v) => return float(out, f64::from(v), server, &v.to_string()),
        ValueRef::Double(v) => return float(out, v, server, &v.to_string()),
        ValueRef::Bool(v) if *server == Type::BOOL => out.push(u8::from(v)),
        ValueRef::Bytes(v) if *server == Type::BYTEA => out.extend_from_slice(v),
        ValueRef::Date(v) if *server == Type::DATE => date(out, v)?,
        ValueRef::Time(v) if *server == Type::TIME => out.extend_from_slice(&v.to_be_bytes()),
        ValueRef::Timestamp(v) if *server == Type::TIMESTAMP => timestamp(out, v)?,
        ValueRef::TimestampTz(v) if *server == Type::TIMESTAMPTZ => timestamp(out, v)?,
        ValueRef::Uuid(v) if *server == Type::UUID => out.extend_from_slice(&v),
        ValueRef::Decimal(v) if *server == Type::NUMERIC => decimal(out, v)?,
        ValueRef::Json(v) if *server == Type::JSON => {
            out.extend_from_slice(v.as_bytes());
        }
        ValueRef::Json(v) if *server == Type::JSONB => {
            out.push(1); // the version of jsonb's binary form
            out.extend_from_slice(v.as_bytes());
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn integer(out: &mut Vec<u8>, value: i64, server: &Type) -> Result<bool, Why> {
    const INEXACT: Why = Why::Value("the integer is too large to be exact as this type");
    match *server {
        Type::INT2 => {
            let v = i16::try_from(value)
                .map_err(|_| Why::Value("the integer does not fit smallint"))?;
            out.extend_from_slice(&v.to_be_bytes());
        }
        Type::INT4 => {
            let v =
                i32::try_from(value).map_err(|_| Why::Value("the integer does not fit integer"))?;
            out.extend_from_slice(&v.to_be_bytes());
        }
        Type::INT8 => out.extend_from_slice(&value.to_be_bytes()),
        Type::OID => {
            let v = u32::try_from(value).map_err(|_| Why::Value("the integer does not fit oid"))?;
            out.extend_from_slice(&v.to_be_bytes());
        }
        Type::NUMERIC => decimal(out, &value.to_string())?,
        Type::FLOAT4 => {
            // 24 bits of a float's 32 hold digits
            let exact = i32::try_from(value).ok().filter(|v| v.unsigned_abs() <= 1 << 24);
            #[allow(clippy::cast_precision_loss)]
            out.extend_from_slice(&(exact.ok_or(INEXACT)? as f32).to_be_bytes());
        }
        Type::FLOAT8 => {
            if value.unsigned_abs() > 1 << 53 {
                return Err(INEXACT);
            }
            #[allow(clippy::cast_precision_loss)]
            out.extend_from_slice(&(value as f64).to_be_bytes());
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// `text` is the shortest one that reads back as the same number.
fn float(out: &mut Vec<u8>, value: f64, server: &Type, text: &str) -> Result<bool, Why> {
    match *server {
        Type::FLOAT8 => out.extend_from_slice(&value.to_be_bytes()),
        Type::FLOAT4 => {
            #[allow(clippy::cast_possible_truncation)] // to the nearest, as the server's cast does
            let narrow = value as f32;
            if narrow.is_infinite() && value.is_finite() {
                return Err(Why::Value("the number does not fit real"));
            }
            out.extend_from_slice(&narrow.to_be_bytes());
        }
        Type::NUMERIC if value.is_finite() => decimal(out, text)?,
        Type::NUMERIC => return Err(Why::Value("NaN and infinity have no decimal digits")),
        _ => return Ok(false),
    }
    Ok(true)
}

/// The value as text.
fn printed<'v>(value: ValueRef<'v>, server: &Type) -> Result<std::borrow::Cow<'v, str>, Why> {
    const YEAR: Why = Why::Value("the year is outside 0000 to 9999");
    Ok(match value {
        ValueRef::Text(v) | ValueRef::Json(v) | ValueRef::Decimal(v) => v.into(),
        ValueRef::Bool(v) => v.to_string().into(),
        ValueRef::Int(v) => v.to_string().into(),
        ValueRef::Real(v) => v.to_string().into(),
        ValueRef::Double(v) => v.to_string().into(),
        ValueRef::Uuid(v) => uuid_text(&v).into(),
        ValueRef::Date(v) => moment::date(v).ok_or(YEAR)?.into(),
        ValueRef::Time(v) => moment::time(v).into(),
        ValueRef::Timestamp(v) => moment::timestamp(v).ok_or(YEAR)?.into(),
        ValueRef::TimestampTz(v) => (moment::timestamp(v).ok_or(YEAR)? + "+00").into(),
        ValueRef::Bytes(v) if *server == Type::UNKNOWN => hex(v).into(),
        ValueRef::Bytes(_) | ValueRef::Null => return Err(refused(value, server)),
    })
}

/// The text form of bytea.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold("\\x".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The type under a domain.
fn base(server: &Type) -> &Type {
    match server.kind() {
        Kind::Domain(under) => base(under),
        _ => server,
    }
}

/// Types whose binary form is their text.
fn is_text(server: &Type) -> bool {
    matches!(
        *server,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::CHAR | Type::XML
    ) || matches!(server.kind(), Kind::Enum(_))
}

/// Types that text is not silently turned into.
fn is_plain(server: &Type) -> bool {
    matches!(
        *server,
        Type::BOOL
            | Type::INT2
            | Type::INT4
            | Type::INT8
            | Type::OID
            | Type::FLOAT4
            | Type::FLOAT8
            | Type::NUMERIC
            | Type::BYTEA
    )
}

fn refused(value: ValueRef<'_>, server: &Type) -> Why {
    Why::Type { bound: bound_name(value), wanted: server.to_string() }
}

//! chrono's `NaiveDate`, `NaiveTime`, `NaiveDateTime` and `DateTime<Utc>`.
//!
//! PostgreSQL counts days and microseconds from 2000-01-01; SQLite keeps text whose order is the
//! order of time ([`super::moment`]). Nothing is converted between zones: `DateTime<Utc>` is
//! TIMESTAMP WITH TIME ZONE, `NaiveDateTime` is TIMESTAMP. Values are cut to microseconds when they
//! enter a session, so that an object and its row are equal.

use super::{BindWriter, Cell, ColumnType, DbType, Mismatch, ValueRef, oid};
use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};

/// Days from chrono's day 1 (0001-01-01) to 2000-01-01.
const EPOCH_DAYS_FROM_CE: i32 = 730_120;
/// Microseconds from 1970-01-01 to 2000-01-01.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// A type of which the current moment is a value: `#[orm(default = now)]`, `#[orm(on_update = now)]`.
#[diagnostic::on_unimplemented(
    message = "`now` is no value of `{Self}`",
    label = "not a date or a time",
    note = "`default = now` and `on_update = now` need a date or time type; for other types write an expression"
)]
pub trait Now {
    /// The current date and time, cut to microseconds.
    fn now() -> Self;
}

impl Now for DateTime<Utc> {
    fn now() -> DateTime<Utc> {
        let mut now = Utc::now();
        now.round();
        now
    }
}

impl Now for NaiveDateTime {
    fn now() -> NaiveDateTime {
        <DateTime<Utc> as Now>::now().naive_utc()
    }
}

impl Now for NaiveDate {
    fn now() -> NaiveDate {
        Utc::now().date_naive()
    }
}

impl Now for NaiveTime {
    fn now() -> NaiveTime {
        <DateTime<Utc> as Now>::now().time()
    }
}

impl<T: Now> Now for Option<T> {
    fn now() -> Option<T> {
        Some(T::now())
    }
}

impl DbType for NaiveDate {
    const TYPE: ColumnType = ColumnType::Date;

    fn encode(&self, out: &mut dyn BindWriter) {
        use chrono::Datelike;
        out.put(ValueRef::Date(self.num_days_from_ce() - EPOCH_DAYS_FROM_CE));
    }

    fn decode(cell: Cell<'_>) -> Result<NaiveDate, Mismatch> {
        match cell {
            Cell::Postgres { oid: oid::DATE, bytes: &[a, b, c, d] } => {
                let days = i32::from_be_bytes([a, b, c, d]);
                days.checked_add(EPOCH_DAYS_FROM_CE)
                    .filter(|_| days != i32::MAX && days != i32::MIN)
                    .and_then(NaiveDate::from_num_days_from_ce_opt)
                    .ok_or(Mismatch::value("NaiveDate", "infinity, or a year beyond the type's"))
            }
            Cell::Text(text) => NaiveDate::parse_from_str(text, "%Y-%m-%d")
                .map_err(|_| Mismatch::value("NaiveDate", "it is not written YYYY-MM-DD")),
            other => Err(Mismatch::of(other, "NaiveDate")),
        }
    }

    fn same(&self, other: &NaiveDate) -> bool {
        self == other
    }
}

impl DbType for NaiveTime {
    const TYPE: ColumnType = ColumnType::Time;

    fn encode(&self, out: &mut dyn BindWriter) {
        let seconds = i64::from(self.num_seconds_from_midnight());
        out.put(ValueRef::Time(seconds * 1_000_000 + i64::from(micros_of(*self))));
    }

    fn decode(cell: Cell<'_>) -> Result<NaiveTime, Mismatch> {
        match cell {
            Cell::Postgres { oid: oid::TIME, bytes } => {
                let micros = bytes.try_into().map_or(-1, i64::from_be_bytes);
                u32::try_from(micros / 1_000_000)
                    .ok()
                    .zip(u32::try_from(micros % 1_000_000).ok())
                    .and_then(|(seconds, micros)| {
                        NaiveTime::from_num_seconds_from_midnight_opt(seconds, micros * 1_000)
                    })
                    .ok_or(Mismatch::value("NaiveTime", "24:00 is no time of chrono's"))
            }
            Cell::Text(text) => NaiveTime::parse_from_str(text, "%H:%M:%S%.f")
                .map_err(|_| Mismatch::value("NaiveTime", "it is not written HH:MM:SS.ffffff")),
            other => Err(Mismatch::of(other, "NaiveTime")),
        }
    }

    fn same(&self, other: &NaiveTime) -> bool {
        self == other
    }

    fn round(&mut self) {
        *self = self.with_nanosecond(micros_of(*self) * 1_000).unwrap_or(*self);
    }
}

impl DbType for NaiveDateTime {
    const TYPE: ColumnType = ColumnType::Timestamp;

    fn encode(&self, out: &mut dyn BindWriter) {
        out.put(ValueRef::Timestamp(micros_since_2000(*self)));
    }

    fn decode(cell: Cell<'_>) -> Result<NaiveDateTime, Mismatch> {
        match cell {
            Cell::Postgres { oid: oid::TIMESTAMP, bytes } => from_micros(bytes, "NaiveDateTime"),
            Cell::Text(text) => from_text(text, "NaiveDateTime"),
            other => Err(Mismatch::of(other, "NaiveDateTime")),
        }
    }

    fn same(&self, other: &NaiveDateTime) -> bool {
        self == other
    }

    fn round(&mut self) {
        let mut time = self.time();
        time.round();
        *self = self.date().and_time(time);
    }
}

impl DbType for DateTime<Utc> {
    const TYPE: ColumnType = ColumnType::TimestampTz;

    fn encode(&self, out: &mut dyn BindWriter) {
        out.put(ValueRef::TimestampTz(micros_since_2000(self.naive_utc())));
    }

    fn decode(cell: Cell<'_>) -> Result<DateTime<Utc>, Mismatch> {
        match cell {
            Cell::Postgres { oid: oid::TIMESTAMPTZ, bytes } => from_micros(bytes, "DateTime<Utc>"),
            Cell::Text(text) => from_text(text, "DateTime<Utc>"),
            other => return Err(Mismatch::of(other, "DateTime<Utc>")),
        }
        .map(|naive| naive.and_utc())
    }

    fn same(&self, other: &DateTime<Utc>) -> bool {
        self == other
    }

    fn round(&mut self) {
        let mut naive = self.naive_utc();
        naive.round();
        *self = naive.and_utc();
    }
}

/// Microseconds within the second. A leap second is kept by no database: it becomes the last
/// microsecond before it ends.
fn micros_of(time: NaiveTime) -> u32 {
    (time.nanosecond() / 1_000).min(999_999)
}

fn micros_since_2000(moment: NaiveDateTime) -> i64 {
    moment.and_utc().timestamp() * 1_000_000 + i64::from(micros_of(moment.time())) - EPOCH_MICROS
}

fn from_micros(bytes: &[u8], expected: &'static str) -> Result<NaiveDateTime, Mismatch> {
    let micros = bytes.try_into().map_or(i64::MAX, i64::from_be_bytes);
    NaiveDate::from_ymd_opt(2000, 1, 1)
        .and_then(|date| date.and_hms_opt(0, 0, 0))
        .filter(|_| micros != i64::MAX && micros != i64::MIN)
        .and_then(|epoch| epoch.checked_add_signed(Duration::microseconds(micros)))
        .ok_or(Mismatch::value(expected, "infinity, or a year beyond the type's"))
}

fn from_text(text: &str, expected: &'static str) -> Result<NaiveDateTime, Mismatch> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f"))
        .map_err(|_| Mismatch::value(expected, "it is not written YYYY-MM-DD HH:MM:SS.ffffff"))
}

//! A result row lent as raw bytes: no type check per value, no decoding here.

use orm_core::types::{Cell, Row};
use postgres::types::{FromSql, Type};
use std::error::Error;

/// The types of a result's columns, looked up once per result.
pub(super) struct Oids(Vec<u32>);

impl Oids {
    pub(super) fn of(columns: &[postgres::Column]) -> Oids {
        Oids(columns.iter().map(|column| column.type_().oid()).collect())
    }
}

/// One row of the `postgres` client.
pub(super) struct LentRow<'a> {
    row: &'a postgres::Row,
    oids: &'a Oids,
    rest: usize,
}

impl<'a> LentRow<'a> {
    /// A row that `rest` others follow.
    pub(super) fn new(row: &'a postgres::Row, oids: &'a Oids, rest: usize) -> LentRow<'a> {
        LentRow { row, oids, rest }
    }
}

impl Row for LentRow<'_> {
    #[inline]
    fn cell(&self, index: usize) -> Cell<'_> {
        match (self.row.try_get::<_, Raw<'_>>(index), self.oids.0.get(index)) {
            (Ok(Raw(Some(bytes))), Some(&oid)) => Cell::Postgres { oid, bytes },
            _ => Cell::Null,
        }
    }

    fn width(&self) -> usize {
        self.row.len()
    }

    fn rest(&self) -> usize {
        self.rest
    }

    fn name(&self, index: usize) -> String {
        self.row.columns().get(index).map_or_else(String::new, |column| column.name().to_owned())
    }
}

/// Accepts every type and reads nothing.
struct Raw<'a>(Option<&'a [u8]>);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Raw<'a>, Box<dyn Error + Sync + Send>> {
        Ok(Raw(Some(raw)))
    }

    fn from_sql_null(_: &Type) -> Result<Raw<'a>, Box<dyn Error + Sync + Send>> {
        Ok(Raw(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

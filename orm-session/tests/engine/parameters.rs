//! Parameters on PostgreSQL: declared types, adapted types, arrays of batches; and what is refused.

use crate::connection;
use orm_core::error::ErrorKind;
use orm_core::statement::{BatchRows, Parameter, Parameters};
use orm_core::types::{BindWriter, Cell, ColumnType, ToValue, Value, ValueRef};
use orm_session::engine::transaction::{Plan, Transaction};
use orm_session::engine::{Connection, Engine, ResultRow, text};
use orm_test_support::{TestDatabase, on_each_database, on_postgres};
use std::error::Error as _;

/// The text PostgreSQL makes of a parameter of the type.
fn as_text(connection: &mut Connection, ty: &'static str, value: impl ToValue) -> String {
    let sql = orm_session::engine::AssertSafe(format!("SELECT (:x::{ty})::text"));
    connection.execute(text(sql).bind("x", value)).unwrap().scalar().unwrap()
}

on_postgres! {
    fn values_adapt_to_what_the_server_wants(db: &TestDatabase) {
        let mut connection = connection(db);
        let c = &mut connection;
        assert_eq!(as_text(c, "smallint", 7_i64), "7");
        assert_eq!(as_text(c, "bigint", 7_i16), "7");
        assert_eq!(as_text(c, "numeric", -1_234_567_i64), "-1234567");
        assert_eq!(as_text(c, "numeric", 0.1_f64), "0.1");
        assert_eq!(as_text(c, "real", 7_i32), "7");
        assert_eq!(as_text(c, "float8", 0.1_f64), "0.1");
        assert_eq!(as_text(c, "float8", 1.5_f32), "1.5");
        assert_eq!(as_text(c, "text", 7_i32), "7");
        assert_eq!(as_text(c, "varchar", true), "true");
        assert_eq!(as_text(c, "text", 1.5_f64), "1.5");
        assert_eq!(as_text(c, "date", "2024-02-29"), "2024-02-29");
        assert_eq!(as_text(c, "inet", "10.0.0.0/8"), "10.0.0.0/8");
        assert_eq!(as_text(c, "interval", "1 day"), "1 day");
        assert_eq!(as_text(c, "jsonb", "{\"a\": 1}"), "{\"a\": 1}");
        assert_eq!(as_text(c, "bytea", vec![1_u8, 255]), "\\x01ff");
        assert_eq!(as_text(c, "int[]", [1, 2, 3]), "{1,2,3}");
        assert_eq!(as_text(c, "text[]", &["a".to_owned(), "b c".to_owned()][..]), "{a,\"b c\"}");
        assert_eq!(as_text(c, "bigint[]", [0_i32; 0]), "{}");
    }

    fn enums_and_domains_take_text_and_numbers(db: &TestDatabase) {
        let mut connection = connection(db);
        crate::run(&mut connection, "CREATE TYPE mood AS ENUM ('sad', 'ok')");
        crate::run(&mut connection, "CREATE DOMAIN posint AS int CHECK (value > 0)");
        crate::run(&mut connection, "CREATE TABLE t (m mood, p posint, ms mood[])");
        connection
            .execute(
                text("INSERT INTO t VALUES (:m, :p, :ms)")
                    .bind("m", "ok")
                    .bind("p", 5_i64)
                    .bind("ms", ["sad".to_owned(), "ok".to_owned()]),
            )
            .unwrap();
        let row: (String, i32, String) = connection
            .execute(text("SELECT m, p, ms::text FROM t WHERE m = any(:ms)").bind("ms", ["ok".to_owned()]))
            .unwrap()
            .one()
            .unwrap();
        assert_eq!(row, ("ok".to_owned(), 5, "{sad,ok}".to_owned()));
    }

    fn what_does_not_adapt_is_told_with_its_name_and_both_types(db: &TestDatabase) {
        let mut connection = connection(db);
        let mut refused = |sql: &'static str, value: Value| {
            let error = connection
                .execute(text(sql).bind("fine", 1).bind("value", Bound(value)))
                .unwrap_err();
            assert!(error.to_string().contains("the parameter is `:value`"), "{error}");
            error
        };
        let error = refused("SELECT :fine::int, :value::timestamptz", Value::Int(1));
        assert_eq!(error.kind(), ErrorKind::InvalidStatement);
        assert!(
            error.to_string().starts_with("parameter 2: an integer was bound where the database wants timestamptz"),
            "{error}"
        );
        for (sql, value) in [
            ("SELECT :fine::int, :value::smallint", Value::Int(40_000)),
            ("SELECT :fine::int, :value::real", Value::Int(16_777_217)),
            ("SELECT :fine::int, :value::float8", Value::Int(9_007_199_254_740_993)),
            ("SELECT :fine::int, :value::numeric", Value::Double(f64::INFINITY)),
            ("SELECT :fine::int, :value::text", Value::Text("a\0b".into())),
            ("SELECT :fine::int, :value::varchar", Value::Text("a\0b".into())),
        ] {
            assert_eq!(refused(sql, value).kind(), ErrorKind::ValueOutOfRange, "{sql}");
        }
        for (sql, value) in [
            ("SELECT :fine::int, :value::int", Value::Text("7".into())),
            ("SELECT :fine::int, :value::bool", Value::Int(1)),
            ("SELECT :fine::int, :value::int", Value::Array(ColumnType::Integer, vec![])),
            ("SELECT :fine::int, :value::int[]", Value::Int(1)),
        ] {
            assert_eq!(refused(sql, value).kind(), ErrorKind::InvalidStatement, "{sql}");
        }
    }

    fn unprepared_statements_give_the_same(db: &TestDatabase) {
        let engine = Engine::builder(db.url()).prepared_statements(false).build().unwrap();
        let mut connection = engine.connect().unwrap();
        let names = || {
            let mut names = engine.connect().unwrap();
            names.execute(text("SELECT name FROM pg_prepared_statements")).unwrap().len()
        };
        crate::run(&mut connection, "CREATE TABLE t (x int, name text, at date)");
        let insert = text("INSERT INTO t VALUES (:x, :n, :at)");
        let done = connection
            .execute(insert.bind("at", "2024-01-01").bind_rows(["x", "n"], [(1, "a"), (2, "b")]))
            .unwrap();
        assert_eq!(done.rows_affected(), 2);
        let rows: Vec<(i32, String)> = connection
            .execute(text("SELECT x, name FROM t WHERE x = any(:x) ORDER BY x").bind("x", [1, 2]))
            .unwrap()
            .all()
            .unwrap();
        assert_eq!(rows, [(1, "a".to_owned()), (2, "b".to_owned())]);
        let done = connection.execute(text("DELETE FROM t WHERE x < :x").bind("x", 2)).unwrap();
        assert_eq!(done.rows_affected(), 1);
        assert_eq!(names(), 0);
    }

    fn batches_travel_as_one_array_per_column(db: &TestDatabase) {
        let mut transaction = Transaction::begin(&crate::engine(db)).unwrap();
        transaction.batch(
            "CREATE TABLE t (b bool, i2 smallint, i4 int, i8 bigint, f4 real, f8 float8, t text, \
             by bytea, d date, ti time, ts timestamp, tz timestamptz, u uuid, j jsonb, n numeric)",
        ).unwrap();
        let types = Everything::TYPES;
        let sql = "INSERT INTO t SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
        for (rows, plan) in [(3, Plan::Cached), (1500, Plan::Once), (0, Plan::Cached)] {
            let everything = Everything { rows, fault: None };
            let parameters = Parameters::Arrays { types: &types, rows: &everything };
            let done = transaction.execute(sql, parameters, plan).unwrap();
            assert_eq!(done, rows as u64);
        }
        let mut shown = Vec::new();
        transaction.query(
            "SELECT concat_ws('|', b, i2, i4, i8, f4, f8, t, by, d, ti, ts, tz AT TIME ZONE 'UTC', u, j, n), \
             count(*) FROM t WHERE i4 < 2 GROUP BY 1 ORDER BY 1",
            Parameters::NONE,
            Plan::Cached,
            &mut |row| {
                let Cell::Postgres { bytes, .. } = row.cell(0) else { panic!() };
                shown.push(String::from_utf8(bytes.to_vec()).unwrap());
                Ok(())
            },
        ).unwrap();
        assert_eq!(shown, [
            "",
            "f|0|0|0|0|0.5|text 0|\\x00|2000-01-01|00:00:00|2000-01-01 00:00:00|2000-01-01 00:00:00|00000000-0000-0000-0000-000000000000|{\"n\": 0}|0.25",
            "t|1|1|1|1|1.5|text 1|\\x01|2000-01-02|00:00:01|2000-01-01 00:00:01|2000-01-01 00:00:01|01010101-0101-0101-0101-010101010101|{\"n\": 1}|1.25",
        ][1..]);
    }

    fn a_value_of_a_batch_that_does_not_fit_is_told_with_its_row(db: &TestDatabase) {
        let mut transaction = Transaction::begin(&crate::engine(db)).unwrap();
        let rows = Everything { rows: 5, fault: Some(3) };
        let parameters = Parameters::Arrays { types: &Everything::TYPES[..2], rows: &rows };
        let error = transaction.execute("SELECT $1, $2", parameters, Plan::Cached).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ValueOutOfRange);
        assert!(error.to_string().starts_with("parameter 2 of row 4: the integer does not fit SMALLINT"), "{error}");
        assert!(error.source().is_some());
        transaction.batch("SELECT 1").unwrap();
    }
}

on_each_database! {
    fn declared_parameters_and_grids_are_stored_as_their_types(db: &TestDatabase) {
        let mut transaction = Transaction::begin(&crate::engine(db)).unwrap();
        transaction.batch("CREATE TABLE t (b boolean, i2 smallint, i4 int)").unwrap();
        let dollar = transaction.dialect().features.dollar_placeholders;
        let sql = if dollar {
            "INSERT INTO t VALUES ($1, $2, $3), ($4, $5, $6)"
        } else {
            "INSERT INTO t VALUES (?1, ?2, ?3), (?4, ?5, ?6)"
        };
        let rows = Everything { rows: 2, fault: None };
        let grid = Parameters::Grid { types: &Everything::TYPES[..3], rows: &rows };
        assert_eq!(transaction.execute(sql, grid, Plan::Cached).unwrap(), 2);
        let bad = Everything { rows: 2, fault: Some(1) };
        let grid = Parameters::Grid { types: &Everything::TYPES[..3], rows: &bad };
        let error = transaction.execute(sql, grid, Plan::Cached).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ValueOutOfRange);
        assert!(error.to_string().contains("of row 2"), "{error}");
        let sql = if dollar { "UPDATE t SET i4 = $1 WHERE b = $2" } else { "UPDATE t SET i4 = ?1 WHERE b = ?2" };
        let values = [
            Parameter { ty: Some(ColumnType::Integer), value: Value::Int(9) },
            Parameter { ty: Some(ColumnType::Bool), value: Value::Bool(true) },
        ];
        let done = transaction.execute(sql, Parameters::Values(&values), Plan::Cached).unwrap();
        assert_eq!(done, 1);
        let error =
            transaction.execute(sql, Parameters::Values(&values[..1]), Plan::Cached).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidStatement, "{error:?}");
    }
}

/// A value as it is.
struct Bound(Value);

impl ToValue for Bound {
    fn to_value(&self) -> Value {
        self.0.clone()
    }
}

/// Rows of all types.
struct Everything {
    rows: usize,
    /// The row whose second column does not fit.
    fault: Option<usize>,
}

impl Everything {
    const TYPES: [ColumnType; 15] = [
        ColumnType::Bool,
        ColumnType::SmallInt,
        ColumnType::Integer,
        ColumnType::BigInt,
        ColumnType::Real,
        ColumnType::Double,
        ColumnType::Text,
        ColumnType::Bytes,
        ColumnType::Date,
        ColumnType::Time,
        ColumnType::Timestamp,
        ColumnType::TimestampTz,
        ColumnType::Uuid,
        ColumnType::Json,
        ColumnType::Decimal,
    ];
}

impl BatchRows for Everything {
    fn rows(&self) -> usize {
        self.rows
    }

    fn write(&self, row: usize, column: usize, out: &mut dyn BindWriter) {
        let n = i64::try_from(row).unwrap();
        let small = u8::try_from(row % 256).unwrap();
        let real = f32::from(small);
        match column {
            0 => out.put(ValueRef::Bool(row % 2 == 1)),
            1 if self.fault == Some(row) => out.put(ValueRef::Int(4_815_162_342)),
            1..=3 => out.put(ValueRef::Int(n)),
            4 => out.put(ValueRef::Real(real)),
            5 => out.put(ValueRef::Double(f64::from(real) + 0.5)),
            6 if row > 1 => out.put(ValueRef::Null),
            6 => out.put(ValueRef::Text(&format!("text {n}"))),
            7 => out.put(ValueRef::Bytes(&[small])),
            8 => out.put(ValueRef::Date(i32::try_from(n).unwrap())),
            9 => out.put(ValueRef::Time(n * 1_000_000)),
            10 => out.put(ValueRef::Timestamp(n * 1_000_000)),
            11 => out.put(ValueRef::TimestampTz(n * 1_000_000)),
            12 => out.put(ValueRef::Uuid([small; 16])),
            13 => out.put(ValueRef::Json(&format!("{{\"n\": {n}}}"))),
            _ => out.put(ValueRef::Decimal(&format!("{n}.25"))),
        }
    }
}

#[test]
fn rows_of_postgres_print_their_values() {
    let db = TestDatabase::postgres();
    let row: ResultRow = connection(&db)
        .execute(text(
            "SELECT true, 1::smallint, 1.5::real, 'x', date '2024-02-29', timestamptz '2024-02-29 00:00+00', \
             '00000000-0000-0000-0000-000000000001'::uuid, '{\"a\": 1}'::jsonb, 1.5::numeric, NULL",
        ))
        .unwrap()
        .one()
        .unwrap();
    assert_eq!(
        row.to_string(),
        "(true, 1, 1.5, 'x', '2024-02-29', '2024-02-29 00:00:00.000000+00', \
         '00000000-0000-0000-0000-000000000001', {\"a\": 1}, 1.5, NULL)"
    );
}

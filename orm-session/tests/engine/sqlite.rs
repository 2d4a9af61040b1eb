//! What SQLite is made to do: foreign keys, LIKE, decimals, the forms values are stored in.

use crate::{connection, run};
use orm_core::error::ErrorKind;
use orm_core::statement::{Parameter, Parameters};
use orm_core::types::{ColumnType, Value};
use orm_session::engine::text;
use orm_session::engine::transaction::{Plan, Transaction};
use orm_test_support::{TestDatabase, on_sqlite};

on_sqlite! {
    fn files_have_a_write_ahead_log_and_foreign_keys(db: &TestDatabase) {
        let mut connection = connection(db);
        let mode: String = connection.execute(text("PRAGMA journal_mode")).unwrap().scalar().unwrap();
        let keys: i64 = connection.execute(text("PRAGMA foreign_keys")).unwrap().scalar().unwrap();
        let busy: i64 = connection.execute(text("PRAGMA busy_timeout")).unwrap().scalar().unwrap();
        assert_eq!((mode.as_str(), keys, busy), ("wal", 1, 5000));
    }

    fn like_tells_upper_from_lower_case(db: &TestDatabase) {
        let mut connection = connection(db);
        let like = "SELECT 'Hello' LIKE 'h%', 'Hello' LIKE 'H%', 'a%b' LIKE 'a\\%b' ESCAPE '\\'";
        let row: (bool, bool, bool) = connection.execute(text(like)).unwrap().one().unwrap();
        assert_eq!(row, (false, true, true));
    }

    fn decimals_compare_as_numbers(db: &TestDatabase) {
        let mut connection = connection(db);
        run(&mut connection, "CREATE TABLE t (n TEXT COLLATE orm_decimal)");
        run(&mut connection, "INSERT INTO t VALUES ('10'), ('9.5'), ('-3'), ('9.05')");
        let sorted: Vec<(String,)> =
            connection.execute(text("SELECT n FROM t ORDER BY n")).unwrap().all().unwrap();
        let sorted: Vec<&str> = sorted.iter().map(|(n,)| n.as_str()).collect();
        assert_eq!(sorted, ["-3", "9.05", "9.5", "10"]);
        let above: i64 = connection
            .execute(text("SELECT count(*) FROM t WHERE n > :n").bind("n", "9.5"))
            .unwrap()
            .scalar()
            .unwrap();
        assert_eq!(above, 1);
    }

    fn values_are_stored_in_fixed_forms(db: &TestDatabase) {
        let mut transaction = Transaction::begin(&crate::engine(db)).unwrap();
        let mut stored = |ty, value| {
            let parameters = [Parameter { ty: Some(ty), value }];
            let mut shown = String::new();
            let sql = "SELECT typeof(?1) || ' ' || quote(?1)";
            transaction.query(sql, Parameters::Values(&parameters), Plan::Cached, &mut |row| {
                shown = format!("{:?}", row.cell(0));
                Ok(())
            })?;
            Ok::<String, orm_core::error::Error>(shown)
        };
        for (ty, value, form) in [
            (ColumnType::Bool, Value::Bool(true), "integer 1"),
            (ColumnType::TimestampTz, Value::TimestampTz(1), "text '2000-01-01 00:00:00.000001'"),
            (ColumnType::Date, Value::Date(59), "text '2000-02-29'"),
            (ColumnType::Time, Value::Time(0), "text '00:00:00.000000'"),
            (ColumnType::Uuid, Value::Uuid([1; 16]), "blob X'01010101010101010101010101010101'"),
            (ColumnType::Decimal, Value::Decimal("1.50".into()), "text '1.50'"),
            (ColumnType::Decimal, Value::Int(7), "text '7'"),
            (ColumnType::Double, Value::Double(0.5), "real 0.5"),
            (ColumnType::Text, Value::Null, "null NULL"),
        ] {
            assert!(stored(ty, value).unwrap().contains(form), "{form}");
        }
        let error = stored(ColumnType::Double, Value::Double(f64::NAN)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ValueOutOfRange);
        assert!(error.to_string().contains("SQLite can't keep NaN"), "{error}");
        for (ty, value) in [
            (ColumnType::Timestamp, Value::Timestamp(i64::MAX)),
            (ColumnType::SmallInt, Value::Int(40_000)),
        ] {
            assert_eq!(stored(ty, value).unwrap_err().kind(), ErrorKind::ValueOutOfRange);
        }
        let array = Value::Array(ColumnType::Integer, vec![]);
        assert_eq!(stored(ColumnType::Integer, array).unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

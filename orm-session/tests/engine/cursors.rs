//! Cursors: several alternate on one connection while other statements go on.

use crate::engine;
use orm_core::statement::{Parameter, Parameters};
use orm_core::types::{ColumnType, FromCell, Row, Value};
use orm_session::engine::transaction::{Cursor, Plan, Transaction};
use orm_test_support::{TestDatabase, on_each_database};

fn filled(db: &TestDatabase) -> Transaction {
    let mut transaction = Transaction::begin(&engine(db)).unwrap();
    transaction.batch("CREATE TABLE t (x bigint PRIMARY KEY, name text)").unwrap();
    transaction
        .batch(
            "INSERT INTO t WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 2500) \
             SELECT n, 'name' FROM s",
        )
        .unwrap();
    transaction
}

fn page(transaction: &mut Transaction, cursor: &mut Cursor, count: u32) -> Vec<i64> {
    let mut page = Vec::new();
    let mut take = |row: &dyn Row| {
        page.push(i64::from_cell(row.cell(0)).unwrap());
        Ok(())
    };
    transaction.fetch(cursor, count, &mut take).unwrap();
    page
}

fn above(transaction: &Transaction) -> &'static str {
    if transaction.dialect().features.dollar_placeholders {
        "SELECT x, name FROM t WHERE x > $1 ORDER BY x"
    } else {
        "SELECT x, name FROM t WHERE x > ?1 ORDER BY x"
    }
}

on_each_database! {
    fn cursors_alternate_with_each_other_and_with_other_statements(db: &TestDatabase) {
        let mut transaction = filled(db);
        let sql = above(&transaction);
        let from = |x| [Parameter { ty: Some(ColumnType::BigInt), value: Value::Int(x) }];
        let mut all = transaction.declare(sql, Parameters::Values(&from(0))).unwrap();
        let mut late = transaction.declare(sql, Parameters::Values(&from(2490))).unwrap();
        let mut seen = Vec::new();
        loop {
            let next = page(&mut transaction, &mut all, 1000);
            transaction
                .execute("UPDATE t SET name = 'changed'", Parameters::NONE, Plan::Cached)
                .unwrap();
            if next.is_empty() {
                break;
            }
            seen.extend(next);
            let three = page(&mut transaction, &mut late, 3);
            assert!(!three.is_empty() && three[0] > 2490);
        }
        assert_eq!(seen, (1..=2500).collect::<Vec<i64>>());
        transaction.close_cursor(&all).unwrap();
        assert_eq!(page(&mut transaction, &mut late, 3), [2500]);
        transaction.commit().unwrap();
    }

    fn a_cursor_ends_with_its_transaction_and_its_name_is_free_again(db: &TestDatabase) {
        let mut transaction = filled(db);
        let mut first = transaction.declare("SELECT x FROM t", Parameters::NONE).unwrap();
        assert_eq!(page(&mut transaction, &mut first, 10).len(), 10);
        transaction.commit().unwrap();
        transaction.start().unwrap();
        let mut second =
            transaction.declare("SELECT name, x FROM t ORDER BY x", Parameters::NONE).unwrap();
        let mut names = Vec::new();
        let mut take = |row: &dyn Row| {
            names.push((String::from_cell(row.cell(0)).unwrap(), row.width()));
            Ok(())
        };
        assert_eq!(transaction.fetch(&mut second, 2, &mut take).unwrap(), 2);
        assert_eq!(names, vec![("name".to_owned(), 2); 2]);
        transaction.rollback();
    }
}

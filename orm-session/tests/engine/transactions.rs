//! Transactions: begun by themselves, committed when told, rolled back when dropped or failed.

use crate::{connection, engine, run};
use orm_core::error::ErrorKind;
use orm_core::statement::Parameters;
use orm_session::engine::transaction::{Plan, Transaction};
use orm_session::engine::{Connection, Engine, IsolationLevel, text};
use orm_test_support::{TestDatabase, on_each_database, on_postgres, on_sqlite};
use std::error::Error as _;
use std::time::{Duration, Instant};

fn count(connection: &mut Connection) -> i64 {
    connection.execute(text("SELECT count(*) FROM t")).unwrap().scalar().unwrap()
}

on_each_database! {
    fn a_connection_begins_commits_and_rolls_back(db: &TestDatabase) {
        let engine = engine(db);
        let log = engine.record();
        let mut connection = engine.connect().unwrap();
        assert!(!connection.in_transaction());
        connection.commit().unwrap();
        connection.rollback().unwrap();
        assert!(log.is_empty());
        run(&mut connection, "CREATE TABLE t (x int)");
        connection.commit().unwrap();
        run(&mut connection, "INSERT INTO t VALUES (1)");
        connection.rollback().unwrap();
        run(&mut connection, "INSERT INTO t VALUES (2)");
        drop(connection);
        assert_eq!(log.take(), [
            "BEGIN", "CREATE TABLE t (x int)", "COMMIT",
            "BEGIN", "INSERT INTO t VALUES (1)", "ROLLBACK",
            "BEGIN", "INSERT INTO t VALUES (2)", "ROLLBACK",
        ]);
        assert_eq!(count(&mut engine.connect().unwrap()), 0);
    }

    fn savepoints_undo_a_part(db: &TestDatabase) {
        let engine = engine(db);
        let mut transaction = Transaction::begin(&engine).unwrap();
        let run = |transaction: &mut Transaction, sql| {
            transaction.execute(sql, Parameters::NONE, Plan::Cached)
        };
        transaction.batch("CREATE TABLE t (x int UNIQUE)").unwrap();
        run(&mut transaction, "INSERT INTO t VALUES (1)").unwrap();
        transaction.savepoint("s1").unwrap();
        run(&mut transaction, "INSERT INTO t VALUES (2)").unwrap();
        let error = run(&mut transaction, "INSERT INTO t VALUES (1)").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        transaction.rollback_to("s1").unwrap();
        assert!(transaction.failure().is_none());
        transaction.release_savepoint("s1").unwrap();
        run(&mut transaction, "INSERT INTO t VALUES (3)").unwrap();
        transaction.commit().unwrap();
        drop(transaction);
        let mut connection = engine.connect().unwrap();
        let rows: Vec<(i32,)> =
            connection.execute(text("SELECT x FROM t ORDER BY x")).unwrap().all().unwrap();
        assert_eq!(rows, [(1,), (3,)]);
    }

    fn a_commit_that_is_refused_keeps_nothing(db: &TestDatabase) {
        let mut connection = connection(db);
        run(&mut connection, "CREATE TABLE p (x int PRIMARY KEY)");
        run(&mut connection, "CREATE TABLE t (x int REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
        connection.commit().unwrap();
        run(&mut connection, "INSERT INTO t VALUES (1)");
        let error = connection.commit().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation, "{error:?}");
        assert!(!connection.in_transaction());
        assert_eq!(count(&mut connection), 0);
    }

    fn a_statement_that_ends_the_transaction_is_told_at_commit(db: &TestDatabase) {
        let mut connection = connection(db);
        run(&mut connection, "CREATE TABLE t (x int)");
        run(&mut connection, "ROLLBACK");
        let error = connection.commit().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidState, "{error:?}");
        run(&mut connection, "SELECT 1");
        connection.commit().unwrap();
    }

    fn statements_end_with_the_statement_timeout(db: &TestDatabase) {
        for prepared in [true, false] {
            let engine = Engine::builder(db.url())
                .statement_timeout(Duration::from_millis(100))
                .prepared_statements(prepared)
                .build()
                .unwrap();
            let mut connection = engine.connect().unwrap();
            let start = Instant::now();
            let error = connection
                .execute(text(
                    "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s) SELECT count(*) FROM s",
                ))
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::StatementTimeout, "{error:?}");
            assert!(error.to_string().contains("100ms"), "{error}");
            assert!(start.elapsed() < Duration::from_secs(3));
            connection.rollback().unwrap();
            run(&mut connection, "SELECT 1");
        }
    }
}

on_postgres! {
    fn a_failed_transaction_says_so_until_rollback(db: &TestDatabase) {
        let engine = engine(db);
        let mut connection = engine.connect().unwrap();
        run(&mut connection, "CREATE TABLE t (x int UNIQUE)");
        connection.commit().unwrap();
        run(&mut connection, "INSERT INTO t VALUES (1)");
        let first = connection.execute(text("INSERT INTO t VALUES (1)")).unwrap_err();
        assert_eq!(first.kind(), ErrorKind::UniqueViolation);
        let log = engine.record();
        for _ in 0..2 {
            let error = connection.execute(text("SELECT 1")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::SessionFailed);
            assert!(error.to_string().contains("call `rollback()`"), "{error}");
            assert!(error.to_string().contains("duplicate key"), "{error}");
            assert!(error.source().is_some());
            assert_eq!(connection.commit().unwrap_err().kind(), ErrorKind::SessionFailed);
        }
        assert!(log.is_empty());
        connection.rollback().unwrap();
        assert_eq!(count(&mut connection), 0);
    }

    fn a_value_refused_before_sending_leaves_the_transaction_usable(db: &TestDatabase) {
        let mut connection = connection(db);
        run(&mut connection, "CREATE TABLE t (x smallint)");
        let insert = || text("INSERT INTO t VALUES (:x)");
        let error = connection.execute(insert().bind("x", 70_000)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ValueOutOfRange);
        connection.execute(insert().bind("x", 7)).unwrap();
        connection.commit().unwrap();
        assert_eq!(count(&mut connection), 1);
    }

    fn the_isolation_level_travels_with_begin(db: &TestDatabase) {
        for (level, name) in [
            (IsolationLevel::ReadCommitted, "read committed"),
            (IsolationLevel::RepeatableRead, "repeatable read"),
            (IsolationLevel::Serializable, "serializable"),
        ] {
            let engine = Engine::builder(db.url()).isolation_level(level).build().unwrap();
            let mut connection = engine.connect().unwrap();
            let shown: String = connection
                .execute(text("SELECT current_setting('transaction_isolation')"))
                .unwrap()
                .scalar()
                .unwrap();
            assert_eq!(shown, name);
        }
    }

    fn a_serialization_failure_may_be_tried_again(db: &TestDatabase) {
        let engine =
            Engine::builder(db.url()).isolation_level(IsolationLevel::Serializable).build().unwrap();
        let (mut one, mut other) = (engine.connect().unwrap(), engine.connect().unwrap());
        run(&mut one, "CREATE TABLE t (x int)");
        run(&mut one, "INSERT INTO t VALUES (1)");
        one.commit().unwrap();
        run(&mut one, "SELECT sum(x) FROM t");
        run(&mut other, "SELECT sum(x) FROM t");
        run(&mut one, "UPDATE t SET x = x + 1");
        one.commit().unwrap();
        let error = other.execute(text("UPDATE t SET x = x + 1")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SerializationFailure, "{error:?}");
        assert!(error.is_retryable());
    }

    fn a_deadlock_may_be_tried_again(db: &TestDatabase) {
        let engine = engine(db);
        let (mut one, mut other) = (engine.connect().unwrap(), engine.connect().unwrap());
        run(&mut one, "CREATE TABLE t (x int)");
        run(&mut one, "INSERT INTO t VALUES (1), (2)");
        one.commit().unwrap();
        run(&mut one, "UPDATE t SET x = x WHERE x = 1");
        run(&mut other, "UPDATE t SET x = x WHERE x = 2");
        let thread = std::thread::spawn(move || {
            other.execute(text("UPDATE t SET x = x WHERE x = 1")).map(drop)
        });
        let mine = one.execute(text("UPDATE t SET x = x WHERE x = 2")).map(drop);
        drop(one);
        let error = [mine, thread.join().unwrap()].into_iter().find_map(Result::err).unwrap();
        assert_eq!(error.kind(), ErrorKind::Deadlock, "{error:?}");
        assert!(error.is_retryable());
    }

    fn a_cancelled_statement_says_so(db: &TestDatabase) {
        let engine = engine(db);
        let mut connection = engine.connect().unwrap();
        let pid: i32 =
            connection.execute(text("SELECT pg_backend_pid()")).unwrap().scalar().unwrap();
        let thread = std::thread::spawn(move || connection.execute(text("SELECT pg_sleep(20)")));
        let mut other = engine.connect().unwrap();
        let start = Instant::now();
        while !thread.is_finished() && start.elapsed() < Duration::from_secs(10) {
            other.execute(text("SELECT pg_cancel_backend(:pid)").bind("pid", pid)).unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
        let error = thread.join().unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}");
    }
}

on_sqlite! {
    fn a_reader_that_can_no_longer_write_is_a_serialization_failure(db: &TestDatabase) {
        let engine = engine(db);
        let (mut one, mut other) = (engine.connect().unwrap(), engine.connect().unwrap());
        run(&mut one, "CREATE TABLE t (x int)");
        one.commit().unwrap();
        assert_eq!(count(&mut other), 0);
        run(&mut one, "INSERT INTO t VALUES (1)");
        one.commit().unwrap();
        let error = other.execute(text("INSERT INTO t VALUES (2)")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SerializationFailure, "{error:?}");
        assert_eq!(error.sqlstate(), Some("SQLITE_BUSY_SNAPSHOT"));
        assert!(error.is_retryable());
        other.rollback().unwrap();
        run(&mut other, "INSERT INTO t VALUES (2)");
        other.commit().unwrap();
        assert_eq!(count(&mut one), 2);
    }

    fn an_error_leaves_the_transaction_usable(db: &TestDatabase) {
        let mut connection = connection(db);
        run(&mut connection, "CREATE TABLE t (x int UNIQUE)");
        run(&mut connection, "INSERT INTO t VALUES (1)");
        connection.execute(text("INSERT INTO t VALUES (1)")).unwrap_err();
        connection.commit().unwrap();
        assert_eq!(count(&mut connection), 1);
    }
}

//! The pool: connections are used again, waited for, and replaced when dead.

use crate::run;
use orm_core::error::ErrorKind;
use orm_session::engine::transaction::Transaction;
use orm_session::engine::{Connection, Engine, text};
use orm_test_support::{TestDatabase, on_each_database, on_postgres, on_sqlite};
use std::time::{Duration, Instant};

on_each_database! {
    fn connections_are_used_again(db: &TestDatabase) {
        let engine = Engine::new(db.url()).unwrap();
        for _ in 0..5 {
            engine.ping().unwrap();
        }
        assert_eq!(engine.statistics().connects, 1);
        let status = engine.pool_status();
        assert_eq!((status.max, status.open, status.idle, status.in_use), (10, 1, 1, 0));
    }

    fn a_full_pool_is_waited_for(db: &TestDatabase) {
        let timeout = Duration::from_millis(200);
        let engine = Engine::builder(db.url()).pool_size(1).pool_timeout(timeout).build().unwrap();
        let held = engine.connect().unwrap();
        let start = Instant::now();
        let error = engine.connect().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PoolTimeout);
        assert!(error.to_string().contains("all 1 are in use"), "{error}");
        assert!(start.elapsed() >= timeout && start.elapsed() < timeout * 4);

        let waiting = engine.clone();
        let thread = std::thread::spawn(move || waiting.connect().map(drop));
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(engine.pool_status().waiting, 1);
        drop(held);
        thread.join().unwrap().unwrap();
    }

    fn engines_are_shared_by_threads(db: &TestDatabase) {
        let engine = Engine::builder(db.url()).pool_size(2).build().unwrap();
        run(&mut engine.connect().unwrap(), "SELECT 1");
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| (0..10).for_each(|_| engine.ping().unwrap()));
            }
        });
        assert!(engine.statistics().connects <= 2);
        assert_eq!(engine.pool_status().in_use, 0);
    }
}

/// Ends all other connections to the database.
fn kill_others(db: &TestDatabase) {
    let mut killer = crate::connection(db);
    let ended: i64 = killer
        .execute(text(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        ))
        .unwrap()
        .scalar()
        .unwrap();
    assert!(ended > 0);
    std::thread::sleep(Duration::from_millis(100));
}

fn pid(connection: &mut Connection) -> i32 {
    connection.execute(text("SELECT pg_backend_pid()")).unwrap().scalar().unwrap()
}

on_postgres! {
    fn a_connection_killed_while_idle_goes_unnoticed(db: &TestDatabase) {
        let engine = Engine::new(db.url()).unwrap();
        let (mut first, mut second) = (engine.connect().unwrap(), engine.connect().unwrap());
        let pids = [pid(&mut first), pid(&mut second)];
        drop((first, second));
        kill_others(db);
        for _ in 0..2 {
            let mut connection = engine.connect().unwrap();
            assert!(!pids.contains(&pid(&mut connection)));
            connection.commit().unwrap();
        }
        let mut both = [engine.connect().unwrap(), engine.connect().unwrap()];
        for connection in &mut both {
            assert!(!pids.contains(&pid(connection)));
        }
    }

    fn only_begin_is_sent_again(db: &TestDatabase) {
        let engine = Engine::new(db.url()).unwrap();
        let mut connection = engine.connect().unwrap();
        run(&mut connection, "CREATE TABLE t (x int)");
        connection.commit().unwrap();
        run(&mut connection, "INSERT INTO t VALUES (1)");
        kill_others(db);
        let log = engine.record();
        let error = connection.execute(text("INSERT INTO t VALUES (2)")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error:?}");
        assert_eq!(log.take(), ["INSERT INTO t VALUES (2)"]);
        let error = connection.execute(text("SELECT 1")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SessionFailed, "{error:?}");
        connection.rollback().unwrap();
        let rows: i64 = connection.execute(text("SELECT count(*) FROM t")).unwrap().scalar().unwrap();
        assert_eq!(rows, 0);
    }

    fn a_connection_held_between_transactions_is_not_replaced_silently(db: &TestDatabase) {
        let mut connection = crate::connection(db);
        run(&mut connection, "SELECT 1");
        connection.commit().unwrap();
        kill_others(db);
        let error = connection.execute(text("SELECT 1")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionLost, "{error:?}");
        run(&mut connection, "SELECT 1");
    }

    fn a_connection_lost_during_commit_leaves_the_outcome_unknown(db: &TestDatabase) {
        let engine = Engine::new(db.url()).unwrap();
        let mut transaction = Transaction::begin(&engine).unwrap();
        kill_others(db);
        let log = engine.record();
        let error = transaction.commit().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CommitOutcomeUnknown, "{error:?}");
        assert!(error.to_string().contains("during COMMIT"), "{error}");
        assert_eq!(log.take(), ["COMMIT"]);
        assert!(!transaction.is_open());
        drop(transaction);
        assert_eq!(engine.pool_status().open, 0);
        engine.ping().unwrap();
    }

    fn a_connection_whose_rollback_failed_is_thrown_away(db: &TestDatabase) {
        let engine = Engine::new(db.url()).unwrap();
        let mut transaction = Transaction::begin(&engine).unwrap();
        kill_others(db);
        transaction.rollback();
        assert!(!transaction.is_open());
        drop(transaction);
        assert_eq!(engine.pool_status().open, 0);
    }
}

on_sqlite! {
    fn a_database_in_memory_has_one_connection(_db: &TestDatabase) {
        let engine = Engine::builder("sqlite::memory:").pool_size(5).build().unwrap();
        assert_eq!(engine.pool_status().max, 1);
        let mut connection = engine.connect().unwrap();
        run(&mut connection, "CREATE TABLE t (x int)");
        connection.commit().unwrap();

        let start = Instant::now();
        let error = engine.connect().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PoolTimeout);
        assert!(error.to_string().contains("this thread uses it already"), "{error}");
        assert!(start.elapsed() < Duration::from_secs(1));

        let other = engine.clone();
        let thread = std::thread::spawn(move || {
            let mut connection = other.connect().unwrap();
            run(&mut connection, "INSERT INTO t VALUES (1)");
            connection.commit().unwrap();
        });
        std::thread::sleep(Duration::from_millis(50));
        drop(connection);
        thread.join().unwrap();
        let mut connection = engine.connect().unwrap();
        let rows: i64 = connection.execute(text("SELECT count(*) FROM t")).unwrap().scalar().unwrap();
        assert_eq!(rows, 1);
    }
}

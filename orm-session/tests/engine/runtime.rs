//! Inside an async runtime: blocking work goes where it may, drops never panic.

use crate::{engine, run};
use orm_core::error::ErrorKind;
use orm_session::engine::transaction::Transaction;
use orm_session::engine::{Engine, text};
use orm_test_support::{TestDatabase, on_each_database, on_postgres};

fn runtimes() -> [tokio::runtime::Runtime; 2] {
    [
        tokio::runtime::Builder::new_current_thread().build().unwrap(),
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap(),
    ]
}

on_each_database! {
    fn drops_inside_a_runtime_roll_back_and_do_not_panic(db: &TestDatabase) {
        for runtime in runtimes() {
            let engine = engine(db);
            let mut connection = engine.connect().unwrap();
            run(&mut connection, "CREATE TABLE t (x int)");
            let transaction = Transaction::begin(&engine).unwrap();
            let idle = engine.connect().unwrap();
            drop(idle);
            let log = engine.record();
            runtime.block_on(async move {
                drop(connection);
                drop(transaction);
                drop(engine);
            });
            assert_eq!(log.take(), ["ROLLBACK", "ROLLBACK"]);
        }
    }

    fn drops_in_a_task_do_not_panic(db: &TestDatabase) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let engine = engine(db);
        let mut connection = engine.connect().unwrap();
        run(&mut connection, "SELECT 1");
        runtime.block_on(async move {
            tokio::spawn(async move { drop((connection, engine)) }).await.unwrap();
        });
    }

    fn blocking_tasks_use_the_database(db: &TestDatabase) {
        for runtime in runtimes() {
            let engine = engine(db);
            let sum = runtime.block_on(async move {
                tokio::task::spawn_blocking(move || {
                    let mut connection = engine.connect()?;
                    connection.execute(text("SELECT 40 + :x").bind("x", 2))?.scalar::<i64>()
                })
                .await
                .unwrap()
            });
            assert_eq!(sum.unwrap(), 42);
        }
    }
}

on_postgres! {
    fn a_blocking_call_in_async_code_is_an_error(db: &TestDatabase) {
        let engine = Engine::new(db.url()).unwrap();
        for runtime in runtimes() {
            let error = runtime.block_on(async { engine.ping().unwrap_err() });
            assert_eq!(error.kind(), ErrorKind::InvalidState);
            assert!(error.to_string().contains("spawn_blocking"), "{error}");
        }
        engine.ping().unwrap();
    }
}

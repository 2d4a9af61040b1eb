//! What was sent: the log of statements, round trips, and the statement cache.

use crate::engine;
use orm_core::statement::{Parameter, Parameters};
use orm_core::types::{ColumnType, Value};
use orm_session::engine::transaction::{Plan, Transaction};
use orm_session::engine::{Engine, text};
use orm_test_support::{TestDatabase, on_each_database, on_postgres};

on_each_database! {
    fn a_log_holds_what_was_sent_since_it_was_opened(db: &TestDatabase) {
        let engine = engine(db);
        engine.ping().unwrap();
        let (log, other) = (engine.record(), engine.record());
        engine.ping().unwrap();
        assert_eq!(log.len(), 3);
        assert_eq!(log.take(), ["BEGIN", "SELECT 1", "ROLLBACK"]);
        assert!(log.is_empty());
        assert_eq!(other.take().len(), 3);
        assert_eq!(engine.statistics().statements, 6);
    }
}

on_postgres! {
    fn a_statement_is_prepared_once_per_connection(db: &TestDatabase) {
        let engine = engine(db);
        let mut connection = engine.connect().unwrap();
        let select = text("SELECT :x::int").bind("x", 1);
        connection.execute(&select).unwrap();
        let before = engine.statistics().round_trips;
        for _ in 0..10 {
            connection.execute(&select).unwrap();
        }
        assert_eq!(engine.statistics().round_trips - before, 10);
    }

    fn the_cache_is_bounded_and_forgets_the_oldest(db: &TestDatabase) {
        let mut transaction = Transaction::begin(&engine(db)).unwrap();
        for n in 0..300 {
            transaction
                .execute(&format!("SELECT {n}"), Parameters::NONE, Plan::Cached)
                .unwrap();
        }
        let mut kept = 0;
        transaction
            .query("SELECT 1 FROM pg_prepared_statements", Parameters::NONE, Plan::Once, &mut |_| {
                kept += 1;
                Ok(())
            })
            .unwrap();
        assert!((250..=257).contains(&kept), "{kept}");
    }

    fn one_text_may_be_prepared_for_different_types(db: &TestDatabase) {
        let mut transaction = Transaction::begin(&engine(db)).unwrap();
        for (ty, value, name) in [
            (ColumnType::Integer, Value::Int(1), "integer"),
            (ColumnType::BigInt, Value::Int(1), "bigint"),
            (ColumnType::Text, Value::Text("1".into()), "text"),
            (ColumnType::Integer, Value::Int(2), "integer"),
        ] {
            let parameters = [Parameter { ty: Some(ty), value }];
            let mut shown = String::new();
            transaction
                .query(
                    "SELECT pg_typeof($1)::text",
                    Parameters::Values(&parameters),
                    Plan::Cached,
                    &mut |row| {
                        shown = orm_core::types::FromCell::from_cell(row.cell(0)).unwrap();
                        Ok(())
                    },
                )
                .unwrap();
            assert_eq!(shown, name);
        }
    }

    fn the_server_shows_the_application_name(db: &TestDatabase) {
        let engine =
            Engine::builder(db.url()).application_name("orm test").build().unwrap();
        let name: String = engine
            .connect()
            .unwrap()
            .execute(text("SELECT current_setting('application_name')"))
            .unwrap()
            .scalar()
            .unwrap();
        assert_eq!(name, "orm test");
    }
}

//! A planted secret is printed by no error, however it failed; `details()` may tell it.

use crate::{connection, printed, run};
use orm_core::error::Error;
use orm_core::statement::{Parameter, Parameters};
use orm_core::types::{ColumnType, Value};
use orm_session::engine::transaction::{Plan, Transaction};
use orm_session::engine::{Connection, Text, text};
use orm_test_support::{TestDatabase, on_each_database, on_postgres, on_sqlite};

const SECRET: &str = "s3cr3t-pl4nted";

fn check(error: &Error) {
    let all = printed(error);
    assert!(!all.contains(SECRET), "{all}");
    assert!(!all.contains("4815162342"), "{all}");
}

fn hidden(connection: &mut Connection, statement: Text) -> Error {
    let error = connection.execute(statement).unwrap_err();
    check(&error);
    if let Err(later) = connection.execute(text("SELECT 1")) {
        check(&later);
    }
    connection.rollback().unwrap();
    error
}

on_each_database! {
    fn values_refused_by_constraints_are_hidden(db: &TestDatabase) {
        let mut connection = connection(db);
        run(
            &mut connection,
            "CREATE TABLE t (email text UNIQUE, n bigint CHECK (n < 5), other text NOT NULL)",
        );
        run(&mut connection, "CREATE TABLE c (email text REFERENCES t (email))");
        let insert = || text("INSERT INTO t VALUES (:email, :n, :other)").bind("email", SECRET);
        connection.execute(insert().bind("n", 1).bind("other", "x")).unwrap();
        connection.commit().unwrap();
        hidden(&mut connection, insert().bind("n", 1).bind("other", "x"));
        hidden(&mut connection, insert().bind("n", 4_815_162_342_i64).bind("other", "x"));
        hidden(&mut connection, insert().bind("n", 1).bind("other", None::<String>));
        hidden(&mut connection, text("INSERT INTO c VALUES (:e)").bind("e", format!("{SECRET}2")));
        hidden(&mut connection, text("SELECT :missing, :bound").bind("bound", SECRET));
        let statement = text("SELECT :x").bind("x", SECRET);
        assert!(!format!("{statement:?}").contains(SECRET));
    }

    fn values_refused_by_types_are_hidden(db: &TestDatabase) {
        let mut transaction = Transaction::begin(&crate::engine(db)).unwrap();
        let sql = if transaction.dialect().features.dollar_placeholders { "SELECT $1" } else { "SELECT ?1" };
        for (ty, value) in [
            (ColumnType::SmallInt, Value::Int(4_815_162_342)),
            (ColumnType::Timestamp, Value::Timestamp(i64::MAX)),
        ] {
            let parameters = [Parameter { ty: Some(ty), value }];
            if let Err(error) =
                transaction.execute(sql, Parameters::Values(&parameters), Plan::Cached)
            {
                check(&error);
            }
        }
    }
}

on_postgres! {
    fn values_quoted_by_the_server_are_hidden(db: &TestDatabase) {
        let mut connection = connection(db);
        run(&mut connection, "CREATE TYPE mood AS ENUM ('ok')");
        run(
            &mut connection,
            "CREATE FUNCTION fail(x text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'bad %', x; END $$",
        );
        run(
            &mut connection,
            "CREATE FUNCTION refuse(x text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN \
             RAISE EXCEPTION USING ERRCODE = 'unique_violation', MESSAGE = 'there is ' || x; END $$",
        );
        run(
            &mut connection,
            "CREATE FUNCTION run(x text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE x; END $$",
        );
        connection.commit().unwrap();
        for statement in [
            "SELECT :x::text::int",
            "SELECT :x::text::date",
            "SELECT :x::text::uuid",
            "SELECT :x::text::jsonb",
            "SELECT :x::text::mood",
            "SELECT :x::text::numeric",
            "SELECT :x::text::bool",
            "SELECT :x::text::inet",
            "SELECT (:x::text || '[(')::text ~ (:x::text || '[(')",
            "SELECT to_timestamp(:x::text, 'YYYY')",
            "SELECT (:x::text)::text[]",
            "SELECT set_config('work_mem', :x, true)",
            "SELECT :x::mood",
            "SELECT fail(:x)",
            "SELECT nextval(:x::text)",
            "SELECT :x::text::regrole",
            "SELECT pg_get_viewdef(:x::text)",
            "SELECT refuse(:x)",
            "SELECT run(:x)",
            "SELECT query_to_xml(:x, true, true, '')",
        ] {
            let error = hidden(&mut connection, text(statement).bind("x", SECRET));
            assert!(error.details().is_some(), "{error:?}");
        }
        let error = hidden(&mut connection, text("SELECT fail(:x)").bind("x", SECRET));
        assert!(error.details().unwrap().contains(SECRET));
    }
}

on_sqlite! {
    fn values_raised_by_triggers_are_hidden(db: &TestDatabase) {
        let mut connection = connection(db);
        run(&mut connection, "CREATE TABLE t (x text)");
        run(
            &mut connection,
            "CREATE TRIGGER r BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 's3cr3t-pl4nted'); END",
        );
        connection.commit().unwrap();
        let error = hidden(&mut connection, text("INSERT INTO t VALUES (:x)").bind("x", SECRET));
        assert!(error.details().unwrap().contains(SECRET));
        hidden(&mut connection, text("SELECT json(:x)").bind("x", SECRET));
        hidden(&mut connection, text("SELECT 'a' WHERE 'x' REGEXP :x").bind("x", SECRET));
    }
}

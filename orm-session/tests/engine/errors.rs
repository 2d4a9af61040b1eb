//! Errors of statements: the kind, and constraint, table and columns as far as the database tells.

use crate::{connection, run};
use orm_core::error::{Error, ErrorKind};
use orm_session::engine::{Connection, Text, text};
use orm_test_support::{Backend, TestDatabase, on_each_database, on_postgres, on_sqlite};

fn tables(connection: &mut Connection) {
    run(
        connection,
        "CREATE TABLE p (id int PRIMARY KEY, a int NOT NULL, b int, \
         CONSTRAINT uq_p_a_b UNIQUE (a, b), CONSTRAINT ck_p_a CHECK (a > 0))",
    );
    run(connection, "CREATE TABLE c (p int CONSTRAINT fk_c_p REFERENCES p)");
    run(connection, "INSERT INTO p VALUES (1, 1, 1)");
    connection.commit().unwrap();
}

fn failing(connection: &mut Connection, statement: Text) -> Error {
    let error = connection.execute(statement).unwrap_err();
    connection.rollback().unwrap();
    error
}

on_each_database! {
    fn constraints_have_kinds_and_facts(db: &TestDatabase) {
        let on_postgres = db.backend() == Backend::Postgres;
        let name = |name: &'static str| on_postgres.then_some(name);
        let mut connection = connection(db);
        tables(&mut connection);

        let error = failing(&mut connection, text("INSERT INTO p VALUES (2, 1, 1)"));
        assert_eq!(error.kind(), ErrorKind::UniqueViolation, "{error:?}");
        assert_eq!((error.table(), error.columns()), (Some("p"), &["a".into(), "b".into()][..]));
        assert_eq!(error.constraint(), name("uq_p_a_b"));
        assert_eq!(error.statement(), Some("INSERT INTO p VALUES (2, 1, 1)"));

        let error = failing(&mut connection, text("INSERT INTO p VALUES (1, 2, 2)"));
        assert_eq!(error.kind(), ErrorKind::UniqueViolation, "{error:?}");
        assert_eq!(error.columns(), ["id"]);

        let error = failing(&mut connection, text("INSERT INTO p VALUES (2, NULL, 1)"));
        assert_eq!(error.kind(), ErrorKind::NotNullViolation, "{error:?}");
        assert_eq!((error.table(), error.columns()), (Some("p"), &["a".into()][..]));

        let error = failing(&mut connection, text("INSERT INTO p VALUES (2, -1, 1)"));
        assert_eq!(error.kind(), ErrorKind::CheckViolation, "{error:?}");
        assert_eq!(error.constraint(), Some("ck_p_a"));

        let error = failing(&mut connection, text("INSERT INTO c VALUES (9)"));
        assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation, "{error:?}");
        assert_eq!((error.constraint(), error.table()), (name("fk_c_p"), name("c")));

        let error = failing(&mut connection, text("SELECT * FROM nowhere"));
        assert_eq!(error.kind(), ErrorKind::UndefinedTable, "{error:?}");
        assert!(error.to_string().contains("nowhere"), "{error}");

        let error = failing(&mut connection, text("SELECT missing FROM p"));
        assert_eq!(error.kind(), ErrorKind::UndefinedColumn, "{error:?}");
        assert!(error.to_string().contains("missing"), "{error}");

        let error = failing(&mut connection, text("SELEC 1"));
        assert_eq!(error.kind(), ErrorKind::Database, "{error:?}");
        assert!(error.to_string().contains("syntax error"), "{error}");
        assert!(error.to_string().ends_with("[SQL: SELEC 1]"), "{error}");
    }
}

on_postgres! {
    fn values_that_do_not_fit_have_a_kind(db: &TestDatabase) {
        let mut connection = connection(db);
        run(&mut connection, "CREATE TABLE t (name varchar(3), small smallint)");
        connection.commit().unwrap();
        let error =
            failing(&mut connection, text("INSERT INTO t (name) VALUES (:n)").bind("n", "four"));
        assert_eq!(error.kind(), ErrorKind::ValueOutOfRange, "{error:?}");
        assert!(error.to_string().contains("value too long for type character varying(3)"), "{error}");
        let error =
            failing(&mut connection, text("INSERT INTO t (small) SELECT :a + 70000").bind("a", 1));
        assert_eq!(error.kind(), ErrorKind::ValueOutOfRange, "{error:?}");
        assert_eq!(error.sqlstate(), Some("22003"));
    }

    fn locks_that_are_held_have_a_kind(db: &TestDatabase) {
        let engine = crate::engine(db);
        let (mut one, mut other) = (engine.connect().unwrap(), engine.connect().unwrap());
        run(&mut one, "CREATE TABLE t AS SELECT 1 AS x");
        one.commit().unwrap();
        run(&mut one, "SELECT * FROM t FOR UPDATE");
        let error = failing(&mut other, text("SELECT * FROM t FOR UPDATE NOWAIT"));
        assert_eq!(error.kind(), ErrorKind::LockNotAvailable, "{error:?}");
    }

    fn permission_denied_has_a_kind(db: &TestDatabase) {
        let mut connection = connection(db);
        run(&mut connection, "CREATE TABLE t (x int)");
        run(&mut connection, "SET LOCAL ROLE pg_monitor");
        let error = failing(&mut connection, text("SELECT * FROM t"));
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error:?}");
    }

    fn a_plan_that_no_longer_holds_is_made_anew(db: &TestDatabase) {
        let engine = crate::engine(db);
        let mut connection = engine.connect().unwrap();
        run(&mut connection, "CREATE TABLE t AS SELECT 1 AS x");
        run(&mut connection, "SELECT * FROM t");
        connection.commit().unwrap();
        let mut other = engine.connect().unwrap();
        run(&mut other, "ALTER TABLE t ADD y text DEFAULT 'y'");
        other.commit().unwrap();
        let error = failing(&mut connection, text("SELECT * FROM t"));
        assert_eq!(error.sqlstate(), Some("0A000"), "{error:?}");
        let row: (i32, String) =
            connection.execute(text("SELECT * FROM t")).unwrap().one().unwrap();
        assert_eq!(row, (1, "y".to_owned()));
    }
}

on_sqlite! {
    fn several_statements_at_once_are_refused(db: &TestDatabase) {
        let error = failing(&mut connection(db), text("SELECT 1; SELECT 2"));
        assert_eq!(error.kind(), ErrorKind::InvalidStatement, "{error:?}");
    }
}

//! Text statements and their results: names, sets, rows by name, by index and as tuples.

use crate::{connection, run};
use orm_core::error::ErrorKind;
use orm_session::engine::{AssertSafe, ResultRow, text};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database! {
    fn one_set_or_many(db: &TestDatabase) {
        let engine = crate::engine(db);
        let mut connection = engine.connect().unwrap();
        run(&mut connection, "CREATE TABLE coordinates (x int, y int, label text)");
        let insert = || text("INSERT INTO coordinates (x, y, label) VALUES (:x, :y, :label)");
        let before = engine.statistics().round_trips;
        let rows = [(1, 1), (2, 4), (3, 9)];
        let done = connection
            .execute(insert().bind("label", "same").bind_rows(["x", "y"], rows))
            .unwrap();
        assert_eq!(done.rows_affected(), 3);
        let trips = engine.statistics().round_trips - before;
        assert!(trips == 4 || trips == 0, "prepared once: {trips}");
        let mixed = [(4, Some("four")), (5, None)];
        connection.execute(insert().bind("y", 0).bind_rows(["x", "label"], mixed)).unwrap();
        let none: [(i32, i32); 0] = [];
        let done =
            connection.execute(insert().bind("label", "x").bind_rows(["x", "y"], none)).unwrap();
        assert_eq!(done.rows_affected(), 0);

        let all: Vec<(i32, i32, Option<String>)> = connection
            .execute(text("SELECT x, y, label FROM coordinates WHERE x > :x ORDER BY x").bind("x", 2))
            .unwrap()
            .all()
            .unwrap();
        let label = |text: &str| Some(text.to_owned());
        assert_eq!(all, [(3, 9, label("same")), (4, 0, label("four")), (5, 0, None)]);
        let changed = connection.execute(text("DELETE FROM coordinates WHERE y = :y").bind("y", 0));
        assert_eq!(changed.unwrap().rows_affected(), 2);
    }

    fn rows_are_read_by_name_by_index_and_as_tuples(db: &TestDatabase) {
        let mut connection = connection(db);
        let select = text("SELECT 1 AS x, 'one' AS name UNION ALL SELECT 2, NULL ORDER BY 1");
        let rows = connection.execute(&select).unwrap();
        assert_eq!(rows.columns(), ["x", "name"]);
        assert_eq!(format!("{rows:?}"), "[(1, 'one'), (2, NULL)]");
        let mut seen = Vec::new();
        for row in &rows {
            seen.push((row.get::<i64>("x").unwrap(), row.get::<Option<String>>(1).unwrap()));
        }
        assert_eq!(seen, [(1, Some("one".to_owned())), (2, None)]);
        let row: ResultRow = rows.first().unwrap().unwrap();
        let (x, name): (i32, String) = row.into_tuple().unwrap();
        assert_eq!((x, name.as_str()), (1, "one"));

        let rows: Vec<ResultRow> = connection.execute(&select).unwrap().all().unwrap();
        let error = rows[0].get::<i64>("z").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_eq!(error.to_string(), "the result has no column `z`; it has `x`, `name`");
        assert!(rows[0].get::<i64>(7).unwrap_err().to_string().contains("at place 7"));
        assert!(rows[0].get::<bool>("name").unwrap_err().to_string().contains("`name`"));
        assert!(rows[1].get::<String>("name").unwrap_err().to_string().contains("NULL"));
        let error = rows[0].clone().into_tuple::<(i32,)>().unwrap_err();
        assert!(error.to_string().contains("has 2 columns"), "{error}");
    }

    fn one_and_scalar_want_exactly_one_row(db: &TestDatabase) {
        let mut connection = connection(db);
        let two = "SELECT 1 UNION ALL SELECT 2";
        let none = "SELECT 1 WHERE 1 = 2";
        let error = connection.execute(text(two)).unwrap().one::<(i32,)>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SeveralFound);
        let error = connection.execute(text(none)).unwrap().scalar::<i32>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(connection.execute(text(none)).unwrap().first::<(i32,)>().unwrap().is_none());
        let empty = connection.execute(text("SELECT 1 AS only WHERE 1 = 2")).unwrap();
        assert_eq!(empty.columns(), ["only"]);
    }

    fn names_and_values_must_match(db: &TestDatabase) {
        let engine = crate::engine(db);
        let mut connection = engine.connect().unwrap();
        let log = engine.record();
        for (statement, says) in [
            (text("SELECT :a, :b, ':c'").bind("a", 1), "no value is bound for `:b`"),
            (text("SELECT 1").bind("a", 1).bind("b", 2), "bound for `:a`, `:b`, which the text does not have"),
            (text("SELECT :a").bind("a", 1).bind("a", 2), "two values are bound for `:a`"),
            (text("SELECT :a, :b").bind_rows(["a", "b"], [(1,)]), "names 2 parameters and a row has 1"),
        ] {
            let error = connection.execute(statement).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidStatement);
            assert!(error.to_string().contains(says), "{error}");
        }
        assert!(log.is_empty());
    }

    fn texts_made_at_run_time_are_asserted_to_be_safe(db: &TestDatabase) {
        let sum = AssertSafe(format!("SELECT {} + :b + :b", 40));
        let sum: i64 = connection(db).execute(text(sum).bind("b", 1)).unwrap().scalar().unwrap();
        assert_eq!(sum, 42);
    }

    fn what_holds_no_parameters_stays_as_it_is(db: &TestDatabase) {
        let mut connection = connection(db);
        let quoted = text("SELECT ':x it''s' AS \":y\", 0 + :x /* :z */ -- :z\n").bind("x", 1);
        let rows = connection.execute(quoted).unwrap();
        assert_eq!(rows.columns()[0], ":y");
        let row: (String, i32) = rows.one().unwrap();
        assert_eq!(row, (":x it's".to_owned(), 1));
    }
}

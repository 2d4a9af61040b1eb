//! The text of statements in both dialects: no database, plain comparison of SQL and parameters.

use orm::prelude::*;
use orm::sql::{Criteria, Selection, Statement};
use orm::{ErrorKind, IsolationLevel};
use orm_core::compile::{Compiled, batch, compile, quoted};
use orm_core::ddl;
use orm_core::dialect::{Dialect, POSTGRES, SQLITE};
use orm_core::error::Error;
use orm_core::types::Value;

#[derive(Model, Clone, Debug)]
#[orm(table = "authors")]
struct Author {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique, length = 255)]
    email: String,
    #[orm(index)]
    age: Option<i32>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "articles")]
struct Article {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    score: f64,
    #[orm(on_delete = cascade)]
    author: Ref<Author>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "pairs", schema = "own")]
struct Pair {
    #[orm(primary_key)]
    a: i32,
    #[orm(primary_key)]
    b: String,
    note: Option<String>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "x\"; DROP TABLE y; --")]
struct Hostile {
    #[orm(primary_key, column = "\"")]
    id: Auto<i64>,
    #[orm(column = "a\"\"b")]
    text: String,
}

fn compiled(statement: Statement<'_>, dialect: &'static Dialect) -> Result<Compiled, Error> {
    let no_object = |_, _| Err(Error::new(ErrorKind::InvalidStatement, "no objects"));
    compile(statement, dialect, &no_object, &Criteria::NONE)
}

/// The text for both dialects.
fn both<S: Selection>(select: &orm::sql::Select<S>) -> (String, String) {
    let of = |dialect| compiled(Statement::Rows(select.statement()), dialect).expect("valid").sql;
    (of(&POSTGRES), of(&SQLITE))
}

/// The text where both are the same but for the sign of a placeholder.
fn same<S: Selection>(select: &orm::sql::Select<S>) -> String {
    let (postgres, sqlite) = both(select);
    assert_eq!(postgres.replace('$', "?"), sqlite);
    postgres
}

/// What follows WHERE, on PostgreSQL and on SQLite.
fn condition(condition: impl orm::sql::Condition) -> (String, String) {
    let (postgres, sqlite) = both(&select(Article.id).filter(condition));
    let tail = |sql: String| sql.split_once(" WHERE ").expect("a condition").1.to_owned();
    (tail(postgres), tail(sqlite))
}

#[test]
fn an_entity_names_its_columns() {
    let expected =
        "SELECT \"authors\".\"id\", \"authors\".\"email\", \"authors\".\"age\" FROM \"authors\"";
    assert_eq!(same(&select(Author)), expected);
}

#[test]
fn clauses_stand_in_their_order() {
    let statement = select((Article.author, count_all()))
        .filter(Article.title.ne("x"))
        .group_by(Article.author)
        .having(count_all().gt(1))
        .order_by((count_all().desc(), Article.author.asc()))
        .limit(5)
        .offset(10);
    let expected = "SELECT \"articles\".\"author_id\", count(*) FROM \"articles\" \
                    WHERE \"articles\".\"title\" <> $1 GROUP BY \"articles\".\"author_id\" \
                    HAVING count(*) > $2 ORDER BY count(*) DESC, \"articles\".\"author_id\" \
                    LIMIT $3 OFFSET $4";
    let (postgres, _) = both(&statement);
    assert_eq!(postgres, expected);
    let parameters = compiled(Statement::Rows(statement.statement()), &POSTGRES).expect("valid");
    let values: Vec<Value> = parameters.parameters.into_iter().map(|p| p.value).collect();
    let expected = [Value::Text("x".into()), Value::Int(1), Value::Int(5), Value::Int(10)];
    assert_eq!(values, expected);
}

#[test]
fn operands_stand_in_parentheses() {
    let (sql, _) =
        condition((Article.title.eq("a") | Article.title.eq("b")) & !Article.score.lt(1.0));
    let title = "\"articles\".\"title\"";
    let expected =
        format!("(({title} = $1) OR ({title} = $2)) AND (NOT (\"articles\".\"score\" < $3))");
    assert_eq!(sql, expected);
    let (sql, _) = condition(((Article.score + 1.0) * 2.0).gt(Article.score));
    let score = "\"articles\".\"score\"";
    assert_eq!(sql, format!("(({score} + $1) * $2) > {score}"));
}

#[test]
fn none_of_all_and_none_of_any() {
    let none: [orm::sql::Predicate; 0] = [];
    assert_eq!(condition(all_of(none.clone())).0, "TRUE");
    assert_eq!(condition(any_of(none)).0, "FALSE");
}

#[test]
fn lists_are_one_array_or_one_json() {
    let column = "\"articles\".\"id\"";
    let (postgres, sqlite) = condition(Article.id.in_([1, 2, 3]));
    assert_eq!(postgres, format!("{column} = ANY($1)"));
    assert_eq!(sqlite, format!("{column} IN (SELECT value FROM json_each(?1))"));
    let (postgres, sqlite) = condition(Article.id.not_in([1]));
    assert_eq!(postgres, format!("{column} <> ALL($1)"));
    assert_eq!(sqlite, format!("{column} NOT IN (SELECT value FROM json_each(?1))"));
    let none: [i64; 0] = [];
    assert_eq!(condition(Article.id.in_(none)).1, "FALSE");
    assert_eq!(condition(Article.score.in_([0.1, 0.2])).1, "\"articles\".\"score\" IN (?1, ?2)");
}

#[test]
fn like_says_its_escape_where_there_is_none() {
    let (postgres, sqlite) = condition(Article.title.starts_with("50%_\\"));
    assert_eq!(postgres, "\"articles\".\"title\" LIKE $1");
    assert_eq!(sqlite, "\"articles\".\"title\" LIKE ?1 ESCAPE '\\'");
    let statement = select(Article.id).filter(Article.title.starts_with("50%_\\"));
    let compiled = compiled(Statement::Rows(statement.statement()), &SQLITE).expect("valid");
    assert_eq!(compiled.parameters[0].value, Value::Text("50\\%\\_\\\\%".into()));
}

#[test]
fn null_has_words_of_its_own() {
    let age = "\"authors\".\"age\"";
    let of = |condition| both(&select(Author.id).filter(condition));
    let tail = |sql: &str| sql.split_once(" WHERE ").expect("a condition").1.to_owned();
    assert_eq!(tail(&of(Author.age.is_null()).0), format!("{age} IS NULL"));
    assert_eq!(tail(&of(Author.age.is_not_null()).1), format!("{age} IS NOT NULL"));
    let (postgres, sqlite) = of(Author.age.is_not_distinct_from(None));
    assert_eq!(tail(&postgres), format!("{age} IS NOT DISTINCT FROM $1"));
    assert_eq!(tail(&sqlite), format!("{age} IS NOT DISTINCT FROM ?1"));
}

#[test]
fn nulls_are_told_where_to_sort_where_it_would_differ() {
    let order = |statement| {
        let (postgres, sqlite) = both(&statement);
        let tail = |sql: String| sql.split_once(" ORDER BY ").expect("an order").1.to_owned();
        (tail(postgres), tail(sqlite))
    };
    let age = "\"authors\".\"age\"";
    let rising = order(select(Author.id).order_by(Author.age));
    assert_eq!(rising, (age.to_owned(), format!("{age} NULLS LAST")));
    let falling = order(select(Author.id).order_by(Author.age.desc()));
    assert_eq!(falling, (format!("{age} DESC"), format!("{age} DESC NULLS FIRST")));
    let never = order(select(Author.id).order_by(Author.email));
    assert_eq!(never.0, never.1);
}

#[test]
fn aliases_name_the_rows() {
    let other = Author.alias("o\"ther");
    let sql = same(&select((Author.id, other.id)).filter(Author.age.eq(other.age)));
    let expected = "SELECT \"authors\".\"id\", \"o\"\"ther\".\"id\" FROM \"authors\" AS \"o\"\"ther\", \
                    \"authors\" WHERE \"authors\".\"age\" = \"o\"\"ther\".\"age\"";
    let turned = "SELECT \"authors\".\"id\", \"o\"\"ther\".\"id\" FROM \"authors\", \
                  \"authors\" AS \"o\"\"ther\" WHERE \"authors\".\"age\" = \"o\"\"ther\".\"age\"";
    assert!(sql == expected || sql == turned, "{sql}");
}

#[test]
fn counting_drops_columns_and_order() {
    let statement = select(Author).order_by(Author.email).filter(Author.age.gt(1));
    let sql = compiled(Statement::Count(statement.statement()), &POSTGRES).expect("valid").sql;
    let expected = "SELECT count(*) FROM (SELECT 1 AS one FROM \"authors\" \
                    WHERE \"authors\".\"age\" > $1) AS counted";
    assert_eq!(sql, expected);
}

#[test]
fn sums_and_means_say_their_type() {
    let (postgres, sqlite) = both(&select((sum(Author.age), avg(Author.age), max(Author.age))));
    let age = "\"authors\".\"age\"";
    let expected = |big: &str, double: &str| {
        format!(
            "SELECT CAST(sum({age}) AS {big}), CAST(avg({age}) AS {double}), max({age}) FROM \"authors\""
        )
    };
    assert_eq!(postgres, expected("BIGINT", "DOUBLE PRECISION"));
    assert_eq!(sqlite, expected("INTEGER", "REAL"));
}

#[test]
fn what_a_database_lacks_is_told_before_sql() {
    let error =
        compiled(Statement::Rows(select(Pair).statement()), &SQLITE).expect_err("no schemas");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("sqlite has no schemas (`own.pairs`"), "{error}");
}

#[test]
fn batches_are_one_text_for_every_number_of_rows() {
    let table = Author.table();
    let insert = |rows, returning: &[usize], dialect| {
        batch::insert(table, &[1, 2], returning, rows, dialect).expect("valid")
    };
    let expected = "INSERT INTO \"authors\" (\"email\", \"age\") SELECT c1, c2 \
                    FROM unnest($1::TEXT[], $2::INTEGER[]) WITH ORDINALITY AS v(c1, c2, n) ORDER BY n \
                    RETURNING \"id\"";
    assert_eq!(insert(1, &[0], &POSTGRES), expected);
    assert_eq!(insert(10_000, &[0], &POSTGRES), expected);
    let expected = "INSERT INTO \"authors\" (\"email\", \"age\") VALUES (?1, ?2), (?3, ?4)";
    assert_eq!(insert(2, &[], &SQLITE), expected);
}

#[test]
fn updates_and_deletes_find_rows_by_key() {
    let (author, pair) = (Author.table(), Pair.table());
    let expected = "UPDATE \"authors\" SET \"age\" = v.c2 FROM unnest($1::BIGINT[], $2::INTEGER[]) \
                    AS v(c1, c2) WHERE \"authors\".\"id\" = v.c1";
    assert_eq!(batch::update(author, &[0], &[2], &[], &POSTGRES).expect("valid"), expected);
    let expected = "UPDATE \"authors\" SET \"age\" = ?2 WHERE \"authors\".\"id\" = ?1";
    assert_eq!(batch::update(author, &[0], &[2], &[], &SQLITE).expect("valid"), expected);
    let expected = "DELETE FROM \"authors\" WHERE \"id\" = ANY($1::BIGINT[])";
    assert_eq!(batch::delete_by(author, &[0], &POSTGRES).expect("valid"), expected);
    let expected = "DELETE FROM \"own\".\"pairs\" USING unnest($1::INTEGER[], $2::TEXT[]) AS v(c1, c2) \
                    WHERE \"pairs\".\"a\" = v.c1 AND \"pairs\".\"b\" = v.c2";
    assert_eq!(batch::delete_by(pair, &[0, 1], &POSTGRES).expect("valid"), expected);
}

#[test]
fn tables_are_created_with_their_constraints() {
    let schema = Schema::of((Article, Author));
    let create = |dialect| ddl::create_all(&schema, &ddl::Existing::new(), dialect).expect("valid");
    let postgres = [
        "CREATE TABLE \"authors\" (\n  \"id\" BIGINT GENERATED BY DEFAULT AS IDENTITY,\n  \
         \"email\" VARCHAR(255) NOT NULL,\n  \"age\" INTEGER,\n  \
         CONSTRAINT \"pk_authors\" PRIMARY KEY (\"id\"),\n  \
         CONSTRAINT \"uq_authors_email\" UNIQUE (\"email\")\n)",
        "CREATE INDEX \"ix_authors_age\" ON \"authors\" (\"age\")",
        "CREATE TABLE \"articles\" (\n  \"id\" BIGINT GENERATED BY DEFAULT AS IDENTITY,\n  \
         \"title\" TEXT NOT NULL,\n  \"score\" DOUBLE PRECISION NOT NULL,\n  \
         \"author_id\" BIGINT NOT NULL,\n  CONSTRAINT \"pk_articles\" PRIMARY KEY (\"id\"),\n  \
         CONSTRAINT \"fk_articles_author_id\" FOREIGN KEY (\"author_id\") \
         REFERENCES \"authors\" (\"id\") ON DELETE CASCADE\n)",
        "CREATE INDEX \"ix_articles_author_id\" ON \"articles\" (\"author_id\")",
    ];
    assert_eq!(create(&POSTGRES), postgres);
    let sqlite = create(&SQLITE);
    let authors = "CREATE TABLE \"authors\" (\n  \
         \"id\" INTEGER NOT NULL CONSTRAINT \"pk_authors\" PRIMARY KEY AUTOINCREMENT,\n  \
         \"email\" TEXT NOT NULL,\n  \"age\" INTEGER,\n  \
         CONSTRAINT \"uq_authors_email\" UNIQUE (\"email\"),\n  \
         CONSTRAINT \"ck_authors_email_length\" CHECK (length(\"email\") <= 255),\n  \
         CONSTRAINT \"ck_authors_age_range\" CHECK (\"age\" BETWEEN -2147483648 AND 2147483647)\n)";
    assert_eq!(sqlite[0], authors);
    assert_eq!(sqlite.len(), postgres.len());
    let existing = ddl::Existing::from([(None, "authors".to_owned())]);
    assert_eq!(ddl::create_all(&schema, &existing, &POSTGRES).expect("valid"), postgres[2..]);
    let dropped = ddl::drop_all(&schema, &existing, &POSTGRES).expect("valid");
    assert_eq!(dropped, ["DROP TABLE \"authors\""]);
}

#[derive(Model, Clone, Debug)]
#[orm(table = "own.pairs")]
struct NotInOwn {
    #[orm(primary_key)]
    id: i32,
}

#[test]
fn a_point_in_a_name_makes_no_schema() {
    let schema = Schema::of((Pair, NotInOwn));
    schema.check().expect("two tables");
    let existing = ddl::Existing::from([(None, "own.pairs".to_owned())]);
    let created = ddl::create_all(&schema, &existing, &POSTGRES).expect("valid");
    assert_eq!(created.len(), 2, "{created:?}");
    assert!(created[1].starts_with("CREATE TABLE \"own\".\"pairs\""), "{created:?}");
    let dropped = ddl::drop_all(&schema, &existing, &POSTGRES).expect("valid");
    assert_eq!(dropped, ["DROP TABLE \"own.pairs\""]);
}

#[test]
fn hostile_names_stay_inside_their_quotes() {
    assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
    assert_eq!(quoted("\"\"; --"), "\"\"\"\"\"; --\"");
    let table = "\"x\"\"; DROP TABLE y; --\"";
    let expected = format!("SELECT {table}.\"\"\"\", {table}.\"a\"\"\"\"b\" FROM {table}");
    assert_eq!(same(&select(Hostile)), expected);
    let delete = batch::delete_by(Hostile.table(), &[0], &POSTGRES).expect("valid");
    assert_eq!(delete, format!("DELETE FROM {table} WHERE \"\"\"\" = ANY($1::BIGINT[])"));
}

#[test]
fn values_are_never_in_the_text() {
    let secret = "'; DROP TABLE authors; --";
    let (postgres, sqlite) =
        both(&select(Author).filter(
            Author.email.eq(secret) | Author.email.like(secret) | Author.email.in_([secret]),
        ));
    assert!(!postgres.contains("DROP") && !sqlite.contains("DROP"));
}

#[test]
fn a_statement_prints_no_values() {
    let statement = select(Author).filter(Author.email.eq("planted secret"));
    let shown =
        format!("{:?}", compiled(Statement::Rows(statement.statement()), &POSTGRES).map(|c| c.sql));
    assert!(!shown.contains("planted"));
    assert_eq!(format!("{:?}", IsolationLevel::Serializable), "Serializable");
}

#[test]
fn a_statement_shows_its_sql_and_no_values() {
    let statement = select(Author.email).filter(Author.email.eq("SECRET") & Author.age.in_([4711]));
    for shown in [format!("{statement}"), format!("{statement:?}"), format!("{statement:#?}")] {
        assert!(shown.contains(r#"("authors"."email" = $1) AND "#), "{shown}");
        assert!(!shown.contains("SECRET") && !shown.contains("4711"), "{shown}");
    }
    let condition = format!("{:?}", Author.email.eq("SECRET") & Author.age.in_([4711]));
    assert!(condition.contains("Text(…)"), "{condition}");
    assert!(!condition.contains("SECRET") && !condition.contains("4711"), "{condition}");
    let wrong = select(Author.email).filter(Article.title.eq("SECRET"));
    let shown = format!("{wrong:?}");
    assert!(shown.contains("(no SQL: a column of `Article` is used"), "{shown}");
}

#[test]
fn the_tables_are_told_without_a_database() -> orm::Result<()> {
    let engine = Engine::builder("sqlite::memory:").models((Author, Article)).build()?;
    let statements = engine.create_all_sql()?;
    assert!(statements[0].starts_with(r#"CREATE TABLE "authors""#), "{statements:?}");
    assert_eq!(engine.statistics().statements, 0);
    let log = engine.record();
    engine.create_all()?;
    assert!(log.take().ends_with(&[statements, vec!["COMMIT".to_owned()]].concat()));
    assert_eq!(
        engine.sql(&select(Author.id).limit(3))?,
        r#"SELECT "authors"."id" FROM "authors" LIMIT ?1"#
    );
    Ok(())
}

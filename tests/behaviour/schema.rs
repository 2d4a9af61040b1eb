//! Creating and dropping tables: order, cycles, what exists, names that hurt; tables made to be
//! read.

use crate::models::*;
use crate::setup::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database, on_postgres};
use std::time::Duration;

on_each_database!(
    tables_are_created_those_pointed_to_first,
    what_exists_is_passed_over,
    create_and_drop_can_be_repeated,
    cycles_of_tables_are_created_and_dropped,
    tables_with_rows_in_rings_are_dropped,
    a_table_of_a_schema,
    hostile_names_are_only_names,
    reserved_words_are_names,
    a_table_called_like_our_own_alias,
    very_long_names_are_cut_and_found_again,
    names_in_every_script,
    names_with_nul_are_refused,
    two_models_of_one_table_are_refused,
    without_models_nothing_is_created,
    constraints_are_enforced_as_declared,
);

// the other database waits for its own time
on_postgres!(a_table_that_the_program_itself_holds_is_told_where_waits_are_limited);

type Done = orm::Result<()>;

fn tables_are_created_those_pointed_to_first(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of((Child, PairChild))).build()?;
    let log = engine.record();
    engine.create_all()?;
    let created: Vec<String> = statements(&log)
        .iter()
        .filter_map(|sql| sql.strip_prefix("CREATE TABLE "))
        .filter_map(|sql| sql.split(' ').next().map(str::to_owned))
        .collect();
    let at = |name: &str| created.iter().position(|created| created == name).expect("created");
    assert_eq!(created.len(), 4, "the models that foreign keys reach are among them");
    assert!(at("\"parents\"") < at("\"children\""));
    assert!(at("\"pairs\"") < at("\"pair_children\""));
    Ok(())
}

fn what_exists_is_passed_over(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Parent)).build()?;
    engine.create_all()?;
    run(&engine, &["INSERT INTO parents (name) VALUES ('stays')"]);
    let engine = engine_of(db);
    engine.create_all()?;
    assert_eq!(engine.session().query(Parent.name).all()?, ["stays"]);
    let log = engine.record();
    engine.create_all()?;
    assert_eq!(statements(&log).len(), 1, "one look at what is there");
    Ok(())
}

fn create_and_drop_can_be_repeated(db: &TestDatabase) -> Done {
    let engine = engine_of(db);
    for _ in 0..2 {
        engine.create_all()?;
        engine.drop_all()?;
    }
    engine.drop_all()?;
    let error = engine.session().query(Parent).all().expect_err("dropped");
    assert_eq!(error.kind(), ErrorKind::UndefinedTable);
    Ok(())
}

fn a_table_that_the_program_itself_holds_is_told_where_waits_are_limited(
    db: &TestDatabase,
) -> Done {
    let models = Schema::of((Parent, Child));
    let waits = Duration::from_millis(50);
    let engine = Engine::builder(db.url()).models(models).pool_timeout(waits).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    assert_eq!(session.query(Parent).count()?, 0);
    let error = engine.drop_all().expect_err("this very thread holds the table");
    assert_eq!(error.kind(), ErrorKind::LockNotAvailable, "{error}");
    assert!(error.to_string().contains("1 other sessions or connections"), "{error}");
    session.commit()?;
    engine.drop_all()?;
    let log = engine.record();
    engine.create_all()?;
    assert!(!log.take().iter().any(|sql| sql.contains("lock_timeout")), "nobody else is there");
    Ok(())
}

fn cycles_of_tables_are_created_and_dropped(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of((Hen, Left, Node))).build()?;
    let log = engine.record();
    engine.create_all()?;
    let altered = log.take().iter().filter(|sql| sql.starts_with("ALTER TABLE")).count();
    let expected = if engine.dialect().features.alter_add_constraint { 2 } else { 0 };
    assert_eq!(altered, expected, "one for each cycle of two");
    // the foreign keys hold, those that were added later too
    for sql in [
        "INSERT INTO lefts (id, right_id) VALUES (1, 99)",
        "INSERT INTO rights (id, left_id) VALUES (1, 99)",
        "INSERT INTO nodes (id, name, parent_id) VALUES (1, 'n', 99)",
    ] {
        let mut connection = engine.connect()?;
        let error = connection.execute(text(sql)).err();
        let error = error.or_else(|| connection.commit().err()).expect("points to nothing");
        assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    }
    engine.drop_all()?;
    engine.create_all()
}

fn tables_with_rows_in_rings_are_dropped(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let left = session.add(Left::new());
    let right = session.add(Right { left: Some(left.into()), ..Right::new() });
    session[left].right = Some(right.into());
    let root = session.add(Node::new("root"));
    session[root].parent = Some(root.into());
    session.add(Node { parent: Some(root.into()), ..Node::new("leaf") });
    session.add(Child::new("Cy", 3, Parent::new("Ada")));
    session.commit()?;
    engine.drop_all()?;
    engine.create_all()?;
    assert_eq!(engine.session().query(Node).count()?, 0);
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "items", schema = "my \"own\" schema")]
struct Qualified {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique)]
    name: String,
    other: Option<Ref<Qualified>>,
}

fn a_table_of_a_schema(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Qualified)).build()?;
    if !engine.dialect().features.schemas {
        let error = engine.create_all().expect_err("no schemas");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("schema"), "{error}");
        let error = engine.session().query(Qualified).all().expect_err("no schemas");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        return Ok(());
    }
    engine.create_all()?;
    engine.create_all()?;
    let mut session = engine.session();
    let one = session.add(Qualified::new("one"));
    let two = session.add(Qualified { other: Some(one.into()), ..Qualified::new("two") });
    session.commit()?;
    session[two].name = "changed".into();
    session.commit()?;
    let pointing = select(Qualified).filter(Qualified.other.eq(one)).order_by(Qualified.name);
    assert_eq!(pointing.all(&mut session)?, [two]);
    assert_eq!(session.query(Qualified).count()?, 2);
    session.delete(two)?;
    session.delete(one)?;
    session.commit()?;
    engine.drop_all()
}

/// Everything that could end a name or begin something else.
#[derive(Model, Clone, Debug)]
#[orm(table = "a \"b'; DROP TABLE x; -- $1 ?1 :x\\ %s {0}")]
struct Hostile {
    #[orm(primary_key, column = "id\"")]
    id: Auto<i64>,
    #[orm(column = "\"; --", unique, length = 10)]
    quoted: String,
    #[orm(column = " ", index)]
    space: Option<i32>,
    #[orm(column = "a.b")]
    dotted: Option<bool>,
    #[orm(column = "x'\"\"'")]
    me: Option<Ref<Hostile>>,
}

fn hostile_names_are_only_names(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Hostile)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let one = session.add(Hostile::new("one"));
    let two = session.add(Hostile { space: Some(5), me: Some(one.into()), ..Hostile::new("two") });
    session.commit()?;
    session[one].dotted = Some(true);
    session[one].space = Some(7);
    session.commit()?;
    let mut other = engine.session();
    let alias = Hostile.alias("\"; DROP TABLE \"x");
    let found = other
        .query((alias, alias.space))
        .filter(alias.quoted.eq("one") & alias.dotted)
        .order_by(alias.space)
        .one()?;
    assert_eq!(found.1, Some(7));
    let sums = other.query((Hostile.me, sum(Hostile.space))).group_by(Hostile.me).all()?;
    assert_eq!(sums.len(), 2);
    let mut rows = select(Hostile).order_by(Hostile.id).stream(&mut other)?;
    assert_eq!(rows.next(&mut other)?.map(|row| row.quoted).as_deref(), Some("one"));
    drop(other);
    session.delete(two)?;
    session.commit()?;
    assert!(Hostile.table().to_string().contains("a \"b'; DROP TABLE x"));
    engine.drop_all()
}

#[derive(Model, Clone, Debug)]
#[orm(table = "select")]
struct Reserved {
    #[orm(primary_key)]
    order: Auto<i64>,
    #[orm(column = "from", unique)]
    from: String,
    #[orm(index)]
    group: i32,
    r#where: Option<Ref<Reserved>>,
    user: Option<String>,
    n: i32,
    c1: i32,
}

fn reserved_words_are_names(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Reserved)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let one = session.add(Reserved::new("a", 1, 10, 100));
    let two = session.add(Reserved { r#where: Some(one.into()), ..Reserved::new("b", 2, 20, 200) });
    session.commit()?;
    session[two].group = 3;
    session[two].c1 += 1;
    session.commit()?;
    let row = session.query((Reserved.from, Reserved.group, Reserved.n, Reserved.c1));
    let rows = { row }.order_by(Reserved.order).all()?;
    assert_eq!(rows, [("a".to_owned(), 1, 10, 100), ("b".to_owned(), 3, 20, 201)]);
    assert_eq!(session.query(Reserved).filter(Reserved.r#where.eq(one)).all()?, [two]);
    drop(session);
    engine.drop_all()
}

#[derive(Model, Clone, Debug)]
#[orm(table = "v")]
struct CalledV {
    #[orm(primary_key)]
    n: i32,
    #[orm(primary_key)]
    c1: String,
    c2: String,
}

fn a_table_called_like_our_own_alias(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(CalledV)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let rows = session.add_all((0..3).map(|n| CalledV::new(n, "k", "before")));
    session.commit()?;
    for &row in &rows[..2] {
        session[row].c2 = "after".into();
    }
    session.commit()?;
    assert_eq!(session.query(CalledV).filter(CalledV.c2.eq("after")).count()?, 2);
    for row in rows {
        session.delete(row)?;
    }
    session.commit()?;
    assert_eq!(session.query(CalledV).count()?, 0);
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "a_table_whose_name_is_longer_than_the_sixty_three_bytes_that_are_kept")]
struct Long {
    #[orm(
        primary_key,
        column = "a_key_whose_name_is_longer_than_the_sixty_three_bytes_that_are_kept"
    )]
    id: Auto<i64>,
    #[orm(unique, length = 9)]
    a_field_whose_name_is_longer_than_the_sixty_three_bytes_that_are_kept_one: String,
    #[orm(index)]
    a_field_whose_name_is_longer_than_the_sixty_three_bytes_that_are_kept_two: Option<i32>,
    a_reference_whose_name_is_longer_than_the_sixty_three_bytes_of_names: Option<Ref<Long>>,
}

fn very_long_names_are_cut_and_found_again(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Long)).build()?;
    engine.create_all()?;
    engine.create_all()?;
    let table = Long.table();
    assert!(table.columns.iter().all(|column| column.name.len() <= 63));
    let mut session = engine.session();
    let one = session.add(Long::new("one"));
    session.commit()?;
    session[one].a_field_whose_name_is_longer_than_the_sixty_three_bytes_that_are_kept_two =
        Some(2);
    session[one].a_reference_whose_name_is_longer_than_the_sixty_three_bytes_of_names =
        Some(one.into());
    session.commit()?;
    session.add(Long::new("one"));
    let error = session.flush().expect_err("it is unique");
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    session.rollback()?;
    drop(session);
    engine.drop_all()
}

#[derive(Model, Clone, Debug)]
#[orm(table = "таблица 表 🎻")]
#[allow(clippy::struct_field_names)]
struct Größe {
    #[orm(primary_key)]
    schlüssel: Auto<i64>,
    #[orm(unique)]
    größe: i32,
    #[orm(column = "列")]
    spalte: Option<String>,
}

fn names_in_every_script(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Größe)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let one = session.add(Größe { spalte: Some("値".into()), ..Größe::new(7) });
    session.commit()?;
    assert_eq!(session.query(Größe).filter(Größe.spalte.eq("値")).all()?, [one]);
    engine.create_all()
}

fn names_with_nul_are_refused(db: &TestDatabase) -> Done {
    let engine = engine_of(db);
    let error = engine.session().query(Parent.alias("a\0b")).all().expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    assert_eq!(engine.statistics().statements, 0);
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "parents")]
struct AlsoParent {
    #[orm(primary_key)]
    id: Auto<i64>,
}

fn two_models_of_one_table_are_refused(db: &TestDatabase) -> Done {
    let built = Engine::builder(db.url()).models(Schema::of((Parent, AlsoParent))).build();
    let error = built.expect_err("one table twice");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let message = error.to_string();
    assert!(message.contains("`Parent`") && message.contains("`AlsoParent`"), "{message}");
    Ok(())
}

fn without_models_nothing_is_created(db: &TestDatabase) -> Done {
    let engine = Engine::new(db.url())?;
    assert_eq!(engine.create_all().expect_err("no models").kind(), ErrorKind::Configuration);
    assert_eq!(engine.statistics().statements, 0);
    Ok(())
}

fn constraints_are_enforced_as_declared(db: &TestDatabase) -> Done {
    let engine = ready(db);
    for (sql, kind) in [
        ("INSERT INTO parents (name) VALUES (NULL)", ErrorKind::NotNullViolation),
        (
            "INSERT INTO children (name, age, parent_id) VALUES ('c', 1, 99)",
            ErrorKind::ForeignKeyViolation,
        ),
        (
            "INSERT INTO countries (code, label) VALUES ('de', 'x'), ('de', 'y')",
            ErrorKind::UniqueViolation,
        ),
        (
            "INSERT INTO pairs (number, letter, label) VALUES (1, 'a', ''), (1, 'a', '')",
            ErrorKind::UniqueViolation,
        ),
        ("INSERT INTO parents (name) VALUES ('a'), ('a')", ErrorKind::UniqueViolation),
    ] {
        let mut connection = engine.connect()?;
        assert_eq!(connection.execute(text(sql)).expect_err(sql).kind(), kind, "{sql}");
    }
    run(
        &engine,
        &[
            "INSERT INTO countries (code, label) VALUES ('de', 'Germany')",
            "INSERT INTO cities (name, country_code) VALUES ('Bonn', 'de')",
            "UPDATE countries SET code = 'DE'",
        ],
    );
    assert_eq!(
        committed::<(String,)>(&engine, text("SELECT country_code FROM cities")),
        [("DE".to_owned(),)]
    );
    run(&engine, &["DELETE FROM countries"]);
    assert_eq!(
        committed::<(Option<String>,)>(&engine, text("SELECT country_code FROM cities")),
        [(None,)]
    );
    Ok(())
}

#[test]
fn a_table_is_made_to_be_read() {
    let shown = "\
cities (model NaturalChild)
  id            BIGINT       NOT NULL  PRIMARY KEY  GENERATED
  name          TEXT         NOT NULL
  country_code  VARCHAR(20)  NULL      → countries.code  ON DELETE SET NULL  ON UPDATE CASCADE
  PRIMARY KEY pk_cities (id)
  FOREIGN KEY fk_cities_country_code (country_code)
  INDEX ix_cities_country_code (country_code)
";
    assert_eq!(NaturalChild.table().to_string(), shown);
    let shown = "\
pair_children (model PairChild)
  id            BIGINT   NOT NULL  PRIMARY KEY  GENERATED
  pair_number   INTEGER  NOT NULL  → pairs.number
  pair_letter   TEXT     NOT NULL  → pairs.letter
  other_number  INTEGER  NULL      → pairs.number
  other_letter  TEXT     NULL      → pairs.letter
  PRIMARY KEY pk_pair_children (id)
  FOREIGN KEY fk_pair_children_pair_number_pair_letter (pair_number, pair_letter)
  FOREIGN KEY fk_pair_children_other_number_other_letter (other_number, other_letter)
  INDEX ix_pair_children_pair_number_pair_letter (pair_number, pair_letter)
  INDEX ix_pair_children_other_number_other_letter (other_number, other_letter)
";
    assert_eq!(PairChild.table().to_string(), shown);
}

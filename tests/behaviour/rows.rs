//! `#[derive(Row)]`: structs selected field by field, and read from rows of `text()` by name.

use crate::models::*;
use crate::setup::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database, on_postgres};

on_each_database!(
    a_struct_is_selected_field_by_field,
    models_in_a_struct_are_plain_values,
    a_row_of_text_is_read_into_a_struct_by_name,
    what_does_not_fit_a_field_is_told_by_column_and_field,
    a_struct_within_a_struct_is_selected,
);

type Done = orm::Result<()>;

#[derive(orm::Row, Clone, Debug, PartialEq)]
struct Stats {
    name: String,
    children: i64,
    oldest: Option<i32>,
}

#[derive(orm::Row, Debug)]
struct Family {
    child: Child,
    parent: Option<Parent>,
    #[orm(column = "of")]
    r#type: Option<String>,
}

#[derive(orm::Row, Debug, PartialEq)]
struct Nested {
    inner: Stats,
    more: Option<bool>,
}

fn ready_families(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = ready(db);
    let mut session = engine.session();
    let parent = session.add(Parent::new("a"));
    session.add(Parent::new("b"));
    for age in [3, 5] {
        session.add(Child::new("child", age, parent));
    }
    session.commit()?;
    Ok(engine)
}

fn a_struct_is_selected_field_by_field(db: &TestDatabase) -> Done {
    let engine = ready_families(db)?;
    let parent = Parent.alias("p");
    let stats = select(StatsSelect {
        children: count(Child.id),
        oldest: max(Child.age),
        name: parent.name,
    })
    .join(Child.parent.to(parent))
    .group_by(parent.name);
    let expected = [Stats { name: "a".into(), children: 2, oldest: Some(5) }];
    assert_eq!(stats.clone().all(&mut engine.session())?, expected);
    assert_eq!(stats.clone().all(&mut engine.connect()?)?, expected);
    let ages = select((
        StatsSelect { name: Child.name, children: Child.id, oldest: Child.age.optional() },
        Child.age,
    ))
    .order_by(Child.age.desc())
    .all(&mut engine.session())?;
    let rows = [5, 3].map(|age| {
        (
            Stats { name: "child".into(), children: age / 2, oldest: i32::try_from(age).ok() },
            i32::try_from(age).unwrap_or(0),
        )
    });
    assert_eq!(ages, rows);
    Ok(())
}

fn models_in_a_struct_are_plain_values(db: &TestDatabase) -> Done {
    let engine = ready_families(db)?;
    let mut session = engine.session();
    let families = || {
        let r#type = Parent.note.optional();
        let selected = FamilySelect { child: Child, parent: Parent.optional(), r#type };
        select(selected).left_join(Child.parent).order_by(Child.age)
    };
    let from_session = families().all(&mut session)?;
    let from_connection = families().all(&mut engine.connect()?)?;
    for rows in [from_session, from_connection] {
        let ages: Vec<i32> = rows.iter().map(|row| row.child.age).collect();
        assert_eq!(ages, [3, 5]);
        assert_eq!(rows[0].parent.as_ref().map(|parent| parent.name.as_str()), Some("a"));
        assert_eq!(rows[0].r#type, None);
    }
    Ok(())
}

fn a_row_of_text_is_read_into_a_struct_by_name(db: &TestDatabase) -> Done {
    let engine = ready_families(db)?;
    let sql = "SELECT max(age) AS oldest, count(*) AS children, 1 AS other, name FROM children \
               GROUP BY name";
    let stats: Vec<Stats> = committed(&engine, text(sql));
    assert_eq!(stats, [Stats { name: "child".into(), children: 2, oldest: Some(5) }]);
    Ok(())
}

fn what_does_not_fit_a_field_is_told_by_column_and_field(db: &TestDatabase) -> Done {
    let engine = ready_families(db)?;
    let told = |sql: &'static str| -> orm::Result<orm::Error> {
        let mut connection = engine.connect()?;
        Ok(connection.execute(text(sql))?.all::<Stats>().expect_err("what does not fit"))
    };
    for (sql, column, field) in [
        ("SELECT 'a' AS name, 1 AS oldest", "`children`", "`Stats.children`"),
        ("SELECT NULL AS name, 1 AS children, 1 AS oldest", "`name`", "`Stats.name`"),
        ("SELECT 'a' AS name, 'b' AS children, 1 AS oldest", "`children`", "`Stats.children`"),
    ] {
        let error = told(sql)?;
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
        assert!(error.to_string().contains(column), "{error}");
        assert!(error.to_string().contains(field), "{error}");
    }
    let mut connection = engine.connect()?;
    let rows = connection.execute(text("SELECT 1 AS child, 2 AS parent, 'x' AS of"))?;
    let error = rows.all::<Family>().expect_err("a model is no column");
    assert!(error.to_string().contains("`Family.child` is not of a column type"), "{error}");
    Ok(())
}

fn a_struct_within_a_struct_is_selected(db: &TestDatabase) -> Done {
    let engine = ready_families(db)?;
    let inner = StatsSelect { name: Child.name, children: Child.id, oldest: Child.age.optional() };
    let rows = select(NestedSelect { more: Child.id.gt(1), inner })
        .filter(Child.age.eq(5))
        .all(&mut engine.session())?;
    let inner = Stats { name: "child".into(), children: 2, oldest: Some(5) };
    assert_eq!(rows, [Nested { inner, more: Some(true) }]);
    Ok(())
}

on_postgres!(a_row_of_numeric_shows_its_digits);

fn a_row_of_numeric_shows_its_digits(db: &TestDatabase) -> orm::Result<()> {
    let mut connection = Engine::new(db.url())?.connect()?;
    let rows = connection.execute(text(
        "SELECT 12.50::numeric, -0.001::numeric(9, 4), 1e30::numeric, 'NaN'::numeric",
    ))?;
    let shown = "[(12.50, -0.0010, 1000000000000000000000000000000, <numeric of 8 bytes>)]";
    assert_eq!(format!("{rows:?}"), shown);
    Ok(())
}

//! Names of indexes and constraints that would meet, and names that are too long.

use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    two_constraints_of_one_name_are_refused,
    an_index_called_like_a_table_is_refused,
    long_names_are_cut_and_stay_apart,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "plants", check("height > 0", name = "height"))]
struct Plant {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(check = "height < 100")]
    height: i32,
}

fn two_constraints_of_one_name_are_refused(db: &TestDatabase) -> Done {
    let error = Engine::builder(db.url()).models(Schema::of(Plant)).build().expect_err("one name");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(
        error.to_string(),
        "`Plant`: two constraints are called `ck_plants_height`, a CHECK and a CHECK; say another \
         for one of them by `name = \"…\"`"
    );
    Ok(())
}

#[derive(Model, Clone, Debug)]
#[orm(table = "herbs", index(number, name = "herbs"))]
struct Herb {
    #[orm(primary_key)]
    id: Auto<i64>,
    number: i32,
}

fn an_index_called_like_a_table_is_refused(db: &TestDatabase) -> Done {
    let error = Engine::builder(db.url()).models(Schema::of(Herb)).build().expect_err("one name");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    Ok(())
}

// a word of the same list twice is what two constraints over one column are
#[allow(clippy::duplicated_attributes)]
#[derive(Model, Clone, Debug)]
#[orm(table = "a_table_with_a_name_that_leaves_little_room_for_others")]
#[orm(unique(first_of_two_columns, second_of_two_columns))]
#[orm(unique(first_of_two_columns, third_of_two_columns))]
#[orm(index(
    second_of_two_columns,
    third_of_two_columns,
    name = "an_index_with_a_name_that_is_longer_than_sixty_three_bytes_of_all"
))]
#[orm(check("first_of_two_columns > 0", name = "the_first_column_is_more_than_nothing"))]
struct Long {
    #[orm(primary_key)]
    id: Auto<i64>,
    first_of_two_columns: i32,
    second_of_two_columns: i32,
    third_of_two_columns: i32,
}

fn long_names_are_cut_and_stay_apart(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Long)).build()?;
    engine.create_all()?;
    let table = Long.table();
    let names: Vec<&String> = table
        .uniques
        .iter()
        .map(|unique| &unique.name)
        .chain(table.indexes.iter().map(|index| &index.name))
        .chain(table.checks.iter().map(|check| &check.name))
        .collect();
    assert_eq!(names.len(), 4);
    assert!(names.iter().all(|name| name.len() == 63), "{names:?}");
    let mut session = engine.session();
    session.add(Long::new(0, 1, 1));
    let error = session.commit().expect_err("0 is not more than nothing");
    assert_eq!(error.constraint(), Some(names[3].as_str()));
    session.rollback()?;
    engine.drop_all()
}

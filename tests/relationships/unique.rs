//! A UNIQUE value that one row gives up and another takes in the same flush.

use crate::common::{committed, statements};
use orm::engine::text;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_value_of_a_deleted_row_is_taken_by_a_new_one,
    a_value_of_a_deleted_row_is_taken_by_another_one,
    a_one_that_is_replaced_is_deleted_first,
    a_one_that_is_replaced_lets_go_first,
    a_parent_and_its_unique_child_are_replaced_together,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "citizens")]
struct Citizen {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique)]
    email: String,
    #[orm(back_populates = citizen, cascade(all, delete_orphan))]
    passport: One<Passport>,
    #[orm(back_populates = citizen)]
    locker: One<Locker>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "passports")]
struct Passport {
    #[orm(primary_key)]
    id: Auto<i64>,
    number: String,
    #[orm(unique)]
    citizen: Ref<Citizen>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "lockers")]
struct Locker {
    #[orm(primary_key)]
    id: Auto<i64>,
    number: i32,
    #[orm(unique)]
    citizen: Option<Ref<Citizen>>,
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let models = Schema::of((Citizen, Passport, Locker));
    let engine = Engine::builder(db.url()).models(models).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn a_value_of_a_deleted_row_is_taken_by_a_new_one(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let old = session.add(Citizen::new("one@example.com"));
    session.commit()?;
    session.delete(old)?;
    session.add(Citizen::new("one@example.com"));
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 2);
    let emails: Vec<(String,)> = committed(&engine, text("SELECT email FROM citizens"));
    assert_eq!(emails, [("one@example.com".to_owned(),)]);
    Ok(())
}

fn a_value_of_a_deleted_row_is_taken_by_another_one(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let old = session.add(Citizen::new("one@example.com"));
    let other = session.add(Citizen::new("two@example.com"));
    session.commit()?;
    session.delete(old)?;
    session[other].email = "one@example.com".into();
    session.commit()?;
    let emails: Vec<(String,)> = committed(&engine, text("SELECT email FROM citizens"));
    assert_eq!(emails, [("one@example.com".to_owned(),)]);
    Ok(())
}

fn a_one_that_is_replaced_is_deleted_first(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let passport = Passport::new("1", Ref::unset());
    let citizen = session.add(Citizen { passport: passport.into(), ..Citizen::new("c") });
    session.commit()?;
    session[citizen].passport.set(Passport::new("2", Ref::unset()));
    session.commit()?;
    let numbers: Vec<(String,)> = committed(&engine, text("SELECT number FROM passports"));
    assert_eq!(numbers, [("2".to_owned(),)]);
    let next = session.add(Passport::new("3", citizen));
    session.commit()?;
    assert_eq!(session.load(citizen, Citizen.passport)?, Some(next));
    let numbers: Vec<(String,)> = committed(&engine, text("SELECT number FROM passports"));
    assert_eq!(numbers, [("3".to_owned(),)]);
    Ok(())
}

fn a_one_that_is_replaced_lets_go_first(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let citizen = session.add(Citizen { locker: Locker::new(1).into(), ..Citizen::new("c") });
    let free = session.add(Locker::new(2));
    session.commit()?;
    let first = session[citizen].locker.get()?.expect("there is one");
    session.set(citizen, Citizen.locker, free)?;
    session.commit()?;
    session[citizen].locker.set(Locker::new(3));
    session.commit()?;
    assert!(session[first].citizen.is_none() && session[free].citizen.is_none());
    let taken: Vec<(i32,)> =
        committed(&engine, text("SELECT number FROM lockers WHERE citizen_id IS NOT NULL"));
    assert_eq!(taken, [(3,)]);
    Ok(())
}

fn a_parent_and_its_unique_child_are_replaced_together(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let with_passport = |email: &str| Citizen {
        passport: Passport::new("1", Ref::unset()).into(),
        ..Citizen::new(email)
    };
    let old = session.add(with_passport("c"));
    session.commit()?;
    session.delete(old)?;
    let new = session.add(with_passport("c"));
    session.commit()?;
    assert_eq!(session.query(Citizen).all()?, [new]);
    assert_eq!(session.query(Passport).count()?, 1);
    Ok(())
}

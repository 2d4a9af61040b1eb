//! Statements that contradict themselves are refused before any SQL is sent.

use crate::models::*;
use crate::setup::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_column_of_elsewhere_is_refused_before_sql,
    an_ungrouped_column_is_refused_before_sql,
    an_aggregate_in_a_filter_is_refused_before_sql,
    what_nothing_connects_is_refused_before_sql,
    each_row_beside_each_is_asked_for_by_name,
    a_set_based_write_names_its_table_alone,
    a_truth_is_turned_around,
    the_least_of_what_has_no_order_is_refused_before_sql,
);

type Done = orm::Result<()>;

fn refused(engine: &Engine, error: Option<orm::Error>, told: &str) {
    let error = error.expect("refused");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement, "{error:?}");
    assert!(error.to_string().contains(told), "{error}");
    assert_eq!(engine.statistics().statements, 0, "before any SQL");
}

fn a_column_of_elsewhere_is_refused_before_sql(db: &TestDatabase) -> Done {
    let engine = engine_of(db);
    let mut s = engine.session();
    let told = "`Parent` is used, which is neither selected nor joined";
    refused(&engine, s.query(Child).filter(Parent.name.eq("a")).all().err(), told);
    refused(&engine, s.query(Child).order_by(Parent.name).all().err(), told);
    refused(&engine, s.query(Child).filter(Parent.name.eq("a")).count().err(), told);
    refused(&engine, s.query(Child).filter(Parent.name.eq("a")).exists().err(), told);
    refused(&engine, s.query(count(Child.id)).having(Parent.name.eq("a")).all().err(), told);
    let other = Child.alias("other");
    let told = "`Child` under the alias `other` is used";
    refused(&engine, s.query(Child).filter(other.age.eq(1)).all().err(), told);
    Ok(())
}

fn an_ungrouped_column_is_refused_before_sql(db: &TestDatabase) -> Done {
    let engine = engine_of(db);
    let mut s = engine.session();
    let told = "not grouped by";
    refused(&engine, s.query((Child.name, count_all())).all().err(), told);
    refused(&engine, s.query((Child.name, Child.age)).group_by(Child.age).all().err(), told);
    refused(&engine, s.query((Child, count_all())).all().err(), told);
    refused(&engine, s.query((Child.name, count_all())).count().err(), told);
    let by_name = s.query(count_all()).filter(Child.age.eq(1)).order_by(Child.name).all().err();
    refused(&engine, by_name, "neither selected");
    let by_name = s.query((Child.age, count_all())).group_by(Child.age).order_by(Child.name).all();
    refused(&engine, by_name.err(), told);
    let having = s.query((Child.age, count_all())).group_by(Child.age).having(Child.name.eq("x"));
    refused(&engine, { having }.all().err(), told);
    Ok(())
}

fn an_aggregate_in_a_filter_is_refused_before_sql(db: &TestDatabase) -> Done {
    let engine = engine_of(db);
    let mut s = engine.session();
    let error = s.query(Child).filter(count(Child.id).gt(1)).all().err();
    refused(&engine, error, "put the condition in `having`");
    Ok(())
}

fn the_least_of_what_has_no_order_is_refused_before_sql(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Big)).build()?;
    let mut s = engine.session();
    refused(&engine, s.query(min(Big.flag)).all().err(), "`Big.flag`");
    refused(&engine, s.query(max(Big.flag)).all().err(), "`Big.flag`");
    Ok(())
}

fn what_nothing_connects_is_refused_before_sql(db: &TestDatabase) -> Done {
    let engine = engine_of(db);
    let mut s = engine.session();
    let told = "nothing connects `Parent` and `Child`";
    refused(&engine, s.query((Parent, Child)).all().err(), told);
    refused(
        &engine,
        s.query((Parent.name, count(Child.id))).group_by(Parent.name).all().err(),
        told,
    );
    refused(&engine, s.query((Parent, Child)).filter(Child.age.eq(1)).count().err(), told);
    let each_alone = Parent.name.eq("a") & Child.name.eq("b");
    refused(&engine, s.query((Parent, Child)).filter(each_alone).all().err(), told);
    let mut crossed = s.query((Parent, Child, Node)).cross_join(Node);
    refused(&engine, crossed.all().err(), told);
    Ok(())
}

fn each_row_beside_each_is_asked_for_by_name(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut s = engine.session();
    let parents = s.add_all(["a", "b"].map(Parent::new));
    s.add_all([Child::new("c", 1, parents[0]), Child::new("b", 2, parents[0])]);
    s.commit()?;
    assert_eq!(s.query((Parent, Child)).cross_join(Child).count()?, 4);
    assert_eq!(s.query(Parent).cross_join(Child).count()?, 4, "selected or not");
    assert_eq!(s.query((Parent, Child)).join(Child.parent).count()?, 2);
    let mut by_condition = s.query((Parent, Child)).filter(Parent.name.eq(Child.name));
    assert_eq!(by_condition.count()?, 1);
    let one_of_both = Parent.name.eq(Child.name) | Parent.id.eq(Child.parent);
    assert_eq!(s.query((Parent, Child)).filter(one_of_both).count()?, 3);
    let other = Child.alias("other");
    let mut through =
        s.query((Child, other.name)).join(Child.parent).filter(other.age.gt(Child.age));
    assert_eq!(through.count()?, 1);
    Ok(())
}

fn a_set_based_write_names_its_table_alone(db: &TestDatabase) -> Done {
    let engine = engine_of(db);
    let mut s = engine.session();
    let told = "`Parent` is used in a statement that writes `Child` alone";
    let of_another = || Child.parent.eq(Parent.id) & Parent.name.eq("a");
    refused(&engine, s.query(Child).filter(of_another()).delete().err(), told);
    refused(&engine, s.query(Child).filter(of_another()).update(Child.age.set(1)).err(), told);
    refused(&engine, s.query(Child).update(Child.name.set(Parent.name)).err(), told);
    let told = "can't stand in a statement that writes rows";
    refused(&engine, s.query(Child).filter(max(Child.age).eq(1)).delete().err(), told);
    Ok(())
}

fn a_truth_is_turned_around(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Big)).build()?;
    engine.create_all()?;
    let mut s = engine.session();
    s.add_all([Big::new(1, true), Big::new(2, false)]);
    let numbers = select(Big.n).filter(!Big.flag).all(&mut s)?;
    assert_eq!(numbers, [2]);
    assert_eq!(select(Big.n).filter(!Big.flag & Big.n.gt(2)).all(&mut s)?.len(), 0);
    Ok(())
}

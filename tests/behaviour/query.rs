//! Queries: conditions, order, the ways to finish, aggregates, what is refused before SQL.

use crate::models::*;
use crate::setup::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    comparisons_find_what_they_say,
    conditions_combine,
    none_of_all_is_true_and_none_of_any_is_false,
    very_many_conditions_are_no_matter,
    in_takes_lists_of_every_length,
    in_takes_handles_keys_and_references,
    like_is_the_same_everywhere,
    literal_text_is_taken_literally,
    null_is_asked_for_by_name,
    null_is_equal_to_null_when_wanted,
    null_sorts_last_everywhere,
    limit_and_offset_cut_the_rows,
    first_is_the_first_by_key,
    one_wants_exactly_one,
    count_counts_what_the_statement_returns,
    exists_answers,
    columns_come_as_tuples,
    arithmetic_computes,
    aggregates_fold_groups,
    aggregates_of_nothing,
    a_sum_beyond_its_type_is_out_of_range,
    a_mean_of_integers_is_a_fraction,
    groups_are_kept_by_having,
    distinct_gives_equal_rows_once,
    a_statement_is_a_value,
    a_statement_on_a_connection_gives_plain_values,
    an_alias_is_another_row_of_the_same_table,
    a_reference_selects_as_a_reference,
    objects_of_the_session_stand_in_conditions,
    a_new_object_in_a_condition_is_flushed_first,
);

type Done = orm::Result<()>;

/// Parents a, b, c; children of a: Cy 3, Di 5, of b: Ed 5, Flo 7.
fn family(db: &TestDatabase) -> orm::Result<(Engine, Session)> {
    let engine = ready(db);
    let mut session = engine.session();
    let parents = session.add_all(["a", "b", "c"].map(Parent::new));
    session[parents[1]].note = Some("noted".into());
    for (name, age, of) in [("Cy", 3, 0), ("Di", 5, 0), ("Ed", 5, 1), ("Flo", 7, 1)] {
        session.add(Child::new(name, age, parents[of]));
    }
    session.commit()?;
    Ok((engine, session))
}

fn names(session: &mut Session, condition: impl orm::sql::Condition) -> orm::Result<String> {
    let names = session.query(Child.name).filter(condition).order_by(Child.id).all()?;
    Ok(names.join(" "))
}

fn comparisons_find_what_they_say(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    assert_eq!(names(&mut s, Child.age.eq(5))?, "Di Ed");
    assert_eq!(names(&mut s, Child.age.ne(5))?, "Cy Flo");
    assert_eq!(names(&mut s, Child.age.lt(5))?, "Cy");
    assert_eq!(names(&mut s, Child.age.le(5))?, "Cy Di Ed");
    assert_eq!(names(&mut s, Child.age.gt(5))?, "Flo");
    assert_eq!(names(&mut s, Child.age.ge(5))?, "Di Ed Flo");
    assert_eq!(names(&mut s, Child.age.between(4, 5))?, "Di Ed");
    assert_eq!(names(&mut s, Child.age.between(5, 4))?, "");
    assert_eq!(names(&mut s, Child.name.eq("Cy".to_owned()))?, "Cy");
    assert_eq!(names(&mut s, Child.name.lt(Child.name))?, "");
    Ok(())
}

fn conditions_combine(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    let five = || Child.age.eq(5);
    assert_eq!(names(&mut s, five() & Child.name.ne("Di"))?, "Ed");
    assert_eq!(names(&mut s, five() | Child.name.eq("Cy"))?, "Cy Di Ed");
    assert_eq!(names(&mut s, !five())?, "Cy Flo");
    assert_eq!(names(&mut s, not(five() | Child.name.eq("Cy")))?, "Flo");
    assert_eq!(names(&mut s, five().and(Child.name.eq("Ed")).or(Child.age.gt(6)))?, "Ed Flo");
    assert_eq!(names(&mut s, all_of([five(), Child.name.gt("Di")]))?, "Ed");
    assert_eq!(names(&mut s, any_of([five(), Child.age.eq(3)]) & Child.name.ne("Ed"))?, "Cy Di");
    let both = s.query(Child.name).filter(five()).filter(Child.name.eq("Di")).all()?;
    assert_eq!(both, ["Di"]);
    Ok(())
}

fn none_of_all_is_true_and_none_of_any_is_false(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    let none: [orm::sql::Predicate; 0] = [];
    assert_eq!(names(&mut s, all_of(none.clone()))?, "Cy Di Ed Flo");
    assert_eq!(names(&mut s, any_of(none.clone()))?, "");
    assert_eq!(names(&mut s, not(any_of(none.clone())) & Child.age.eq(3))?, "Cy");
    assert_eq!(names(&mut s, any_of(none) | Child.age.eq(3))?, "Cy");
    Ok(())
}

fn very_many_conditions_are_no_matter(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    assert_eq!(names(&mut s, any_of((0..3_000).map(|age| Child.age.eq(age))))?, "Cy Di Ed Flo");
    assert_eq!(names(&mut s, all_of((10..3_000).map(|age| Child.age.ne(age))))?, "Cy Di Ed Flo");
    Ok(())
}

fn in_takes_lists_of_every_length(db: &TestDatabase) -> Done {
    let (engine, mut s) = family(db)?;
    let none: [i32; 0] = [];
    assert_eq!(names(&mut s, Child.age.in_(none))?, "");
    assert_eq!(names(&mut s, Child.age.not_in(none))?, "Cy Di Ed Flo");
    assert_eq!(names(&mut s, Child.age.in_([3]))?, "Cy");
    assert_eq!(names(&mut s, Child.age.in_(vec![3, 7, 99]))?, "Cy Flo");
    assert_eq!(names(&mut s, Child.age.not_in([3, 7]))?, "Di Ed");
    assert_eq!(names(&mut s, Child.age.in_(5..5_005))?, "Di Ed Flo");
    assert_eq!(names(&mut s, Child.name.in_((0..5_000).map(|n| format!("{n}\"'\\"))))?, "");
    assert_eq!(names(&mut s, Child.name.in_(["Cy", "it's", "\u{1}\"\\"]))?, "Cy");
    // the text of the statement does not depend on the length
    if engine.dialect().features.array_parameters {
        let log = engine.record();
        names(&mut s, Child.age.in_([1]))?;
        names(&mut s, Child.age.in_([1, 2, 3]))?;
        let sent = statements(&log);
        assert_eq!(sent[0], sent[1]);
    }
    // NULL is in no list, and not in no list either
    let noted = |s: &mut Session, condition| s.query(Parent.name).filter(condition).all();
    assert_eq!(noted(&mut s, Parent.note.in_(["noted"]))?, ["b"]);
    assert_eq!(noted(&mut s, Parent.note.not_in(["other"]))?, ["b"]);
    Ok(())
}

fn in_takes_handles_keys_and_references(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    let parents = s.query(Parent).order_by(Parent.id).all()?;
    let key = *s[parents[0]].id.get().expect("flushed");
    let reference = Ref::<Parent>::from(parents[1]);
    assert_eq!(names(&mut s, Child.parent.in_(parents.clone()))?, "Cy Di Ed Flo");
    assert_eq!(names(&mut s, Child.parent.in_([key]))?, "Cy Di");
    assert_eq!(names(&mut s, Child.parent.in_([&reference]))?, "Ed Flo");
    assert_eq!(names(&mut s, Child.parent.in_(Vec::<i64>::new()))?, "");
    assert_eq!(names(&mut s, Child.parent.in_(key..key + 5_000))?, "Cy Di Ed Flo");
    assert_eq!(names(&mut s, Child.parent.ne(parents[0]))?, "Ed Flo");
    Ok(())
}

fn like_is_the_same_everywhere(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut s = engine.session();
    for name in ["Anna", "anna", "a%b", "a_b", "a\\b", "axb", "ÄRA", "ära"] {
        s.add(Child::new(name, 0, 1));
    }
    s.add(Parent { id: 1.into(), ..Parent::new("p") });
    let found = |s: &mut Session, pattern: &str| names(s, Child.name.like(pattern));
    assert_eq!(found(&mut s, "anna")?, "anna");
    assert_eq!(found(&mut s, "A%")?, "Anna");
    assert_eq!(found(&mut s, "a_b")?, "a%b a_b a\\b axb");
    assert_eq!(found(&mut s, "a\\_b")?, "a_b");
    assert_eq!(found(&mut s, "a\\%b")?, "a%b");
    assert_eq!(found(&mut s, "a\\\\b")?, "a\\b");
    assert_eq!(found(&mut s, "är_")?, "ära");
    assert_eq!(found(&mut s, "%")?.split(' ').count(), 8);
    assert_eq!(found(&mut s, "")?, "");
    assert_eq!(names(&mut s, Child.name.not_like("a%"))?, "Anna ÄRA ära");
    Ok(())
}

fn literal_text_is_taken_literally(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut s = engine.session();
    s.add(Parent { id: 1.into(), ..Parent::new("p") });
    for name in ["100%", "100 percent", "a_b", "axb", "a\\b", "A"] {
        s.add(Child::new(name, 0, 1));
    }
    assert_eq!(names(&mut s, Child.name.starts_with("100%"))?, "100%");
    assert_eq!(names(&mut s, Child.name.ends_with("%"))?, "100%");
    assert_eq!(names(&mut s, Child.name.contains("_"))?, "a_b");
    assert_eq!(names(&mut s, Child.name.contains("\\"))?, "a\\b");
    assert_eq!(names(&mut s, Child.name.starts_with("a"))?, "a_b axb a\\b");
    assert_eq!(
        names(&mut s, Child.name.contains(""))?.len(),
        "100% 100 percent a_b axb a\\b A".len()
    );
    Ok(())
}

fn null_is_asked_for_by_name(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    assert_eq!(s.query(Parent.name).filter(Parent.note.is_null()).count()?, 2);
    assert_eq!(s.query(Parent.name).filter(Parent.note.is_not_null()).all()?, ["b"]);
    assert_eq!(s.query(Parent.name).filter(Parent.note.ne("noted")).count()?, 0);
    assert_eq!(s.query(Parent.name).filter(not(Parent.note.eq("other"))).all()?, ["b"]);
    Ok(())
}

fn null_is_equal_to_null_when_wanted(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    let none: Option<String> = None;
    let noted = Some("noted".to_owned());
    let count = |s: &mut Session, condition| s.query(Parent).filter(condition).count();
    assert_eq!(count(&mut s, Parent.note.is_not_distinct_from(none.clone()))?, 2);
    assert_eq!(count(&mut s, Parent.note.is_not_distinct_from(noted.clone()))?, 1);
    assert_eq!(count(&mut s, Parent.note.is_distinct_from(none))?, 1);
    assert_eq!(count(&mut s, Parent.note.is_distinct_from(noted))?, 2);
    Ok(())
}

fn null_sorts_last_everywhere(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    let sorted = |s: &mut Session, by| -> orm::Result<String> {
        let all = s.query(Parent.name).order_by((by, Parent.name.asc())).all()?;
        Ok(all.join(" "))
    };
    assert_eq!(sorted(&mut s, Parent.note.asc())?, "b a c");
    assert_eq!(sorted(&mut s, Parent.note.desc())?, "a c b");
    Ok(())
}

fn limit_and_offset_cut_the_rows(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    let all = select(Child.name).order_by(Child.name);
    assert_eq!(all.clone().limit(2).all(&mut s)?, ["Cy", "Di"]);
    assert_eq!(all.clone().limit(2).offset(1).all(&mut s)?, ["Di", "Ed"]);
    assert_eq!(all.clone().offset(3).all(&mut s)?, ["Flo"]);
    assert_eq!(all.clone().offset(99).all(&mut s)?.len(), 0);
    assert_eq!(all.clone().limit(0).all(&mut s)?.len(), 0);
    assert_eq!(all.clone().limit(u64::MAX).all(&mut s)?.len(), 4);
    assert_eq!(all.limit(0).first(&mut s)?, None);
    Ok(())
}

fn first_is_the_first_by_key(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut s = engine.session();
    for id in [5, 3, 9] {
        s.add(Parent { id: id.into(), ..Parent::new(format!("p{id}")) });
    }
    s.commit()?;
    let first = s.query(Parent).first()?.expect("there are three");
    assert_eq!(s[first].id, 3);
    assert_eq!(s.query(Parent.name).first()?.as_deref(), Some("p3"));
    assert_eq!(
        s.query(Parent).order_by(Parent.id.desc()).first()?.map(|p| s[p].id),
        Some(9.into())
    );
    assert_eq!(s.query(Parent).filter(Parent.name.eq("none")).first()?, None);
    assert_eq!(s.query(count(Parent.id)).first()?, Some(3));
    Ok(())
}

fn one_wants_exactly_one(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    let of_age = |age| select(Child).filter(Child.age.eq(age));
    assert!(of_age(3).one(&mut s).is_ok());
    assert!(of_age(3).one_or_none(&mut s)?.is_some());
    assert!(of_age(99).one_or_none(&mut s)?.is_none());
    assert_eq!(of_age(99).one(&mut s).expect_err("none").kind(), ErrorKind::NotFound);
    assert_eq!(of_age(5).one(&mut s).expect_err("two").kind(), ErrorKind::SeveralFound);
    assert_eq!(of_age(5).one_or_none(&mut s).expect_err("two").kind(), ErrorKind::SeveralFound);
    assert!(of_age(5).limit(1).one(&mut s).is_ok());
    assert_eq!(s.query(Child).count()?, 4, "the session goes on");
    Ok(())
}

fn count_counts_what_the_statement_returns(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    assert_eq!(s.query(Child).count()?, 4);
    assert_eq!(s.query(Child).limit(3).offset(2).count()?, 2);
    assert_eq!(s.query(Child.age).distinct().count()?, 3);
    assert_eq!(s.query((Child.age, count_all())).group_by(Child.age).count()?, 3);
    assert_eq!(s.query(count_all()).count()?, 1);
    assert_eq!(s.query((Child, Parent)).filter(Child.parent.eq(Parent.id)).count()?, 4);
    assert_eq!(s.query((Child, Parent)).cross_join(Parent).count()?, 12);
    Ok(())
}

fn exists_answers(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    assert!(s.query(Child).filter(Child.age.eq(3)).exists()?);
    assert!(!s.query(Child).filter(Child.age.eq(99)).exists()?);
    assert!(!s.query(Child).limit(0).exists()?);
    Ok(())
}

fn columns_come_as_tuples(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    let rows: Vec<(String, i32)> =
        s.query((Child.name, Child.age)).order_by((Child.age.desc(), Child.name.asc())).all()?;
    let expected = [("Flo", 7), ("Di", 5), ("Ed", 5), ("Cy", 3)];
    assert_eq!(rows, expected.map(|(name, age)| (name.to_owned(), age)));
    let notes: Vec<(String, Option<String>)> =
        s.query((Parent.name, Parent.note)).order_by(Parent.name).all()?;
    assert_eq!(notes[0], ("a".to_owned(), None));
    let pairs =
        s.query((Child, Parent)).filter(Child.parent.eq(Parent.id)).order_by(Child.id).all()?;
    for (child, parent) in pairs {
        assert!(s[child].parent == parent);
    }
    let truths = s.query((Child.name, Child.age.eq(5))).order_by(Child.id).all()?;
    assert_eq!(
        truths.iter().map(|row| row.1).collect::<Vec<_>>(),
        [false, true, true, false].map(Some)
    );
    Ok(())
}

fn arithmetic_computes(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    let rows = s.query((Child.age + 1) * 2).order_by(Child.id).all()?;
    assert_eq!(rows, [8, 12, 12, 16]);
    assert_eq!(names(&mut s, (Child.age - 1).gt(5))?, "Flo");
    assert_eq!(names(&mut s, (Child.age / 2).eq(1))?, "Cy");
    assert_eq!(s.query(Child.name).order_by(Child.age * -1).first()?.as_deref(), Some("Flo"));
    Ok(())
}

fn aggregates_fold_groups(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    let total = s.query((count_all(), sum(Child.age), min(Child.name), max(Child.age))).one()?;
    assert_eq!(total, (4, Some(20), Some("Cy".to_owned()), Some(7)));
    let groups = s
        .query((Child.parent, count(Child.id), sum(Child.age)))
        .group_by(Child.parent)
        .order_by(Child.parent)
        .all()?;
    let sums: Vec<_> = groups.iter().map(|(_, count, sum)| (*count, *sum)).collect();
    assert_eq!(sums, [(2, Some(8)), (2, Some(12))]);
    assert_eq!(s.query(count(Child.age).distinct()).one()?, 3);
    assert_eq!(s.query(count(Parent.note)).one()?, 1);
    Ok(())
}

fn aggregates_of_nothing(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut s = engine.session();
    let nothing = s
        .query((count_all(), count(Child.age), sum(Child.age), avg(Child.age), min(Child.age)))
        .one()?;
    assert_eq!(nothing, (0, 0, None, None, None));
    assert_eq!(s.query((Child.age, count_all())).group_by(Child.age).all()?, []);
    Ok(())
}

fn a_sum_beyond_its_type_is_out_of_range(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of(Big)).build()?;
    engine.create_all()?;
    let mut s = engine.session();
    s.add_all([Big::new(i64::MAX, true), Big::new(1, true)]);
    s.commit()?;
    let error = s.query(sum(Big.n)).one().expect_err("beyond BIGINT");
    assert_eq!(error.kind(), ErrorKind::ValueOutOfRange, "{error:?}");
    s.rollback()?;
    assert_eq!(s.query(sum(Big.n)).filter(Big.n.eq(i64::MAX)).one()?, Some(i64::MAX));
    Ok(())
}

fn a_mean_of_integers_is_a_fraction(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    assert_eq!(s.query(avg(Child.age)).filter(Child.age.lt(7)).one()?, Some(13.0 / 3.0));
    Ok(())
}

fn groups_are_kept_by_having(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    let rows = s
        .query((Child.age, count_all()))
        .group_by(Child.age)
        .having(count_all().gt(1))
        .having(min(Child.name).eq("Di"))
        .all()?;
    assert_eq!(rows, [(5, 2)]);
    let rows = s
        .query(Child.age)
        .group_by(Child.age)
        .order_by((count_all().desc(), Child.age.asc()))
        .all()?;
    assert_eq!(rows, [5, 3, 7]);
    Ok(())
}

fn distinct_gives_equal_rows_once(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    assert_eq!(s.query(Child.age).distinct().order_by(Child.age).all()?, [3, 5, 7]);
    assert_eq!(s.query(Child.age).distinct().order_by(Child.age.desc()).first()?, Some(7));
    Ok(())
}

fn a_statement_is_a_value(db: &TestDatabase) -> Done {
    fn shared<T: Send + Sync + Clone>(value: &T) -> T {
        value.clone()
    }
    let (engine, mut s) = family(db)?;
    let statement = select((Child, Child.age)).filter(Child.age.eq(5)).order_by(Child.id);
    let copy = shared(&statement);
    assert_eq!(statement.all(&mut s)?, copy.all(&mut s)?);
    let counted = std::thread::scope(|scope| {
        scope.spawn(|| statement.count(&mut engine.session())).join().expect("no panic")
    })?;
    assert_eq!(counted, 2);
    assert_eq!(s.all(&statement)?.len(), 2);
    Ok(())
}

fn a_statement_on_a_connection_gives_plain_values(db: &TestDatabase) -> Done {
    let (engine, mut s) = family(db)?;
    let mut connection = engine.connect()?;
    let statement = select((Child, Child.age)).filter(Child.age.ge(5)).order_by(Child.name);
    let plain = statement.all(&mut connection)?;
    let names: Vec<&str> = plain.iter().map(|(child, _)| child.name.as_str()).collect();
    assert_eq!(names, ["Di", "Ed", "Flo"]);
    assert_eq!(connection.query(Child).filter(Child.age.eq(3)).one()?.name, "Cy");
    assert_eq!(statement.count(&mut connection)?, 3);
    assert!(statement.exists(&mut connection)?);
    let parent = s.query(Parent).first()?.expect("there");
    let error = select(Child).filter(Child.parent.eq(parent)).all(&mut connection);
    let error = error.expect_err("a connection knows no objects");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    assert!(connection.in_transaction(), "it goes on");
    Ok(())
}

fn an_alias_is_another_row_of_the_same_table(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    let elder = Child.alias("elder \"one\"");
    let pairs: Vec<(String, String)> = s
        .query((Child.name, elder.name))
        .filter(Child.parent.eq(elder.parent))
        .filter(elder.age.gt(Child.age))
        .order_by(Child.name)
        .all()?;
    let expected = [("Cy", "Di"), ("Ed", "Flo")];
    assert_eq!(pairs, expected.map(|(one, other)| (one.to_owned(), other.to_owned())));
    let found = s.query(elder).filter(elder.name.eq("Flo")).one()?;
    assert_eq!(s.query(Child).filter(Child.name.eq("Flo")).one()?, found);
    Ok(())
}

fn a_reference_selects_as_a_reference(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    let parents = s.query(Parent).order_by(Parent.id).all()?;
    let refs = s.query(Child.parent).order_by(Child.id).all()?;
    let keys: Vec<_> = refs.iter().map(Ref::key).collect();
    let of = |s: &Session, at: usize| s[parents[at]].id.get().copied();
    assert_eq!(keys, [of(&s, 0), of(&s, 0), of(&s, 1), of(&s, 1)]);
    Ok(())
}

fn objects_of_the_session_stand_in_conditions(db: &TestDatabase) -> Done {
    let (_engine, mut s) = family(db)?;
    let di = s.query(Child).filter(Child.name.eq("Di")).one()?;
    let same_age = select(Child.name).filter(Child.age.eq(s[di].age) & Child.name.ne(&s[di].name));
    assert_eq!(same_age.all(&mut s)?, ["Ed"]);
    let siblings = select(Child.name).filter(Child.parent.eq(&s[di].parent)).order_by(Child.id);
    assert_eq!(siblings.all(&mut s)?, ["Cy", "Di"]);
    Ok(())
}

fn a_new_object_in_a_condition_is_flushed_first(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut s = engine.session();
    let parent = s.add(Parent::new("new"));
    let child = s.add(Child::new("Cy", 3, parent));
    assert_eq!(s.query(Child).filter(Child.parent.eq(parent)).all()?, [child]);
    let mut off = engine.session().autoflush(false);
    let parent = off.add(Parent::new("not flushed"));
    let error = off.query(Child).filter(Child.parent.eq(parent)).all().expect_err("no key yet");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    assert!(error.to_string().contains("not flushed yet"), "{error}");
    Ok(())
}

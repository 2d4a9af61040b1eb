//! Every way of reading, under criteria and round them: the same list of ways gives no hidden row in the
//! first case, and some in the other, so that a way that reads nothing is noticed too.

use super::plain_ways::PLAIN_WAYS;
use super::ways::{WAYS, papers, writers};
use super::*;
use orm_test_support::on_each_database;

on_each_database!(
    no_way_of_a_session_reads_a_hidden_row,
    no_way_of_a_connection_reads_a_hidden_row,
    a_statement_leaves_criteria_out_in_all_that_it_includes,
    a_parent_stays_whose_other_side_is_hidden,
    hooks_run_under_all_criteria,
    loaded_references_that_are_hidden_are_asked_for_once,
);

type Done = orm::Result<()>;
fn no_way_of_a_session_reads_a_hidden_row(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    for (way, read) in WAYS {
        let mut session = engine.session();
        let seen = read(&mut session)?;
        session.rollback()?;
        assert!(!seen.is_empty(), "{way} reads nothing");
        assert!(!seen.iter().any(|name| name.starts_with("HIDDEN")), "{way}: {seen:?}");
        let mut session = engine.session();
        let seen = session.without_criteria(read)?;
        session.rollback()?;
        assert!(seen.iter().any(|name| name.starts_with("HIDDEN")), "{way} round them: {seen:?}");
        let mut session = engine.session();
        let seen = session.without_criterion(SHOWN, read)?;
        assert!(seen.iter().any(|name| name.starts_with("HIDDEN")), "{way} round one: {seen:?}");
        session.rollback()?;
        let mut session = Session::on(engine.connect()?);
        let seen = read(&mut session)?;
        assert!(!seen.iter().any(|name| name.starts_with("HIDDEN")), "{way} on one: {seen:?}");
        session.rollback()?;
    }
    Ok(())
}

fn no_way_of_a_connection_reads_a_hidden_row(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    for (way, read) in PLAIN_WAYS {
        let mut connection = engine.connect()?;
        let seen = read(&mut connection, false)?;
        assert!(!seen.is_empty(), "{way} reads nothing");
        assert!(!seen.iter().any(|name| name.starts_with("HIDDEN")), "{way}: {seen:?}");
        connection.rollback()?;
        let seen = read(&mut connection, true)?;
        assert!(seen.iter().any(|name| name.starts_with("HIDDEN")), "{way} round them: {seen:?}");
        connection.rollback()?;
    }
    Ok(())
}

fn a_statement_leaves_criteria_out_in_all_that_it_includes(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let mut session = engine.session();
    let all = select(Writer).include(Writer.papers.then(Paper.topics)).order_by(Writer.id);
    let round = all.clone().without_criterion(SHOWN).all(&mut session)?;
    assert_eq!(writers(&session, &round), ["Ann", "HIDDEN Bo", "Cy"]);
    let of_ann = session[round[0]].papers.get()?.to_vec();
    assert_eq!(papers(&session, &of_ann), ["HIDDEN b", "a", "d"]);
    assert_eq!(session[of_ann[1]].topics.get()?.len(), 2);
    // what comes after it is under them again
    assert_eq!(all.all(&mut engine.session())?.len(), 2);
    assert_eq!(session.query(Writer).count()?, 2);
    assert_eq!(session.load(of_ann[2], Paper.editor)?, None);
    let mistaken = select(Writer).without_criterion("shwon");
    for refused in [
        mistaken.all(&mut session).map(|_| ()),
        mistaken.count(&mut session).map(|_| ()),
        mistaken.delete(&mut session).map(|_| ()),
        mistaken.stream(&mut session).map(|_| ()),
        session.without_criterion("shwon", |_| Ok(())),
    ] {
        let error = refused.expect_err("no criterion is called so");
        assert_eq!(error.kind(), orm::ErrorKind::InvalidStatement);
        let expected =
            "no criterion is called `shwon`, which is to be left out; these are: `shown`";
        assert_eq!(error.to_string(), expected);
    }
    Ok(())
}

fn a_parent_stays_whose_other_side_is_hidden(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    let mut session = engine.session();
    let editors = select((Paper.name, Writer.name.optional()))
        .left_join(Paper.editor)
        .order_by(Paper.name)
        .all(&mut session)?;
    let names = |name: &str, other: Option<&str>| (name.to_owned(), other.map(str::to_owned));
    // the editor of `d` is hidden
    assert_eq!(editors, [names("a", None), names("c", Some("Cy")), names("d", None)]);
    let topics = select((Paper.name, Topic.name.optional()))
        .left_join(Paper.topics)
        .order_by((Paper.name, Topic.name))
        .all(&mut session)?;
    // `a` has a topic that is hidden besides, `d` only such a one: a row each
    assert_eq!(topics, [names("a", Some("x")), names("c", None), names("d", None)]);
    let joined = select(Paper).include(Paper.topics.joined()).order_by(Paper.name);
    let joined = joined.all(&mut session)?;
    let counts: Vec<usize> =
        joined.iter().map(|&paper| session[paper].topics.get().map_or(9, <[_]>::len)).collect();
    assert_eq!(counts, [1, 0, 0]);
    Ok(())
}

fn hooks_run_under_all_criteria(db: &TestDatabase) -> Done {
    drop(hiding(db)?);
    let engine = Engine::builder(db.url())
        .models(Schema::of((Writer, Paper, Topic, Card)))
        .criterion(SHOWN, Writer, |writer| !writer.hidden)
        .before_flush(|session: &mut Session| {
            let seen = session.query(Writer).count()?;
            session.add(Topic::new(format!("{seen} writers")));
            Ok(())
        })
        .build()?;
    let mut session = engine.session();
    session.add(Topic::new("new"));
    let all = session.without_criteria(|session| session.query(Writer).count())?;
    assert_eq!(all, 3);
    assert_eq!(session.query(Topic).filter(Topic.name.eq("2 writers")).count()?, 1);
    Ok(())
}

fn loaded_references_that_are_hidden_are_asked_for_once(db: &TestDatabase) -> Done {
    let engine = hiding(db)?;
    crate::common::run(&engine, &["UPDATE papers SET writer_id = 2"]);
    let mut session = engine.session();
    let found = session.query(Paper).all()?;
    let log = engine.record();
    for _ in 0..3 {
        for &paper in &found {
            let error = session.load(paper, Paper.writer).expect_err("hidden");
            assert_eq!(error.kind(), orm::ErrorKind::NotFound);
        }
    }
    assert_eq!(crate::common::statements(&log).len(), 1);
    // what was written may have shown it
    select(Writer)
        .filter(Writer.id.eq(2))
        .without_criteria()
        .update(&mut session, Writer.hidden.set(false))?;
    assert!(session.load(found[0], Paper.writer).is_ok());
    Ok(())
}

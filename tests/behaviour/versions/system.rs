//! `version = xmin`: PostgreSQL itself keeps the version of a row, in every table and for every writer.

use super::Done;
use crate::setup::{committed, run, statements};
use orm::engine::text;
use orm::prelude::*;
use orm::{ErrorKind, Handle, State};
use orm_test_support::{TestDatabase, on_postgres, on_sqlite};

on_postgres!(
    system_versions_of_new_and_changed_rows,
    system_versions_tell_who_comes_second,
    system_versions_are_in_the_texts,
    system_versions_of_rows_taken_over,
    system_versions_of_rows_written_in_parts,
    system_versions_of_set_based_updates,
    system_versions_of_rows_the_database_writes,
    system_versions_of_rows_that_follow_a_key,
    system_versions_of_locked_and_merged_rows,
    system_versions_are_given_back,
    system_versions_are_compared_in_queries,
    system_versions_of_expressions,
);
on_sqlite!(system_versions_can_t_be_had);

#[derive(Model, Clone, Debug)]
#[orm(table = "leaves")]
struct Leaf {
    #[orm(primary_key)]
    number: i64,
    text: String,
    #[orm(version = xmin)]
    written_by: Auto<i64>,
    #[orm(unique)]
    place: Option<i32>,
    #[orm(on_delete = set_null)]
    branch: Option<Ref<Branch>>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "branches")]
struct Branch {
    #[orm(primary_key)]
    name: String,
    #[orm(version = xmin)]
    xmin: Auto<i64>,
    #[orm(back_populates = branch)]
    leaves: Many<Leaf>,
}

/// The database makes its key too.
#[derive(Model, Clone, Debug)]
#[orm(table = "seeds")]
struct Seed {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(version = xmin)]
    xmin: Auto<i64>,
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of((Branch, Leaf, Seed))).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn leaves(engine: &Engine, count: i64) -> orm::Result<(Session, Vec<Handle<Leaf>>)> {
    let mut session = engine.session();
    let leaves = session.add_all((1..=count).map(|number| Leaf::new(number, "leaf")));
    session.commit()?;
    Ok((session, leaves))
}

fn version(session: &Session, leaf: Handle<Leaf>) -> i64 {
    *session[leaf].written_by.get().expect("a row has one")
}

/// What the database says by now.
fn stored(engine: &Engine, number: i64) -> i64 {
    let sql = text("SELECT xmin::text::bigint FROM leaves WHERE number = :number");
    committed::<(i64,)>(engine, sql.bind("number", number))[0].0
}

fn system_versions_of_new_and_changed_rows(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, leaves) = leaves(&engine, 2)?;
    let first = version(&session, leaves[0]);
    assert_eq!(first, stored(&engine, 1));
    session[leaves[0]].text.push('!');
    session.commit()?;
    let second = version(&session, leaves[0]);
    assert_ne!(first, second);
    assert_eq!(second, stored(&engine, 1));
    // again and again, and nothing is written for what is changed back
    session[leaves[0]].text.push('!');
    session.flush()?;
    session[leaves[0]].text.push('!');
    session.flush()?;
    session.commit()?;
    let third = version(&session, leaves[0]);
    session[leaves[0]].text.push('!');
    session[leaves[0]].text.pop();
    session.commit()?;
    assert_eq!(version(&session, leaves[0]), third);
    let seeds = session.add_all((0..3).map(|_| Seed::new()));
    session.commit()?;
    let known: Vec<(i64, i64)> =
        committed(&engine, text("SELECT id, xmin::text::bigint FROM seeds ORDER BY id"));
    let held: Vec<(i64, i64)> = seeds
        .iter()
        .map(|&seed| (*session[seed].id.get().unwrap(), *session[seed].xmin.get().unwrap()))
        .collect();
    assert_eq!(known, held);
    session.delete(leaves[0])?;
    session.commit()
}

fn system_versions_tell_who_comes_second(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, leaves) = leaves(&engine, 3)?;
    // any writer counts
    run(&engine, &["UPDATE leaves SET text = 'theirs' WHERE number <> 2"]);
    let before = version(&session, leaves[0]);
    session[leaves[0]].text = "ours".into();
    session[leaves[1]].text = "ours".into();
    let error = session.commit().expect_err("it was read before");
    assert_eq!(error.kind(), ErrorKind::Stale);
    assert!(error.to_string().contains(" for Leaf(1): what was read has been changed"), "{error}");
    session.rollback()?;
    assert_eq!(version(&session, leaves[0]), before);
    session.delete(leaves[2])?;
    let error = session.commit().expect_err("it was read before");
    assert_eq!(error.kind(), ErrorKind::Stale);
    session.rollback()?;
    session.refresh(leaves[0])?;
    session[leaves[0]].text.push_str(", and ours");
    session.commit()?;
    let texts: Vec<(String,)> = committed(&engine, text("SELECT text FROM leaves ORDER BY number"));
    let texts: Vec<&str> = texts.iter().map(|(text,)| text.as_str()).collect();
    assert_eq!(texts, ["theirs, and ours", "leaf", "theirs"]);
    session[leaves[1]].written_by = Auto::Set(1);
    let error = session.flush().expect_err("nobody writes it");
    assert!(
        error.to_string().contains("`Leaf.written_by` of Leaf(2) was changed by hand"),
        "{error}"
    );
    Ok(())
}

fn system_versions_are_in_the_texts(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let created: Vec<(i64,)> = committed(
        &engine,
        text("SELECT count(*) FROM information_schema.columns WHERE table_name = 'branches'"),
    );
    assert_eq!(created, [(1,)], "the system's column is not created");
    let mut session = engine.session();
    let log = engine.record();
    let branch = session.add(Branch::new("a"));
    session.commit()?;
    session[branch].name = "b".into();
    session.commit()?;
    session.delete(branch)?;
    session.commit()?;
    let log: Vec<String> =
        statements(&log).into_iter().filter(|sql| !sql.starts_with("WITH")).collect();
    assert_eq!(
        log,
        [
            "INSERT INTO \"branches\" (\"name\") SELECT c1 FROM unnest($1::TEXT[]) WITH ORDINALITY AS \
             v(c1, n) ORDER BY n RETURNING \"name\", \"xmin\"::text::bigint",
            "DELETE FROM \"branches\" USING unnest($1::TEXT[], $2::BIGINT[]) AS v(c1, c2) WHERE \
             \"branches\".\"name\" = v.c1 AND \"branches\".\"xmin\"::text::bigint = v.c2"
        ]
    );
    Ok(())
}

fn system_versions_of_rows_taken_over(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, leaves) = leaves(&engine, 1)?;
    session.delete(leaves[0])?;
    let new = session.add(Leaf::new(1, "new"));
    session.commit()?;
    assert_eq!(version(&session, new), stored(&engine, 1));
    // nothing differs, and it is checked all the same
    session.delete(new)?;
    let same = session.add(Leaf::new(1, "new"));
    session.commit()?;
    assert_eq!(version(&session, same), stored(&engine, 1));
    run(&engine, &["UPDATE leaves SET text = 'theirs'"]);
    session.delete(same)?;
    session.add(Leaf::new(1, "new"));
    let error = session.flush().expect_err("the row is another one by now");
    assert_eq!(error.kind(), ErrorKind::Stale);
    Ok(())
}

fn system_versions_of_rows_written_in_parts(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, leaves) = leaves(&engine, 2)?;
    session[leaves[0]].place = Some(1);
    session[leaves[1]].place = Some(2);
    session.commit()?;
    session[leaves[0]].place = Some(2);
    session[leaves[1]].place = Some(1);
    session.commit()?;
    for (number, leaf) in (1..).zip(&leaves) {
        assert_eq!(version(&session, *leaf), stored(&engine, number));
        session[*leaf].text.push('!');
    }
    session.commit()
}

fn system_versions_of_set_based_updates(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, leaves) = leaves(&engine, 1)?;
    session.query(Leaf).update(Leaf.text.set("all"))?;
    session.commit()?;
    assert_eq!(version(&session, leaves[0]), stored(&engine, 1));
    session[leaves[0]].text.push('!');
    session.commit()
}

fn system_versions_of_rows_the_database_writes(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, leaves) = leaves(&engine, 2)?;
    for by_query in [false, true] {
        let branch = session.add(Branch::new("a"));
        session[leaves[0]].branch = Some(branch.into());
        session.commit()?;
        let before = version(&session, leaves[0]);
        let log = engine.record();
        if by_query {
            session.query(Branch).filter(Branch.name.eq("a")).delete()?;
        } else {
            session.delete(branch)?;
            session.flush()?;
        }
        let log = statements(&log);
        assert_eq!(
            log.last().map(String::as_str),
            Some(
                "SELECT \"leaves\".\"number\", \"leaves\".\"text\", \
                 \"leaves\".\"xmin\"::text::bigint, \"leaves\".\"place\", \
                 \"leaves\".\"branch_name\" FROM \"leaves\" WHERE \"leaves\".\"number\" = ANY($1)"
            ),
            "the row is read again"
        );
        assert_ne!(version(&session, leaves[0]), before, "ON DELETE SET NULL wrote the row");
        session.rollback()?;
        assert_eq!(version(&session, leaves[0]), before);
        if by_query {
            session.query(Branch).filter(Branch.name.eq("a")).delete()?;
        } else {
            session.delete(branch)?;
        }
        session.commit()?;
        assert_eq!(version(&session, leaves[0]), stored(&engine, 1));
        session[leaves[0]].text.push('!');
        session.commit()?;
    }
    // with the version comes what another changed
    let branch = session.add(Branch::new("a"));
    session[leaves[0]].branch = Some(branch.into());
    session.commit()?;
    run(&engine, &["UPDATE leaves SET text = 'theirs'"]);
    session.delete(branch)?;
    session.commit()?;
    assert_eq!(session[leaves[0]].text, "theirs");
    Ok(())
}

fn system_versions_of_rows_that_follow_a_key(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let branch = session.add(Branch::new("a"));
    let leaf = |number| Leaf { branch: Some(branch.into()), ..Leaf::new(number, "leaf") };
    let leaves = session.add_all((1..=2).map(leaf));
    session.commit()?;
    // one of them is changed by the same flush
    session[branch].name = "b".into();
    session[leaves[0]].text.push('!');
    session.commit()?;
    for (number, leaf) in (1..).zip(&leaves) {
        assert_eq!(version(&session, *leaf), stored(&engine, number));
        session[*leaf].text.push('!');
    }
    session.commit()?;
    run(&engine, &["UPDATE leaves SET text = 'theirs' WHERE number = 2"]);
    session[branch].name = "c".into();
    session[leaves[1]].text = "ours".into();
    let error = session.flush().expect_err("the other's change is not overwritten");
    assert_eq!(error.kind(), ErrorKind::Stale);
    session.rollback()?;
    session[branch].name = "c".into();
    session.commit()?;
    assert_eq!(session[leaves[1]].text, "theirs", "the row is read again with its version");
    Ok(())
}

fn system_versions_of_locked_and_merged_rows(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, leaves) = leaves(&engine, 2)?;
    let form = session.detached(leaves[1])?;
    run(&engine, &["UPDATE leaves SET text = 'theirs'"]);
    session = session.autoflush(false);
    session[leaves[0]].text = "ours".into();
    let error = session.get_for_update(Leaf, 1).expect_err("changed here and there");
    assert_eq!(error.kind(), ErrorKind::Stale);
    session.rollback()?;
    session.get_for_update(Leaf, 1)?;
    assert_eq!(version(&session, leaves[0]), stored(&engine, 1));
    session[leaves[0]].text = "ours".into();
    session.commit()?;
    let error = engine.session().merge(form).expect_err("of another version");
    assert_eq!(error.kind(), ErrorKind::Stale);
    let mut form = engine.session();
    let known = form.get(Leaf, 2)?.expect("there");
    let mut form = form.detached(known)?;
    form.text = "from a form".into();
    let mut other = engine.session();
    other.merge(form)?;
    other.commit()
}

fn system_versions_are_given_back(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, leaves) = leaves(&engine, 1)?;
    let before = version(&session, leaves[0]);
    session[leaves[0]].text.push('!');
    session.flush()?;
    let written = version(&session, leaves[0]);
    let undone: orm::Result<()> = session.savepoint(|session| {
        session[leaves[0]].text.push('?');
        session.flush()?;
        assert_ne!(version(session, leaves[0]), written, "a savepoint has a number of its own");
        Err(orm::Error::new(ErrorKind::NotFound, "no"))
    });
    assert!(undone.is_err());
    assert_eq!(version(&session, leaves[0]), written);
    session[leaves[0]].text.push('.');
    session.flush()?;
    session.rollback()?;
    assert_eq!(version(&session, leaves[0]), before);
    session[leaves[0]].text.push('!');
    session.commit()?;
    // a row that is written before it is deleted
    let branch = session.add(Branch::new("a"));
    session[leaves[0]].branch = Some(branch.into());
    session.commit()?;
    session.delete(branch)?;
    session.delete(leaves[0])?;
    session.flush()?;
    session.rollback()?;
    assert_eq!(session.state(leaves[0])?, State::Persistent);
    session[leaves[0]].text.push('!');
    session.commit()
}

fn system_versions_are_compared_in_queries(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, leaves) = leaves(&engine, 1)?;
    let known = version(&session, leaves[0]);
    let found = session.query(Leaf).filter(Leaf.written_by.eq(known)).all()?;
    assert_eq!(found, leaves);
    let versions = select(Leaf.written_by).order_by(Leaf.written_by).all(&mut session)?;
    assert_eq!(versions, [known]);
    let error = session.query(Leaf).update(Leaf.written_by.set(7)).expect_err("nobody writes it");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    Ok(())
}

fn system_versions_of_expressions(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let (mut session, leaves) = leaves(&engine, 1)?;
    session.set(leaves[0], Leaf.place, Leaf.place + 1)?;
    session.commit()?;
    assert_eq!(version(&session, leaves[0]), stored(&engine, 1));
    run(&engine, &["UPDATE leaves SET text = 'theirs'"]);
    session.set(leaves[0], Leaf.place, Leaf.place + 2)?;
    let error = session.flush().expect_err("changed since it was read");
    assert_eq!(error.kind(), ErrorKind::Stale);
    Ok(())
}

fn system_versions_can_t_be_had(db: &TestDatabase) -> Done {
    let told = Engine::builder(db.url()).models(Schema::of((Branch, Leaf))).build();
    let error = told.expect_err("no row of it has one");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        error.to_string(),
        "sqlite has no `xmin` in its rows (system_versions), which is the version of `Branch`; let the \
         flush count: `#[orm(version)] xmin: i64`"
    );
    // nor where models are not registered
    let engine = Engine::builder(db.url()).build()?;
    let error = engine.session().query(Seed).all().expect_err("the same");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    Ok(())
}

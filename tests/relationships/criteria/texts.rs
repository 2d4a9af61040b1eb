//! The SQL of statements under criteria, pinned.

use super::*;
use crate::common::statements;
use orm::ErrorKind;
use orm_test_support::{on_each_database, on_postgres};

on_each_database!(
    inside_a_criterion_no_criteria_hold,
    a_criterion_says_nothing_of_other_tables,
    a_criterion_is_asked_at_each_mention,
    a_statement_prints_without_criteria,
);

on_postgres!(statements_under_criteria);

type Done = orm::Result<()>;

/// The one statement that was sent.
fn sent<T>(
    engine: &Engine,
    work: impl FnOnce(&mut Session) -> orm::Result<T>,
) -> orm::Result<String> {
    let mut session = engine.session();
    let log = engine.record();
    work(&mut session)?;
    let mut sent = statements(&log);
    assert_eq!(sent.len(), 1, "{sent:?}");
    Ok(sent.remove(0))
}

/// What follows the first FROM, or the table written.
fn behind<'s>(sql: &'s str, word: &str) -> &'s str {
    sql.split_once(word).map_or(sql, |(_, rest)| rest)
}

fn statements_under_criteria(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url())
        .models(Schema::of((Writer, Paper, Topic, Card)))
        .criterion(SHOWN, Writer, |writer| !writer.hidden)
        .criterion(SHOWN, Paper, |paper| paper.hidden.eq(false))
        .criterion(SHOWN, Topic, |topic| !topic.hidden)
        .build()?;
    engine.create_all()?;
    let sql = sent(&engine, |session| select(Writer).all(session))?;
    assert_eq!(behind(&sql, " FROM "), r#""writers" WHERE NOT "writers"."hidden""#);

    let either = Writer.id.eq(1) | Writer.id.eq(2);
    let sql = sent(&engine, |session| select(Writer).filter(either).limit(1).all(session))?;
    let expected = r#""writers" WHERE (("writers"."id" = $1) OR ("writers"."id" = $2)) AND (NOT "writers"."hidden") LIMIT $3"#;
    assert_eq!(behind(&sql, " FROM "), expected);

    let sql = sent(&engine, |session| session.get(Writer, 1))?;
    let expected = r#""writers" WHERE ("writers"."id" = $1) AND (NOT "writers"."hidden")"#;
    assert_eq!(behind(&sql, " FROM "), expected);

    let sql = sent(&engine, |session| select(Paper.name).join(Paper.writer).all(session))?;
    let expected = r#""papers" JOIN "writers" ON ("papers"."writer_id" = "writers"."id") AND (NOT "writers"."hidden") WHERE "papers"."hidden" = $2"#;
    assert_eq!(behind(&sql, " FROM "), expected.replace("$2", "$1"));

    let sql = sent(&engine, |session| select(Paper.name).left_join(Paper.topics).all(session))?;
    let expected = r#""papers" LEFT JOIN ("paper_topics" JOIN "topics" ON ("topics"."id" = "paper_topics"."topic_id") AND (NOT "topics"."hidden")) ON "paper_topics"."paper_id" = "papers"."id" WHERE "papers"."hidden" = $1"#;
    assert_eq!(behind(&sql, " FROM "), expected);

    let sql = sent(&engine, |session| {
        select(Card.id).filter(Card.writer.has(|writer| writer.papers.exists())).count(session)
    })?;
    let expected = r#""cards" WHERE EXISTS (SELECT $1 FROM "writers" AS "writers_1" WHERE ("cards"."writer_id" = "writers_1"."id") AND EXISTS (SELECT $2 FROM "papers" AS "papers_2" WHERE ("papers_2"."writer_id" = "writers_1"."id") AND ("papers_2"."hidden" = $3)) AND (NOT "writers_1"."hidden"))) AS counted"#;
    assert_eq!(behind(&sql, " FROM (SELECT 1 AS one FROM "), expected);

    let sql = sent(&engine, |session| {
        select(Paper).filter(Paper.id.gt(1)).update(session, Paper.name.set("x"))
    })?;
    let expected = r#"UPDATE "papers" SET "name" = $1 WHERE ("papers"."id" > $2) AND ("papers"."hidden" = $3) RETURNING "papers"."id", "papers"."name""#;
    assert_eq!(sql, expected);

    let sql = sent(&engine, |session| select(Paper).delete(session))?;
    let expected = r#"DELETE FROM "papers" WHERE "papers"."hidden" = $1 RETURNING "papers"."id""#;
    assert_eq!(sql, expected);

    let sql = sent(&engine, |session| select(Writer).without_criteria().all(session))?;
    assert_eq!(behind(&sql, " FROM "), r#""writers""#);
    Ok(())
}

fn inside_a_criterion_no_criteria_hold(db: &TestDatabase) -> Done {
    drop(hiding(db)?);
    let engine = Engine::builder(db.url())
        .models(Schema::of((Writer, Paper, Topic, Card)))
        .criterion("has papers", Writer, |writer| writer.papers.any(|paper| paper.id.gt(0)))
        .criterion("of Cy or Bo", Paper, |paper| {
            paper.writer.has(|writer| writer.papers.any(|other| other.name.eq("c")))
        })
        .build()?;
    let mut session = engine.session();
    // each says what it means, not what the other one adds to it: that Ann has papers, and Bo
    let found = session.query(Writer.name).order_by(Writer.name).all()?;
    assert_eq!(found, ["Ann", "HIDDEN Bo"]);
    let found = session.query(Paper.name).all()?;
    assert_eq!(found, ["c"]);
    // the names that a criterion gives are none of the statement
    let found = select(Writer.name)
        .filter(Writer.papers.any(|paper| paper.writer.has(|writer| writer.papers.exists())))
        .all(&mut session)?;
    assert_eq!(found, ["HIDDEN Bo"]);
    Ok(())
}

fn a_criterion_says_nothing_of_other_tables(db: &TestDatabase) -> Done {
    let refused = |builder: orm::engine::EngineBuilder| {
        let error = builder.build().expect_err("it can't hold");
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        error.to_string()
    };
    let builder = || Engine::builder(db.url()).models(Schema::of((Writer, Paper, Topic, Card)));
    // not the closure's argument: under an alias it would be another row's
    let told = refused(builder().criterion("own", Paper, |_| !Paper.hidden));
    let expected = "the criterion `own` of `Paper` uses a column of `Paper` that is not of what its \
                    closure is given; write it by the closure's argument, other models by `any` and `has`";
    assert_eq!(told, expected);
    let told = refused(builder().criterion("own", Paper, |paper| paper.writer.eq(Writer.id)));
    assert!(told.contains("uses a column of `Writer`"), "{told}");
    let told = refused(builder().criterion("own", Paper, |paper| count(paper.id).gt(1)));
    assert!(told.starts_with("an aggregate (an expression)"), "{told}");
    // a session tells it with its first statement, and sends nothing
    let engine = hiding(db)?;
    let mut session = engine.session().criterion("own", Paper, |_| !Paper.hidden);
    let error = session.query(Paper).all().expect_err("it can't hold");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    // in a subquery it sees nothing of the statement around
    let mut session = engine.session().criterion("own", Paper, |_| Writer.papers.exists());
    let error = select(Paper).join(Paper.writer).all(&mut session).expect_err("it can't hold");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    Ok(())
}

fn a_criterion_is_asked_at_each_mention(db: &TestDatabase) -> Done {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};
    let engine = hiding(db)?;
    let least = Arc::new(AtomicI64::new(0));
    let known = Arc::clone(&least);
    let mut session = engine
        .session()
        .criterion("from", Paper, move |paper| paper.id.ge(known.load(Ordering::Relaxed)));
    assert_eq!(session.query(Paper).count()?, 3);
    assert!(session.get(Paper, 1)?.is_some());
    least.store(4, Ordering::Relaxed);
    assert_eq!(session.query(Paper).count()?, 1);
    assert!(engine.session().get(Paper, 1)?.is_some());
    Ok(())
}

fn a_statement_prints_without_criteria(_: &TestDatabase) -> Done {
    let statement = select(Topic.name).without_criterion(SHOWN);
    assert_eq!(statement.to_string(), r#"SELECT "topics"."name" FROM "topics""#);
    Ok(())
}

//! Keys that change in rows with a version, and what points to them.

use crate::setup::{committed, run, statements};
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(a_versioned_key_is_followed);

type Done = orm::Result<()>;

/// Counts its changes.
#[derive(Model, Clone, Debug)]
#[orm(table = "realms")]
struct Realm {
    #[orm(primary_key)]
    code: String,
    name: String,
    #[orm(version)]
    version: i64,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "castles")]
struct Castle {
    #[orm(primary_key)]
    id: Auto<i64>,
    realm: Ref<Realm>,
}

fn a_versioned_key_is_followed(db: &TestDatabase) -> Done {
    let engine = Engine::builder(db.url()).models(Schema::of((Realm, Castle))).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    // more than one statement takes where rows are listed
    let realms: Vec<_> =
        (0..130).map(|n| session.add(Realm::new(format!("r{n:03}"), "realm"))).collect();
    for &realm in &realms {
        session.add(Castle::new(realm));
    }
    session.commit()?;
    session[realms[0]].code = "empire".into();
    let log = engine.record();
    session.flush()?;
    let sent = statements(&log);
    if engine.dialect().features.unnest {
        assert_eq!(
            sent,
            [
                "WITH orm_changed(o0, n0) AS (SELECT orm_sent.c1, orm_sent.c3 FROM unnest($1::TEXT[], \
              $2::BIGINT[], $3::TEXT[], $4::BIGINT[]) AS orm_sent(c1, c2, c3, c4) JOIN \"realms\" AS \
              orm_row ON orm_row.\"code\" = orm_sent.c1 AND orm_row.\"version\" = orm_sent.c2 FOR \
              UPDATE OF orm_row), orm_follower0 AS (UPDATE \"castles\" SET \"realm_code\" = \
              orm_changed.n0 FROM orm_changed WHERE \"castles\".\"realm_code\" = orm_changed.o0) \
              UPDATE \"realms\" SET \"code\" = v.c3, \"version\" = v.c4 FROM unnest($1::TEXT[], \
              $2::BIGINT[], $3::TEXT[], $4::BIGINT[]) AS v(c1, c2, c3, c4) WHERE \"realms\".\"code\" \
              = v.c1 AND \"realms\".\"version\" = v.c2 AND (SELECT count(*) FROM orm_changed) > 0"
            ]
        );
    } else {
        assert_eq!(
            sent,
            [
                "PRAGMA defer_foreign_keys = ON",
                "WITH orm_sent(c1, c2, c3, c4) AS (VALUES (?1, ?2, ?3, ?4)), orm_changed(o0, n0) AS \
                 (SELECT orm_sent.c1, orm_sent.c3 FROM orm_sent JOIN \"realms\" AS orm_row ON \
                 orm_row.\"code\" = orm_sent.c1 AND orm_row.\"version\" = orm_sent.c2) UPDATE \
                 \"castles\" SET \"realm_code\" = orm_changed.n0 FROM orm_changed WHERE \
                 \"castles\".\"realm_code\" = orm_changed.o0",
                "UPDATE \"realms\" SET \"code\" = ?3, \"version\" = ?4 WHERE \"realms\".\"code\" \
                 = ?1 AND \"realms\".\"version\" = ?2",
            ]
        );
    }
    session.rollback()?;
    for &realm in &realms {
        session[realm].code.push('!');
    }
    session.commit()?;
    let rows: Vec<(i64,)> = committed(
        &engine,
        text(
            "SELECT count(*) FROM castles JOIN realms ON realm_code = code \
             WHERE code LIKE 'r%!' AND version = 2 AND castles.id - 1 = CAST(substr(code, 2, 3) AS INTEGER)",
        ),
    );
    assert_eq!(rows, [(130,)]);
    run(&engine, &["UPDATE realms SET version = 9 WHERE code = 'r007!'"]);
    session[realms[7]].code = "gone".into();
    let error = session.commit().expect_err("changed by another");
    assert_eq!(error.kind(), ErrorKind::Stale);
    session.rollback()?;
    let rows: Vec<(i64,)> =
        committed(&engine, text("SELECT count(*) FROM castles WHERE realm_code = 'r007!'"));
    assert_eq!(rows, [(1,)]);
    Ok(())
}

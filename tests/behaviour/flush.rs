//! What a flush sends, counted and read: batches, changed columns, order, the errors before SQL.

use crate::models::*;
use crate::setup::*;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database, on_postgres};
use std::collections::HashMap;

on_each_database!(
    ten_thousand_parents_and_children_are_one_insert_each,
    nothing_touched_sends_nothing,
    an_object_changed_back_is_not_written,
    one_field_is_one_update_of_its_column,
    one_field_is_an_update_of_its_column_and_of_those_that_follow_changes,
    a_column_that_follows_changes_keeps_what_the_user_gave,
    different_columns_are_different_batches,
    parents_come_before_children_whatever_was_added_first,
    children_are_deleted_before_parents,
    a_new_object_inside_another_is_added_with_it,
    rows_left_to_the_database_are_inserted,
    keys_given_and_left_out_are_two_batches,
    a_moved_child_is_one_update,
    the_same_reference_by_key_is_no_change,
    a_reference_to_nothing_is_null,
    inserts_keep_the_order_they_were_added_in,
    a_flush_inside_a_transaction_is_seen_by_it_alone,
    objects_equal_their_rows_after_a_flush,
    strings_of_every_kind_arrive,
    columns_with_on_update_are_written_along,
);
on_postgres!(nothing_touched_leaves_no_transaction_on_the_server);

type Done = orm::Result<()>;

fn features(engine: &Engine) -> &'static orm_core::dialect::Features {
    &engine.dialect().features
}

fn ten_thousand_parents_and_children_are_one_insert_each(db: &TestDatabase) -> Done {
    const ROWS: usize = 10_000;
    let engine = ready(db);
    let mut session = engine.session();
    let mut children = Vec::new();
    let mut parents = Vec::new();
    for number in 0..ROWS {
        let parent = session.add(Parent::new(format!("parent {}", (number * 7919) % ROWS)));
        let child =
            Child::new(format!("child {number}"), i32::try_from(number).unwrap_or(0), parent);
        parents.push(parent);
        children.push(session.add(child));
    }
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    if features(&engine).unnest {
        assert_eq!(sent.len(), 2, "{sent:#?}");
        assert!(sent[0].starts_with("INSERT INTO \"parents\""), "{}", sent[0]);
        assert!(sent[1].starts_with("INSERT INTO \"children\""), "{}", sent[1]);
    } else {
        let texts: std::collections::HashSet<&String> = sent.iter().collect();
        assert_eq!(texts.len(), 2, "{texts:#?}");
        assert_eq!(sent.len(), 2 * ROWS / 100);
    }
    // the rows know which is which by another column
    let rows: Vec<(i64, String)> = committed(&engine, text("SELECT id, name FROM parents"));
    let ids: HashMap<String, i64> = rows.into_iter().map(|(id, name)| (name, id)).collect();
    assert_eq!(ids.len(), ROWS);
    for &parent in &parents {
        assert_eq!(session[parent].id, ids[&session[parent].name]);
    }
    let rows: Vec<(i64, i32, i64)> =
        committed(&engine, text("SELECT id, age, parent_id FROM children"));
    let rows: HashMap<i32, (i64, i64)> =
        rows.into_iter().map(|(id, age, parent)| (age, (id, parent))).collect();
    for (number, &child) in children.iter().enumerate() {
        let (id, parent) = rows[&session[child].age];
        assert_eq!(session[child].id, id);
        assert_eq!(session[parents[number]].id, parent);
        assert_eq!(session[child].parent.key(), Some(parent));
    }
    Ok(())
}

fn stamped(session: &mut Session) -> orm::Result<orm::Handle<Stamped>> {
    let object = session.add(Stamped::new("title"));
    // far enough back that a new moment differs
    session[object].updated_on -= chrono::Duration::hours(1);
    session.commit()?;
    Ok(object)
}

fn nothing_touched_sends_nothing(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let log = engine.record();
    let before = engine.statistics();
    session.flush()?;
    session.commit()?;
    assert_eq!(engine.statistics(), before);
    let object = stamped(&mut session)?;
    log.take();
    session.flush()?;
    session.commit()?;
    let _ = &mut session[object];
    session.flush()?;
    session.commit()?;
    assert!(log.is_empty(), "{:?}", log.take());
    assert!(!session.in_transaction());
    Ok(())
}

fn nothing_touched_leaves_no_transaction_on_the_server(db: &TestDatabase) -> Done {
    let name = "nothing_touched";
    let engine =
        Engine::builder(db.url()).application_name(name).models(Schema::of(Stamped)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let object = stamped(&mut session)?;
    let watcher = Engine::new(db.url())?;
    let open = || -> Vec<(String,)> {
        let sql = "SELECT state FROM pg_stat_activity WHERE application_name = 'nothing_touched' \
                   AND state <> 'idle' AND backend_type = 'client backend'";
        committed(&watcher, text(sql))
    };
    let _ = &mut session[object];
    session.flush()?;
    assert!(open().is_empty());
    session[object].title = "changed".into();
    session.flush()?;
    assert_eq!(open(), [("idle in transaction".to_owned(),)], "the look would see it");
    session.commit()?;
    session.commit()?;
    assert!(open().is_empty());
    Ok(())
}

fn an_object_changed_back_is_not_written(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let object = stamped(&mut session)?;
    let updated_on = session[object].updated_on;
    let log = engine.record();
    session[object].title = "other".into();
    session[object].title = "title".into();
    session.commit()?;
    assert!(log.is_empty(), "{:?}", log.take());
    assert_eq!(session[object].updated_on, updated_on);
    session[object].title = "noticed".into();
    session.commit()?;
    assert_eq!(statements(&log).len(), 1);
    Ok(())
}

fn one_field_is_one_update_of_its_column(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let parent = session.add(Parent::new("Ada"));
    session.commit()?;
    session[parent].note = Some("changed".into());
    let log = engine.record();
    session.commit()?;
    let sent = log.take();
    assert_eq!(sent.len(), 3, "{sent:#?}");
    let update = if features(&engine).unnest {
        "UPDATE \"parents\" SET \"note\" = v.c2 FROM unnest($1::BIGINT[], $2::TEXT[]) AS v(c1, c2) \
         WHERE \"parents\".\"id\" = v.c1"
    } else {
        "UPDATE \"parents\" SET \"note\" = ?2 WHERE \"parents\".\"id\" = ?1"
    };
    assert_eq!(sent[1], update);
    Ok(())
}

fn one_field_is_an_update_of_its_column_and_of_those_that_follow_changes(
    db: &TestDatabase,
) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let object = stamped(&mut session)?;
    let (created_on, updated_on) = (session[object].created_on, session[object].updated_on);
    session[object].body = Some("changed".into());
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    assert_eq!(sent.len(), 1);
    assert!(sent[0].contains("\"body\" = ") && sent[0].contains("\"updated_on\" = "), "{sent:?}");
    assert!(!sent[0].contains("\"title\"") && !sent[0].contains("\"created_on\""), "{sent:?}");
    assert_eq!(session[object].created_on, created_on);
    assert!(session[object].updated_on > updated_on);
    Ok(())
}

fn a_column_that_follows_changes_keeps_what_the_user_gave(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let object = stamped(&mut session)?;
    let given = chrono::DateTime::UNIX_EPOCH;
    session[object].title = "changed".into();
    session[object].updated_on = given;
    session.commit()?;
    assert_eq!(session[object].updated_on, given);
    let mut other = engine.session();
    let read = other.query(Stamped).one()?;
    assert_eq!(other[read].updated_on, given);
    Ok(())
}

fn different_columns_are_different_batches(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let parents = session.add_all((0..30).map(|n| Parent::new(format!("p{n}"))));
    session.commit()?;
    for (number, &parent) in parents.iter().enumerate() {
        match number % 3 {
            0 => session[parent].note = Some("n".into()),
            1 => session[parent].name.push('!'),
            _ => {}
        }
    }
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    assert_eq!(sent.len(), 2, "{sent:#?}");
    assert_eq!(session.query(Parent).filter(Parent.note.eq("n")).count()?, 10);
    assert_eq!(session.query(Parent).filter(Parent.name.ends_with("!")).count()?, 10);
    Ok(())
}

fn parents_come_before_children_whatever_was_added_first(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    // the child names a key that its parent gets by hand, and is added before it
    let child = session.add(Child::new("Cy", 3, 40));
    let parent = session.add(Parent { id: 40.into(), ..Parent::new("Ada") });
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    assert!(sent[0].contains("\"parents\"") && sent[1].contains("\"children\""), "{sent:#?}");
    assert!(session[child].parent == parent);
    // and a child in a session that has seen other children before
    let mut session = engine.session();
    session.query(Child).all()?;
    let child = session.add(Child::new("Di", 3, 41));
    let parent = session.add(Parent { id: 41.into(), ..Parent::new("Bo") });
    session.commit()?;
    assert!(session[child].parent == parent);
    Ok(())
}

fn children_are_deleted_before_parents(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let parent = session.add(Parent::new("Ada"));
    let one = session.add(Child::new("Cy", 3, parent));
    let two = session.add(Child::new("Di", 5, parent));
    session.commit()?;
    for object in [one, two] {
        session.delete(object)?;
    }
    session.delete(parent)?;
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    assert_eq!(sent.len(), 2, "{sent:#?}");
    assert!(sent[0].starts_with("DELETE FROM \"children\""));
    assert!(sent[1].starts_with("DELETE FROM \"parents\""));
    assert_eq!(session.query(Parent).count()?, 0);
    Ok(())
}

fn a_new_object_inside_another_is_added_with_it(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let child = session.add(Child::new("Cy", 3, Parent::new("Ada")));
    session.commit()?;
    let parent = session.query(Parent).one()?;
    assert!(session[child].parent == parent);
    session[child].parent = Parent::new("Bo").into();
    session.commit()?;
    let bo = session.query(Parent).filter(Parent.name.eq("Bo")).one()?;
    assert!(session[child].parent == bo);
    Ok(())
}

fn rows_left_to_the_database_are_inserted(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let all = session.add_all((0..250).map(|_| Lonely { id: Auto::Unset }));
    session.commit()?;
    let ids: std::collections::HashSet<i64> =
        all.iter().filter_map(|&object| session[object].id.get().copied()).collect();
    assert_eq!(ids.len(), 250);
    assert_eq!(session.query(Lonely).count()?, 250);
    Ok(())
}

fn keys_given_and_left_out_are_two_batches(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let mut expected = Vec::new();
    for number in 0..20_i64 {
        let mut parent = Parent::new(format!("p{number}"));
        if number % 2 == 0 {
            parent.id = (1000 + number).into();
        }
        expected.push(session.add(parent));
    }
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 2);
    let rows: Vec<(i64, String)> = committed(&engine, text("SELECT id, name FROM parents"));
    let ids: HashMap<String, i64> = rows.into_iter().map(|(id, name)| (name, id)).collect();
    for (number, &parent) in (0_i64..).zip(&expected) {
        assert_eq!(session[parent].id, ids[&format!("p{number}")]);
        assert_eq!(session[parent].id == 1000 + number, number % 2 == 0);
    }
    Ok(())
}

fn a_moved_child_is_one_update(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let ada = session.add(Parent::new("Ada"));
    let child = session.add(Child::new("Cy", 3, ada));
    session.commit()?;
    let bo = session.add(Parent::new("Bo"));
    session[child].parent = bo.into();
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    assert_eq!(sent.len(), 2, "{sent:#?}");
    assert!(sent[1].starts_with("UPDATE \"children\" SET \"parent_id\" = "), "{}", sent[1]);
    assert_eq!(session[child].parent.key(), session[bo].id.get().copied());
    let names: Vec<(String,)> = committed(
        &engine,
        text("SELECT p.name FROM children c JOIN parents p ON p.id = c.parent_id"),
    );
    assert_eq!(names, [("Bo".to_owned(),)]);
    Ok(())
}

fn the_same_reference_by_key_is_no_change(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let ada = session.add(Parent::new("Ada"));
    let child = session.add(Child::new("Cy", 3, ada));
    session.commit()?;
    let key = *session[ada].id.get().expect("flushed");
    let log = engine.record();
    session[child].parent = key.into();
    session.commit()?;
    session[child].parent = ada.into();
    session.commit()?;
    assert!(log.is_empty(), "{:?}", log.take());
    assert!(session[child].parent == ada);
    Ok(())
}

fn a_reference_to_nothing_is_null(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let root = session.add(Node::new("root"));
    let leaf = session.add(Node { parent: Some(root.into()), ..Node::new("leaf") });
    session.commit()?;
    session[leaf].parent = None;
    session.commit()?;
    assert_eq!(session.query(Node).filter(Node.parent.is_null()).count()?, 2);
    session[leaf].parent = Some(root.into());
    session.commit()?;
    assert_eq!(session.query(Node).filter(Node.parent.eq(root)).all()?, [leaf]);
    Ok(())
}

fn inserts_keep_the_order_they_were_added_in(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let parents = session.add_all((0..500).map(|n| Parent::new(format!("{}", (n * 7) % 500))));
    session.commit()?;
    let ids: Vec<i64> = parents.iter().filter_map(|&p| session[p].id.get().copied()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    Ok(())
}

fn a_flush_inside_a_transaction_is_seen_by_it_alone(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add(Parent::new("Ada"));
    session.flush()?;
    assert_eq!(session.query(Parent).count()?, 1);
    assert_eq!(engine.session().query(Parent).count()?, 0);
    drop(session);
    assert_eq!(engine.session().query(Parent).count()?, 0, "dropped is rolled back");
    Ok(())
}

fn objects_equal_their_rows_after_a_flush(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let nanos = chrono::DateTime::from_timestamp_nanos(1_700_000_000_123_456_789);
    let object = session.add(Stamped { created_on: nanos, ..Stamped::new("t") });
    session.flush()?;
    assert_eq!(session[object].created_on.timestamp_subsec_nanos(), 123_456_000);
    session[object].updated_on = nanos;
    session.commit()?;
    let mut other = engine.session();
    let read = other.query(Stamped).one()?;
    assert_eq!(other[read].created_on, session[object].created_on);
    assert_eq!(other[read].updated_on, session[object].updated_on);
    let found = session.query(Stamped).filter(Stamped.created_on.eq(nanos)).all()?;
    assert_eq!(found, [object], "a filter cuts as the column does");
    Ok(())
}

fn strings_of_every_kind_arrive(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let long = "ä".repeat(100_000);
    let texts =
        ["", " ", "'", "\"", "\\", "%_", "{,}", "NULL", "null", "\n\t\r", "𝄞🎻", "?1 $1 :x", &long];
    let objects = session.add_all(texts.map(Stamped::new));
    session.commit()?;
    let mut other = engine.session();
    for (object, expected) in objects.into_iter().zip(texts) {
        let read = other.get(Stamped, session[object].id)?.expect("inserted");
        assert_eq!(other[read].title, expected);
        assert_eq!(other.query(Stamped).filter(Stamped.title.eq(expected)).one()?, read);
    }
    Ok(())
}

fn columns_with_on_update_are_written_along(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let object = session.add(Stamped::new("one"));
    session.commit()?;
    let before = session[object].updated_on;
    std::thread::sleep(std::time::Duration::from_millis(2));
    session.query(Stamped).filter(Stamped.title.eq("one")).update(Stamped.title.set("uno"))?;
    assert!(session[object].updated_on > before);
    assert_eq!(session[object].title, "uno");
    session.commit()
}

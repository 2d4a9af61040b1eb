//! Rows that point to one another: trees, rings that can be broken, and one that can't.

use crate::models::*;
use crate::setup::*;
use orm::prelude::*;
use orm::{ErrorKind, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    a_tree_is_one_insert_per_level,
    a_tree_is_deleted_from_its_leaves,
    a_node_that_points_to_itself_by_hand,
    a_ring_of_new_rows_is_closed_by_an_update,
    a_ring_in_one_table_is_closed_by_an_update,
    a_ring_is_opened_before_it_is_deleted,
    a_ring_that_cant_be_broken_is_printed_before_sql,
    a_new_row_of_a_ring_beside_rows_that_are_there,
    many_rings_in_one_flush,
);

type Done = orm::Result<()>;

fn a_tree_is_one_insert_per_level(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    // children first: 1 root, 10 below it, 100 below these
    let root = session.add(Node::new("root"));
    let mut leaves = Vec::new();
    for middle in 0..10 {
        let node = Node { parent: Some(root.into()), ..Node::new(format!("m{middle}")) };
        let node = session.add(node);
        for leaf in 0..10 {
            let name = format!("m{middle} l{leaf}");
            leaves.push((session.add(Node { parent: Some(node.into()), ..Node::new(name) }), node));
        }
    }
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 3);
    let rows: Vec<(String, String)> = committed(
        &engine,
        text(
            "SELECT n.name, p.name FROM nodes n JOIN nodes p ON p.id = n.parent_id WHERE p.name <> 'root'",
        ),
    );
    assert_eq!(rows.len(), 100);
    assert!(rows.iter().all(|(name, parent)| name.starts_with(&format!("{parent} "))));
    for (leaf, parent) in leaves {
        assert!(session[leaf].parent == parent);
    }
    Ok(())
}

fn a_tree_is_deleted_from_its_leaves(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let root = session.add(Node::new("root"));
    let middle = session.add(Node { parent: Some(root.into()), ..Node::new("middle") });
    let leaf = session.add(Node { parent: Some(middle.into()), ..Node::new("leaf") });
    session.commit()?;
    let mut other = engine.session();
    for node in other.query(Node).order_by(Node.id).all()? {
        other.delete(node)?;
    }
    let log = engine.record();
    other.commit()?;
    assert_eq!(statements(&log).len(), 3);
    assert_eq!(session.query(Node).count()?, 0);
    assert_eq!(session.state(leaf)?, State::Persistent, "it was not read again");
    Ok(())
}

fn a_node_that_points_to_itself_by_hand(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let node = session.add(Node { id: 7.into(), parent: Some(7.into()), ..Node::new("self") });
    session.commit()?;
    assert!(session[node].parent == node);
    session.delete(node)?;
    session.commit()?;
    assert_eq!(session.query(Node).count()?, 0);
    // and by its handle, the key being left to the database
    let node = session.add(Node::new("self"));
    session[node].parent = Some(node.into());
    session.commit()?;
    let rows: Vec<(bool,)> = committed(&engine, text("SELECT id = parent_id FROM nodes"));
    assert_eq!(rows, [(true,)]);
    Ok(())
}

fn ring(session: &mut Session) -> (orm::Handle<Left>, orm::Handle<Right>) {
    let left = session.add(Left::new());
    let right = session.add(Right { left: Some(left.into()), ..Right::new() });
    session[left].right = Some(right.into());
    (left, right)
}

fn a_ring_of_new_rows_is_closed_by_an_update(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let (left, right) = ring(&mut session);
    let log = engine.record();
    session.commit()?;
    let sent = statements(&log);
    assert_eq!(sent.len(), 3, "{sent:#?}");
    assert!(sent[2].starts_with("UPDATE"), "{sent:#?}");
    assert!(session[left].right == right && session[right].left == left);
    let sql =
        "SELECT l.id, r.id FROM lefts l JOIN rights r ON l.right_id = r.id AND r.left_id = l.id";
    let rows: Vec<(i64, i64)> = committed(&engine, text(sql));
    assert_eq!(rows.len(), 1);
    log.take();
    session.flush()?;
    assert!(log.is_empty(), "nothing was left to write");
    Ok(())
}

fn a_ring_in_one_table_is_closed_by_an_update(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let nodes = session.add_all(["a", "b", "c"].map(Node::new));
    for (index, &node) in nodes.iter().enumerate() {
        session[node].parent = Some(nodes[(index + 1) % 3].into());
    }
    session.commit()?;
    for (index, &node) in nodes.iter().enumerate() {
        assert!(session[node].parent == nodes[(index + 1) % 3]);
    }
    let rows: Vec<(String, String)> = committed(
        &engine,
        text("SELECT n.name, p.name FROM nodes n JOIN nodes p ON p.id = n.parent_id ORDER BY 1"),
    );
    let expected = [("a", "b"), ("b", "c"), ("c", "a")];
    assert_eq!(rows, expected.map(|(name, parent)| (name.to_owned(), parent.to_owned())));
    Ok(())
}

fn a_ring_is_opened_before_it_is_deleted(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let (left, right) = ring(&mut session);
    session.commit()?;
    session.delete(left)?;
    session.delete(right)?;
    session.flush()?;
    assert_eq!(session.query(Left).count()? + session.query(Right).count()?, 0);
    session.rollback()?;
    assert!(session[left].right == right && session[right].left == left);
    assert_eq!(session[left].right.as_ref().and_then(Ref::key), session[right].id.get().copied());
    session.delete(right)?;
    session.delete(left)?;
    session.commit()?;
    assert_eq!(session.query(Left).count()? + session.query(Right).count()?, 0);
    Ok(())
}

fn a_ring_that_cant_be_broken_is_printed_before_sql(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let hen = session.add(Hen { id: 1.into(), ..Hen::new(2) });
    let egg = session.add(Egg { id: 2.into(), ..Egg::new(hen) });
    let log = engine.record();
    let error = session.flush().expect_err("neither can come first");
    assert_eq!(error.kind(), ErrorKind::InvalidState);
    let message = error.to_string();
    assert!(message.contains("Hen(new #0) –egg→ Egg(new #0) –hen→ Hen(new #0)"), "{message}");
    assert!(log.is_empty());
    assert_eq!(session.state(hen)?, State::Pending);
    session.delete(egg)?;
    session.delete(hen)?;
    session.add(Parent::new("Ada"));
    session.commit()?;
    assert_eq!(session.query(Parent).count()?, 1);
    Ok(())
}

fn a_new_row_of_a_ring_beside_rows_that_are_there(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let (left, right) = ring(&mut session);
    session.commit()?;
    let second = session.add(Left { right: Some(right.into()), ..Left::new() });
    session[right].left = Some(second.into());
    let log = engine.record();
    session.commit()?;
    assert_eq!(statements(&log).len(), 2);
    assert!(session[right].left == second && session[left].right == right);
    Ok(())
}

fn many_rings_in_one_flush(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let rings: Vec<_> = (0..300).map(|_| ring(&mut session)).collect();
    let log = engine.record();
    session.commit()?;
    if engine.dialect().features.unnest {
        assert_eq!(statements(&log).len(), 3);
    }
    for (left, right) in rings {
        assert!(session[left].right == right && session[right].left == left);
    }
    let sql =
        "SELECT count(*) FROM lefts l JOIN rights r ON l.right_id = r.id AND r.left_id = l.id";
    assert_eq!(committed::<(i64,)>(&engine, text(sql)), [(300,)]);
    Ok(())
}

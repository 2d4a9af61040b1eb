//! Rows that point to rows of their own table.

use crate::common::{committed, statements};
use crate::models::*;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    four_levels_are_four_inserts,
    a_tree_is_deleted_leaf_first,
    a_branch_moves,
    a_ring_of_parents_is_written_and_deleted,
    a_tree_read_level_by_level,
);

type Done = orm::Result<()>;

fn branch(depth: usize, width: usize, name: &str) -> Twig {
    let children: Vec<Twig> = match depth {
        0 => Vec::new(),
        _ => (0..width).map(|n| branch(depth - 1, width, &format!("{name}.{n}"))).collect(),
    };
    Twig { children: children.into(), ..Twig::new(name) }
}

fn count(engine: &Engine) -> i64 {
    committed::<(i64,)>(engine, text("SELECT count(*) FROM twigs"))[0].0
}

fn four_levels_are_four_inserts(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let log = engine.record();
    let root = session.add(branch(3, 3, "r"));
    session.commit()?;
    let log = statements(&log);
    assert_eq!(log.len(), 4, "{log:?}");
    assert_eq!(count(&engine), 1 + 3 + 9 + 27);
    let leaf =
        session[session[session[root].children.get()?[2]].children.get()?[1]].children.get()?[0];
    assert_eq!(session[leaf].name, "r.2.1.0");
    Ok(())
}

fn a_tree_is_deleted_leaf_first(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    session.add(branch(3, 2, "r"));
    session.commit()?;
    drop(session);
    let mut session = engine.session();
    let root = session.query(Twig).filter(Twig.parent.is_null()).one()?;
    session.delete(root)?;
    let log = engine.record();
    session.commit()?;
    let deletes = statements(&log).iter().filter(|sql| sql.starts_with("DELETE")).count();
    assert_eq!(deletes, 4);
    assert_eq!(count(&engine), 0);
    Ok(())
}

fn a_branch_moves(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let root = session.add(branch(2, 2, "r"));
    session.commit()?;
    let children = session[root].children.get()?.to_vec();
    session.set(children[1], Twig.parent, children[0])?;
    session[root].children.remove(children[0]);
    session.delete(root)?;
    session.commit()?;
    assert_eq!(count(&engine), 6);
    assert_eq!(session[children[0]].children.get()?.len(), 3);
    assert_eq!(session.query(Twig).filter(Twig.parent.is_null()).all()?, [children[0]]);
    Ok(())
}

fn a_ring_of_parents_is_written_and_deleted(db: &TestDatabase) -> Done {
    let engine = ready(db);
    let mut session = engine.session();
    let twigs = session.add_all(["a", "b", "c"].map(Twig::new));
    for n in 0..3 {
        session.set(twigs[n], Twig.parent, twigs[(n + 1) % 3])?;
    }
    session.commit()?;
    assert_eq!(session[twigs[0]].children.get()?, [twigs[2]]);
    session.delete(twigs[1])?;
    session.commit()?;
    assert_eq!(count(&engine), 0, "each is below the other");
    Ok(())
}

fn a_tree_read_level_by_level(db: &TestDatabase) -> Done {
    let engine = ready(db);
    engine.transaction(|session| {
        session.add(branch(2, 3, "r"));
        Ok(())
    })?;
    let mut session = engine.session();
    let log = engine.record();
    let root = session
        .query(Twig)
        .filter(Twig.parent.is_null())
        .include(Twig.children.then(Twig.children.then(Twig.children)))
        .one()?;
    assert_eq!(statements(&log).len(), 4);
    let mut names = Vec::new();
    let mut below = vec![root];
    while let Some(twig) = below.pop() {
        names.push(session[twig].name.clone());
        below.extend(session.load(twig, Twig.children)?);
    }
    assert_eq!(names.len(), 13);
    assert!(statements(&log).is_empty());
    Ok(())
}

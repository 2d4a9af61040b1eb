//! `cascade(delete)` of a many-to-many: what is linked to goes with its owner.

use crate::common::{committed, statements};
use orm::prelude::*;
use orm::{Handle, State};
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    what_is_linked_to_is_deleted_with_its_owner,
    what_others_link_to_is_deleted_all_the_same,
    what_was_unlinked_or_never_saved_is_not,
    the_other_side_does_not_delete,
    what_the_new_object_of_a_key_links_to_stays,
    owners_that_the_database_would_delete_are_loaded_for_it,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "shows")]
struct Show {
    #[orm(primary_key)]
    name: String,
    #[orm(secondary = "show_props", back_populates = shows, cascade(delete))]
    props: Many<Prop>,
    #[orm(on_delete = cascade)]
    house: Option<Ref<House>>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "props")]
struct Prop {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(secondary = "show_props", back_populates = props)]
    shows: Many<Show>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "houses")]
struct House {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(back_populates = house)]
    shows: Many<Show>,
}

fn ready(db: &TestDatabase) -> orm::Result<Engine> {
    let engine = Engine::builder(db.url()).models(Schema::of((Show, Prop, House))).build()?;
    engine.create_all()?;
    Ok(engine)
}

fn show(name: &str, props: &[Handle<Prop>]) -> Show {
    Show { props: props.to_vec().into(), ..Show::new(name) }
}

fn counts(engine: &Engine) -> (i64, i64, i64) {
    let sql = "SELECT (SELECT count(*) FROM shows), (SELECT count(*) FROM props), \
               (SELECT count(*) FROM show_props)";
    committed(engine, text(sql))[0]
}

fn what_is_linked_to_is_deleted_with_its_owner(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    for loaded in [true, false] {
        let mut session = engine.session();
        let props = session.add_all((0..3).map(|_| Prop::new()));
        let hamlet = session.add(show("Hamlet", &props[..2]));
        session.commit()?;
        if !loaded {
            session.expire(hamlet)?;
        }
        session.delete(hamlet)?;
        let log = engine.record();
        session.flush()?;
        let sent = statements(&log);
        assert_eq!(sent.iter().any(|sql| sql.starts_with("SELECT")), !loaded, "{sent:#?}");
        assert_eq!(session.state(props[0])?, State::Deleted);
        assert_eq!(session.state(props[2])?, State::Persistent);
        session.rollback()?;
        assert_eq!(session.load(hamlet, Show.props)?.len(), 2);
        session.delete(hamlet)?;
        session.commit()?;
        assert_eq!(counts(&engine), (0, 1, 0));
        session.delete(props[2])?;
        session.commit()?;
    }
    Ok(())
}

fn what_others_link_to_is_deleted_all_the_same(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let skull = session.add(Prop::new());
    let hamlet = session.add(show("Hamlet", &[skull]));
    let macbeth = session.add(show("Macbeth", &[skull]));
    session.commit()?;
    session.delete(hamlet)?;
    session.commit()?;
    assert!(session.load(macbeth, Show.props)?.is_empty());
    assert_eq!(counts(&engine), (1, 0, 0));
    Ok(())
}

fn what_was_unlinked_or_never_saved_is_not(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let props = session.add_all((0..2).map(|_| Prop::new()));
    let hamlet = session.add(show("Hamlet", &props));
    session.commit()?;
    session.unlink(hamlet, Show.props, props[0])?;
    let new = session.add(Prop::new());
    session.link(hamlet, Show.props, new)?;
    session.delete(hamlet)?;
    session.commit()?;
    assert!(!session.contains(new), "it is never inserted");
    assert_eq!(session.state(props[0])?, State::Persistent);
    assert_eq!(counts(&engine), (0, 1, 0));
    Ok(())
}

fn the_other_side_does_not_delete(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let skull = session.add(Prop::new());
    session.add(show("Hamlet", &[skull]));
    session.commit()?;
    session.delete(skull)?;
    session.commit()?;
    assert_eq!(counts(&engine), (1, 0, 0));
    Ok(())
}

fn what_the_new_object_of_a_key_links_to_stays(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let props = session.add_all((0..2).map(|_| Prop::new()));
    let hamlet = session.add(show("Hamlet", &props));
    session.commit()?;
    session.delete(hamlet)?;
    session.add(show("Hamlet", &props[1..]));
    session.commit()?;
    assert_eq!(counts(&engine), (1, 1, 1));
    assert_eq!(session.state(props[1])?, State::Persistent);
    Ok(())
}

fn owners_that_the_database_would_delete_are_loaded_for_it(db: &TestDatabase) -> Done {
    let engine = ready(db)?;
    let mut session = engine.session();
    let skull = session.add(Prop::new());
    let globe = session.add(House::new());
    session.add(Show { house: Some(globe.into()), ..show("Hamlet", &[skull]) });
    session.commit()?;
    let mut session = engine.session();
    let globe = session.query(House).one()?;
    session.delete(globe)?;
    session.commit()?;
    assert_eq!(counts(&engine), (0, 0, 0));
    Ok(())
}

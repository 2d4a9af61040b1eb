//! Tables in schemas: foreign keys and link tables across them, one name in two of them.

use crate::setup::*;
use orm::ErrorKind;
use orm::prelude::*;
use orm_test_support::{TestDatabase, on_each_database};

on_each_database!(
    schemas_are_made_and_pointed_across,
    links_go_across_schemas,
    tables_of_one_name_are_joined,
    a_database_without_schemas_says_so,
);

type Done = orm::Result<()>;

#[derive(Model, Clone, Debug)]
#[orm(table = "items", schema = "stock")]
struct Stored {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique)]
    name: String,
    #[orm(secondary = "stored_shops", back_populates = stored)]
    shops: Many<Shop>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "items", schema = "sales")]
struct Sold {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(unique)]
    name: String,
    item: Ref<Stored>,
}

#[derive(Model, Clone, Debug)]
#[orm(table = "shops")]
struct Shop {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(secondary = "stored_shops", back_populates = shops)]
    stored: Many<Stored>,
}

fn engine(db: &TestDatabase) -> orm::Result<Engine> {
    Engine::builder(db.url()).models(Schema::of((Sold, Shop))).build()
}

fn schemas_are_made_and_pointed_across(db: &TestDatabase) -> Done {
    let engine = engine(db)?;
    if !engine.dialect().features.schemas {
        return Ok(());
    }
    engine.create_all()?;
    let mut session = engine.session();
    let stored = session.add(Stored::new("one"));
    session.add(Sold::new("two", stored));
    session.commit()?;
    session.clear();
    let sold = select(Sold).filter(Sold.name.eq("two")).one(&mut session)?;
    let stored = session.load(sold, Sold.item)?;
    assert_eq!(session[stored].name, "one");
    let pointing = select(Sold).filter(Sold.item.has(|item| item.name.eq("one")));
    assert_eq!(pointing.count(&mut session)?, 1);
    session.delete(sold)?;
    session.delete(stored)?;
    session.commit()?;
    engine.drop_all()?;
    engine.create_all()
}

fn tables_of_one_name_are_joined(db: &TestDatabase) -> Done {
    let engine = engine(db)?;
    if !engine.dialect().features.schemas {
        return Ok(());
    }
    engine.create_all()?;
    let mut session = engine.session();
    let one = session.add(Stored::new("one"));
    let two = session.add(Sold::new("two", one));
    session.commit()?;
    let joined = select((Sold, Stored.name)).join(Sold.item).order_by(Stored.name);
    assert_eq!(joined.all(&mut session)?, [(two, "one".to_owned())]);
    let set = Sold.name.set("three");
    let has = Sold.item.has(|item| item.name.eq("one"));
    assert_eq!(session.query(Sold).filter(has).update(set)?, 1);
    assert_eq!(session[two].name, "three");
    Ok(())
}

fn links_go_across_schemas(db: &TestDatabase) -> Done {
    let engine = engine(db)?;
    if !engine.dialect().features.schemas {
        return Ok(());
    }
    engine.create_all()?;
    let mut session = engine.session();
    let stored = session.add(Stored::new("one"));
    let shop = session.add(Shop::new());
    session.link(stored, Stored.shops, shop)?;
    session.commit()?;
    session.clear();
    let shop = select(Shop).one(&mut session)?;
    let stored = session.load(shop, Shop.stored)?;
    assert_eq!(session[stored[0]].name, "one");
    session.unlink(stored[0], Stored.shops, shop)?;
    session.commit()?;
    engine.drop_all()
}

fn a_database_without_schemas_says_so(db: &TestDatabase) -> Done {
    let engine = engine(db)?;
    if engine.dialect().features.schemas {
        return Ok(());
    }
    let log = engine.record();
    let error = engine.create_all().expect_err("no schemas");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("has no schemas (`sales.items`)"), "{error}");
    assert!(!statements(&log).iter().any(|sql| sql.starts_with("CREATE")));
    let mut session = engine.session();
    session.add(Stored::new("one"));
    let error = session.commit().expect_err("no schemas");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    Ok(())
}

//! Models and fields of everyday names, which the library's own things have too. All run on `SQLite`.

use orm::Result;
use orm::prelude::*;

mod models {
    //! Each model is called as something of the library is, beside the prelude.

    use orm::prelude::*;

    macro_rules! model {
        ($($name:ident)*) => {$(
            #[derive(orm::Model, Clone, Debug)]
            #[allow(clippy::struct_field_names)]
            pub struct $name {
                #[orm(primary_key)]
                pub id: orm::Auto<i64>,
                #[orm(index)]
                pub name: String,
                pub parent: Option<orm::Ref<$name>>,
                #[orm(back_populates = parent)]
                pub children: orm::Many<$name>,
            }
        )*

            /// The number of models, each with a row added, changed, loaded, deleted.
            pub fn try_each(session: &mut orm::Session) -> orm::Result<usize> {
                let mut tried = 0;
                $({
                    let parent = session.add($name::new("parent"));
                    session.add($name { parent: Some(parent.into()), ..$name::new("child") });
                    session.commit()?;
                    session.clear();
                    let parent = session.query($name).filter($name.name.eq("parent")).one()?;
                    let children = parent.children(session)?;
                    assert_eq!(session[children[0]].name, "child");
                    session[parent].name = stringify!($name).to_owned();
                    session.commit()?;
                    session.delete(children[0])?;
                    session.commit()?;
                    assert_eq!(session.query($name).count()?, 1);
                    tried += 1;
                })*
                Ok(tried)
            }

            pub fn all() -> Schema {
                let mut schema = Schema::new();
                $(schema.insert(<$name as orm::Model>::meta());)*
                schema
            }
        };
    }

    model! {
        Column Order Item Path Error Table Select Update Insert Statement Expression Key Row Type
        Field Source Relation Relations Accessor Selection Execute Connection Url State Action Event
        Group User Check Index Reference Transaction Cell Node Emitted Absent
    }
}

mod prelude_names {
    //! Models called as what the prelude brings: their own name wins over the glob.

    #[allow(unused_imports)]
    use orm::prelude::*;

    macro_rules! model {
        ($($name:ident)*) => {$(
            #[derive(orm::Model, Clone, Debug)]
            pub struct $name {
                #[orm(primary_key)]
                pub id: orm::Auto<i64>,
                pub name: String,
                pub parent: Option<orm::Ref<$name>>,
                #[orm(back_populates = parent)]
                pub children: orm::Many<$name>,
            }
        )*};
    }

    model! { Model Session Handle Engine Schema Entity Many One Ref Auto }

    pub const NAMES: [&str; 10] =
        ["Model", "Session", "Handle", "Engine", "Schema", "Entity", "Many", "One", "Ref", "Auto"];

    pub fn all() -> orm::Schema {
        orm::Schema::of(((Model, Session, Handle, Engine, Schema), (Entity, Many, One, Ref, Auto)))
    }
}

#[test]
fn models_may_be_called_like_things_of_the_library() -> Result<()> {
    let engine = Engine::builder("sqlite::memory:").models(models::all()).build()?;
    engine.create_all()?;
    assert_eq!(models::try_each(&mut engine.session())?, 36);
    Ok(())
}

#[test]
fn models_may_be_called_like_things_of_the_prelude() -> Result<()> {
    use prelude_names as own;
    let engine = Engine::builder("sqlite::memory:").models(own::all()).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let handle = session.add(own::Handle::new("handle"));
    session.add(own::Handle { parent: Some(handle.into()), ..own::Handle::new("child") });
    let auto = session.add(own::Auto::new("auto"));
    session.commit()?;
    assert_eq!(handle.children(&mut session)?.len(), 1);
    assert_eq!(session[auto].id, 1);
    let names = own::all();
    let names: Vec<&str> = names.models().iter().map(|model| model.name).collect();
    assert_eq!(names, own::NAMES);
    Ok(())
}

/// Columns of names that SQL, Rust or the library has for something else.
#[allow(clippy::struct_field_names)]
#[derive(Model, Clone, Debug)]
#[orm(
    index(r#type.desc(), select),
    unique(alias, r#match),
    check("\"select\" >= 0", name = "check"),
    constructor(r#type, table, select, alias, r#match)
)]
struct Word {
    #[orm(primary_key)]
    id: Auto<i64>,
    r#type: String,
    table: i32,
    select: i32,
    alias: String,
    r#match: Option<String>,
    #[orm(default = false)]
    eq: bool,
    #[orm(default = 1)]
    new: i64,
    #[orm(default = "f")]
    filter: String,
    #[orm(default = 2)]
    session: i32,
    #[orm(default = 3)]
    handle: i32,
    #[orm(default = 4)]
    row: i32,
    #[orm(default = 5)]
    index: i32,
    #[orm(default = 6)]
    f: i32,
    #[orm(default = 7)]
    self_: i32,
    #[orm(default = now, on_update = now)]
    r#where: chrono::DateTime<chrono::Utc>,
    other: Option<Ref<Word>>,
    clone: Option<Ref<Word>>,
    #[orm(back_populates = other, order_by(r#type.desc(), f))]
    load: Many<Word>,
    #[orm(back_populates = clone)]
    deref: Many<Word>,
    #[orm(secondary = "order", order_by = select)]
    order: Many<Word>,
}

#[derive(orm::Row, Debug)]
struct Words {
    r#type: String,
    select: i32,
    f: i32,
    self_: i32,
    row: i64,
}

#[test]
fn columns_may_have_any_name() -> Result<()> {
    let engine = Engine::builder("sqlite::memory:").models(Schema::of(Word)).build()?;
    engine.create_all()?;
    let mut session = engine.session();
    let first = session.add(Word::new("a", 1, 2, "x", None));
    let second = session.add(Word {
        other: Some(first.into()),
        clone: Some(first.into()),
        ..Word::new("b", 3, 4, "y", Some("m".into()))
    });
    session.link(first, Word.order, second)?;
    session.commit()?;
    session[second].self_ = 70;
    session[second].r#match = None;
    session.commit()?;
    let changes = (Word.f.set(Word.f + 1), Word.r#type.set("c"), Word.session.set(20));
    assert_eq!(select(Word).filter(Word.eq.eq(false)).update(&mut session, changes)?, 2);
    session.clear();

    let w = Word.alias("order");
    let words = WordsSelect {
        r#type: w.r#type,
        select: w.select,
        f: w.f,
        self_: w.self_,
        row: count(Word.id),
    };
    let words = select(words)
        .join(w.load.to(Word))
        .group_by((w.id, w.r#type, w.select, w.f, w.self_))
        .all(&mut session)?;
    assert_eq!(words.len(), 1);
    let Words { r#type, select: s, f, self_, row } = &words[0];
    assert_eq!((r#type.as_str(), *s, *f, *self_, *row), ("c", 2, 7, 7, 1));

    let first = session.query(Word).filter(Word.order.any(|word| word.self_.eq(70))).one()?;
    assert_eq!(first.order(&mut session)?.len(), 1);
    assert_eq!((*first).load(&mut session)?.len(), 1);
    assert_eq!((*first).deref(&mut session)?.len(), 1);
    assert_eq!((*first).clone(&mut session)?, None);
    let found = session.query(Word).filter(Word.index.eq(5)).order_by(Word.new.desc()).all()?;
    assert_eq!(found.len(), 2);
    assert_eq!(session[found[0]].filter, "f");
    assert_eq!(session[found[0]].session, 20);
    session.delete(found[0])?;
    Ok(())
}

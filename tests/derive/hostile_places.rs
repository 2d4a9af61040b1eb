//! Models at unusual places: in functions, private, made by macros, beside models of the same name,
//! without a prelude, in a module that allows no warning. What reaches SQL runs on `SQLite`.

use orm::Result;
use orm::prelude::*;

/// A session on tables made for the models.
fn session(models: Schema) -> Result<Session> {
    let engine = Engine::builder("sqlite::memory:").models(models).build()?;
    engine.create_all()?;
    Ok(engine.session())
}

mod first {
    //! `Item` and the enum of its state.

    use orm::prelude::*;

    #[derive(Model, Clone, Debug)]
    #[orm(table = "first_items")]
    pub struct Item {
        #[orm(primary_key)]
        pub id: Auto<i64>,
        pub name: String,
        #[orm(secondary = "pairs", back_populates = others, order_by = name)]
        pub others: Many<super::second::Item>,
        #[orm(secondary = "loose")]
        pub loose: Many<super::second::Item>,
    }
}

mod second {
    //! Another `Item`.

    use orm::prelude::*;

    #[derive(Model, Clone, Debug)]
    #[orm(table = "second_items")]
    pub struct Item {
        #[orm(primary_key)]
        pub id: Auto<i64>,
        pub name: String,
        pub one: Option<Ref<super::first::Item>>,
        #[orm(secondary = "pairs", back_populates = others)]
        pub others: Many<super::first::Item>,
    }
}

#[test]
fn two_models_of_one_name_are_linked_by_the_names_of_their_tables() -> Result<()> {
    let models = Schema::of((first::Item, second::Item));
    let pairs = models.links().iter().find(|link| link.table == "pairs").expect("the link table");
    let columns: Vec<_> = pairs.table().columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(columns, ["first_items_id", "second_items_id"]);

    let mut session = session(models)?;
    let one = session.add(first::Item::new("one"));
    let [b, a] = ["b", "a"].map(second::Item::new).map(|item| session.add(item));
    session.link(one, first::Item.others, a)?;
    session.link(b, second::Item.others, one)?;
    session.link(one, first::Item.loose, b)?;
    session[b].one = Some(one.into());
    session.commit()?;
    session.clear();

    let one = session.query(first::Item).one()?;
    let others = one.others(&mut session)?;
    let names: Vec<&str> = others.iter().map(|&item| session[item].name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(one.loose(&mut session)?.len(), 1);
    assert_eq!(others[1].one(&mut session)?, Some(one));
    assert_eq!(others[0].others(&mut session)?, [one]);
    let linked = first::Item.others.any(|item| item.name.eq("a"));
    assert_eq!(session.query(first::Item).filter(linked).count()?, 1);
    Ok(())
}

#[test]
fn models_may_be_made_in_functions() -> Result<()> {
    #[derive(orm::DbEnum, Clone, Copy, Debug, PartialEq)]
    enum Size {
        Small,
        Large,
    }
    #[derive(orm::DbType, Clone, Debug, PartialEq)]
    struct Name(String);
    #[derive(Model, Clone, Debug)]
    struct Box {
        #[orm(primary_key)]
        id: Auto<i64>,
        name: Name,
        size: Size,
        #[orm(back_populates = inside)]
        inner: Many<Box>,
        inside: Option<Ref<Box>>,
    }
    #[derive(orm::Row, Debug, PartialEq)]
    struct Sizes {
        size: Size,
        names: i64,
    }

    let mut session = session(Schema::of(Box))?;
    let outer = session.add(Box::new(Name("outer".into()), Size::Large));
    session.add(Box { inside: Some(outer.into()), ..Box::new(Name("a".into()), Size::Small) });
    session.add(Box { inside: Some(outer.into()), ..Box::new(Name("b".into()), Size::Small) });
    session.commit()?;
    let sizes = select(SizesSelect { size: Box.size, names: count(Box.name) })
        .group_by(Box.size)
        .order_by(Box.size)
        .all(&mut session)?;
    let expected = [Sizes { size: Size::Small, names: 2 }, Sizes { size: Size::Large, names: 1 }];
    assert_eq!(sizes, expected);
    session.clear();
    let outer = session.query(Box).filter(Box.name.eq("outer")).one()?;
    assert_eq!(outer.inner(&mut session)?.len(), 2);
    Ok(())
}

/// A model, its enum and its row, whose names and types are given.
macro_rules! made {
    ($model:ident $status:ident $row:ident $key:ty, $text:ty, $other:path, $field:ident) => {
        #[derive(orm::DbEnum, Clone, Copy, Debug, PartialEq)]
        enum $status {
            None,
            Some,
        }

        #[derive(Model, Clone, Debug)]
        struct $model {
            #[orm(primary_key)]
            id: $key,
            $field: $text,
            #[orm(default = $status::None)]
            status: $status,
            parent: Option<Ref<$other>>,
            #[orm(back_populates = parent, order_by = $field)]
            children: Many<$model>,
        }

        #[derive(orm::Row, Debug)]
        struct $row {
            $field: $text,
            status: $status,
        }
    };
}

made!(Made Status Shown Auto<i64>, String, Made, r#type);

#[test]
fn models_may_be_made_by_macros() -> Result<()> {
    let mut session = session(Schema::of(Made))?;
    let parent = session.add(Made::new("parent"));
    let status = Status::Some;
    session.add(Made { parent: Some(parent.into()), status, ..Made::new("child") });
    session.commit()?;
    session.clear();
    let shown = select(ShownSelect { r#type: Made.r#type, status: Made.status })
        .order_by(Made.r#type)
        .all(&mut session)?;
    let shown: Vec<_> = shown.iter().map(|row| (row.r#type.as_str(), row.status)).collect();
    assert_eq!(shown, [("child", Status::Some), ("parent", Status::None)]);
    let parent = session.query(Made).filter(Made.children.exists()).one()?;
    assert_eq!(parent.children(&mut session)?.len(), 1);
    Ok(())
}

#[deny(warnings, missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
#[warn(private_interfaces, private_bounds)]
mod strict {
    //! Where a warning is an error: public models with fields of private types, and what they have
    //! to do with private models.

    use orm::prelude::*;

    #[derive(orm::DbEnum, Clone, Copy, Debug, PartialEq)]
    enum Secret {
        Kept,
        Told,
    }

    #[derive(orm::DbType, Clone, Debug, PartialEq)]
    struct Inner(i64);

    #[derive(Model, Clone, Debug)]
    struct Private {
        #[orm(primary_key)]
        id: Auto<i64>,
        inner: Inner,
        #[orm(back_populates = private)]
        models: Many<Public>,
    }

    /// A public model.
    #[derive(Model, Clone, Debug)]
    #[orm(index(name, secret), unique(name, inner), check("name <> ''", name = "named"))]
    pub(crate) struct Public {
        #[orm(primary_key)]
        id: Auto<i64>,
        /// Seen by all.
        pub(crate) name: String,
        secret: Secret,
        inner: Inner,
        private: Option<Ref<Private>>,
        owner: Ref<Private>,
    }

    /// A row of a query.
    #[derive(orm::Row, Debug)]
    pub(crate) struct Told {
        /// Seen by all.
        pub(crate) name: String,
        secret: Secret,
    }

    #[test]
    fn fields_may_be_of_private_types() -> orm::Result<()> {
        let mut session = super::session(Schema::of((Public, Private)))?;
        let owner = session.add(Private::new(Inner(1)));
        let public = Public::new("name", Secret::Told, Inner(2), owner);
        session.add(Public { private: Some(owner.into()), ..public });
        session.commit()?;
        session.clear();
        let told = select(ToldSelect { name: Public.name, secret: Public.secret })
            .filter(Public.owner.has(|owner| owner.inner.eq(1)))
            .one(&mut session)?;
        assert_eq!((told.name.as_str(), told.secret), ("name", Secret::Told));
        assert_ne!(told.secret, Secret::Kept);
        let owner = session.query(Private).one()?;
        assert_eq!(owner.models(&mut session)?.len(), 1);
        Ok(())
    }
}

/// What a newtype and an enum become holds `#[diagnostic::…]`, which the compiler knows by the prelude.
#[derive(orm::DbEnum, Clone, Debug, PartialEq)]
enum Kind {
    Ok,
    Err,
}

#[derive(orm::DbType, Clone, Debug)]
struct Text(String);

#[no_implicit_prelude]
mod bare {
    //! Nothing is known but what is imported.

    use super::{Kind, Text};
    use ::core::prelude::v1::{derive, test};

    #[derive(::orm::Model, ::core::clone::Clone, ::core::fmt::Debug)]
    #[orm(unique(text, kind), index(kind.desc()))]
    struct Bare {
        #[orm(primary_key)]
        id: ::orm::Auto<i64>,
        text: Text,
        #[orm(default = Kind::Err)]
        kind: Kind,
        #[orm(default = "none", length = 20)]
        note: ::std::string::String,
        #[orm(default = now, on_update = now)]
        at: ::orm::chrono::DateTime<::orm::chrono::Utc>,
        parent: ::core::option::Option<::orm::Ref<Bare>>,
        #[orm(back_populates = parent)]
        children: ::orm::Many<Bare>,
        #[orm(secondary = "friends")]
        friends: ::orm::Many<Bare>,
    }

    #[derive(::orm::Row, ::core::fmt::Debug)]
    struct Of {
        text: Text,
        kind: Kind,
    }

    #[test]
    fn models_need_no_prelude() -> ::orm::Result<()> {
        use ::core::convert::From;
        use ::orm::Entity as _;

        let mut session = super::session(::orm::Schema::of(Bare))?;
        let parent = session.add(Bare::new(Text(From::from("parent"))));
        let parent = ::core::option::Option::Some(From::from(parent));
        session.add(Bare { parent, kind: Kind::Ok, ..Bare::new(Text(From::from("child"))) });
        session.commit()?;
        session.clear();
        let of = ::orm::select(OfSelect { text: Bare.text, kind: Bare.kind })
            .filter(Bare.parent.is_not_null())
            .one(&mut session)?;
        ::core::assert_eq!(of.text.0, "child");
        ::core::assert_eq!(of.kind, Kind::Ok);
        ::core::assert_eq!(Bare.table().columns.len(), 6);
        ::core::result::Result::Ok(())
    }
}

//! Names that a program may give to its own things.

use orm::prelude::*;

mod shadowing {
    //! Everything of the prelude means something else here.

    use orm::prelude::Model;

    #[allow(dead_code, missing_debug_implementations)]
    mod own {
        pub struct Result;
        pub struct Option;
        pub struct Vec;
        pub struct Box;
        pub struct String;
        pub struct Auto;
        pub struct Ref;
        pub struct Column;
        pub struct Source;
        pub struct Table;
        pub struct Many;
        pub struct One;
        pub struct Handle;
        pub struct RawHandle;
        pub struct Session;
        pub struct Accessor;
        pub trait Relations {}
        pub trait Relation {}
        pub trait Clone {}
        pub trait Copy {}
        pub trait From {}
        pub trait Into {}
        pub trait Default {}
        pub trait Field {}
        pub trait Absent {}
        pub struct ModelMeta;
        pub mod core {}
        pub mod std {}
        #[allow(non_snake_case)]
        pub fn Some() {}
        #[allow(non_snake_case)]
        pub fn Ok() {}
        #[allow(non_snake_case)]
        pub fn Err() {}
        #[allow(non_upper_case_globals)]
        pub const None: i32 = 3;
        #[allow(non_camel_case_types)]
        pub struct usize;
        #[allow(non_camel_case_types)]
        pub struct str;
    }
    #[allow(unused_imports)]
    use own::*;
    #[allow(unused_imports)]
    use own::{Auto, Box, Clone, Copy, Default, Err, From, Into, None, Ok, Option, Ref, Result};
    #[allow(unused_imports)]
    use own::{Some, String, Vec, core, std, str, usize};

    #[derive(Model, ::std::clone::Clone, Debug)]
    pub struct Hostile {
        #[orm(primary_key)]
        pub id: orm::Auto<i64>,
        pub name: ::std::string::String,
        pub data: ::std::vec::Vec<u8>,
        pub note: ::std::option::Option<::std::string::String>,
        #[orm(default = now, on_update = now)]
        pub at: chrono::DateTime<chrono::Utc>,
        #[orm(on_delete = cascade)]
        pub parent: ::std::option::Option<orm::Ref<Hostile>>,
        #[orm(back_populates = parent, cascade(all), order_by = name.desc())]
        pub children: orm::Many<Hostile>,
        #[orm(back_populates = parent)]
        pub child: orm::One<Hostile>,
    }

    #[derive(orm::Embed, Clone, Debug)]
    #[orm(constructor = "create")]
    pub struct Part {
        pub r#type: ::std::string::String,
        pub set: ::std::option::Option<i64>,
        pub source: i64,
        #[orm(embed)]
        pub inner: Inner,
        #[orm(default = 3)]
        pub first: i16,
    }

    #[derive(orm::Embed, Clone, Debug)]
    pub struct Inner {
        pub field: ::std::option::Option<bool>,
    }

    #[derive(orm::Model, Clone, Debug)]
    pub struct Whole {
        #[orm(embed)]
        pub r#fn: Part,
        #[orm(primary_key)]
        pub id: orm::Auto<i64>,
    }
}

mod unused {
    //! A model that nothing uses; warnings are errors here.

    use orm::prelude::{Auto, Many, Model, One, Ref};

    #[derive(Model, Clone)]
    struct Never {
        #[orm(primary_key)]
        id: Auto<i64>,
        other: Option<Ref<Never>>,
        text: String,
        #[orm(back_populates = other)]
        others: Many<Never>,
        #[orm(back_populates = other)]
        another: One<Never>,
    }
}

#[allow(clippy::struct_field_names)]
#[derive(Model, Clone, Debug)]
struct Words {
    #[orm(primary_key)]
    id: Auto<i64>,
    r#type: String,
    table: i32,
    select: i32,
    alias: String,
    eq: bool,
    new: i64,
    r#match: Option<String>,
    source: i32,
    session: i32,
    row: i32,
    index: i32,
    meta: i32,
    field: i32,
    private: i32,
    name: String,
    entity: Option<Ref<Words>>,
}

/// Relationships called like methods of handles and of what they deref to.
#[derive(Model, Clone, Debug)]
struct Methods {
    #[orm(primary_key)]
    id: Auto<i64>,
    r#type: Option<Ref<Methods>>,
    clone: Option<Ref<Methods>>,
    #[orm(unique)]
    eq: Option<Ref<Methods>>,
    #[orm(unique)]
    raw: Option<Ref<Methods>>,
    #[orm(column = "of_type")]
    type_id: Ref<Methods>,
    #[orm(back_populates = r#type)]
    deref: Many<Methods>,
    #[orm(back_populates = clone)]
    load: Many<Methods>,
    #[orm(back_populates = eq)]
    relations: One<Methods>,
    #[orm(back_populates = raw)]
    session: One<Methods>,
    #[orm(secondary = "handles", order_by = r#type)]
    handle: Many<Methods>,
}

#[allow(non_camel_case_types)]
#[derive(Model, Clone, Debug)]
struct r#struct {
    #[orm(primary_key)]
    r#fn: i32,
}

#[derive(Model, Clone, Debug)]
#[orm(crate = "renamed")]
struct Elsewhere {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
}

use ::orm as renamed;

#[test]
fn a_model_among_shadowed_names_works() {
    let hostile = shadowing::Hostile::new("name", vec![1]);
    assert_eq!(hostile.name, "name");
    assert_eq!(shadowing::Hostile.table().columns.len(), 6);
}

#[test]
fn an_embedded_struct_among_shadowed_names_works() {
    let part = shadowing::Part::create("a", 1, shadowing::Inner::new());
    let whole = shadowing::Whole::new(part);
    assert_eq!((whole.r#fn.first, whole.r#fn.set), (3, None));
    let columns: Vec<&str> =
        shadowing::Whole.table().columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(columns, ["fn_type", "fn_set", "fn_source", "fn_inner_field", "fn_first", "id"]);
    let named = [
        format!("{:?}", shadowing::Whole.r#fn.r#type),
        format!("{:?}", shadowing::Whole.alias("w").r#fn.inner.field),
        format!("{:?}", shadowing::Whole.r#fn.first),
    ];
    assert_eq!(named, ["Whole.fn.type", "Whole.fn.inner.field", "Whole.fn.first"]);
}

#[test]
fn fields_may_be_called_like_methods_and_keywords() {
    let words = Words::new("t", 1, 2, "a", true, 3, 4, 5, 6, 7, 8, 9, 10, "n");
    assert_eq!(words.r#type, "t");
    assert_eq!(words.private, 10);
    let names: Vec<_> = Words.table().columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names[..8], ["id", "type", "table", "select", "alias", "eq", "new", "match"]);
    let other = Words.alias("w");
    let _ = other.eq.eq(Words.eq);
    let _ = other.alias.eq("a");
    let _ = Words.r#type.eq("t");
    let _ = Words.r#match.is_null();
}

#[test]
fn a_model_may_be_called_like_a_keyword() {
    assert_eq!(r#struct.table().name, "struct");
    assert_eq!(r#struct.table().columns[0].name, "fn");
    assert_eq!(r#struct::new(1).r#fn, 1);
}

#[test]
fn the_library_may_have_another_name() {
    assert_eq!(Elsewhere::new("x").name, "x");
}

#[test]
#[allow(clippy::clone_on_copy)]
fn relationships_may_be_called_like_methods() {
    assert_eq!(Methods.table().columns.len(), 6);
    assert_eq!(Methods.table().relationships.len(), 10);
    assert!(Schema::of(Methods).check().is_ok());
    // compiled, not run: accessors load
    let _ = |object: Handle<Methods>, session: &mut Session| -> orm::Result<()> {
        let same: Handle<Methods> = object;
        let _: bool = same.eq(&object);
        let _: Option<Handle<Methods>> = (*object).clone(session)?;
        let _: Option<Handle<Methods>> = (*object).eq(session)?;
        let _: Option<Handle<Methods>> = object.raw(session)?;
        let _: Option<Handle<Methods>> = object.r#type(session)?;
        let _: Vec<Handle<Methods>> = object.deref(session)?;
        let _: Vec<Handle<Methods>> = object.load(session)?;
        let _: Option<Handle<Methods>> = object.relations(session)?;
        let _: Option<Handle<Methods>> = object.session(session)?;
        let _: Vec<Handle<Methods>> = object.handle(session)?;
        let _: Handle<Methods> = (*object).type_id(session)?;
        Ok(())
    };
}

//! `new`: required fields in order, and what `constructor` makes of it.

use super::models::{Article, Author, Country, Revision};
use chrono::{NaiveDate, Utc};
use orm::prelude::*;
use orm_core::model::Object;

#[derive(Model, Clone, Debug)]
#[orm(constructor(name, code), constructor = "with")]
struct Named {
    #[orm(primary_key)]
    id: Auto<i64>,
    code: i16,
    name: Option<String>,
    note: Option<String>,
}

impl Named {
    fn new() -> Named {
        Named::with(None, 0)
    }
}

#[derive(Model, Clone, Debug)]
#[orm(constructor = none)]
struct Bare {
    #[orm(primary_key)]
    id: i64,
}

impl Bare {
    fn new() -> Bare {
        Bare { id: 4 }
    }
}

fn number() -> i32 {
    7
}

#[derive(Model, Clone, Debug)]
struct Defaults {
    #[orm(primary_key)]
    number: i32,
    #[orm(default = number() + if cfg!(test) { 1 } else { 0 }, on_update = 3)]
    other: i32,
    #[orm(default = Some(String::from("x")))]
    text: Option<String>,
    #[orm(default = Some(["a", "b"].iter().map(|part| part.len()).sum::<usize>() as i64))]
    count: Option<i64>,
    #[orm(default = now, on_update = now)]
    day: Option<NaiveDate>,
}

#[test]
fn required_fields_are_arguments_in_their_order() {
    let article = Article::new("slug", String::from("title"), 7);
    assert_eq!(article.slug, "slug");
    assert_eq!(article.title, "title");
    assert_eq!(article.author.key(), Some(7));
    assert_eq!(article.id, Auto::Unset);
    assert_eq!(article.content, None);
    assert!(article.editor.is_none());
}

#[test]
fn a_ref_takes_a_key_a_new_object_or_a_ref() {
    let by_object = Article::new("slug", "title", Author::new("a@example.com"));
    assert_eq!(by_object.author.key(), None);
    let by_reference = Article::new("slug", "title", Ref::from(3));
    assert_eq!(by_reference.author.key(), Some(3));
    let composite = Revision { before: Some((1, 2).into()), ..Revision::new(1, 3) };
    assert_eq!(composite.before.and_then(|before| before.key()), Some((1, 2)));
}

#[test]
fn the_rest_is_filled_by_struct_update() {
    let author = Author { firstname: Some("Ezz".into()), ..Author::new("ezz@example.com") };
    assert_eq!(author.firstname.as_deref(), Some("Ezz"));
    assert!(author.joined <= Utc::now());
}

#[test]
fn defaults_are_expressions_of_the_place_of_the_struct() {
    let country = Country::new("DE");
    assert_eq!(country.inhabitants, 3);
    assert_eq!(country.capital, "unknown");
    // `number` in the default is the function, not the argument
    let defaults = Defaults::new(1);
    assert_eq!((defaults.number, defaults.other), (1, 8));
    assert_eq!((defaults.text.as_deref(), defaults.count), (Some("x"), Some(2)));
    assert_eq!(defaults.day, Some(Utc::now().date_naive()));
}

#[test]
fn a_constructor_can_be_renamed_and_choose_its_arguments() {
    let named = Named::with(Some("name".into()), 3);
    assert_eq!((named.name.as_deref(), named.code), (Some("name"), 3));
    assert_eq!(named.note, None);
    assert_eq!(Named::new().code, 0);
}

#[test]
fn without_a_constructor_the_name_is_free() {
    assert_eq!(Bare::new().id, 4);
}

#[test]
fn on_update_sets_the_field_it_is_said_of() {
    let mut defaults = Defaults { day: None, ..Defaults::new(1) };
    let object: &mut dyn Object = &mut defaults;
    object.set_on_update(0);
    object.set_on_update(1);
    assert_eq!((defaults.number, defaults.other, defaults.day), (1, 3, None));
    let object: &mut dyn Object = &mut defaults;
    object.set_on_update(4);
    assert!(defaults.day.is_some());
    assert!(object_value(&defaults, 0).is_none());
    assert!(object_value(&defaults, 4).is_some());
}

fn object_value(object: &dyn Object, index: usize) -> Option<Box<dyn orm_core::model::Field>> {
    object.on_update_value(index)
}

//! `#[orm(serde)]`: models as JSON and back.

use chrono::{DateTime, NaiveDate, Utc};
use orm::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Model, Clone, Debug)]
#[orm(serde)]
struct Writer {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    nick: Option<String>,
    #[orm(default = "nobody")]
    role: String,
    #[orm(default = Some(3))]
    rank: Option<i32>,
    #[orm(back_populates = writer)]
    books: Many<Book>,
    #[orm(back_populates = owner)]
    desk: One<Desk>,
}

#[derive(Model, Clone, Debug)]
#[orm(serde)]
struct Book {
    #[orm(primary_key)]
    id: Auto<i64>,
    r#type: String,
    writer: Ref<Writer>,
    editor: Option<Ref<Writer>>,
    #[orm(back_populates = book)]
    pages: Many<Page>,
    #[orm(secondary = "book_topics", back_populates = books)]
    topics: Many<Topic>,
}

#[derive(Model, Clone, Debug)]
#[orm(serde)]
struct Page {
    #[orm(primary_key)]
    book: Ref<Book>,
    #[orm(primary_key)]
    number: i32,
    #[orm(back_populates = page)]
    notes: Many<Note>,
}

#[derive(Model, Clone, Debug)]
#[orm(serde)]
struct Note {
    #[orm(primary_key)]
    id: Auto<i64>,
    page: Ref<Page>,
    text: String,
}

#[derive(Model, Clone, Debug)]
#[orm(serde)]
struct Topic {
    #[orm(primary_key)]
    code: String,
    #[orm(secondary = "book_topics", back_populates = topics)]
    books: Many<Book>,
}

#[derive(Model, Clone, Debug)]
#[orm(serde)]
struct Desk {
    #[orm(primary_key)]
    id: Uuid,
    #[orm(unique)]
    owner: Ref<Writer>,
}

#[derive(Model, Clone, Debug)]
#[orm(serde)]
struct Everything {
    #[orm(primary_key)]
    key: Uuid,
    yes: bool,
    small: i16,
    real: f32,
    double: f64,
    bytes: Vec<u8>,
    day: NaiveDate,
    at: DateTime<Utc>,
    price: Decimal,
    extra: Value,
    desk: Option<Ref<Desk>>,
}

fn writer(name: &str) -> Writer {
    Writer { id: Auto::Set(7), ..Writer::new(name) }
}

fn to_json<M: serde::Serialize>(value: &M) -> Value {
    serde_json::to_value(value).expect("it can be written")
}

fn from_json<M: serde::de::DeserializeOwned>(value: Value) -> M {
    let text = value.to_string();
    let read = serde_json::from_value(value).expect("it can be read");
    // from text and from values: the shapes of keys arrive by other ways
    let _: M = serde_json::from_str(&text).expect("it can be read from text");
    read
}

fn mistake<M: serde::de::DeserializeOwned>(value: Value) -> String {
    serde_json::from_value::<M>(value).err().expect("it can't be read").to_string()
}

#[test]
fn columns_are_written_by_name() {
    assert_eq!(
        to_json(&writer("Ann")),
        json!({"id": 7, "name": "Ann", "nick": null, "role": "nobody", "rank": 3})
    );
    assert_eq!(
        to_json(&Book::new("novel", 7)),
        json!({"type": "novel", "writer": 7, "editor": null})
    );
}

#[test]
fn the_order_is_that_of_the_struct() {
    let text = serde_json::to_string(&writer("Ann")).unwrap();
    assert_eq!(text, r#"{"id":7,"name":"Ann","nick":null,"role":"nobody","rank":3}"#);
}

#[test]
fn columns_of_every_type_come_back() {
    let row = json!({
        "key": "67e55044-10b1-426f-9247-bb680e5fe0c8",
        "yes": true,
        "small": -3,
        "real": 0.5,
        "double": 1.25,
        "bytes": [0, 255],
        "day": "2024-02-29",
        "at": "2024-02-29T12:30:00.123456Z",
        "price": "12.50",
        "extra": {"a": [1, null]},
        "desk": "67e55044-10b1-426f-9247-bb680e5fe0c8",
    });
    assert_eq!(to_json(&from_json::<Everything>(row.clone())), row);
}

#[test]
fn what_is_absent_is_what_new_would_give() {
    let read: Writer = from_json(json!({"name": "Ann"}));
    assert_eq!((read.id, read.nick, read.rank), (Auto::Unset, None, Some(3)));
    assert_eq!(read.role, "nobody");
    assert!(!read.books.is_loaded() && !read.desk.is_loaded());
    // absent is not null
    let read: Writer = from_json(json!({"id": null, "name": "Ann", "rank": null}));
    assert_eq!((read.id, read.rank), (Auto::Unset, None));
}

#[test]
fn a_required_field_that_is_absent_is_told() {
    assert_eq!(mistake::<Writer>(json!({"id": 1})), "missing field `name`");
    assert_eq!(
        serde_json::from_str::<Writer>(r#"{"name": "a", "name": "b"}"#).unwrap_err().to_string(),
        "duplicate field `name` at line 1 column 20"
    );
    assert_eq!(
        mistake::<Writer>(json!({"name": "Ann", "role": null})),
        "invalid type: null, expected a string"
    );
    assert_eq!(mistake::<Writer>(json!(7)), "invalid type: integer `7`, expected a `Writer`");
}

#[test]
fn names_that_are_no_fields_are_passed_over() {
    let read: Writer = from_json(json!({"name": "Ann", "more": {"deep": [1, 2]}, "role": "poet"}));
    assert_eq!(read.role, "poet");
}

#[test]
fn a_collection_is_absent_or_empty_or_full() {
    let absent: Writer = from_json(json!({"name": "Ann"}));
    assert!(absent.books.values().is_err());
    let empty: Writer = from_json(json!({"name": "Ann", "books": [], "desk": null}));
    assert!(empty.books.values().unwrap().is_empty());
    assert!(empty.desk.value().unwrap().is_none());
    let empty = to_json(&empty);
    assert_eq!((&empty["books"], &empty["desk"]), (&json!([]), &Value::Null));
    assert!(empty.get("desk").is_some());
    assert_eq!(to_json(&absent).get("books"), None);
    assert_eq!(
        mistake::<Writer>(json!({"name": "Ann", "books": null})),
        "invalid type: null, expected a sequence"
    );
}

#[test]
fn a_reference_is_its_key_or_its_object() {
    let by_key: Book = from_json(json!({"type": "novel", "writer": 7, "editor": 8}));
    assert_eq!(by_key.writer.key(), Some(7));
    assert!(by_key.writer.value().is_err());
    assert_eq!(by_key.editor.as_ref().and_then(Ref::key), Some(8));

    let tree = json!({"type": "novel", "writer": {"id": 7, "name": "Ann"}});
    let by_object: Book = from_json(tree);
    assert_eq!(by_object.writer.value().unwrap().name, "Ann");
    assert_eq!(by_object.writer.key(), Some(7));
    assert!(by_object.writer == by_key.writer);
    assert_eq!(to_json(&by_object)["writer"]["name"], "Ann");

    // an object without a key is a new one
    let new: Book = from_json(json!({"type": "novel", "writer": {"name": "Ann"}}));
    assert_eq!(new.writer.key(), None);
    assert_eq!(to_json(&new)["writer"].get("id"), None);
    assert_eq!(
        mistake::<Book>(json!({"type": "novel", "writer": null})),
        "invalid type: null, expected the key of a `Writer`, or a `Writer`"
    );
    assert_eq!(
        mistake::<Book>(json!({"type": "novel", "writer": "seven"})),
        "invalid type: string \"seven\", expected i64"
    );
}

#[test]
fn a_key_of_several_columns_is_an_array() {
    let note: Note = from_json(json!({"page": [7, 3], "text": "see"}));
    assert_eq!(note.page.key(), Some((7, 3)));
    assert_eq!(to_json(&note), json!({"page": [7, 3], "text": "see"}));
    let note: Note = from_json(json!({"page": {"book": 7, "number": 3}, "text": "see"}));
    assert_eq!(note.page.key(), Some((7, 3)));
}

#[test]
fn a_reference_that_is_unset_is_left_out() {
    let new = Writer { books: [Book::new("novel", Ref::unset())].into(), ..Writer::new("Ann") };
    let written = to_json(&new);
    assert_eq!(written["books"], json!([{"type": "novel", "editor": null}]));
    let read: Writer = from_json(written);
    let book = &read.books.values().unwrap()[0];
    assert_eq!(book.writer.key(), None);
}

/// Every tree of a shape: a writer with `books` books of `pages` pages of `notes` notes.
fn tree(books: usize, pages: i32, notes: usize) -> Writer {
    let note = |key| Note::new(Ref::<Page>::from(key), "see");
    let page = |book: usize, number| Page {
        notes: vec![note((i64::try_from(book).unwrap(), number)); notes].into(),
        ..Page::new(i64::try_from(book).unwrap(), number)
    };
    let book = |number| Book {
        id: Auto::Set(i64::try_from(number).unwrap()),
        pages: (0..pages).map(|page_number| page(number, page_number)).collect::<Vec<_>>().into(),
        editor: number.is_multiple_of(2).then(|| writer("Ed").into()),
        topics: match number % 3 {
            0 => Many::default(),
            1 => Many::empty(),
            _ => [Topic { books: [Book::new("other", 9)].into(), ..Topic::new("t") }].into(),
        },
        ..Book::new("novel", 7)
    };
    Writer {
        books: (0..books).map(book).collect::<Vec<_>>().into(),
        desk: if books.is_multiple_of(2) { One::none() } else { Desk::new(Uuid::nil(), 7).into() },
        ..writer("Ann")
    }
}

#[test]
fn trees_come_back_as_they_were() {
    for books in 0..5 {
        for pages in 0..3 {
            for notes in 0..3 {
                let written = to_json(&tree(books, pages, notes));
                let read: Writer = from_json(written.clone());
                assert_eq!(to_json(&read), written, "{books} {pages} {notes}");
                let texts = read.books.values().unwrap().iter();
                let texts = texts.flat_map(|book| book.pages.values().unwrap());
                let count: usize = texts.map(|page| page.notes.values().unwrap().len()).sum();
                assert_eq!(count, books * usize::try_from(pages).unwrap() * notes);
            }
        }
    }
}

#[test]
fn handles_have_no_written_form() {
    let mut session = Engine::builder("sqlite::memory:").build().unwrap().session();
    let handle = session.add(Writer::new("Ann"));
    let remedy = "holds objects of a session by their handles; `session.detached(handle)` gives a \
                  value that can be written";
    let mistake = |error: serde_json::Error| error.to_string();
    let book = Book::new("novel", handle);
    assert_eq!(
        serde_json::to_string(&book).map_err(mistake),
        Err(format!("`Book.writer` {remedy}"))
    );
    let book = Book::new("novel", 7);
    let books = session.add(book);
    let holder = Writer { books: vec![books].into(), ..Writer::new("Ann") };
    assert_eq!(
        serde_json::to_string(&holder).map_err(mistake),
        Err(format!("`Writer.books` {remedy}"))
    );
}

#[test]
fn a_part_does_not_pass_for_the_whole() {
    let mut writer = Writer::new("Ann");
    writer.books.push(Book::new("novel", 7));
    assert_eq!(
        serde_json::to_string(&writer).unwrap_err().to_string(),
        "`Writer.books` was put into without being loaded, and would pass for the whole; give it \
         all its values: `vec![..].into()`"
    );
}

#[derive(orm::Embed, Clone, Debug, PartialEq)]
struct Address {
    city: String,
    zip: Option<String>,
}

// as serde's own derive writes them
impl serde::Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut to = to.serialize_struct("Address", 2)?;
        to.serialize_field("city", &self.city)?;
        to.serialize_field("zip", &self.zip)?;
        to.end()
    }
}

impl<'de> serde::Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Address, D::Error> {
        use serde::de::Error;
        let mut read = std::collections::BTreeMap::<String, Option<String>>::deserialize(from)?;
        let city = read.remove("city").flatten().ok_or_else(|| D::Error::missing_field("city"))?;
        Ok(Address { city, zip: read.remove("zip").flatten() })
    }
}

#[derive(Model, Clone, Debug)]
#[orm(serde)]
struct Customer {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(embed)]
    address: Address,
    #[orm(embed, default = Address::new("Ely"))]
    billing: Address,
    #[orm(embed)]
    shipping: Option<Address>,
}

#[test]
fn an_embedded_struct_nests() {
    let customer = Customer::new(Address::new("Bath"));
    let written = json!({
        "address": {"city": "Bath", "zip": null},
        "billing": {"city": "Ely", "zip": null},
        "shipping": null,
    });
    assert_eq!(to_json(&customer), written);
    let read = from_json::<Customer>(json!({"address": {"city": "Bath", "zip": "B"}}));
    assert_eq!(read.address.zip.as_deref(), Some("B"));
    assert_eq!((read.billing, read.shipping), (Address::new("Ely"), None));
    let read = from_json::<Customer>(json!({"address": {"city": "B"}, "shipping": {"city": "W"}}));
    assert_eq!(read.shipping, Some(Address::new("W")));
}

mod shadowing {
    //! Names of the standard library and of serde, taken for something else.

    #[allow(dead_code)]
    mod own {
        pub struct Option;
        pub struct Result;
        pub struct Some;
        pub struct None;
        pub struct Ok;
        pub struct Err;
        pub struct Ref;
        pub struct Serialize;
        pub struct Deserialize;
        pub struct Serializer;
        pub mod serde {}
        pub mod core {}
        pub mod std {}
        #[allow(non_camel_case_types)]
        pub struct usize;
        #[allow(non_camel_case_types)]
        pub struct str;
    }
    #[allow(unused_imports)]
    use own::*;
    #[allow(unused_imports)]
    use own::{Deserialize, Err, None, Ok, Option, Ref, Result, Serialize, Serializer, Some};
    #[allow(unused_imports)]
    use own::{core, serde, std, str, usize};

    #[derive(orm::Model, Clone, Debug)]
    #[orm(serde, crate = "::orm")]
    pub struct Hostile {
        #[orm(primary_key)]
        pub r#fn: orm::Auto<i64>,
        pub read: ::std::string::String,
        pub serialize: ::std::option::Option<::std::string::String>,
        #[orm(default = 1)]
        pub to: i32,
        pub from: ::std::option::Option<orm::Ref<Hostile>>,
        #[orm(back_populates = from)]
        pub next: orm::Many<Hostile>,
    }
}

#[test]
fn shadowed_names_do_not_matter() {
    let row = json!({"fn": 1, "read": "a", "serialize": null, "to": 2, "from": 3, "next": []});
    assert_eq!(to_json(&from_json::<shadowing::Hostile>(row.clone())), row);
}

/// A newtype as serde's own derive writes and reads it: by its name, from what is inside.
macro_rules! newtypes {
    ($($name:ident($inside:ty)),*) => {$(
        #[derive(DbType, Clone, Debug, PartialEq)]
        struct $name($inside);

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_newtype_struct(stringify!($name), &self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<$name, D::Error> {
                struct Inside;

                impl<'de> serde::de::Visitor<'de> for Inside {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("tuple struct ", stringify!($name)))
                    }

                    fn visit_newtype_struct<D: serde::Deserializer<'de>>(
                        self,
                        from: D,
                    ) -> Result<$name, D::Error> {
                        serde::Deserialize::deserialize(from).map($name)
                    }
                }

                from.deserialize_newtype_struct(stringify!($name), Inside)
            }
        }
    )*};
}

newtypes!(Code(String), Number(i64), Place(Number));

#[derive(Model, Clone, Debug)]
#[orm(serde)]
struct Coded {
    #[orm(primary_key)]
    code: Code,
}

#[derive(Model, Clone, Debug)]
#[orm(serde)]
struct Numbered {
    #[orm(primary_key)]
    number: Number,
    #[orm(primary_key)]
    place: Place,
}

#[derive(Model, Clone, Debug)]
#[orm(serde)]
struct Placed {
    #[orm(primary_key)]
    place: Place,
    coded: Ref<Coded>,
    numbered: Option<Ref<Numbered>>,
    other: Option<Ref<Placed>>,
}

#[test]
fn a_newtype_is_a_key_in_json_too() {
    let row = json!({"place": 1, "coded": "a", "numbered": [2, 3], "other": 4});
    let read: Placed = from_json(row.clone());
    assert_eq!(read.coded.key(), Some(Code("a".to_owned())));
    assert_eq!(read.numbered.as_ref().and_then(Ref::key), Some((Number(2), Place(Number(3)))));
    assert_eq!(read.other.as_ref().and_then(Ref::key), Some(Place(Number(4))));
    assert_eq!(to_json(&read), row);
}

//! Relationships as the attributes say them.

use orm::prelude::*;
use orm_core::schema::{Cascade, Relationship, RelationshipKind};

/// One side of each kind.
#[derive(Model, Clone, Debug)]
struct Writer {
    #[orm(primary_key)]
    id: Auto<i64>,
    name: String,
    #[orm(
        back_populates = writer,
        cascade(all, delete_orphan),
        order_by(title, written.desc(), r#type.asc())
    )]
    texts: Many<Text>,
    #[orm(back_populates = editor, order_by = title.desc())]
    edits: Many<Text>,
    #[orm(back_populates = owner, cascade(delete))]
    passport: One<Passport>,
}

#[derive(Model, Clone, Debug)]
struct Text {
    #[orm(primary_key)]
    id: Auto<i64>,
    title: String,
    written: i32,
    r#type: i16,
    writer: Ref<Writer>,
    editor: Option<Ref<Writer>>,
    #[orm(secondary = "text_labels", back_populates = texts)]
    labels: Many<Label>,
}

#[derive(Model, Clone, Debug)]
struct Passport {
    #[orm(primary_key)]
    number: String,
    #[orm(unique)]
    owner: Ref<Writer>,
}

#[derive(Model, Clone, Debug)]
struct Label {
    #[orm(primary_key)]
    name: String,
    #[orm(secondary = "text_labels", back_populates = labels)]
    texts: Many<Text>,
}

/// Linked to itself.
#[derive(Model, Clone, Debug)]
struct Account {
    #[orm(primary_key)]
    id: Auto<i64>,
    #[orm(secondary = "follows", back_populates = followers)]
    follows: Many<Account>,
    #[orm(secondary = "follows", back_populates = follows)]
    followers: Many<Account>,
    invited_by: Option<Ref<Account>>,
    #[orm(back_populates = invited_by)]
    invited: Many<Account>,
}

fn relationship<M: Model>(field: &str) -> &'static Relationship {
    let index = M::meta().field_index(field).unwrap();
    M::meta().table().relationship_of(index).unwrap()
}

fn columns<M: Model>() -> Vec<&'static str> {
    M::meta().table().columns.iter().map(|column| column.name.as_str()).collect()
}

#[test]
fn a_collection_has_no_column() {
    assert_eq!(columns::<Writer>(), ["id", "name"]);
    assert_eq!(columns::<Label>(), ["name"]);
    assert_eq!(columns::<Account>(), ["id", "invited_by_id"]);
}

#[test]
fn the_other_side_of_a_ref_is_the_collection_that_names_it() {
    let texts = relationship::<Writer>("texts");
    let reference = Text::meta().field_index("writer").unwrap();
    assert!(matches!(texts.kind, RelationshipKind::OneToMany { reference: r } if r == reference));
    assert_eq!(texts.target, Text::meta());
    assert_eq!(texts.back, Some(reference));
    let writer = relationship::<Text>("writer");
    assert!(matches!(writer.kind, RelationshipKind::ManyToOne));
    assert_eq!(writer.back, Writer::meta().field_index("texts"));
    assert_eq!(relationship::<Text>("editor").back, Writer::meta().field_index("edits"));
}

#[test]
fn cascades_and_order_are_those_said() {
    let texts = relationship::<Writer>("texts");
    let all =
        Cascade { delete: true, delete_orphan: false, merge: true, refresh: true, expunge: true };
    assert_eq!(texts.cascade, Cascade { delete_orphan: true, ..all });
    let at = |name| Text::meta().field_index(name).unwrap();
    assert_eq!(texts.order_by, [(at("title"), false), (at("written"), true), (at("type"), false)]);
    let edits = relationship::<Writer>("edits");
    assert_eq!(edits.cascade, Cascade::default());
    assert_eq!(edits.order_by, [(at("title"), true)]);
    let passport = relationship::<Writer>("passport");
    assert_eq!(passport.cascade, Cascade { delete: true, ..Cascade::NONE });
}

#[test]
fn a_one_is_the_other_side_of_a_unique_ref() {
    let passport = relationship::<Writer>("passport");
    assert!(matches!(passport.kind, RelationshipKind::OneToOne { reference: 1 }));
    assert_eq!(relationship::<Passport>("owner").back, Some(passport.field));
}

#[test]
fn both_sides_of_a_many_to_many_have_one_link_table() {
    let link = |relationship: &Relationship| match relationship.kind {
        RelationshipKind::ManyToMany { link, own, other } => (link, own, other),
        _ => panic!("{relationship:?} has no link table"),
    };
    let (labels, texts) = (relationship::<Text>("labels"), relationship::<Label>("texts"));
    let (of_texts, own, other) = link(labels);
    let (of_labels, other_own, other_other) = link(texts);
    assert!(std::ptr::eq(of_texts, of_labels));
    assert_eq!((own, other), (other_other, other_own));
    assert_eq!(of_texts.fields[own].target(), Some(Text::meta()));
    assert_eq!(labels.back, Some(texts.field));
    assert_eq!(texts.back, Some(labels.field));
    let names: Vec<_> = of_texts.table().columns.iter().map(|column| &*column.name).collect();
    assert_eq!(names, ["label_name", "text_id"]);
    assert_eq!(of_texts.table().primary_key.len(), 2);
}

#[test]
fn a_link_of_a_model_with_itself_has_a_left_and_a_right() {
    let link = |field| match relationship::<Account>(field).kind {
        RelationshipKind::ManyToMany { link, own, other } => (link, own, other),
        ref kind => panic!("{kind:?} has no link table"),
    };
    let (follows, own, other) = link("follows");
    assert_eq!(follows.fields[own].name, "left");
    assert_eq!(follows.fields[other].name, "right");
    let (followers, own, other) = link("followers");
    assert!(std::ptr::eq(follows, followers));
    assert_eq!(follows.fields[own].name, "right");
    assert_eq!(follows.fields[other].name, "left");
}

#[test]
fn registered_models_agree_with_one_another() {
    let schema = Schema::of((Writer, Account));
    assert!(schema.check().is_ok(), "{:?}", schema.check());
}

#[test]
fn a_new_object_has_collections_that_nothing_is_known_of() {
    let writer = Writer::new("Ezz");
    assert!(!writer.texts.is_loaded());
    let unread = writer.texts.get().unwrap_err().to_string();
    assert_eq!(
        unread,
        "the objects of `Text` at the other end are not loaded; load them by \
         `session.load(handle, Model.field)`, or ahead by `include`"
    );
    assert!(!writer.passport.is_loaded());
    let with_texts = Writer { texts: vec![Text::new("t", 1, 2, 3)].into(), ..writer };
    assert_eq!(with_texts.texts.values().unwrap()[0].title, "t");
    let handles = with_texts.texts.get().unwrap_err().to_string();
    assert!(handles.contains("are values, in no session; read them by `values()`"), "{handles}");
}

mod elsewhere {
    //! Only the model is known here.
    use super::Writer;

    pub(super) fn titles(
        writer: orm::Handle<Writer>,
        session: &mut orm::Session,
    ) -> orm::Result<Vec<String>> {
        let passport: Option<orm::Handle<super::Passport>> = writer.passport(session)?;
        let owner: orm::Handle<Writer> = passport.unwrap().owner(session)?;
        let texts: Vec<orm::Handle<super::Text>> = owner.texts(session)?;
        let editor: Option<orm::Handle<Writer>> = texts[0].editor(session)?;
        let texts = editor.unwrap().edits(session)?.into_iter();
        Ok(texts.map(|text| session[text].title.clone()).collect())
    }
}

#[test]
fn accessors_need_the_model_alone() {
    // compiled, not run: accessors load
    let _: fn(Handle<Writer>, &mut Session) -> orm::Result<Vec<String>> = elsewhere::titles;
}

#[test]
fn conditions_and_paths_follow_relationships() {
    let _ = Writer.texts.any(|text| text.title.eq("x")).and(Writer.passport.exists());
    let _ = Text.editor.has(|editor| editor.name.eq("Bo")).or(Text.editor.is_null());
    let _ = Text.writer.eq(3).and(Text.editor.eq(Text.writer)).and(Writer.id.eq(Text.editor));
    let _ = select(Writer).include((Writer.texts.then(Text.labels), Writer.passport));
    let _ = select((Text, Writer.optional())).left_join(Text.editor);
}

/// Contradicts itself in ways that types don't tell.
mod contradictions {
    use orm::prelude::*;

    #[derive(Model, Clone, Debug)]
    pub struct Left {
        #[orm(primary_key)]
        pub id: Auto<i64>,
        #[orm(secondary = "one_table", back_populates = lefts)]
        pub rights: Many<Right>,
    }

    #[derive(Model, Clone, Debug)]
    pub struct Right {
        #[orm(primary_key)]
        pub id: Auto<i64>,
        #[orm(secondary = "another_table", back_populates = rights)]
        pub lefts: Many<Left>,
    }
}

#[test]
fn sides_that_name_different_link_tables_are_told_when_registered() {
    let told = Schema::of(contradictions::Left).check().unwrap_err().to_string();
    for line in [
        "`Left.rights`: `back_populates = lefts` is no `Many<Left>` of `Right` with \
         `secondary = \"one_table\"`; both sides name the same table",
        "`Right.lefts`: `back_populates = rights` is no `Many<Right>` of `Left` with \
         `secondary = \"another_table\"`; both sides name the same table",
    ] {
        assert!(told.contains(line), "{told}");
    }
}

#[test]
fn relationships_know_where_they_start() {
    assert_eq!(format!("{:?}", Writer.texts), "Writer.texts");
    assert_eq!(format!("{:?}", Writer.passport), "Writer.passport");
    let alias = Writer.alias("w");
    assert_eq!(format!("{:?}", alias.edits), "Writer.edits");
}

//! A field and its attributes.

use super::attribute::{self, Item, known_elsewhere};
use super::{FIELD_ATTRIBUTES, STRUCT_ATTRIBUTES, kind, relationship};
use crate::ast::{Action, Attributes, Cascade, Field, Fill, Kind, Version};
use crate::diagnostics::{Diagnostics, suggestion};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, Type};

/// Reads a field; `None` for one without a name, which a struct with named fields has not.
pub fn field(field: &syn::Field, diagnostics: &mut Diagnostics) -> Option<Field> {
    let ident = field.ident.clone()?;
    let mut read = Field {
        name: ident.unraw().to_string(),
        ident,
        vis: field.vis.clone(),
        docs: field.attrs.iter().filter(|attr| attr.path().is_ident("doc")).cloned().collect(),
        ty: field.ty.clone(),
        kind: kind::kind(&field.ty),
        attributes: Attributes::default(),
    };
    for item in attribute::items(&field.attrs, diagnostics) {
        set(&mut read, &item, diagnostics);
    }
    if read.attributes.embed.is_some() {
        read.kind = embedded(read.kind, &read.ty);
    }
    Some(read)
}

/// What a field with `embed` is; `check` tells of what can't be.
fn embedded(kind: Kind, ty: &Type) -> Kind {
    match kind {
        Kind::Plain => Kind::Embedded { target: ty.clone(), nullable: false },
        Kind::Nullable => {
            let target = kind::argument(ty, "Option").unwrap_or(ty).clone();
            Kind::Embedded { target, nullable: true }
        }
        other => other,
    }
}

fn set(field: &mut Field, item: &Item, diagnostics: &mut Diagnostics) {
    let reference = field.is_reference();
    let said = &mut field.attributes;
    match item.name.as_str() {
        "unique" if is_deferrable(item) => item.set(&mut said.unique, Some(true), diagnostics),
        "unique" | "index" | "primary_key" if item.is_list() => of_the_model(item, diagnostics),
        "primary_key" => item.set(&mut said.primary_key, item.flag(diagnostics), diagnostics),
        "unique" => item.set(&mut said.unique, flag_as(false, item, diagnostics), diagnostics),
        "index" => item.set(&mut said.index, item.boolean(diagnostics), diagnostics),
        "check" if !item.is_list() => {
            item.set(&mut said.check, item.sql(diagnostics), diagnostics);
        }
        "server_default" => server_default(said, item, diagnostics),
        "sql_type" => item.set(&mut said.sql_type, item.sql(diagnostics), diagnostics),
        "computed" => item.set(&mut said.computed, item.sql(diagnostics), diagnostics),
        "comment" => item.set(&mut said.comment, item.text(diagnostics), diagnostics),
        "length" => item.set(&mut said.length, item.number(diagnostics), diagnostics),
        "embed" => item.set(&mut said.embed, item.flag(diagnostics), diagnostics),
        "prefix" => item.set(&mut said.prefix, item.text(diagnostics), diagnostics),
        "column" => item.set(&mut said.column, item.identifier(diagnostics), diagnostics),
        "default" => item.set(&mut said.default, fill(item, diagnostics), diagnostics),
        "on_update" if reference => {
            item.set(&mut said.on_update_key, action(item, diagnostics), diagnostics);
        }
        "on_update" => item.set(&mut said.on_update, fill(item, diagnostics), diagnostics),
        "version" => item.set(&mut said.version, version(item, diagnostics), diagnostics),
        "on_delete" => item.set(&mut said.on_delete, action(item, diagnostics), diagnostics),
        // of another field `check` tells where it belongs, however it is written
        "cascade" if !matches!(field.kind, Kind::Collection { .. }) => {
            item.set(&mut said.cascade, Some(Cascade::default()), diagnostics);
        }
        "cascade" => {
            item.set(&mut said.cascade, relationship::cascade(item, diagnostics), diagnostics);
        }
        "back_populates" | "secondary" | "passive_deletes" | "order_by" | "view_only"
        | "filter" | "position" => of_a_relationship(said, item, diagnostics),
        name if known_elsewhere(name, &STRUCT_ATTRIBUTES).is_some() => {
            of_the_model(item, diagnostics);
        }
        name => {
            let known = FIELD_ATTRIBUTES.iter().map(|(name, _)| *name);
            let remedy = said_otherwise(name)
                .map_or_else(|| suggestion(name, known), |remedy| remedy.to_owned());
            let message = format!("unknown attribute `{name}` of a field; {remedy}");
            diagnostics.error(item.span, message);
        }
    }
}

/// An attribute of a relationship.
fn of_a_relationship(said: &mut Attributes, item: &Item, diagnostics: &mut Diagnostics) {
    match item.name.as_str() {
        "back_populates" => {
            let field = relationship::other_side(item, diagnostics);
            item.set(&mut said.back_populates, field, diagnostics);
        }
        "secondary" => item.set(&mut said.secondary, item.identifier(diagnostics), diagnostics),
        "passive_deletes" => {
            item.set(&mut said.passive_deletes, item.flag(diagnostics), diagnostics);
        }
        "order_by" => {
            item.set(&mut said.order_by, relationship::order_by(item, diagnostics), diagnostics);
        }
        "view_only" => item.set(&mut said.view_only, item.flag(diagnostics), diagnostics),
        "filter" => item.set(&mut said.filter, item.expression(diagnostics), diagnostics),
        _ => {
            let field = relationship::other_side(item, diagnostics);
            item.set(&mut said.position, field, diagnostics);
        }
    }
}

/// What is written here for what other libraries have an attribute for.
fn said_otherwise(name: &str) -> Option<&'static str> {
    Some(match name {
        "references" | "belongs_to" | "relationship" | "relation" => {
            "a foreign key is a field of type `Ref<Model>`; over plain fields it is said above the \
             struct: `#[orm(foreign_key(a => Other(x)))]`"
        }
        "nullable" | "null" | "not_null" => "a field of type `Option<T>` may be NULL, no other may",
        "auto_increment" | "autoincrement" | "generated" | "serial" => {
            "a value that the database makes is of type `Auto<i64>`"
        }
        "rename" | "name" | "column_name" => "the name of the column is `column = \"…\"`",
        "max_length" | "size" | "width" => "the most characters of a text are `length = 100`",
        "many_to_many" | "through" | "link_table" | "join_table" => {
            "the link table of a many-to-many is `secondary = \"…\"`"
        }
        "skip" | "ignore" | "transient" => {
            "each field is a column or a relationship; keep what is neither outside of the struct"
        }
        "column_type" | "db_type" => "the type in the database is `sql_type = \"…\"`",
        _ => return None,
    })
}

/// An attribute that the struct has.
fn of_the_model(item: &Item, diagnostics: &mut Diagnostics) {
    let name = &item.name;
    let written = known_elsewhere(name, &STRUCT_ATTRIBUTES).unwrap_or(name);
    let message = format!("`{name}` is said of the model: `#[orm({written})]` above the struct");
    diagnostics.error(item.span, message);
}

/// The word alone, as a value.
fn flag_as<T>(value: T, item: &Item, diagnostics: &mut Diagnostics) -> Option<T> {
    item.flag(diagnostics).map(|()| value)
}

/// `= "…"`, or `= trigger`.
fn server_default(said: &mut Attributes, item: &Item, diagnostics: &mut Diagnostics) {
    if item.word().is_some_and(|word| word == "trigger") {
        item.set(&mut said.trigger, Some(()), diagnostics);
        item.set(&mut said.server_default, Some("NULL".to_owned()), diagnostics);
    } else {
        item.set(&mut said.server_default, item.sql(diagnostics), diagnostics);
    }
}

/// `(deferrable)` and nothing else.
fn is_deferrable(item: &Item) -> bool {
    item.is_list() && item.parse_value(deferrable).is_some()
}

/// The word in it.
fn deferrable(input: ParseStream<'_>) -> syn::Result<()> {
    let word: Ident = input.parse()?;
    if word == "deferrable" { Ok(()) } else { Err(syn::Error::new(word.span(), "")) }
}

/// The word alone, or `= xmin`.
fn version(item: &Item, diagnostics: &mut Diagnostics) -> Option<Version> {
    match item.word() {
        Some(word) if word == "xmin" => Some(Version::System),
        Some(word) => {
            let message = format!(
                "unknown version `{word}`; write `version` for one that the flush counts, or `version \
                 = xmin` for that of PostgreSQL's rows"
            );
            diagnostics.error(word.span(), message);
            None
        }
        None => item.flag(diagnostics).map(|()| Version::Written),
    }
}

/// `= now` or `= expression`.
fn fill(item: &Item, diagnostics: &mut Diagnostics) -> Option<Fill> {
    let value = item.expression(diagnostics)?;
    match item.word() {
        Some(word) if word == "now" => Some(Fill::Now),
        Some(word) if item.name == "on_update" && Action::of(&word.to_string()).is_some() => {
            let message = format!(
                "`on_update = {word}` is for foreign keys (`Ref<…>`); for a column write \
                 `on_update = now` or an expression"
            );
            diagnostics.error(word.span(), message);
            None
        }
        _ => Some(Fill::Value(value)),
    }
}

/// `= cascade` and the like.
fn action(item: &Item, diagnostics: &mut Diagnostics) -> Option<Action> {
    let Some(word) = item.word() else { return item.wrong(diagnostics) };
    let action = Action::of(&word.to_string());
    if action.is_none() {
        let known = Action::WORDS.iter().map(|(word, _)| *word);
        let message = format!(
            "unknown action `{word}` of `{}`; {}",
            item.name,
            suggestion(&word.to_string(), known)
        );
        diagnostics.error(word.span(), message);
    }
    action
}

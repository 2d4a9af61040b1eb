//! What contradicts itself in a model, as far as its own struct tells.
//!
//! What depends on other models is checked when they are registered (`Schema::check`), what depends
//! on types by assertions in the emitted code. A rule here speaks up only where it is sure.

pub mod embed;
mod relationship;
mod table;
mod variant;
mod version;
mod view;

use crate::ast::{Action, Constructor, Field, Kind, Model, Said};
use crate::diagnostics::{Diagnostics, suggestion};
use crate::parse::kind;
use quote::ToTokens;
use std::collections::HashMap;
use syn::Type;
use syn::ext::IdentExt;

/// The most columns of a primary key: `KeyType` is implemented for tuples up to here.
pub const MOST_KEY_FIELDS: usize = 5;

/// Checks the whole model.
pub fn model(model: &Model, diagnostics: &mut Diagnostics) {
    if model.variant_of.is_some() {
        return variant::variant(model, diagnostics);
    }
    variant::enumeration(model, diagnostics);
    for field in &model.fields {
        relationship::field(field, diagnostics);
    }
    primary_key(model, diagnostics);
    serde(model, cfg!(feature = "serde"), diagnostics);
    for field in &model.fields {
        embed::embedding(field, diagnostics);
        no_column(field, diagnostics);
    }
    let columns = |field: &&Field| !field.is_collection() && !field.is_embedded();
    for field in model.fields.iter().filter(columns) {
        column_attributes(field, diagnostics);
        reference_attributes(field, diagnostics);
        values(field, diagnostics);
    }
    version::version(model, diagnostics);
    key_columns_beside_references(model, diagnostics);
    column_names(model, diagnostics);
    table::table(model, diagnostics);
    view::view(model, diagnostics);
    constructor(model, diagnostics);
}

/// `serde` needs the feature of that name.
pub fn serde(model: &Model, feature: bool, diagnostics: &mut Diagnostics) {
    if let (Some(said), false) = (&model.serde, feature) {
        let message = "`serde` needs the feature `serde` of `orm`: `orm = { version = \"…\", \
                       features = [\"serde\"] }`";
        diagnostics.error(said.at, message);
    }
}

fn primary_key(model: &Model, diagnostics: &mut Diagnostics) {
    let fields: Vec<&Field> = model.key().collect();
    // an attribute that could not be read may have been the key's
    if fields.is_empty() && model.said.primary_key.is_none() && diagnostics.is_empty() {
        let remedy = if model.discriminator.is_some() {
            "; mark a field of `shared(…)`, or add one: `#[orm(primary_key)] id: Auto<i64>`"
        } else if model.view.is_some() {
            "; mark the fields that tell the rows of its view apart with `#[orm(primary_key)]`"
        } else {
            "; mark its field with `#[orm(primary_key)]`, or add one: `#[orm(primary_key)] id: \
             Auto<i64>`"
        };
        let message = format!("`{}` has no primary key{remedy}", model.ident.unraw());
        diagnostics.error(model.ident.span(), message);
    }
    if let Some(field) = fields.get(MOST_KEY_FIELDS) {
        let message = format!("a primary key has at most {MOST_KEY_FIELDS} fields");
        diagnostics.error(field.ident.span(), message);
    }
    let mut generated = fields.iter().filter(|field| matches!(field.kind, Kind::Auto(_)));
    if let Some(second) = generated.nth(1) {
        let message = format!(
            "`{}` is a second key that the database makes, which it makes one of; leave out its \
             `primary_key` or its `Auto`",
            second.name
        );
        diagnostics.error(second.ident.span(), message);
    }
    for field in fields {
        if let Some((place, why)) = no_key(field) {
            diagnostics.push(syn::Error::new_spanned(place, why));
        }
    }
}

/// Why a field can't be (part of) a key, where its type's name alone tells; and the place.
pub fn no_key(field: &Field) -> Option<(&Type, String)> {
    if field.is_embedded() {
        // told by `embed`
        return None;
    }
    if field.is_nullable() {
        let message = "a primary key can't be NULL; leave the `Option` out";
        return Some((&field.ty, message.to_owned()));
    }
    let value = match &field.kind {
        Kind::Auto(value) if kind::argument(value, "Option").is_some() => {
            let message = "a primary key can't be NULL; leave the `Option` out";
            return Some((value, message.to_owned()));
        }
        Kind::Auto(value) => value,
        Kind::Plain | Kind::Nullable | Kind::Reference { .. } => &field.ty,
        // told by `relationship` and by `embed`
        Kind::Collection { .. } | Kind::Embedded { .. } => return None,
    };
    Some((value, no_key_type(value)?))
}

/// A field outside of the key whose type's name alone tells that it is no column: told here, beside the
/// other mistakes of the struct.
fn no_column(field: &Field, diagnostics: &mut Diagnostics) {
    if field.attributes.primary_key.is_some() {
        // told by `primary_key`
        return;
    }
    let ty = match &field.kind {
        Kind::Auto(value) => kind::argument(value, "Option").unwrap_or(value),
        Kind::Plain => &field.ty,
        Kind::Nullable => kind::argument(&field.ty, "Option").unwrap_or(&field.ty),
        Kind::Reference { .. } | Kind::Collection { .. } | Kind::Embedded { .. } => return,
    };
    if let Some(why) = no_integer(ty).or_else(|| no_list(ty)) {
        diagnostics.push(syn::Error::new_spanned(ty, why));
    }
}

/// Integers that databases have not.
fn no_integer(ty: &Type) -> Option<String> {
    let name = kind::simple_name(ty)?;
    let numbers = ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i128", "isize"];
    numbers.contains(&name.as_str()).then(|| {
        format!(
            "`{name}` can't be the type of a column: databases have signed integers of 2, 4 and 8 \
             bytes; use `i64` (or `i32`, `i16`)"
        )
    })
}

/// Lists, but of bytes.
fn no_list(ty: &Type) -> Option<String> {
    let of = kind::argument(ty, "Vec")?;
    (kind::simple_name(of).as_deref() != Some("u8")).then(|| {
        let of = of.to_token_stream();
        format!(
            "`Vec<{of}>` can't be the type of a column: a list of models is `Many<…>`, a list of values \
             a model of their own, or JSON (`serde_json::Value`); bytes are `Vec<u8>`"
        )
    })
}

fn no_key_type(ty: &Type) -> Option<String> {
    if matches!(ty, Type::Tuple(_)) {
        return Some("a field is one column; mark several fields with `primary_key`".to_owned());
    }
    if let Some(why) = no_integer(ty) {
        return Some(why);
    }
    let name = kind::simple_name(ty).filter(|name| matches!(name.as_str(), "f32" | "f64"))?;
    Some(format!("`{name}` can't be a primary key: floats are not exact"))
}

/// Attributes that only a column has.
pub fn column_attributes(field: &Field, diagnostics: &mut Diagnostics) {
    let attributes = &field.attributes;
    if let Some(said) = &attributes.length {
        if field.is_reference() {
            let message = "`length` of a `Ref`: its column is as long as the key it points to";
            diagnostics.error(said.at, message);
        } else if let Some(name) = no_text(&field.ty) {
            let message = format!("`length` is for text (`String`); this is `{name}`");
            diagnostics.error(said.at, message);
        } else if said.value == 0 {
            diagnostics.error(said.at, "a `length` of 0 leaves room for nothing");
        }
    }
    if let Some(said) = &attributes.sql_type {
        if field.is_reference() {
            let message =
                "`sql_type` of a `Ref`: its column is of the type of the key it points to";
            diagnostics.error(said.at, message);
        } else if attributes.length.is_some() {
            let message = "`sql_type` says the length as well; leave `length` out";
            diagnostics.error(said.at, message);
        }
    }
    if let Some(Said { at, value: false }) = attributes.index
        && !field.is_reference()
    {
        let message = "`index = false` is for a `Ref`, the only field that has an index unasked";
        diagnostics.error(at, message);
    }
}

/// The name of a type that surely is no text.
fn no_text(ty: &Type) -> Option<String> {
    let inner = kind::argument(ty, "Option").or(kind::argument(ty, "Auto")).unwrap_or(ty);
    let name = kind::simple_name(inner)?;
    let sure = [
        "bool",
        "i8",
        "i16",
        "i32",
        "i64",
        "i128",
        "isize",
        "u8",
        "u16",
        "u32",
        "u64",
        "u128",
        "usize",
        "f32",
        "f64",
        "NaiveDate",
        "NaiveTime",
        "NaiveDateTime",
        "Uuid",
        "Decimal",
    ];
    sure.contains(&name.as_str()).then_some(name)
}

/// Attributes that only a foreign key has.
fn reference_attributes(field: &Field, diagnostics: &mut Diagnostics) {
    let attributes = &field.attributes;
    if let Some(said) = &attributes.on_delete
        && !field.is_reference()
    {
        let message = "`on_delete` is for foreign keys: a field of type `Ref<…>`";
        diagnostics.error(said.at, message);
        return;
    }
    for said in [&attributes.on_delete, &attributes.on_update_key].into_iter().flatten() {
        if said.value == Action::SetNull && !field.is_nullable() {
            let message = format!(
                "`set_null` needs a foreign key that can be NULL; make the type `Option<{}>`, or \
                 choose another action",
                field.ty.to_token_stream().to_string().replace(' ', "")
            );
            diagnostics.error(said.at, message);
        }
    }
}

/// `default` and `on_update` where the value comes from elsewhere.
pub fn values(field: &Field, diagnostics: &mut Diagnostics) {
    if let Some(said) = &field.attributes.default {
        match field.kind {
            Kind::Auto(_) => {
                let message = "an `Auto` is filled by the database; leave out `default`, or the \
                               `Auto`";
                diagnostics.error(said.at, message);
            }
            Kind::Reference { .. } => {
                let message = "a `Ref` has no default; give it to `new`, or set it before `add`";
                diagnostics.error(said.at, message);
            }
            Kind::Plain | Kind::Nullable | Kind::Embedded { .. } | Kind::Collection { .. } => {}
        }
    }
    computed(field, diagnostics);
    if field.attributes.trigger.is_some() && !matches!(field.kind, Kind::Auto(_)) {
        let ty = field.ty.to_token_stream().to_string().replace(' ', "");
        let message = format!(
            "a value that a trigger makes comes back with the row; write its type `Auto<{ty}>`"
        );
        diagnostics.push(syn::Error::new_spanned(&field.ty, message));
    }
    if let (Some(said), Kind::Auto(_)) = (&field.attributes.on_update, &field.kind) {
        let message = "an `Auto` is filled by the database; leave out `on_update`, or the `Auto`";
        diagnostics.error(said.at, message);
    }
}

/// `computed` on what the database can make, and nobody else.
fn computed(field: &Field, diagnostics: &mut Diagnostics) {
    let attributes = &field.attributes;
    let Some(said) = &attributes.computed else { return };
    if field.is_reference() {
        let message = "a `Ref` can't be computed: it is written with the object it points to; leave \
                       `computed` out";
        diagnostics.error(said.at, message);
    } else if attributes.primary_key.is_some() {
        let message = "a primary key can't be computed: rows are found by it; leave out `computed`, \
                       or the `primary_key`";
        diagnostics.error(said.at, message);
    } else if attributes.server_default.is_some() {
        let message = "a computed column has no default; leave out `server_default` or `computed`";
        diagnostics.error(said.at, message);
    } else if !matches!(field.kind, Kind::Auto(_)) {
        let ty = field.ty.to_token_stream().to_string().replace(' ', "");
        let message = format!(
            "a computed column is made by the database, never by the program; write its type \
             `Auto<{ty}>`"
        );
        diagnostics.push(syn::Error::new_spanned(&field.ty, message));
    }
}

/// `author_id` beside `author: Ref<…>`: the `Ref` is that column. The key's real name is known at
/// registration only; `id` is what it is mostly called. `column = "…"` says that it is meant.
fn key_columns_beside_references(model: &Model, diagnostics: &mut Diagnostics) {
    for reference in model.fields.iter().filter(|field| field.is_reference()) {
        if reference.attributes.column.is_some() {
            continue;
        }
        let Some(beside) = model.field(&format!("{}_id", reference.name)) else { continue };
        if beside.attributes.column.is_none() && !beside.is_relationship() {
            let message = format!(
                "`{0}` is the column `{1}` already: a `Ref` is the foreign key and the \
                 relationship in one; leave `{1}` out",
                reference.name, beside.name
            );
            diagnostics.error(beside.ident.span(), message);
        }
    }
}

pub fn column_names(model: &Model, diagnostics: &mut Diagnostics) {
    let mut fields: HashMap<&str, &Field> = HashMap::new();
    for field in &model.fields {
        let Some(column) = field.column() else { continue };
        let Some(other) = fields.insert(column, field) else { continue };
        let message = format!(
            "`{}` and `{}` are both column `{column}`; rename one by `#[orm(column = \"…\")]`",
            other.name, field.name
        );
        let said = [field, other].into_iter().find_map(|field| field.attributes.column.as_ref());
        diagnostics.error(said.map_or(field.ident.span(), |said| said.at), message);
    }
}

pub fn constructor(model: &Model, diagnostics: &mut Diagnostics) {
    let Some(Said { at, value: arguments }) = &model.arguments else { return };
    if let Some(Said { value: Constructor::None, .. }) = model.constructor {
        diagnostics.error(*at, "`constructor(…)` and `constructor = none` exclude each other");
        return;
    }
    for (index, argument) in arguments.iter().enumerate() {
        let name = argument.unraw().to_string();
        if model.field(&name).is_none() {
            let known = model.fields.iter().map(|field| field.name.as_str());
            let message = format!("no field `{name}`; {}", suggestion(&name, known));
            diagnostics.error(argument.span(), message);
        }
        if arguments[..index].iter().any(|before| before.unraw() == name) {
            diagnostics.error(argument.span(), format!("`{name}` is said twice; keep one"));
        }
    }
    let missing: Vec<String> = model
        .fields
        .iter()
        .filter(|field| field.is_required())
        .filter(|field| !arguments.iter().any(|argument| argument.unraw() == field.name))
        .map(|field| format!("`{}`", field.name))
        .collect();
    // a mistyped name is not missing as well
    if !missing.is_empty()
        && arguments.iter().all(|a| model.field(&a.unraw().to_string()).is_some())
    {
        let message = format!(
            "`constructor(…)` leaves out {}, which has no value otherwise; name it, or give it a \
             `default`",
            missing.join(", ")
        );
        diagnostics.error(*at, message);
    }
}

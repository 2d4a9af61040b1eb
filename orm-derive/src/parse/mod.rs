//! From the struct as `syn` reads it to the macro's own model.
//!
//! Says what can't be read; what is read and makes no sense is said by `check`.

pub mod attribute;
pub mod constructor;
pub mod field;
pub mod kind;
mod relationship;
mod table;
mod variants;

use crate::ast::{Model, Said, TableAttributes};
use crate::diagnostics::{Diagnostics, suggestion};
use attribute::{Item, known_elsewhere};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, FieldsNamed, Ident, Path};

/// The attributes of a struct, and how each is written.
pub const STRUCT_ATTRIBUTES: [(&str, &str); 16] = [
    ("table", "table = \"articles\""),
    ("view", "view = \"active_authors\""),
    ("query", "query = \"SELECT …\""),
    ("schema", "schema = \"blog\""),
    ("primary_key", "primary_key(a, b)"),
    ("unique", "unique(a, b)"),
    ("index", "index(a, b.desc())"),
    ("check", "check(\"price > 0\", name = \"price\")"),
    ("comment", "comment = \"what it holds\""),
    ("foreign_key", "foreign_key(a, b => Other(x, y))"),
    ("constructor", "constructor(slug, title)`, `constructor = \"create\"` or `constructor = none"),
    ("discriminator", "discriminator = \"kind\""),
    ("shared", "shared(#[orm(primary_key)] id: Auto<i64>)"),
    ("variant_of", "variant_of = Payment"),
    ("serde", "serde"),
    ("crate", "crate = \"::orm\""),
];

/// The attributes of a field, and how each is written.
pub const FIELD_ATTRIBUTES: [(&str, &str); 24] = [
    ("primary_key", "primary_key"),
    ("unique", "unique` or `unique(deferrable)"),
    ("index", "index` or `index = false"),
    ("length", "length = 100"),
    ("comment", "comment = \"what it holds\""),
    ("check", "check = \"price > 0\""),
    ("column", "column = \"name\""),
    ("embed", "embed"),
    ("prefix", "prefix = \"ship_\""),
    ("default", "default = now` or `default = expression"),
    ("server_default", "server_default = \"now()\""),
    ("sql_type", "sql_type = \"numeric(10, 2)\""),
    ("computed", "computed = \"price * amount\""),
    ("on_update", "on_update = now`, or `on_update = cascade` for a `Ref"),
    ("version", "version` or `version = xmin"),
    ("on_delete", "on_delete = cascade"),
    ("back_populates", "back_populates = author"),
    ("secondary", "secondary = \"article_tags\""),
    ("cascade", "cascade(all, delete_orphan)"),
    ("passive_deletes", "passive_deletes"),
    ("order_by", "order_by = title` or `order_by(title, created_on.desc())"),
    ("position", "position = place"),
    ("view_only", "view_only"),
    ("filter", "filter = |article| article.views.ge(100)"),
];

/// Something that can be no model; the mistake is told.
pub struct NoModel {
    /// `crate = "…"`.
    pub root: Option<Said<Path>>,
    /// Whether `serde` is said.
    pub serde: bool,
    /// Whether `variant_of` is said.
    pub variant: bool,
}

/// Reads a struct.
pub fn model(input: &DeriveInput, diagnostics: &mut Diagnostics) -> Result<Model, NoModel> {
    let mut model = Model {
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        fields: Vec::new(),
        root: None,
        table: None,
        view: None,
        query: None,
        schema: None,
        said: TableAttributes::default(),
        serde: None,
        arguments: None,
        constructor: None,
        discriminator: None,
        shared: None,
        variants: Vec::new(),
        variant_of: None,
    };
    for item in attribute::items(&input.attrs, diagnostics) {
        set(&mut model, &item, diagnostics);
    }
    if let Data::Enum(data) = &input.data
        && (model.discriminator.is_some() || model.shared.is_some())
        && input.generics.params.is_empty()
    {
        return match variants::read(&mut model, data, diagnostics) {
            Some(()) => {
                mark_key(&mut model, diagnostics);
                Ok(model)
            }
            None => Err(no_model(model)),
        };
    }
    match named_fields(input) {
        Ok(fields) => {
            model.fields =
                fields.named.iter().filter_map(|read| field::field(read, diagnostics)).collect();
            mark_key(&mut model, diagnostics);
            Ok(model)
        }
        Err(error) => {
            diagnostics.push(error);
            Err(no_model(model))
        }
    }
}

fn no_model(model: Model) -> NoModel {
    NoModel { root: model.root, serde: model.serde.is_some(), variant: model.variant_of.is_some() }
}

/// Marks the fields that `primary_key(…)` names; said in both places it is said twice.
fn mark_key(model: &mut Model, diagnostics: &mut Diagnostics) {
    let Some(said) = &model.said.primary_key else { return };
    let before = model.fields.iter().find_map(|field| field.attributes.primary_key.as_ref());
    if let Some(before) = before {
        let message = "the primary key is said twice; keep `primary_key(…)` of the model, or those \
                       of its fields";
        diagnostics.error(before.at, message);
    }
    let positions: Vec<usize> = said.value.iter().filter_map(|name| model.position(name)).collect();
    let at = said.at;
    for position in positions {
        model.fields[position].attributes.primary_key = Some(Said { at, value: () });
    }
}

/// The fields of what can be a model.
fn named_fields(input: &DeriveInput) -> syn::Result<&FieldsNamed> {
    let error = |message| Err(syn::Error::new(input.ident.span(), message));
    let Data::Struct(data) = &input.data else {
        return error(
            "only a struct with named fields can be a model, or an enum of such structs, which says \
             how they are told apart: `#[orm(discriminator = \"kind\")]`",
        );
    };
    let Fields::Named(fields) = &data.fields else {
        return error(
            "only a struct with named fields can be a model: write `struct Name { field: Type }`",
        );
    };
    if !input.generics.params.is_empty() {
        let message = "a model has no type parameters and no lifetimes: its fields are the columns \
                       of one table";
        return Err(syn::Error::new_spanned(&input.generics.params, message));
    }
    let names = fields.named.iter().filter_map(|field| field.ident.as_ref());
    match names.into_iter().find_map(reserved) {
        Some(error) => Err(error),
        None => Ok(fields),
    }
}

/// The error for a name that the derive may emit itself.
fn reserved(name: &Ident) -> Option<syn::Error> {
    let message = "names that begin with `__` are kept for what the derive emits";
    let kept = name.unraw().to_string().starts_with("__");
    kept.then(|| syn::Error::new(name.span(), message))
}

fn set(model: &mut Model, item: &Item, diagnostics: &mut Diagnostics) {
    match item.name.as_str() {
        "table" => item.set(&mut model.table, item.identifier(diagnostics), diagnostics),
        "view" => item.set(&mut model.view, item.identifier(diagnostics), diagnostics),
        "query" => item.set(&mut model.query, item.sql(diagnostics), diagnostics),
        "schema" => item.set(&mut model.schema, item.identifier(diagnostics), diagnostics),
        "serde" => item.set(&mut model.serde, item.flag(diagnostics), diagnostics),
        "crate" => item.set(&mut model.root, item.path(diagnostics), diagnostics),
        "primary_key" if item.is_list() => {
            let fields = table::fields(item, diagnostics);
            item.set(&mut model.said.primary_key, fields, diagnostics);
        }
        "unique" | "index" | "check" if item.is_list() => {
            table::set(&mut model.said, item, diagnostics);
        }
        "comment" => item.set(&mut model.said.comment, item.text(diagnostics), diagnostics),
        "foreign_key" => table::set(&mut model.said, item, diagnostics),
        "constructor" => constructor::set(model, item, diagnostics),
        "discriminator" => {
            let field = variants::discriminator(item, diagnostics);
            item.set(&mut model.discriminator, field, diagnostics);
        }
        "shared" => item.set(&mut model.shared, variants::shared(item, diagnostics), diagnostics),
        "variant_of" => {
            item.set(&mut model.variant_of, variants::variant_of(item, diagnostics), diagnostics);
        }
        name => {
            let message = match known_elsewhere(name, &FIELD_ATTRIBUTES) {
                Some(written) => {
                    // where there are several forms, the first
                    let written = written.split('`').next().unwrap_or(written);
                    format!("`{name}` is said on a field: `#[orm({written})]` above the field")
                }
                None if matches!(name, "rename" | "name" | "table_name") => format!(
                    "unknown attribute `{name}` of a model; the name of its table is `table = \"…\"`"
                ),
                None => format!(
                    "unknown attribute `{name}` of a model; {}",
                    suggestion(name, STRUCT_ATTRIBUTES.iter().map(|(name, _)| *name))
                ),
            };
            diagnostics.error(item.span, message);
        }
    }
}

impl Item {
    /// Keeps what was read; an attribute said twice is a mistake.
    pub fn set<T>(
        &self,
        slot: &mut Option<Said<T>>,
        value: Option<T>,
        diagnostics: &mut Diagnostics,
    ) {
        if slot.is_some() {
            diagnostics.error(self.span, format!("`{}` is said twice; keep one", self.name));
        } else if let Some(value) = value {
            *slot = Some(Said { at: self.span, value });
        }
    }

    /// A path in quotes.
    pub fn path(&self, diagnostics: &mut Diagnostics) -> Option<Path> {
        let text = self.string(diagnostics)?;
        let path = text.parse_with(Path::parse_mod_style);
        if path.is_err() {
            let message = format!("`{}` is no path; write `crate = \"::orm\"`", text.value());
            diagnostics.error(text.span(), message);
        }
        path.ok()
    }
}

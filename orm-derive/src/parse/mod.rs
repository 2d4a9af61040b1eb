//! From the struct as `syn` reads it to the macro's own model.
//!
//! Says what can't be read; what is read and makes no sense is said by `check`.

mod attribute;
mod field;
pub mod kind;

use crate::ast::{Constructor, Model, Said};
use crate::diagnostics::{Diagnostics, suggestion};
use attribute::{Item, known_elsewhere};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Data, DeriveInput, Fields, Ident, Path, Token};

/// The attributes of a struct, and how each is written.
pub const STRUCT_ATTRIBUTES: [(&str, &str); 4] = [
    ("table", "table = \"articles\""),
    ("schema", "schema = \"blog\""),
    ("constructor", "constructor(slug, title)`, `constructor = \"create\"` or `constructor = none"),
    ("crate", "crate = \"::orm\""),
];

/// Reads a struct; `None`, with the mistake told, for what can be no model.
pub fn model(input: &DeriveInput, diagnostics: &mut Diagnostics) -> Option<Model> {
    let Data::Struct(data) = &input.data else {
        let message = "only a struct with named fields can be a model";
        diagnostics.error(input.ident.span(), message);
        return None;
    };
    let Fields::Named(fields) = &data.fields else {
        let message = "only a struct with named fields can be a model: write \
                       `struct Name { field: Type }`";
        diagnostics.error(input.ident.span(), message);
        return None;
    };
    if !input.generics.params.is_empty() {
        let message = "a model has no type parameters and no lifetimes: its fields are the columns \
                       of one table";
        diagnostics.push(syn::Error::new_spanned(&input.generics.params, message));
        return None;
    }
    let mut model = Model {
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        fields: Vec::new(),
        root: None,
        table: None,
        schema: None,
        arguments: None,
        constructor: None,
    };
    for item in attribute::items(&input.attrs, diagnostics) {
        set(&mut model, &item, diagnostics);
    }
    model.fields =
        fields.named.iter().filter_map(|field| field::field(field, diagnostics)).collect();
    Some(model)
}

fn set(model: &mut Model, item: &Item, diagnostics: &mut Diagnostics) {
    match item.name.as_str() {
        "table" => item.set(&mut model.table, item.identifier(diagnostics), diagnostics),
        "schema" => item.set(&mut model.schema, item.identifier(diagnostics), diagnostics),
        "crate" => {
            if let Some(path) = item.path(diagnostics) {
                model.root = Some(path);
            }
        }
        "constructor" if item.is_list() => {
            item.set(&mut model.arguments, arguments(item, diagnostics), diagnostics);
        }
        "constructor" => {
            item.set(&mut model.constructor, constructor(item, diagnostics), diagnostics);
        }
        name => {
            let message = match known_elsewhere(name, &field::FIELD_ATTRIBUTES) {
                Some(written) => {
                    format!("`{name}` is said on a field: `#[orm({written})]` above the field")
                }
                None => format!(
                    "unknown attribute `{name}` of a model; {}",
                    suggestion(name, STRUCT_ATTRIBUTES.iter().map(|(name, _)| *name))
                ),
            };
            diagnostics.error(item.span, message);
        }
    }
}

/// `constructor(a, b)`.
fn arguments(item: &Item, diagnostics: &mut Diagnostics) -> Option<Vec<Ident>> {
    item.parse_list(diagnostics, |input| {
        let names = Punctuated::<Ident, Token![,]>::parse_terminated_with(input, Ident::parse_any)?;
        Ok(names.into_iter().collect())
    })
}

/// `constructor = "name"` or `constructor = none`.
fn constructor(item: &Item, diagnostics: &mut Diagnostics) -> Option<Constructor> {
    if item.word().is_some_and(|word| word == "none") {
        return Some(Constructor::None);
    }
    let text = item.string(diagnostics)?;
    match text.parse_with(Ident::parse_any) {
        Ok(name) => Some(Constructor::Named(name)),
        Err(_) => {
            let message = format!("`{}` can't be the name of a function", text.value());
            diagnostics.error(text.span(), message);
            None
        }
    }
}

/// Makes a said value of a parsed one.
impl Item {
    /// Keeps what was read; an attribute said twice is a mistake.
    fn set<T>(&self, slot: &mut Option<Said<T>>, value: Option<T>, diagnostics: &mut Diagnostics) {
        if slot.is_some() {
            diagnostics.error(self.span, format!("`{}` is said twice; keep one", self.name));
        } else if let Some(value) = value {
            *slot = Some(Said { at: self.span, value });
        }
    }

    /// A path in quotes.
    fn path(&self, diagnostics: &mut Diagnostics) -> Option<Path> {
        let text = self.string(diagnostics)?;
        match text.parse_with(Path::parse_mod_style) {
            Ok(path) => Some(path),
            Err(_) => {
                let message = format!("`{}` is no path; write `crate = \"::orm\"`", text.value());
                diagnostics.error(text.span(), message);
                None
            }
        }
    }
}

//! `#[derive(Embed)]`: a struct whose fields are columns of the models that embed it.
//!
//! It is read into the same `ast` as a model, and its fields are checked as those of one are; what
//! only models have is told. `expand::embed` writes the code.

use crate::ast::{Model, TableAttributes};
use crate::check;
use crate::db_type::no_generics;
use crate::diagnostics::{Diagnostics, suggestion};
use crate::expand::embed as expand;
use crate::parse::attribute::{self, known_elsewhere};
use crate::parse::{STRUCT_ATTRIBUTES, constructor, field};
use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields};

/// The attributes of the struct.
const KNOWN: [&str; 2] = ["constructor", "crate"];

/// The code, and the mistakes before it.
pub fn derive(input: &DeriveInput) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let mut embedded = Model {
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
    for item in attribute::items(&input.attrs, &mut diagnostics) {
        let slot = &mut diagnostics;
        match item.name.as_str() {
            "crate" => item.set(&mut embedded.root, item.path(slot), slot),
            "constructor" => constructor::set(&mut embedded, &item, slot),
            name => {
                let message = match known_elsewhere(name, &STRUCT_ATTRIBUTES) {
                    Some(_) => format!("`{name}` is said of a model, not of an embedded struct"),
                    None => format!(
                        "unknown attribute `{name}` of an embedded struct; {}",
                        suggestion(name, KNOWN)
                    ),
                };
                slot.error(item.span, message);
            }
        }
    }
    let has_parameters = !input.generics.params.is_empty();
    if read_fields(&mut embedded, input, &mut diagnostics).is_none() {
        let mistakes = diagnostics.into_tokens();
        // of a type with parameters nothing can be said
        let stub = (!has_parameters).then(|| expand::stub(&embedded));
        return quote::quote!(#mistakes #stub);
    }
    check(&embedded, &mut diagnostics);
    expand::embedded(&embedded, diagnostics)
}

fn read_fields(
    embedded: &mut Model,
    input: &DeriveInput,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => Some(&fields.named),
            _ => None,
        },
        Data::Enum(_) | Data::Union(_) => None,
    };
    let Some(fields) = fields else {
        let message = match &input.data {
            Data::Enum(_) => {
                "an embedded struct has named fields; an enum of names is one column, by \
                 `#[derive(DbEnum)]`"
            }
            _ => {
                "an embedded struct has named fields: `struct Address { street: String }`; a \
                 newtype is one column, by `#[derive(DbType)]`"
            }
        };
        diagnostics.error(input.ident.span(), message);
        return None;
    };
    no_generics(&input.generics, "an embedded struct", diagnostics)?;
    let reserved = fields.iter().filter_map(|field| field.ident.as_ref());
    if let Some(name) = reserved.into_iter().find(|name| name.unraw().to_string().starts_with("__"))
    {
        let message = "names that begin with `__` are kept for what the derive emits";
        diagnostics.error(name.span(), message);
        return None;
    }
    embedded.fields = fields.iter().filter_map(|read| field::field(read, diagnostics)).collect();
    Some(())
}

fn check(embedded: &Model, diagnostics: &mut Diagnostics) {
    for field in &embedded.fields {
        if !check::embed::inner(field, diagnostics) {
            continue;
        }
        check::embed::embedding(field, diagnostics);
        if !field.is_embedded() {
            check::column_attributes(field, diagnostics);
            check::values(field, diagnostics);
        }
    }
    check::column_names(embedded, diagnostics);
    check::constructor(embedded, diagnostics);
}

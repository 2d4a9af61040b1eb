//! `#[derive(DbEnum)]`: an enum of names is the type of a column, stored by its labels.
//!
//! The phases: `parse` reads the enum and its attributes, `check` says which labels contradict one
//! another, `expand` writes the code. After a mistake a stub is written, so that models with fields
//! of the enum stay quiet.

use crate::ast::Said;
use crate::db_type::{no_generics, reference, stub};
use crate::diagnostics::{Diagnostics, suggestion};
use crate::expand::private;
use crate::name::snake_case;
use crate::parse::attribute::{self, Item};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use std::collections::HashMap;
use syn::ext::IdentExt;
use syn::{Data, DataEnum, DeriveInput, Fields, Ident, Path};

/// The attributes of the enum.
const ATTRIBUTES: [&str; 3] = ["name", "schema", "crate"];

/// PostgreSQL's limit of a name and of a label, in bytes.
const LONGEST: usize = 63;

/// An enum of unit variants.
struct Labels<'a> {
    ident: &'a Ident,
    variants: Vec<Variant<'a>>,
    name: Option<Said<String>>,
    schema: Option<Said<String>>,
    root: Option<Said<Path>>,
}

struct Variant<'a> {
    ident: &'a Ident,
    label: String,
    /// Where the label is said.
    at: Span,
}

/// The code, or the mistakes and a stub.
pub fn derive(input: &DeriveInput) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let mut labels =
        Labels { ident: &input.ident, variants: Vec::new(), name: None, schema: None, root: None };
    if parse(&mut labels, input, &mut diagnostics).is_some() {
        check(&labels, &mut diagnostics);
    }
    if diagnostics.is_empty() {
        return expand(&labels);
    }
    let stub = stub(input, labels.root.as_ref());
    let mistakes = diagnostics.into_tokens();
    quote!(#mistakes #stub)
}

fn parse<'a>(
    labels: &mut Labels<'a>,
    input: &'a DeriveInput,
    diagnostics: &mut Diagnostics,
) -> Option<()> {
    for item in attribute::items(&input.attrs, diagnostics) {
        set(labels, &item, diagnostics);
    }
    let Data::Enum(data) = &input.data else {
        let message = "only an enum of names can be stored by them: `enum Status { Draft, \
                       Published }`; a struct around one value is stored by `#[derive(DbType)]`";
        diagnostics.error(input.ident.span(), message);
        return None;
    };
    no_generics(&input.generics, "an enum that is stored", diagnostics)?;
    labels.variants = variants(data, diagnostics)?;
    Some(())
}

fn set(labels: &mut Labels<'_>, item: &Item, diagnostics: &mut Diagnostics) {
    match item.name.as_str() {
        "name" => item.set(&mut labels.name, item.identifier(diagnostics), diagnostics),
        "schema" => item.set(&mut labels.schema, item.identifier(diagnostics), diagnostics),
        "crate" => item.set(&mut labels.root, item.path(diagnostics), diagnostics),
        "value" => {
            let message = "`value` is said of a variant: `#[orm(value = \"…\")]` above the variant";
            diagnostics.error(item.span, message);
        }
        name => {
            let message =
                format!("unknown attribute `{name}` of an enum; {}", suggestion(name, ATTRIBUTES));
            diagnostics.error(item.span, message);
        }
    }
}

fn variants<'a>(data: &'a DataEnum, diagnostics: &mut Diagnostics) -> Option<Vec<Variant<'a>>> {
    let mut variants = Vec::new();
    let mut readable = true;
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            let message = format!(
                "`{0}` holds values, and a label can't; leave them out, or store them in columns \
                 beside it",
                variant.ident
            );
            diagnostics.push(syn::Error::new_spanned(&variant.fields, message));
            readable = false;
        }
        let mut value = None;
        for item in attribute::items(&variant.attrs, diagnostics) {
            match item.name.as_str() {
                "value" => item.set(&mut value, item.identifier(diagnostics), diagnostics),
                name => {
                    let message = format!(
                        "unknown attribute `{name}` of a variant; what is stored for it is said by \
                         `#[orm(value = \"…\")]`"
                    );
                    diagnostics.error(item.span, message);
                }
            }
        }
        let (label, at) = match value {
            Some(Said { at, value }) => (value, at),
            None => (snake_case(&variant.ident.unraw().to_string()), variant.ident.span()),
        };
        variants.push(Variant { ident: &variant.ident, label, at });
    }
    readable.then_some(variants)
}

fn check(labels: &Labels<'_>, diagnostics: &mut Diagnostics) {
    if labels.variants.is_empty() {
        let message = format!(
            "`{}` has no variants, so that no value could be stored; name some",
            labels.ident
        );
        diagnostics.error(labels.ident.span(), message);
    }
    let mut known: HashMap<&str, &Ident> = HashMap::new();
    for Variant { ident, label, at } in &labels.variants {
        if let Some(other) = known.insert(label, ident) {
            let message = format!(
                "`{other}` and `{ident}` are both stored as `{label}`; say another one by \
                 `#[orm(value = \"…\")]`"
            );
            diagnostics.error(*at, message);
        }
        too_long(label, *at, diagnostics);
    }
    let at = labels.name.as_ref().map_or(labels.ident.span(), |said| said.at);
    too_long(&name(labels), at, diagnostics);
}

fn too_long(text: &str, at: Span, diagnostics: &mut Diagnostics) {
    if text.len() > LONGEST {
        let message = format!("`{text}` is longer than {LONGEST} bytes, which PostgreSQL keeps");
        diagnostics.error(at, message);
    }
}

/// The type's name.
fn name(labels: &Labels<'_>) -> String {
    match &labels.name {
        Some(said) => said.value.clone(),
        None => snake_case(&labels.ident.unraw().to_string()),
    }
}

fn expand(labels: &Labels<'_>) -> TokenStream {
    let ident = labels.ident;
    let root = private(labels.root.as_ref());
    let (rust, name) = (ident.unraw().to_string(), name(labels));
    let schema = labels.schema.as_ref().map(|said| &said.value);
    let schema = schema.map_or(quote!(__orm::None), |schema| quote!(__orm::Some(#schema)));
    let stored: Vec<&String> = labels.variants.iter().map(|variant| &variant.label).collect();
    let variants: Vec<&Ident> = labels.variants.iter().map(|variant| variant.ident).collect();
    let reference = reference(ident);
    quote! {
        #[doc(hidden)]
        #[allow(non_upper_case_globals, dead_code, clippy::all, clippy::pedantic)]
        const _: () = {
            use #root as __orm;

            static __TYPE: __orm::EnumType = __orm::EnumType {
                schema: #schema,
                name: #name,
                labels: &[#(#stored),*],
            };

            fn __label(value: &#ident) -> &'static __orm::str {
                match value {
                    #(#ident::#variants => #stored,)*
                }
            }

            #[automatically_derived]
            impl __orm::DbType for #ident {
                const TYPE: __orm::ColumnType = __orm::ColumnType::Enum(&__TYPE);

                fn encode(&self, out: &mut dyn __orm::BindWriter) {
                    out.put(__orm::ValueRef::Text(__label(self)));
                }

                fn decode(cell: __orm::Cell<'_>) -> __orm::StdResult<Self, __orm::Mismatch> {
                    match __orm::label(cell, #rust)? {
                        #(#stored => __orm::Ok(#ident::#variants),)*
                        _ => __orm::Err(__orm::unknown_label(#rust)),
                    }
                }

                fn same(&self, other: &Self) -> __orm::bool {
                    __label(self) == __label(other)
                }
            }

            #reference
        };
    }
}

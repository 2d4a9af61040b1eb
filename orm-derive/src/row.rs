//! `#[derive(Row)]`: a struct of what a query returns, selected and read by the names of its fields.
//!
//! The phases: `parse` reads the struct, with what can't be read told; `expand` writes
//! `StatsSelect`, which is selected, and how both kinds of rows are read.

use crate::ast::Said;
use crate::db_type::no_generics;
use crate::diagnostics::{Diagnostics, suggestion};
use crate::expand::private;
use crate::parse::attribute;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, Ident, Path, Type, Visibility};

/// A struct of what a query returns.
struct Row<'a> {
    ident: &'a Ident,
    vis: &'a Visibility,
    fields: Vec<Field<'a>>,
    root: Option<Said<Path>>,
}

struct Field<'a> {
    ident: &'a Ident,
    vis: &'a Visibility,
    ty: &'a Type,
    /// The column it is read from in a row of `text()`.
    column: String,
}

/// The code, or the mistakes.
pub fn derive(input: &DeriveInput) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    match parse(input, &mut diagnostics) {
        Some(row) if diagnostics.is_empty() => expand(&row),
        _ => diagnostics.into_tokens(),
    }
}

fn parse<'a>(input: &'a DeriveInput, diagnostics: &mut Diagnostics) -> Option<Row<'a>> {
    let mut root = None;
    for item in attribute::items(&input.attrs, diagnostics) {
        match item.name.as_str() {
            "crate" => item.set(&mut root, item.path(diagnostics), diagnostics),
            name => {
                let known = suggestion(name, ["crate"]);
                let message = format!("unknown attribute `{name}` of a row; {known}");
                diagnostics.error(item.span, message);
            }
        }
    }
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => &fields.named,
            _ => return no_row(input, diagnostics),
        },
        _ => return no_row(input, diagnostics),
    };
    no_generics(&input.generics, "a row", diagnostics)?;
    let fields = fields.iter().filter_map(|field| self::field(field, diagnostics)).collect();
    Some(Row { ident: &input.ident, vis: &input.vis, fields, root })
}

fn no_row<'a>(input: &DeriveInput, diagnostics: &mut Diagnostics) -> Option<Row<'a>> {
    let message = "a row is a struct with named fields: `struct Stats { title: String, tags: i64 }`; \
                   without names select a tuple";
    diagnostics.error(input.ident.span(), message);
    None
}

fn field<'a>(field: &'a syn::Field, diagnostics: &mut Diagnostics) -> Option<Field<'a>> {
    let ident = field.ident.as_ref()?;
    let mut column = None;
    for item in attribute::items(&field.attrs, diagnostics) {
        match item.name.as_str() {
            "column" => item.set(&mut column, item.identifier(diagnostics), diagnostics),
            name => {
                let known = suggestion(name, ["column"]);
                let message = format!("unknown attribute `{name}` of a field of a row; {known}");
                diagnostics.error(item.span, message);
            }
        }
    }
    let column = column.map_or_else(|| ident.unraw().to_string(), |said: Said<String>| said.value);
    Some(Field { ident, vis: &field.vis, ty: &field.ty, column })
}

fn expand(row: &Row<'_>) -> TokenStream {
    let Row { ident, vis, fields, root } = row;
    let root = private(root.as_ref());
    let name = ident.unraw().to_string();
    let select = format_ident!("{}Select", ident);
    let names: Vec<&Ident> = fields.iter().map(|field| field.ident).collect();
    let visibilities = fields.iter().map(|field| field.vis);
    let types: Vec<&Type> = fields.iter().map(|field| field.ty).collect();
    let parameters: Vec<Ident> =
        (0..fields.len()).map(|index| format_ident!("__S{index}")).collect();
    let places = places(row);
    let from_row = from_row(row);
    let description = format!("What is selected for each field of [`{name}`].");
    let docs = names.iter().map(|field| format!("What `{}` is read from.", field.unraw()));
    quote! {
        #[doc = #description]
        #[allow(dead_code, non_camel_case_types)]
        #vis struct #select<#(#parameters),*> {
            #(
                #[doc = #docs]
                #visibilities #names: #parameters,
            )*
        }

        #[doc(hidden)]
        #[allow(non_upper_case_globals, dead_code, clippy::all, clippy::pedantic)]
        const _: () = {
            #[allow(unused_imports)]
            use #root::{self as __orm, AbsentRowField as _};

            #[automatically_derived]
            impl<#(#parameters: __orm::Clone),*> __orm::Clone for #select<#(#parameters),*> {
                fn clone(&self) -> Self {
                    Self { #(#names: __orm::Clone::clone(&self.#names)),* }
                }
            }

            #[automatically_derived]
            impl<#(#parameters: __orm::Selects<#types>),*> __orm::Selection
                for #select<#(#parameters),*>
            {
                type Plain = #ident;
                type Tracked = #ident;

                fn add_to(&self, __statement: &mut __orm::SelectStatement) {
                    #(__orm::Selection::add_to(&self.#names, __statement);)*
                }

                fn plain(__row: &mut __orm::RowReader<'_>) -> __orm::Result<#ident> {
                    __orm::Ok(#ident {
                        #(#names: __orm::in_field(
                            <#parameters as __orm::Selection>::plain(__row),
                            #places,
                        )?,)*
                    })
                }

                fn tracked<__T: __orm::Tracker>(
                    __row: &mut __orm::RowReader<'_>,
                    _: &mut __T,
                ) -> __orm::Result<#ident> {
                    <Self as __orm::Selection>::plain(__row)
                }
            }

            #from_row
        };
    }
}

/// `Stats.title`, as errors call the fields.
fn places(row: &Row<'_>) -> Vec<String> {
    let name = row.ident.unraw();
    row.fields.iter().map(|field| format!("{name}.{}", field.ident.unraw())).collect()
}

/// How a row of `text()` is read: by the names of its columns.
fn from_row(row: &Row<'_>) -> TokenStream {
    let (ident, places) = (row.ident, places(row));
    let names = row.fields.iter().map(|field| field.ident);
    let types = row.fields.iter().map(|field| field.ty);
    let columns = row.fields.iter().map(|field| &field.column);
    quote! {
        #[automatically_derived]
        impl __orm::FromRow for #ident {
            fn from_row(__row: &__orm::ResultRow) -> __orm::Result<Self> {
                __orm::Ok(Self {
                    #(#names: __orm::RowField::<#types>::read(__row, #columns, #places)?,)*
                })
            }
        }
    }
}

//! What fields are filled with: by `default = …` and `on_update = …`, in `new` and elsewhere.

use crate::ast::{Field, Fill, Kind, Model};
use crate::parse::kind;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

/// The value of `default = …` or `on_update = …`.
pub fn filled(root: &TokenStream, field: &Field, fill: &Fill) -> TokenStream {
    let ty = &field.ty;
    match fill {
        Fill::Now => emitted(root, &quote!(#root::Emitted::<#ty>::now())),
        Fill::Value(value) if is_text(field) && is_text_literal(value) => {
            quote!(#root::From::from(#value))
        }
        Fill::Value(value) => quote!(#value),
    }
}

/// What a new object has in a field that is given no value: by `default = …`, or of a version.
pub fn initial(root: &TokenStream, field: &Field) -> Option<TokenStream> {
    if field.is_written_version() {
        let ty = &field.ty;
        return Some(emitted(root, &quote!(#root::Emitted::<#ty>::first_version())));
    }
    Some(filled(root, field, &field.attributes.default.as_ref()?.value))
}

/// A call that also works for types that are no fields, see `orm_core::model::emitted`.
pub fn emitted(root: &TokenStream, call: &TokenStream) -> TokenStream {
    quote! {{
        #[allow(unused_imports)]
        use #root::Absent as _;
        #call
    }}
}

pub fn is_text(field: &Field) -> bool {
    kind::simple_name(&field.ty).is_some_and(|name| name == "String")
}

fn is_text_literal(value: &TokenStream) -> bool {
    syn::parse2::<syn::LitStr>(value.clone()).is_ok()
}

/// The function that makes the default value of a field: written once, for `new` and for reading, so
/// that a mistake in it is told once. `None` where `new` needs no function.
pub fn default(model: &Model, field: &Field) -> Option<Ident> {
    let attributes = &field.attributes;
    let has = (attributes.default.is_some() || field.is_written_version())
        && matches!(field.kind, Kind::Plain | Kind::Nullable | Kind::Embedded { .. })
        && model.is_serial();
    has.then(|| format_ident!("__default_{}", field.name))
}

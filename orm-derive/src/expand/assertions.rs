//! The one place where each field's type is asked to be what it looks like.
//!
//! The types of a primary key are asserted where `Model::Key` is named.

use super::Context;
use crate::ast::{Field, Fill, Kind};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// A function that is never called.
pub fn expand(context: &Context<'_>) -> TokenStream {
    let assertions: Vec<TokenStream> =
        context.model.fields.iter().filter_map(|field| assertion(context, field)).collect();
    quote! {
        fn __assertions() {
            #(#assertions)*
        }
    }
}

fn assertion(context: &Context<'_>, field: &Field) -> Option<TokenStream> {
    let private = &context.private;
    let ty = &field.ty;
    let key = field.attributes.primary_key.is_some();
    if let Kind::Reference { target, .. } = &field.kind {
        let reference =
            quote_spanned!(ty.span()=> let _ = <#ty as #private::ReferenceField>::__IS;);
        let model = quote_spanned!(target.span()=> let _ = <#target as #private::Model>::meta;);
        return Some(if key { reference } else { quote!(#reference #model) });
    }
    if has_now(field) {
        return Some(quote_spanned!(ty.span()=> let _ = <#ty as #private::MomentField>::__IS;));
    }
    (!key).then(|| quote_spanned!(ty.span()=> let _ = <#ty as #private::ColumnField>::__IS;))
}

fn has_now(field: &Field) -> bool {
    let attributes = &field.attributes;
    [&attributes.default, &attributes.on_update]
        .into_iter()
        .flatten()
        .any(|said| Fill::is_now(&said.value))
}

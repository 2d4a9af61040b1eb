//! The one place where each field's type is asked to be what it looks like.
//!
//! The types of a primary key are asserted where `Model::Key` is named.

use super::{Context, in_entity, serial};
use crate::ast::{Field, Fill, Kind, Said};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

/// A function that is never called.
pub fn expand(context: &Context<'_>) -> TokenStream {
    let assertions: Vec<TokenStream> =
        context.model.fields.iter().filter_map(|field| assertion(context, field)).collect();
    let pointed = super::table::assertions(context);
    let serial = serial::assertions(context);
    quote! {
        fn __assertions() {
            #(#assertions)*
            #pointed
            #serial
        }
    }
}

pub fn assertion(context: &Context<'_>, field: &Field) -> Option<TokenStream> {
    let private = &context.private;
    let ty = &field.ty;
    let key = field.attributes.primary_key.is_some();
    if let Kind::Reference { target, .. } = &field.kind {
        let reference =
            quote_spanned!(ty.span()=> let _ = <#ty as #private::ReferenceField>::__IS;);
        let model = quote_spanned!(target.span()=> let _ = <#target as #private::Model>::meta;);
        return Some(if key { reference } else { quote!(#reference #model) });
    }
    if let Kind::Collection { target, .. } = &field.kind {
        let collection =
            quote_spanned!(ty.span()=> let _ = <#ty as #private::CollectionField>::__IS;);
        let named = named(context, field, target);
        return Some(quote!(#collection #named));
    }
    if field.is_written_version() {
        return Some(quote_spanned!(ty.span()=> let _ = <#ty as #private::VersionField>::__IS;));
    }
    if has_now(field) {
        return Some(quote_spanned!(ty.span()=> let _ = <#ty as #private::MomentField>::__IS;));
    }
    if let Kind::Embedded { target, .. } = &field.kind {
        return Some(quote_spanned!(target.span()=> let _ = <#target as #private::Embed>::FIELDS;));
    }
    (!key).then(|| quote_spanned!(ty.span()=> let _ = <#ty as #private::ColumnField>::__IS;))
}

/// What `back_populates` and `order_by` name, read from the other model's entity: a name that is
/// none is the compiler's own error, at the name.
fn named(context: &Context<'_>, field: &Field, target: &Type) -> TokenStream {
    let Context { model, private, .. } = context;
    let (ident, attributes) = (&model.ident, &field.attributes);
    let other_side = attributes.back_populates.as_ref().map(|Said { value: name, .. }| {
        let asked = if attributes.secondary.is_some() {
            quote!(is_collection_of)
        } else {
            quote!(is_reference_to)
        };
        in_entity(private, target, name, &quote!(#asked::<#ident, #target>))
    });
    let orders = attributes.order_by.iter().flat_map(|said| &said.value).map(|order| {
        let name = &order.field;
        in_entity(private, target, name, &quote!(is_column_of::<#target>))
    });
    let place = attributes.position.as_ref().map(|Said { value: name, .. }| {
        in_entity(private, target, name, &quote!(is_place_in::<#target>))
    });
    let named = quote!(#other_side #(#orders)* #place);
    if named.is_empty() {
        return quote_spanned!(target.span()=> let _ = <#target as #private::Model>::entity;);
    }
    named
}

fn has_now(field: &Field) -> bool {
    let attributes = &field.attributes;
    [&attributes.default, &attributes.on_update]
        .into_iter()
        .flatten()
        .any(|said| Fill::is_now(&said.value))
}

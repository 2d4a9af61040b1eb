//! `impl Model for Article`: every body is a list of the fields.

use super::Context;
use super::filled::filled;
use crate::ast::{Field, Kind};
use crate::check;
use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// The implementation.
pub fn expand(context: &Context<'_>) -> TokenStream {
    let Context { model, entity, relations, private, .. } = context;
    let ident = &model.ident;
    let key = key(context);
    let read = model.fields.iter().map(|field| {
        let (name, ty) = (&field.ident, &field.ty);
        quote!(#name: #private::Emitted::<#ty>::read(row)?)
    });
    let fields = arms(context, &quote!(field), &quote!(&));
    let fields_mut = arms(context, &quote!(field_mut), &quote!(&mut));
    let on_update = on_update(context);
    let next_version = next_version(context);
    quote! {
        #[automatically_derived]
        impl #private::Model for #ident {
            type Entity = #entity;
            type Key = #key;
            type Relations = dyn #relations;

            fn meta() -> &'static #private::ModelMeta {
                &__META
            }

            fn entity() -> #entity {
                #entity::__ENTITY
            }

            #[inline]
            fn decode(row: &mut #private::RowReader<'_>) -> #private::Result<Self> {
                #private::Ok(Self { #(#read),* })
            }

            fn field(&self, index: #private::usize) -> &dyn #private::Field {
                match index {
                    #(#fields)*
                    _ => #private::no_field(index),
                }
            }

            fn field_mut(&mut self, index: #private::usize) -> &mut dyn #private::Field {
                match index {
                    #(#fields_mut)*
                    _ => #private::no_field(index),
                }
            }

            #on_update

            #next_version

            fn relations(handle: &#private::RawHandle) -> &(dyn #relations + 'static) {
                handle
            }
        }
    }
}

/// One arm per field, each calling `function` with a borrow of it.
pub fn arms(
    context: &Context<'_>,
    function: &TokenStream,
    borrow: &TokenStream,
) -> Vec<TokenStream> {
    let number = |index| {
        let index = Literal::usize_unsuffixed(index);
        quote!(#index)
    };
    arms_at(context, function, borrow, number)
}

/// The same, of fields that are elsewhere in the model.
pub fn arms_at(
    context: &Context<'_>,
    function: &TokenStream,
    borrow: &TokenStream,
    place: impl Fn(usize) -> TokenStream,
) -> Vec<TokenStream> {
    let private = &context.private;
    let arm = |(index, field): (usize, &Field)| {
        let (name, ty) = (&field.ident, &field.ty);
        let index = place(index);
        quote!(#index => #private::Emitted::<#ty>::#function(#borrow self.#name),)
    };
    context.fields().map(arm).collect()
}

/// The key's type: that of the field without `Auto`, the key of a `Ref`'s target, a tuple of these.
///
/// It is also the assertion that these types can be keys.
pub fn key(context: &Context<'_>) -> TokenStream {
    let private = &context.private;
    let part = |field: &Field| {
        let ty = &field.ty;
        if check::no_key(field).is_some() {
            // told by `check`
            return quote!(#private::i64);
        }
        match &field.kind {
            Kind::Plain | Kind::Nullable => quote!(#ty),
            Kind::Auto(value) => quote!(#value),
            // told by `check`
            Kind::Collection { .. } | Kind::Embedded { .. } => quote!(#private::i64),
            Kind::Reference { target, .. } => {
                quote_spanned!(target.span()=> <#target as #private::Model>::Key)
            }
        }
    };
    let parts: Vec<TokenStream> =
        context.model.key().take(check::MOST_KEY_FIELDS).map(part).collect();
    match &parts[..] {
        [] => quote!(#private::i64),
        [only] => quote!(#only),
        several => {
            let span = context
                .model
                .key()
                .next()
                .map_or(context.model.ident.span(), |field| field.ty.span());
            quote_spanned!(span=> (#(#several),*))
        }
    }
}

/// Nothing where no field has `on_update`: the trait's own body says so.
pub fn on_update(context: &Context<'_>) -> Option<TokenStream> {
    let private = &context.private;
    let arms: Vec<TokenStream> = context
        .fields()
        .filter_map(|(index, field)| {
            let fill = &field.attributes.on_update.as_ref()?.value;
            let (ty, value) = (&field.ty, filled(private, field, fill));
            let index = Literal::usize_unsuffixed(index);
            Some(quote!(#index => #private::Some(#private::Emitted::<#ty>::boxed(#value)),))
        })
        .collect();
    (!arms.is_empty()).then(|| {
        quote! {
            fn on_update_value(
                __index: #private::usize,
            ) -> #private::Option<#private::Box<dyn #private::Field>> {
                match __index {
                    #(#arms)*
                    _ => #private::None,
                }
            }
        }
    })
}

/// Nothing where no field is a version.
fn next_version(context: &Context<'_>) -> Option<TokenStream> {
    let private = &context.private;
    let mut fields = context.model.fields.iter();
    let Field { ident, ty, .. } = fields.find(|field| field.is_written_version())?;
    Some(quote! {
        fn next_version(
            __last: #private::Option<&Self>,
        ) -> #private::Option<#private::Box<dyn #private::Field>> {
            let __last = #private::Option::map(__last, |__last| &__last.#ident);
            #private::Some(#private::Emitted::<#ty>::next_version(__last))
        }
    })
}

//! `#[orm(serde)]`: the model as `serde` writes and reads it. Lists of the fields; what each kind of
//! field becomes is said by `orm_core::model::serial`.

use super::Context;
use super::filled::{default, initial};
use crate::ast::{Field, Kind};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

/// The implementations; nothing for a model that does not say `serde`.
pub fn expand(context: &Context<'_>) -> Option<TokenStream> {
    let Context { model, private, .. } = context;
    if !model.is_serial() {
        return None;
    }
    let ident = &model.ident;
    let names = model.fields.iter().map(|field| &field.name);
    let written = model.fields.iter().map(|field| {
        let Field { ident, name, ty, .. } = field;
        quote!(#private::Emitted::<#ty>::write_serial(&self.#ident, #name, __to)?;)
    });
    let slots = context.fields().map(|(index, _)| slot(index));
    let read = context.fields().map(|(index, Field { name, ty, .. })| {
        let (slot, index) = (slot(index), Literal::usize_unsuffixed(index));
        quote!(#index => #private::Emitted::<#ty>::read_serial(&mut #slot, #name, __from)?,)
    });
    let given = context.fields().map(|(index, field)| given(context, index, field));
    let defaults = defaults(context);
    let traits = traits(private, ident);
    Some(quote! {
        #[allow(unused_imports)]
        use #private::AbsentSerial as _;

        #[automatically_derived]
        impl #private::SerialModel for #ident {
            const FIELDS: &'static [&'static #private::str] = &[#(#names),*];

            fn write_fields<__W: #private::WriteFields>(
                &self,
                __to: &mut __W,
            ) -> #private::Result<(), __W::Error> {
                #(#written)*
                #private::Ok(())
            }

            fn read_fields<'__de, __A: #private::MapAccess<'__de>>(
                __from: &mut #private::FieldReader<__A>,
            ) -> #private::Result<Self, __A::Error> {
                #(let mut #slots = #private::None;)*
                while let #private::Some(__field) = __from.next_field::<Self>()? {
                    match __field {
                        #(#read)*
                        _ => {}
                    }
                }
                #private::Ok(Self { #(#given),* })
            }

            fn write_key<__S: #private::serde::Serializer>(
                __key: &<Self as #private::Model>::Key,
                __to: __S,
            ) -> #private::Result<__S::Ok, __S::Error> {
                #private::Emitted::<<Self as #private::Model>::Key>::write_key(__key, __to)
            }

            fn read_key<'__de, __D: #private::serde::Deserializer<'__de>>(
                __from: __D,
            ) -> #private::Result<<Self as #private::Model>::Key, __D::Error> {
                #private::Emitted::<<Self as #private::Model>::Key>::read_key(__from)
            }
        }

        #defaults
        #traits
    })
}

/// The assertions that the fields can be written and read.
pub fn assertions(context: &Context<'_>) -> Option<TokenStream> {
    let Context { model, private, .. } = context;
    let assertion = |Field { ty, kind, .. }: &Field| match kind {
        Kind::Reference { target, .. } | Kind::Collection { target, .. } => {
            quote_spanned!(target.span()=> let _ = <#private::Emitted<#target>>::serial_model;)
        }
        Kind::Plain
        | Kind::Nullable
        | Kind::Auto(_)
        | Kind::Deferred { .. }
        | Kind::Embedded { .. } => {
            quote_spanned!(ty.span()=> let _ = <#private::Emitted<#ty>>::serial;)
        }
    };
    model.is_serial().then(|| model.fields.iter().map(assertion).collect())
}

/// `serde`'s own traits.
pub fn traits(private: &TokenStream, ident: &Ident) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl #private::serde::Serialize for #ident {
            fn serialize<__S: #private::serde::Serializer>(
                &self,
                __to: __S,
            ) -> #private::Result<__S::Ok, __S::Error> {
                #private::write_model(self, __to)
            }
        }

        #[automatically_derived]
        impl<'__de> #private::serde::Deserialize<'__de> for #ident {
            fn deserialize<__D: #private::serde::Deserializer<'__de>>(
                __from: __D,
            ) -> #private::Result<Self, __D::Error> {
                #private::read_model(__from)
            }
        }
    }
}

fn defaults(context: &Context<'_>) -> Option<TokenStream> {
    let Context { model, private, .. } = context;
    let functions: Vec<TokenStream> = model
        .fields
        .iter()
        .filter_map(|field| {
            let (name, ty) = (default(model, field)?, &field.ty);
            let value = initial(private, field)?;
            Some(quote!(fn #name() -> #ty { #value }))
        })
        .collect();
    let ident = &model.ident;
    (!functions.is_empty()).then(|| quote!(impl #ident { #(#functions)* }))
}

fn slot(index: usize) -> Ident {
    format_ident!("__{index}")
}

/// The value of a field: what was read, or what it is where it is absent.
fn given(context: &Context<'_>, index: usize, field: &Field) -> TokenStream {
    let private = &context.private;
    let (slot, Field { ident, name, ty, .. }) = (slot(index), field);
    if field.is_deferred() {
        // one that is absent says nothing, whatever a new object has
        let unread = quote!(|| #private::Emitted::<#ty>::unread(&__META, #index));
        return quote!(#ident: #private::Option::unwrap_or_else(#slot, #unread));
    }
    match default(context.model, field) {
        Some(default) => quote!(#ident: #private::Option::unwrap_or_else(#slot, Self::#default)),
        None => quote!(#ident: #private::Emitted::<#ty>::given_serial(#slot, #name)?),
    }
}

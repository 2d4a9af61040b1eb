//! The model's metadata: constant data, one line per field.

use super::Context;
use super::table::{action, declared};
use crate::ast::{Attributes, Cascade, Field, Kind, Order, Said, Version};
use crate::name::snake_case;
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

/// The statics of the hidden block.
pub fn statics(context: &Context<'_>) -> TokenStream {
    let fields = fields(context);
    statics_of(context, &quote!(&[#fields]))
}

/// The metadata of the fields, between commas.
pub fn fields(context: &Context<'_>) -> TokenStream {
    let fields = context.model.fields.iter().map(|field| field_meta(context, field));
    quote!(#(#fields),*)
}

/// The statics of a model with these fields.
pub fn statics_of(context: &Context<'_>, fields: &TokenStream) -> TokenStream {
    let Context { model, private, .. } = context;
    let ident = &model.ident;
    let name = ident.unraw().to_string();
    let called = model.table.as_ref().or(model.view.as_ref());
    let table = called.map_or_else(|| snake_case(&name), |said| said.value.clone());
    let schema = model.schema.as_ref().map(|said| &said.value);
    let schema = schema.map_or(quote!(#private::None), |name| quote!(#private::Some(#name)));
    let snake = snake_case(&name);
    let declared = declared(context);
    quote! {
        static __TABLE: #private::OnceLock<#private::Table> = #private::OnceLock::new();

        static __META: #private::ModelMeta = #private::ModelMeta {
            name: #name,
            snake: #snake,
            table: #table,
            schema: #schema,
            fields: #fields,
            declared: #declared,
            resolved: &__TABLE,
            type_id: #private::TypeId::of::<#ident>,
        };
    }
}

pub fn field_meta(context: &Context<'_>, field: &Field) -> TokenStream {
    let private = &context.private;
    let (name, ty) = (&field.name, &field.ty);
    let said = attributes(private, field);
    let plain = quote!(#private::FieldMeta::of(#name, #private::Emitted::<#ty>::SPEC));
    if said.is_empty() {
        return plain;
    }
    quote!(#private::FieldMeta { #said ..#plain })
}

/// The fields of `FieldMeta` that attributes say something of.
fn attributes(private: &TokenStream, field: &Field) -> TokenStream {
    let attributes = &field.attributes;
    let mut said = TokenStream::new();
    if attributes.primary_key.is_some() {
        said.extend(quote!(primary_key: true,));
    }
    if let Some(Said { value: deferrable, .. }) = attributes.unique {
        said.extend(quote!(unique: true,));
        if deferrable {
            said.extend(quote!(deferrable: true,));
        }
    }
    if attributes.on_update.is_some() {
        said.extend(quote!(on_update: true,));
    }
    said.extend(version(private, attributes));
    said.extend(attributes.trigger.is_some().then(|| quote!(triggered: true,)));
    if let Some(Said { value, .. }) = &attributes.index {
        said.extend(quote!(index: #private::Some(#value),));
    }
    if let Some(Said { value, .. }) = &attributes.length {
        said.extend(quote!(length: #private::Some(#value),));
    }
    let texts = [
        ("check", &attributes.check),
        ("comment", &attributes.comment),
        ("server_default", &attributes.server_default),
        ("sql_type", &attributes.sql_type),
        ("computed", &attributes.computed),
    ];
    for (name, text) in texts {
        if let Some(Said { value, .. }) = text {
            let name = format_ident!("{name}");
            said.extend(quote!(#name: #private::Some(#value),));
        }
    }
    if let Some(Said { value, .. }) = &attributes.column {
        said.extend(quote!(column: #private::Some(#value),));
    }
    if let Some(Said { value, .. }) = &attributes.prefix {
        said.extend(quote!(prefix: #private::Some(#value),));
    }
    if let Some(Said { value, .. }) = &attributes.on_delete {
        let action = action(private, *value);
        said.extend(quote!(on_delete: #action,));
    }
    if let Some(Said { value, .. }) = &attributes.on_update_key {
        let action = action(private, *value);
        said.extend(quote!(on_update_key: #action,));
    }
    let relationship = relationship(private, field);
    if !relationship.is_empty() {
        said.extend(quote! {
            relationship: #private::RelationshipMeta {
                #relationship
                ..#private::RelationshipMeta::NONE
            },
        });
    }
    said
}

/// What a version makes of its field.
fn version(private: &TokenStream, attributes: &Attributes) -> Option<TokenStream> {
    Some(match attributes.version.as_ref()?.value {
        Version::Written => quote!(version: true,),
        // said by the program as well: a mistake that is told
        Version::System if attributes.column.is_some() || attributes.computed.is_some() => {
            quote!(version: true,)
        }
        Version::System => quote! {
            version: true,
            system: true,
            column: #private::Some("xmin"),
            computed: #private::Some("xmin"),
        },
    })
}

/// The fields of `RelationshipMeta` that attributes say something of.
fn relationship(private: &TokenStream, field: &Field) -> TokenStream {
    let attributes = &field.attributes;
    let mut said = TokenStream::new();
    if let Some(Said { value, .. }) = &attributes.back_populates {
        let name = value.unraw().to_string();
        said.extend(quote!(back_populates: #private::Some(#name),));
    }
    if let Some(Said { value, .. }) = &attributes.secondary {
        said.extend(quote!(secondary: #private::Some(#value),));
    }
    if let Some(Said { value, .. }) = &attributes.cascade {
        let Cascade { delete, delete_orphan, merge, refresh, expunge } = *value;
        said.extend(quote! {
            cascade: #private::Cascade {
                delete: #delete,
                delete_orphan: #delete_orphan,
                merge: #merge,
                refresh: #refresh,
                expunge: #expunge,
            },
        });
    }
    if attributes.passive_deletes.is_some() {
        said.extend(quote!(passive_deletes: true,));
    }
    if let Some(Said { value, .. }) = &attributes.order_by {
        let orders = value.iter().map(|Order { field, falling }| {
            let name = field.unraw().to_string();
            quote!((#name, #falling))
        });
        said.extend(quote!(order_by: &[#(#orders),*],));
    }
    if attributes.view_only.is_some() {
        said.extend(quote!(view_only: true,));
    }
    if let (Some(Said { value, .. }), Kind::Collection { target, .. }) =
        (&attributes.filter, &field.kind)
    {
        // what is no condition is told at what is said
        let mention = Ident::new("__mention", value.span());
        let condition = quote_spanned! {value.span()=>
            #private::condition_of::<#target, _>(#mention, #value)
        };
        said.extend(quote! {
            filter: #private::Some(#private::ConditionMeta(|#mention| #condition)),
        });
    }
    if let Some(Said { value, .. }) = &attributes.position {
        let name = value.unraw().to_string();
        said.extend(quote!(position: #private::Some(#name),));
        if attributes.order_by.is_none() {
            said.extend(quote!(order_by: &[(#name, false)],));
        }
    }
    said
}

//! The accessors on handles: `author.articles(&mut session)?`.
//!
//! They are methods of `dyn AuthorRelations` itself, which a handle derefs to: found wherever a
//! handle is, with no trait to import.

use super::{Context, entity};
use crate::ast::{Field, Kind};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

/// The trait, which stands beside the model.
pub fn item(context: &Context<'_>) -> TokenStream {
    let Context { model, relations, root, .. } = context;
    let vis = &model.vis;
    let description = format!("What handles of the model `{}` lead to.", model.ident.unraw());
    quote! {
        #[doc = #description]
        #[allow(dead_code, non_camel_case_types)]
        #vis trait #relations: #root::Relations {}
    }
}

/// What stands in the hidden block.
pub fn implementations(context: &Context<'_>) -> TokenStream {
    let Context { model, relations, private, .. } = context;
    let accessors = model.fields.iter().filter_map(|field| accessor(context, field));
    quote! {
        #[automatically_derived]
        impl #relations for #private::RawHandle {}

        impl dyn #relations {
            #(#accessors)*
        }
    }
}

fn accessor(context: &Context<'_>, field: &Field) -> Option<TokenStream> {
    let Context { entity, private, .. } = context;
    let loaded = match &field.kind {
        Kind::Plain
        | Kind::Nullable
        | Kind::Auto(_)
        | Kind::Deferred { .. }
        | Kind::Embedded { .. } => return None,
        Kind::Reference { target, nullable: false } => quote!(#private::Handle<#target>),
        Kind::Reference { target, nullable: true } | Kind::Collection { target, one: true } => {
            quote!(#private::Option<#private::Handle<#target>>)
        }
        Kind::Collection { target, one: false } => {
            quote!(#private::Vec<#private::Handle<#target>>)
        }
    };
    let (name, vis, docs) = (&field.ident, &field.vis, docs(field));
    let relationship = entity::column_type(context, field);
    Some(quote! {
        #docs
        #[track_caller]
        #vis fn #name(&self, session: &mut #private::Session) -> #private::Result<#loaded> {
            #private::Accessor::<#relationship>::load(
                session,
                #private::Relations::__raw(self),
                #entity::__ENTITY.#name,
            )
        }
    })
}

/// The field's own documentation, and what the accessor does.
fn docs(field: &Field) -> TokenStream {
    let docs = &field.docs;
    let text = format!("Loads `{}`, unless the session has it.", field.name);
    let separator = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
    quote!(#(#docs)* #separator #[doc = #text])
}

//! `Article::new`: what has no value of its own is an argument.
//!
//! 1. Arguments are the fields that are no `Option`, no `Auto` and have no `default`, in the order
//!    of the struct; or those that `constructor(…)` names, in its order.
//! 2. Text takes `impl Into<String>`, a foreign key `impl IntoRef<Model>`, all else its plain type:
//!    number literals then get the field's type.
//! 3. The names of arguments can't be seen by the expressions of `default = …`.

use super::Context;
use super::filled::{default, emitted, given, initial, is_text};
use crate::ast::{Constructor, Field, Kind, Said};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt;

/// The inherent function; nothing for `constructor = none`, nor for a view, which nothing is added to.
pub fn expand(context: &Context<'_>) -> TokenStream {
    let Context { model, .. } = context;
    let (ident, vis) = (&model.ident, &model.vis);
    if model.view.is_some() {
        return TokenStream::new();
    }
    let name = match &model.constructor {
        None => format_ident!("new"),
        Some(Said { value: Constructor::Named(name), .. }) => name.clone(),
        Some(Said { value: Constructor::None, .. }) => return TokenStream::new(),
    };
    let arguments = arguments(context);
    let parameters = arguments.iter().map(|field| parameter(context, field));
    let fields = model.fields.iter().map(|field| {
        let (name, value) = (&field.ident, value(context, field, &arguments));
        quote!(#name: #value)
    });
    let description = format!("A new `{}`, in no session yet.", ident.unraw());
    quote! {
        #[allow(dead_code, clippy::all, clippy::pedantic)]
        impl #ident {
            #[doc = #description]
            #vis fn #name(#(#parameters),*) -> Self {
                Self { #(#fields),* }
            }
        }
    }
}

fn arguments<'a>(context: &Context<'a>) -> Vec<&'a Field> {
    let model = context.model;
    match &model.arguments {
        Some(said) => {
            said.value.iter().filter_map(|name| model.field(&name.unraw().to_string())).collect()
        }
        None => model.fields.iter().filter(|field| field.is_required()).collect(),
    }
}

/// The field's name as an argument, invisible to the user's expressions.
fn argument(field: &Field) -> Ident {
    let mut name = field.ident.clone();
    name.set_span(name.span().resolved_at(Span::mixed_site()));
    name
}

fn parameter(context: &Context<'_>, field: &Field) -> TokenStream {
    let root = &context.root;
    let (name, ty) = (argument(field), field.value_type());
    match &field.kind {
        Kind::Plain | Kind::Deferred { .. } if is_text(field) => {
            quote!(#name: impl #root::Into<#ty>)
        }
        Kind::Reference { target, nullable: false } => {
            quote!(#name: impl #root::IntoRef<#target>)
        }
        _ => quote!(#name: #ty),
    }
}

fn value(context: &Context<'_>, field: &Field, arguments: &[&Field]) -> TokenStream {
    let root = &context.root;
    let name = argument(field);
    if arguments.iter().any(|argument| argument.name == field.name) {
        return match &field.kind {
            Kind::Plain if is_text(field) => quote!(#root::Into::into(#name)),
            Kind::Deferred { .. } if is_text(field) => {
                given(root, field, quote!(#root::Into::into(#name)))
            }
            Kind::Deferred { .. } => given(root, field, quote!(#name)),
            Kind::Reference { nullable: false, .. } => {
                let ty = &field.ty;
                emitted(root, &quote!(#root::Emitted::<#ty>::reference(#name)))
            }
            _ => quote!(#name),
        };
    }
    if let Some(default) = default(context.model, field) {
        return quote!(Self::#default());
    }
    match (initial(root, field), &field.kind) {
        (
            Some(initial),
            Kind::Plain | Kind::Nullable | Kind::Embedded { .. } | Kind::Deferred { .. },
        ) => initial,
        (None, Kind::Deferred { nullable: true, .. }) => given(root, field, quote!(#root::None)),
        (_, Kind::Collection { .. }) => {
            let ty = &field.ty;
            emitted(root, &quote!(#root::Emitted::<#ty>::unloaded()))
        }
        (_, Kind::Auto(_)) => quote!(#root::Auto::Unset),
        (
            _,
            Kind::Nullable
            | Kind::Reference { nullable: true, .. }
            | Kind::Embedded { nullable: true, .. },
        ) => quote!(#root::None),
        // told by `check`: a field that has no value
        (
            _,
            Kind::Plain | Kind::Reference { .. } | Kind::Embedded { .. } | Kind::Deferred { .. },
        ) => quote!(#root::absent_value()),
    }
}

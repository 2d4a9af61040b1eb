//! The entity: `pub struct ArticleEntity { pub slug: Column<Article, String>, … }`, the constant
//! `Article` that holds it, and its trait implementations.

use super::Context;
use crate::ast::{Field, Kind};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::Type;
use syn::ext::IdentExt;

/// The struct and the constant, which stand beside the model; `more` are fields of the struct.
pub fn items(context: &Context<'_>, more: &TokenStream) -> TokenStream {
    let Context { model, entity, .. } = context;
    let (ident, vis) = (&model.ident, &model.vis);
    let fields = model.fields.iter().map(|field| {
        let (name, vis, ty) = (&field.ident, &field.vis, column_type(context, field));
        let docs = docs(field);
        quote!(#docs #vis #name: #ty)
    });
    let description = format!(
        "Columns and relationships of the model `{}`, for use in statements.",
        ident.unraw()
    );
    quote! {
        #[doc = #description]
        #[allow(dead_code, non_camel_case_types)]
        #vis struct #entity {
            #(#fields,)*
            #more
        }

        #[doc(hidden)]
        #[allow(non_upper_case_globals, dead_code)]
        #vis const #ident: #entity = #entity::__ENTITY;
    }
}

/// The field's own documentation, or what can be said without it.
pub fn docs(field: &Field) -> TokenStream {
    if field.docs.is_empty() {
        let what = match &field.kind {
            Kind::Plain | Kind::Nullable | Kind::Auto(_) => "column",
            Kind::Embedded { .. } => "columns of",
            Kind::Reference { .. } | Kind::Collection { .. } => "relationship",
        };
        let text = format!("The {what} `{}`.", field.name);
        return quote!(#[doc = #text]);
    }
    let docs = &field.docs;
    quote!(#(#docs)*)
}

/// `Column<Article, String>`, `ToOne<Article, Author>` and the like.
pub fn column_type(context: &Context<'_>, field: &Field) -> TokenStream {
    let Context { owner: ident, root, .. } = context;
    let ty = &field.ty;
    match &field.kind {
        Kind::Plain | Kind::Nullable => quote!(#root::Column<#ident, #ty>),
        Kind::Auto(value) => quote!(#root::Column<#ident, #value>),
        Kind::Reference { target, nullable: false } => quote!(#root::ToOne<#ident, #target>),
        Kind::Reference { target, nullable: true } => {
            quote!(#root::ToOne<#ident, #root::Option<#target>>)
        }
        Kind::Embedded { target, nullable } => embedded(root, target, *nullable, ident),
        Kind::Collection { target, one: false } => quote!(#root::ToMany<#ident, #target>),
        Kind::Collection { target, one: true } => quote!(#root::OneToOne<#ident, #target>),
    }
}

/// `AddressColumns<Customer>`, whatever its name is in this place; columns without fields for a type
/// that does not derive `Embed`, which the assertion tells.
pub fn embedded(
    root: &TokenStream,
    target: &Type,
    nullable: bool,
    model: &TokenStream,
) -> TokenStream {
    let columns = if nullable { quote!(NullColumns) } else { quote!(Columns) };
    quote! {
        <#target as #root::ColumnsOf<{
            #[allow(unused_imports)]
            use #root::Absent as _;
            #root::Emitted::<#target>::EMBEDS
        }>>::#columns<#model>
    }
}

/// What stands in the hidden block; `more` are values of fields of the struct.
pub fn implementations(context: &Context<'_>, more: &TokenStream) -> TokenStream {
    let Context { owner, entity, private, .. } = context;
    let fields = context.fields().map(|(index, field)| {
        let index = Literal::usize_unsuffixed(index);
        column(context, field, &quote!(#index))
    });
    let (traits, source) = (traits(context), source(context));
    quote! {
        impl #entity {
            #[doc(hidden)]
            pub const __ENTITY: Self = Self::__of(#private::Source::of(&__META));

            const fn __of(source: #private::Source) -> Self {
                Self { #(#fields,)* #more }
            }
        }

        #traits

        #[automatically_derived]
        impl #private::Emits for #entity {
            type Model = #owner;

            fn __source(&self) -> #private::Source {
                #source
            }

            fn __aliased(&self, name: &'static #private::str) -> Self {
                Self::__of(#private::aliased(#source, name))
            }
        }
    }
}

/// The value of a field of the entity: the column or the relationship at `index` of the model.
pub fn column(context: &Context<'_>, field: &Field, index: &TokenStream) -> TokenStream {
    let Context { owner, private, .. } = context;
    let name = &field.ident;
    let constructor = match field.kind {
        Kind::Plain | Kind::Nullable | Kind::Auto(_) => quote!(Column),
        Kind::Embedded { ref target, nullable } => {
            let columns = embedded(private, target, nullable, owner);
            return quote!(#name: <#columns>::__new(source, #index, 0));
        }
        Kind::Reference { .. } => quote!(ToOne),
        Kind::Collection { one: false, .. } => quote!(ToMany),
        Kind::Collection { one: true, .. } => quote!(OneToOne),
    };
    quote!(#name: #private::#constructor::__new(source, #index))
}

/// What every entity implements, also that of a variant.
pub fn traits(context: &Context<'_>) -> TokenStream {
    let Context { entity, private, .. } = context;
    let source = source(context);
    quote! {
        #[automatically_derived]
        impl #private::Clone for #entity {
            fn clone(&self) -> Self {
                *self
            }
        }

        #[automatically_derived]
        impl #private::Copy for #entity {}

        #[automatically_derived]
        impl #private::Debug for #entity {
            fn fmt(&self, f: &mut #private::Formatter<'_>) -> #private::FmtResult {
                #private::show_entity(#source, f)
            }
        }
    }
}

/// What the columns of an entity come from, seen from within it.
pub fn source(context: &Context<'_>) -> TokenStream {
    let Context { model, owner, private, .. } = context;
    // no field of its own: the compiler would list it among the columns where one is mistyped
    match model.fields.iter().find(|field| !field.is_embedded()) {
        Some(Field { ident, .. }) => quote!(self.#ident.__source()),
        None if model.variant_of.is_some() => quote!(#private::Emitted::<#owner>::SOURCE),
        None => quote!(#private::Source::of(&__META)),
    }
}

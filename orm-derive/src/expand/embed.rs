//! `#[derive(Embed)]`: the structs of columns that stand in the entities of models
//! (`pub struct AddressColumns<M> { pub city: Column<M, String>, … }`, and one for an `Option` of the
//! struct), `new`, and the implementation of `Embed`.
//!
//! Columns are known by the source, the position of the embedding field and the column within it.
//! Constants can't call functions of traits: those of the columns are inherent. That a type derives
//! `Embed` is asserted once; everything else works for one that does not, see
//! `orm_core::model::emitted`.

use super::{Context, assertions, constructor, entity, meta, private, trait_impl};
use crate::ast::{Field, Kind, Model};
use crate::diagnostics::Diagnostics;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt;

/// Writes the code of an embedded struct, and its mistakes before it.
pub fn embedded(embedded: &Model, diagnostics: Diagnostics) -> TokenStream {
    let context = Context {
        model: embedded,
        owner: embedded.ident.to_token_stream(),
        entity: format_ident!("{}Columns", embedded.ident),
        relations: format_ident!("{}NullColumns", embedded.ident),
        root: private(embedded.root.as_ref()),
        private: quote!(__orm),
    };
    let assertions = diagnostics.is_empty().then(|| {
        let assertions = embedded.fields.iter().filter_map(|f| assertions::assertion(&context, f));
        quote!(fn __assertions() { #(#assertions)* })
    });
    let mistakes = diagnostics.into_tokens();
    let structs = [false, true].map(|nullable| columns_struct(&context, nullable));
    let constructor = constructor::expand(&context);
    let implementations = [false, true].map(|nullable| columns_impl(&context, nullable));
    let embed = embed_impl(&context);
    let root = &context.root;
    quote! {
        #mistakes
        #(#structs)*
        #constructor

        #[doc(hidden)]
        #[allow(non_upper_case_globals, dead_code, clippy::all, clippy::pedantic)]
        const _: () = {
            #[allow(unused_imports)]
            use #root::{self as __orm, Absent as _};
            #(#implementations)*
            #embed
            #assertions
        };
    }
}

/// What stands in for the code after a mistake, so that models that embed the type stay quiet.
pub fn stub(embedded: &Model) -> TokenStream {
    let (ident, root) = (&embedded.ident, private(embedded.root.as_ref()));
    quote! {
        #[doc(hidden)]
        const _: () = {
            use #root as __orm;

            #[automatically_derived]
            impl __orm::Embed for #ident {
                type Columns<M> = __orm::NoColumns<M>;
                type NullColumns<M> = __orm::NoColumns<M>;
                const FIELDS: &'static [__orm::FieldMeta] = &[];

                fn decode(_: &mut __orm::RowReader<'_>) -> __orm::Result<Self> {
                    __orm::absent()
                }

                fn field(&self, _: __orm::usize) -> &dyn __orm::Field {
                    __orm::absent()
                }

                fn field_mut(&mut self, _: __orm::usize) -> &mut dyn __orm::Field {
                    __orm::absent()
                }
            }
        };
    }
}

/// `AddressColumns`, or `AddressNullColumns`.
fn name<'a>(context: &'a Context<'_>, nullable: bool) -> &'a Ident {
    if nullable { &context.relations } else { &context.entity }
}

fn columns_struct(context: &Context<'_>, nullable: bool) -> TokenStream {
    let Context { model, root, .. } = context;
    let (columns, vis) = (name(context, nullable), &model.vis);
    let fields = model.fields.iter().map(|field| {
        let (name, vis, docs) = (&field.ident, &field.vis, entity::docs(field));
        let ty = column_type(root, field, nullable);
        quote!(#docs #vis #name: #ty)
    });
    let of = if nullable { "an `Option` of the" } else { "the" };
    let description = format!(
        "Columns of {of} embedded struct `{}` in the model `M`, for use in statements.",
        model.ident.unraw()
    );
    quote! {
        #[doc = #description]
        #[allow(dead_code, non_camel_case_types)]
        #vis struct #columns<M> {
            #(#fields,)*
        }
    }
}

fn column_type(root: &TokenStream, field: &Field, in_option: bool) -> TokenStream {
    let ty = &field.ty;
    match &field.kind {
        Kind::Embedded { target, nullable } => {
            entity::embedded(root, target, *nullable || in_option, &quote!(M))
        }
        Kind::Plain if in_option => quote!(#root::Column<M, #root::Option<#ty>>),
        // told by `check`, if it is none of these
        Kind::Plain
        | Kind::Nullable
        | Kind::Auto(_)
        | Kind::Reference { .. }
        | Kind::Collection { .. } => quote!(#root::Column<M, #ty>),
    }
}

/// Each column with its place behind `part`; a struct within takes as many as it has.
fn columns_fields(context: &Context<'_>, nullable: bool) -> Vec<TokenStream> {
    let Context { model, private, .. } = context;
    let mut ahead = quote!(part);
    model
        .fields
        .iter()
        .map(|field| {
            let (name, ty) = (&field.ident, column_type(private, field, nullable));
            let at = ahead.clone();
            if let Kind::Embedded { target, .. } = &field.kind {
                ahead.extend(quote!(+ #private::Emitted::<#target>::WIDTH as #private::u16));
                quote!(#name: <#ty>::__new(source, field, #at))
            } else {
                ahead.extend(quote!(+ 1));
                quote!(#name: #private::Column::__part(source, field, #at))
            }
        })
        .collect()
}

fn columns_impl(context: &Context<'_>, nullable: bool) -> TokenStream {
    let Context { model, private, .. } = context;
    let (columns, ident, vis) = (name(context, nullable), &model.ident, &model.vis);
    let value = if nullable { quote!(#private::Option<#ident>) } else { quote!(#ident) };
    let fields = columns_fields(context, nullable);
    let first = model.fields.first().map(|Field { ident, kind, .. }| match kind {
        Kind::Embedded { .. } => quote!(self.#ident.__first()),
        _ => quote!(self.#ident.column()),
    });
    let traits = columns_traits(private, columns, &value);
    let is_null = nullable.then(|| {
        quote! {
            #[doc = "All columns are NULL: there is no value."]
            #vis fn is_null(self) -> #private::Predicate {
                self.__all().are_null()
            }

            #[doc = "One column is not NULL: there is a value."]
            #vis fn is_not_null(self) -> #private::Predicate {
                #private::not(self.__all().are_null())
            }
        }
    });
    quote! {
        impl<M> #columns<M> {
            #[doc(hidden)]
            pub const fn __new(
                source: #private::Source,
                field: #private::u16,
                part: #private::u16,
            ) -> Self {
                Self { #(#fields,)* }
            }

            #[doc(hidden)]
            pub fn __first(&self) -> #private::ColumnRef {
                #first
            }

            fn __all(&self) -> #private::EmbeddedColumns {
                #private::EmbeddedColumns {
                    first: self.__first(),
                    width: <#ident as #private::Embed>::WIDTH,
                }
            }

            #[doc = "Every column is set to what the value holds, as `update` takes it."]
            #vis fn set(self, mut value: #value) -> #private::Assignment<M> {
                self.__all().set(#private::Emitted::<#value>::field_mut(&mut value))
            }

            #is_null
        }

        #traits
    }
}

/// What columns are to statements, and what every `Copy` type is.
fn columns_traits(private: &TokenStream, columns: &Ident, value: &TokenStream) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl<M> #private::Clone for #columns<M> {
            fn clone(&self) -> Self {
                *self
            }
        }

        #[automatically_derived]
        impl<M> #private::Copy for #columns<M> {}

        #[automatically_derived]
        impl<M> #private::Debug for #columns<M> {
            fn fmt(&self, f: &mut #private::Formatter<'_>) -> #private::FmtResult {
                #private::Debug::fmt(&self.__all(), f)
            }
        }

        #[automatically_derived]
        impl<M> #private::Selection for #columns<M> {
            type Plain = #value;
            type Tracked = #value;

            fn add_to(&self, statement: &mut #private::SelectStatement) {
                self.__all().add_to(statement);
            }

            fn plain(row: &mut #private::RowReader<'_>) -> #private::Result<#value> {
                #private::Emitted::<#value>::read(row)
            }

            fn tracked<__T: #private::Tracker>(
                row: &mut #private::RowReader<'_>,
                _: &mut __T,
            ) -> #private::Result<#value> {
                #private::Emitted::<#value>::read(row)
            }
        }
    }
}

fn embed_impl(context: &Context<'_>) -> TokenStream {
    let Context { model, private, entity, relations, .. } = context;
    let ident = &model.ident;
    let fields = model.fields.iter().map(|field| meta::field_meta(context, field));
    let read = model.fields.iter().map(|field| {
        let (name, ty) = (&field.ident, &field.ty);
        quote!(#name: #private::Emitted::<#ty>::read(row)?)
    });
    let lent = trait_impl::arms(context, &quote!(field), &quote!(&));
    let lent_mut = trait_impl::arms(context, &quote!(field_mut), &quote!(&mut));
    quote! {
        #[automatically_derived]
        impl #private::FieldValue for #ident {
            type Shape = #private::Embedded;
        }

        #[automatically_derived]
        impl #private::Embed for #ident {
            type Columns<M> = #entity<M>;
            type NullColumns<M> = #relations<M>;
            const FIELDS: &'static [#private::FieldMeta] = &[#(#fields),*];

            #[inline]
            fn decode(row: &mut #private::RowReader<'_>) -> #private::Result<Self> {
                #private::Ok(Self { #(#read),* })
            }

            fn field(&self, index: #private::usize) -> &dyn #private::Field {
                match index {
                    #(#lent)*
                    _ => #private::no_field(index),
                }
            }

            fn field_mut(&mut self, index: #private::usize) -> &mut dyn #private::Field {
                match index {
                    #(#lent_mut)*
                    _ => #private::no_field(index),
                }
            }
        }
    }
}

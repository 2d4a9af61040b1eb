//! An enum that is a model. Its fields are the discriminator, the shared ones, and those of its
//! variants, which the macro does not see: they are merged by constants.
//!
//! What is asked of a variant's struct is asked through `Emitted`, which works for a struct that is no
//! variant too; that it is one is asserted once.

use super::{Context, assertions, entity, meta, relations, trait_impl};
use crate::ast::{Field, Variant};
use crate::diagnostics::Diagnostics;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

/// The code of an enum, and its mistakes before it.
pub fn expand(context: &Context<'_>, diagnostics: Diagnostics) -> TokenStream {
    let Context { model, root, .. } = context;
    let whole = diagnostics.is_empty();
    let assertions = whole.then(|| assertions(context));
    let mistakes = diagnostics.into_tokens();
    let entity = entity::items(context, &entity_fields(context));
    let relations = relations::item(context);
    let accessors = accessors(context);
    let (ident, source) = (&model.ident, quote!(source));
    let implementations = [
        entity::implementations(context, &entity_values(context, &source)),
        relations::implementations(context),
        statics(context),
        model_impl(context, whole),
        variant_impls(context),
    ];
    quote! {
        #mistakes
        #entity
        #relations

        #[allow(dead_code, clippy::all, clippy::pedantic)]
        impl #ident {
            #accessors
        }

        #[doc(hidden)]
        #[allow(non_upper_case_globals, dead_code, clippy::all, clippy::pedantic)]
        const _: () = {
            #[allow(unused_imports)]
            use #root::{self as __orm, Absent as _, AbsentAccessor as _, AbsentVariant as _};
            #(#implementations)*
            #assertions
        };
    }
}

fn entity_fields(context: &Context<'_>) -> TokenStream {
    let Context { model, root, .. } = context;
    let (vis, of) = (&model.vis, model.ident.unraw());
    let fields = model.variants.iter().map(|Variant { ident, field, docs, ty, .. }| {
        let text = format!("The rows of `{of}` that are a `{}`.", ident.unraw());
        let docs = if docs.is_empty() { quote!(#[doc = #text]) } else { quote!(#(#docs)*) };
        let entity = entity_of(root, ty);
        quote!(#docs #vis #field: #entity,)
    });
    quote!(#(#fields)*)
}

fn entity_values(context: &Context<'_>, source: &TokenStream) -> TokenStream {
    let private = &context.private;
    let values = context.model.variants.iter().map(|Variant { field, ty, .. }| {
        let entity = entity_of(private, ty);
        quote!(#field: <#entity>::__of(#source),)
    });
    quote!(#(#values)*)
}

/// The entity of a variant, whatever its name is in this place.
fn entity_of(root: &TokenStream, ty: &syn::Type) -> TokenStream {
    quote! {
        <#ty as #root::EntityOf<{
            #[allow(unused_imports)]
            use #root::AbsentVariant as _;
            #root::Emitted::<#ty>::IS_VARIANT
        }>>::Entity
    }
}

/// `payment.amount()` and `payment.amount_mut()`.
fn accessors(context: &Context<'_>) -> TokenStream {
    let root = &context.root;
    let shared = context.fields().skip(1).map(|(index, field)| {
        let Field { ident, vis, ty, docs, name, .. } = field;
        let (mutable, index) =
            (format_ident!("{}_mut", ident.unraw()), Literal::usize_unsuffixed(index));
        let docs = (!docs.is_empty()).then(|| quote!(#(#docs)* #[doc = ""]));
        let (read, changed) = (
            format!("The field `{name}`, which each variant has."),
            format!("The field `{name}`, which each variant has, to change it."),
        );
        quote! {
            #docs
            #[doc = #read]
            #vis fn #ident(&self) -> &#ty {
                #root::shared(self, #index)
            }

            #[doc = #changed]
            #vis fn #mutable(&mut self) -> &mut #ty {
                #root::shared_mut(self, #index)
            }
        }
    });
    quote!(#(#shared)*)
}

fn statics(context: &Context<'_>) -> TokenStream {
    let Context { model, private, .. } = context;
    let ident = &model.ident;
    let base = meta::fields(context);
    let variants =
        model.variants.iter().map(|Variant { ty, .. }| quote!(#private::Emitted::<#ty>::FIELDS));
    let statics = meta::statics_of(context, &quote!(&__FIELDS));
    quote! {
        const __BASE: &[#private::FieldMeta] = &[#base];
        const __VARIANTS: &[&[#private::FieldMeta]] = &[#(#variants),*];
        static __FIELDS: [#private::FieldMeta; #private::merged_len(__BASE, __VARIANTS)] =
            #private::merged(__BASE, __VARIANTS);

        #statics

        #[automatically_derived]
        impl #private::Variants for #ident {
            const BASE: &'static [#private::FieldMeta] = __BASE;
            const VARIANTS: &'static [&'static [#private::FieldMeta]] = __VARIANTS;
            const SOURCE: #private::Source = #private::Source::of(&__META);
        }
    }
}

fn model_impl(context: &Context<'_>, whole: bool) -> TokenStream {
    let Context { model, entity, relations, private, .. } = context;
    let ident = &model.ident;
    let key = trait_impl::key(context);
    let read = model.variants.iter().enumerate().map(|(number, variant)| {
        let (number, Variant { ident, ty, .. }) = (Literal::usize_unsuffixed(number), variant);
        quote! {
            #number => Self::#ident(
                #private::Emitted::<#ty>::read_variant(row, __from, __table)?,
            ),
        }
    });
    let fields = field_impls(context, whole);
    let on_update = trait_impl::on_update(context);
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

            fn decode(row: &mut #private::RowReader<'_>) -> #private::Result<Self> {
                let (__from, __table) = (row.position(), __META.table());
                let __read = match #private::variant_of_row(row, &__META)? {
                    #(#read)*
                    __number => #private::no_field(__number),
                };
                row.go_to(__from + __table.read.len());
                #private::Ok(__read)
            }

            #fields

            #on_update

            #next_version

            fn relations(handle: &#private::RawHandle) -> &(dyn #relations + 'static) {
                handle
            }
        }
    }
}

/// The fields of an object are those of its variant; of others there is nothing.
fn field_impls(context: &Context<'_>, whole: bool) -> TokenStream {
    let Context { model, private, .. } = context;
    let fields = model.variants.iter().map(|Variant { ident, ty, value, .. }| {
        quote! {
            Self::#ident(__variant) => match index {
                0 => &#private::Discriminator(#value),
                _ => #private::Emitted::<#ty>::variant_field(__variant, index),
            },
        }
    });
    let fields_mut = model.variants.iter().map(|Variant { ident, ty, .. }| {
        quote! {
            Self::#ident(__variant) => match index {
                0 => #private::NoField::place(),
                _ => #private::Emitted::<#ty>::variant_field_mut(__variant, index),
            },
        }
    });
    // a variant with a mistake is left out
    let rest = (!whole).then(|| {
        quote! {
            #[allow(unreachable_patterns)]
            _ => #private::absent(),
        }
    });
    quote! {
        fn field(&self, index: #private::usize) -> &dyn #private::Field {
            match self {
                #(#fields)*
                #rest
            }
        }

        fn field_mut(&mut self, index: #private::usize) -> &mut dyn #private::Field {
            match self {
                #(#fields_mut)*
                #rest
            }
        }
    }
}

/// Nothing where no shared field is a version.
fn next_version(context: &Context<'_>) -> Option<TokenStream> {
    let private = &context.private;
    let mut fields = context.model.fields.iter();
    let Field { ident, ty, .. } = fields.find(|field| field.attributes.version.is_some())?;
    Some(quote! {
        fn next_version(
            __last: #private::Option<&Self>,
        ) -> #private::Option<#private::Box<dyn #private::Field>> {
            let __last = #private::Option::map(__last, |__last| __last.#ident());
            #private::Some(#private::Emitted::<#ty>::next_version(__last))
        }
    })
}

/// That the structs are variants, and become values of the enum.
fn variant_impls(context: &Context<'_>) -> TokenStream {
    let Context { model, private, .. } = context;
    let of = &model.ident;
    let all = model.variants.iter().enumerate().map(|(number, variant)| {
        let (number, Variant { ident, ty, .. }) = (Literal::usize_unsuffixed(number), variant);
        quote! {
            #[automatically_derived]
            impl #private::VariantOf<#of> for #ty {
                const NUMBER: #private::u16 = #number;

                fn into_model(self) -> #of {
                    #of::#ident(self)
                }
            }

            #[automatically_derived]
            impl #private::From<#ty> for #of {
                fn from(__variant: #ty) -> Self {
                    #of::#ident(__variant)
                }
            }
        }
    });
    quote!(#(#all)*)
}

/// That the structs are variants, and have the shared fields.
fn assertions(context: &Context<'_>) -> TokenStream {
    let Context { model, private, .. } = context;
    let shared = assertions::expand(context);
    let variants = model.variants.iter().map(|Variant { ty: variant, .. }| {
        let fields = model.fields.iter().skip(1).map(|Field { ident, ty, .. }| {
            quote_spanned! {ty.span()=>
                let _ = |__variant: &#variant| {
                    #private::is_shared::<#ty, #variant, _>(&__variant.#ident)
                };
            }
        });
        let is_one = quote_spanned! {variant.span()=>
            let _ = <#variant as #private::Variant>::FIELDS;
        };
        quote!(#is_one #(#fields)*)
    });
    quote! {
        #shared

        fn __variants() {
            #(#variants)*
        }
    }
}

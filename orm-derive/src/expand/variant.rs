//! The struct of a variant: its entity, `new`, and how its fields are found among those of the enum.
//!
//! Where they are there is told by the enum's constants; that the enum has the struct as a variant is
//! asserted once, and everything else goes through `Emitted`.

use super::{Context, assertions, constructor, entity, meta, trait_impl};
use crate::diagnostics::Diagnostics;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

/// The code of a variant of `of`, and its mistakes before it.
pub fn expand(context: &Context<'_>, of: &Type, diagnostics: Diagnostics) -> TokenStream {
    let root = &context.root;
    let assertions = diagnostics.is_empty().then(|| assertions(context, of));
    let mistakes = diagnostics.into_tokens();
    let entity = entity::items(context, &TokenStream::new());
    let constructor = constructor::expand(context);
    let implementations =
        [places(context, of), entity_impl(context, of), variant_impl(context, of)];
    quote! {
        #mistakes
        #entity
        #constructor

        #[doc(hidden)]
        #[allow(non_upper_case_globals, dead_code, clippy::all, clippy::pedantic)]
        const _: () = {
            #[allow(unused_imports)]
            use #root::{
                self as __orm, Absent as _, AbsentAccessor as _, AbsentRows as _, AbsentVariant as _,
            };
            #(#implementations)*
            #assertions
        };
    }
}

/// The constant that says where a field is in the enum.
fn place(index: usize) -> TokenStream {
    let place = format_ident!("__AT_{index}");
    quote!(#place)
}

fn places(context: &Context<'_>, of: &Type) -> TokenStream {
    let Context { model, private, .. } = context;
    let ident = &model.ident;
    let count = Literal::usize_unsuffixed(model.fields.len());
    let fields = meta::fields(context);
    let each = (0..model.fields.len()).map(|index| {
        let (place, index) = (place(index), Literal::usize_unsuffixed(index));
        quote!(const #place: #private::usize = __AT[#index] as #private::usize;)
    });
    quote! {
        const __FIELDS: &[#private::FieldMeta] = &[#fields];
        const __NUMBER: #private::u16 = #private::Emitted::<(#of, #ident)>::NUMBER;
        const __AT: [#private::u16; #count] = #private::places(
            #private::Emitted::<#of>::BASE,
            #private::Emitted::<#of>::VARIANTS,
            __NUMBER,
        );
        #(#each)*
    }
}

fn entity_impl(context: &Context<'_>, of: &Type) -> TokenStream {
    let Context { entity, private, .. } = context;
    let fields = context.fields().map(|(index, field)| {
        let index = Literal::usize_unsuffixed(index);
        entity::column(context, field, &quote!(__AT[#index]))
    });
    let (traits, source) = (entity::traits(context), entity::source(context));
    quote! {
        impl #entity {
            #[doc(hidden)]
            pub const __ENTITY: Self = Self::__of(#private::Emitted::<#of>::SOURCE);

            #[doc(hidden)]
            pub const fn __of(source: #private::Source) -> Self {
                let source = source.of_variant(__NUMBER);
                Self { #(#fields,)* }
            }
        }

        #traits

        #[automatically_derived]
        impl #private::Selection for #entity {
            type Plain = #of;
            type Tracked = #private::Handle<#of>;

            fn add_to(&self, statement: &mut #private::SelectStatement) {
                #private::select_variant(#source, statement);
            }

            fn plain(row: &mut #private::RowReader<'_>) -> #private::Result<#of> {
                #private::Emitted::<#of>::plain_row(row)
            }

            fn tracked<__T: #private::Tracker>(
                row: &mut #private::RowReader<'_>,
                tracker: &mut __T,
            ) -> #private::Result<#private::Handle<#of>> {
                #private::Emitted::<#of>::tracked_row(row, tracker)
            }

            fn object(row: &mut #of) -> #private::Option<&mut dyn #private::Object> {
                #private::Emitted::<#of>::object_row(row)
            }
        }

        #[automatically_derived]
        impl #private::EntityRows for #entity {
            type Model = #of;
        }
    }
}

fn variant_impl(context: &Context<'_>, of: &Type) -> TokenStream {
    let Context { model, entity, private, .. } = context;
    let ident = &model.ident;
    let read = context.fields().map(|(index, field)| {
        let (place, name, ty) = (place(index), &field.ident, &field.ty);
        quote! {
            #name: {
                #private::go_to(row, __from, __table, #place);
                #private::Emitted::<#ty>::read(row)?
            }
        }
    });
    let fields = trait_impl::arms_at(context, &quote!(field), &quote!(&), place);
    let fields_mut = trait_impl::arms_at(context, &quote!(field_mut), &quote!(&mut), place);
    quote! {
        #[automatically_derived]
        impl #private::Variant for #ident {
            type Entity = #entity;
            const FIELDS: &'static [#private::FieldMeta] = __FIELDS;

            fn read(
                row: &mut #private::RowReader<'_>,
                __from: #private::usize,
                __table: &#private::Table,
            ) -> #private::Result<Self> {
                #private::Ok(Self { #(#read),* })
            }

            #[allow(unreachable_patterns)]
            fn field(&self, index: #private::usize) -> &dyn #private::Field {
                match index {
                    #(#fields)*
                    _ => &#private::NoField,
                }
            }

            #[allow(unreachable_patterns)]
            fn field_mut(&mut self, index: #private::usize) -> &mut dyn #private::Field {
                match index {
                    #(#fields_mut)*
                    _ => #private::NoField::place(),
                }
            }
        }

        #[automatically_derived]
        impl #private::NewObject for #ident {
            type Model = #of;

            fn into_model(self) -> #of {
                #private::Emitted::<(#of, #ident)>::into_model(self)
            }
        }
    }
}

fn assertions(context: &Context<'_>, of: &Type) -> TokenStream {
    let Context { model, private, .. } = context;
    let ident = &model.ident;
    let fields = model.fields.iter().filter_map(|field| assertions::assertion(context, field));
    let listed = quote_spanned! {of.span()=>
        let _ = <#ident as #private::VariantOf<#of>>::NUMBER;
    };
    quote! {
        fn __assertions() {
            #(#fields)*
            #listed
        }
    }
}

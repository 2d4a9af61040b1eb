//! What is emitted for something that can be no model: enough that code which takes it for one
//! says nothing more.
//!
//! One of the mistakes stands within the entity's type. The compiler then takes that for a type with
//! an error in it, and is quiet about all that is done with its columns and relationships. It has to
//! be the length of an array: where a whole type is expected, `compile_error!` becomes `()`. The
//! length is a constant beside the type, for a value of the model's name needs it too.

use crate::diagnostics::Diagnostics;
use crate::expand::{private, serial};
use crate::parse::NoModel;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use std::collections::BTreeMap;
use syn::{Data, DeriveInput, Fields, Ident, Type};

/// The mistakes, and stubs where the type is one that a stub can be written for.
pub fn expand(input: &DeriveInput, no_model: &NoModel, diagnostics: Diagnostics) -> TokenStream {
    let (last, mistakes) = diagnostics.into_last();
    let (ident, vis) = (&input.ident, &input.vis);
    let private = private(no_model.root.as_ref());
    // a tuple or unit struct is a value of that name itself
    let constant =
        !matches!(&input.data, Data::Struct(data) if !matches!(data.fields, Fields::Named(_)));
    let serial = (cfg!(feature = "serde") && no_model.serde).then(|| serial(&private, ident));
    let variants = variants(&private, input);
    let variant = (no_model.variant && input.generics.params.is_empty())
        .then(|| self::variant(&private, ident));
    let length = format_ident!("__NO_MODEL_{}", ident);
    // the fields of a model with parameters are no columns, whatever these stand for
    let (impl_generics, type_generics, conditions) = input.generics.split_for_impl();
    let conditions = conditions.iter().flat_map(|clause| &clause.predicates);
    let constant = constant.then(|| {
        quote! {
            #[doc(hidden)]
            #[allow(non_upper_case_globals, dead_code)]
            #vis const #ident: [(); #length] = #private::absent();
        }
    });
    quote! {
        #mistakes

        #[doc(hidden)]
        #[allow(non_upper_case_globals, dead_code)]
        const #length: #private::usize = { #last };

        #constant

        #[doc(hidden)]
        const _: () = {
            #[automatically_derived]
            impl #impl_generics #private::Model for #ident #type_generics
            where
                #(#conditions,)*
                Self: #private::Clone + #private::Send + #private::Sync + 'static,
            {
                type Entity = [(); #length];
                type Key = #private::i64;
                type Relations = ();

                fn meta() -> &'static #private::ModelMeta {
                    #private::absent()
                }

                fn entity() -> Self::Entity {
                    #private::absent()
                }

                fn decode(_: &mut #private::RowReader<'_>) -> #private::Result<Self> {
                    #private::absent()
                }

                fn field(&self, _: #private::usize) -> &dyn #private::Field {
                    #private::absent()
                }

                fn field_mut(&mut self, _: #private::usize) -> &mut dyn #private::Field {
                    #private::absent()
                }

                fn relations(_: &#private::RawHandle) -> &() {
                    #private::absent()
                }
            }

            #serial
            #(#variants)*
            #variant
        };
    }
}

/// The structs that stand in an enum say that they are its variants.
fn variants<'i>(
    private: &'i TokenStream,
    input: &'i DeriveInput,
) -> impl Iterator<Item = TokenStream> + 'i {
    let ident = &input.ident;
    let mut types: BTreeMap<String, &Type> = BTreeMap::new();
    if let (Data::Enum(data), true) = (&input.data, input.generics.params.is_empty()) {
        for variant in &data.variants {
            if let (Fields::Unnamed(fields), 1) = (&variant.fields, variant.fields.len()) {
                let ty = &fields.unnamed[0].ty;
                types.insert(ty.to_token_stream().to_string(), ty);
            }
        }
    }
    types.into_values().map(move |ty| {
        quote! {
            #[automatically_derived]
            impl #private::VariantOf<#ident> for #ty {
                const NUMBER: #private::u16 = 0;

                fn into_model(self) -> #ident {
                    #private::absent()
                }
            }
        }
    })
}

/// What stands in an enum says that it is a variant.
fn variant(private: &TokenStream, ident: &Ident) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl #private::Variant for #ident {
            type Entity = #private::NoColumns<#ident>;
            const FIELDS: &'static [#private::FieldMeta] = &[];

            fn read(
                _: &mut #private::RowReader<'_>,
                _: #private::usize,
                _: &#private::Table,
            ) -> #private::Result<Self> {
                #private::absent()
            }

            fn field(&self, _: #private::usize) -> &dyn #private::Field {
                #private::absent()
            }

            fn field_mut(&mut self, _: #private::usize) -> &mut dyn #private::Field {
                #private::absent()
            }
        }
    }
}

/// What `#[orm(serde)]` would have implemented: other models with it write objects of this one.
fn serial(private: &TokenStream, ident: &Ident) -> TokenStream {
    let traits = serial::traits(private, ident);
    quote! {
        #[automatically_derived]
        impl #private::SerialModel for #ident {
            const FIELDS: &'static [&'static #private::str] = &[];

            fn write_fields<__W: #private::WriteFields>(
                &self,
                _: &mut __W,
            ) -> #private::Result<(), __W::Error> {
                #private::absent()
            }

            fn read_fields<'__de, __A: #private::MapAccess<'__de>>(
                _: &mut #private::FieldReader<__A>,
            ) -> #private::Result<Self, __A::Error> {
                #private::absent()
            }

            fn write_key<__S: #private::serde::Serializer>(
                _: &#private::i64,
                _: __S,
            ) -> #private::Result<__S::Ok, __S::Error> {
                #private::absent()
            }

            fn read_key<'__de, __D: #private::serde::Deserializer<'__de>>(
                _: __D,
            ) -> #private::Result<#private::i64, __D::Error> {
                #private::absent()
            }
        }

        #traits
    }
}

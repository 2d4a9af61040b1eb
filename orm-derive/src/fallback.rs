//! What is emitted for something that can be no model: enough that code which takes it for one
//! says nothing more.
//!
//! One of the mistakes stands within the entity's type. The compiler then takes that for a type with
//! an error in it, and is quiet about all that is done with its columns and relationships. It has to
//! be the length of an array: where a whole type is expected, `compile_error!` becomes `()`.

use crate::diagnostics::Diagnostics;
use crate::expand::{private, serial};
use crate::parse::NoModel;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Ident};

/// The mistakes, and stubs where the type is one that a stub can be written for.
pub fn expand(input: &DeriveInput, no_model: &NoModel, diagnostics: Diagnostics) -> TokenStream {
    if !input.generics.params.is_empty() {
        return diagnostics.into_tokens();
    }
    let (last, mistakes) = diagnostics.into_last();
    let (ident, vis) = (&input.ident, &input.vis);
    let private = private(no_model.root.as_ref());
    // a tuple or unit struct is a value of that name itself
    let constant =
        !matches!(&input.data, Data::Struct(data) if !matches!(data.fields, Fields::Named(_)));
    let serial = (cfg!(feature = "serde") && no_model.serde).then(|| serial(&private, ident));
    let constant = constant.then(|| {
        quote! {
            #[doc(hidden)]
            #[allow(non_upper_case_globals, dead_code)]
            #vis const #ident: <#ident as #private::Model>::Entity = #private::absent();
        }
    });
    quote! {
        #mistakes

        #constant

        #[doc(hidden)]
        const _: () = {
            #[automatically_derived]
            impl #private::Model for #ident {
                type Entity = [(); { #last }];
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
        };
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

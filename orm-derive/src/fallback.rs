//! What is emitted for something that can be no model: enough that code which takes it for one
//! says nothing more.

use crate::diagnostics::Diagnostics;
use crate::expand::{entity_name, private};
use crate::parse::NoModel;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields};

/// The mistakes, and stubs where the type is one that a stub can be written for.
pub fn expand(input: &DeriveInput, no_model: &NoModel, diagnostics: Diagnostics) -> TokenStream {
    let mistakes = diagnostics.into_tokens();
    if !input.generics.params.is_empty() {
        return mistakes;
    }
    let (ident, vis, entity) = (&input.ident, &input.vis, entity_name(&input.ident));
    let private = private(no_model.root.as_ref());
    // a tuple or unit struct is a value of that name itself
    let constant =
        !matches!(&input.data, Data::Struct(data) if !matches!(data.fields, Fields::Named(_)));
    let constant = constant.then(|| {
        quote! {
            #[doc(hidden)]
            #[allow(non_upper_case_globals, dead_code)]
            #vis const #ident: #entity = #entity;
        }
    });
    quote! {
        #mistakes

        #[doc(hidden)]
        #[allow(dead_code, non_camel_case_types)]
        #[derive(#private::Clone, #private::Copy, #private::Debug)]
        #vis struct #entity;

        #constant

        #[doc(hidden)]
        const _: () = {
            #[automatically_derived]
            impl #private::Emits for #entity {
                type Model = #ident;

                fn __source(&self) -> #private::Source {
                    #private::absent()
                }

                fn __aliased(&self, _: &'static #private::str) -> Self {
                    #private::absent()
                }
            }

            #[automatically_derived]
            impl #private::Model for #ident {
                type Entity = #entity;
                type Key = #private::i64;
                type Relations = ();

                fn relations(_: &#private::RawHandle) -> &() {
                    #private::absent()
                }

                fn meta() -> &'static #private::ModelMeta {
                    #private::absent()
                }

                fn entity() -> #entity {
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
            }
        };
    }
}

//! `#[derive(Model)]` of `orm`.
//!
//! The phases, each a file: `parse` reads the struct into the macro's own model (`ast`),
//! `check` says what contradicts itself in it, `expand` writes the code. Mistakes are collected
//! (`diagnostics`) and told together; the code is written all the same, so that other models which
//! point to a mistaken one stay quiet. What is no struct with named fields gets `fallback`.
//!
//! What is emitted is data and thin implementations; whatever is the same for two models is a
//! function in `orm-core`.

mod ast;
mod check;
mod diagnostics;
mod expand;
mod fallback;
mod name;
mod parse;

use diagnostics::Diagnostics;
use proc_macro2::TokenStream;
use syn::DeriveInput;

#[doc = include_str!("../docs/model.md")]
#[proc_macro_derive(Model, attributes(orm))]
pub fn derive_model(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = syn::parse_macro_input!(input as DeriveInput);
    model(&input).into()
}

fn model(input: &DeriveInput) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let model = match parse::model(input, &mut diagnostics) {
        Ok(model) => model,
        Err(no_model) => return fallback::expand(input, &no_model, diagnostics),
    };
    check::model(&model, &mut diagnostics);
    expand::model(&model, diagnostics)
}

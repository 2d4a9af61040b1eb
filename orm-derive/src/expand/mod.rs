//! From the macro's own model to code. What it writes for one model is shown in `docs/expansion.rs`.
//!
//! Rules:
//! 1. Public items stand beside the struct; everything else stands in one `const _: () = { … }`.
//! 2. Every path begins at `::orm::__private`, also those of `Option` and `Result`: a program may
//!    have given these names to things of its own.
//! 3. A field's type is asserted once, spanned to the type (`assertions`); nothing else asks
//!    anything of it. After a mistake told by the macro nothing is asserted.
//! 4. No logic: what is the same for two models is a function of `orm-core`.

mod assertions;
mod constructor;
pub mod embed;
mod entity;
mod filled;
mod meta;
mod relations;
pub mod serial;
mod table;
mod trait_impl;
mod variant;
mod variants;

use crate::ast::{Field, Model, Said};
use crate::diagnostics::Diagnostics;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Path};

/// What all parts of the emitted code need.
pub struct Context<'a> {
    pub model: &'a Model,
    /// The model that columns are of: the struct itself, or the enum that it is a variant of.
    pub owner: TokenStream,
    /// `ArticleEntity`.
    pub entity: Ident,
    /// `ArticleRelations`.
    pub relations: Ident,
    /// `::orm::__private`, for what stands beside the struct.
    pub root: TokenStream,
    /// The same, as the hidden block calls it.
    pub private: TokenStream,
}

/// Writes the code of a model, and its mistakes before it.
pub fn model(model: &Model, diagnostics: Diagnostics) -> TokenStream {
    let (ident, enumeration) = (&model.ident, model.variant_of.as_ref());
    let context = Context {
        model,
        owner: enumeration.map_or_else(|| quote!(#ident), |said| said.value.to_token_stream()),
        entity: entity_name(&model.ident),
        relations: format_ident!("{}Relations", model.ident),
        root: private(model.root.as_ref()),
        private: quote!(__orm),
    };
    if let Some(said) = enumeration {
        return variant::expand(&context, &said.value, diagnostics);
    }
    if !model.variants.is_empty() {
        return variants::expand(&context, diagnostics);
    }
    let assertions = diagnostics.is_empty().then(|| assertions::expand(&context));
    let mistakes = diagnostics.into_tokens();
    let entity = entity::items(&context, &TokenStream::new());
    let relations = relations::item(&context);
    let constructor = constructor::expand(&context);
    let root = &context.root;
    let implementations = [
        entity::implementations(&context, &TokenStream::new()),
        relations::implementations(&context),
        meta::statics(&context),
        trait_impl::expand(&context),
    ];
    let serial = serial::expand(&context);
    quote! {
        #mistakes
        #entity
        #relations
        #constructor

        #[doc(hidden)]
        #[allow(non_upper_case_globals, dead_code, clippy::all, clippy::pedantic)]
        const _: () = {
            #[allow(unused_imports)]
            use #root::{self as __orm, Absent as _, AbsentAccessor as _};
            #(#implementations)*
            #serial
            #assertions
        };
    }
}

/// `ArticleEntity` of `Article`.
pub fn entity_name(model: &Ident) -> Ident {
    format_ident!("{}Entity", model)
}

/// Where the emitted code finds what it uses.
pub fn private(root: Option<&Said<Path>>) -> TokenStream {
    let said = root.map(|Said { value, .. }| quote!(#value::__private));
    said.unwrap_or(quote!(::orm::__private))
}

impl Context<'_> {
    /// The fields with their positions.
    fn fields(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.model.fields.iter().enumerate()
    }
}

/// Asks what a name is in the entity of another model. The variable stands at the name as well: what a
/// name that was handed to a macro sees is known there.
fn in_entity(
    private: &TokenStream,
    target: &impl ToTokens,
    name: &Ident,
    asked: &TokenStream,
) -> TokenStream {
    let entity = quote_spanned!(target.span()=> <#target as #private::Model>::entity());
    let variable = Ident::new("__target", name.span());
    let question = quote_spanned!(name.span()=> #private::#asked(#variable.#name););
    quote! {
        let #variable = #entity;
        #question
    }
}

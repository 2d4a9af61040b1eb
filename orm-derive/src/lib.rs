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
mod db_enum;
mod db_type;
mod diagnostics;
mod embed;
mod expand;
mod fallback;
mod name;
mod parse;
mod row;

use diagnostics::Diagnostics;
use proc_macro2::TokenStream;
use syn::DeriveInput;

#[doc = include_str!("../docs/model.md")]
#[proc_macro_derive(Model, attributes(orm))]
pub fn derive_model(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = syn::parse_macro_input!(input as DeriveInput);
    model(&input).into()
}

#[doc = include_str!("../docs/db_enum.md")]
#[proc_macro_derive(DbEnum, attributes(orm))]
pub fn derive_db_enum(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = syn::parse_macro_input!(input as DeriveInput);
    db_enum::derive(&input).into()
}

#[doc = include_str!("../docs/db_type.md")]
#[proc_macro_derive(DbType, attributes(orm))]
pub fn derive_db_type(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = syn::parse_macro_input!(input as DeriveInput);
    db_type::derive(&input).into()
}

#[doc = include_str!("../docs/embed.md")]
#[proc_macro_derive(Embed, attributes(orm))]
pub fn derive_embed(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = syn::parse_macro_input!(input as DeriveInput);
    embed::derive(&input).into()
}

#[doc = include_str!("../docs/row.md")]
#[proc_macro_derive(Row, attributes(orm))]
pub fn derive_row(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = syn::parse_macro_input!(input as DeriveInput);
    row::derive(&input).into()
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

#[cfg(test)]
mod tests {
    //! The emitted code, pinned: `docs/expansion.rs` holds a model and what the derive makes of it.

    use proc_macro2::TokenStream;

    /// Stands between the model and its expansion.
    const LINE: &str = "// What the derive emits:\n";

    /// The tokens without what only formatting adds.
    fn tokens(text: &str) -> String {
        let tokens: TokenStream = text.parse().expect("tokens");
        tokens.to_string().replace([',', ' ', '\n'], "")
    }

    #[test]
    fn serde_without_its_feature_names_it() {
        let input = syn::parse_str("#[orm(serde)] struct A { #[orm(primary_key)] id: i64 }");
        let mut mistakes = super::Diagnostics::default();
        let Ok(model) = super::parse::model(&input.expect("a struct"), &mut mistakes) else {
            panic!("it can be a model");
        };
        super::check::serde(&model, true, &mut mistakes);
        assert!(mistakes.is_empty());
        super::check::serde(&model, false, &mut mistakes);
        let told = mistakes.into_tokens().to_string();
        assert!(told.contains("`serde` needs the feature `serde` of `orm`"), "{told}");
        assert_eq!(told.matches("compile_error").count(), 1);
    }

    #[test]
    fn the_expansion_is_as_documented() {
        let text = include_str!("../docs/expansion.rs");
        let (model, expansion) = text.split_once(LINE).expect("both parts");
        let emitted = super::model(&syn::parse_str(model).expect("a struct"));
        assert_eq!(tokens(&emitted.to_string()), tokens(expansion), "\n{emitted}");
    }
}

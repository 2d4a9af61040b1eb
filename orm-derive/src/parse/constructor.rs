//! `constructor(a, b)`, `constructor = "name"`, `constructor = none`: what `new` is called, and what it
//! is given.

use super::attribute::Item;
use crate::ast::{Constructor, Model};
use crate::diagnostics::Diagnostics;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Ident, Token};

/// Reads it, of a model or of an embedded struct.
pub fn set(model: &mut Model, item: &Item, diagnostics: &mut Diagnostics) {
    if item.is_list() {
        item.set(&mut model.arguments, arguments(item, diagnostics), diagnostics);
    } else {
        item.set(&mut model.constructor, constructor(item, diagnostics), diagnostics);
    }
}

/// `constructor(a, b)`.
fn arguments(item: &Item, diagnostics: &mut Diagnostics) -> Option<Vec<Ident>> {
    item.parse_list(diagnostics, |input| {
        let names = Punctuated::<Ident, Token![,]>::parse_terminated_with(input, Ident::parse_any)?;
        Ok(names.into_iter().collect())
    })
}

/// `constructor = "name"` or `constructor = none`.
fn constructor(item: &Item, diagnostics: &mut Diagnostics) -> Option<Constructor> {
    if item.word().is_some_and(|word| word == "none") {
        return Some(Constructor::None);
    }
    let text = item.string(diagnostics)?;
    let name = text.parse_with(Ident::parse_any);
    if name.is_err() {
        let message = format!("`{}` can't be the name of a function", text.value());
        diagnostics.error(text.span(), message);
    }
    name.ok().map(Constructor::Named)
}

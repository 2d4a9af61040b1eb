//! The values of the attributes that only `Many` and `One` have.

use super::attribute::Item;
use crate::ast::{Cascade, Order};
use crate::diagnostics::{Diagnostics, suggestion};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Ident, Token};

/// The words of `cascade(…)`. Saving is always done along relationships and has no word.
const CASCADES: [&str; 6] = ["all", "delete", "delete_orphan", "merge", "refresh", "expunge"];

/// `= author`, a field of the other model.
pub fn other_side(item: &Item, diagnostics: &mut Diagnostics) -> Option<Ident> {
    item.word().or_else(|| item.wrong(diagnostics))
}

/// `(all, delete_orphan)`.
pub fn cascade(item: &Item, diagnostics: &mut Diagnostics) -> Option<Cascade> {
    if !item.is_list() {
        return item.wrong(diagnostics);
    }
    let words = item.parse_list(diagnostics, |input| {
        Punctuated::<Ident, Token![,]>::parse_terminated_with(input, Ident::parse_any)
    })?;
    if words.is_empty() {
        return item.wrong(diagnostics);
    }
    let mut cascade = Cascade::default();
    for word in words {
        match word.to_string().as_str() {
            "all" => {
                let delete_orphan = cascade.delete_orphan;
                cascade = Cascade {
                    delete: true,
                    delete_orphan,
                    merge: true,
                    refresh: true,
                    expunge: true,
                };
            }
            "delete" => cascade.delete = true,
            "delete_orphan" => cascade.delete_orphan = true,
            "merge" => cascade.merge = true,
            "refresh" => cascade.refresh = true,
            "expunge" => cascade.expunge = true,
            unknown => {
                let known = suggestion(unknown, CASCADES);
                let message = format!("unknown word `{unknown}` of `cascade`; {known}");
                diagnostics.error(word.span(), message);
            }
        }
    }
    Some(cascade)
}

/// `= title`, or `(title, created_on.desc())`.
pub fn order_by(item: &Item, diagnostics: &mut Diagnostics) -> Option<Vec<Order>> {
    let orders = item
        .parse_value(|input| Punctuated::<Order, Token![,]>::parse_terminated_with(input, order));
    match orders {
        Some(orders) if !orders.is_empty() => Some(orders.into_iter().collect()),
        _ => item.wrong(diagnostics),
    }
}

/// `title`, `title.asc()` or `title.desc()`.
fn order(input: ParseStream<'_>) -> syn::Result<Order> {
    let field = Ident::parse_any(input)?;
    if !input.peek(Token![.]) {
        return Ok(Order { field, falling: false });
    }
    input.parse::<Token![.]>()?;
    let direction: Ident = input.parse()?;
    let nothing;
    syn::parenthesized!(nothing in input);
    match direction.to_string().as_str() {
        "asc" if nothing.is_empty() => Ok(Order { field, falling: false }),
        "desc" if nothing.is_empty() => Ok(Order { field, falling: true }),
        _ => Err(syn::Error::new(direction.span(), "expected `asc()` or `desc()`")),
    }
}

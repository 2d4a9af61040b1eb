//! The attributes of a struct that speak of several fields: `primary_key(…)`, `unique(…)`,
//! `index(…)`, `check(…)`, `foreign_key(…)`.
//!
//! Each is a list of fields, then of words and of names with a value. What a list may hold is told
//! at the token that it may not.

use super::attribute::{Item, statement};
use crate::ast::{Action, Check, ForeignKey, Index, Order, TableAttributes, Unique};
use crate::diagnostics::{Diagnostics, suggestion};
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Path, Token};

/// Reads one of them into its place.
pub fn set(table: &mut TableAttributes, item: &Item, diagnostics: &mut Diagnostics) {
    match item.name.as_str() {
        "unique" => {
            let read = item.parse_list(diagnostics, |input| unique(input, item.span));
            table.uniques.extend(read);
        }
        "index" => {
            let read = item.parse_list(diagnostics, |input| index(input, item.span));
            table.indexes.extend(read);
        }
        "check" => {
            let read = item.parse_list(diagnostics, |input| check(input, item.span));
            table.checks.extend(read);
        }
        _ => {
            let read = item.parse_list(diagnostics, |input| foreign_key(input, item.span));
            table.foreign_keys.extend(read);
        }
    }
}

/// `(a, b)`: fields and nothing else.
pub fn fields(item: &Item, diagnostics: &mut Diagnostics) -> Option<Vec<Ident>> {
    item.parse_list(diagnostics, |input| {
        let names = Punctuated::<Ident, Token![,]>::parse_terminated_with(input, Ident::parse_any)?;
        if names.is_empty() {
            let message = format!("no field is named; write `{}(a, b)`", item.name);
            return Err(syn::Error::new(item.span, message));
        }
        Ok(names.into_iter().collect())
    })
}

/// `(a, b, name = "…", deferrable)`.
fn unique(input: ParseStream<'_>, at: Span) -> syn::Result<Unique> {
    let known = [("name", "name = \"…\""), ("deferrable", "deferrable")];
    let mut unique = Unique { at, fields: Vec::new(), name: None, deferrable: false };
    each(input, |input| match option(input, &known)? {
        Some(option) if option == "deferrable" && unique.deferrable => Err(twice(&option)),
        Some(option) if option == "deferrable" => {
            unique.deferrable = true;
            Ok(())
        }
        Some(option) => identifier(input, &option, &mut unique.name),
        None => {
            let options = unique.name.is_some() || unique.deferrable;
            field(input, options).map(|field| unique.fields.push(field))
        }
    })?;
    some(at, &unique.fields, "unique(a, b)")?;
    Ok(unique)
}

/// `(a, b.desc(), name = "…", unique, where = "…")`.
fn index(input: ParseStream<'_>, at: Span) -> syn::Result<Index> {
    let known = [("name", "name = \"…\""), ("where", "where = \"…\""), ("unique", "unique")];
    let mut index = Index { at, fields: Vec::new(), name: None, unique: false, filter: None };
    let mut options = false;
    each(input, |input| {
        let Some(option) = option(input, &known)? else {
            let field = field(input, options)?;
            index.fields.push(direction(input, field)?);
            return Ok(());
        };
        options = true;
        match option.to_string().as_str() {
            "unique" if index.unique => Err(twice(&option)),
            "unique" => {
                index.unique = true;
                Ok(())
            }
            "where" => sql(input, &option, &mut index.filter),
            _ => identifier(input, &option, &mut index.name),
        }
    })?;
    some(at, &index.fields, "index(a, b.desc())")?;
    Ok(index)
}

/// `("…", name = "…")`.
fn check(input: ParseStream<'_>, at: Span) -> syn::Result<Check> {
    let written = "write `check(\"price > 0\", name = \"price\")`";
    let place = input.span();
    let Ok(condition) = input.parse::<LitStr>() else {
        let message = format!("a condition in SQL stands here, in quotes; {written}");
        return Err(syn::Error::new(place, message));
    };
    let mut name = None;
    if input.parse::<Option<Token![,]>>()?.is_some() {
        each(input, |input| match option(input, &[("name", "name = \"…\"")])? {
            Some(option) => identifier(input, &option, &mut name),
            None => Err(input.error(format!("expected `name = \"…\"`; {written}"))),
        })?;
    }
    let Some(name) = name else {
        let message = format!("a check of the model has a name, to be told by; {written}");
        return Err(syn::Error::new(condition.span(), message));
    };
    Ok(Check { at, sql: statement(&condition)?, name })
}

/// `(a, b => Other(x, y), on_delete = cascade, on_update = …, name = "…")`.
fn foreign_key(input: ParseStream<'_>, at: Span) -> syn::Result<ForeignKey> {
    let written = "write `foreign_key(a, b => Other(x, y))`";
    let mut fields = Vec::new();
    while !input.is_empty() && !input.peek(Token![=>]) {
        fields.push(Ident::parse_any(input)?);
        if input.parse::<Option<Token![,]>>()?.is_none() && !input.peek(Token![=>]) {
            return Err(syn::Error::new(at, format!("a foreign key points to a model; {written}")));
        }
    }
    if fields.is_empty() || input.parse::<Token![=>]>().is_err() {
        return Err(syn::Error::new(at, format!("a foreign key points to a model; {written}")));
    }
    let target = input.call(Path::parse_mod_style)?;
    if !input.peek(syn::token::Paren) {
        let message = format!("the fields pointed to stand behind the model; {written}");
        return Err(syn::Error::new_spanned(&target, message));
    }
    let pointed;
    syn::parenthesized!(pointed in input);
    let targets =
        Punctuated::<Ident, Token![,]>::parse_terminated_with(&pointed, Ident::parse_any)?;
    let mut key = ForeignKey {
        at,
        fields,
        target,
        target_fields: targets.into_iter().collect(),
        on_delete: None,
        on_update: None,
        name: None,
    };
    if input.parse::<Option<Token![,]>>()?.is_none() {
        return Ok(key);
    }
    let known = [
        ("name", "name = \"…\""),
        ("on_delete", "on_delete = cascade"),
        ("on_update", "on_update = cascade"),
    ];
    each(input, |input| {
        let Some(option) = option(input, &known)? else {
            return Err(input.error("expected `on_delete`, `on_update` or `name`"));
        };
        match option.to_string().as_str() {
            "on_delete" => action(input, &option, &mut key.on_delete),
            "on_update" => action(input, &option, &mut key.on_update),
            _ => identifier(input, &option, &mut key.name),
        }
    })?;
    Ok(key)
}

/// Calls `read` for each part between commas.
fn each(
    input: ParseStream<'_>,
    mut read: impl FnMut(ParseStream<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    while !input.is_empty() {
        read(input)?;
        if input.is_empty() {
            break;
        }
        if input.parse::<Option<Token![,]>>()?.is_none() {
            return Err(input.error("expected a comma"));
        }
    }
    Ok(())
}

/// The name of an option, passed over; nothing is where a field stands. `r#unique` is a field.
fn option(input: ParseStream<'_>, known: &[(&str, &str)]) -> syn::Result<Option<Ident>> {
    let ahead = input.fork();
    let word = Ident::parse_any(&ahead)?;
    let has_value = ahead.peek(Token![=]) && !ahead.peek(Token![=>]);
    let found = known.iter().find(|(name, _)| word == name);
    match found {
        Some((_, written)) if written.contains('=') && !has_value => Ok(None),
        Some(_) => Ident::parse_any(input).map(Some),
        None if has_value => {
            let names = known.iter().map(|(name, _)| *name);
            let message = format!("unknown `{word}`; {}", suggestion(&word.to_string(), names));
            Err(syn::Error::new(word.span(), message))
        }
        None => Ok(None),
    }
}

fn field(input: ParseStream<'_>, behind_options: bool) -> syn::Result<Ident> {
    if behind_options {
        return Err(input.error("fields stand first"));
    }
    let field = Ident::parse_any(input)?;
    let ahead = input.fork();
    if ahead.parse::<Option<Token![.]>>()?.is_some()
        && ahead.call(Ident::parse_any).is_ok()
        && !ahead.peek(syn::token::Paren)
    {
        let message = format!(
            "a column of the embedded `{field}` can't be named here; say `unique` or `index` on the \
             field of the struct, or name `{field}` for all its columns"
        );
        return Err(input.error(message));
    }
    Ok(field)
}

/// `.asc()`, `.desc()` or nothing.
fn direction(input: ParseStream<'_>, field: Ident) -> syn::Result<Order> {
    if !input.peek(Token![.]) {
        return Ok(Order { field, falling: false });
    }
    input.parse::<Token![.]>()?;
    let word: Ident = input.parse()?;
    let known = word == "asc" || word == "desc";
    if !known || !input.peek(syn::token::Paren) {
        return Err(syn::Error::new(word.span(), "expected `asc()` or `desc()`"));
    }
    let nothing;
    syn::parenthesized!(nothing in input);
    if nothing.is_empty() {
        Ok(Order { field, falling: word == "desc" })
    } else {
        Err(nothing.error("expected nothing in these parentheses"))
    }
}

fn some<T>(at: Span, fields: &[T], written: &str) -> syn::Result<()> {
    match fields {
        [] => Err(syn::Error::new(at, format!("no field is named; write `{written}`"))),
        _ => Ok(()),
    }
}

fn twice(option: &Ident) -> syn::Error {
    syn::Error::new(option.span(), format!("`{option}` is said twice; keep one"))
}

/// `= "…"`, once.
fn value(input: ParseStream<'_>, option: &Ident, said: bool) -> syn::Result<LitStr> {
    if said {
        return Err(twice(option));
    }
    input.parse::<Token![=]>()?;
    let place = input.span();
    input.parse().map_err(|_| syn::Error::new(place, format!("`{option}` is a text in quotes")))
}

fn identifier(
    input: ParseStream<'_>,
    option: &Ident,
    slot: &mut Option<String>,
) -> syn::Result<()> {
    let text = value(input, option, slot.is_some())?;
    let name = text.value();
    if name.is_empty() || name.contains('\0') {
        return Err(syn::Error::new(text.span(), "a name can't be empty or hold NUL"));
    }
    *slot = Some(name);
    Ok(())
}

fn sql(input: ParseStream<'_>, option: &Ident, slot: &mut Option<String>) -> syn::Result<()> {
    let text = value(input, option, slot.is_some())?;
    *slot = Some(statement(&text)?);
    Ok(())
}

fn action(
    input: ParseStream<'_>,
    option: &Ident,
    slot: &mut Option<(Ident, Action)>,
) -> syn::Result<()> {
    if slot.is_some() {
        return Err(twice(option));
    }
    input.parse::<Token![=]>()?;
    let word = Ident::parse_any(input)?;
    let Some(action) = Action::of(&word.to_string()) else {
        let known = Action::WORDS.iter().map(|(word, _)| *word);
        let known = suggestion(&word.to_string(), known);
        let message = format!("unknown action `{word}` of `{option}`; {known}");
        return Err(syn::Error::new(word.span(), message));
    };
    *slot = Some((word, action));
    Ok(())
}

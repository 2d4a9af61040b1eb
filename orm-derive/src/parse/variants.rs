//! Enums that are models: `discriminator = "kind"`, `shared(…)`, the variants and what they say;
//! `variant_of = Payment` of the structs.

use super::attribute::{self, Item};
use super::{field, reserved};
use crate::ast::{Attributes, Field, Kind, Model, Said, Variant};
use crate::diagnostics::{Diagnostics, suggestion};
use crate::name::snake_case;
use proc_macro2::Span;
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{DataEnum, Fields, Ident, Token, Type, Visibility, parse_quote};

/// `discriminator = "kind"`: a column that is a field of the entity, too.
pub fn discriminator(item: &Item, diagnostics: &mut Diagnostics) -> Option<Ident> {
    let text = item.string(diagnostics)?;
    let ident = Ident::parse_any
        .parse_str(&text.value())
        .ok()
        .and_then(|name| named(&name.unraw().to_string(), text.span()));
    if ident.is_none() {
        let message = format!(
            "`{}` can't be the name of a field, which the discriminator is: `Payment.kind`; write \
             `discriminator = \"kind\"`",
            text.value()
        );
        diagnostics.error(text.span(), message);
    }
    ident
}

/// The name as a field can have it.
fn named(name: &str, at: Span) -> Option<Ident> {
    if syn::parse_str::<Ident>(name).is_ok() {
        return Some(Ident::new(name, at));
    }
    let raw = !matches!(name, "self" | "Self" | "super" | "crate" | "_");
    raw.then(|| Ident::new_raw(name, at))
}

/// `shared(#[orm(primary_key)] id: Auto<i64>, amount: i64)`: fields as those of a struct.
pub fn shared(item: &Item, diagnostics: &mut Diagnostics) -> Option<Vec<syn::Field>> {
    item.parse_list(diagnostics, |input| {
        let fields = Punctuated::<syn::Field, Token![,]>::parse_terminated_with(
            input,
            syn::Field::parse_named,
        )?;
        Ok(fields.into_iter().collect())
    })
}

/// `variant_of = Payment`.
pub fn variant_of(item: &Item, diagnostics: &mut Diagnostics) -> Option<Type> {
    let tokens = item.expression(diagnostics)?;
    match syn::parse2::<syn::TypePath>(tokens) {
        Ok(path) => Some(Type::Path(path)),
        Err(_) => item.wrong(diagnostics),
    }
}

/// Reads the shared fields and the variants; `None` where no variant is left.
pub fn read(model: &mut Model, data: &DataEnum, diagnostics: &mut Diagnostics) -> Option<()> {
    let ident = match &model.discriminator {
        Some(said) => said.value.clone(),
        // one that could not be read is told already
        None if !diagnostics.is_empty() => Ident::new("kind", model.ident.span()),
        None => {
            let message = "an enum that is a model says how its rows are told apart: \
                           `#[orm(discriminator = \"kind\")]`";
            diagnostics.error(model.ident.span(), message);
            Ident::new("kind", model.ident.span())
        }
    };
    if let Some(error) = reserved(&ident) {
        diagnostics.push(error);
        return None;
    }
    model.fields.push(kind_field(ident, model.vis.clone()));
    for read in model.shared.iter().flat_map(|said| &said.value) {
        let Some(read) = field::field(read, diagnostics) else { continue };
        if let Some(error) = reserved(&read.ident) {
            diagnostics.push(error);
        } else if model.fields.iter().any(|field| field.name == read.name) {
            let message = format!("`{}` is there already; keep one", read.name);
            diagnostics.error(read.ident.span(), message);
        } else {
            model.fields.push(read);
        }
    }
    for read in &data.variants {
        let Some(read) = variant(model, read, diagnostics) else { continue };
        model.variants.push(read);
    }
    if data.variants.is_empty() {
        let message =
            "a model without variants has no rows; write one, such as `Card(CardPayment)`";
        diagnostics.error(model.ident.span(), message);
    }
    (!model.variants.is_empty()).then_some(())
}

fn kind_field(ident: Ident, vis: Visibility) -> Field {
    Field {
        name: ident.unraw().to_string(),
        ident,
        vis,
        docs: vec![parse_quote!(#[doc = "Which variant a row is."])],
        ty: parse_quote!(::std::string::String),
        kind: Kind::Plain,
        attributes: Attributes::default(),
    }
}

fn variant(model: &Model, read: &syn::Variant, diagnostics: &mut Diagnostics) -> Option<Variant> {
    let name = read.ident.unraw().to_string();
    let ty = match &read.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields.unnamed[0].ty.clone(),
        Fields::Unnamed(_) | Fields::Named(_) | Fields::Unit => {
            let of = &model.ident;
            let message = format!(
                "a variant is one struct in parentheses, such as `{name}({name}{of})`; the struct \
                 says `#[orm(variant_of = {of})]` and has the fields"
            );
            diagnostics.error(read.ident.span(), message);
            return None;
        }
    };
    let mut value = None;
    for item in attribute::items(&read.attrs, diagnostics) {
        if item.name == "value" {
            item.set(&mut value, item.identifier(diagnostics), diagnostics);
        } else {
            let known = suggestion(&item.name, ["value"]);
            let message = format!("unknown attribute `{}` of a variant; {known}", item.name);
            diagnostics.error(item.span, message);
        }
    }
    let snake = snake_case(&name);
    let at = value.as_ref().map_or(read.ident.span(), |said: &Said<String>| said.at);
    let value = value.map_or_else(|| snake.clone(), |said| said.value);
    let Some(mut field) = named(&snake, read.ident.span()) else {
        let message = format!("`{}.{snake}` can't be the name of a field; rename it", model.ident);
        diagnostics.error(read.ident.span(), message);
        return None;
    };
    if model.fields.iter().any(|other| other.name == snake) {
        let message = format!(
            "`{}.{snake}` is both this variant and the field `{snake}`; rename one of them",
            model.ident
        );
        diagnostics.error(read.ident.span(), message);
        field = format_ident!("__{snake}");
    }
    let docs = read.attrs.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let read =
        Variant { ident: read.ident.clone(), field, docs: docs.cloned().collect(), ty, value };
    distinct(model, &read, at, diagnostics).then_some(read)
}

/// Whether a variant is told apart from those before it.
fn distinct(model: &Model, read: &Variant, at: Span, diagnostics: &mut Diagnostics) -> bool {
    let tokens = |ty: &Type| ty.to_token_stream().to_string();
    for other in &model.variants {
        if other.value == read.value {
            let message = format!(
                "`{}` and `{}` are told apart by nothing: the value of both is `{}`; give one of \
                 them another",
                other.ident, read.ident, read.value
            );
            diagnostics.error(at, message);
            return true;
        }
        if tokens(&other.ty) == tokens(&read.ty) {
            let message = format!(
                "`{}` holds the same struct as `{}`; each variant has one of its own",
                read.ident, other.ident
            );
            diagnostics.push(syn::Error::new_spanned(&read.ty, message));
            return false;
        }
    }
    true
}

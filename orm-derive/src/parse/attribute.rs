//! `#[orm(…)]` as a list of items: a name, a name with a value, a name with a list.
//!
//! Each item is read on its own, so that a mistake in one does not hide those of the next.

use super::{FIELD_ATTRIBUTES, STRUCT_ATTRIBUTES};
use crate::diagnostics::Diagnostics;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Expr, Ident, LitBool, LitInt, LitStr, Meta, Token};

/// One item of `#[orm(…)]`.
pub struct Item {
    pub name: String,
    pub span: Span,
    value: Value,
}

enum Value {
    None,
    /// `= …`
    Is(TokenStream),
    /// `(…)`
    List(TokenStream),
}

/// How an attribute is written, if it is one of `known`.
pub fn known_elsewhere(name: &str, known: &[(&str, &'static str)]) -> Option<&'static str> {
    known.iter().find(|(other, _)| *other == name).map(|(_, written)| *written)
}

/// The items of all `#[orm(…)]` among the attributes.
pub fn items(attributes: &[Attribute], diagnostics: &mut Diagnostics) -> Vec<Item> {
    let mut items = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("orm")) {
        match &attribute.meta {
            Meta::List(list) if !list.tokens.is_empty() => {
                let read = |input: ParseStream<'_>| {
                    while !input.is_empty() {
                        match Item::parse(input) {
                            Ok(item) => items.push(item),
                            Err(error) => diagnostics.push(error),
                        }
                        skip_to_comma(input)?;
                    }
                    Ok(())
                };
                if let Err(error) = read.parse2(list.tokens.clone()) {
                    diagnostics.push(error);
                }
            }
            _ => {
                let message = "`orm` says nothing here; write what in parentheses, such as \
                               `#[orm(primary_key)]`";
                diagnostics.push(syn::Error::new_spanned(&attribute.meta, message));
            }
        }
    }
    items
}

/// Passes over what is left of an item, and over the comma after it.
fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() {
        if input.parse::<Option<Token![,]>>()?.is_some() {
            break;
        }
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

impl Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Item> {
        let Ok(ident) = Ident::parse_any(input) else {
            return Err(input.error("expected the name of an attribute, such as `primary_key`"));
        };
        let (name, span) = (ident.unraw().to_string(), ident.span());
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            if input.is_empty() || input.peek(Token![,]) {
                let message = format!("`{name} =` has no value{}", written(&name));
                return Err(syn::Error::new(span, message));
            }
            Value::Is(value(input)?)
        } else if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            Value::List(content.parse()?)
        } else {
            Value::None
        };
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(input.error(format!("expected a comma after `{name}`")));
        }
        Ok(Item { name, span, value })
    }

    /// Whether it is written with parentheses.
    pub fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }

    /// The single word it is set to.
    pub fn word(&self) -> Option<Ident> {
        self.value_as(Ident::parse_any)
    }

    /// Nothing but the name.
    pub fn flag(&self, diagnostics: &mut Diagnostics) -> Option<()> {
        match self.value {
            Value::None => Some(()),
            Value::Is(_) | Value::List(_) => self.wrong(diagnostics),
        }
    }

    /// The name alone, or `= true`, `= false`.
    pub fn boolean(&self, diagnostics: &mut Diagnostics) -> Option<bool> {
        match self.value {
            Value::None => Some(true),
            Value::Is(_) | Value::List(_) => self
                .value_as(<LitBool as Parse>::parse)
                .map(|value| value.value)
                .or_else(|| self.wrong(diagnostics)),
        }
    }

    /// A text in quotes.
    pub fn string(&self, diagnostics: &mut Diagnostics) -> Option<LitStr> {
        self.value_as(<LitStr as Parse>::parse).or_else(|| self.wrong(diagnostics))
    }

    /// A name in quotes that a database can have.
    pub fn identifier(&self, diagnostics: &mut Diagnostics) -> Option<String> {
        let text = self.string(diagnostics)?;
        let name = text.value();
        if name.is_empty() || name.contains('\0') {
            let message = format!("a {}'s name can't be empty or hold NUL", self.name);
            diagnostics.error(text.span(), message);
            return None;
        }
        Some(name)
    }

    /// A text in quotes that a database can keep.
    pub fn text(&self, diagnostics: &mut Diagnostics) -> Option<String> {
        let text = self.string(diagnostics)?;
        if text.value().contains('\0') {
            diagnostics.error(text.span(), format!("a {} can't hold NUL", self.name));
            return None;
        }
        Some(text.value())
    }

    /// SQL in quotes.
    pub fn sql(&self, diagnostics: &mut Diagnostics) -> Option<String> {
        let text = self.string(diagnostics)?;
        statement(&text).map_err(|error| diagnostics.push(error)).ok()
    }

    /// A whole number.
    pub fn number(&self, diagnostics: &mut Diagnostics) -> Option<u32> {
        self.value_as(|input| input.parse::<LitInt>()?.base10_parse())
            .or_else(|| self.wrong(diagnostics))
    }

    /// An expression.
    pub fn expression(&self, diagnostics: &mut Diagnostics) -> Option<TokenStream> {
        match &self.value {
            Value::Is(tokens) => Some(tokens.clone()),
            Value::None | Value::List(_) => self.wrong(diagnostics),
        }
    }

    /// What stands in the parentheses.
    pub fn parse_list<T>(
        &self,
        diagnostics: &mut Diagnostics,
        parser: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
    ) -> Option<T> {
        match &self.value {
            Value::List(tokens) => {
                parser.parse2(tokens.clone()).map_err(|error| diagnostics.push(error)).ok()
            }
            Value::None | Value::Is(_) => self.wrong(diagnostics),
        }
    }

    /// What stands behind `=`, or in the parentheses; `None` where it can't be read so.
    pub fn parse_value<T>(
        &self,
        parser: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
    ) -> Option<T> {
        match &self.value {
            Value::Is(tokens) | Value::List(tokens) => parser.parse2(tokens.clone()).ok(),
            Value::None => None,
        }
    }

    fn value_as<T>(&self, parser: impl FnOnce(ParseStream<'_>) -> syn::Result<T>) -> Option<T> {
        match &self.value {
            Value::Is(tokens) => parser.parse2(tokens.clone()).ok(),
            Value::None | Value::List(_) => None,
        }
    }

    /// Says how the attribute is written.
    pub fn wrong<T>(&self, diagnostics: &mut Diagnostics) -> Option<T> {
        let at = match &self.value {
            Value::Is(tokens) => tokens.clone().into_iter().next().map(|token| token.span()),
            Value::None | Value::List(_) => None,
        };
        let message = format!("`{}` can't be written like this{}", self.name, written(&self.name));
        diagnostics.error(at.unwrap_or(self.span), message);
        None
    }
}

/// `; write …` of a known attribute.
fn written(name: &str) -> String {
    known_elsewhere(name, &FIELD_ATTRIBUTES)
        .or_else(|| known_elsewhere(name, &STRUCT_ATTRIBUTES))
        .map(|written| format!("; write `{written}`"))
        .unwrap_or_default()
}

/// An expression.
///
/// `syn` reads few kinds of expressions without its feature `full`, which nothing else here needs;
/// those it can't are taken as far as the comma, and the compiler judges them where they are used.
fn value(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let ahead = input.fork();
    match ahead.parse::<Expr>() {
        Ok(expression) => {
            input.advance_to(&ahead);
            Ok(expression.into_token_stream())
        }
        Err(error) if error.to_string().starts_with("unsupported expression") => {
            let mut tokens = TokenStream::new();
            while !input.is_empty() && !input.peek(Token![,]) {
                tokens.extend([input.parse::<TokenTree>()?]);
            }
            Ok(tokens)
        }
        Err(error) => Err(error),
    }
}

/// SQL that is there.
pub fn statement(text: &LitStr) -> syn::Result<String> {
    let sql = text.value();
    if sql.trim().is_empty() || sql.contains('\0') {
        return Err(syn::Error::new(text.span(), "SQL can't be empty or hold NUL"));
    }
    Ok(sql)
}

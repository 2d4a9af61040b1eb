//! `#[derive(DbType)]`: a struct around one value is the type of a column, as that value is.
//!
//! The phases: `parse` reads the struct, `check` is what it can't read, `expand` writes the code.
//! Everything is handed on to the type inside; that it is a column's type is asserted once.

use crate::ast::Said;
use crate::diagnostics::{Diagnostics, suggestion};
use crate::expand::private;
use crate::parse::attribute::{self, Item};
use crate::parse::kind;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, Generics, Ident, Index, Member, Path, Type};

/// A newtype.
struct Newtype<'a> {
    ident: &'a Ident,
    /// `0`, or the field's name.
    member: Member,
    /// The type inside.
    inner: &'a Type,
    root: Option<&'a Said<Path>>,
}

/// The code, or the mistakes.
pub fn derive(input: &DeriveInput) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let root = root_only(input, "a newtype", &mut diagnostics);
    let newtype = parse(input, root.as_ref(), &mut diagnostics);
    match newtype {
        Some(newtype) if diagnostics.is_empty() => expand(&newtype),
        _ => {
            let stub = stub(input, root.as_ref());
            let mistakes = diagnostics.into_tokens();
            quote!(#mistakes #stub)
        }
    }
}

/// What stands in for the implementation after a mistake, so that models with fields of the type
/// stay quiet.
pub fn stub(input: &DeriveInput, root: Option<&Said<Path>>) -> Option<TokenStream> {
    if !input.generics.params.is_empty() {
        return None;
    }
    let (ident, private) = (&input.ident, private(root));
    Some(quote! {
        #[doc(hidden)]
        const _: () = {
            use #private as __orm;

            #[automatically_derived]
            impl __orm::DbType for #ident {
                const TYPE: __orm::ColumnType = __orm::ColumnType::Bool;

                fn encode(&self, _: &mut dyn __orm::BindWriter) {
                    __orm::absent()
                }

                fn decode(_: __orm::Cell<'_>) -> __orm::StdResult<Self, __orm::Mismatch> {
                    __orm::absent()
                }

                fn same(&self, _: &Self) -> __orm::bool {
                    __orm::absent()
                }
            }
        };
    })
}

fn parse<'a>(
    input: &'a DeriveInput,
    root: Option<&'a Said<Path>>,
    diagnostics: &mut Diagnostics,
) -> Option<Newtype<'a>> {
    let at = input.ident.span();
    let Data::Struct(data) = &input.data else {
        let message = match input.data {
            Data::Enum(_) => {
                "a newtype is a struct around one value; an enum of names is stored by \
                 `#[derive(DbEnum)]`"
            }
            _ => "a newtype is a struct around one value: `struct Name(String);`",
        };
        diagnostics.error(at, message);
        return None;
    };
    no_generics(&input.generics, "a newtype", diagnostics)?;
    let (member, field) = match (&data.fields, data.fields.len()) {
        (Fields::Unit, _) | (_, 0) => {
            let message =
                "a newtype has one field, the value that is stored: `struct Name(String);`";
            diagnostics.error(at, message);
            return None;
        }
        (Fields::Unnamed(fields), 1) => (Member::Unnamed(Index::from(0)), fields.unnamed.first()?),
        (Fields::Named(fields), 1) => {
            let field = fields.named.first()?;
            (Member::Named(field.ident.clone()?), field)
        }
        (fields, count) => {
            let message = format!(
                "a newtype has one field, the value that is stored; this has {count}: several \
                 columns are several fields of the model"
            );
            let second = fields.iter().nth(1).map_or(at, |field| field.ty.span());
            diagnostics.error(second, message);
            return None;
        }
    };
    for item in attribute::items(&field.attrs, diagnostics) {
        let message = format!("`{}` is said on the field of the model, not here", item.name);
        diagnostics.error(item.span, message);
    }
    if kind::argument(&field.ty, "Option").is_some() {
        let message = "a newtype holds a value that is there; leave the `Option` out, and make the \
                       field of the model an `Option` of the newtype";
        diagnostics.push(syn::Error::new_spanned(&field.ty, message));
    }
    Some(Newtype { ident: &input.ident, member, inner: &field.ty, root })
}

/// `crate = "…"`, the one attribute there is.
fn root_only(input: &DeriveInput, what: &str, diagnostics: &mut Diagnostics) -> Option<Said<Path>> {
    let mut root = None;
    for item in attribute::items(&input.attrs, diagnostics) {
        match item.name.as_str() {
            "crate" => item.set(&mut root, item.path(diagnostics), diagnostics),
            name => unknown(&item, name, what, diagnostics),
        }
    }
    root
}

fn unknown(item: &Item, name: &str, what: &str, diagnostics: &mut Diagnostics) {
    let message = format!("unknown attribute `{name}` of {what}; {}", suggestion(name, ["crate"]));
    diagnostics.error(item.span, message);
}

/// What is stored is of one type: no parameters.
pub fn no_generics(generics: &Generics, what: &str, diagnostics: &mut Diagnostics) -> Option<()> {
    if generics.params.is_empty() {
        return Some(());
    }
    let message = format!(
        "{what} has no type parameters and no lifetimes: a column is of one type; write it out"
    );
    diagnostics.push(syn::Error::new_spanned(&generics.params, message));
    None
}

fn expand(newtype: &Newtype<'_>) -> TokenStream {
    let Newtype { ident, member, inner, root } = newtype;
    let root = private(*root);
    let wrapped = quote!(__orm::Wrapped::<#inner>);
    let assertion = quote_spanned!(inner.span()=> let _ = <#inner as __orm::ColumnValue>::__IS;);
    let inside = inside(newtype);
    let text = is_text(inner).then(|| text(ident));
    let reference = reference(ident);
    quote! {
        #[doc(hidden)]
        #[allow(non_upper_case_globals, dead_code, clippy::all, clippy::pedantic)]
        const _: () = {
            #[allow(unused_imports)]
            use #root::{self as __orm, AbsentWrapped as _};

            #[automatically_derived]
            impl __orm::DbType for #ident {
                const TYPE: __orm::ColumnType = #wrapped::TYPE;

                #[inline]
                fn encode(&self, out: &mut dyn __orm::BindWriter) {
                    #wrapped::encode(&self.#member, out);
                }

                #[inline]
                fn decode(cell: __orm::Cell<'_>) -> __orm::StdResult<Self, __orm::Mismatch> {
                    __orm::Ok(Self { #member: #wrapped::decode(cell)? })
                }

                fn same(&self, other: &Self) -> __orm::bool {
                    #wrapped::same(&self.#member, &other.#member)
                }

                fn round(&mut self) {
                    #wrapped::round(&mut self.#member);
                }
            }

            #inside
            #text
            #reference

            fn __assertions() {
                #assertion
            }
        };
    }
}

/// What is inside stands for the newtype where a value is compared, set or asked for by key.
fn inside(newtype: &Newtype<'_>) -> TokenStream {
    let Newtype { ident, member, inner, .. } = newtype;
    quote! {
        #[diagnostic::do_not_recommend]
        #[automatically_derived]
        impl __orm::Operand<#ident> for #inner {
            fn into_node(self) -> __orm::Node {
                __orm::Operand::<#ident>::into_node(#ident { #member: self })
            }
        }

        #[diagnostic::do_not_recommend]
        #[automatically_derived]
        impl __orm::Assign<#ident> for #inner {
            fn into_node(self) -> __orm::Node {
                __orm::Assign::<#ident>::into_node(#ident { #member: self })
            }
        }

        #[diagnostic::do_not_recommend]
        #[automatically_derived]
        impl __orm::IntoKey<#ident> for #inner {
            fn into_key(self) -> __orm::Option<__orm::Key> {
                __orm::IntoKey::<#ident>::into_key(#ident { #member: self })
            }
        }
    }
}

/// `&str` stands for a newtype of text; text operations work on it.
fn text(ident: &Ident) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl __orm::TextType for #ident {}

        #[diagnostic::do_not_recommend]
        #[automatically_derived]
        impl __orm::Operand<#ident> for &__orm::str {
            fn into_node(self) -> __orm::Node {
                __orm::text_node::<#ident>(self)
            }
        }

        #[diagnostic::do_not_recommend]
        #[automatically_derived]
        impl __orm::Assign<#ident> for &__orm::str {
            fn into_node(self) -> __orm::Node {
                __orm::text_node::<#ident>(self)
            }
        }

        #[diagnostic::do_not_recommend]
        #[automatically_derived]
        impl __orm::IntoKey<#ident> for &__orm::str {
            fn into_key(self) -> __orm::Option<__orm::Key> {
                __orm::text_key(self)
            }
        }
    }
}

/// A value of the type is a foreign key to a model whose key it is.
pub fn reference(ident: &Ident) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl<__T> __orm::From<#ident> for __orm::Ref<__T> {
            fn from(key: #ident) -> Self {
                __orm::key_reference(&key)
            }
        }

        #[diagnostic::do_not_recommend]
        #[automatically_derived]
        impl<__T: __orm::Model<Key = #ident>> __orm::IntoRef<__T> for #ident {
            fn into_ref(self) -> __orm::Ref<__T> {
                __orm::key_reference(&self)
            }
        }
    }
}

fn is_text(ty: &Type) -> bool {
    kind::simple_name(ty).is_some_and(|name| name == "String")
}

//! What a type looks like: read by the last name of its path.
//!
//! A macro sees names, not types. `Auto`, `Deferred`, `Ref`, `Many`, `One` and `Option` are taken at their word;
//! the emitted code asserts that they are what they look like.

use crate::ast::Kind;
use syn::{GenericArgument, PathArguments, Type};

/// What a field's type looks like.
pub fn kind(ty: &Type) -> Kind {
    if let Some(value) = argument(ty, "Auto") {
        return Kind::Auto(value.clone());
    }
    if let Some(value) = argument(ty, "Deferred") {
        let nullable = argument(value, "Option").is_some();
        return Kind::Deferred { value: value.clone(), nullable };
    }
    if let Some(target) = argument(ty, "Ref") {
        return Kind::Reference { target: target.clone(), nullable: false };
    }
    for (name, one) in [("Many", false), ("One", true)] {
        if let Some(target) = argument(ty, name) {
            return Kind::Collection { target: target.clone(), one };
        }
    }
    match argument(ty, "Option") {
        Some(inner) => match argument(inner, "Ref") {
            Some(target) => Kind::Reference { target: target.clone(), nullable: true },
            None => Kind::Nullable,
        },
        None => Kind::Plain,
    }
}

/// The last name of a type's path and its arguments.
fn last(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        // what a `macro_rules` macro hands on, and `(T)`
        Type::Group(group) => last(&group.elem),
        Type::Paren(paren) => last(&paren.elem),
        _ => None,
    }
}

/// `T` of `name<T>`, also behind a path.
pub fn argument<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let segment = last(ty).filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match (arguments.args.first(), arguments.args.len()) {
        (Some(GenericArgument::Type(argument)), 1) => Some(argument),
        _ => None,
    }
}

/// The last name of a type without arguments: `String`, `i64`.
pub fn simple_name(ty: &Type) -> Option<String> {
    last(ty)
        .filter(|segment| matches!(segment.arguments, PathArguments::None))
        .map(|segment| segment.ident.to_string())
}

//! What the struct's attributes say of its table: constant data, and what it names in other models.

use super::{Context, in_entity};
use crate::ast::{Action, Check, ForeignKey, Index, Unique, Variant};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Ident;
use syn::ext::IdentExt;

/// `TableMeta`, with what is said.
pub fn declared(context: &Context<'_>) -> TokenStream {
    let Context { model, private, .. } = context;
    let table = &model.said;
    let mut said = TokenStream::new();
    if let Some(key) = &table.primary_key {
        let fields = positions(context, &key.value);
        said.extend(quote!(primary_key: &[#(#fields),*],));
    }
    if !table.uniques.is_empty() {
        let uniques = table.uniques.iter().map(|unique| self::unique(context, unique));
        said.extend(quote!(uniques: &[#(#uniques),*],));
    }
    if !table.indexes.is_empty() {
        let indexes = table.indexes.iter().map(|index| self::index(context, index));
        said.extend(quote!(indexes: &[#(#indexes),*],));
    }
    if !table.checks.is_empty() {
        let checks = table
            .checks
            .iter()
            .map(|Check { sql, name, .. }| quote!(#private::CheckMeta { name: #name, sql: #sql }));
        said.extend(quote!(checks: &[#(#checks),*],));
    }
    if !table.foreign_keys.is_empty() {
        let keys = table.foreign_keys.iter().map(|key| foreign_key(context, key));
        said.extend(quote!(foreign_keys: &[#(#keys),*],));
    }
    if let Some(comment) = &table.comment {
        let comment = &comment.value;
        said.extend(quote!(comment: #private::Some(#comment),));
    }
    if model.view.is_some() {
        let query = maybe(private, model.query.as_ref().map(|said| &said.value));
        said.extend(quote!(view: #private::Some(#private::ViewMeta { query: #query }),));
    }
    if !model.variants.is_empty() {
        let variants = model.variants.iter().map(|variant| self::variant(private, variant));
        said.extend(quote!(variants: &[#(#variants),*],));
    }
    if said.is_empty() {
        return quote!(#private::TableMeta::NONE);
    }
    quote!(#private::TableMeta { #said ..#private::TableMeta::NONE })
}

fn variant(private: &TokenStream, variant: &Variant) -> TokenStream {
    let Variant { field, ty, value, .. } = variant;
    let name = field.unraw().to_string();
    let model = ty.to_token_stream().to_string().replace(' ', "");
    quote! {
        #private::VariantMeta {
            name: #name,
            model: #model,
            value: #value,
            fields: #private::Emitted::<#ty>::FIELDS,
        }
    }
}

fn positions(context: &Context<'_>, fields: &[Ident]) -> Vec<usize> {
    fields.iter().filter_map(|name| context.model.position(name)).collect()
}

/// `None` or `Some(…)`.
fn maybe(private: &TokenStream, text: Option<&String>) -> TokenStream {
    match text {
        None => quote!(#private::None),
        Some(text) => quote!(#private::Some(#text)),
    }
}

fn unique(context: &Context<'_>, unique: &Unique) -> TokenStream {
    let private = &context.private;
    let fields = positions(context, &unique.fields);
    let name = maybe(private, unique.name.as_ref());
    let deferrable = unique.deferrable;
    quote!(#private::UniqueMeta { fields: &[#(#fields),*], name: #name, deferrable: #deferrable })
}

fn index(context: &Context<'_>, index: &Index) -> TokenStream {
    let private = &context.private;
    let fields = index.fields.iter().filter_map(|order| {
        let (position, falling) = (context.model.position(&order.field)?, order.falling);
        Some(quote!((#position, #falling)))
    });
    let name = maybe(private, index.name.as_ref());
    let filter = maybe(private, index.filter.as_ref());
    let unique = index.unique;
    quote! {
        #private::IndexMeta {
            fields: &[#(#fields),*],
            name: #name,
            unique: #unique,
            filter: #filter,
        }
    }
}

fn foreign_key(context: &Context<'_>, key: &ForeignKey) -> TokenStream {
    let private = &context.private;
    let fields = positions(context, &key.fields);
    let target = &key.target;
    let names = key.target_fields.iter().map(|field| field.unraw().to_string());
    let name = maybe(private, key.name.as_ref());
    let said = |said: &Option<(Ident, Action)>| {
        action(private, said.as_ref().map_or(Action::NoAction, |(_, action)| *action))
    };
    let (on_delete, on_update) = (said(&key.on_delete), said(&key.on_update));
    quote! {
        #private::ForeignKeyMeta {
            fields: &[#(#fields),*],
            target: #private::Emitted::<#target>::TARGET,
            target_fields: &[#(#names),*],
            name: #name,
            on_delete: #on_delete,
            on_update: #on_update,
        }
    }
}

/// What foreign keys point to, read from the other model's entity: a name that is none is the
/// compiler's own error, at the name.
pub fn assertions(context: &Context<'_>) -> TokenStream {
    let private = &context.private;
    let of_one = |key: &ForeignKey| {
        let target = &key.target;
        let asked = quote!(is_key_column_of::<#target>);
        let fields = key.target_fields.iter().map(|name| in_entity(private, target, name, &asked));
        quote!(#(#fields)*)
    };
    context.model.said.foreign_keys.iter().map(of_one).collect()
}

/// What a foreign key does.
pub fn action(private: &TokenStream, action: Action) -> TokenStream {
    let action = match action {
        Action::NoAction => quote!(NoAction),
        Action::Restrict => quote!(Restrict),
        Action::Cascade => quote!(Cascade),
        Action::SetNull => quote!(SetNull),
        Action::SetDefault => quote!(SetDefault),
    };
    quote!(#private::ReferentialAction::#action)
}

//! One type for the call of each operation: its arguments, how it is sent, what its answer holds. Read from the methods of
//! the generated client, so that both always agree. What repeating a call means and what a caller can set beside its
//! arguments is written by hand in the files of the operations.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{File, FnArg, Ident, ImplItem, ImplItemFn, Item, ItemStruct, Pat, ReturnType, Type};

use super::{
    fault::Fault,
    names::{snake, variant},
    polish::{inner, last_segment, types},
    spec::{Operation, Spec},
};

/// The calls of all operations that the generated client has.
pub fn all(spec: &Spec, client: &mut File) -> Result<File, Fault> {
    let broken = |operation: Operation<'_>, sentence: &str| Fault::new(spec, &operation.pointer(), sentence);
    let methods: Vec<ImplItemFn> = client.items.iter().filter_map(methods).flatten().cloned().collect();
    let structs: Vec<&ItemStruct> = types(client).into_iter().flatten().filter_map(named_struct).collect();
    let mut calls = Vec::new();
    for operation in spec.operations() {
        let name = snake(operation.id());
        let Some(method) = methods.iter().find(|method| method.sig.ident == name) else { continue };
        let call = Call::of(operation, method, &structs)
            .ok_or_else(|| broken(operation, "the generator made a method that the lowering cannot read"))?;
        calls.push(call.tokens());
    }
    syn::parse2(quote! { #(#calls)* })
        .map_err(|e| Fault::new(spec, "#/paths", format!("the generated calls are no Rust: {e}")))
}

fn methods(item: &Item) -> Option<impl Iterator<Item = &ImplItemFn>> {
    match item {
        Item::Impl(of) if of.trait_.is_none() => Some(of.items.iter().filter_map(|item| match item {
            ImplItem::Fn(method) if method.sig.asyncness.is_some() => Some(method),
            _ => None,
        })),
        _ => None,
    }
}

fn named_struct(item: &mut Item) -> Option<&ItemStruct> {
    match item {
        Item::Struct(item) if matches!(item.fields, syn::Fields::Named(_)) => Some(item),
        _ => None,
    }
}

/// The call of one operation.
struct Call<'a> {
    operation: Operation<'a>,
    method: Ident,
    arguments: Vec<Argument>,
    /// What the client decodes.
    body: Type,
    /// What a caller gets, and the member of the body that it is.
    output: Option<(Ident, Type)>,
    /// Whether that tells its UUID.
    has_uuid: bool,
}

/// An argument of the method.
struct Argument {
    name: Ident,
    /// The type of the field that keeps it.
    ty: Type,
    kind: Kind,
}

enum Kind {
    /// In the path.
    Path,
    /// In the query; whether the method takes a reference.
    Query { borrowed: bool },
    /// A text in the query.
    Text,
    /// The body, and the one member that it is about.
    Body { member: Ident, of: Box<Type> },
}

impl<'a> Call<'a> {
    fn of(operation: Operation<'a>, method: &ImplItemFn, structs: &[&ItemStruct]) -> Option<Self> {
        let arguments: Option<Vec<Argument>> =
            method.sig.inputs.iter().skip(1).map(|argument| Argument::of(argument, structs)).collect();
        let ReturnType::Type(_, result) = &method.sig.output else { return None };
        let body = inner(inner(result, "Result")?, "ResponseValue")?.clone();
        let output = match &body {
            Type::Tuple(_) => None,
            body => Some(only_member(body, structs)?),
        };
        let item = output
            .as_ref()
            .and_then(|(_, ty)| structs.iter().find(|item| last_segment(ty) == Some(item.ident.to_string())));
        let has_uuid = item
            .is_some_and(|item| item.fields.iter().any(|field| field.ident.as_ref().is_some_and(|of| of == "uuid")));
        Some(Self { operation, method: method.sig.ident.clone(), arguments: arguments?, body, output, has_uuid })
    }

    fn tokens(&self) -> TokenStream {
        let Self { operation, method, arguments, body, .. } = self;
        let id = operation.id();
        let name = format_ident!("{}Call", variant(id));
        let operation_name = format_ident!("{}", variant(id));
        let docs = format!("/docs/{id}.md");
        let title = format!(" A call of `{id}`; `.await` makes it.");
        let fields = arguments.iter().map(|Argument { name, ty, kind }| match kind {
            Kind::Body { .. } => quote!(pub(crate) #name: ::std::sync::Arc<#ty>),
            Kind::Path | Kind::Query { .. } | Kind::Text => quote!(pub(crate) #name: #ty),
        });
        let given = arguments.iter().filter_map(|Argument { name, ty, kind }| match kind {
            Kind::Path => Some(quote!(#name: #ty)),
            Kind::Body { member, of } => Some(quote!(#member: #of)),
            Kind::Query { .. } | Kind::Text => None,
        });
        let made = arguments.iter().map(|Argument { name, ty, kind }| match kind {
            Kind::Path => quote!(#name),
            Kind::Body { member, .. } => quote!(#name: ::std::sync::Arc::new(<#ty>::new(#member))),
            Kind::Query { .. } | Kind::Text => quote!(#name: ::std::option::Option::None),
        });
        let passed = arguments.iter().map(|Argument { name, kind, .. }| match kind {
            Kind::Path | Kind::Body { .. } => quote!(&self.#name),
            Kind::Query { borrowed: true } => quote!(self.#name.as_ref()),
            Kind::Text => quote!(self.#name.as_deref()),
            Kind::Query { borrowed: false } => quote!(self.#name),
        });
        let (output, taken) = match &self.output {
            Some((member, ty)) => (quote!(#ty), quote!(body.#member)),
            None => (quote!(()), quote!(body)),
        };
        let about: Vec<(String, &Ident)> = self.resources().collect();
        let is_answered = match about.as_slice() {
            [(_, argument)] if self.has_uuid => Some(quote! {
                fn is_answered_by(&self, output: &#output) -> bool {
                    output.uuid == self.#argument
                }
            }),
            _ => None,
        };
        let resources = about.iter().map(|(field, argument)| quote!((#field, self.#argument)));
        quote! {
            #[doc = #title]
            #[doc = ""]
            #[doc = include_str!(concat!(env!("OUT_DIR"), #docs))]
            #[derive(Clone, Debug)]
            #[must_use = "a call does nothing until it is awaited"]
            pub struct #name {
                pub(crate) options: crate::call::Options,
                #(#fields,)*
                running: crate::call::Running<::std::result::Result<#output, crate::Error>>,
            }

            impl #name {
                pub(crate) fn new(connection: &crate::transport::Connection #(, #given)*) -> Self {
                    Self {
                        options: crate::call::Options::new(connection),
                        #(#made,)*
                        running: crate::call::Running::default(),
                    }
                }
            }

            impl crate::call::Call for #name {
                type Body = #body;
                type Output = #output;
                const OPERATION: ::std::option::Option<crate::model::Operation> =
                    ::std::option::Option::Some(crate::model::Operation::#operation_name);

                fn options(&self) -> &crate::call::Options {
                    &self.options
                }

                fn options_mut(&mut self) -> &mut crate::call::Options {
                    &mut self.options
                }

                fn resources(&self) -> ::std::vec::Vec<crate::call::Resource> {
                    ::std::vec![#(#resources),*]
                }

                #is_answered

                async fn send(&self, api: crate::transport::Api) -> crate::call::Sent<#body> {
                    api.#method(#(#passed),*).await
                }

                fn output(body: #body) -> #output {
                    #taken
                }
            }

            crate::call::call!(#name => #output);
        }
    }

    /// The resources that the path names: the segment before an identifier says of what it is one.
    fn resources(&self) -> impl Iterator<Item = (String, &Ident)> {
        let segments: Vec<&str> = self.operation.path.split('/').collect();
        self.arguments.iter().filter_map(move |Argument { name, ty, kind }| {
            let is_uuid = matches!(kind, Kind::Path) && last_segment(ty).is_some_and(|ty| ty == "Uuid");
            let at = segments.iter().position(|segment| *segment == format!("{{{name}}}")).filter(|_| is_uuid)?;
            let of = segments.get(at.checked_sub(1)?)?.replace('-', "_");
            Some((format!("upcloud.{}.uuid", of.strip_suffix('s').unwrap_or(&of)), name))
        })
    }
}

impl Argument {
    fn of(argument: &FnArg, structs: &[&ItemStruct]) -> Option<Self> {
        let FnArg::Typed(argument) = argument else { return None };
        let Pat::Ident(name) = &*argument.pat else { return None };
        let name = name.ident.clone();
        let (ty, kind) = match (&*argument.ty, inner(&argument.ty, "Option")) {
            (_, Some(Type::Reference(of))) => {
                let of = &of.elem;
                if last_segment(of).is_some_and(|name| name == "str") {
                    (syn::parse_quote!(::std::option::Option<::std::string::String>), Kind::Text)
                } else {
                    (syn::parse_quote!(::std::option::Option<#of>), Kind::Query { borrowed: true })
                }
            }
            (ty, Some(_)) => (ty.clone(), Kind::Query { borrowed: false }),
            (Type::Reference(of), None) if name == "body" => {
                let (member, of_member) = only_member(&of.elem, structs)?;
                ((*of.elem).clone(), Kind::Body { member, of: Box::new(of_member) })
            }
            (Type::Reference(of), None) => ((*of.elem).clone(), Kind::Path),
            _ => return None,
        };
        Some(Self { name, ty, kind })
    }
}

/// The one member of an object around another, with the path of its type as seen from outside of the module `types`.
fn only_member(of: &Type, structs: &[&ItemStruct]) -> Option<(Ident, Type)> {
    let name = last_segment(of)?;
    let item = structs.iter().find(|item| item.ident == name)?;
    let mut members = item.fields.iter().filter(|field| field.ident.as_ref().is_some_and(|ident| ident != "extra"));
    let member = members.next().filter(|_| members.next().is_none())?;
    let is_ours = |name: &str| structs.iter().any(|item| item.ident == name);
    let tokens = qualified(member.ty.to_token_stream(), &is_ours);
    Some((member.ident.clone()?, syn::parse2(tokens).ok()?))
}

/// The names of the module `types` with its path before them.
fn qualified(tokens: TokenStream, is_ours: &dyn Fn(&str) -> bool) -> TokenStream {
    let mut out = TokenStream::new();
    let mut follows_path = false;
    for token in tokens {
        match token {
            proc_macro2::TokenTree::Ident(name) if !follows_path && is_ours(&name.to_string()) => {
                out.extend(quote!(types::#name));
                follows_path = false;
            }
            proc_macro2::TokenTree::Group(group) => {
                let inside = qualified(group.stream(), is_ours);
                out.extend([proc_macro2::TokenTree::Group(proc_macro2::Group::new(group.delimiter(), inside))]);
            }
            token => {
                follows_path = matches!(&token, proc_macro2::TokenTree::Punct(punct) if punct.as_char() == ':');
                out.extend([token]);
            }
        }
    }
    out
}

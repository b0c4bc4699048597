//! What the generator does to every request and the hand layer does better: taken out of the generated methods, or changed
//! in them.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Expr, File, ImplItem, Item, Local, Stmt};

/// The local variable that holds the header `api-version`.
const VERSION: &str = "header_map";

/// How often each step found something to do.
#[derive(Default)]
struct Found {
    version: usize,
    accept: usize,
    uuid: usize,
    /// Bodies that methods are given, less those that were found on their way.
    bodies: isize,
}

/// Takes out `api-version`, which the API does not know, for it has its version in the path; and `Accept`, which the
/// transport sets for all requests alike. A UUID is put into the path as it is: it has nothing to encode. A body is
/// wrapped in what writes its secrets, which `Serialize` alone does not. A step that finds nothing to do is an error.
pub fn polish(file: &mut File) -> Result<(), &'static str> {
    let methods = file.items.iter_mut().filter_map(|item| match item {
        Item::Impl(of) if of.trait_.is_none() => Some(&mut of.items),
        _ => None,
    });
    let mut found = Found::default();
    for item in methods.flatten() {
        let ImplItem::Fn(method) = item else { continue };
        found.bodies += method.sig.inputs.iter().filter(|argument| is_body(argument)).count().cast_signed();
        let uuids: Vec<String> = method.sig.inputs.iter().filter_map(uuid).collect();
        method.block.stmts.retain(|statement| !makes_version(statement));
        for statement in &mut method.block.stmts {
            spell_out(statement, &uuids, &mut found);
            chain(statement, &mut found);
        }
    }
    match found {
        Found { version: 0, .. } => {
            Err("the generator sends no `api-version` any more: drop the step that takes it out")
        }
        Found { accept: 0, .. } => Err("the generator sends no `Accept` any more: drop the step that takes it out"),
        Found { uuid: 0, .. } => Err("the generator encodes no UUID any more: drop the step that spells it out"),
        Found { bodies: 0, .. } => Ok(()),
        Found { .. } => {
            Err("the generator sends a body in another way than `.json(&body)`: its secrets would be redacted")
        }
    }
}

fn makes_version(statement: &Stmt) -> bool {
    match statement {
        Stmt::Local(Local { pat: syn::Pat::Ident(name), .. }) => name.ident == VERSION,
        Stmt::Expr(Expr::MethodCall(call), _) => is_version(&call.receiver),
        _ => false,
    }
}

fn is_version(expression: &Expr) -> bool {
    matches!(expression, Expr::Path(path) if path.path.is_ident(VERSION))
}

fn is_accept(expression: &Expr) -> bool {
    matches!(expression, Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "ACCEPT"))
}

/// Changes the chain that builds the request.
fn chain(statement: &mut Stmt, found: &mut Found) {
    let Stmt::Local(Local { init: Some(init), .. }) = statement else { return };
    if let Expr::Try(build) = &mut *init.expr {
        links(&mut build.expr, found);
    }
}

fn links(link: &mut Expr, found: &mut Found) {
    let Expr::MethodCall(call) = link else { return };
    let version = call.method == "headers" && call.args.first().is_some_and(is_version);
    let accept = call.method == "header" && call.args.first().is_some_and(is_accept);
    found.version += usize::from(version);
    found.accept += usize::from(accept);
    if version || accept {
        *link = (*call.receiver).clone();
        links(link, found);
        return;
    }
    if call.method == "json"
        && let Some(Expr::Reference(body)) = call.args.first_mut()
    {
        let given = &body.expr;
        *body.expr = syn::parse_quote!(crate::wire::Outgoing(#given));
        found.bodies -= 1;
    }
    links(&mut call.receiver, found);
}

fn is_body(argument: &syn::FnArg) -> bool {
    matches!(argument, syn::FnArg::Typed(argument) if matches!(&*argument.pat, syn::Pat::Ident(name) if name.ident == "body"))
}

/// The name of an argument that is a UUID.
fn uuid(argument: &syn::FnArg) -> Option<String> {
    let syn::FnArg::Typed(argument) = argument else { return None };
    let (syn::Pat::Ident(name), syn::Type::Reference(of)) = (&*argument.pat, &*argument.ty) else { return None };
    let syn::Type::Path(path) = &*of.elem else { return None };
    path.path.segments.last().is_some_and(|last| last.ident == "Uuid").then(|| name.ident.to_string())
}

/// `encode_path(&uuid.to_string())` in the URL becomes `uuid`.
fn spell_out(statement: &mut Stmt, uuids: &[String], found: &mut Found) {
    let Stmt::Local(Local { init: Some(init), .. }) = statement else { return };
    let Expr::Macro(format) = &mut *init.expr else { return };
    let mut rest = std::mem::take(&mut format.mac.tokens).into_iter().peekable();
    let mut tokens = TokenStream::new();
    while let Some(token) = rest.next() {
        let encoded = match (&token, rest.peek()) {
            (TokenTree::Ident(call), Some(TokenTree::Group(given))) if call == "encode_path" => {
                given.stream().into_iter().nth(1).filter(|name| uuids.contains(&name.to_string()))
            }
            _ => None,
        };
        if encoded.is_some() {
            rest.next();
            found.uuid += 1;
        }
        tokens.extend([encoded.unwrap_or(token)]);
    }
    format.mac.tokens = tokens;
}
